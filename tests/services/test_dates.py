"""指派日期: from when until when somebody is in a group, who sets it, who hears of it, where it is shown."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from entity_portal.audit.models import Event
from entity_portal.messaging.kinds import Kind
from entity_portal.messaging.models import Notification
from services.models import Assignment, Opening, OpeningStatus, ServiceGroup
from services.operations import (
    DaysImpossible,
    NotAssigner,
    NotMember,
    NotOpen,
    change_dates,
    change_members,
    check_days,
)
from services.tasks import tell_of_endings
from staff.models import StaffLogin
from tests.cast import Cast, enter, group, login, member, service_administrator
from tests.pages import text_of

GROUP = "/services/entry-declaration/operators/"
TODAY = date(2026, 3, 11)


@pytest.fixture
def place(company: Cast) -> ServiceGroup:
    return group(open_to=company.entity)


@pytest.fixture(autouse=True)
def today(time_machine: Any) -> None:
    time_machine.move_to("2026-03-11T12:00:00+08:00", tick=False)


@pytest.fixture
def administrator(company: Cast) -> Client:
    return enter(company.administrator)


def told(person: StaffLogin) -> list[tuple[str, Any]]:
    lines = Notification.objects.filter(recipient=person.euid).order_by("pk")
    return [(line.kind, line.data["dates"]["en"]) for line in lines]


@pytest.mark.parametrize(
    ("first", "last", "was", "fault"),
    [
        (None, None, (None, None), None),
        (TODAY, TODAY, (None, None), None),
        (TODAY + timedelta(1), TODAY, (None, None), ("last_day", "order")),
        (None, TODAY - timedelta(1), (None, None), ("last_day", "past")),
        (None, TODAY - timedelta(1), (None, TODAY - timedelta(1)), None),
        (TODAY - timedelta(400), None, (None, None), None),
        (date(2036, 12, 31), None, (None, None), None),
        (date(2037, 1, 1), None, (None, None), ("first_day", "far")),
        (date(2015, 12, 31), None, (None, None), ("first_day", "far")),
        (date(2015, 12, 31), None, (date(2015, 12, 31), None), None),
        (None, date(9999, 12, 31), (None, None), ("last_day", "far")),
        (date(1, 1, 1), None, (None, None), ("first_day", "far")),
    ],
)
def test_days_are_in_order_near_and_the_last_not_past_when_it_is_set(
    first: date | None, last: date | None, was: tuple[date | None, date | None], fault: tuple[str, str] | None
) -> None:
    if fault is None:
        check_days(first, last, was=was)
        return
    with pytest.raises(DaysImpossible) as problem:
        check_days(first, last, was=was)
    assert (problem.value.day, problem.value.why) == fault


def test_days_change_with_a_line_of_old_and_new_and_the_person_and_administrators_hear_it(
    company: Cast, place: ServiceGroup
) -> None:
    row = member(place, company.staff, valid_until=TODAY + timedelta(5), end_told_for=TODAY)
    by = service_administrator(login(entity=company.entity))
    assert change_dates(group=place, login=company.staff, by=by, first_day=TODAY, last_day=date(2026, 12, 31))
    row.refresh_from_db()
    assert (row.valid_from, row.valid_until, row.end_told_for) == (TODAY, date(2026, 12, 31), None)
    event = Event.objects.get(action="service.dates_changed")
    assert (event.actor, event.target) == (by.euid, company.staff.euid)
    assert event.data == {
        "service": "entry-declaration",
        "group": "operators",
        "was": {"first_day": "", "last_day": "2026-03-16"},
        "now": {"first_day": "2026-03-11", "last_day": "2026-12-31"},
    }
    assert told(company.staff) == [(Kind.MY_DATES, "2026-03-11 to 2026-12-31")]
    assert told(company.administrator) == [(Kind.DATES, "2026-03-11 to 2026-12-31")]


def test_days_that_stay_change_nothing_and_tell_nobody(company: Cast, place: ServiceGroup) -> None:
    member(place, company.staff, valid_until=TODAY - timedelta(5))
    by = company.administrator
    assert not change_dates(group=place, login=company.staff, by=by, first_day=None, last_day=TODAY - timedelta(5))
    assert not Event.objects.exists()
    assert told(company.staff) == []


def test_an_end_that_moves_is_told_of_again(company: Cast, place: ServiceGroup, time_machine: Any) -> None:
    row = member(place, company.staff, valid_until=TODAY + timedelta(7), created_at=timezone.now() - timedelta(60))
    tell_of_endings(0)
    change_dates(
        group=place, login=company.staff, by=company.administrator, first_day=None, last_day=TODAY + timedelta(6)
    )
    tell_of_endings(0)
    kinds = [line.kind for line in Notification.objects.filter(recipient=company.staff.euid)]
    assert kinds.count(Kind.MY_ENDING) == 2
    row.refresh_from_db()
    assert row.end_told_for


def test_nobody_changes_days_who_may_not_assign_and_of_nobody_who_is_not_in(
    company: Cast, other: Cast, place: ServiceGroup
) -> None:
    days = {"first_day": None, "last_day": TODAY}
    member(place, company.staff)
    for stranger in (company.staff, other.administrator):
        with pytest.raises(NotAssigner):
            change_dates(group=place, login=company.staff, by=stranger, **days)
    with pytest.raises(NotMember):
        change_dates(group=place, login=company.pending, by=company.administrator, **days)
    group(open_to=other.entity)
    with pytest.raises(NotMember):
        change_dates(group=place, login=company.staff, by=other.administrator, **days)
    Opening.objects.filter(entity=company.entity).update(status=OpeningStatus.SUSPENDED)
    with pytest.raises(NotOpen):
        change_dates(group=place, login=company.staff, by=company.administrator, **days)
    assert Assignment.objects.get().valid_until is None
    assert not Event.objects.exists()


def test_whoever_is_added_for_later_hears_the_dates_and_not_that_they_can_use_it_now(
    company: Cast, place: ServiceGroup
) -> None:
    later = login(entity=company.entity)
    by = company.administrator
    change_members(group=place, by=by, add=[later.euid], first_day=TODAY + timedelta(1))
    change_members(group=place, by=by, add=[company.staff.euid], last_day=TODAY)
    assert told(later) == [(Kind.MY_DATES, "from 2026-03-12")]
    assert told(company.staff) == [(Kind.ASSIGNED, "until 2026-03-11")]
    event = Event.objects.get(target=later.euid)
    assert event.data == {
        "service": "entry-declaration",
        "group": "operators",
        "first_day": "2026-03-12",
        "last_day": "",
    }
    with pytest.raises(DaysImpossible):
        change_members(group=place, by=by, add=[company.pending.euid], last_day=TODAY - timedelta(1))
    assert not Assignment.objects.filter(login=company.pending).exists()


# --- the pages ---


def test_the_two_lists_give_days_to_those_who_are_added_and_to_nobody_else(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    stays = member(place, company.staff)
    days = {"first_day": "2026-04-01", "last_day": "2026-04-30"}
    data = {"was": [company.staff.euid], "login": [company.staff.euid, company.pending.euid], **days}
    page = administrator.post(f"{GROUP}edit/", data, follow=True)
    assert "2026-04-01 to 2026-04-30" in text_of(page)
    new = Assignment.objects.get(login=company.pending)
    assert (new.valid_from, new.valid_until) == (date(2026, 4, 1), date(2026, 4, 30))
    stays.refresh_from_db()
    assert (stays.valid_from, stays.valid_until) == (None, None)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-04-02", "2026-04-01", "The last day cannot come before the first day."),
        ("", "2026-03-10", "Enter today or a later day."),
        ("2099-01-01", "", "Enter a day at most ten years from today."),
        ("0001-01-01", "", "Enter a day at most ten years from today."),
        ("tomorrow", "", "Enter the date as year-month-day"),
        ("", "2026-02-30", "Enter the date as year-month-day"),
        ("", "\u0660" * 4 + "-01-01", "Enter"),
        ("x" * 10_000, "", "Enter the date as year-month-day"),
    ],
)
def test_wrong_days_are_told_beside_the_field_and_nothing_changes(
    administrator: Client, company: Cast, place: ServiceGroup, first: str, last: str, words: str
) -> None:
    member(place, company.staff)
    data = {"first_day": first, "last_day": last}
    for address in (f"{GROUP}edit/", f"{GROUP}{company.staff.euid}/"):
        page = administrator.post(address, data)
        assert words in text_of(page)
        assert 'aria-invalid="true"' in page.content.decode()
    row = Assignment.objects.get()
    assert (row.valid_from, row.valid_until) == (None, None)


def test_the_page_of_the_days_changes_them_and_takes_them_away(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    row = member(place, company.staff, valid_until=date(2026, 5, 1))
    address = f"{GROUP}{company.staff.euid}/"
    assert f'href="{address}"' in administrator.get(GROUP).content.decode()
    assert 'value="2026-05-01"' in administrator.get(address).content.decode()
    page = administrator.post(address, {"first_day": "", "last_day": ""}, follow=True)
    assert page.redirect_chain == [(GROUP, 302)]
    assert "have been updated." in text_of(page)
    row.refresh_from_db()
    assert row.valid_until is None
    for wrong in (company.pending.euid, "CU0000000000", "edits", "x" * 300):
        assert administrator.get(f"{GROUP}{wrong}/").status_code == 404


@pytest.mark.parametrize(
    ("days", "words", "force"),
    [
        ({}, "", True),
        ({"valid_until": TODAY}, "until 2026-03-11", True),
        ({"valid_until": TODAY - timedelta(1)}, "until 2026-03-10 · ended by date", False),
        ({"valid_from": TODAY + timedelta(1)}, "from 2026-03-12 · not in force now", False),
        ({"valid_from": TODAY, "valid_until": TODAY}, "2026-03-11 to 2026-03-11", True),
    ],
)
def test_days_are_shown_wherever_the_assignment_is_S15(
    administrator: Client, company: Cast, place: ServiceGroup, days: dict[str, date], words: str, force: bool
) -> None:
    member(place, company.staff, **days)
    own = enter(company.staff)
    for page in (
        administrator.get(GROUP),
        administrator.get(f"/staff/{company.staff.euid}/"),
        own.get("/account/"),
    ):
        text = " ".join(text_of(page).split())
        assert words in text
        assert ("not in force now" in text or "ended by date" in text) is not force


def test_an_assignment_that_is_over_stays_on_the_list_and_can_be_ended(
    administrator: Client, company: Cast, place: ServiceGroup
) -> None:
    row = member(place, company.staff, valid_until=TODAY - timedelta(1))
    assert "Total: 1 person" in text_of(administrator.get(GROUP))
    administrator.post(f"{GROUP}edit/", {"was": [company.staff.euid], "login": []})
    row.refresh_from_db()
    assert row.ended_at
