"""Passwords in real Chromium: shown and hidden, the rule told while one types, and nothing of it without a script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from staff.models import StaffLogin
from tests import cast
from tests.browser.axe import faults_now
from tests.running import Portal

MISSING = "still missing"
PARTS = ("8 characters", "an upper-case letter", "a lower-case letter", "a digit")

# What is typed, and which of the four parts are met then.
TYPED = {
    "P": "-U--",
    "Porta9": "-Uld",
    "Porta926": "8Uld",
    "澳門半島Aa": "-Ul-",
    "Ｐｏｒｔａ９２６": "8Uld",  # full width is judged as the server judges it
    "🦊🦊🦊🦊Aa1": "-Uld",  # seven characters, eleven in UTF-16
    "ÃéÍõç1": "---d",
    "A\u0301e\u0301I\u0301o\u0301Aa1": "-Uld",  # accents apart are not characters of their own
}


@pytest.fixture
def page(browser: Browser, portal: Portal) -> Iterator[Page]:
    """A browser that reads English, at the door of a company."""
    cast.company()
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{portal.url}/language/en/?next=/login/")
    yield page
    context.close()


def sign_in(page: Page, password: str = cast.PASSWORD) -> None:
    person = StaffLogin.objects.select_related("entity").get(username="ao.hoiian")
    page.get_by_label("Entity number").fill(person.entity.number)
    page.get_by_label("Username").fill("ao.hoiian")
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


def test_the_keyboard_shows_and_hides_a_password_and_it_is_one_again_when_sent(page: Page, portal: Portal) -> None:
    password = page.locator("[name=password]")
    status = page.locator("[data-password] [role=status]")
    password.fill("Macau2026x")
    show = page.get_by_role("button", name="Show Password")
    box = show.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 44
    page.keyboard.press("Tab")
    expect(show).to_be_focused()
    page.keyboard.press("Space")
    expect(password).to_have_attribute("type", "text")
    expect(status).to_have_text("The password is shown.")
    expect(page.get_by_role("button", name="Hide Password")).to_be_focused()
    page.keyboard.press("Enter")
    expect(password).to_have_attribute("type", "password")
    expect(status).to_have_text("The password is hidden.")
    expect(password).to_have_value("Macau2026x")
    assert page.url == f"{portal.url}/login/", "the button sends nothing"

    page.keyboard.press("Enter")
    expect(password).to_have_attribute("type", "text")
    page.evaluate(
        """document.addEventListener("submit", (event) => {
            event.preventDefault();
            document.title = event.target.elements.password.type;
        })"""
    )
    password.press("Enter")
    expect(page).to_have_title("password")


def test_the_meter_tells_in_words_which_parts_are_met_as_the_server_counts_S8_3(page: Page, portal: Portal) -> None:
    sign_in(page)
    page.goto(f"{portal.url}/account/password/")
    rows = page.locator("[data-part]")
    expect(rows).to_have_text(list(PARTS), use_inner_text=True)
    new = page.locator("[name=new_password]")
    for typed, signs in TYPED.items():
        new.fill(typed)
        words = ["met" if sign != "-" else MISSING for sign in signs]
        wanted = [f"{part} {word}" for part, word in zip(PARTS, words, strict=True)]
        expect(rows).to_have_text(wanted, use_inner_text=True)
    new.fill("")
    expect(rows).to_have_text(list(PARTS), use_inner_text=True)


def test_the_meter_speaks_when_a_part_changes_and_is_silent_otherwise(page: Page, portal: Portal) -> None:
    sign_in(page)
    page.goto(f"{portal.url}/account/password/")
    page.evaluate(
        """const status = document.querySelector("[data-password]:has([data-part]) [role=status]");
        window.said = [];
        new MutationObserver(() => window.said.push(status.textContent)).observe(status, { childList: true })"""
    )
    new = page.locator("[name=new_password]")
    for typed in ("p", "or", "ta", "9", "P", "x"):
        new.press_sequentially(typed)
        page.wait_for_timeout(900)
    assert page.evaluate("said") == [
        "Still missing: 8 characters, an upper-case letter, a digit.",
        "Still missing: 8 characters, an upper-case letter.",
        "Still missing: 8 characters.",
        "The rule is met.",
    ]
    new.press_sequentially("abcdef", delay=50)
    page.wait_for_timeout(900)
    assert len(page.evaluate("said")) == 4
    new.fill("")
    new.press_sequentially("Porta926", delay=50)
    page.wait_for_timeout(900)
    assert page.evaluate("said")[4:] == ["The rule is met."], "what changes on the way is not said"


@pytest.mark.parametrize(("language", "width", "scheme"), [("pt", 320, "dark"), ("zh-hant", 1280, "light")])
def test_half_a_password_looks_right_everywhere(
    page: Page, portal: Portal, language: str, width: int, scheme: str
) -> None:
    sign_in(page)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{portal.url}/language/{language}/?next=/account/password/")
    page.locator("[name=new_password]").fill("Porta9")
    page.locator("[data-password] button").nth(1).click()
    assert faults_now(page) == []


def test_without_a_script_a_password_is_changed_as_ever(browser: Browser, portal: Portal) -> None:
    cast.company()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{portal.url}/language/en/?next=/login/")
    expect(page.get_by_role("button", name="Show")).to_have_count(0)
    sign_in(page)
    page.goto(f"{portal.url}/account/password/")
    expect(page.get_by_role("button", name="Show")).to_have_count(0)
    expect(page.locator(".parts")).to_be_hidden()
    expect(page.get_by_text("At least 8 characters with upper-case letters")).to_be_visible()
    page.get_by_label("Old password").fill(cast.PASSWORD)
    page.locator("[name=new_password]").fill("Ｐｏｒｔａ２０２６🦊")
    page.get_by_label("Enter the new password again").fill("Porta2026🦊")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("status").first).to_contain_text("Your password has been changed.")
    assert StaffLogin.objects.get(username="ao.hoiian").check_password("Porta2026🦊")
    context.close()
