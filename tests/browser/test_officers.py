"""The officers' side as Chromium sees it: in by password and code, every page accessible, within the screen, quiet."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from entity_portal import demo
from entity_portal.demo import authenticator
from entity_portal.demo.people import AUTHORITY
from entity_portal.roles import Role
from services.oidc.models import Client
from staff.models import StaffLogin
from tests.browser.test_every_page import LOOKS, faults
from tests.running import Portal


@pytest.fixture(params=LOOKS, ids=lambda look: "-".join(map(str, look)))
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    _language, width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def come_in(page: Page, portal: Portal, officer: demo.DemoLogin) -> None:
    page.goto(f"{portal.url}/login/?next=/admin/")
    page.locator("[name=entity_number]").fill(officer.entity_number)
    page.locator("[name=username]").fill(officer.username)
    page.locator("[name=password]").fill(officer.password)
    page.locator("main form [class~=primary]").first.click()
    page.locator("[name=code]").fill(authenticator.code())
    page.locator("main form [class~=primary]").first.click()
    page.wait_for_url(f"{portal.url}/admin/")


def test_every_page_of_an_officer_is_accessible_fits_and_breaks_no_policy(
    portal: Portal, page: Page, request: pytest.FixtureRequest
) -> None:
    portal.manage("demo_data")
    language = request.node.callspec.params["page"][0]
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(f"{portal.url}/language/{language}/?next=/login/")
    auditor = demo.officers()[[Role.AUDITOR in each.roles for each in AUTHORITY].index(True)]
    come_in(page, portal, auditor)
    tiles = page.locator("main a[class~=tile]").evaluate_all("tiles => tiles.map(tile => tile.getAttribute('href'))")
    assert {"/admin/audit/event/", "/admin/messaging/sms/", "/admin/staff/officerrole/"} <= set(tiles)
    person = StaffLogin.objects.get(entity__keeps_portal=True, username=demo.officers()[0].username)
    more = [
        "/admin/messaging/sms/?q=nothing",
        "/admin/messaging/sms/?purpose=activation",
        f"/admin/oidc/client/{Client.objects.get().pk}/change/",
        "/admin/audit/event/?entity=80216453&since=2026-01-01",
        "/admin/audit/event/?entity=NOTHING",
        "/admin/staff/officerrole/?who=everyone",
        f"/admin/staff/officerrole/{person.euid}/change/",
    ]
    wrong = {path: found for path in ("/admin/", *tiles, *more) if (found := faults(page, portal.url + path))}
    assert (wrong, said) == ({}, [])


def test_an_administrator_of_the_authority_gives_a_role(portal: Portal, browser: Browser) -> None:
    portal.manage("demo_data")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(15_000)
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
