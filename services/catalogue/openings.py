"""Opening e-services to entities, suspending, withdrawing and reopening that (S13.1).

`by` is the catalogue manager who does it, or None for whoever works on the machine itself.
"""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import Entity, EntityStatus
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.messaging.kinds import Kind
from services import queries
from services.catalogue.managers import demand_manager
from services.models import EService, Opening, OpeningStatus, ServiceGroup
from staff.models import StaffLogin
from staff.operations.notices import notify


class EntityNotActive(Exception):
    """The entity is suspended or closed: nothing is opened to it."""


@transaction.atomic
def open_service(*, entity: Entity, service: EService, by: StaffLogin | None, reason: str = "") -> Opening:
    """A department opens an e-service to an entity, or opens it again.

    Raises:
        NotOfficer: `by` does not look after its department.
        EntityNotActive
    """
    entity = Entity.objects.lock(entity)
    if by:
        demand_manager(by, service.department)
    if entity.status != EntityStatus.ACTIVE:
        raise EntityNotActive
    if not open_to([entity], service, by):
        _change(Opening.objects.get(entity=entity, service=service), OpeningStatus.OPEN, by, reason)
    return Opening.objects.get(entity=entity, service=service)


@transaction.atomic
def change_opening(*, opening: Opening, status: OpeningStatus, by: StaffLogin | None, reason: str = "") -> bool:
    """Suspend, withdraw or reopen; False if it is so already. Assignments stay and rest meanwhile (Q24).

    Raises:
        NotOfficer: `by` does not look after its department.
    """
    Entity.objects.lock(opening.entity)
    if by:
        demand_manager(by, opening.service.department)
    return _change(opening, status, by, reason)


def _change(opening: Opening, status: OpeningStatus, by: StaffLogin | None, reason: str) -> bool:
    """Change an opening whose entity is held."""
    opening.refresh_from_db(fields=["status"])
    was = opening.status
    if status == was:
        return False
    opening.status, opening.changed_at = status, timezone.now()
    opening.save(update_fields=["status", "changed_at"])
    kind = Kind.SERVICE_OPENED if status == OpeningStatus.OPEN else Kind.SERVICE_CLOSED
    tell_assigners([opening.entity], opening.service, kind)
    more = {"reason": reason} if reason else {}
    number, code = opening.entity.number, opening.service.code
    record(Action.OPENING_CHANGED, entity=number, actor=by, target=code, was=was, now=status, **more)
    return True


def open_to(entities: Sequence[Entity], service: EService, by: StaffLogin | None) -> int:
    """Open an e-service to entities that are held and have never had it; return to how many. Of others nothing changes.

    One line of history for each in its own chain.
    """
    had = set(Opening.objects.filter(service=service, entity__in=entities).values_list("entity", flat=True))
    new = [entity for entity in entities if entity.pk not in had]
    Opening.objects.bulk_create(Opening(entity=entity, service=service) for entity in new)
    tell_assigners(new, service, Kind.SERVICE_OPENED)
    for entity in new:
        record(Action.SERVICE_OPENED, entity=entity.number, actor=by, target=service.code)
    return len(new)


def tell_assigners(
    entities: Sequence[Entity], service: EService, kind: Kind, *, group: ServiceGroup | None = None
) -> None:
    """Tell who can assign people there, administrators and service administrators, of an e-service or one group."""
    people: dict[int, list[StaffLogin]] = {entity.pk: [] for entity in entities}
    for login in queries.assigners_of(entities, service):
        people[login.entity_id].append(login)
    names = service.names
    if group:
        names = {language: f"{name} ({group.names[language]})" for language, name in names.items()}
    for told in people.values():
        notify(told, kind, about=group.path if group else service.code, values={"service": names})
