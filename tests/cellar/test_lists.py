"""A list is drawn whole for a browser and in part for htmx, by the same view; it says how many it has found."""

import csv
import re
from html import unescape
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.applications import operations
from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.audit.operations import record
from services.operations import change_members
from staff import exports
from tests.accounts.applications.asking import correction
from tests.cast import Cast, enter, group, login, member
from tests.pages import text_of

PART = {"HX-Request": "true", "HX-Target": "found"}
MEMBERS = "/services/entry-declaration/operators/"
LISTS = ["/staff/", MEMBERS, "/entity/requests/", "/history/"]


@pytest.fixture
def administrator(company: Cast) -> Client:
    member(group(open_to=company.entity), company.staff)
    return enter(company.administrator)


def table(response: Any) -> list[list[str]]:
    """A downloaded sheet."""
    text = b"".join(response.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.reader(StringIO(text)))


@pytest.mark.parametrize("address", LISTS)
def test_htmx_is_given_what_was_found_and_a_browser_the_page(administrator: Client, address: str) -> None:
    page, part = administrator.get(address), administrator.get(address, headers=PART)
    for answer in (page, part):
        assert {"HX-Request", "HX-Target"} <= set(re.split(r",\s*", answer["Vary"]))
    whole, found = page.content.decode(), part.content.decode()
    assert '<div id="found"' in whole
    assert "<html" not in found
    assert '<form class="filters" id="filters"' not in found, "what is typed and the caret stay"
    assert re.search(r"<title>.+ - .+</title>", found)
    between = whole.partition('<div id="found"')[2]
    rows = re.compile(r"<tr.*?</tr>", re.S)
    assert rows.findall(found) == rows.findall(between)


@pytest.mark.parametrize("address", LISTS)
def test_another_part_than_the_list_is_not_given(administrator: Client, address: str) -> None:
    answer = administrator.get(address, headers={"HX-Request": "true", "HX-Target": "people"})
    assert b"<html" in answer.content


@pytest.mark.parametrize(
    ("asked", "said"),
    [({}, "4 people found"), ({"q": "ao.hoi"}, "1 person found"), ({"q": "nobody"}, "0 people found")],
)
def test_how_many_were_found_is_said_and_announced(administrator: Client, asked: dict[str, str], said: str) -> None:
    page = administrator.get("/staff/", asked).content.decode()
    assert said in re.findall(r'id="said" aria-live="polite" aria-atomic="true">(.*?)</p>', page, re.S)[0]
    part = administrator.get("/staff/", asked, headers=PART).content.decode()
    assert said in re.findall(r'id="said" data-hx-swap-oob="innerHTML">(.*?)</p>', part, re.S)[0]


def test_a_long_list_says_which_page_is_shown(administrator: Client, company: Cast) -> None:
    for number in range(30):
        login(entity=company.entity, name_foreign=f"PERSON {number:02}")
    said = text_of(administrator.get("/staff/", {"page": 2}, headers=PART))
    assert "34 people found · page 2 of 2" in said


@pytest.mark.parametrize(("address", "key"), [("/staff/", "name_zh"), (MEMBERS, "euid"), ("/history/", "time")])
def test_the_head_of_a_column_and_the_choice_of_an_order_say_the_same(
    administrator: Client, company: Cast, address: str, key: str
) -> None:
    happened(company)
    for sort, way in ((key, "ascending"), (f"-{key}", "descending")):
        page = administrator.get(address, {"sort": sort}).content.decode()
        assert re.findall(r'aria-sort="(\w+)"', page) == [way]
        chosen = re.findall(r"<option[^>]* selected>([^<]+)", page.partition('id="sort"')[2])
        assert [each.rpartition(", ")[2] for each in chosen] == [way]


@pytest.mark.parametrize("address", LISTS)
def test_an_order_that_does_not_exist_is_the_usual_one(administrator: Client, address: str) -> None:
    usual, other = administrator.get(address), administrator.get(address, {"sort": "password"})
    assert text_of(usual).partition("Back")[2] == text_of(other).partition("Back")[2]


def test_members_are_sorted_searched_and_downloaded(administrator: Client, company: Cast) -> None:
    place = group(open_to=company.entity)
    for number, name in enumerate(("Zélia", "Ângelo", "Bento")):
        member(place, login(entity=company.entity, name_zh="", name_foreign=name, username=f"memb.{number}"))
    sheet = table(administrator.get(f"{MEMBERS}export.csv", {"q": "memb.", "sort": "-name"}))
    assert [row[3] for row in sheet[1:]] == ["Zélia", "Bento", "Ângelo"]
    line = Event.objects.filter(action=Action.LIST_DOWNLOADED).get()
    assert (line.actor, line.data["rows"], line.data["what"]) == (company.administrator.euid, 3, "members")


