"""Every page in every language: nothing on it is in another one, and every word of it went through the catalogue."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.template.autoreload import reset_loaders
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import trans_real

from accounts.applications import operations as application_operations
from accounts.applications.models import Application, Kind
from activation import operations as activation_operations
from entity_portal.context import LANGUAGES
from entity_portal.forms import options
from entity_portal.places import place_choices
from staff.models import StaffLogin, Status
from tests import cast
from tests.accounts.applications.asking import correction, first
from tests.cast import Cast, group, login, member, service_administrator
from tests.pages import WITH_WORDS, Element, Page
from tests.test_access import EXPECTED, arguments
from tests.test_catalogues import entries

pytestmark = pytest.mark.django_db(databases="__all__")

CODES = tuple(dict(settings.LANGUAGES))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]+>")
OPEN, SHUT = "⟦", "⟧"


# --- the pages ---


def people(company: Cast) -> dict[str, StaffLogin | None]:
    """Who looks: between them they may open everything, and each has some of everything."""
    place = group(open_to=company.entity)
    for person in (company.administrator, company.staff, company.pending):
        member(place, person)
    assigner = service_administrator(login(entity=company.entity, name_zh="林志明", name_foreign="LAM CHI MENG"))
    login(entity=company.entity, status=Status.ACTIVE, username="locked.one", failed_attempts=5)
    activation_operations.send_code(login=company.pending, by=company.administrator)
    application_operations.submit(
        application=correction(company.administrator, company.administrator, name_zh="新名"), by=company.administrator
    )
    cast.empowered(company.administrator)
    application_operations.submit(application=first())
    return {
        "nobody": None,
        "staff": company.staff,
        "assigner": assigner,
        "administrator": company.administrator,
        "officer": cast.officer_login(*cast.Role),
    }


def address(name: str, company: Cast) -> str:
    """Of a page of the table; officers' pages are about the first row there is."""
    told = arguments(name, company.pending.euid)
    parts = re.fullmatch(r"admin:([a-z]+)_([a-z]+)_\w+", name)
    if parts and "object_id" in told:
        first_row = apps.get_model(parts[1], parts[2]).objects.order_by("pk").first()
        told = {"object_id": str(first_row.pk) if first_row else "0"}
    if name.startswith("admin:applications_application_") and "number" in told:
        told["number"] = Application.objects.get(kind=Kind.FIRST).number
    if name == "admin:staff_officerrole_change":
        told = {"euid": StaffLogin.objects.filter(is_staff=True)[0].euid}
    return reverse(name, kwargs=told)


# The ends of the names of officers' acts, which are only posted to.
ACTS = ("claim", "release", "reveal", "confirm", "cancel", "revoke", "secret", "disable", "enable", "take", "find")
ACTS += ("discard", "remove_document", "send_code", "open_kind", "open_file")


def visits(company: Cast) -> list[tuple[str, str]]:
    """(who, address) of each page: by whoever sees most of it, the home page by each."""
    addresses = {name: address(name, company) for name in EXPECTED}
    found = []
    for name, answers in EXPECTED.items():
        if answers["administrator"].startswith("405") or name.endswith(ACTS) or name == "styleguide":
            continue  # the style guide speaks of names in the code
        if name.startswith("admin:"):
            found.append(("officer", addresses[name]))
        elif answers["administrator"].startswith("200"):
            found.append(("nobody" if answers["nobody"].startswith("200") else "administrator", addresses[name]))
    found += [(who, reverse("home")) for who in ("staff", "assigner", "administrator")]
    found += [("staff", reverse(name)) for name in ("account", "applications:own_correction")]
    found += [("administrator", f"/staff/{company.staff.euid}/{page}") for page in ("", "edit/", "status/")]
    found += [("administrator", f"/staff/?{query}") for query in ("q=nobody", "status=pending")]
    return [*found, ("nobody", "/nowhere/"), ("nobody", "/login/verify/"), ("administrator", "/?q=%00")]


def browsers(company: Cast, code: str) -> dict[str, Client]:
    made = {}
    for who, person in people(company).items():
        made[who] = cast.officer(person=person) if who == "officer" else Client()
        if person and who != "officer":
            made[who].force_login(person)
            cast.prove(made[who])
        made[who].cookies[settings.LANGUAGE_COOKIE_NAME] = code
    return made


def pages(company: Cast, code: str) -> Iterator[tuple[str, Page]]:
    """Each page in one language, with its address; and, where it has a form, what it says to one left empty."""
    who = browsers(company, code)
    for name, at in visits(company):
        for answer in (who[name].get(at), *([who[name].post(at)] if at in FORMS else [])):
            if answer["Content-Type"].startswith("text/html") and answer.content:
                html = answer.content.decode()
                yield at, Page(html, path=at, status=answer.status_code)


# Posted empty they say what is missing, and do nothing.
FORMS = ("/login/", "/activate/", "/help/reset-password/", "/help/username/", "/apply/begin/", "/apply/track/",
         "/staff/new/", "/account/password/", "/account/email/", "/account/correction/")  # fmt: skip


def words(page: Page) -> Iterator[tuple[str, Element]]:
    """Everything on a page that is read or heard, piece by piece, with the element it stands in."""
    for element in page.all():
        if element.tag in {"script", "style"}:
            continue
        yield from ((child.strip(), element) for child in element.children if isinstance(child, str) and child.strip())
        yield from ((element[name], element) for name in (*WITH_WORDS, *DATA) if element[name].strip())
        if element.tag == "input" and element["type"] == "submit":
            yield element["value"], element


