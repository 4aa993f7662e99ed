"""The officers' side as Chromium sees it: in by password and code, without scripts."""

from playwright.sync_api import Browser, Page, expect

from entity_portal import demo
from entity_portal.demo import authenticator
from tests.running import Portal


def come_in(page: Page, portal: Portal, officer: demo.DemoLogin) -> None:
    page.goto(f"{portal.url}/login/?next=/admin/")
    page.locator("[name=entity_number]").fill(officer.entity_number)
    page.locator("[name=username]").fill(officer.username)
    page.locator("[name=password]").fill(officer.password)
    page.locator("main form [class~=primary]").first.click()
    page.locator("[name=code]").fill(authenticator.code())
    page.locator("main form [class~=primary]").first.click()
    page.wait_for_url(f"{portal.url}/admin/")


def test_an_administrator_of_the_authority_gives_a_role(portal: Portal, browser: Browser) -> None:
    portal.manage("demo_data")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{portal.url}/language/en/?next=/login/")
    come_in(page, portal, demo.officers()[0])
    page.get_by_role("link", name="Officers and their roles").click()
    page.get_by_role("link", name="Roles SOU WAI MAN").click()
    expect(page.get_by_role("checkbox", name="Approver")).to_be_checked()
    page.get_by_role("checkbox", name="Auditor").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("The roles of SOU WAI MAN are changed")
    expect(page.get_by_role("row", name="SOU WAI MAN")).to_contain_text("Approver, Auditor")
    context.close()
