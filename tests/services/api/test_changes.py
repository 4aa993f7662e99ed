"""Who gained or lost what: every cause of a change, in order, nothing skipped."""

import itertools
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Entity, EntityStatus
from entity_portal.retention import period
from services import queries
from services.api import operations
from services.api.models import Change, Held, Touched
from services.api.tasks import forget, note_changes
from services.catalogue.openings import change_opening
from services.models import Assignment, EService, Opening, OpeningStatus, ServiceGroup
from services.operations import change_members
from services.queries import Refusal
from staff.models import StaffLogin, Status
from staff.operations import depart
from tests.cast import Cast, company, group, login, member
from tests.purging import purge_tables
from tests.race import at_once
from tests.retention.past import past_the_rules
from tests.services.api.asking import Program, program

NOON = datetime(2026, 3, 11, 12, tzinfo=ZoneInfo("Asia/Macau"))
TODAY = date(2026, 3, 11)


@pytest.fixture
def place(company: Cast) -> ServiceGroup:
    return group(open_to=company.entity)


@pytest.fixture
def efile(place: ServiceGroup) -> Program:
    return program(place.service)


def kinds(changes: list[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    return [(change["euid"], change["kind"], change["reason"]) for change in changes]


def test_whoever_is_put_into_a_group_and_taken_out_is_told_in_order_S13(
    company: Cast, place: ServiceGroup, efile: Program
) -> None:
    assert efile.changes()[0] == []
    change_members(group=place, by=company.administrator, add=[company.staff.euid])
    (told,), cursor = efile.changes()
    assert told.pop("at")
    assert told == {
        "euid": company.staff.euid,
        "entity_number": company.entity.number,
        "kind": "gained",
        "reason": None,
        "group": {
            "code": "operators",
            "name": "Operators",
            "name#zh-Hant": "操作員",
            "name#pt": "Operador",
            "valid_from": None,
            "valid_until": None,
        },
    }
    change_members(group=place, by=company.administrator, remove=[company.staff.euid])
    change_members(group=place, by=company.administrator, add=[company.staff.euid])
    again, cursor = efile.changes(cursor)
    assert kinds(again) == [(company.staff.euid, "lost", "not_assigned"), (company.staff.euid, "gained", None)]
    assert efile.changes(cursor) == ([], cursor)


def _opening(status: str) -> Callable[[Cast, ServiceGroup], Any]:
    return lambda house, place: change_opening(opening=Opening.objects.get(entity=house.entity), status=status, by=None)  # type: ignore[arg-type]


def _row(rows: Callable[[Cast, ServiceGroup], Any], **fields: Any) -> Callable[[Cast, ServiceGroup], Any]:
    return lambda house, place: rows(house, place).update(**fields)


def house_of(house: Cast, place: ServiceGroup) -> Any:
    return Entity.objects.filter(pk=house.entity.pk)


def assignment_of(house: Cast, place: ServiceGroup) -> Any:
    return Assignment.objects.filter(login=house.staff)


def service_of(house: Cast, place: ServiceGroup) -> Any:
    return EService.objects.filter(pk=place.service_id)


def group_of(house: Cast, place: ServiceGroup) -> Any:
    return ServiceGroup.objects.filter(pk=place.pk)


Cause = Callable[[Cast, ServiceGroup], Any]
CAUSES: dict[Refusal, tuple[Cause, Cause | None]] = {
    Refusal.LOGIN_DEPARTED: (lambda house, place: depart(login=house.staff, by=house.administrator), None),
    Refusal.LOGIN_NOT_ACTIVATED: (lambda house, place: None, None),
    Refusal.ENTITY_NOT_ACTIVE: (
        _row(house_of, status=EntityStatus.SUSPENDED),
        _row(house_of, status=EntityStatus.ACTIVE),
    ),
    Refusal.SERVICE_WITHDRAWN: (_row(service_of, withdrawn_at=NOON), _row(service_of, withdrawn_at=None)),
    Refusal.OPENING_SUSPENDED: (_opening(OpeningStatus.SUSPENDED), _opening(OpeningStatus.OPEN)),
    Refusal.OPENING_WITHDRAWN: (_opening(OpeningStatus.WITHDRAWN), _opening(OpeningStatus.OPEN)),
    Refusal.ASSIGNMENT_NOT_YET: (
        _row(assignment_of, valid_from=TODAY + timedelta(1)),
        _row(assignment_of, valid_from=TODAY),
    ),
    Refusal.ASSIGNMENT_OVER: (
        _row(assignment_of, valid_until=TODAY - timedelta(1)),
        _row(assignment_of, valid_until=TODAY),
    ),
    Refusal.GROUP_WITHDRAWN: (_row(group_of, withdrawn_at=NOON), _row(group_of, withdrawn_at=None)),
    Refusal.NOT_ASSIGNED: (_row(assignment_of, ended_at=NOON), None),
}


@pytest.mark.parametrize("reason", [reason for reason in CAUSES if reason != Refusal.LOGIN_NOT_ACTIVATED])
def test_every_cause_is_told_with_its_reason_and_so_is_the_return_Q24_Q25(
    company: Cast, place: ServiceGroup, efile: Program, reason: Refusal
) -> None:
    """Noted by the job, as an e-service that its department has withdrawn asks nothing meanwhile."""
    away, back = CAUSES[reason]
    with time_machine.travel(NOON, tick=False):
        member(place, company.staff)
        note_changes(0)
        away(company, place)
        note_changes(0)
        found = [(change.kind, change.reason) for change in Change.objects.order_by("pk")]
        assert found == [("gained", ""), ("lost", reason)]
        assert not Held.objects.exists()
        if back:
            back(company, place)
            note_changes(0)
            assert [change.kind for change in Change.objects.order_by("pk")] == ["gained", "lost", "gained"]
            assert efile.get("changes").status_code in (200, 401)


def test_activation_brings_what_was_assigned_in_advance_Q21(company: Cast, place: ServiceGroup, efile: Program) -> None:
    member(place, company.pending)
    assert efile.changes()[0] == []
    StaffLogin.objects.filter(pk=company.pending.pk).update(
        status=Status.ACTIVE, username="ho.chihin", activated_at=timezone.now()
    )
    assert kinds(efile.changes()[0]) == [(company.pending.euid, "gained", None)]


def test_days_begin_and_end_rights_in_macau_without_anybody_doing_anything(
    company: Cast, place: ServiceGroup, efile: Program
) -> None:
    """Q24: until the end of the last day there."""
    row = member(place, company.staff, valid_from=TODAY, valid_until=TODAY)
    for hour, wanted in ((-1, []), (0, ["gained"]), (23, ["gained"]), (24, ["gained", "lost"])):
        with time_machine.travel(datetime(2026, 3, 11, tzinfo=ZoneInfo("Asia/Macau")) + timedelta(hours=hour)):
            operations.note_changes(place.service)
            assert [change.kind for change in Change.objects.order_by("pk")] == wanted
    assert Change.objects.last().reason == "assignment_over"  # type: ignore[union-attr]
    assert row.ended_at is None


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, TODAY + timedelta(9)), (TODAY + timedelta(9), None), (TODAY + timedelta(9), TODAY + timedelta(8))],
)
def test_other_days_of_a_right_are_a_change(
    company: Cast, place: ServiceGroup, efile: Program, before: date | None, after: date | None
) -> None:
    """S13.4; a day that is taken away, given, or moved"""
    with time_machine.travel(NOON, tick=False):
        member(place, company.staff, valid_until=before)
        operations.note_changes(place.service)
        Assignment.objects.update(valid_until=after)
        operations.note_changes(place.service)
        operations.note_changes(place.service)
        found = list(Change.objects.order_by("pk").values_list("kind", "valid_until"))
    assert found == [("gained", before), ("dates_changed", after)]


