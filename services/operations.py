"""What can happen to assignments and the power to assign; to the catalogue and its openings: `services.catalogue`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation

from accounts.models import Entity
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record, record_many
from entity_portal.messaging.kinds import Kind
from services import queries
from services.models import Assignment, EService, OpeningStatus, ServiceAdministrator, ServiceGroup
from staff.models import StaffLogin, Status
from staff.operations import NotAdministrator
from staff.operations.notices import administrators_of, notify

TELL_DAYS_BEFORE = (7, 30)
YEARS_AWAY = 10  # no first or last day is farther from today: such a year is mistyped


class NotAssigner(PermissionDenied):
    """Whoever acts may not, or may no longer, assign people to this e-service (S14.1)."""


class NotOpen(Exception):
    """The e-service is not open to the entity, or its department has withdrawn it or the group (Q24)."""


@dataclass(frozen=True)
class Change:
    """How many people were added to and removed from a group."""

    added: int
    removed: int


class NotMember(Exception):
    """The person is not, or no longer, in the group."""


class NotServiceAdministrator(Exception):
    """The person has not, or no longer, the power of a service administrator."""


class DaysImpossible(Exception):
    """`day`, "first_day" or "last_day", is "far" away, has "past", or stands in the wrong "order": `why`."""

    def __init__(self, day: str, why: str) -> None:
        super().__init__(day, why)
        self.day, self.why = day, why


def check_days(first: date | None, last: date | None, *, was: tuple[date | None, date | None] = (None, None)) -> None:
    """Judge the first and the last day of an assignment; a day that stays as it `was` may be past or far away.

    Raises:
        DaysImpossible
    """
    today = timezone.localdate()
    for name, day, before in (("first_day", first, was[0]), ("last_day", last, was[1])):
        if day and day != before and abs(day.year - today.year) > YEARS_AWAY:
            raise DaysImpossible(name, "far")
    if last and last != was[1] and last < today:
        raise DaysImpossible("last_day", "past")
    if first and last and last < first:
        raise DaysImpossible("last_day", "order")


def _lock_to_assign(group: ServiceGroup, by: StaffLogin) -> Entity:
    """Hold `by`'s entity and `by`, who may change who is in the group now.

    Raises:
        NotAssigner, NotOpen
    """
    entity = Entity.objects.lock(by.entity)
    by.lock()
    opening = queries.openings_for(by).filter(service=group.service).first() if by.can_assign else None
    if opening is None:
        raise NotAssigner
    if opening.standing != OpeningStatus.OPEN or not group.hold_for_members():
        raise NotOpen
    return entity


@transaction.atomic
def change_members(
    *,
    group: ServiceGroup,
    by: StaffLogin,
    add: Collection[str] = (),
    remove: Collection[str] = (),
    first_day: date | None = None,
    last_day: date | None = None,
) -> Change:
    """Put people (EUIDs) of `by`'s entity into a group and take others out (S14.5), one line of history each.

    Only these people change: what someone else changed meanwhile stays. EUIDs of other entities and of departed people
    do nothing. Someone not activated is assigned in advance (Q21). The days are of those who are added.

    Raises:
        NotAssigner, NotOpen, DaysImpossible
    """
    entity = _lock_to_assign(group, by)
    check_days(first_day, last_day)
    now = timezone.now()
    people = queries.candidates_for_group(entity, group)
    new = Assignment.objects.bulk_create(
        Assignment(entity=entity, login=login, group=group, created_at=now, valid_from=first_day, valid_until=last_day)
        for login in people.filter(present=False, euid__in=set(add))
    )
    gone = queries.lasting(entity).filter(group=group, login__euid__in=set(remove) - set(add)).select_related("login")
    ended = list(gone)
    Assignment.objects.filter(pk__in=[row.pk for row in ended]).update(ended_at=now)
    begun = first_day is None or first_day <= timezone.localdate()
    _tell_of_members(group, by, new, (Kind.ASSIGNED if begun else Kind.MY_DATES, Kind.MEMBERS_ADDED))
    _tell_of_members(group, by, ended, (Kind.UNASSIGNED, Kind.MEMBERS_REMOVED))
    what = {"service": group.service.code, "group": group.code}
    days = {"first_day": first_day, "last_day": last_day} if first_day or last_day else {}
    for action, rows, more in ((Action.ASSIGNED, new, days), (Action.UNASSIGNED, ended, {})):
        euids = [row.login.euid for row in rows]
        record_many(action, entity=entity.number, actor=by, targets=euids, **what, **_plain(more))
    return Change(added=len(new), removed=len(ended))


def _plain(days: dict[str, date | None]) -> dict[str, str]:
    """Days as history keeps them: "" for none."""
    return {name: str(day or "") for name, day in days.items()}


@transaction.atomic
def change_dates(
    *, group: ServiceGroup, login: StaffLogin, by: StaffLogin, first_day: date | None, last_day: date | None
) -> bool:
    """Set from when until when (inclusive) a person is in a group; False if it is so already.

    Raises:
        NotAssigner, NotOpen, NotMember, DaysImpossible
    """
    entity = _lock_to_assign(group, by)
    rows = queries.lasting(entity).filter(group=group, login=login).select_related("login")
    row = rows.select_for_update(of=("self",)).first()
    if row is None:
        raise NotMember
    was = (row.valid_from, row.valid_until)
    if was == (first_day, last_day):
        return False
    check_days(first_day, last_day, was=was)
    if row.valid_until != last_day:
        row.end_told_for = None
    row.valid_from, row.valid_until = first_day, last_day
    row.save(update_fields=["valid_from", "valid_until", "end_told_for"])
    _tell_of_members(group, by, [row], (Kind.MY_DATES, Kind.DATES))
    record(
        Action.DATES_CHANGED,
        entity=entity.number,
        actor=by,
        target=row.login.euid,
        service=group.service.code,
        group=group.code,
        was=_plain({"first_day": was[0], "last_day": was[1]}),
        now=_plain({"first_day": first_day, "last_day": last_day}),
    )
    return True


def _tell_of_members(
    group: ServiceGroup, by: StaffLogin, rows: Collection[Assignment], kinds: tuple[Kind, Kind]
) -> None:
    """Tell those whom it concerns, and the administrators who did not do it themselves (Q23).

    `rows` whose days are told have the same.
    """
    if not rows:
        return
    about = f"{group.service.code}/{group.code}"
    values = {"service": group.service.names, "group": group.names, "dates": _days_in_each_language(next(iter(rows)))}
    people = [row.login for row in rows]
    grouped_by = about if kinds[0] == Kind.MY_DATES else ""  # of these only the latest is true
    notify(people, kinds[0], about=about, grouped_by=grouped_by, values=values)
    others = administrators_of(by.entity, but=by)
    notify(others, kinds[1], about=about, grouped_by=about, who=people, count=len(people), values=values)


def _days_in_each_language(row: Assignment) -> dict[str, str]:
    words = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            words[language] = row.days
    return words


def _lock_to_empower(by: StaffLogin) -> Entity:
    """Hold `by`'s entity and `by`, who gives and takes powers there.

    Raises:
        NotAdministrator
    """
    entity = Entity.objects.lock(by.entity)
    by.lock()
    if not by.acts_for(entity):
        raise NotAdministrator
    return entity


@transaction.atomic
def change_service_administrators(*, by: StaffLogin, add: Collection[str] = (), remove: Collection[str] = ()) -> Change:
    """Give people (EUIDs) of `by`'s entity the 服務管理員 power, for all e-services, and take it from others (S16.2).

    As with the members of a group only these people change; who has departed never does (Q21).

    Raises:
        NotAdministrator
    """
    entity = _lock_to_empower(by)
    people = queries.candidates_for_power(entity)
    new = ServiceAdministrator.objects.bulk_create(
        ServiceAdministrator(entity=entity, login=login) for login in people.filter(present=False, euid__in=set(add))
    )
    gone = list(queries.service_administrators(entity).filter(login__euid__in=set(remove) - set(add)))
    # Django's `delete` would read these rows again, and take a hundred away at a time.
    ended = ServiceAdministrator.objects.filter(pk__in=[power.pk for power in gone])
    ServiceAdministrator.services.through.objects.filter(serviceadministrator__in=ended).delete()
    ended._raw_delete(ended.db)
    given, taken = [power.login for power in new], [power.login for power in gone]
    notify([login for login in (*given, *taken) if login != by], Kind.MY_POWERS)
    for action, logins in (
        (Action.SERVICE_ADMINISTRATOR_GRANTED, given),
        (Action.SERVICE_ADMINISTRATOR_REMOVED, taken),
    ):
        record_many(action, entity=entity.number, actor=by, targets=[login.euid for login in logins])
    return Change(added=len(new), removed=len(gone))


@transaction.atomic
def narrow_service_administrator(*, login: StaffLogin, by: StaffLogin, services: Collection[EService] | None) -> bool:
    """Let a service administrator assign to `services` only, or to all for None (Q23); False if it is so already.

    Raises:
        NotAdministrator, NotServiceAdministrator
        NotOpen: one of `services` was never opened to the entity.
    """
    entity = _lock_to_empower(by)
    power = queries.service_administrators(entity).filter(login=login).first()
    if power is None:
        raise NotServiceAdministrator
    chosen = set(services or ())
    if chosen - set(queries.services_opened(entity)):
        raise NotOpen
    was, now = power.reach, "all" if services is None else sorted(service.code for service in chosen)
    if was == now:
        return False
    power.narrowed = services is not None
    power.save(update_fields=["narrowed"])
    power.services.set(chosen)
    if power.login != by:
        notify([power.login], Kind.MY_POWERS)
    record(
        Action.SERVICE_ADMINISTRATOR_NARROWED,
        entity=entity.number,
        actor=by,
        target=power.login.euid,
        was=was,
        now=now,
    )
    return True


def tell_of_endings() -> None:
    """Tell people and administrators which assignments end in 30 days, and in 7, once each.

    A day on which no worker ran is made up for. Of an assignment that began later than the notice was due nobody hears.
    """
    today = timezone.localdate()
    for days in sorted(TELL_DAYS_BEFORE):
        due = Assignment.objects.filter(
            ended_at=None,
            login__status=Status.ACTIVE,
            valid_until__range=(today, today + timedelta(days=days)),
            created_at__date__lte=F("valid_until") - timedelta(days=days),
        )
        untold = due.filter(Q(end_told_for=None) | Q(end_told_for__lt=F("valid_until") - timedelta(days=days)))
        for entity, group, last in set(untold.values_list("entity", "group", "valid_until")):
            with transaction.atomic():
                rows = untold.filter(entity=entity, group=group, valid_until=last).order_by("pk")
                found = rows.select_related("login__entity", "group__service")
                _tell_of_end(list(found.select_for_update(of=("self",), skip_locked=True)), days)


def _tell_of_end(rows: list[Assignment], days: int) -> None:
    """Tell of assignments to one group that end on one day."""
    if not rows:
        return
    group, last, people = rows[0].group, cast("date", rows[0].valid_until), [row.login for row in rows]
    Assignment.objects.filter(pk__in=[row.pk for row in rows]).update(end_told_for=last - timedelta(days=days))
    about = f"{group.service.code}/{group.code}"
    key, values = f"{about} {last}", {"service": group.service.names, "group": group.names, "date": str(last)}
    notify(people, Kind.MY_ENDING, about=about, grouped_by=key, values=values)
    told = administrators_of(people[0].entity)
    notify(told, Kind.ENDING, about=about, grouped_by=key, who=people, count=len(people), values=values)
