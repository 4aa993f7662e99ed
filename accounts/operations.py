"""Opening entities and changing their status, and bringing the official register in."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction

from accounts import imports
from accounts.models import (
    NEXT_ENTITY_STATUSES,
    Entity,
    EntityStatus,
    ImportState,
    Kind,
    LegalRepresentative,
    RegisterEntry,
    RegisterImport,
)
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import Actor, record
from entity_portal.documents import MACAO_RESIDENT_IDS
from entity_portal.rows import with_own_number


class EntityStatusNotAllowed(Exception):
    """The entity's status does not lead there; `args` are the status it has and the one that was asked for."""


class KeepsPortal(Exception):
    """The authority's own entity is neither suspended nor closed: nobody could undo it."""


AUTHORITY = {"name_zh": "行政公職局", "name_pt": "Direcção dos Serviços de Administração e Função Pública"}


class AlreadyOpen(Exception):
    """There is an entity of this registration number; `args[0]` is its entity number."""


class NumberTaken(Exception):
    """Another entity has this entity number."""


@dataclass(frozen=True)
class Imported:
    """How many lines of the register were new, said something else than before, or the same."""

    new: int
    changed: int
    unchanged: int


@transaction.atomic
def import_register(*, lines: Iterable[Mapping[str, Any]]) -> Imported:
    """Bring lines of the register in, as `accounts.register.read` gives them; one of a known number replaces the old.

    What is not in `lines` stays, and so does every entity that was opened from a line before. Nobody looks at a
    preview: this is for the operator's command and the demonstration; officers import in the steps of
    `accounts.imports`.
    """
    imports.hold_register()
    brought = RegisterImport.objects.create()
    imports.stage(enumerate(lines, 1))
    imports.compare(brought)
    brought.move(ImportState.CONFIRMED)
    imports.bring_in(brought, tell=lambda _count: None)
    return Imported(new=brought.new, changed=brought.changed, unchanged=brought.unchanged)


@transaction.atomic
def open_from_register(*, entry: RegisterEntry, number: str = "", by: Actor | None = None) -> Entity:
    """Make the entity of a line of the register, with its legal representative, inside the caller's transaction.

    The caller adds the first administrator before the commit: without one the database refuses the entity (S3.4).
    `number` is the official entity number where there is one; else one of ours is drawn (Q27).

    Raises:
        AlreadyOpen
        RegisterEntry.DoesNotExist: the line is gone from the register.
    """
    # Whoever opens the same line at the same time waits here, and an import cannot change what is being copied.
    entry = RegisterEntry.objects.current().select_for_update().get(pk=entry.pk)
    return open_entity(
        by=by,
        representative={
            "name_zh": entry.representative_name_zh,
            "name_foreign": entry.representative_name_foreign,
            "document_number": entry.representative_document_number,
            "mobile": entry.representative_mobile,
            "holds_macao_resident_id": entry.representative_document_type in MACAO_RESIDENT_IDS,
        },
        name_zh=entry.name_zh,
        name_pt=entry.name_pt,
        kind=entry.kind,
        registration_number=entry.registration_number,
        number=number,
    )


@transaction.atomic
def open_entity(
    *,
    by: Actor | None,
    representative: Mapping[str, Any],
    name_zh: str,
    name_pt: str,
    kind: str,
    registration_number: str = "",
    number: str = "",
) -> Entity:
    """Make an entity with its legal representative, inside the caller's transaction, as `open_from_register` does.

    `registration_number` is "" where no register has the entity.

    Raises:
        AlreadyOpen
    """
    official = {"number": number, "number_is_official": True} if number else {}
    try:
        entity = with_own_number(
            Entity,
            "number",
            name_zh=name_zh,
            name_pt=name_pt,
            kind=kind,
            registration_number=registration_number or None,
            **official,
        )
    except IntegrityError as error:
        there = Entity.objects.filter(registration_number=registration_number).first() if registration_number else None
        if there is None:
            raise
        raise AlreadyOpen(there.number) from error
    LegalRepresentative.objects.create(entity=entity, **representative)
    record(Action.ENTITY_OPENED, entity=entity.number, actor=by, target=entity.number)
    return entity


@transaction.atomic
def change_status(
    *,
    entity: Entity,
    by: Actor | None,
    status: EntityStatus,
    reason: str,
    tell: Callable[[Entity], None] = lambda _entity: None,
) -> None:
    """Suspend, reactivate or close an entity; a trigger ends the sessions of its people. Closed is final.

    `tell` queues what people are to be told, after the row locks and before the line of history.

    Raises:
        EntityStatusNotAllowed, KeepsPortal
    """
    held = Entity.objects.lock(entity)
    if held.keeps_portal:
        raise KeepsPortal
    if status not in NEXT_ENTITY_STATUSES[held.status]:
        raise EntityStatusNotAllowed(held.status, status)
    was, held.status = held.status, status
    held.save(update_fields=["status"])
    tell(held)
    record(
        Action.ENTITY_STATUS_CHANGED,
        entity=held.number,
        actor=by,
        target=held.number,
        was=was,
        now=str(status),
        reason=reason,
    )


def open_authority(*, number: str = "") -> Entity:
    """Make the entity of the authority, whose logins can be officers (Q1), or return the one that is there.

    As with `open_from_register` the caller adds the first administrator before the commit (S3.4), and `number` is the
    official entity number where there is one (Q27).

    Raises:
        NumberTaken
    """
    with connection.cursor() as cursor:  # two who open it at once meet here; reading entities goes on
        cursor.execute(f"LOCK TABLE {Entity._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
    if there := Entity.objects.filter(keeps_portal=True).first():
        return there
    try:
        with transaction.atomic():
            entity = Entity.objects.create(
                **AUTHORITY,
                kind=Kind.AUTHORITY,
                keeps_portal=True,
                **({"number": number, "number_is_official": True} if number else {}),
            )
    except IntegrityError as error:
        raise NumberTaken(number) from error
    record(Action.ENTITY_OPENED, entity=entity.number, actor=None, target=entity.number)
    return entity