def test_applications_are_downloaded_as_they_are_filtered(administrator: Client, company: Cast) -> None:
    asked = correction(company.staff, company.administrator, name_zh="歐凱")
    number = operations.submit(application=asked, by=company.administrator).number
    sheet = table(administrator.get("/entity/requests/export.csv"))
    assert [row[0] for row in sheet] == ["Application no.", number]
    assert len(table(administrator.get("/entity/requests/export.csv", {"state": "refused"}))) == 1


@pytest.mark.parametrize(
    "address", ["/staff/export.csv", "/history/export.csv", "/entity/requests/export.csv", f"{MEMBERS}export.csv"]
)
def test_a_download_asks_for_the_password_and_comes_back_to_the_list(
    administrator: Client, company: Cast, address: str
) -> None:
    client = Client()
    client.force_login(company.administrator)
    answer = client.get(address, {"q": "ao"})
    assert answer.status_code == 302
    back = address.removesuffix("export.csv").replace("/", "%2F")
    assert answer["Location"] == f"/account/confirm/?next={back}%3Fq%3Dao"


# --- 紀錄 ---


def lines(page: Any) -> list[list[str]]:
    html = page.content.decode().partition("<tbody")[2].partition("</tbody>")[0]
    cells = [re.findall(r"<td.*?</td>", row, re.S) for row in re.findall(r"<tr.*?</tr>", html, re.S)]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def happened(company: Cast) -> None:
    house = company.entity.number
    record(Action.LOGIN_CREATED, entity=house, actor=company.administrator, target=company.pending.euid)
    record(Action.SIGNED_IN, entity=house, actor=company.staff, target=company.staff.euid, address="203.0.113.9")


def test_the_history_says_who_did_what_to_whom_the_newest_first(administrator: Client, company: Cast) -> None:
    happened(company)
    found = lines(administrator.get("/history/"))
    assert [row[1:4] for row in found[:2]] == [
        ["Logged in", "AO HOI IAN", "AO HOI IAN"],
        ["Staff login created", "CHAN WENG SAN", "HO CHI HIN"],
    ]
    assert lines(administrator.get("/history/", {"sort": "time"}))[-1] == found[0]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "ao.hoiian"}, ["Logged in"]),
        ({"q": "ho chi"}, ["Staff login created"]),
        ({"q": "chan"}, ["Staff login created"]),
        ({"action": "door.signed_in"}, ["Logged in"]),
        ({"until": "2001-01-01"}, []),
        ({"since": "2001-01-01"}, ["Logged in", "Staff login created"]),
    ],
)
def test_the_history_is_narrowed_by_person_act_and_day(
    administrator: Client, company: Cast, asked: dict[str, str], found: list[str]
) -> None:
    happened(company)
    assert [row[1] for row in lines(administrator.get("/history/", asked))] == found
    sheet = table(administrator.get("/history/export.csv", asked))
    assert [row[1] for row in sheet[1:] if row[1] != "List downloaded"] == found


def test_an_address_that_can_be_read_finds_nobody_by_a_document_number_ASVS_14_2_1(
    administrator: Client, company: Cast
) -> None:
    happened(company)
    assert lines(administrator.get("/history/", {"q": company.staff.document_number})) == []


def test_the_history_is_this_entitys_alone(administrator: Client, company: Cast, other: Cast) -> None:
    record(Action.LOGIN_CREATED, entity=other.entity.number, actor=other.administrator, target=other.pending.euid)
    assert lines(administrator.get("/history/")) == []
    assert lines(administrator.get("/history/", {"q": other.pending.euid})) == []


def test_the_history_names_no_officer_and_no_address_and_keeps_officers_own_work_to_itself(
    administrator: Client, company: Cast, other: Cast
) -> None:
    happened(company)
    house, officer = company.entity.number, other.administrator
    record(Action.ENTITY_CHANGED, entity=house, actor=officer, target=house)
    for own in (Action.OFFICER_READ, Action.APPLICATION_CLAIMED, Action.DOCUMENT_READ, Action.REGISTER_IMPORTED):
        record(own, entity=house, actor=officer, target=house)
    page = administrator.get("/history/")
    assert lines(page)[0][1:3] == ["Data of the entity changed", "An officer"]
    assert len(lines(page)) == 3
    sheet = administrator.get("/history/export.csv")
    assert "203.0.113.9" not in text_of(page) + str(table(sheet))


def test_the_history_calls_services_groups_and_the_entity_by_their_names(
    administrator: Client, company: Cast, other: Cast
) -> None:
    house, place = company.entity, group(open_to=company.entity)
    change_members(group=place, by=company.administrator, add=[company.pending.euid])
    record(Action.OPENING_CHANGED, entity=house.number, actor=None, target=place.service.code, was="open", now="open")
    record(Action.ENTITY_CHANGED, entity=house.number, actor=other.administrator, target=house.number)
    record(Action.OFFICER_READ, entity=house.number, actor=other.administrator, target=company.pending.euid)
    found = lines(administrator.get("/history/"))
    assert [row[3] for row in found] == [house.name, "Declaration of employment", "HO CHI HIN"]
    assert "Service group Operators E-service Declaration of employment" in found[2][4]
    person = text_of(administrator.get(f"/staff/{company.pending.euid}/"))
    assert "Added to a service group Declaration of employment: Operators" in person
    assert "CHAN WENG SAN" in person.partition("Added to a service group")[2]
    assert str(Action.OFFICER_READ.label) not in person


