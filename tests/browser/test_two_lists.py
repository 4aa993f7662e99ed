"""The two lists (S14.6, S16.3) as Chromium sees them, at 20,000 people: search, slices, ticks that survive, saving."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import Entity
from services import queries
from services.models import Assignment, ServiceAdministrator, ServiceGroup
from staff.models import StaffLogin
from tests import cast
from tests.running import Portal

EDIT = "/services/entry-declaration/operators/edit/"
POWERS = "/entity/service-admins/"
# JavaScript or none, how wide the window is, how many people there are besides four.
WAYS = [(True, 1280, 20_000), (True, 390, 2_000), (False, 1280, 2_000), (False, 390, 2_000)]
EVERYBODY = [(True, 390, 2_000), (False, 390, 20_000)]


def way(told: tuple[bool, int, int]) -> str:
    script, width, people = told
    return f"{'with' if script else 'without'} JavaScript, {width} px, {people} people"


@pytest.fixture(params=WAYS, ids=way)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    script, width, people = request.param
    context = browser.new_context(
        locale="zh-Hant-MO",
        timezone_id="Asia/Macau",
        java_script_enabled=script,
        viewport={"width": width, "height": 800},
        has_touch=width == 390,
    )
    page = context.new_page()
    page.java_script, page.people = script, people  # type: ignore[attr-defined]
    page.set_default_timeout(60_000)
    yield page
    context.close()


@pytest.fixture
def house(portal: Portal, page: Any) -> cast.Cast:
    found = cast.company()
    place = cast.group(open_to=found.entity)
    people = cast.crowd(found.entity, page.people)
    Assignment.objects.bulk_create(
        Assignment(entity=found.entity, login=login, group=place) for login in people[100:1100]
    )
    return found


def enter(page: Page, portal: Portal, person: StaffLogin) -> None:
    page.goto(f"{portal.url}/login/")
    page.get_by_label("實體編號").fill(person.entity.number)
    page.get_by_label("用戶名稱").fill(person.username or "")
    page.get_by_role("textbox", name="密碼").fill(cast.PASSWORD)
    page.get_by_role("button", name="登入", exact=True).click()
    page.wait_for_url(f"{portal.url}/")


def find(page: Page, words: str) -> None:
    """Search; with JavaScript typing is enough."""
    page.get_by_label("搜尋").fill(words)
    if not page.java_script:  # type: ignore[attr-defined]
        page.get_by_role("button", name="搜尋").click()


def person(page: Page, name: str) -> Any:
    return page.get_by_role("checkbox", name=name)


def chosen(page: Page) -> Any:
    return page.get_by_role("region", name="獲指派工作人員名單")


def members(place: ServiceGroup, entity: Entity) -> set[str]:
    return set(queries.members(entity, place).values_list("login__name_foreign", flat=True))


def test_ticks_survive_searches_and_slices_and_only_they_are_saved_S14_6(
    portal: Portal, house: cast.Cast, page: Page
) -> None:
    enter(page, portal, house.administrator)
    page.goto(portal.url + EDIT)
    left = page.get_by_role("region", name="服務群組的工作人員登入號列表")
    total = page.people + 3  # type: ignore[attr-defined]
    expect(left).to_contain_text(f"選擇(1000/{total})")
    expect(left.get_by_role("checkbox")).to_have_count(50)

    find(page, "trabalhador 01500")
    expect(left.get_by_role("checkbox")).to_have_count(1)
    person(page, "TRABALHADOR 01500").check()
    if page.java_script:  # type: ignore[attr-defined]
        expect(chosen(page)).to_contain_text("TRABALHADOR 01500")
        expect(left).to_contain_text(f"選擇(1001/{total})")
        expect(page.get_by_text("尚未儲存")).to_be_visible()

    find(page, "t00100")
    expect(person(page, "TRABALHADOR 00100")).to_be_checked()
    person(page, "TRABALHADOR 00100").uncheck()

    find(page, "何梓軒")
    expect(person(page, "何梓軒")).not_to_be_checked()
    person(page, "何梓軒").check()

    find(page, "")
    if not page.java_script:  # type: ignore[attr-defined]
        expect(left.get_by_role("checkbox")).to_have_count(50)
    left.get_by_role("button", name="下一頁").click()
    expect(left).to_contain_text("51–100")
    person(page, "TRABALHADOR 00060").check()
    left.get_by_role("button", name="下一頁").click()
    expect(left).to_contain_text("101–150")
    left.get_by_role("button", name="上一頁").click()
    expect(person(page, "TRABALHADOR 00060")).to_be_checked()
    expect(left).to_contain_text(f"選擇(1002/{total})")
    for name in ("TRABALHADOR 01500", "TRABALHADOR 00060", "何梓軒"):
        expect(chosen(page)).to_contain_text(name)
    expect(chosen(page)).not_to_contain_text("TRABALHADOR 00100")

    # the right list has slices too, and takes people off
    chosen(page).get_by_role("button", name="下一頁").click()
    expect(chosen(page)).to_contain_text("51–100")
    chosen(page).get_by_role("button", name="移除 TRABALHADOR 00160").click()
    expect(chosen(page)).not_to_contain_text("TRABALHADOR 00160")
    expect(left).to_contain_text(f"選擇(1001/{total})")

    page.get_by_role("button", name="確定").click()
    expect(page.get_by_role("status").first).to_contain_text("3")
    place = ServiceGroup.objects.get()
    before = {f"TRABALHADOR {number:05d}" for number in range(100, 1100)}
    now = before - {"TRABALHADOR 00100", "TRABALHADOR 00160"}
    assert members(place, house.entity) == now | {"TRABALHADOR 01500", "TRABALHADOR 00060", "HO CHI HIN"}


def test_what_someone_else_changed_meanwhile_stays(portal: Portal, house: cast.Cast, page: Page) -> None:
    enter(page, portal, house.administrator)
    page.goto(portal.url + EDIT)
    find(page, "t00100")
    person(page, "TRABALHADOR 00100").uncheck()
    theirs = StaffLogin.objects.get(username="t00101")
    Assignment.objects.filter(login=theirs).update(ended_at=timezone.now())
    place = ServiceGroup.objects.get()
    cast.member(place, StaffLogin.objects.get(username="t01999"))
    find(page, "t01999")
    expect(person(page, "TRABALHADOR 01999")).to_be_checked()
    page.get_by_role("button", name="確定").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("入職申報")
    now = members(place, house.entity)
    assert "TRABALHADOR 01999" in now
    assert not {"TRABALHADOR 00100", "TRABALHADOR 00101"} & now


def test_the_power_is_given_and_taken_with_the_button_update_S16_3(
    portal: Portal, house: cast.Cast, page: Page
) -> None:
    ServiceAdministrator.objects.create(entity=house.entity, login=house.staff)
    enter(page, portal, house.administrator)
    page.goto(f"{portal.url}/entity/")
    page.get_by_role("link", name="服務管理權").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("服務管理權")
    expect(page.get_by_text(f"選擇(1/{page.people + 3})")).to_be_visible()  # type: ignore[attr-defined]
    find(page, "歐凱欣")
    person(page, "歐凱欣").uncheck()
    find(page, "何梓軒")
    person(page, "何梓軒").check()
    page.get_by_role("button", name="更新").click()
    expect(page.get_by_role("status").first).to_be_visible()
    assert [power.login for power in queries.service_administrators(house.entity)] == [house.pending]


# --- what only scripts do ---


@pytest.fixture
def edit(portal: Portal, browser: Browser) -> Iterator[Page]:
    """The page 新增 of a small house, open in a browser with JavaScript."""
    house = cast.company()
    cast.member(cast.group(open_to=house.entity), house.staff)
    cast.crowd(house.entity, 120)
    context = browser.new_context(locale="zh-Hant-MO", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.java_script = True  # type: ignore[attr-defined]
    enter(page, portal, house.administrator)
    page.goto(portal.url + EDIT)
    yield page
    context.close()


def test_by_keyboard_alone_people_are_found_ticked_and_taken_off_and_the_focus_is_never_lost_S14_6(edit: Page) -> None:
    edit.get_by_label("搜尋").focus()
    edit.keyboard.type("t00007")
    expect(person(edit, "TRABALHADOR 00007")).to_be_visible()
    expect(edit.locator("#people").get_by_role("checkbox")).to_have_count(1)
    expect(edit.get_by_label("搜尋")).to_be_focused()
    for _key in range(2):
        edit.keyboard.press("Tab")
    expect(person(edit, "TRABALHADOR 00007")).to_be_focused()
    edit.keyboard.press("Space")
    expect(chosen(edit)).to_contain_text("TRABALHADOR 00007")
    expect(edit.locator("[data-unsaved]")).to_have_attribute("role", "status")
    expect(edit.locator("[data-unsaved]")).to_contain_text("1")
    edit.keyboard.press("Tab")
    expect(edit.get_by_role("button", name="移除 TRABALHADOR 00007")).to_be_focused()
    edit.keyboard.press("Enter")
    expect(edit.get_by_role("button", name="移除 歐凱欣")).to_be_focused()
    edit.keyboard.press("Enter")
    expect(edit.get_by_label("搜尋")).to_be_focused()
    expect(edit.get_by_text("選擇(0/123)")).to_be_visible()
    expect(person(edit, "TRABALHADOR 00007")).not_to_be_checked()


def test_the_last_slice_keeps_the_focus_in_its_list_and_is_told_aloud(edit: Page) -> None:
    for slice_ in ("51–100", "101–123"):
        edit.locator("#page-next").press("Enter")
        expect(edit.locator("[data-said]")).to_contain_text(slice_)
    expect(edit.locator("#page-previous")).to_be_focused()


def test_a_tick_made_while_a_slice_is_on_its_way_is_not_lost(edit: Page) -> None:
    waiting: list[Any] = []
    edit.route(
        f"**{EDIT}", lambda route: waiting.append(route) if route.request.method == "POST" else route.continue_()
    )
    with edit.expect_request(lambda request: request.method == "POST"):
        edit.locator("#page-next").click()
    person(edit, "TRABALHADOR 00003").check()
    while not waiting:
        edit.wait_for_timeout(20)
    waiting.pop().continue_()
    expect(edit.locator("#people")).to_contain_text("51–100")
    expect(edit.get_by_text("選擇(2/123)")).to_be_visible()
    edit.unroute(f"**{EDIT}")
    edit.get_by_role("button", name="確定").click()
    expect(edit.get_by_role("row", name=re.compile("TRABALHADOR 00003"))).to_be_visible()


def test_leaving_with_something_unsaved_is_asked_about_and_cancelling_is_not(edit: Page) -> None:
    asked: list[str] = []
    edit.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    person(edit, "TRABALHADOR 00003").check()
    edit.get_by_role("link", name="首頁").first.click()
    edit.wait_for_url(re.compile(r"/$"))
    assert asked == ["beforeunload"]
    edit.goto(edit.url + EDIT[1:])
    person(edit, "TRABALHADOR 00003").check()
    edit.get_by_role("link", name="取消").click()
    edit.wait_for_url(re.compile(r"/operators/$"))
    assert asked == ["beforeunload"]


def test_a_slice_that_cannot_be_had_leaves_the_ticks_where_they_are(edit: Page) -> None:
    person(edit, "TRABALHADOR 00003").check()
    edit.context.clear_cookies(name="sessionid")
    edit.locator("#page-next").click()
    expect(edit.locator("[data-unsaved]")).to_have_text(re.compile("再試|try again"))
    expect(person(edit, "TRABALHADOR 00003")).to_be_checked()


def test_after_a_search_the_page_is_accessible_and_quiet_under_the_content_policy(edit: Page) -> None:
    said: list[str] = []
    edit.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    for words in ("t0000", "nobody at all", ""):
        find(edit, words)
        edit.wait_for_timeout(600)
        found = Axe().run(edit, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert [each["id"] for each in found.response["violations"]] == []
    assert said == []


@pytest.mark.parametrize("page", EVERYBODY, indirect=True, ids=way)
def test_the_pages_of_lists_stay_pages_with_everybody_in_a_group_S14_4(
    portal: Portal, house: cast.Cast, page: Page
) -> None:
    place = ServiceGroup.objects.get()
    everybody = house.entity.logins.exclude(status="departed").exclude(assignments__group=place)
    Assignment.objects.bulk_create(Assignment(entity=house.entity, login=login, group=place) for login in everybody)
    total = page.people + 3  # type: ignore[attr-defined]
    enter(page, portal, house.administrator)
    page.goto(f"{portal.url}/services/")
    expect(page.get_by_role("link", name="入職申報")).to_contain_text(f"已指派 {total:,} 人")
    page.get_by_role("link", name="入職申報").click()
    page.get_by_role("link", name="操作員").click()
    main = page.get_by_role("main")
    expect(main).to_contain_text(f"總人數：{total:,}人")
    people = main.get_by_role("row").filter(has=page.get_by_role("cell"))  # the heads are none where rows are cards
    expect(people).to_have_count(25)
    main.get_by_label("搜尋").fill("trabalhador 01999")
    main.get_by_role("button", name="搜尋").click()
    expect(people).to_have_count(1)
    expect(main).to_contain_text(f"總人數：{total:,}人")
    page.goto(f"{portal.url}/staff/?q=trabalhador+0199")
    expect(main).to_contain_text("TRABALHADOR 01990")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
