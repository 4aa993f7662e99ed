"""Pages as a printer gets them: what was read, without what was pressed, and nothing cut off at the edge."""

from playwright.sync_api import Browser

from entity_portal import demo
from tests.running import Portal

SHEET = 718  # A4 at 96 px an inch, without the margins that browsers leave
PAGES = ("/", "/account/", "/account/security/", "/entity/", "/staff/", "/staff/new/", "/services/", "/notifications/")
SEEN = """() => [...document.querySelectorAll(
    ".tools, .crumbs, .button, .filters, .subnav, [type=submit], .session, .pages ol")]
    .filter((each) => each.getClientRects().length).map((each) => each.outerHTML.slice(0, 80))"""


def test_paper_has_what_was_read_and_nothing_that_is_pressed(portal: Portal, browser: Browser) -> None:
    portal.manage("demo_data")
    context = browser.new_context(viewport={"width": SHEET, "height": 1000}, color_scheme="dark")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{portal.url}/language/pt/?next=/login/")
    administrator = demo.logins()[0]
    for field in ("entity_number", "username", "password"):
        page.locator(f"[name={field}]").fill(getattr(administrator, field))
    page.locator("main form [class~=primary]").first.click()
    page.wait_for_url(f"{portal.url}/")
    page.emulate_media(media="print", color_scheme="dark")
    wrong = {}
    for path in PAGES:
        page.goto(portal.url + path)
        found = page.evaluate(SEEN)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append("wider than the sheet")
        if (ground := page.evaluate("getComputedStyle(document.body).backgroundColor")) != "rgb(255, 255, 255)":
            found.append(f"a ground of {ground}")
        wrong |= {path: found} if found else {}
    assert page.locator("h1").is_visible()
    assert page.locator(".brand").is_visible(), "who it is from"
    page.goto(f"{portal.url}/staff/")
    assert page.locator("thead").bounding_box()["height"] > 10, "a table, not cards"  # type: ignore[index]
    context.close()
    assert wrong == {}
