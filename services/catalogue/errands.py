"""What the worker does for officers, some entities at a time: see `Errand`.

Each step is one transaction that also says how far it is, so nothing is done twice, whenever a worker dies. What the
officer may do was asked when they ordered it.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Entity, EntityStatus
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record, record_many
from entity_portal.messaging.kinds import Kind
from services.catalogue.openings import open_to, tell_assigners
from services.catalogue.queries import lasting_at
from services.models import Assignment, Errand, ErrandKind, EService, Opening, OpeningStatus, ServiceGroup
from services.queries import in_force
from staff.models import StaffLogin
from staff.operations.notices import administrators_of, notify

STEP = 100  # entities in one transaction, which others wait for


def order(
    kind: ErrandKind, *, service: EService, by: StaffLogin, group: ServiceGroup | None = None, **told: Any
) -> Errand:
    """Have something done, in the caller's transaction."""
    errand = Errand.objects.create(kind=kind, service=service, group=group, by=by, told=told)
    confirm(errand)
    return errand


def confirm(errand: Errand) -> None:
    """Have done what was a preview, in the caller's transaction."""
    from services.tasks import run_errand

    errand.total, errand.confirmed_at = entities(errand).count(), timezone.now()
    errand.save(update_fields=["total", "confirmed_at"])
    run_errand.defer(errand=str(errand.pk))


def entities(errand: Errand) -> QuerySet[Entity]:
    """Those for which there is something to do."""
    if errand.kind == ErrandKind.OPEN:
        active = Entity.objects.filter(status=EntityStatus.ACTIVE)
        active = active.exclude(openings__service=errand.service)
        if "kind" in errand.told:
            return active.filter(kind=errand.told["kind"])
        return active.filter(number__in=errand.told["numbers"])
    if errand.group:
        return Entity.objects.filter(Exists(lasting_at(errand.group).filter(entity=OuterRef("pk"))))
    opened = Opening.objects.filter(service=errand.service, status=OpeningStatus.OPEN)
    return Entity.objects.filter(Exists(opened.filter(entity=OuterRef("pk"))))


def run(errand_id: str) -> None:
    """Do all that is left of an errand, unless somebody else is at it."""
    while step(errand_id):
        pass


@transaction.atomic
def step(errand_id: str) -> bool:
    """Do the next part of an errand; False where there is nothing more to do."""
    unfinished = Errand.objects.select_related("service__department", "group__service", "group__merged_into", "by")
    unfinished = unfinished.filter(pk=errand_id, confirmed_at__isnull=False, finished_at=None)
    errand = unfinished.select_for_update(of=("self",), skip_locked=True).first()
    if errand is None:
        return False
    following = entities(errand).filter(pk__gt=errand.reached).order_by("pk")
    if errand.kind != ErrandKind.TELL:
        following = following.select_for_update(no_key=True, of=("self",))
    found = list(following[:STEP])
    if found and not _is_overtaken(errand):
        errand.reached, errand.done = found[-1].pk, errand.done + len(found)
        errand.save(update_fields=["reached", "done"])
        DO[ErrandKind(errand.kind)](errand, found)
        return True
    errand.finished_at = timezone.now()
    errand.save(update_fields=["finished_at"])
    if errand.kind == ErrandKind.MERGE:
        _close_merged(errand)
    return False


def _is_overtaken(errand: Errand) -> bool:
    """What is to be told is not so any more."""
    if errand.kind != ErrandKind.TELL:
        return False
    row = errand.group or errand.service
    return (row.withdrawn_at is not None) != errand.told["withdrawn"]


def _open(errand: Errand, found: Sequence[Entity]) -> None:
    open_to(found, errand.service, errand.by)


def _tell(errand: Errand, found: Sequence[Entity]) -> None:
    kind = Kind.SERVICE_CLOSED if errand.told["withdrawn"] else Kind.SERVICE_OPENED
    tell_assigners(found, errand.service, kind, group=errand.group)
    path = (errand.group or errand.service).path
    for entity in found:
        record(Action.CATALOGUE_CHANGED, entity=entity.number, actor=errand.by, target=path, **errand.told)


def _merge(errand: Errand, found: Sequence[Entity]) -> None:
    """Move the members of these entities: who is in the other group already stays there as they are.

    Old and new change in one moment, so that nobody is without a right in between. One line of history a person.
    """
    group, into = _groups(errand)
    now = timezone.now()
    rows = list(lasting_at(group).filter(entity__in=found).select_related("login__entity").order_by("pk"))
    there = set(lasting_at(into).filter(entity__in=found).values_list("login", flat=True))
    new = Assignment.objects.bulk_create(
        Assignment(
            entity_id=row.entity_id,
            login=row.login,
            group=into,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            end_told_for=row.end_told_for,
            created_at=now,
        )
        for row in rows
        if row.login_id not in there
    )
    Assignment.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=now)
    can_use = set(in_force().filter(pk__in=[row.pk for row in new]).values_list("login", flat=True))
    people: dict[int, list[StaffLogin]] = {entity.pk: [] for entity in found}
    for row in rows:
        people[row.entity_id].append(row.login)
    for entity in found:
        moved = [login for login in people[entity.pk] if login.pk not in there]
        stayed = [login for login in people[entity.pk] if login.pk in there]
        _say([login for login in moved if login.pk in can_use], Kind.ASSIGNED, into)
        _say(stayed, Kind.UNASSIGNED, group)
        administrators = administrators_of(entity)
        _say(administrators, Kind.MEMBERS_ADDED, into, who=moved)
        _say(administrators, Kind.MEMBERS_REMOVED, group, who=people[entity.pk])
    what = {"service": errand.service.code, "group": group.code, "into": into.code}
    for entity in found:
        euids = [login.euid for login in people[entity.pk]]
        record_many(Action.GROUP_MERGED, entity=entity.number, actor=errand.by, targets=euids, **what)


def _say(
    told: Sequence[StaffLogin], kind: Kind, group: ServiceGroup, *, who: Sequence[StaffLogin] | None = None
) -> None:
    """Tell people about a group; with `who`, that these were put into it or taken out, if there are any."""
    values = {"service": group.service.names, "group": group.names, "dates": {}}
    if who is None:
        notify(told, kind, about=group.path, values=values)
    elif who:
        notify(told, kind, about=group.path, grouped_by=group.path, who=who, count=len(who), values=values)


def _groups(errand: Errand) -> tuple[ServiceGroup, ServiceGroup]:
    """The group that closes and the one it goes into, each with its e-service."""
    group = errand.group
    if group is None or group.merged_into is None:
        raise RuntimeError(f"{errand} has no groups")
    group.service = group.merged_into.service = errand.service
    return group, group.merged_into


def _close_merged(errand: Errand) -> None:
    """Everybody has been moved, and nobody could be added: the group is closed."""
    group, into = _groups(errand)
    now = timezone.now()
    ServiceGroup.objects.filter(pk=group.pk).update(withdrawn_at=now)
    told = {"into": into.code, "withdrawn_at": [None, now.isoformat(timespec="seconds")]}
    record(Action.CATALOGUE_CHANGED, entity="", actor=errand.by, target=group.path, **told)


def resume() -> None:
    """Go on with what a worker began and did not finish."""
    for errand in Errand.objects.filter(confirmed_at__isnull=False, finished_at=None).order_by("confirmed_at"):
        run(str(errand.pk))


DO = {ErrandKind.OPEN: _open, ErrandKind.MERGE: _merge, ErrandKind.TELL: _tell}
