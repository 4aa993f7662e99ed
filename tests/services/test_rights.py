"""Who may use what: every condition of a right switched off, one at a time, with the right itself beside it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Entity, EntityStatus
from entity_portal.audit.models import Event
from services import queries
from services.catalogue.openings import change_opening, open_service
from services.models import Assignment, Department, EService, Opening, OpeningStatus, ServiceGroup
from services.operations import (
    Change,
    NotAssigner,
    NotOpen,
    change_members,
)
from staff.models import StaffLogin, Status
from staff.operations import depart
from tests.cast import Cast, group, login, member, service_administrator
from tests.race import at_once

NOW = timezone.now()
TODAY = date(2026, 3, 11)


def may_use(person: StaffLogin, place: ServiceGroup) -> bool:
    """As every page and every e-service asks it; all ways of asking agree."""
    person = StaffLogin.objects.select_related("entity").get(pk=person.pk)
    groups = [row.group for row in queries.rights(person, place.service)]
    usable = [found for entry in queries.usable_services(person) for found in entry["groups"]]
    marks = [row.in_force for row in queries.memberships(person) if row.group == place]
    assert (place in groups) == (place in usable) == any(marks)
    return place in groups


def test_with_nothing_in_the_way_there_is_a_right_S13_S14(company: Cast) -> None:
    place = group(open_to=company.entity)
    assert not may_use(company.staff, place)
    member(place, company.staff)
    assert may_use(company.staff, place)
    assert not may_use(company.administrator, place), "an administrator has no more than assigned"


OFF: dict[str, Callable[[Cast, ServiceGroup], Any]] = {
    "the login departed": lambda house, _: StaffLogin.objects.filter(pk=house.staff.pk).update(
        status=Status.DEPARTED, departed_at=NOW
    ),
    "the entity suspended": lambda house, _: Entity.objects.filter(pk=house.entity.pk).update(
        status=EntityStatus.SUSPENDED
    ),
    "the entity closed": lambda house, _: Entity.objects.filter(pk=house.entity.pk).update(status=EntityStatus.CLOSED),
    "the opening suspended": lambda house, _: Opening.objects.filter(entity=house.entity).update(
        status=OpeningStatus.SUSPENDED
    ),
    "the opening withdrawn": lambda house, _: Opening.objects.filter(entity=house.entity).update(
        status=OpeningStatus.WITHDRAWN
    ),
    "the service withdrawn": lambda _, place: EService.objects.filter(pk=place.service_id).update(withdrawn_at=NOW),
    "the group withdrawn": lambda _, place: ServiceGroup.objects.filter(pk=place.pk).update(withdrawn_at=NOW),
    "the assignment ended": lambda *_: Assignment.objects.update(ended_at=NOW),
    "not begun": lambda *_: Assignment.objects.update(valid_from=timezone.localdate() + timedelta(1)),
    "over": lambda *_: Assignment.objects.update(valid_until=timezone.localdate() - timedelta(1)),
}


@pytest.mark.parametrize("what", OFF)
def test_each_condition_alone_takes_the_right_away_Q24_Q25(company: Cast, other: Cast, what: str) -> None:
    place = group(open_to=company.entity)
    group(open_to=other.entity)
    row = member(place, company.staff)
    elsewhere = member(place, other.staff)
    assert may_use(company.staff, place)
    OFF[what](company, place)
    assert not may_use(company.staff, place)
    assert not queries.rights(company.staff, place.service).exists()
    row.refresh_from_db()
    assert row.pk, "the fact stays"
    own_rows = {"the service withdrawn", "the group withdrawn", "the assignment ended", "not begun", "over"}
    if what not in own_rows:
        assert may_use(elsewhere.login, place), "another entity's right is its own"


def test_someone_not_activated_has_the_right_with_the_activation_Q21(company: Cast) -> None:
    place = group(open_to=company.entity)
    member(place, company.pending)
    assert not may_use(company.pending, place)
    StaffLogin.objects.filter(pk=company.pending.pk).update(status="active", username="ho.chihin", activated_at=NOW)
    assert may_use(company.pending, place)


def test_another_entitys_opening_gives_nobody_a_right_here(company: Cast, other: Cast) -> None:
    place = group(open_to=company.entity)
    group(open_to=other.entity)
    member(place, company.staff)
    Opening.objects.filter(entity=company.entity).update(status=OpeningStatus.SUSPENDED)
    assert Opening.objects.get(entity=other.entity).status == OpeningStatus.OPEN
    assert not may_use(company.staff, place)


def test_what_a_department_withdraws_rests_and_comes_back_Q24(company: Cast) -> None:
    place = group(open_to=company.entity)
    member(place, company.staff)
    opening = Opening.objects.get()
    change_opening(opening=opening, status=OpeningStatus.SUSPENDED, by=None)
    assert not may_use(company.staff, place)
    assert Assignment.objects.get().ended_at is None
    open_service(entity=company.entity, service=place.service, by=None)
    assert may_use(company.staff, place)
    data = [event.data for event in Event.objects.filter(action="service.opening_changed").order_by("seq")]
    assert data == [{"was": "open", "now": "suspended"}, {"was": "suspended", "now": "open"}]


@pytest.mark.parametrize(
    ("start", "end", "today", "right"),
    [
        (TODAY, None, TODAY - timedelta(1), False),
        (TODAY, None, TODAY, True),
        (None, TODAY, TODAY, True),
        (None, TODAY, TODAY + timedelta(1), False),
        (TODAY, TODAY, TODAY, True),
        (TODAY, TODAY, TODAY - timedelta(1), False),
        (TODAY, TODAY, TODAY + timedelta(1), False),
        (None, None, TODAY, True),
    ],
)
def test_the_first_and_the_last_day_count(
    company: Cast, start: date | None, end: date | None, today: date, right: bool
) -> None:
    row = member(group(open_to=company.entity), company.staff, valid_from=start, valid_until=end)
    assert queries.in_force(today).filter(pk=row.pk).exists() is right


def test_a_day_begins_at_midnight_in_macau(company: Cast, time_machine: Any) -> None:
    place = group(open_to=company.entity)
    member(place, company.staff, valid_from=TODAY)
    midnight = datetime(2026, 3, 11, tzinfo=ZoneInfo("Asia/Macau"))
    time_machine.move_to(midnight - timedelta(seconds=1), tick=False)
    assert not may_use(company.staff, place)
    time_machine.move_to(midnight, tick=False)
    assert may_use(company.staff, place)


# --- who may assign ---


def codes(person: StaffLogin) -> list[str]:
    return sorted(queries.openings_for(person).values_list("service__code", flat=True))


def second_service(house: Cast) -> ServiceGroup:
    return group(open_to=house.entity, service="change-certificate")


def test_administrators_and_service_administrators_assign_to_every_opened_service_S14_1(company: Cast) -> None:
    group(open_to=company.entity)
    second_service(company)
    group(service="opened-to-nobody")
    everything = ["change-certificate", "entry-declaration"]
    assert codes(company.administrator) == everything
    assert codes(company.staff) == []
    assert codes(service_administrator(company.staff)) == everything


def test_the_power_can_be_narrowed_to_chosen_services_Q23(company: Cast) -> None:
    wide, narrow = group(open_to=company.entity), second_service(company)
    person = service_administrator(company.staff, narrow.service)
    assert codes(person) == ["change-certificate"]
    assert change_members(group=narrow, by=person, add=[company.staff.euid]) == Change(added=1, removed=0)
    with pytest.raises(NotAssigner):
        change_members(group=wide, by=person, add=[company.staff.euid])
    assert not Assignment.objects.filter(group=wide).exists()


def test_an_administrators_power_is_not_narrowed(company: Cast) -> None:
    group(open_to=company.entity)
    narrow = second_service(company)
    both = service_administrator(company.administrator, narrow.service)
    assert codes(both) == ["change-certificate", "entry-declaration"]


@pytest.mark.parametrize("who", ["staff", "pending", "departed"])
def test_nobody_else_assigns_S14_1(company: Cast, who: str) -> None:
    place = group(open_to=company.entity)
    with pytest.raises(NotAssigner):
        change_members(group=place, by=getattr(company, who), add=[company.staff.euid])


@pytest.mark.parametrize("who", ["pending", "departed"])
def test_a_power_without_an_active_login_assigns_nothing_Q25(company: Cast, who: str) -> None:
    place = group(open_to=company.entity)
    person = service_administrator(company.pending)
    if who == "departed":
        depart(login=person, by=company.administrator)
    person = StaffLogin.objects.select_related("entity").get(pk=person.pk)
    assert person.status == who
    assert not person.can_assign
    with pytest.raises(NotAssigner):
        change_members(group=place, by=person, add=[company.staff.euid])


def test_an_administrator_of_another_entity_reaches_nobody_here_A48(company: Cast, other: Cast) -> None:
    place = group(open_to=company.entity)
    with pytest.raises(NotAssigner):
        change_members(group=place, by=other.administrator, add=[company.staff.euid])
    group(open_to=other.entity)
    member(place, company.staff)
    change = change_members(
        group=place, by=other.administrator, add=[company.administrator.euid], remove=[company.staff.euid]
    )
    assert change == Change(added=0, removed=0)
    assert may_use(company.staff, place)


# --- assigning ---


def test_assigning_adds_and_removes_with_a_line_for_each_person_S14_5(company: Cast) -> None:
    place = group(open_to=company.entity)
    member(place, company.staff)
    change = change_members(
        group=place,
        by=company.administrator,
        add=[company.pending.euid, company.administrator.euid],
        remove=[company.staff.euid],
    )
    assert change == Change(added=2, removed=1)
    lines = set(Event.objects.values_list("action", "target", "actor"))
    boss = company.administrator.euid
    assert lines == {
        ("service.assigned", company.pending.euid, boss),
        ("service.assigned", boss, boss),
        ("service.unassigned", company.staff.euid, boss),
    }
    assert Event.objects.first().data == {"service": "entry-declaration", "group": "operators"}  # type: ignore[union-attr]


def test_the_departed_the_unknown_and_those_who_are_in_already_are_passed_over_Q21(company: Cast) -> None:
    place = group(open_to=company.entity)
    member(place, company.staff)
    add = [company.departed.euid, "CU0000000000", "", "not an euid", company.staff.euid]
    assert change_members(group=place, by=company.administrator, add=add) == Change(added=0, removed=0)
    gone = [company.pending.euid, "CU0000000000"]
    assert change_members(group=place, by=company.administrator, remove=gone) == Change(added=0, removed=0)
    assert not Event.objects.exists()


def test_whoever_was_removed_can_be_added_again(company: Cast) -> None:
    place = group(open_to=company.entity)
    for _turn in range(2):
        change_members(group=place, by=company.administrator, add=[company.staff.euid])
        change_members(group=place, by=company.administrator, remove=[company.staff.euid])
    assert Assignment.objects.filter(ended_at__isnull=False).count() == 2


@pytest.mark.parametrize("what", ["the opening suspended", "the opening withdrawn"])
def test_nothing_is_changed_while_the_department_has_closed_it_Q24(company: Cast, what: str) -> None:
    place = group(open_to=company.entity)
    OFF[what](company, place)
    with pytest.raises(NotOpen):
        change_members(group=place, by=company.administrator, add=[company.staff.euid])


@pytest.mark.parametrize("what", ["the service withdrawn", "the group withdrawn"])
def test_nothing_is_added_to_what_is_withdrawn_Q24(company: Cast, what: str) -> None:
    place = group(open_to=company.entity)
    OFF[what](company, place)
    with pytest.raises(NotOpen):
        change_members(
            group=ServiceGroup.objects.select_related("service").get(pk=place.pk),
            by=company.administrator,
            add=[company.staff.euid],
        )


def test_counts_leave_the_departed_and_other_entities_out_S14_4_Q21(company: Cast, other: Cast) -> None:
    place = group(open_to=company.entity)
    group(open_to=other.entity)
    leaving = login(entity=company.entity)
    for person in (company.staff, company.pending, leaving, other.staff):
        member(place, person)
    depart(login=leaving, by=company.administrator)
    assert [row.people for row in queries.groups_shown(company.entity, place.service)] == [2]
    assert queries.members(company.entity, place).count() == 2
    departments = queries.by_department(queries.openings_for(company.administrator))
    assert [(found["service"].code, found["people"]) for found in departments[0]["services"]] == [
        ("entry-declaration", 2)
    ]


def test_a_person_in_two_groups_of_a_service_counts_once_there(company: Cast) -> None:
    for code in ("operators", "managers"):
        member(group(open_to=company.entity, code=code), company.staff)
    departments = queries.by_department(queries.openings_for(company.administrator))
    assert departments[0]["services"][0]["people"] == 1
    assert [len(entry["groups"]) for entry in queries.usable_services(company.staff)] == [2]


def test_departments_and_services_stand_in_the_order_of_their_codes(company: Cast) -> None:
    for department, service in (("dsf", "b"), ("dsal", "z"), ("dsal", "a")):
        owner, _new = Department.objects.get_or_create(
            code=department, defaults={"name_zh": "局", "name_pt": "D", "name_en": "D"}
        )
        made = EService.objects.create(code=service, department=owner, name_zh="服務", name_pt="S", name_en="S")
        Opening.objects.create(entity=company.entity, service=made)
    found = queries.by_department(queries.openings_for(company.administrator))
    assert [(row["department"].code, [s["service"].code for s in row["services"]]) for row in found] == [
        ("dsal", ["a", "z"]),
        ("dsf", ["b"]),
    ]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_people_changing_a_group_at_once_lose_nothing(company: Cast) -> None:
    place = group(open_to=company.entity)
    people = [login(entity=company.entity) for _person in range(10)]
    boss = [company.administrator, login(entity=company.entity, is_administrator=True)]
    results = at_once(10, lambda n: change_members(group=place, by=boss[n % 2], add=[people[n].euid]))
    assert results == [Change(added=1, removed=0)] * 10
    assert queries.members(company.entity, place).count() == 10


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_person_added_by_ten_at_once_is_in_once(company: Cast) -> None:
    place = group(open_to=company.entity)
    results = at_once(
        10,
        lambda _n: change_members(
            group=place, by=StaffLogin.objects.get(pk=company.administrator.pk), add=[company.staff.euid]
        ),
    )
    assert sorted(result.added for result in results if isinstance(result, Change)) == [0] * 9 + [1]
    assert Event.objects.filter(action="service.assigned").count() == 1
