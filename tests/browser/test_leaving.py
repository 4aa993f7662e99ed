"""What is left in a browser after logging out, at a computer that others use too."""

from playwright.sync_api import Browser, expect

from tests.cast import PASSWORD, company
from tests.running import Portal


def test_going_back_after_logging_out_shows_nothing_of_before_A75(portal: Portal, browser: Browser) -> None:
    house = company()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{portal.url}/login/")
    page.locator("[name=entity_number]").fill(house.entity.number)
    page.locator("[name=username]").fill(house.staff.username or "")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form [class~=primary]").first.click()
    page.wait_for_url(f"{portal.url}/")
    page.goto(f"{portal.url}/account/")
    expect(page.locator("main")).to_contain_text("歐凱欣")
    page.evaluate("localStorage.setItem('left', 'behind')")

    page.locator("[data-menu] summary").click()
    page.locator("form[action='/logout/'] button").click()
    page.wait_for_url(f"{portal.url}/")
    assert page.evaluate("localStorage.getItem('left')") is None
    for path in ("/login/?next=/account/", "/", "/login/"):
        page.go_back()
        assert page.url == portal.url + path
        assert "歐凱欣" not in page.content()
        expect(page.locator("form[action='/logout/']")).to_have_count(0)
    context.close()
