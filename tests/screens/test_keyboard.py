"""The portal's main job by keyboard alone: Tab, Shift+Tab, Enter, Space, arrows and typing; no mouse.

At every stop the focus is seen, and nothing lies over it (WCAG 2.1.1, 2.1.2, 2.4.7, 2.4.11).
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from entity_portal.humancheck.models import Challenge
from staff.models import StaffLogin, Status
from tests import cast
from tests.running import Portal, portal, static_files

__all__ = ["portal", "static_files"]

MOST_STOPS = 250
NEW_PASSWORD = "Outra2026senha"
STAFF = {"document": "1529036(0)", "birth": "1998-07-23", "username": "ho.chihin", "password": "Janela2026xyz"}
STOP = (Path(__file__).parent / "look_at_focus.js").read_text()


class Keyboard:
    """Somebody with a keyboard and nothing else."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stops = 0

    def go_to(self, wanted: Locator, key: str = "Tab") -> None:
        """Tab until the focus is there, looking at every stop on the way; a trap would never get there."""
        wanted.wait_for()
        for _stop in range(MOST_STOPS):
            if wanted.evaluate("each => each === document.activeElement"):
                return
            self.page.keyboard.press(key)
            self.stops += 1
            wrong = self.page.evaluate(STOP)
            assert not wrong, f"{self.page.url}: the focus {wrong}"
        raise AssertionError(f"{self.page.url}: never reached {wanted}")

    def press(self, wanted: Locator, key: str = "Enter", to: str = "Tab") -> None:
        self.go_to(wanted, to)
        self.page.keyboard.press(key)

    def opens(self, wanted: Locator, to: str = "Tab") -> None:
        """What is pressed leads to another page."""
        self.go_to(wanted, to)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def write(self, wanted: Locator, text: str) -> None:
        self.go_to(wanted)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, wanted: Locator, label: str) -> None:
        """An option of a list, by arrows."""
        self.go_to(wanted)
        chosen = "each => each.selectedOptions[0].label.trim()"
        self.page.keyboard.press("Home")
        for _option in range(300):
            if wanted.evaluate(chosen) == label:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no option {label}")

    def menu(self, username: str, name: str) -> None:
        """Something of the user menu."""
        banner = self.page.get_by_role("banner")
        self.press(banner.locator("summary", has_text=username))
        self.opens(banner.get_by_role("link", name=name).or_(banner.get_by_role("button", name=name)))

    def sign_in(self, number: str, username: str, password: str) -> None:
        self.write(self.page.get_by_label("實體編號"), number)
        self.write(self.page.get_by_label("用戶名稱"), username)
        self.write(self.page.get_by_role("textbox", name="密碼"), password)
        self.opens(self.page.get_by_role("button", name="登入", exact=True))
        expect(self.page.get_by_role("heading", level=1)).to_have_text("首頁")


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def pages(browser: Browser, request: pytest.FixtureRequest) -> Iterator[tuple[Page, Page]]:
    """Two browsers: the administrator's and, at a telephone's width, the staff member's."""
    opened = []
    for width in (1280, 390):
        context = browser.new_context(
            locale="zh-Hant-MO",
            timezone_id="Asia/Macau",
            java_script_enabled=request.param,
            viewport={"width": width, "height": 800},
        )
        context.set_default_timeout(30_000)
        opened.append(context.new_page())
    yield opened[0], opened[1]
    for page in opened:
        page.context.close()


