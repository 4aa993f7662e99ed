"""An online first application approved at once, down to a signed-in administrator, as a shopkeeper at a phone does it.

In Chinese, 390 px wide, with JavaScript and without; axe looks at each page. Then files that must not come in.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.applications.models import Application, Document
from accounts.models import Entity
from staff.models import StaffLogin
from tests.accounts.applications.asking import ON_THE_REGISTER, PDF, line
from tests.accounts.applications.filling_in import picture
from tests.browser.axe import faults_now
from tests.browser.test_main_job import answer_human_check, sign_in
from tests.running import Portal

MOBILE = "66500000"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        locale="zh-Hant-MO",
        timezone_id="Asia/Macau",
        java_script_enabled=request.param,
        viewport={"width": 390, "height": 844},
    )
    page = context.new_page()
    page.java_script = request.param  # type: ignore[attr-defined]
    page.set_default_timeout(60_000)
    yield page
    context.close()


def look(page: Page, heading: str) -> None:
    """The page is there, and nothing is wrong with it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    if page.java_script:  # type: ignore[attr-defined]
        assert faults_now(page) == [], heading


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def read_code(page: Page, portal: Portal, number: str) -> str:
    """The code that came last to a number, from the demonstration phone in another tab."""
    phone = page.context.new_page()
    phone.goto(f"{portal.url}/demo/phone/")
    for _try in range(160):  # the worker looks the application up, then sends: on a busy machine not at once
        if phone.locator(f"option[value='{number}']").count():
            break
        phone.wait_for_timeout(250)
        phone.reload()
    phone.get_by_label("流動電話號碼").select_option(number)
    phone.get_by_role("button", name="更換").click()
    body = phone.get_by_role("region", name="手機畫面").inner_text()
    phone.close()
    return re.findall(r"(?<!\d)\d{6}(?!\d)", body)[0]


def begin(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.url}/apply/")
    look(page, "申請實體使用者帳戶")
    page.get_by_role("link", name="開始申請").click()
    look(page, "實體")
    page.get_by_label("實體類別").select_option(label="公司")
    page.get_by_label("實體的中文名稱").fill("天成製衣有限公司")
    page.get_by_label("登記編號").fill("30461so")
    page.get_by_role("textbox", name="你的流動電話號碼").fill(MOBILE)
    answer_human_check(page)
    press(page, "下一步")


def test_from_a_shop_to_a_signed_in_administrator_at_once_S5_1_Q40(portal: Portal, page: Page, tmp_path: Path) -> None:
    line()
    begin(page, portal)
    look(page, "合法代表")
    page.get_by_label("中文姓名").fill("彭月娟")
    page.get_by_label("身份證明文件編號").fill("1135128(4)")
    page.get_by_label("出生日期(年/月/日)").fill("1990-01-01")
    page.get_by_role("textbox", name="流動電話號碼").fill("66000001")
    press(page, "下一步")
    look(page, "申請人（你）")
    page.get_by_label("葡文 / 外文姓名").fill("FONG CHI KIN")
    page.get_by_label("身份證明文件編號").fill("20000000")
    page.get_by_label("身份證明文件發出地").select_option(label="澳門")
    page.get_by_label("出生日期(年/月/日)").fill("1991-02-03")
    expect(page.get_by_role("textbox", name="流動電話號碼")).to_have_value(MOBILE)
    press(page, "下一步")
    look(page, "管理員")
    page.get_by_role("link", name="下一步").click()
    look(page, "文件")
    photo = tmp_path / "card.png"
    photo.write_bytes(picture())
    page.get_by_label("檔案").set_input_files(photo)
    press(page, "加入此文件")
    expect(page.get_by_role("status").first).to_contain_text("card.png")
    look(page, "文件")
    press(page, "下一步")
    look(page, "聲明及同意")
    page.get_by_label("本人已閱讀並同意以上條款").check()
    press(page, "下一步")
    look(page, "核對及提交")
    expect(page.get_by_role("main")).to_contain_text("card.png")

    # the applicant's number, and coming back with it
    page.get_by_role("link", name="在此停下，稍後返回").click()
    look(page, "儲存並稍後返回")
    press(page, "發送驗證碼給我")
    look(page, "確認你的流動電話號碼")
    page.get_by_label("驗證碼").fill(read_code(page, portal, f"+853{MOBILE}"))
    press(page, "確認")
    look(page, "核對及提交")
    press(page, "提交")

    # the legal representative's consent, at the phone on the register
    look(page, "請合法代表同意")
    expect(page.get_by_role("main")).to_contain_text("+853 62** **55")
    press(page, "把驗證碼發送給合法代表")
    page.get_by_label("驗證碼").fill(read_code(page, portal, ON_THE_REGISTER))
    press(page, "確認")

    # username and password in the same flow, and in
    look(page, "設定用戶名稱和密碼")
    page.get_by_label("用戶名稱").fill("fong.chikin")
    page.get_by_label("密碼", exact=False).first.fill("Porta2026abc")
    page.get_by_label("請再次輸入密碼").fill("Porta2026abc")
    press(page, "確認")
    look(page, "實體使用者帳戶已開立")
    entity = Entity.objects.get(registration_number="30461 SO")
    login = StaffLogin.objects.get(entity=entity)
    expect(page.get_by_role("main")).to_contain_text(login.euid)
    expect(page.get_by_role("main")).to_contain_text(entity.number)
    page.get_by_role("main").get_by_role("link", name="登入", exact=True).click()
    sign_in(page, entity, {"username": "fong.chikin", "password": "Porta2026abc"})
    page.goto(f"{portal.url}/staff/")
    expect(page.get_by_role("heading", level=1)).to_have_text("工作人員列表")


