"""Lists as Chromium shows them, with JavaScript and without: searched while one types, sorted, turned, gone back in."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import cast
from tests.browser.test_two_lists import enter
from tests.running import Portal

SEARCH = "input[type=search]"


@pytest.fixture
def house(portal: Portal) -> cast.Cast:
    found = cast.company()
    cast.crowd(found.entity, 60)
    return found


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(locale="zh-Hant-MO", java_script_enabled=request.param)
    page = context.new_page()
    page.java_script = request.param  # type: ignore[attr-defined]
    page.set_default_timeout(60_000)
    yield page
    context.close()


@pytest.fixture
def script(browser: Browser) -> Iterator[Page]:
    """Only with JavaScript; what the console says is a failure."""
    context = browser.new_context(locale="zh-Hant-MO")
    page = context.new_page()
    page.set_default_timeout(60_000)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    assert said == []
    context.close()


def rows(page: Page) -> list[str]:
    return page.locator("tbody tr .user").all_inner_texts()


def test_search_sort_pages_and_back_S9_6(portal: Portal, house: cast.Cast, page: Page) -> None:
    enter(page, portal, house.administrator)
    page.goto(f"{portal.url}/staff/")
    page.locator(SEARCH).fill("t000")
    if not page.java_script:  # type: ignore[attr-defined]
        page.locator("#filters button").click()
    expect(page.locator("#said")).to_contain_text("60")
    expect(page.locator("tbody tr")).to_have_count(25)

    head = page.get_by_role("columnheader", name="用戶名稱")
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(page.locator("tbody tr .user").first).to_contain_text("t00059")
    assert "sought=" in page.url, "what was searched for is kept"
    assert "t000" not in page.url

    page.locator("a[rel=next]").click()
    expect(page.locator("tbody tr .user").first).to_contain_text("t00034")
    assert "page=2" in page.url
    assert "sort=-username" in page.url

    page.go_back()
    expect(page.locator("tbody tr .user").first).to_contain_text("t00059")
    page.go_back()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(page.locator(SEARCH)).to_have_value("t000")
    page.go_back()
    expect(head).not_to_have_attribute("aria-sort", "ascending")
    page.go_back()
    expect(page.locator("#said")).to_contain_text("64")
    expect(page.locator(SEARCH)).to_have_value("")
    assert page.url == f"{portal.url}/staff/"


def test_who_types_keeps_focus_and_caret_and_makes_one_step_of_a_word(
    portal: Portal, house: cast.Cast, script: Page
) -> None:
    enter(script, portal, house.administrator)
    script.goto(f"{portal.url}/staff/")
    field = script.locator(SEARCH)
    script.evaluate("window.here = 1")
    field.press_sequentially("t0005", delay=30)
    expect(script.locator("tbody tr")).to_have_count(10)
    expect(field).to_be_focused()
    field.press("ArrowLeft")
    field.press_sequentially("9", delay=30)  # in the middle of the word
    expect(field).to_have_value("t00095")
    expect(script.locator("#said")).to_contain_text("0")
    assert field.evaluate("each => each.selectionStart") == 5
    assert script.evaluate("window.here") == 1, "the page was not loaded again"
    assert script.evaluate("Object.keys(sessionStorage).concat(Object.keys(localStorage))") in (
        [],
        ["htmx-current-path-for-history"],
    ), "no page is kept in the browser's storage"
    script.go_back()
    expect(field).to_have_value("")
    expect(script.locator("tbody tr")).to_have_count(25)


def test_how_many_are_found_is_announced_where_it_stood_before(portal: Portal, house: cast.Cast, script: Page) -> None:
    enter(script, portal, house.administrator)
    script.goto(f"{portal.url}/staff/")
    script.evaluate("document.getElementById('said').same = true")
    script.locator("#id_status").select_option("pending")
    said = script.locator("#said[aria-live=polite]")
    expect(said).to_contain_text("1")
    expect(script.locator("tbody tr")).to_have_count(1)
    assert script.evaluate("document.getElementById('said').same"), "a region that is replaced says nothing"


def test_turning_a_page_goes_on_at_the_beginning_of_the_list_and_sorting_stays_on_its_head(
    portal: Portal, house: cast.Cast, script: Page
) -> None:
    enter(script, portal, house.administrator)
    script.goto(f"{portal.url}/staff/")
    script.locator("#sort-name_foreign").press("Enter")
    expect(script.get_by_role("columnheader", name="外文姓名")).to_have_attribute("aria-sort", "ascending")
    expect(script.locator("#sort-name_foreign")).to_be_focused()
    script.locator("a[rel=next]").press("Enter")
    expect(script.locator("#said")).to_contain_text("2")
    expect(script.locator("#found")).to_be_focused()


def test_on_a_phone_the_order_is_chosen_beside_the_cards(portal: Portal, house: cast.Cast, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    enter(page, portal, house.administrator)
    page.goto(f"{portal.url}/staff/")
    expect(page.locator("#sort-username")).to_be_hidden()
    page.locator("#sort").select_option("-username")
    if not page.java_script:  # type: ignore[attr-defined]
        page.locator(".sort-by button").click()
    expect(page).to_have_url(re.compile("sort=-username"))
    expect(page.locator("tbody tr").nth(1)).to_contain_text("t00059")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_goes_wrong_is_seen(portal: Portal, house: cast.Cast, script: Page) -> None:
    enter(script, portal, house.administrator)
    script.goto(f"{portal.url}/staff/")
    script.context.set_offline(True)
    script.locator(SEARCH).fill("t0001")
    expect(script.locator("#lost")).to_be_visible()
    script.context.set_offline(False)
    script.locator(SEARCH).fill("t00011")
    expect(script.locator("tbody tr")).to_have_count(1)
    expect(script.locator("#lost")).to_be_hidden()

    script.context.clear_cookies()  # the session is over
    script.locator(SEARCH).fill("t0002")
    script.wait_for_url("**/login/?next=/staff/**")


def test_a_refusal_is_shown_as_its_own_page(portal: Portal, house: cast.Cast, script: Page) -> None:
    enter(script, portal, house.administrator)
    script.goto(f"{portal.url}/staff/")
    script.route("**/staff/", lambda route: route.fulfill(status=429, body="<h1>slowly</h1>", content_type="text/html"))
    script.locator(SEARCH).fill("t0001")
    expect(script.get_by_role("heading", name="slowly")).to_be_visible()


def test_a_field_that_is_left_says_what_is_wrong_beside_it(portal: Portal, house: cast.Cast, script: Page) -> None:
    enter(script, portal, house.administrator)
    script.goto(f"{portal.url}/staff/new/")
    field = script.locator("#id_birth_date")
    field.fill("1990-13-01")
    field.press("Tab")
    expect(script.locator("#id_birth_date_error")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert "id_birth_date_error" in (field.get_attribute("aria-describedby") or "")
    field.fill("1990-12-01")
    field.press("Tab")
    expect(script.locator("#id_birth_date_error")).to_have_count(0)
    assert "id_birth_date_error" not in (field.get_attribute("aria-describedby") or "")

    number = script.locator("#id_document_number")
    number.fill("1234")
    number.press("Tab")
    expect(script.locator("#id_document_number_error")).to_be_visible()
    script.locator("#id_document_type").select_option("passport")
    expect(script.locator("#id_document_number_error")).to_have_count(0)