def test_the_main_job_is_done_with_the_keyboard_alone(
    portal: Portal, pages: tuple[Page, Page], record_property: pytest.FixtureRequest
) -> None:
    house = cast.company()
    house.pending.name_zh, house.pending.name_foreign = "何子健", "HO CHI KIN"
    house.pending.save()
    cast.group(open_to=house.entity)
    number, username = house.entity.number, house.administrator.username or ""
    desk, telephone = Keyboard(pages[0]), Keyboard(pages[1])
    page = desk.page

    page.goto(f"{portal.url}/login/")
    desk.sign_in(number, username, cast.PASSWORD)
    desk.menu(username, "工作人員列表")
    desk.opens(page.get_by_role("link", name="新增", exact=True))
    desk.write(page.get_by_label("中文姓名"), "何梓軒")
    desk.write(page.get_by_label("葡文 / 外文姓名"), "HO CHI HIN")
    desk.choose(page.get_by_label("身份證明文件類別"), "澳門特區永久性居民身份證")
    desk.write(page.get_by_label("身份證明文件編號"), STAFF["document"])
    desk.choose(page.get_by_label("身份證明文件發出地"), "澳門")
    desk.write(page.get_by_label("流動電話號碼").and_(page.get_by_role("textbox")), "6312 4558")
    desk.opens(page.get_by_role("button", name="提交", exact=True))
    expect(page.get_by_role("status").first).to_contain_text("何梓軒")
    desk.opens(page.get_by_role("row", name="何梓軒").get_by_role("link").first)
    desk.opens(page.get_by_role("button", name="手機短訊"))
    expect(page.get_by_role("status").first).to_contain_text("短訊")

    euid = activate(telephone, portal)
    telephone.sign_in(number, STAFF["username"], STAFF["password"])

    desk.menu(username, "政府服務列表")
    desk.opens(page.get_by_role("main").get_by_role("link", name="入職申報"))
    desk.opens(page.get_by_role("main").get_by_role("link", name="操作員", exact=True))
    desk.opens(page.get_by_role("main").get_by_role("link", name="編輯").first)
    desk.press(page.get_by_role("checkbox", name="何梓軒"), "Space")
    desk.opens(page.get_by_role("button", name="確定"))
    expect(page.get_by_text("總人數：1人")).to_be_visible()

    desk.menu(username, "變更密碼")
    desk.write(page.locator("[name=old_password]"), cast.PASSWORD)
    desk.write(page.locator("[name=new_password]"), NEW_PASSWORD)
    desk.write(page.locator("[name=new_password_again]"), NEW_PASSWORD)
    desk.opens(page.get_by_role("button", name="確認", exact=True))
    expect(page.get_by_role("status").first).to_be_visible()

    desk.menu(username, "工作人員列表")
    desk.opens(page.get_by_role("row", name="何梓軒").get_by_role("link").first)
    desk.opens(page.get_by_role("link", name="賬戶狀態").last)
    desk.choose(page.get_by_label("狀態"), "已離職")
    desk.opens(page.get_by_role("button", name="更新"))
    expect(page.get_by_role("main")).to_contain_text("已離職")
    assert StaffLogin.objects.get(euid=euid).status == Status.DEPARTED
    assert StaffLogin.objects.get(pk=house.administrator.pk).check_password(NEW_PASSWORD)

    # back over the page, the other way round, and out
    desk.go_to(page.get_by_role("banner").locator("summary", has_text=username), "Shift+Tab")
    desk.menu(username, "登出")
    expect(page.get_by_role("status").first).to_be_visible()
    record_property("screens keyboard stops", desk.stops + telephone.stops)  # type: ignore[operator]


def activate(telephone: Keyboard, portal: Portal) -> str:
    """The SMS is read, its link followed, the login activated; return the EUID that the last page shows."""
    page = telephone.page
    mobile = "+85363124558"
    for _try in range(120):
        page.goto(f"{portal.url}/demo/phone/")
        if page.locator(f"option[value='{mobile}']").count():
            break
        page.wait_for_timeout(250)
    label = page.locator(f"option[value='{mobile}']").inner_text().strip()
    telephone.choose(page.get_by_label("流動電話號碼"), label)
    telephone.opens(page.get_by_role("button", name="更換"))
    message = page.get_by_role("region", name="手機畫面")
    code = re.search(r"啟動碼：\s*([A-Z0-9]{8})", message.inner_text())
    assert code
    telephone.opens(message.get_by_role("link").last)
    expect(page.get_by_role("heading", level=1)).to_have_text("啟動工作人員登入號")
    telephone.write(page.get_by_label("身份證明文件編號"), STAFF["document"])
    telephone.choose(page.get_by_label("身份證明文件類別"), "澳門特區永久性居民身份證")
    telephone.write(page.get_by_label("出生日期(年/月/日)"), STAFF["birth"])
    telephone.write(page.get_by_role("textbox", name="啟動碼"), code[1])
    key = page.locator("input[name=human_0]").input_value()
    telephone.write(page.get_by_label("請輸入圖中顯示的字母"), Challenge.objects.get(key=key).task.lower())
    telephone.press(page.get_by_label("本人已閱讀並同意以上條款"), "Space")
    telephone.opens(page.get_by_role("button", name="下一步"))
    telephone.write(page.get_by_label("用戶名稱"), STAFF["username"])
    telephone.write(page.locator("[name=password]"), STAFF["password"])
    telephone.write(page.locator("[name=password_again]"), STAFF["password"])
    telephone.opens(page.get_by_role("button", name="確認"))
    found = re.search(r"CU\d{10}", page.get_by_role("main").inner_text())
    assert found
    telephone.opens(page.get_by_role("main").get_by_role("link", name="登入", exact=True))
    return found[0]
