"""The portal's main job, as the people who do it: by visible labels, in Chinese, with JavaScript and without.

From a line of the register to a signed-in staff member: real Chromium, a real server, the real worker, the SMS.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import Entity
from entity_portal.humancheck.models import Challenge
from services.catalogue.openings import open_service
from staff.models import StaffLogin
from tests import cast
from tests.running import Portal

REGISTER = (
    "registration_number,kind,name_zh,name_pt,representative_name_zh,representative_name_foreign,"
    "representative_document_type,representative_document_number,representative_birth_date,representative_mobile\n"
    "SO-90001,company,海濱茶室有限公司,Casa de Chá Hoi Pan Limitada,陳詠珊,CHAN WENG SAN,"
    "bir_permanent,51234568,1985-05-06,66880012\n"
)
ADMINISTRATOR = {
    "document": "5123456(8)",
    "birth": "1985-05-06",
    "username": "chan.wengsan",
    "password": "Porta2026abc",
}
STAFF = {"document": "1529036(0)", "birth": "1998-07-23", "username": "ho.chihin", "password": "Janela2026xyz"}


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(locale="zh-Hant-MO", timezone_id="Asia/Macau", java_script_enabled=request.param)
    page = context.new_page()
    page.java_script = request.param  # type: ignore[attr-defined]
    page.set_default_timeout(60_000)
    yield page
    context.close()


def activate_from_sms(page: Page, portal: Portal, person: dict[str, str], national_number: str) -> str:
    """Read the SMS on the demonstration phone, follow its link, activate; return the EUID that step 3 shows."""
    page.goto(f"{portal.url}/demo/phone/")
    for _try in range(40):
        options = page.get_by_label("流動電話號碼").locator("option")
        shown = [option for option in options.all() if national_number in (option.get_attribute("value") or "")]
        if shown:
            break
        page.wait_for_timeout(250)
        page.reload()
    page.get_by_label("流動電話號碼").select_option(f"+853{national_number}")
    page.get_by_role("button", name="更換").click()
    message = page.get_by_role("region", name="手機畫面")
    code = re.search(r"啟動碼：\s*([A-Z0-9]{8})", message.inner_text())
    assert code, message.inner_text()
    message.get_by_role("link").last.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("啟動工作人員登入號")
    expect(page.get_by_role("heading", name="輸入個人資料").or_(page.get_by_text("輸入個人資料").first)).to_be_visible()
    expect(page.get_by_label("實體編號")).not_to_have_value("")
    if page.java_script:  # type: ignore[attr-defined]
        expect(page.get_by_label("啟動碼", exact=False).and_(page.get_by_role("textbox"))).to_have_value(code[1])
        assert "#" not in page.url, "the code must not stay in the address"
    else:
        page.get_by_role("textbox", name="啟動碼").fill(code[1])
    page.get_by_label("身份證明文件編號").fill(person["document"])
    page.get_by_label("身份證明文件類別").select_option(label="澳門特區永久性居民身份證")
    page.get_by_label("出生日期(年/月/日)").fill(person["birth"])
    answer_human_check(page)
    page.get_by_label("本人已閱讀並同意以上條款").check()
    page.get_by_role("button", name="下一步").click()

    page.get_by_label("用戶名稱").fill(person["username"])
    page.get_by_label("密碼", exact=False).first.fill(person["password"])
    page.get_by_label("請再次輸入密碼").fill(person["password"])
    page.get_by_role("button", name="確認").click()
    euid = page.get_by_text(re.compile(r"CU\d{10}")).first
    expect(euid).to_be_visible()
    found = re.search(r"CU\d{10}", euid.inner_text())
    assert found
    page.get_by_role("main").get_by_role("link", name="登入", exact=True).click()
    return found[0]


def answer_human_check(page: Page) -> None:
    key = page.locator("input[name=human_0]").input_value()
    page.get_by_label("請輸入圖中顯示的字母").fill(Challenge.objects.get(key=key).task.lower())


def sign_in(page: Page, entity: Entity, person: dict[str, str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("登入")
    page.get_by_label("實體編號").fill(entity.number)
    page.get_by_label("用戶名稱").fill(person["username"])
    page.get_by_role("textbox", name="密碼").fill(person["password"])
    page.get_by_role("button", name="登入", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("首頁")


def choose_in_user_menu(page: Page, username: str, what: str) -> None:
    page.locator("summary", has_text=username).click()
    menu = page.get_by_role("banner")
    menu.get_by_role("link", name=what).or_(menu.get_by_role("button", name=what)).click()


def test_from_a_line_of_the_register_to_a_signed_in_staff_member_and_back(
    portal: Portal, page: Page, tmp_path: Path
) -> None:
    # The authority: the register, the entity with its first administrator, an e-service opened to it.
    (tmp_path / "register.csv").write_text(REGISTER, encoding="utf-8")
    portal.manage("import_register", str(tmp_path / "register.csv"))
    portal.manage("open_entity", "SO-90001", "--document-place=MO")
    entity = Entity.objects.get(registration_number="SO-90001")
    open_service(entity=entity, service=cast.group().service, by=None)

    # The administrator activates (section 五) and signs in (section 六).
    activate_from_sms(page, portal, ADMINISTRATOR, "66880012")
    sign_in(page, entity, ADMINISTRATOR)

    # creates a staff login (section 九)
    choose_in_user_menu(page, "chan.wengsan", "工作人員列表")
    expect(page.get_by_role("heading", level=1)).to_have_text("工作人員列表")
    page.get_by_role("link", name="新增", exact=True).click()
    page.get_by_label("中文姓名").fill("何梓軒")
    page.get_by_label("葡文 / 外文姓名").fill("HO CHI HIN")
    page.get_by_label("身份證明文件類別").select_option(label="澳門特區永久性居民身份證")
    page.get_by_label("身份證明文件編號").fill(STAFF["document"])
    page.get_by_label("身份證明文件發出地").select_option(label="澳門")
    page.get_by_label("流動電話號碼").fill("6312 4558")
    expect(page.get_by_text("啟動後資料將不能編輯。").first).to_be_visible()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("何梓軒")
    row = page.get_by_role("row", name="何梓軒")
    expect(row).to_contain_text("未啟動")
    expect(row).to_contain_text("15****60")

    # and sends the activation SMS (S9.8)
    row.get_by_role("link", name="查看").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("何梓軒")
    page.get_by_role("button", name="手機短訊").click()
    expect(page.get_by_role("status").first).to_contain_text("短訊")
    person_page = page.url
    choose_in_user_menu(page, "chan.wengsan", "登出")

    # The staff member opens the link, activates, signs in and reads the EUID (section 七).
    euid = activate_from_sms(page, portal, STAFF, "63124558")
    sign_in(page, entity, STAFF)
    choose_in_user_menu(page, "ho.chihin", "帳戶資料")
    expect(page.get_by_role("heading", level=1)).to_have_text("帳戶資料")
    expect(page.get_by_role("main")).to_contain_text(euid)
    page.goto(f"{portal.url}/staff/")
    expect(page.get_by_role("heading", level=1)).to_have_text("找不到此頁")
    choose_in_user_menu(page, "ho.chihin", "登出")

    # The administrator assigns them to a service group (section 十四)
    page.goto(f"{portal.url}/login/")
    sign_in(page, entity, ADMINISTRATOR)
    choose_in_user_menu(page, "chan.wengsan", "政府服務列表")
    page.get_by_role("link", name="入職申報").click()
    page.get_by_role("link", name="操作員", exact=True).click()
    expect(page.get_by_text("總人數：0人")).to_be_visible()
    page.get_by_role("link", name="編輯").first.click()
    page.get_by_role("checkbox", name="何梓軒").check()
    page.get_by_role("button", name="確定").click()
    expect(page.get_by_text("總人數：1人")).to_be_visible()
    expect(page.get_by_role("row", name=euid)).to_contain_text("ho.chihin")

    # sees it on the person's page (section 十五)
    page.goto(person_page)
    groups = page.get_by_role("table", name="工作人員所屬服務群組")
    expect(groups.get_by_role("row", name="入職申報")).to_contain_text("操作員")
    expect(page.get_by_role("button", name="手機短訊")).to_have_count(0)

    # and marks them 已離職 (section 十一).
    page.get_by_role("link", name="賬戶狀態").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("賬戶狀態")
    expect(page.get_by_role("main")).to_contain_text("入職申報")
    page.get_by_label("狀態").select_option(label="已離職")
    page.get_by_role("button", name="更新").click()
    expect(page.get_by_role("main")).to_contain_text("已離職")
    assert StaffLogin.objects.get(euid=euid).status == "departed"
    choose_in_user_menu(page, "chan.wengsan", "登出")

    page.goto(f"{portal.url}/login/")
    page.get_by_label("實體編號").fill(entity.number)
    page.get_by_label("用戶名稱").fill(STAFF["username"])
    page.get_by_role("textbox", name="密碼").fill(STAFF["password"])
    page.get_by_role("button", name="登入", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
