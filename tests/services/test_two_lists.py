"""The two lists at the server: what is offered, what travels with the form, what saving does (S14.6, S16.3)."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from entity_portal.audit.models import Event
from services import queries
from services.models import Assignment, Opening, OpeningStatus, ServiceGroup
from services.operations import Change, change_members
from services.two_lists import PER_SLICE
from staff.models import StaffLogin
from staff.operations import depart
from tests.cast import Cast, enter, group, login, member, service_administrator
from tests.pages import text_of

EDIT = "/services/entry-declaration/operators/edit/"
POWERS = "/entity/service-admins/"


@pytest.fixture
def place(company: Cast) -> ServiceGroup:
    return group(open_to=company.entity)


@pytest.fixture
def administrator(company: Cast) -> Client:
    return enter(company.administrator)


def people(house: Cast, number: int, start: int = 0) -> list[StaffLogin]:
    """PERSON 0000, PERSON 0001 …"""
    return [
        login(entity=house.entity, name_zh="", name_foreign=f"PERSON {each:04d}", username=f"person.{each:04d}")
        for each in range(start, start + number)
    ]


def drawn(page: Any) -> dict[str, Any]:
    """What a browser would post of the form: hidden fields, what is typed, ticks."""
    html = page.content.decode().partition("data-two-lists")[0].rpartition("<form")[2]
    html += page.content.decode().partition("data-two-lists")[2]
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = (re.search(rf'\b{each}="([^"]*)"', tag) for each in ("name", "value"))
        if name and ("checkbox" not in tag or " checked" in tag) and name[1] != "csrfmiddlewaretoken":
            fields.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    return fields


def offered(page: Any) -> list[str]:
    return re.findall(r'name="login" value="(CU\d+)"', page.content.decode())


def ticked(page: Any) -> set[str]:
    return set(re.findall(r'name="login" value="(CU\d+)" checked', page.content.decode()))


def on_the_right(page: Any) -> list[str]:
    html = page.content.decode().partition('id="assigned"')[2].partition("</template>")[2]
    return re.findall(r'data-assigned="(CU\d+)"', html)


def go(client: Client, page: Any, what: str, address: str = EDIT, **changes: Any) -> Any:
    """Press a button of the form that is drawn, after ticking, unticking or typing."""
    data = drawn(page)
    ticks = set(data.pop("login", [])) | set(changes.pop("tick", ()))
    data["login"] = sorted(ticks - set(changes.pop("untick", ())))
    return client.post(address, {**data, **changes, "go": what}, follow=True)


def in_group(house: Cast, place: ServiceGroup) -> set[str]:
    return set(queries.members(house.entity, place).values_list("login__euid", flat=True))


def test_the_left_list_is_a_slice_in_the_order_of_names_and_the_counter_counts_all_S14_6(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    crowd = people(company, 60)
    for person in crowd[:55]:
        member(place, person)
    page = administrator.get(EDIT)
    assert len(offered(page)) == PER_SLICE
    assert "Selected (55/63)" in text_of(page)
    assert "1–50 of 63 people" in text_of(page)
    names = [StaffLogin.objects.get(euid=euid).name_foreign for euid in offered(page)]
    assert names == sorted(names)
    second = go(administrator, page, "page-2")
    assert len(offered(second)) == 13
    assert not set(offered(second)) & set(offered(page))
    assert len(on_the_right(page)) == PER_SLICE
    assert on_the_right(go(administrator, second, "assigned-2")) == [person.euid for person in crowd[50:55]]


def test_ticks_survive_other_slices_and_searches_and_saving_applies_all_of_them_S14_6(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    crowd = people(company, 120)
    stays, leaves, comes, searched = crowd[0], crowd[1], crowd[2], crowd[118]
    for person in (stays, leaves):
        member(place, person)
    page = administrator.get(EDIT)
    page = go(administrator, page, "page-2", tick=[comes.euid], untick=[leaves.euid])
    assert "Selected (2/123)" in text_of(page)
    assert on_the_right(page) == [comes.euid, stays.euid], "who is new stands first"
    page = go(administrator, page, "search", q="person.0118")
    assert offered(page) == [searched.euid]
    page = go(administrator, page, "search", q="", tick=[searched.euid])
    assert ticked(page) == {stays.euid, comes.euid}
    assert "Not saved yet: 2 to add, 1 to remove" in text_of(page)
    assert "updated: 2 added, 1 removed." in text_of(go(administrator, page, "save"))
    assert in_group(company, place) == {stays.euid, comes.euid, searched.euid}


def test_a_tick_can_be_taken_back_on_a_later_visit_of_its_slice(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    crowd = people(company, 60)
    page = go(administrator, administrator.get(EDIT), "page-2", tick=[crowd[0].euid])
    page = go(administrator, page, "page-1")
    assert ticked(page) == {crowd[0].euid}
    go(administrator, page, "save", untick=[crowd[0].euid])
    assert in_group(company, place) == set()


def test_the_button_on_the_right_takes_off_whoever_is_new_and_whoever_was_in_S14_6(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    crowd = people(company, 60)
    member(place, crowd[59])
    page = go(administrator, administrator.get(EDIT), "page-2", tick=[crowd[0].euid])
    page = go(administrator, page, f"off-{crowd[0].euid}")
    page = go(administrator, page, f"off-{crowd[59].euid}")
    assert on_the_right(page) == []
    assert "Not saved yet: 0 to add, 1 to remove" in text_of(page)
    go(administrator, page, "save")
    assert in_group(company, place) == set()


def test_a_new_search_begins_with_its_first_slice(administrator: Client, company: Cast, place: ServiceGroup) -> None:
    people(company, 120)
    page = go(administrator, administrator.get(EDIT), "page-3")
    assert "101–123 of 123 people" in text_of(page)
    assert "1–50 of 120 people" in text_of(go(administrator, page, "search", q="person"))
    assert "Nobody matches" in text_of(page := go(administrator, page, "search", q="nobody at all"))
    assert "1–50 of 123 people" in text_of(go(administrator, page, "everyone"))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("wong tai", True),
        ("TAI wong", True),
        ("Wông", True),
        ("joao", True),
        ("JOÃO", True),
        ("嘉泰", True),
        ("w.tai", True),
        ("wong hoi", False),
        ("%", False),
        ("_", False),
        ("w\\", False),
    ],
)
def test_people_are_found_by_any_words_of_their_names_with_or_without_accents(
    administrator: Client, company: Cast, place: ServiceGroup, words: str, found: bool
) -> None:
    person = login(entity=company.entity, name_zh="黃嘉泰", name_foreign="João WONG KA TAI", username="w.tai")
    assert (person.euid in offered(administrator.get(EDIT, {"q": words}))) is found


def test_people_are_found_by_the_beginning_of_the_euid(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    euid = company.staff.euid
    assert euid in offered(administrator.get(EDIT, {"q": euid[:8].lower()}))
    assert euid not in offered(administrator.get(EDIT, {"q": euid[3:]}))


def test_ticks_survive_when_saving_fails(administrator: Client, company: Cast, place: ServiceGroup) -> None:
    crowd = people(company, 60)
    page = go(administrator, administrator.get(EDIT), "page-2", tick=[crowd[0].euid])
    refused = go(administrator, page, "save", tick=[crowd[55].euid], last_day="2001-01-01")
    assert "Enter a day at most ten years from today." in text_of(refused)
    assert ticked(refused) == {crowd[55].euid}
    Opening.objects.update(status=OpeningStatus.SUSPENDED)
    refused = go(administrator, refused, "save", last_day="")
    assert "nothing can be changed now" in text_of(refused)
    Opening.objects.update(status=OpeningStatus.OPEN)
    go(administrator, refused, "save")
    assert in_group(company, place) == {crowd[0].euid, crowd[55].euid}


def test_what_someone_else_did_meanwhile_is_neither_undone_nor_counted_twice(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    """The other adds whom I have ticked and removes whom I have left alone, between two of my slices."""
    crowd = people(company, 60)
    member(place, crowd[1])
    page = go(administrator, administrator.get(EDIT), "page-2", tick=[crowd[0].euid])
    second = login(entity=company.entity, is_administrator=True)
    change_members(group=place, by=second, add=[crowd[0].euid, crowd[2].euid], remove=[crowd[1].euid])
    page = go(administrator, page, "page-1")
    assert "Selected (2/64)" in text_of(page)
    assert "Not saved yet" not in text_of(page)
    assert ticked(page) == {crowd[0].euid, crowd[2].euid}
    assert "0 added, 0 removed" in text_of(go(administrator, page, "save"))
    assert in_group(company, place) == {crowd[0].euid, crowd[2].euid}


def test_who_departs_while_ticked_is_passed_over_Q21(administrator: Client, company: Cast, place: ServiceGroup) -> None:
    crowd = people(company, 60)
    page = go(administrator, administrator.get(EDIT), "page-2", tick=[crowd[0].euid])
    depart(login=crowd[0], by=company.administrator)
    page = go(administrator, page, "page-1")
    assert "Selected (0/62)" in text_of(page)
    assert "0 added, 0 removed" in text_of(go(administrator, page, "save"))
    assert in_group(company, place) == set()


@pytest.mark.parametrize("address", [EDIT, POWERS])
@pytest.mark.parametrize(
    "value", ["\x00", "CU\x0012345678", ",,,", "x" * 5000, "' OR 1=1 --", "CU１２３４５６７８９０"]
)
@pytest.mark.parametrize("name", ["add", "remove", "go", "q", "page", "assigned", "searched"])
def test_nonsense_in_the_form_changes_nothing_and_is_never_a_fault_A81_A87(
    administrator: Client, company: Cast, place: ServiceGroup, name: str, value: str, address: str
) -> None:
    member(place, company.staff)
    administrator.raise_request_exception = False
    for more in ({}, {"go": "search"}, {"go": "page-999999"}, {"go": "page-9999999"}, {"go": "off-" + value}):
        assert administrator.post(address, {**more, name: [value]}).status_code in {200, 302, 400}
    assert in_group(company, place) == {company.staff.euid}
    assert not Event.objects.exists()


def test_twenty_thousand_additions_travel_in_one_field_and_are_applied_at_once(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    crowd = people(company, 30)
    unknown = [f"CU{number:010d}" for number in range(20_000)]
    page = administrator.post(EDIT, {"go": "search", "q": "", "add": ",".join(unknown)})
    assert "Selected (0/33)" in text_of(page)
    euids = ",".join([*unknown, *(person.euid for person in crowd)])
    assert "30 added, 0 removed" in text_of(administrator.post(EDIT, {"add": euids}, follow=True))
    assert in_group(company, place) == {person.euid for person in crowd}


@pytest.mark.parametrize("address", [EDIT, POWERS])
def test_a_slice_of_five_hundred_takes_as_many_statements_as_one_of_twenty(
    administrator: Client, company: Cast, place: ServiceGroup, django_assert_max_num_queries: Any, address: str
) -> None:
    ways = [{}, {"go": "page-2"}, {"go": "search", "q": "person", "add": "", "remove": company.staff.euid}]
    for number, start in ((20, 0), (480, 20)):
        crowd = people(company, number, start)
        Assignment.objects.bulk_create(
            Assignment(entity=company.entity, login=person, group=place) for person in crowd[::2]
        )
        for data in ways:
            add = ",".join(person.euid for person in crowd[1::2])
            with django_assert_max_num_queries(15):
                administrator.post(address, {"add": add, "go": "search", **data})
        with django_assert_max_num_queries(15):
            administrator.get(address)


def test_saving_five_hundred_changes_takes_as_many_statements_as_saving_two(
    company: Cast, place: ServiceGroup, django_assert_max_num_queries: Any
) -> None:
    crowd = people(company, 502)
    for some in (crowd[:2], crowd[2:]):
        euids = [person.euid for person in some]
        with django_assert_max_num_queries(22):
            assert change_members(group=place, by=company.administrator, add=euids) == Change(len(euids), 0)
        with django_assert_max_num_queries(22):
            assert change_members(group=place, by=company.administrator, remove=euids) == Change(0, len(euids))
    assert Event.objects.count() == 2 * 502


def test_a_service_administrator_sees_nothing_of_people_beyond_name_username_and_euid_S16_1(
    company: Cast, place: ServiceGroup
) -> None:
    """Whether a login is locked is for administrators."""
    locked = login(entity=company.entity, failed_attempts=5, username="locked.person")
    member(place, locked)
    for person, told in ((company.administrator, True), (service_administrator(company.staff), False)):
        for address in (EDIT, EDIT.removesuffix("edit/")):
            html = enter(person).get(address).content.decode()
            assert ("Locked" in html) is told
            for secret in (locked.document_number, locked.masked_document, locked.masked_mobile, "+853"):
                assert secret not in html
