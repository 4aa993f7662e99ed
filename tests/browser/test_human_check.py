"""The human check in real Chromium: three ways to ask, switched by keyboard, with a script and without."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from entity_portal.humancheck.models import Challenge
from tests.running import Portal

OTHER_WAYS = ["audio", "sum", "picture", "audio"]


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        locale="en", viewport={"width": 390, "height": 800}, java_script_enabled=request.param
    )
    page = context.new_page()
    page.java_script = request.param  # type: ignore[attr-defined]
    page.set_default_timeout(60_000)
    yield page
    context.close()


def press(page: Page, kind: str) -> Challenge:
    """Ask for a question of this kind by keyboard; return the one the page then shows."""
    key = page.locator("[name=human_0]")
    before = key.input_value()
    page.locator(f".captcha button[value={kind}]:visible").focus()
    page.keyboard.press("Enter")
    expect(key).not_to_have_value(before)
    return Challenge.objects.get(key=key.input_value())


def test_each_way_leads_to_the_others_by_keyboard_and_keeps_what_was_typed_Q7(portal: Portal, page: Page) -> None:
    page.goto(f"{portal.url}/activate/")
    page.locator("[name=entity_number]").fill("80216453")
    for kind in OTHER_WAYS:
        question = press(page, kind)
        assert question.kind == kind
        shown = page.locator(".captcha > :is(img, audio):visible")
        expect(shown).to_have_count(0 if kind == "sum" else 1)
        if kind != "sum":
            expect(shown).to_have_attribute("data-kind", kind)
            expect(shown).to_have_attribute(
                "src", f"/human-check/{question.key}.{'png' if kind == 'picture' else 'wav'}"
            )
        expect(page.locator("[name=human_1]")).to_have_value("")
        assert (page.locator("[name=human_1]").get_attribute("inputmode") == "numeric") is (kind != "picture")
        expect(page.locator("[name=entity_number]")).to_have_value("80216453")
    page.locator("[name=human_1]").fill(question.task)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert not Challenge.objects.filter(pk=question.pk).exists(), "Enter sends the form, not one of the buttons"
    assert page.locator("#id_human_error").count() == 0, "the digits were right"


@pytest.mark.parametrize("page", [True], indirect=True)
def test_a_switch_loads_no_page_tells_the_screen_reader_and_leads_to_the_answer_Q7(portal: Portal, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(f"{portal.url}/activate/")
    page.evaluate("window.same = true")
    for kind in OTHER_WAYS:
        page.evaluate("document.querySelector('.captcha [role=status]').textContent = ''")
        press(page, kind)
        expect(page.locator("[name=human_1]")).to_be_focused()
        expect(page.locator(".captcha [role=status]")).not_to_be_empty()
        found = Axe().run(page, context=".captcha").response["violations"]
        assert [each["id"] for each in found] == []
    assert page.evaluate("window.same")
    assert said == []


@pytest.mark.parametrize("page", [True], indirect=True)
def test_whoever_asks_to_listen_hears_at_once_and_may_hear_again_Q7(portal: Portal, page: Page) -> None:
    page.goto(f"{portal.url}/activate/")
    press(page, "audio")
    sound = page.locator("audio")
    sound.evaluate(
        """sound => new Promise((heard, silent) => {
            sound.addEventListener("timeupdate", () => { if (sound.currentTime > 0.5) heard(); });
            setTimeout(silent, 10_000);
        })"""
    )
    assert 8 < sound.evaluate("sound => sound.duration") < 22
    sound.evaluate("sound => { sound.currentTime = sound.duration - 0.2; }")
    expect(sound).to_have_js_property("ended", True)
    sound.evaluate("sound => sound.play()")
    expect(sound).to_have_js_property("ended", False)
    expect(sound).to_have_js_property("paused", False)
    press(page, "sum")
    expect(sound).to_have_js_property("paused", True)
