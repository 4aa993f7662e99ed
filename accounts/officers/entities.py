"""What officers change about an entity: each act takes a role and a reason; the history has old and new."""

from collections.abc import Callable

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from accounts import operations
from accounts.models import Entity, EntityStatus
from accounts.officers import texts
from accounts.operations import EntityStatusNotAllowed
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.messaging.models import Purpose
from entity_portal.messaging.operations import queue_sms
from entity_portal.roles import Role
from staff.models import StaffLogin
from staff.operations.notices import administrators_of, tell_by_email
from staff.operations.officers import demand_role

WRITERS = (Role.REGISTRAR, Role.APPROVER)
# Whoever may suspend cannot close alone: that is final.
ROLES: dict[str, tuple[Role, ...]] = {
    EntityStatus.ACTIVE: WRITERS,
    EntityStatus.SUSPENDED: WRITERS,
    EntityStatus.CLOSED: (Role.APPROVER,),
}
TEXTS: dict[str, Callable[[StaffLogin], str]] = {
    EntityStatus.ACTIVE: texts.entity_reactivated,
    EntityStatus.SUSPENDED: texts.entity_suspended,
    EntityStatus.CLOSED: texts.entity_closed,
}


class NumberTaken(Exception):
    """Another entity has this number, or had it once."""


@transaction.atomic
def set_number(*, entity: Entity, by: StaffLogin, number: str, reason: str) -> bool:
    """Give an entity its official number (Q27); return whether that is new.

    The old one opens the door no longer, and no other entity ever gets it; the history of both belongs to the entity.
    Its administrators are told by SMS and e-mail.

    Raises:
        NotOfficer, NumberTaken
        EntityStatusNotAllowed: it is closed.
    """
    held = Entity.objects.lock(entity)
    demand_role(by, *WRITERS)
    _demand_not_closed(held)
    was, was_official = held.number, held.number_is_official
    if (was, was_official) == (number, True):
        return False
    held.number, held.number_is_official = number, True
    try:
        with transaction.atomic():
            held.save(update_fields=["number", "number_is_official"])
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):  # the index, or the trigger that knows former numbers
            raise NumberTaken from error
        raise
    if was != number:
        _tell_administrators(held, texts.entity_number)
    about = {"number": [was, number], "official": [was_official, True], "reason": reason}
    for chain in dict.fromkeys((was, number)):  # the old history ends with it and the new one begins
        record(Action.ENTITY_CHANGED, entity=chain, actor=by, target=number, **about)
    return True


@transaction.atomic
def change_names(*, entity: Entity, by: StaffLogin, name_zh: str, name_pt: str, reason: str) -> bool:
    """Change the official names; return whether that is new.

    Raises:
        NotOfficer
        EntityStatusNotAllowed: it is closed.
    """
    held = Entity.objects.lock(entity)
    demand_role(by, *WRITERS)
    _demand_not_closed(held)
    wanted = {"name_zh": name_zh, "name_pt": name_pt}
    changes = {field: [getattr(held, field), name] for field, name in wanted.items() if getattr(held, field) != name}
    if not changes:
        return False
    held.name_zh, held.name_pt = name_zh, name_pt
    held.save(update_fields=["name_zh", "name_pt"])
    record(Action.ENTITY_CHANGED, entity=held.number, actor=by, target=held.number, reason=reason, **changes)
    return True


@transaction.atomic
def change_status(*, entity: Entity, by: StaffLogin, status: EntityStatus, reason: str) -> None:
    """Suspend, reactivate or close an entity. Its administrators are told by SMS and e-mail.

    Raises:
        NotOfficer: closing takes an approver.
        EntityStatusNotAllowed, KeepsPortal
    """
    held = Entity.objects.lock(entity)
    demand_role(by, *ROLES[status])
    operations.change_status(
        entity=held,
        by=by,
        status=status,
        reason=reason,
        tell=lambda changed: _tell_administrators(changed, TEXTS[status]),
    )


def _demand_not_closed(held: Entity) -> None:
    if held.status == EntityStatus.CLOSED:
        raise EntityStatusNotAllowed(held.status, held.status)


def _tell_administrators(entity: Entity, text: Callable[[StaffLogin], str]) -> None:
    for person in sorted(administrators_of(entity), key=lambda each: each.mobile):
        queue_sms(to=person.mobile, entity=entity.number, body=text(person), purpose=Purpose.NOTICE)
        tell_by_email(person, text)