def test_of_very_many_that_were_touched_all_are_compared(
    company: Cast, place: ServiceGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "ONE_BY_ONE", 1)
    operations.note_changes(place.service)
    for person in (company.staff, company.administrator):
        member(place, person)
    operations.note_changes(place.service)
    assert Change.objects.count() == 2


def test_only_what_was_touched_is_compared(company: Cast, place: ServiceGroup) -> None:
    """A right whose touch was lost waits for the next day, when all are compared; so the others were not."""
    operations.note_changes(place.service)
    member(place, company.staff)
    Touched.objects.all().delete()
    member(place, company.administrator)
    operations.note_changes(place.service)
    assert [change.login for change in Change.objects.all()] == [company.administrator]
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        operations.note_changes(place.service)
    assert [change.login for change in Change.objects.order_by("pk")] == [company.administrator, company.staff]


def test_what_nobody_reads_is_not_heaped_up_and_whoever_begins_to_read_is_told_all(
    company: Cast, place: ServiceGroup
) -> None:
    tax = group(open_to=company.entity, service="tax")
    member(tax, company.staff)
    assert Touched.objects.exists()
    forget(0)
    assert not Touched.objects.exists()
    reader = program(tax.service)
    assert len(reader.changes()[0]) == 1
    member(tax, company.administrator)
    forget(0)
    assert Touched.objects.exists(), "read today: it is about to be compared"
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        forget(0)
        assert not Touched.objects.exists()
        operations.note_changes(tax.service)
        assert Change.objects.count() == 2