# What scripts say.
DATA = ("data-left", "data-copied", "data-said", "data-shown", "data-hidden", "data-missing", "data-complete",
        "data-lost", "data-counter", "data-unsaved")  # fmt: skip


# --- in one language ---


@cache
def sayings(code: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """What the catalogue of a language says: pieces between placeholders and tags that stand alone, and patterns."""
    whole, patterns = set(), []
    for _message, english, translated in entries("pt" if code == "en" else trans_real.to_locale(code)):
        for said in english if code == "en" else translated:
            pieces = PLACEHOLDER.split(said)
            if len(pieces) == 1:
                whole.add(" ".join(said.split()))
            else:
                whole |= {each for piece in pieces if len(each := " ".join(piece.split())) > 12}
                patterns.append(re.compile(".+?".join(re.escape(" ".join(each.split())) for each in pieces)))
    return frozenset(whole), tuple(patterns)


def says(code: str, text: str) -> bool:
    whole, patterns = sayings(code)
    return text in whole or any(each.fullmatch(text) for each in patterns if len(each.pattern) > 12)


@pytest.mark.parametrize("code", CODES)
def test_no_page_has_a_text_of_another_language(company: Cast, code: str) -> None:
    others = [other for other in CODES if other != code]
    wrong, seen = set(), 0
    for at, page in pages(company, code):
        seen += page.status == 200
        if page.language != LANGUAGES[code][1]:
            wrong.add((at, "lang", page.language))
        for text, element in words(page):
            text = " ".join(text.split())
            if code == "zh-hant" and text == company.entity.name_pt and element.language != "pt":
                wrong.add((at, "does not say that it is Portuguese", text))
            if (element.language and element.language != page.language) or text in PROTOCOL:
                continue  # it says that it is in another language, or is of none
            for other in others:
                if text in sayings(other)[0] and not says(code, text):
                    wrong.add((at, other, text))
    assert seen > 90, "the pages of the table and the officers' pages"
    assert not wrong


def test_a_text_of_another_language_is_found() -> None:
    assert says("pt", "Lista de trabalhadores")
    assert not says("pt", "Staff list")
    assert says("en", "Staff list")


# --- everything goes through the catalogue ---


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A language in which everything that went through the catalogue stands in brackets."""
    code = "pt"
    real = trans_real.translation(code)
    made = trans_real.DjangoTranslation(code)
    made._catalog = trans_real.TranslationCatalog()
    for catalog in reversed(real._catalog._catalogs):
        made._catalog._catalogs.append(
            {key: value if key == "" else f"{OPEN}{value}{SHUT}" for key, value in catalog.items()}
        )
        made._catalog._plurals.append(real._catalog._plurals[0])
    monkeypatch.setitem(trans_real._translations, code, made)
    reset_loaders()  # templates keep what they were told, and so do long lists
    options.cache_clear()
    yield code
    reset_loaders()
    options.cache_clear()


def outside(text: str, depth: int) -> tuple[str, int]:
    """What of a text stands outside brackets, of which `depth` were open before it; and how many are open after."""
    left = []
    for character in text:
        if character == OPEN:
            depth += 1
        elif character == SHUT:
            depth -= 1
        elif not depth:
            left.append(character)
    return "".join(left), depth


def data() -> set[str]:
    """The words that the database holds: of people, entities and services, and what was written down."""
    found: set[str] = set()
    for model in apps.get_models():
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField | models.UUIDField)
        ]
        for row in model._default_manager.values_list(*names) if names else []:
            for value in row:
                found |= split(str(value))
    return found


def split(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text))


# Names, which are the same in every language; what e-services ask for by the names of the protocol.
SAME = {"EUID", "SMS", "PDF", "JPEG", "PNG", "CSV", "SAFP", "UTF", "ES", "RS", "client", "id", "Português"}
PROTOCOL = {"openid", "profile", "email", "phone", "entity", "service_groups", "authorizations", "changes"}


PROSE = "/guide/"  # written in each language, in templates of its own
UNSAID = {"script", "style", "code", "time"}


def texts(page: Page) -> Iterator[str]:
    """What stands outside brackets on a page, in order: sentences may go through several elements."""
    depth = 0

    def walk(element: Element) -> Iterator[str]:
        nonlocal depth
        for child in element.children:
            if isinstance(child, str):
                left, depth = outside(child, depth)
                yield left
            elif child.tag not in UNSAID and "hreflang" not in child and child["lang"] not in {"zh-Hant-MO", "en"}:
                for name in (*WITH_WORDS, *DATA):
                    yield outside(child[name], depth)[0]
                yield from walk(child)

    yield from walk(page.root)


def test_every_word_of_every_page_goes_through_the_catalogue(company: Cast, bracketed: str) -> None:
    walked = (visit for visit in pages(company, bracketed) if not visit[0].startswith(PROSE))
    seen = [(at, left) for at, page in walked for left in texts(page) if left.strip()]
    known = allowed()  # after the walk, which writes history too
    wrong: dict[str, set[str]] = {}
    for at, left in seen:
        if left.strip() not in PROTOCOL and (strange := split(left) - known):
            wrong.setdefault(" ".join(left.split())[:80], set()).update({at, *sorted(strange)[:3]})
    assert wrong == {}


def allowed() -> set[str]:
    with translation.override("pt"):
        places: Iterable[Any] = place_choices()
    return data() | SAME | {word for _code, name in places for word in split(name)}
