"""登入保安 as a person uses it: setting an application up, coming in with its code, and being warned before the end."""

import re
from collections.abc import Iterator

import pytest
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Browser, Page, expect

from entity_portal.messaging.models import PhoneText
from tests.browser.axe import faults_now
from tests.browser.test_main_job import choose_in_user_menu
from tests.cast import PASSWORD, Cast, company
from tests.running import Portal

WARNING = "你仍在使用嗎？"


@pytest.fixture
def house(portal: Portal) -> Cast:
    return company()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-Hant-MO")
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def give_password(page: Page, portal: Portal, house: Cast) -> None:
    page.goto(f"{portal.url}/login/")
    page.get_by_label("實體編號").fill(house.entity.number)
    page.get_by_label("用戶名稱").fill(house.staff.username or "")
    page.get_by_role("textbox", name="密碼").fill(PASSWORD)
    page.get_by_role("button", name="登入", exact=True).click()


def test_an_app_is_set_up_and_asked_for_and_the_telephone_stands_in(portal: Portal, page: Page, house: Cast) -> None:
    give_password(page, portal, house)
    choose_in_user_menu(page, "ao.hoiian", "登入保安")
    expect(page.get_by_role("heading", level=1)).to_have_text("登入保安")
    page.get_by_role("button", name="設定驗證應用程式").click()
    expect(page.get_by_role("img", name="載有密鑰的二維碼")).to_be_visible()
    device = TOTPDevice.objects.get(user=house.staff)
    typed_key = page.locator("code.key").inner_text().replace(" ", "")
    assert device.config_url.partition("secret=")[2].startswith(typed_key)
    assert typed_key in (page.get_by_role("link", name="開啟應用程式並帶入密鑰").get_attribute("href") or "")
    assert faults_now(page) == []
    page.get_by_label("驗證碼").fill("000000")
    page.get_by_role("button", name="確認").click()
    expect(page.get_by_role("alert")).to_be_focused()
    TOTPDevice.objects.update(throttling_failure_timestamp=None)
    page.get_by_label("驗證碼").fill(f"{totp(device.bin_key):06d}")
    page.get_by_role("button", name="確認").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("備用碼")
    recovery = page.locator("ol.recovery code").all_inner_texts()
    assert len(recovery) == 10
    assert faults_now(page) == []
    page.get_by_role("button", name="我已保存").click()
    choose_in_user_menu(page, "ao.hoiian", "登出")

    # the code of the application
    give_password(page, portal, house)
    expect(page.get_by_role("heading", level=1)).to_have_text("驗證碼")
    expect(page.get_by_role("textbox", name="驗證碼")).to_be_focused()
    assert faults_now(page) == []
    page.get_by_role("textbox", name="驗證碼").fill(f"{totp(device.bin_key, t0=-30):06d}")
    page.get_by_role("button", name="確認").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("首頁")
    choose_in_user_menu(page, "ao.hoiian", "登出")

    # a recovery code
    give_password(page, portal, house)
    page.get_by_role("link", name="使用備用碼").click()
    page.get_by_role("textbox", name="備用碼").fill(recovery[0])
    page.get_by_role("button", name="確認").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("首頁")
    choose_in_user_menu(page, "ao.hoiian", "登出")

    # the telephone
    give_password(page, portal, house)
    page.get_by_role("button", name="改以短訊發送驗證碼").click()
    expect(page.get_by_role("main")).to_contain_text(house.staff.masked_mobile)
    for _look in range(60):
        texts = PhoneText.objects.filter(body__contains="登入的驗證碼")
        if texts:
            break
        page.wait_for_timeout(250)
    code = re.findall(r"\d{6}", texts[0].body)[0]
    page.get_by_role("textbox", name="驗證碼").fill(code)
    page.get_by_role("button", name="確認").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("首頁")


def test_the_end_of_a_session_is_announced_and_can_be_put_off_WCAG_2_2_1(
    portal: Portal, page: Page, house: Cast
) -> None:
    give_password(page, portal, house)
    page.clock.install()
    page.goto(f"{portal.url}/account/password/")
    typed = page.locator("[name=new_password]")
    typed.fill("half-typed")
    answers = [{"seconds": 240, "extendable": True}]
    page.route(
        "**/account/session/",
        lambda route: route.fulfill(json=answers[0]) if route.request.method == "GET" else route.continue_(),
    )
    page.clock.fast_forward("26:00")
    warning = page.get_by_role("alertdialog", name=WARNING)
    expect(warning).to_be_visible()
    expect(warning).to_be_focused()
    expect(warning).to_contain_text(re.compile(r"尚餘 [34] 分 \d+ 秒"))
    assert faults_now(page) == []
    warning.get_by_role("button", name="保持登入").click()
    expect(warning).to_be_hidden()
    expect(typed).to_be_focused()
    expect(typed).to_have_value("half-typed")

    answers[0] = {"seconds": 240, "extendable": False}
    page.clock.fast_forward("26:00")
    final = page.get_by_role("alertdialog", name="即將登出")
    expect(final).to_contain_text("你已登入八小時")
    expect(final.get_by_role("button", name="保持登入")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(final.get_by_role("button", name="關閉")).to_be_focused()
    page.keyboard.press("Escape")
    expect(final).to_be_hidden()

    answers[0] = {"seconds": 0, "extendable": False}
    page.context.clear_cookies(name="sessionid")
    page.clock.fast_forward("05:00")
    page.wait_for_url("**/login/?next=%2Faccount%2Fpassword%2F&ended=1")
    expect(page.get_by_role("status").first).to_contain_text("系統已將你登出")