@pytest.mark.parametrize("reason", CAUSES)
def test_the_reason_of_one_assignment_is_the_reason_of_its_login(
    company: Cast, place: ServiceGroup, reason: Refusal
) -> None:
    """S13: `why_not`, `in_force` and `refusal` are one rule."""
    with time_machine.travel(NOON, tick=False):
        person = company.pending if reason == Refusal.LOGIN_NOT_ACTIVATED else company.staff
        row = member(place, person)

        def said() -> tuple[Any, Any, bool]:
            fresh = StaffLogin.objects.select_related("entity").get(pk=person.pk)
            service = EService.objects.get(pk=place.service_id)
            told = Assignment.objects.annotate(reason=queries.refusal()).get(pk=row.pk).reason  # type: ignore[misc]
            return told, queries.why_not(fresh, service), queries.in_force().filter(pk=row.pk).exists()

        if person == company.staff:
            assert said() == (None, None, True)
        CAUSES[reason][0](company, place)
        assert said() == (reason, reason, False)


def test_pages_follow_one_another_and_say_whether_there_is_more(
    company: Cast, place: ServiceGroup, efile: Program
) -> None:
    people = [login(entity=company.entity) for _number in range(5)]
    for person in people:
        member(place, person)
    found, cursor = [], {}
    for more in (True, True, False):
        told = efile.read("changes", limit=2, **cursor)
        assert told["more"] is more
        found += [change["euid"] for change in told["changes"]]
        cursor = {"after": told["next"]}
    assert found == [person.euid for person in people]
    assert efile.read("changes", limit=2, **cursor)["changes"] == []


def test_a_client_sees_its_own_e_service_and_its_cursor_opens_no_other(
    company: Cast, place: ServiceGroup, efile: Program
) -> None:
    other = group(open_to=company.entity, service="tax")
    member(other, company.staff)
    tax = program(other.service)
    assert efile.changes()[0] == []
    told, cursor = tax.changes()
    assert len(told) == 1
    page = tax.read("authorizations")
    for wrong in (cursor, page["changes_cursor"], "x", "", "WzFd:x", "é", f"{efile.changes()[1]}x", "9" * 5000):
        refused = efile.get("changes", after=wrong)
        assert (refused.status_code, refused.json()["code"]) == (400, "bad_cursor"), wrong
        assert efile.get("authorizations", after=wrong).json()["code"] == "bad_cursor"
    assert efile.get("authorizations", after=efile.changes()[1]).json()["code"] == "bad_cursor", "of the other list"


@pytest.mark.parametrize("limit", ["0", "501", "-1", "", "1.5", "x", "٣", " 5", "9" * 5000])
def test_a_limit_out_of_bounds_is_refused(efile: Program, limit: str) -> None:
    for path in ("changes", "authorizations"):
        refused = efile.get(path, limit=limit)
        assert (refused.status_code, refused.json()["code"]) == (400, "bad_limit")


def test_after_ninety_days_a_change_is_forgotten_and_an_older_cursor_is_told_so(
    company: Cast, place: ServiceGroup, efile: Program
) -> None:
    assert timedelta(days=90) == period("changes"), "as the description says"
    cursor = efile.changes()[1]
    row = member(place, company.staff)
    one = efile.changes(cursor)[1]
    member(place, company.administrator)
    operations.note_changes(place.service)
    first = Change.objects.filter(login=company.staff)
    for minute, left in ((-1, 2), (1, 1)):
        with past_the_rules("api_change"):
            first.update(at=timezone.now() - period("changes") - timedelta(minutes=minute))
        purge_tables("api_change")
        assert Change.objects.count() == left
    assert [change.login_id for change in Change.objects.all()] == [company.administrator.pk]
    refused = efile.get("changes", after=cursor)
    assert (refused.status_code, refused.json()["code"]) == (410, "cursor_expired")
    assert [change["euid"] for change in efile.changes(one)[0]] == [company.administrator.euid], "it had read it"
    assert [change["euid"] for change in efile.changes()[0]] == [company.administrator.euid], "of what is kept"
    page = efile.read("authorizations")
    assert {each["euid"] for each in page["authorizations"]} == {company.staff.euid, company.administrator.euid}
    Assignment.objects.filter(pk=row.pk).update(ended_at=timezone.now())
    assert kinds(efile.changes(page["changes_cursor"])[0]) == [(company.staff.euid, "lost", "not_assigned")]


