"""政府服務列表 and the groups, as administrators and service administrators use them."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from entity_portal.audit.models import Event
from services import queries
from services.models import Assignment, EService, Opening, OpeningStatus, ServiceGroup
from services.operations import change_members
from staff.operations import depart
from tests.cast import Cast, enter, group, login, member, service_administrator
from tests.pages import text_of

SERVICES = "/services/"
SERVICE = "/services/entry-declaration/"
GROUP = f"{SERVICE}operators/"
EDIT = f"{GROUP}edit/"


@pytest.fixture
def place(company: Cast) -> ServiceGroup:
    return group(open_to=company.entity)


@pytest.fixture
def administrator(company: Cast) -> Client:
    return enter(company.administrator)


def ticked(page: Any) -> set[str]:
    """The EUIDs whose box is ticked."""
    return set(re.findall(r'name="login" value="(CU\d+)" checked', page.content.decode()))


def offered(page: Any) -> set[str]:
    return set(re.findall(r'name="login" value="(CU\d+)"', page.content.decode()))


def was(page: Any) -> list[str]:
    return re.findall(r'name="was" value="(CU\d+)"', page.content.decode())


def rows(page: Any) -> list[list[str]]:
    html = page.content.decode().partition("<tbody")[2].partition("</tbody>")[0]
    cells = [re.findall(r"<td.*?</td>", row, re.S) for row in re.findall(r"<tr.*?</tr>", html, re.S)]
    return [[" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in cells]


def members(house: Cast, place: ServiceGroup) -> set[str]:
    return set(queries.members(house.entity, place).values_list("login__euid", flat=True))


def test_the_list_shows_opened_services_by_department_with_their_people_S14_1(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    member(place, company.staff)
    group(service="opened-to-nobody")
    page = text_of(administrator.get(SERVICES))
    assert "Labour Affairs Bureau" in page
    assert "1 person assigned" in page
    assert "/services/opened-to-nobody/" not in administrator.get(SERVICES).content.decode()


def test_without_any_service_the_page_says_what_to_do(administrator: Client) -> None:
    assert "No e-service is open to your entity yet" in text_of(administrator.get(SERVICES))


def test_a_service_shows_its_groups_and_how_many_are_in_each_S14_2_S13_3(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    group(code="managers")
    member(place, company.staff)
    page = administrator.get(SERVICE)
    assert "1 person assigned" in text_of(page)
    assert "/services/entry-declaration/managers/" in page.content.decode()


def test_the_group_page_has_the_total_and_the_guides_columns_S14_4(
    administrator: Client, company: Cast, other: Cast, place: ServiceGroup
) -> None:
    group(open_to=other.entity)
    for person in (company.staff, company.pending, other.staff):
        member(place, person)
    page = administrator.get(GROUP)
    head = re.findall(r'<th[^>]*scope="col"[^>]*>(.*?)</th>', page.content.decode())
    assert [re.sub(r"<[^>]+>", "", each).strip() for each in head] == ["EUID", "Username", "Name", "Actions"]
    assert "Total: 2 people" in text_of(page)
    assert [row[0] for row in rows(page)] == [company.staff.euid, company.pending.euid]
    assert rows(page)[0][1:3] == ["ao.hoiian", "AO HOI IAN"]
    assert "Not activated" in rows(page)[1][2]
    assert f'href="{EDIT}"' in page.content.decode()


def test_the_total_is_called_as_the_guide_calls_it_S14_4(client: Client, company: Cast, place: ServiceGroup) -> None:
    member(place, company.staff)
    client.force_login(company.administrator)
    assert "總人數：1人" in text_of(client.get(GROUP))


def test_someone_who_left_is_on_no_list_of_the_group_Q21(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    member(place, company.staff)
    depart(login=company.staff, by=company.administrator)
    page = administrator.get(GROUP)
    assert "Nobody is assigned yet" in text_of(page)
    edit = administrator.get(EDIT)
    assert company.staff.euid not in edit.content.decode()
    assert company.departed.euid not in edit.content.decode()
    assert company.pending.euid in offered(edit)


def test_a_long_group_has_pages(administrator: Client, company: Cast, place: ServiceGroup) -> None:
    for _person in range(30):
        member(place, login(entity=company.entity))
    first, second = administrator.get(GROUP), administrator.get(GROUP, {"page": 2})
    assert "Total: 30 people" in text_of(first)
    assert (len(rows(first)), len(rows(second))) == (25, 5)


def test_ticking_adds_and_unticking_removes_S14_5_S14_6(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    member(place, company.staff)
    page = administrator.get(EDIT)
    assert ticked(page) == {company.staff.euid}
    assert was(page) == [company.staff.euid]
    assert "Selected (1/3)" in text_of(page)
    for button in ("Cancel", "OK"):
        assert button in text_of(page)
    data = {"was": was(page), "login": [company.pending.euid, company.administrator.euid]}
    page = administrator.post(EDIT, data, follow=True)
    assert page.redirect_chain == [(GROUP, 302)]
    assert "updated: 2 added, 1 removed." in text_of(page)
    assert members(company, place) == {company.pending.euid, company.administrator.euid}


def test_two_people_with_the_list_open_lose_nothing_of_each_others(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    second = enter(login(entity=company.entity, is_administrator=True))
    here, there = login(entity=company.entity), login(entity=company.entity)
    member(place, company.staff)
    mine, theirs = administrator.get(EDIT), second.get(EDIT)
    administrator.post(EDIT, {"was": was(mine), "login": [*ticked(mine), here.euid]})
    second.post(EDIT, {"was": was(theirs), "login": [there.euid]})
    assert members(company, place) == {here.euid, there.euid}


def test_saving_without_a_change_changes_nothing(administrator: Client, company: Cast, place: ServiceGroup) -> None:
    member(place, company.staff)
    page = administrator.get(EDIT)
    administrator.post(EDIT, {"was": was(page), "login": list(ticked(page))})
    assert members(company, place) == {company.staff.euid}
    assert not Event.objects.exists()


def test_searching_narrows_the_list_and_takes_nobody_off_who_is_not_shown(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    member(place, company.staff)
    page = administrator.get(EDIT, {"q": "ho chi"})
    assert offered(page) == {company.pending.euid}
    administrator.post(f"{EDIT}?q=ho+chi", {"was": was(page), "login": [company.pending.euid]})
    assert members(company, place) == {company.staff.euid, company.pending.euid}
    assert offered(administrator.get(EDIT, {"q": "歐凱"})) == {company.staff.euid}
    assert "Nobody matches" in text_of(administrator.get(EDIT, {"q": "nobody at all"}))


def test_people_of_another_entity_in_the_form_do_nothing_A50(
    administrator: Client, company: Cast, other: Cast, place: ServiceGroup
) -> None:
    group(open_to=other.entity)
    theirs = member(place, other.staff)
    forged = {"login": [other.administrator.euid, "CU0000000000", company.departed.euid], "was": [other.staff.euid]}
    administrator.post(EDIT, {**forged, "entity": other.entity.pk, "entity_id": other.entity.pk})
    assert Assignment.objects.filter(ended_at=None).get() == theirs
    assert not Event.objects.exists()


@pytest.mark.parametrize("value", ["\x00", "CU\x0012345678", "\u202e", "x" * 5000, "' OR 1=1 --"])
@pytest.mark.parametrize("name", ["login", "was"])
def test_nonsense_in_the_form_is_an_answer_and_never_a_fault_A81_A87(
    administrator: Client, company: Cast, place: ServiceGroup, name: str, value: str
) -> None:
    administrator.raise_request_exception = False
    assert administrator.post(EDIT, {name: [value]}).status_code in {200, 302, 400}
    assert not Assignment.objects.exists()


def test_while_suspended_the_group_can_be_seen_and_not_changed_Q24(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    member(place, company.staff)
    Opening.objects.update(status=OpeningStatus.SUSPENDED)
    page = administrator.get(GROUP)
    assert "The department has suspended this e-service for your entity." in text_of(page)
    assert EDIT not in page.content.decode()
    forged = administrator.post(EDIT, {"login": [company.pending.euid]})
    assert "nothing can be changed now" in text_of(forged)
    assert members(company, place) == {company.staff.euid}
    assert "Suspended by the department" in text_of(administrator.get(SERVICES))


def test_after_a_refusal_the_form_still_knows_who_was_in_Q24(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    """The department reopens; sending the same page again must still be able to take someone off."""
    member(place, company.staff)
    page = administrator.get(EDIT)
    Opening.objects.update(status=OpeningStatus.SUSPENDED)
    refused = administrator.post(EDIT, {"was": was(page), "login": []})
    assert was(refused) == [company.staff.euid]
    Opening.objects.update(status=OpeningStatus.OPEN)
    administrator.post(EDIT, {"was": was(refused), "login": list(ticked(refused))})
    assert members(company, place) == set()


def test_a_withdrawn_service_is_shown_as_such_and_a_withdrawn_group_not_at_all_Q24(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    EService.objects.update(withdrawn_at="2026-03-11T00:00:00Z")
    assert "Withdrawn by the department" in text_of(administrator.get(SERVICES))
    assert "The department has withdrawn this e-service" in text_of(administrator.get(GROUP))
    EService.objects.update(withdrawn_at=None)
    ServiceGroup.objects.update(withdrawn_at="2026-03-11T00:00:00Z")
    assert GROUP not in administrator.get(SERVICE).content.decode()
    for address in (GROUP, EDIT):
        assert administrator.get(address).status_code == 404


def test_a_withdrawn_group_that_has_people_is_shown_as_what_it_is_and_cannot_be_changed_Q24(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    member(place, company.staff)
    ServiceGroup.objects.update(withdrawn_at="2026-03-11T00:00:00Z")
    assert "Withdrawn by the department" in text_of(administrator.get(SERVICE))
    page = administrator.get(GROUP)
    assert "The department has withdrawn this service group." in text_of(page)
    assert EDIT not in page.content.decode()
    assert f"{GROUP}{company.staff.euid}/" not in page.content.decode()
    refused = administrator.post(EDIT, {"was": [company.staff.euid], "login": []})
    assert "nothing can be changed now" in text_of(refused)
    assert members(company, place) == {company.staff.euid}


def test_members_of_a_long_group_are_searched_S14_4(administrator: Client, company: Cast, place: ServiceGroup) -> None:
    assert "Name or username" not in administrator.get(GROUP).content.decode()
    for _person in range(30):
        member(place, login(entity=company.entity))
    member(place, company.staff)
    assert "Name or username" in administrator.get(GROUP).content.decode()
    found = administrator.get(GROUP, {"q": "ao.hoi"})
    assert [row[0] for row in rows(found)] == [company.staff.euid]
    assert "Total: 31 people" in text_of(found)
    assert "Nobody matches" in text_of(administrator.get(GROUP, {"q": "nobody at all"}))


def test_a_service_administrator_assigns_and_sees_no_staff_pages_S16_1_A55(company: Cast, place: ServiceGroup) -> None:
    person = enter(service_administrator(company.staff))
    assert person.post(EDIT, {"login": [company.pending.euid]}).status_code == 302
    assert members(company, place) == {company.pending.euid}
    assert f"/staff/{company.pending.euid}/" not in person.get(GROUP).content.decode()
    assert person.get("/staff/").status_code == 404
    assert person.post("/staff/new/", {}).status_code == 404


def test_a_narrowed_service_administrator_sees_the_chosen_services_only_Q23(company: Cast, place: ServiceGroup) -> None:
    chosen = group(open_to=company.entity, service="change-certificate")
    person = enter(service_administrator(company.staff, chosen.service))
    assert SERVICE not in person.get(SERVICES).content.decode()
    assert person.get("/services/change-certificate/").status_code == 200
    for address in (SERVICE, GROUP, EDIT):
        assert person.get(address).status_code == 404
    assert person.post(EDIT, {"login": [company.pending.euid]}).status_code == 404
    assert not Assignment.objects.exists()


def test_the_list_of_thirty_asks_the_database_as_often_as_that_of_three(
    administrator: Client, company: Cast, place: ServiceGroup, django_assert_max_num_queries: Any
) -> None:
    for _person in range(25):
        member(place, login(entity=company.entity))
    for address in (SERVICES, SERVICE, GROUP, EDIT):
        with django_assert_max_num_queries(14):
            administrator.get(address)


def test_a_power_that_ends_while_the_page_is_open_is_not_a_fault(company: Cast, place: ServiceGroup) -> None:
    """Lost between the mark and the lock: a page, not a fault."""
    person = enter(company.administrator)
    person.raise_request_exception = False
    with pytest.MonkeyPatch.context() as patch:
        from services import operations

        def refuse(**_: Any) -> None:
            raise operations.NotAssigner

        patch.setattr(operations, "change_members", refuse)
        assert person.post(EDIT, {"login": [company.pending.euid]}).status_code in {302, 403, 404}


def test_what_a_person_belongs_to_stands_on_their_page_and_account_S15(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    change_members(group=place, by=company.administrator, add=[company.pending.euid, company.staff.euid])
    theirs = text_of(administrator.get(f"/staff/{company.pending.euid}/"))
    assert "takes effect at activation" in theirs
    assert "Operators" in text_of(enter(company.staff).get("/account/"))
    Opening.objects.update(status=OpeningStatus.SUSPENDED)
    assert "not in force now" in text_of(enter(company.staff).get("/account/"))
