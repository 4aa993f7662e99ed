"""The forms of the pages that `tests/screens` looks at, found on the pages themselves, and filled in as people do."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from django.contrib.auth import SESSION_KEY
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from entity_portal.demo.people import PASSWORD as DEMO_PASSWORD
from entity_portal.humancheck.models import Challenge
from staff.models import StaffLogin
from tests.accounts.applications.asking import PDF
from tests.accounts.test_import_register import file, line
from tests.cast import PASSWORD
from tests.pages import Element, Page
from tests.screens import applicants, door, house, officers
from tests.screens.states import STATES, State

WALKS = (door.DOOR, applicants.APPLY, house.HOUSE, officers.OFFICERS, officers.WORK)
PRESSED = {"submit", "image", "button", "reset"}
TYPED = {"text", "email", "tel", "url", "number", "date", "password", "search", "textarea", ""}
# What a person types where nothing stands yet, by the end of the field's name.
FILLED_IN: dict[str, str] = {
    "mobile_1": "66505505",
    "birth_date": "1995-05-05",
    "email": "new.person@example.mo",
    "username": "new.person",
    "document_number": "50500505",
    "document_place": "MO",
    "registration_number": "77001 SO",
    "entity_number": "80216453",
    "old_password": PASSWORD,
    "password": PASSWORD,
    "new_password": "Lisboa2026xyz",
    "new_password1": "Lisboa2026xyz",
    "new_password2": "Lisboa2026xyz",
    "password1": "Lisboa2026xyz",
    "password2": "Lisboa2026xyz",
    "url": "https://efile.example.mo/",
    "redirect_uris": "https://efile.example.mo/callback",
    "post_logout_redirect_uris": "https://efile.example.mo/bye",
    "backchannel_logout_uri": "",
    "client_id": "new-program",
    "number": "80777001",
    "numbers": "80777777",
    "name_zh": "新名有限公司",
    "code": "246810",
}


@dataclass(frozen=True)
class Control:
    """A field as the page has it: its name, its kind, what stands in it, and what can be chosen."""

    name: str
    kind: str
    value: str
    options: tuple[str, ...] = ()
    ticked: bool = False

    @property
    def is_typed(self) -> bool:
        return self.kind in TYPED


@dataclass(frozen=True)
class Form:
    """A form that posts, as one of its buttons sends it."""

    page: str
    action: str
    controls: tuple[Control, ...]
    button: tuple[str, str] | None = None

    def __str__(self) -> str:
        return f"{self.view} on {self.page}"

    @property
    def view(self) -> str:
        """The name of the address that it is sent to."""
        try:
            return resolve(urlsplit(self.action).path).view_name
        except Resolver404:
            return ""

    @property
    def likeness(self) -> tuple[Any, ...]:
        """Two forms with the same are alike: nothing is learnt from the second."""
        return self.view, self.button and self.button[0], frozenset(each.name for each in self.controls)

    @property
    def typed(self) -> list[str]:
        return sorted({each.name for each in self.controls if each.is_typed and not each.name.startswith("human_")})

    def data(self, secret: str = PASSWORD) -> dict[str, list[Any]]:
        """All fields filled in; where a choice is to be made, the first one."""
        said: dict[str, list[Any]] = {}
        names = {each.name for each in self.controls if each.kind in {"checkbox", "radio"} and each.ticked}
        for each in self.controls:
            if each.kind in {"checkbox", "radio"}:
                if each.ticked or each.name not in names:
                    said.setdefault(each.name, []).append(each.value or "on")
                    names.add(each.name)
            elif each.kind == "file":
                said[each.name] = [a_file(self.view)]
            elif each.kind == "select":
                chosen = each.value or next((option for option in each.options if option), "")
                said.setdefault(each.name, []).append(chosen)
            elif each.name:
                said.setdefault(each.name, []).append(each.value or filled_in(each, secret))
        if self.button:
            said[self.button[0]] = [self.button[1]]
        if "human_1" in said:
            question = Challenge.ask("picture")
            said |= {"human_0": [question.key], "human_1": [question.task]}
        return said


def filled_in(control: Control, secret: str) -> str:
    """What is typed into an empty field."""
    name = control.name.rpartition("-")[2]
    if control.kind == "hidden":
        return ""
    if control.kind == "password" and name in {"password", "old_password"}:
        return secret
    if name in FILLED_IN:
        return FILLED_IN[name]
    if control.kind == "date" or "valid_" in name:
        return (timezone.localdate() + timedelta(days=7)).isoformat()
    for end, value in FILLED_IN.items():
        if name.endswith(end):
            return value
    return "Some words"


def a_file(view: str) -> SimpleUploadedFile:
    """A file that the page takes."""
    if "registerimport" in view:
        return SimpleUploadedFile("register.csv", file(line()), "text/csv")
    if "open_file" in view:
        return SimpleUploadedFile("numbers.csv", b"number\n80777777\n", "text/csv")
    return SimpleUploadedFile("card.pdf", PDF, "application/pdf")


def found_on(page: Page, address: str) -> Iterator[Form]:
    """Every way of sending something from a page."""
    for form in page.all("form"):
        if form["method"].lower() != "post":
            continue
        controls = [each for each in fields(page, form) if each["type"] not in PRESSED and each.tag != "button"]
        made = tuple(control(each) for each in controls if each["name"] and "disabled" not in each)
        buttons = [each for each in fields(page, form) if each.tag == "button" or each["type"] in PRESSED]
        seen = set()
        for button in buttons or [form]:
            action = urljoin(address, button["formaction"] or form["action"] or address)
            key = action, button["name"] if button is not form else ""
            if button["type"] in {"button", "reset"} or key in seen:
                continue
            seen.add(key)
            pressed = (button["name"], button["value"]) if button is not form and button["name"] else None
            yield Form(address, action, made, pressed)


def fields(page: Page, form: Element) -> Iterator[Element]:
    """What belongs to a form: what stands in it, and what says so from elsewhere."""
    inside = {id(each) for each in form.all("input", "select", "textarea", "button")}
    for each in page.all("input", "select", "textarea", "button"):
        own = each["form"] == form["id"] if each["form"] else id(each) in inside
        if own:
            yield each


def control(each: Element) -> Control:
    if each.tag == "select":
        options = list(each.all("option"))
        values = tuple(option.attrs.get("value", option.text) for option in options)
        chosen = next((option.attrs.get("value", option.text) for option in options if "selected" in option), "")
        return Control(each["name"], "select", chosen or (values[0] if values else ""), values)
    if each.tag == "textarea":
        return Control(
            each["name"], "textarea", "".join(text for text in each.children if isinstance(text, str)).strip()
        )
    return Control(each["name"], each["type"], each["value"], ticked="checked" in each)


def forms_of(client: Client, address: str) -> list[Form]:
    """The forms of the page that a browser is shown at an address, without those that every page has."""
    answer = client.get(address, follow=True)
    if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
        return []
    at = answer.redirect_chain[-1][0] if answer.redirect_chain else address
    everywhere = re.compile(r"^/(logout/|language/)")
    page = Page(answer.content.decode(), path=at)
    return [each for each in found_on(page, at) if not everywhere.match(each.action)]


def asked_at(client: Client, address: str) -> set[str]:
    """What the page at an address can be asked for after its question mark: fields of its forms, and its own links."""
    answer = client.get(address, follow=True)
    if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
        return set()
    page, path = Page(answer.content.decode()), urlsplit(address).path
    names = set(parse_qs(urlsplit(address).query))
    for form in page.all("form"):
        if form["method"].lower() != "post":
            names |= {each["name"] for each in fields(page, form) if each["name"]}
    for link in page.all("a"):
        parts = urlsplit(urljoin(address, link["href"]))
        if parts.path == path:
            names |= set(parse_qs(parts.query, keep_blank_values=True))
    return names


def names_of_fields(client: Client, address: str) -> set[str]:
    return {each.name for form in forms_of(client, address) for each in form.controls}


def states() -> list[State]:
    """The states of pages of the portal itself, in the order in which they are listed."""
    found = [each for walk in WALKS for each in STATES[walk] if each.status == 200]
    return [each for each in found if each.shows not in {"fault", "too_many", "too_much"}]


def password_of(client: Client) -> str:
    """People of the demonstration have another password than those of the tests."""
    key = client.session.get(SESSION_KEY) if client.cookies else None
    person = StaffLogin.objects.filter(pk=key).first() if key else None
    return DEMO_PASSWORD if person is not None and not person.check_password(PASSWORD) else PASSWORD


def some(number: int) -> list[State]:
    """So many states of each page."""
    seen: Counter[str] = Counter()
    found = []
    for state in states():
        seen[state.shows] += 1
        if seen[state.shows] <= number:
            found.append(state)
    return found


def send(client: Client, form: Form, data: dict[str, list[Any]]) -> Any:
    """Post as a browser does; text that no browser could encode goes out as bytes all the same."""
    if any(isinstance(value, SimpleUploadedFile) for values in data.values() for value in values):
        clean = {
            name: [v.encode("utf-8", "replace").decode() if isinstance(v, str) else v for v in values]
            for name, values in data.items()
        }
        for value in (v for values in clean.values() for v in values if isinstance(v, SimpleUploadedFile)):
            value.seek(0)
        return client.post(form.action, clean)
    body = urlencode(data, doseq=True, errors="surrogatepass")
    return client.post(form.action, body, content_type="application/x-www-form-urlencoded")