@pytest.mark.parametrize(("at_once", "kept"), [(2, 0), (3, 10_000)])
def test_the_download_of_the_history_says_what_the_page_says_in_however_many_goes(
    administrator: Client, company: Cast, other: Cast, monkeypatch: pytest.MonkeyPatch, at_once: int, kept: int
) -> None:
    """Names are asked for some lines at a time, and sentences kept: neither is seen."""
    house, place = company.entity, group(open_to=company.entity)
    happened(company)
    change_members(group=place, by=company.administrator, add=[company.pending.euid])
    record(Action.OPENING_CHANGED, entity=house.number, actor=None, target=place.service.code, was="open", now="x")
    record(Action.ENTITY_CHANGED, entity=house.number, actor=other.administrator, target=house.number)
    record(Action.SIGN_IN_REFUSED, entity=house.number, actor=None, target=company.staff.euid, why="wrong password")
    happened(company)
    whole = table(administrator.get("/history/export.csv"))[2:]
    monkeypatch.setattr(exports, "AT_ONCE", at_once)
    monkeypatch.setattr(exports, "KEPT", kept)
    assert table(administrator.get("/history/export.csv"))[3:] == whole
    page = lines(administrator.get("/history/"))[2:]
    assert len(page) == len(whole) == 8
    for shown, row in zip(page, whole, strict=True):
        at, what, who, about, _target, details = row
        assert shown[0] == at
        assert [shown[1], shown[2]] == [what, who]
        assert about in shown[3]
        assert {*re.findall(r"\w+", details)} <= {*re.findall(r"\w+", shown[4])}


def test_a_download_asks_as_often_for_many_lines_as_for_few(administrator: Client, company: Cast) -> None:
    asked = []
    for times in (1, 1, 119):
        for _time in range(times):
            happened(company)
        with CaptureQueriesContext(connection) as heard:
            pieces = list(administrator.get("/history/export.csv").streaming_content)
        asked.append(len(heard))
    assert asked[1] == asked[2]
    assert b"".join(pieces).count(b"\r\n") == 1 + 2 * 121 + 3
    assert len(pieces) == 3, "lines are sent in pieces of a hundred"


def turned(client: Client, sort: str) -> list[list[list[str]]]:
    """The pages, turned to the end by the link; and back again, which shows the same."""
    page, pages, address = client.get("/history/", {"sort": sort}), [], ""
    while True:
        pages.append(lines(page))
        link = re.search(r'href="([^"]+)" rel="next"', page.content.decode())
        if not link:
            break
        address = unescape(link[1])
        page = client.get(f"/history/{address}")
    back = [pages[-1]]
    while link := re.search(r'href="([^"]+)" rel="prev"', page.content.decode()):
        page = client.get(f"/history/{unescape(link[1])}")
        back.append(lines(page))
    assert back[::-1] == pages
    return pages


@pytest.mark.parametrize("number", [24, 25, 26, 60])
def test_the_history_is_turned_onwards_and_back_and_no_line_is_lost_or_twice(
    administrator: Client, company: Cast, number: int
) -> None:
    for each in range(number):
        record(Action.LOGIN_CREATED, entity=company.entity.number, actor=None, target=f"line {each}")
    pages = turned(administrator, "-time")
    assert [len(page) for page in pages] == [25] * (number // 25) + [number % 25] * bool(number % 25)
    found = [row[3] for page in pages for row in page]
    assert found == [f"line {each}" for each in reversed(range(number))]
    assert [row[3] for page in turned(administrator, "time") for row in page] == found[::-1]


@pytest.mark.parametrize(
    "mark", ["x", "_", "2026-01-01_x", "9999-12-31T23:59:59-14:00_1", "x_1", "2026-11-30_" + "9" * 40]
)
def test_a_mark_that_is_not_ours_is_the_beginning(administrator: Client, company: Cast, mark: str) -> None:
    happened(company)
    assert lines(administrator.get("/history/", {"after": mark})) == lines(administrator.get("/history/"))


def test_of_many_lines_it_is_said_that_they_are_many(
    administrator: Client, company: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("staff.views.history.COUNTED", 1)
    happened(company)
    assert "More than 1 lines found; the download has all of them" in text_of(administrator.get("/history/"))


def test_the_menu_leads_administrators_to_the_history(administrator: Client, company: Cast) -> None:
    assert 'href="/history/"' in administrator.get("/").content.decode()
    assert 'href="/history/"' not in enter(company.staff).get("/").content.decode()
