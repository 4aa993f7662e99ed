"""Merging a service group into another: nobody is lost, nobody is without a right in between (S13.3, Q24)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.messaging.models import Notification
from entity_portal.roles import Role
from services import queries
from services.catalogue import errands, operations
from services.models import Assignment, Errand, Opening, ServiceGroup
from services.operations import Change, NotOpen, change_members
from staff.models import StaffLogin
from staff.operations import depart
from tests.cast import Cast, group, login, member, officer_login
from tests.race import at_once
from tests.services.api.asking import program
from tests.services.errands import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(company: Cast) -> ServiceGroup:
    return group(open_to=company.entity)


@pytest.fixture
def into(old: ServiceGroup) -> ServiceGroup:
    return group(code="clerks")


@pytest.fixture
def manager() -> StaffLogin:
    return officer_login(Role.CATALOGUE)


def fresh(row: ServiceGroup) -> ServiceGroup:
    return ServiceGroup.objects.select_related("service").get(pk=row.pk)


def in_group(place: ServiceGroup) -> set[StaffLogin]:
    return {row.login for row in Assignment.objects.filter(group=place, ended_at=None).select_related("login")}


def test_members_go_over_with_their_days_and_who_was_in_both_stays_S13_3(
    company: Cast, other: Cast, old: ServiceGroup, into: ServiceGroup, manager: StaffLogin
) -> None:
    group(open_to=other.entity)
    today = timezone.localdate()
    first, last = today - timedelta(3), today + timedelta(9)
    member(old, company.staff, valid_from=first, valid_until=last, end_told_for=first)
    member(old, company.administrator)
    there = member(into, company.administrator, valid_until=last)
    member(old, company.pending, valid_from=today + timedelta(1))
    member(old, other.staff)
    operations.merge_group(group=old, into=into, by=manager)
    assert in_group(into) == {company.administrator}, "nothing is moved in the request"
    assert set(queries.in_force().values_list("login", flat=True)) >= {company.staff.pk, other.staff.pk}
    work()
    assert in_group(old) == set()
    assert in_group(into) == {company.staff, company.administrator, company.pending, other.staff}
    moved = Assignment.objects.get(login=company.staff, ended_at=None)
    assert (moved.valid_from, moved.valid_until, moved.end_told_for) == (first, last, first)
    assert Assignment.objects.get(group=into, login=company.administrator) == there
    old.refresh_from_db()
    assert old.withdrawn_at
    errand = Errand.objects.get()
    assert (errand.total, errand.done, bool(errand.finished_at)) == (2, 2, True)


def test_each_person_and_the_administrators_are_told_and_it_is_recorded(
    company: Cast, old: ServiceGroup, into: ServiceGroup, manager: StaffLogin
) -> None:
    both = login(entity=company.entity)
    for person in (company.staff, company.pending, both):
        member(old, person)
    member(into, both)
    operations.merge_group(group=old, into=into, by=manager)
    work()
    lines = Event.objects.filter(action=Action.GROUP_MERGED, entity_number=company.entity.number)
    assert set(lines.values_list("target", "actor")) == {
        (person.euid, manager.euid) for person in (company.staff, company.pending, both)
    }
    assert lines[0].data == {"service": "entry-declaration", "group": "operators", "into": "clerks"}
    told = set(Notification.objects.values_list("recipient", "kind", "count"))
    boss = company.administrator.euid
    assert told == {
        (company.staff.euid, "assigned", 1),
        (both.euid, "unassigned", 1),
        (boss, "members_added", 2),
        (boss, "members_removed", 3),
    }
    catalogue = Event.objects.filter(entity_number="", target="entry-declaration/operators").order_by("pk")
    assert [set(line.data) for line in catalogue] == [{"merged_into"}, {"into", "withdrawn_at"}]


def test_nobody_is_told_they_can_use_what_they_cannot(
    company: Cast, old: ServiceGroup, into: ServiceGroup, manager: StaffLogin
) -> None:
    member(old, company.staff)
    Opening.objects.update(status="suspended")
    operations.merge_group(group=old, into=into, by=manager)
    work()
    assert in_group(into) == {company.staff}
    assert not Notification.objects.filter(recipient=company.staff.euid).exists()


def test_programs_of_the_e_service_read_of_it_in_their_feed(
    company: Cast, old: ServiceGroup, into: ServiceGroup, manager: StaffLogin
) -> None:
    efile = program(old.service)
    member(old, company.staff)
    _changes, cursor = efile.changes()
    operations.merge_group(group=old, into=into, by=manager)
    work()
    told, _cursor = efile.changes(cursor)
    assert [(line["kind"], line["group"]["code"]) for line in told] == [("lost", "operators"), ("gained", "clerks")]


def test_what_cannot_be_merged(company: Cast, old: ServiceGroup, into: ServiceGroup, manager: StaffLogin) -> None:
    elsewhere = group(open_to=company.entity, service="other")
    closed = group(code="closed")
    ServiceGroup.objects.filter(pk=closed.pk).update(withdrawn_at=timezone.now())
    for wrong in (old, elsewhere, closed):
        with pytest.raises(operations.GroupClosed):
            operations.merge_group(group=fresh(old), into=wrong, by=manager)
    with pytest.raises(operations.GroupClosed):
        operations.merge_group(group=closed, into=old, by=manager)
    for wrong in (old, elsewhere):
        with pytest.raises(DatabaseError), transaction.atomic():
            ServiceGroup.objects.filter(pk=old.pk).update(merged_into=wrong)
    operations.merge_group(group=old, into=into, by=manager)
    with pytest.raises(operations.GroupClosed):
        operations.merge_group(group=old, into=into, by=manager)
    with pytest.raises(operations.Merging):
        operations.merge_group(group=into, into=group(code="third"), by=manager)
    for busy in (old, into):
        with pytest.raises(operations.Merging):
            operations.withdraw_group(group=busy, by=manager)
    with pytest.raises(NotOpen):
        change_members(group=old, by=company.administrator, add=[company.staff.euid])
    work()
    assert operations.withdraw_group(group=into, by=manager)
    assert operations.reopen_group(group=old, by=manager), "and comes back empty"
    assert fresh(old).takes_people


def test_a_worker_that_dies_leaves_nothing_half_and_another_goes_on(
    company: Cast, other: Cast, old: ServiceGroup, into: ServiceGroup, manager: StaffLogin, monkeypatch: Any
) -> None:
    group(open_to=other.entity)
    member(old, company.staff)
    member(old, other.staff)
    monkeypatch.setattr(errands, "STEP", 1)
    errand = operations.merge_group(group=old, into=into, by=manager)
    assert errands.step(str(errand.pk))
    assert {len(in_group(old)), len(in_group(into))} == {1}
    monkeypatch.setattr(errands, "record_many", None)
    with pytest.raises(TypeError), transaction.atomic():
        errands.step(str(errand.pk))
    assert {len(in_group(old)), len(in_group(into))} == {1}
    monkeypatch.undo()
    errands.resume()
    assert in_group(into) == {company.staff, other.staff}
    assert Event.objects.filter(action=Action.GROUP_MERGED).count() == 2


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_again", range(4))
def test_whoever_is_added_while_the_group_closes_is_moved_or_refused(company: Cast, _again: int) -> None:
    """The lock on the group's row: without it people are added behind the worker's back, into a closed group."""
    old, into = group(open_to=company.entity), group(code="clerks")
    manager = officer_login(Role.CATALOGUE)
    people = [login(entity=company.entity) for _person in range(8)]

    def act(number: int) -> Any:
        if number == 4:
            errand = operations.merge_group(group=fresh(old), into=fresh(into), by=manager)
            errands.run(str(errand.pk))
            return errand
        boss = StaffLogin.objects.select_related("entity").get(pk=company.administrator.pk)
        return change_members(group=fresh(old), by=boss, add=[people[number].euid])

    results = at_once(8, act)
    added = {people[n] for n, result in enumerate(results) if isinstance(result, Change)}
    assert isinstance(results[4], Errand), results[4]
    assert all(isinstance(result, (Change, NotOpen, Errand)) for result in results), results
    assert in_group(old) == set()
    assert in_group(into) == added


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_someone_who_leaves_while_their_group_is_merged_is_in_neither_Q25(company: Cast) -> None:
    old, into = group(open_to=company.entity), group(code="clerks")
    manager = officer_login(Role.CATALOGUE)
    for _person in range(20):
        member(old, login(entity=company.entity))
    member(old, company.staff)
    errand = operations.merge_group(group=old, into=into, by=manager)

    def act(number: int) -> Any:
        if number:
            return errands.run(str(errand.pk))
        boss = StaffLogin.objects.select_related("entity").get(pk=company.administrator.pk)
        return depart(login=StaffLogin.objects.get(pk=company.staff.pk), by=boss)

    assert at_once(3, act) == [None] * 3
    assert queries.lasting(company.entity).filter(group=into).count() == 20
    assert not queries.lasting(company.entity).filter(group=old).exists()


def test_many_members_take_a_constant_number_of_statements(
    company: Cast, old: ServiceGroup, into: ServiceGroup, manager: StaffLogin, django_assert_max_num_queries: Any
) -> None:
    many = 1_000
    StaffLogin.objects.bulk_create(
        [
            StaffLogin(
                entity=company.entity,
                status="active",
                username=f"many.{n}",
                activated_at=timezone.now(),
                name_foreign="MANY",
                document_number=f"M{n:07d}",
                document_place="MO",
                birth_date=date(1990, 1, 1),
                mobile="+85366123456",
            )
            for n in range(many)
        ]
    )
    people = StaffLogin.objects.filter(username__startswith="many.")
    Assignment.objects.bulk_create([Assignment(entity=company.entity, login=person, group=old) for person in people])
    operations.merge_group(group=old, into=into, by=manager)
    with django_assert_max_num_queries(60):
        work()
    assert len(in_group(into)) == many
