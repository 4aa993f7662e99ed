"""Messages as people meet them: codes for many, the bell, and the officers' log of texts."""

import time
from collections.abc import Iterator

import pytest
from django.db import transaction
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Browser, Page, expect

from entity_portal.messaging.models import PhoneText, Purpose
from entity_portal.messaging.operations import queue_sms
from entity_portal.roles import Role
from staff.models import StaffLogin, Status
from tests.browser.axe import faults_now
from tests.cast import PASSWORD, Cast, company, login, officer_login
from tests.running import Portal


@pytest.fixture
def house(portal: Portal) -> Cast:
    return company()


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        locale="zh-Hant-MO", java_script_enabled=request.param, viewport={"width": 390, "height": 800}
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def come_in(page: Page, portal: Portal, person: StaffLogin) -> None:
    page.goto(f"{portal.url}/login/")
    page.get_by_label("實體編號").fill(person.entity.number)
    page.get_by_label("用戶名稱").fill(person.username or "")
    page.get_by_role("textbox", name="密碼").fill(PASSWORD)
    page.get_by_role("button", name="登入", exact=True).click()


def test_codes_go_to_many_and_the_bell_leads_to_what_happened(portal: Portal, page: Page, house: Cast) -> None:
    with transaction.atomic():
        other = login(entity=house.entity, status=Status.PENDING, name_zh="梁雅雯", mobile="+85366777888")
    come_in(page, portal, house.administrator)
    page.goto(f"{portal.url}/staff/?status=pending")
    page.get_by_label("選擇 何梓軒").check()
    page.get_by_label("選擇 梁雅雯").check()
    page.get_by_role("button", name="發送啟動碼").click()
    expect(page.get_by_role("status").first).to_contain_text("已向 2 人發送啟動碼。")
    until = time.monotonic() + 20
    while PhoneText.objects.count() < 2:
        assert time.monotonic() < until
        time.sleep(0.1)
    page.reload()
    expect(page.get_by_role("row", name="梁雅雯")).to_contain_text("今日發送")
    for _strike in range(5):
        StaffLogin.objects.take_strike(house.staff.pk)
    from staff.operations.door import _lock  # what the fifth wrong password does

    with transaction.atomic():
        _lock(StaffLogin.objects.select_related("entity").get(pk=house.staff.pk))
    page.reload()
    page.get_by_role("link", name="通知，1 則未讀").click()
    page.get_by_role("link", name="歐凱欣的登入號因連續五次輸入錯誤密碼而被鎖定").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("歐凱欣")
    expect(page.get_by_role("link", name="通知", exact=True).first).to_be_visible()
    assert other.pk


def test_an_officer_reads_the_log_of_texts(portal: Portal, browser: Browser, house: Cast) -> None:
    """Accessible, and quiet under the content policy."""
    officer = officer_login(*Role, username="an.officer", language="zh-hant")
    device = TOTPDevice.objects.create(user=officer, name="app", confirmed=True)
    context = browser.new_context(locale="zh-Hant-MO")
    page = context.new_page()
    page.set_default_timeout(60_000)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    come_in(page, portal, officer)
    page.get_by_role("textbox", name="驗證碼").fill(f"{totp(device.bin_key):06d}")
    page.get_by_role("button", name="確認").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("首頁")
    faults = {}
    with transaction.atomic():
        sms = queue_sms(to="+85366123456", body="x", purpose=Purpose.RESET)
    for path in ("/admin/", "/admin/messaging/sms/", f"/admin/messaging/sms/{sms.pk}/change/"):
        page.goto(portal.url + path)
        assert said == [], path
        faults[path] = faults_now(page)
        said.clear()  # axe itself puts styles of imported sheets into the page
    assert faults == {path: [] for path in faults}
    page.locator("[data-menu] > summary").click()
    page.get_by_role("button", name="登出").click()
    expect(page.get_by_role("link", name="登入").first).to_be_visible()
    context.close()
