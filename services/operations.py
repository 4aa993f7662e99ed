"""What can happen to openings, assignments and the power to assign."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Entity
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.messaging.kinds import Kind
from services import queries
from services.models import Assignment, EService, Opening, OpeningStatus, ServiceAdministrator, ServiceGroup
from staff.models import StaffLogin, Status
from staff.operations.notices import administrators_of, notify

TELL_DAYS_BEFORE = (7, 30)


class NotAssigner(PermissionDenied):
    """Whoever acts may not, or may no longer, assign people to this e-service (S14.1)."""


class NotOpen(Exception):
    """The e-service is not open to the entity, or its department has withdrawn it or the group (Q24)."""


@dataclass(frozen=True)
class Change:
    """How many people were added to and removed from a group."""

    added: int
    removed: int


@transaction.atomic
def open_service(*, entity: Entity, service: EService) -> Opening:
    """A department opens an e-service to an entity, or opens it again (S13.1)."""
    Entity.objects.lock(entity)
    opening, new = Opening.objects.get_or_create(entity=entity, service=service)
    if new:
        _tell_assigners(opening, Kind.SERVICE_OPENED)
        record(Action.SERVICE_OPENED, entity=entity.number, actor=None, target=service.code)
    elif opening.status != OpeningStatus.OPEN:
        change_opening(opening=opening, status=OpeningStatus.OPEN)
    return opening


@transaction.atomic
def change_opening(*, opening: Opening, status: OpeningStatus) -> None:
    """Suspend, withdraw or reopen. Assignments stay and rest meanwhile (Q24)."""
    was = opening.status
    opening.status, opening.changed_at = status, timezone.now()
    opening.save(update_fields=["status", "changed_at"])
    if status != was:
        _tell_assigners(opening, Kind.SERVICE_OPENED if status == OpeningStatus.OPEN else Kind.SERVICE_CLOSED)
    record(
        Action.OPENING_CHANGED,
        entity=opening.entity.number,
        actor=None,
        target=opening.service.code,
        was=was,
        now=status,
    )


@transaction.atomic
def change_members(
    *, group: ServiceGroup, by: StaffLogin, add: Collection[str] = (), remove: Collection[str] = ()
) -> Change:
    """Put people (EUIDs) of `by`'s entity into a group and take others out (S14.5), one line of history each.

    Only these people change: what someone else changed meanwhile stays. EUIDs of other entities and of departed people
    do nothing. Someone not activated is assigned in advance (Q21).

    Raises:
        NotAssigner, NotOpen
    """
    entity = Entity.objects.lock(by.entity)
    by.lock()
    opening = queries.openings_for(by).filter(service=group.service).first() if by.can_assign else None
    if opening is None:
        raise NotAssigner
    if opening.status != OpeningStatus.OPEN or group.withdrawn_at or group.service.withdrawn_at:
        raise NotOpen
    now = timezone.now()
    present = set(queries.lasting(entity).filter(group=group).values_list("login__euid", flat=True))
    wanted = queries.candidates(entity).filter(euid__in=set(add) - present)
    new = Assignment.objects.bulk_create(
        Assignment(entity=entity, login=login, group=group, created_at=now) for login in wanted
    )
    gone = queries.lasting(entity).filter(group=group, login__euid__in=set(remove) - set(add)).select_related("login")
    ended = list(gone)
    Assignment.objects.filter(pk__in=[row.pk for row in ended]).update(ended_at=now)
    _tell_of_members(group, by, new, (Kind.ASSIGNED, Kind.MEMBERS_ADDED))
    _tell_of_members(group, by, ended, (Kind.UNASSIGNED, Kind.MEMBERS_REMOVED))
    what = {"service": group.service.code, "group": group.code}
    for action, rows in ((Action.ASSIGNED, new), (Action.UNASSIGNED, ended)):
        for row in rows:
            record(action, entity=entity.number, actor=by, target=row.login.euid, **what)
    return Change(added=len(new), removed=len(ended))


def _tell_of_members(
    group: ServiceGroup, by: StaffLogin, rows: Collection[Assignment], kinds: tuple[Kind, Kind]
) -> None:
    """Tell those whom it concerns, and the administrators who did not do it themselves (Q23)."""
    if not rows:
        return
    about = f"{group.service.code}/{group.code}"
    values = {"service": group.service.names, "group": group.names}
    people = [row.login for row in rows]
    notify(people, kinds[0], about=about, values=values)
    others = administrators_of(by.entity, but=by)
    notify(others, kinds[1], about=about, grouped_by=about, who=people, count=len(people), values=values)


def _tell_assigners(opening: Opening, kind: Kind) -> None:
    """Tell who can assign people: administrators, and service administrators of this e-service."""
    house = opening.entity
    people = administrators_of(house)
    powers = house.service_administrators.filter(login__status=Status.ACTIVE)
    for power in powers.select_related("login").prefetch_related("services"):
        chosen = power.services.all()
        if not power.login.is_administrator and (not chosen or opening.service in chosen):
            people.append(power.login)
    code = opening.service.code
    notify(people, kind, about=code, values={"service": opening.service.names})


@transaction.atomic
def grant_service_administrator(
    *, login: StaffLogin, by: StaffLogin | None, services: Collection[EService] = ()
) -> ServiceAdministrator:
    """Give a login the 服務管理員 power (S16.2), for all e-services or only for `services` (Q23).

    `by` is None only for demonstration data.

    Raises:
        NotAssigner: `by` is no administrator of the entity, or the login has departed.
    """
    entity = Entity.objects.lock(login.entity)
    login.lock()
    if login.status == Status.DEPARTED or (by and not by.acts_for(entity)):
        raise NotAssigner
    power, _new = ServiceAdministrator.objects.get_or_create(entity=entity, login=login)
    power.services.set(services)
    if by is None or by.pk != login.pk:
        notify([login], Kind.MY_POWERS)
    record(
        Action.SERVICE_ADMINISTRATOR_GRANTED,
        entity=entity.number,
        actor=by,
        target=login.euid,
        services=sorted(service.code for service in services),
    )
    return power


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
