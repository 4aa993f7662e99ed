"""The register comes in as an officer sees it: a real worker reads and imports, the page follows, a task is settled."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Browser, Page, expect

from accounts.models import RegisterEntry, RegisterImport, RegisterTask
from accounts.officers import register
from entity_portal.roles import Role
from tests import cast
from tests.accounts.test_import_register import file, line
from tests.accounts.test_register_import import ANOTHER, another, opened
from tests.browser.axe import faults_now
from tests.browser.test_messages import come_in
from tests.running import Portal

WITHOUT: set[Page] = set()  # pages of a browser that runs no JavaScript
LOOKS = [("script", 390), ("script", 1280), ("no script", 390)]


@pytest.fixture(params=LOOKS, ids=lambda look: "-".join(map(str, look)))
def page(portal: Portal, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A registrar who has come in with a code."""
    script, width = request.param
    context = browser.new_context(
        locale="zh-Hant-MO", java_script_enabled=script == "script", viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    officer = cast.officer_login(Role.REGISTRAR, username="a.registrar")
    device = TOTPDevice.objects.create(user=officer, name="app", confirmed=True)
    come_in(page, portal, officer)
    page.get_by_role("textbox", name="驗證碼").fill(f"{totp(device.bin_key):06d}")
    page.get_by_role("button", name="確認").click()
    page.goto(f"{portal.url}/language/en/?next=/")
    if script == "no script":
        WITHOUT.add(page)
    yield page
    context.close()


def upload(page: Page, portal: Portal, path: Path, content: bytes, *, whole: bool = False) -> None:
    path.write_bytes(content)
    page.goto(f"{portal.url}/admin/accounts/registerimport/add/")
    fits(page)
    page.get_by_label("File of the register (CSV)").set_input_files(path)
    if whole:
        page.get_by_label("This file is the whole register").check()
    page.get_by_role("button", name="Upload").click()


def wait_for(page: Page, heading: str) -> None:
    """The page comes to a state by itself, or by its link where there is no JavaScript."""
    wanted = page.get_by_role("heading", name=heading, exact=True)
    until = time.monotonic() + 30
    link = page.get_by_role("link", name="Refresh")
    while not wanted.count():
        assert time.monotonic() < until, page.get_by_role("main").inner_text()
        if not scripts(page) and link.count():
            link.click()
        page.wait_for_timeout(250)


def scripts(page: Page) -> bool:
    return page not in WITHOUT


def fits(page: Page) -> None:
    if scripts(page):
        assert faults_now(page) == []


def confirm() -> None:
    """Another officer confirms what waits; the page of it is tried in tests/accounts/test_register_pages.py."""
    held = RegisterImport.objects.get(state="read")
    register.confirm(pk=held.pk, by=another(), preview=held.preview)


def test_an_officer_brings_the_register_in_and_settles_what_it_raises(
    portal: Portal, page: Page, tmp_path: Path
) -> None:
    path = tmp_path / "register.csv"
    upload(page, portal, path, b"%PDF-1.7\n")
    expect(page.get_by_role("alert")).to_contain_text("Unknown column")
    fits(page)
    many = [line(registration_number=f"{number} SO") for number in range(100, 3_100)]
    upload(page, portal, path, file(*many))
    wait_for(page, "Waiting for confirmation")
    expect(page.get_by_role("main")).to_contain_text("To be done: 3,000 new, 0 changed, 0 marked as gone.")
    fits(page)
    assert not RegisterEntry.objects.exists()
    expect(page.get_by_role("main")).to_contain_text("another officer confirms it")
    confirm()
    page.reload()
    wait_for(page, "Imported")
    assert RegisterEntry.objects.count() == 3_000

    opened()
    upload(page, portal, path, file(line(**ANOTHER), *many[1:3]), whole=True)
    wait_for(page, "Waiting for confirmation")
    expect(page.get_by_role("main")).to_contain_text("To be done: 0 new, 1 changed, 2,997 marked as gone.")
    expect(page.get_by_role("main")).to_contain_text("50****46 → A1****67")
    fits(page)
    page.get_by_role("link", name="Gone: 2997").click()
    expect(page.get_by_role("main")).to_contain_text("1–50 of 2997")
    expect(page.get_by_role("main")).to_contain_text("another officer confirms it")
    confirm()
    page.reload()
    wait_for(page, "Imported")

    page.goto(f"{portal.url}/admin/accounts/registertask/")
    fits(page)
    tasks = page.get_by_role("main").get_by_role("table")
    tasks.get_by_role("link", name="The register names another legal representative").click()
    fits(page)
    page.get_by_role("button", name="Settle").click()
    expect(page.get_by_role("alert")).to_contain_text("Please choose one.")
    fits(page)
    page.get_by_label("Take the legal representative over from the register").check()
    page.get_by_role("button", name="Settle").click()
    page.wait_for_url("**/registertask/")
    assert RegisterTask.objects.get().entity.legal_representatives.get().document_number == "A1234567"

    page.goto(f"{portal.url}/admin/accounts/registerentry/?q=100+SO")
    fits(page)
    page.get_by_role("main").get_by_role("table").get_by_role("link", name="100 SO", exact=True).click()
    fits(page)


def test_lines_that_are_wrong_are_listed(portal: Portal, page: Page, tmp_path: Path) -> None:
    upload(page, portal, tmp_path / "register.csv", file(line(kind="circus")))
    wait_for(page, "Refused: lines are wrong")
    expect(page.get_by_role("table")).to_contain_text("Give one of:")
    fits(page)
