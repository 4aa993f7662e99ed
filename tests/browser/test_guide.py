"""The guide's pictures are of the screens as they are: each screen is looked at again, in three languages.

A picture is stale when the words on its screen, or their looks as the browser computes them, are no longer those it was
made of; names of fonts, sizes in pixels of the screen and other things that differ between machines are left out. To
take what is stale or missing anew:

    TAKE_PICTURES=1 python3 manage.py test -n0 tests/browser/test_guide.py
"""

import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image
from playwright.sync_api import Browser, Page

from entity_portal import demo
from entity_portal.context import LANGUAGES
from entity_portal.guide.pictures import FOUND, WIDE
from entity_portal.humancheck.models import Challenge
from entity_portal.messaging.models import PhoneText
from staff.models import StaffLogin
from tests.running import Portal

FOLDER = Path(settings.BASE_DIR) / "static" / "guide"
HOW = "run: TAKE_PICTURES=1 python3 manage.py test -n0 tests/browser/test_guide.py"
TAKE = bool(os.environ.get("TAKE_PICTURES"))
NARROW, ROOMY = 440, 1100  # a large phone, which is also as wide as the guide's column; a window with tables
SHARP = 1.5  # pixels of the picture for one of CSS: crisp enough, and half the bytes of 2
MARGIN = 12

PENDING, STAFF = "LEONG NGA MAN", "WONG KA CHENG"  # of the demonstration
GROUP = "/services/entry-declaration/operators/"


@dataclass(frozen=True)
class Screen:
    """What a picture shows: `shown` of the page at `address`, after `left_out` has gone and `first` is done."""

    address: str
    shown: str
    left_out: str = ""
    first: Callable[[Page], None] | None = None
    roomy: bool = False  # taken for wide windows too


def open_menu(page: Page) -> None:
    page.locator(".menu > summary").click()


def tick_somebody(page: Page) -> None:
    page.locator(".two > :first-child [type=checkbox]:not(:checked)").first.check()
    page.locator("[data-unsaved]").filter(has_text="1").wait_for()


BEFORE_THE_DOOR = {
    "activate-data": Screen("/activate/", "fieldset.group"),
    "log-in": Screen("/login/", "main h1, main form.plain"),
    "log-in-help": Screen("/login/", "main form.plain ~ section"),
    "reset-password": Screen("/help/reset-password/", "main form > .field", ".captcha"),
}
WITH_A_CODE = {"activate-password": Screen("/activate/credentials/", "fieldset.group")}
INSIDE = {
    "entity-name": Screen("/", ".bar"),
    "menu": Screen("/", ".menu > summary, .menu ul", first=open_menu),
    "account-data": Screen("/account/", "#data > header, #data .facts", "#data .facts > div:nth-child(n+5)"),
    "change-password": Screen("/account/password/", "main form", "main form .mandatory"),
    "staff-list": Screen(
        "/staff/", "main > .head, .filters, .panel", ".filters > div ~ div, tbody tr:nth-child(n+3)", roomy=True
    ),
    "add-staff": Screen(
        "/staff/new/",
        "main > .head, form .group",
        "form .group ~ .group ~ .group, form .group ~ .group .field ~ .field ~ .field",
    ),
    "add-staff-buttons": Screen("/staff/new/", "form > .note, form > .actions"),
    "activation-status": Screen(f"/staff/{PENDING}/", "#activation"),
    "edit-staff": Screen(f"/staff/{PENDING}/", "#data", "#data .facts > div:nth-child(n+4), #data .note"),
    "edit-email": Screen(f"/staff/{STAFF}/edit/", "main > .head, main form"),
    "account-status": Screen(f"/staff/{STAFF}/", "#role"),
    "leaving": Screen(f"/staff/{STAFF}/status/", "main form"),
    "add-administrator": Screen("/entity/administrators/", "[aria-labelledby=h-add]"),
    "choose-administrator": Screen(
        "/entity/administrators/choose/", "fieldset.group, form > .actions", "fieldset li:nth-child(n+4), .pages"
    ),
    "services": Screen("/services/", "main > .head, main > section:nth-of-type(1)"),
    "groups": Screen("/services/entry-declaration/", "[aria-labelledby=h-groups]"),
    "group": Screen(GROUP, "[aria-labelledby=h-group]", "tbody tr:nth-child(n+3)", roomy=True),
    "two-lists": Screen(f"{GROUP}edit/", ".two, .two ~ *", ".two li:nth-child(n+5)", tick_somebody, roomy=True),
    "memberships": Screen(f"/staff/{STAFF}/", "#groups"),
    "entity-services": Screen("/entity/", "[aria-labelledby=h-services]"),
    "service-administrators": Screen("/entity/service-admins/", ".two, .two ~ *", ".two li:nth-child(n+4)"),
}
SCREENS = BEFORE_THE_DOOR | WITH_A_CODE | INSIDE

