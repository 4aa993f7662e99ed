"""變更實體帳戶管理員 and corrections on a telephone, in Chinese: at once, later, and two administrators at once."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from accounts.applications import operations
from accounts.applications.models import Application, ConsentCode, State
from entity_portal.roles import Role
from staff.models import StaffLogin
from tests import cast
from tests.accounts.applications.asking import ON_THE_REGISTER, PDF, represented
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.cast import PASSWORD, Cast
from tests.running import Portal


@pytest.fixture
def house(transactional_db: None) -> Cast:
    house = cast.company()
    represented(house.administrator)
    return house


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-Hant-MO")
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def enter(page: Page, portal: Portal, person: StaffLogin) -> None:
    page.goto(f"{portal.url}/login/")
    page.locator("[name=entity_number]").fill(person.entity.number)
    page.locator("[name=username]").fill(person.username or "")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form [class~=primary]").first.click()
    page.wait_for_url(f"{portal.url}/")


def looks_right(page: Page) -> None:
    """Axe finds nothing, and the page is no wider than the telephone."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found.response["violations"]] == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), page.url


def press(page: Page, name: str) -> None:
    """Press the button or link of a step, once the page has been looked at."""
    looks_right(page)
    main = page.get_by_role("main")
    main.get_by_role("button", name=name, exact=True).or_(main.get_by_role("link", name=name, exact=True)).click()


def to_the_review(page: Page, portal: Portal, whom: str, *, document: str) -> None:
    """From the data of the entity to the last step."""
    page.goto(f"{portal.url}/entity/")
    press(page, "變更實體帳戶管理員")
    expect(page.get_by_role("heading", level=1)).to_have_text("變更實體帳戶管理員")
    press(page, "從工作人員列表選擇")
    page.get_by_label("搜尋").fill(whom)
    press(page, "搜尋")
    page.get_by_role("radio", name=whom).check()
    press(page, "下一步")
    page.get_by_label("中文姓名").fill("彭月娟")
    page.get_by_label("葡文 / 外文姓名").fill("PANG UT KUN")
    page.get_by_label("身份證明文件編號").fill(document)
    page.get_by_label("出生日期").fill("1990-01-01")
    press(page, "下一步")
    press(page, "下一步")  # no documents
    page.get_by_label("本人已閱讀並同意以上條款").check()
    press(page, "下一步")
    expect(page.get_by_role("main")).to_contain_text("PANG UT KUN")


def test_at_once_by_the_representatives_code_S12_4(portal: Portal, house: Cast, page: Page) -> None:
    enter(page, portal, house.administrator)
    to_the_review(page, portal, "歐凱欣", document="1135128(4)")
    press(page, "提交")
    looks_right(page)
    page.get_by_role("link", name="以短訊向合法代表發送驗證碼").click()
    press(page, "發送驗證碼")
    page.get_by_label("合法代表的驗證碼").fill(code_on_the_phone(page, portal))
    press(page, "確認")
    expect(page.get_by_role("status").first).to_contain_text("申請已獲批准並即時生效")
    expect(page.get_by_role("main")).to_contain_text("即時批准")
    looks_right(page)
    house.staff.refresh_from_db()
    assert house.staff.is_administrator
    page.go_back()  # the code again: it is decided once
    page.get_by_role("heading", level=1).wait_for()
    page.goto(f"{portal.url}/entity/")
    expect(page.get_by_role("main")).to_contain_text("歐凱欣")
    assert Application.objects.filter(login=house.staff).count() == 1


def code_on_the_phone(page: Page, portal: Portal) -> str:
    """The code that came to the representative's phone, read in another tab."""
    phone = page.context.new_page()
    for _try in range(60):
        phone.goto(f"{portal.url}/demo/phone/?number={ON_THE_REGISTER.replace('+', '%2B')}")
        found = re.search(r"\b(\d{6})\b", phone.get_by_role("region", name="手機畫面").inner_text())
        if found:
            break
        phone.wait_for_timeout(250)
    assert found
    phone.close()
    assert ConsentCode.objects.count() == 1
    return found[1]


def test_later_by_an_officer_told_by_sms_S12_4(portal: Portal, house: Cast, page: Page) -> None:
    enter(page, portal, house.administrator)
    to_the_review(page, portal, "歐凱欣", document="1135128(5)")  # not what the register says
    page.get_by_role("button", name="提交", exact=True).dblclick()
    expect(page.get_by_role("main")).to_contain_text("現時不需要你做任何事")
    looks_right(page)
    application = Application.objects.get(login=house.staff)
    assert application.moves.count() == 1, "pressed twice it is submitted once"
    page.goto(f"{portal.url}/")
    expect(page.get_by_role("main")).to_contain_text("項申請正在處理")
    operations.approve(application=application, by=cast.officer_login(Role.APPROVER))
    page.goto(f"{portal.url}/entity/requests/")
    looks_right(page)
    page.get_by_role("link", name=f"查看 {application.number}").click()
    expect(page.get_by_role("main")).to_contain_text("行政公職局人員")
    house.staff.refresh_from_db()
    assert house.staff.is_administrator


def test_a_person_has_frozen_data_corrected_Q11(portal: Portal, house: Cast, page: Page, tmp_path: Path) -> None:
    (tmp_path / "card.pdf").write_bytes(PDF)
    enter(page, portal, house.staff)
    page.goto(f"{portal.url}/account/")
    press(page, "申請更正資料")
    page.get_by_label("葡文 / 外文姓名").fill("AO HOI YAN")
    page.get_by_label("更正原因").fill("證件上的姓名有誤。")
    page.locator("[name=file]").set_input_files(tmp_path / "card.pdf")
    press(page, "下一步")
    expect(page.get_by_role("main")).to_contain_text("AO HOI IAN")
    press(page, "提交")
    expect(page.get_by_role("status").first).to_contain_text("更正申請已提交")
    looks_right(page)
    application = Application.objects.get(login=house.staff)
    assert application.state == State.SUBMITTED
    page.goto(f"{portal.url}/account/correction/")
    expect(page.get_by_role("main")).to_contain_text(application.number)
    looks_right(page)
    operations.approve(application=application, by=cast.officer_login(Role.APPROVER))
    page.goto(f"{portal.url}/account/")
    expect(page.get_by_role("main")).to_contain_text("AO HOI YAN")


def test_the_last_administrator_cannot_be_removed_by_two_at_once_S3_4(portal: Portal, house: Cast) -> None:
    """Two browsers of their own, each about to take the other's power, press in the same moment."""
    first = house.administrator
    second = cast.login(entity=house.entity, username="second.admin", is_administrator=True)
    ready = threading.Barrier(2)
    wrong: list[Exception] = []

    def remove(mine: StaffLogin, other: StaffLogin) -> None:
        try:
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                page = browser.new_page()
                enter(page, portal, mine)
                page.goto(f"{portal.url}/staff/{other.euid}/administrator/")
                button = page.locator("main form button")
                ready.wait(60)
                button.click()
                page.wait_for_load_state()
                browser.close()
        except Exception as problem:
            wrong.append(problem)
            ready.abort()

    people = [threading.Thread(target=remove, args=pair) for pair in ((first, second), (second, first))]
    for each in people:
        each.start()
    for each in people:
        each.join(90)
    assert wrong == []
    assert house.entity.logins.filter(is_administrator=True, status="active").count() == 1
