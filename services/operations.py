"""What can happen to openings, assignments and the power to assign."""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import Entity
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from services import queries
from services.models import Assignment, EService, Opening, OpeningStatus, ServiceAdministrator, ServiceGroup
from staff.models import StaffLogin, Status


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
    what = {"service": group.service.code, "group": group.code}
    for action, rows in ((Action.ASSIGNED, new), (Action.UNASSIGNED, ended)):
        for row in rows:
            record(action, entity=entity.number, actor=by, target=row.login.euid, **what)
    return Change(added=len(new), removed=len(ended))


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
    record(
        Action.SERVICE_ADMINISTRATOR_GRANTED,
        entity=entity.number,
        actor=by,
        target=login.euid,
        services=sorted(service.code for service in services),
    )
    return power