def test_bad_files_get_an_error_beside_their_field_and_nothing_of_them_is_kept(
    portal: Portal, page: Page, tmp_path: Path
) -> None:
    begin(page, portal)
    expect(page.get_by_role("heading", level=1)).to_have_text("合法代表")
    page.goto(f"{portal.url}/apply/documents/")
    before = files_in_tmp()
    for name, content, sentence in (
        ("large.pdf", PDF + b" " * 50_000_000, "檔案超過 10 MB"),
        ("invoice.js", PDF, "請改名"),
        ("bomb.pdf", b"PK\x03\x04" + b"\0" * 100_000, "這不是 PDF、JPEG 或 PNG 檔案"),
        ("script.pdf", PDF.replace(b"endobj", b"/S/JavaScript endobj"), "PDF 內有腳本"),
    ):
        (tmp_path / name).write_bytes(content)
        page.get_by_label("文件種類").select_option("identity")
        page.get_by_label("檔案").set_input_files(tmp_path / name)
        press(page, "加入此文件")
        expect(page.get_by_role("alert")).to_contain_text(sentence)
        expect(page.get_by_label("文件種類")).to_have_value("identity")
        expect(page.locator(".field .wrong")).to_contain_text(sentence)
        assert not Document.objects.exists()
        assert files_in_tmp() == before, name
    look(page, "文件")
    assert Application.objects.get().answers["entity"]["name_zh"] == "天成製衣有限公司"


def files_in_tmp() -> set[str]:
    """What a server would leave behind of an upload."""
    return {path.name for path in Path("/tmp").glob("*.upload*")}  # noqa: S108


def test_coming_back_at_another_telephone(portal: Portal, page: Page, browser: Browser) -> None:
    begin(page, portal)
    number = Application.objects.get().number
    page.context.clear_cookies()
    page.goto(f"{portal.url}/apply/")
    page.get_by_role("link", name="繼續申請或查詢進度").click()
    look(page, "申請進度查詢")
    page.get_by_label("申請編號").fill(number)
    page.get_by_role("textbox", name="流動電話號碼").fill(MOBILE)
    answer_human_check(page)
    press(page, "下一步")
    look(page, "申請進度查詢")
    page.get_by_label("驗證碼").fill(read_code(page, portal, f"+853{MOBILE}"))
    press(page, "確認")
    look(page, "核對及提交")
    page.get_by_role("link", name="刪除我填寫的資料").click()
    look(page, "刪除我填寫的資料")
    press(page, "刪除")
    look(page, "申請實體使用者帳戶")
    assert not Application.objects.exists()