# Each element within what is shown: what it says, and how it looks.
LOOK = """shown => {
  const facts = [], styles = ["color", "background-color", "font-size", "font-weight", "display", "text-align",
    "border-top", "border-bottom", "border-radius", "padding", "gap", "opacity", "text-decoration-line"]
  const look = element => {
    const style = getComputedStyle(element)
    if (style.display == "none" || element.matches("option, script, template")) return
    let words = [...element.childNodes].filter(each => each.nodeType == 3).map(each => each.data.trim()).join(" ")
    if (element.matches("select")) words = element.selectedOptions[0]?.text ?? ""
    if (element.matches("input")) words = `${element.type} ${element.value} ${element.placeholder} ${element.checked}`
    if (element.matches("[type=hidden]")) return
    facts.push([words, [element.localName, ...styles.map(each => style.getPropertyValue(each))].join("|")])
    if (element.matches("svg")) facts.push(["", element.innerHTML])
    else [...element.children].forEach(look)
  }
  document.querySelectorAll(shown).forEach(look)
  return facts
}"""
BOX = """shown => {
  const boxes = [...document.querySelectorAll(shown)].map(each => each.getBoundingClientRect()).filter(box => box.width)
  const edge = (name, best) => best(...boxes.map(box => box[name]))
  const x = edge("left", Math.min) + scrollX, y = edge("top", Math.min) + scrollY
  return {x, y, width: edge("right", Math.max) + scrollX - x, height: edge("bottom", Math.max) + scrollY - y}
}"""
# What another day or another run has otherwise: days, moments, EUIDs, numbers of applications.
PASSING = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|\bCU\d{10}\b|\bAP\d{9}\b")


def digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


class Photographer:
    """Looks at screens, remembers what was found, and takes a picture where asked to."""

    def __init__(self, portal: Portal, known: dict[str, dict[str, Any]]) -> None:
        self.portal = portal
        self.known = known
        self.found: dict[str, dict[str, Any]] = {}
        self.stale: dict[str, str] = {}
        entity = demo.logins()[0].entity_number
        people = StaffLogin.objects.filter(entity__number=entity, name_foreign__in=[PENDING, STAFF])
        self.euids = {each.name_foreign: each.euid for each in people}

    def look(self, page: Page, language: str, screens: dict[str, Screen], width: int = NARROW) -> None:
        page.goto(f"{self.portal.url}/language/{language}/?next=/guide/")
        for name, screen in screens.items():
            if width == NARROW or screen.roomy:
                self.look_at(page, screen, f"{language}/{name}{WIDE if width == ROOMY else ''}", width)

    def look_at(self, page: Page, screen: Screen, key: str, width: int) -> None:
        address = screen.address
        for name, euid in self.euids.items():
            address = address.replace(name, euid)
        page.goto(self.portal.url + address, wait_until="load")
        assert page.url == self.portal.url + address, key
        if screen.first:
            screen.first(page)
        if screen.left_out:
            page.locator(screen.left_out).evaluate_all("each => each.forEach(one => one.remove())")
        page.mouse.move(0, 0)
        facts = page.evaluate(LOOK, screen.shown)
        assert facts, f"{key}: nothing there is {screen.shown}"
        words = digest([PASSING.sub("…", each) for each, _style in facts])
        looks = digest([style for _words, style in facts])
        box = page.evaluate(BOX, screen.shown)
        file = FOLDER / f"{key}.webp"
        was = self.known.get(key, {})
        changed = [name for name, now in (("words", words), ("looks", looks)) if was.get(name) != now]
        if changed or not file.exists():
            self.stale[key] = ", ".join(changed) or "no file"
            if TAKE:
                left, top = max(0, box["x"] - MARGIN), max(0, box["y"] - MARGIN)
                clip = {
                    "x": left,
                    "y": top,
                    "width": min(width - left, box["width"] + 2 * MARGIN),
                    "height": box["height"] + 2 * MARGIN,
                }
                size = save(page.screenshot(clip=clip, full_page=True), file)
                was = {"width": size[0], "height": size[1]}
        self.found[key] = {"width": was.get("width"), "height": was.get("height"), "words": words, "looks": looks}