def test_a_copy_made_page_by_page_while_rights_change_is_right_in_the_end(
    company: Cast, place: ServiceGroup, efile: Program
) -> None:
    """What comes between two pages is in the changes, whichever page it would have been on."""
    people = [login(entity=company.entity) for _number in range(6)]
    rows = [member(place, person) for person in people[:5]]
    copy: set[str] = set()
    page = efile.read("authorizations", limit=2)
    copy |= {each["euid"] for each in page["authorizations"]}
    Assignment.objects.filter(pk__in=[rows[0].pk, rows[3].pk]).update(ended_at=timezone.now())
    member(place, people[5])
    while page["next"]:
        page = efile.read("authorizations", limit=2, after=page["next"])
        copy |= {each["euid"] for each in page["authorizations"]}
    for change in efile.changes(page["changes_cursor"])[0]:
        (copy.add if change["kind"] == "gained" else copy.discard)(change["euid"])
    assert copy == {row.login.euid for row in queries.in_force()}


def test_what_comes_and_goes_between_two_looks_is_on_no_page(
    company: Cast, place: ServiceGroup, efile: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a copy would keep for ever what no change takes away."""
    note = operations.note_changes

    def then_comes(service: EService) -> None:
        note(service)
        member(place, company.staff)

    monkeypatch.setattr(operations, "note_changes", then_comes)
    assert efile.read("authorizations")["authorizations"] == []


def test_with_nothing_to_note_one_statement_is_asked(company: Cast, place: ServiceGroup) -> None:
    member(place, company.staff)
    operations.note_changes(place.service)
    with CaptureQueriesContext(connection) as asked:
        operations.note_changes(place.service)
    assert len(asked) == 1


def test_a_page_takes_as_many_statements_as_a_change_in_it(company: Cast, place: ServiceGroup, efile: Program) -> None:
    counts = []
    for number in (1, 12):
        for _number in range(number):
            member(place, login(entity=company.entity))
        operations.note_changes(place.service)
        for path in ("changes", "authorizations"):
            with CaptureQueriesContext(connection) as asked:
                efile.read(path)
            counts.append(len(asked))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 6


def test_the_job_notes_for_those_who_may_read_and_for_no_others(company: Cast, place: ServiceGroup) -> None:
    member(place, company.staff)
    program(place.service, scopes="openid authorizations")
    note_changes(0)
    assert not Change.objects.exists()
    client = program(place.service).party.client
    client.disabled_at = timezone.now()
    client.save()
    note_changes(0)
    assert not Change.objects.exists()
    client.disabled_at = None
    client.save()
    note_changes(0)
    note_changes(0)
    assert Change.objects.count() == 1


def test_the_database_keeps_what_was_told_and_to_whom(company: Cast, place: ServiceGroup) -> None:
    row = member(place, company.staff)
    operations.note_changes(place.service)
    tax = group(open_to=company.entity, service="tax").service
    told = {"login": company.staff, "group": place}
    for wrong in (
        lambda: Change.objects.update(at=timezone.now()),
        lambda: Change.objects.create(service=tax, kind="gained", **told),
        lambda: Change.objects.create(service=place.service, kind="lost", **told),
        lambda: Change.objects.create(service=place.service, kind="gained", reason="not_assigned", **told),
        lambda: Held.objects.all().delete() and Held.objects.create(assignment=row, service=tax),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()  # type: ignore[no-untyped-call]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_readers_see_every_change_once_and_in_order_while_rights_change() -> None:
    """S13: four who change, four who read, the job between them; a reader's copy is what was written."""
    house = company()
    place = group(open_to=house.entity)
    people = [login(entity=house.entity) for _number in range(4)]
    efile = program(place.service)
    rounds = 15
    over = itertools.count()

    def one(number: int) -> list[Any]:
        if number < 4:
            for _round in range(rounds):
                row = member(place, people[number])
                operations.note_changes(place.service)
                Assignment.objects.filter(pk=row.pk).update(ended_at=timezone.now())
                operations.note_changes(place.service)
            next(over)
            return []
        found, after = [], None
        while True:
            last = repr(over) == "count(4)"
            more, after = efile.changes(after)
            found += kinds(more)
            if last:
                return found

    results = at_once(8, one)
    written = [
        (change.login.euid, change.kind, change.reason or None)
        for change in Change.objects.order_by("pk").select_related("login")
    ]
    assert results == [[]] * 4 + [written] * 4
    assert len(written) == 4 * rounds * 2
    for person in people:
        own = [kind for euid, kind, _reason in written if euid == person.euid]
        assert own == ["gained", "lost"] * rounds