def save(png: bytes, file: Path) -> tuple[int, int]:
    """Keep a picture as WebP; return its size in pixels of CSS."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    size = round(picture.width / SHARP), round(picture.height / SHARP)
    file.parent.mkdir(parents=True, exist_ok=True)
    few = picture.quantize(32, dither=Image.Dither.NONE).convert("RGB")  # a screen has few colours: half the bytes
    few.save(file, lossless=True, quality=75, method=4)
    return size


def new_page(browser: Browser, width: int, **context: Any) -> Page:
    """In the light scheme, at rest, as sharp as the pictures are."""
    page = browser.new_context(
        viewport={"width": width, "height": 900},
        device_scale_factor=SHARP,
        color_scheme="light",
        reduced_motion="reduce",
        **context,
    ).new_page()
    page.set_default_timeout(60_000)
    return page


def bring_a_code(page: Page, portal: Portal, administrators: Page) -> None:
    """Step 1 of an activation, by somebody who had no code before: other screens show that."""
    login = StaffLogin.objects.get(entity__number=demo.logins()[0].entity_number, name_foreign=PENDING)
    administrators.goto(f"{portal.url}/staff/{login.euid}/")
    administrators.locator("#activation button").click()
    administrators.locator("main [role=status]").first.wait_for()
    for _look in range(120):  # until the worker has brought it
        texts = PhoneText.objects.filter(to=login.mobile).order_by("-pk")
        if texts:
            break
        page.wait_for_timeout(250)
    code = re.findall(r"code=([A-Z0-9]{8})", texts[0].body)[0]
    page.goto(f"{portal.url}/activate/")
    page.locator("[name=document_number]").fill(login.document_number)
    page.locator("[name=birth_date]").fill(f"{login.birth_date}")
    page.locator("[name=entity_number]").fill(login.entity.number)
    page.locator("[name=code]").fill(code)
    challenge = Challenge.objects.get(key=page.locator("[name=human_0]").input_value())
    page.locator("[name=human_1]").fill(challenge.task)
    page.locator(".terms [type=checkbox]").check()
    page.locator("main form .primary").click()
    page.wait_for_url(f"{portal.url}/activate/credentials/")


def sign_in(page: Page, portal: Portal) -> None:
    administrator = demo.logins()[0]
    page.goto(f"{portal.url}/login/")
    for field in ("entity_number", "username", "password"):
        page.locator(f"[name={field}]").fill(getattr(administrator, field))
    page.locator("main form .primary").first.click()
    page.wait_for_url(f"{portal.url}/")


def test_every_picture_of_the_guide_is_of_its_screen_as_it_is(portal: Portal, browser: Browser) -> None:
    portal.manage("demo_data")
    known = json.loads(FOUND.read_text()) if FOUND.exists() else {}
    photographer = Photographer(portal, known)
    page = new_page(browser, NARROW)
    for language in LANGUAGES:
        photographer.look(page, language, BEFORE_THE_DOOR)
    sign_in(page, portal)
    for language in LANGUAGES:
        photographer.look(page, language, INSIDE)
    page = new_page(browser, ROOMY, storage_state=page.context.storage_state())
    for language in LANGUAGES:
        photographer.look(page, language, INSIDE, ROOMY)
    newcomers = new_page(browser, NARROW)
    bring_a_code(newcomers, portal, page)
    for language in LANGUAGES:
        photographer.look(newcomers, language, WITH_A_CODE)
    if TAKE:
        FOUND.write_text(json.dumps(photographer.found, indent=1, sort_keys=True) + "\n")
        for file in FOLDER.rglob("*.webp"):
            if str(file.relative_to(FOLDER).with_suffix("")) not in photographer.found:
                file.unlink()
        return
    assert photographer.stale == {}, HOW
    assert set(known) == set(photographer.found), HOW
