"""What officers do with the register: bring a file in, and settle what imports leave to them.

Lock order: import, then login; entity, then its representatives, then login, then task, then line of the register.
"""

from collections.abc import Callable
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import tasks
from accounts.models import (
    DOCUMENT,
    OPEN_STATES,
    Entity,
    ImportState,
    LegalRepresentative,
    Outcome,
    RegisterEntry,
    RegisterImport,
    RegisterTask,
)
from accounts.officers import entities, register_queries
from entity_portal import phones
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.roles import Role
from entity_portal.sealed import indexes
from entity_portal.text import mask
from staff.models import StaffLogin
from staff.operations.officers import demand_role

CONFIRMERS = (Role.REGISTRAR, Role.APPROVER)
SETTLERS = (Role.REGISTRAR, Role.APPROVER)


class AlreadyUploaded(Exception):
    """The same file is on its way already; `args[0]` is its `RegisterImport`."""


class OwnUpload(Exception):
    """Whoever brought the file does not confirm it: another officer looks at it first (Q1)."""


class AnotherPreview(Exception):
    """What would be done is not what the officer has looked at: the register has changed since."""


class AlreadySettled(Exception):
    """Somebody has settled the task meanwhile."""


class NotOffered(Exception):
    """A task is not settled this way: its line is gone, its entity has that status, or no reason is given."""


# --- imports ---


def upload(*, by: StaffLogin, name: str, content: bytes, whole: bool) -> RegisterImport:
    """Keep a file of the register and have it read; `whole` says that what is not in it is gone.

    Raises:
        NotOfficer, AlreadyUploaded
    """
    digest = sha256(content).hexdigest()
    try:
        with transaction.atomic():
            demand_role(by, Role.REGISTRAR)
            uploaded = RegisterImport.objects.create(
                name=name, digest=digest, size=len(content), content=content, whole=whole, total=content.count(b"\n")
            )
            uploaded.moves.create(state=ImportState.UPLOADED, euid=by.euid, label=str(by))
            tasks.read_register.defer(register_import=uploaded.pk)
            record(
                Action.REGISTER_UPLOADED,
                entity="",
                actor=by,
                target=str(uploaded.pk),
                file=name,
                sha256=digest,
                size=len(content),
                whole=whole,
            )
    except IntegrityError as taken:
        there = RegisterImport.objects.filter(digest=digest, whole=whole, state__in=OPEN_STATES).defer("content")
        if (first := there.first()) is None:
            raise
        raise AlreadyUploaded(first) from taken
    return uploaded


def is_uploader(held: RegisterImport, officer: StaffLogin) -> bool:
    return held.moves.filter(state=ImportState.UPLOADED, euid=officer.euid).exists()


@transaction.atomic
def confirm(*, pk: int, by: StaffLogin, preview: int) -> None:
    """Have an import done as its preview number `preview` shows it.

    What the register says approves applications at once, so it takes two officers: one brings a file, another confirms.

    Raises:
        NotOfficer, MoveNotAllowed
        AnotherPreview
        OwnUpload
    """
    held = RegisterImport.objects.lock(pk)
    demand_role(by, *CONFIRMERS)
    if is_uploader(held, by):
        raise OwnUpload
    if held.state == ImportState.READ and held.preview != preview:
        raise AnotherPreview
    held.move(ImportState.CONFIRMED, by=by)
    tasks.apply_register.defer(register_import=pk)


@transaction.atomic
def cancel(*, pk: int, by: StaffLogin) -> None:
    """Throw an import away that nobody has confirmed, with everything that was read from its file.

    Raises:
        NotOfficer, MoveNotAllowed
    """
    held = RegisterImport.objects.lock(pk)
    demand_role(by, Role.REGISTRAR)
    held.move(ImportState.CANCELLED, by=by)
    held.lines.all().delete()


# --- tasks ---


@transaction.atomic
def settle(*, task: RegisterTask, by: StaffLogin, outcome: Outcome, note: str = "", seen: str = "") -> None:
    """Settle a task: take the representative over, suspend or close the entity, or nothing, which takes a note.

    `seen` is the state of the line of the register (`register_queries.seen`) that the officer has looked at.

    Raises:
        NotOfficer, AlreadySettled, AnotherPreview
        NotOffered: closing takes an approver.
    """
    entity = Entity.objects.lock(task.entity)
    # One of them may be saved whole: meanwhile nobody writes its number with another key.
    list(entity.legal_representatives.select_for_update(no_key=True).order_by("pk"))
    demand_role(by, *SETTLERS)
    held = RegisterTask.objects.select_for_update(no_key=True).get(pk=task.pk)
    held.entity = entity
    if held.done_at:
        raise AlreadySettled
    entry = RegisterEntry.objects.select_for_update(no_key=True).get(registration_number=entity.registration_number)
    if outcome not in register_queries.outcomes(held, entry, by) or (outcome != Outcome.TAKEN_OVER and not note):
        raise NotOffered
    changes = {}
    if outcome == Outcome.TAKEN_OVER:
        if register_queries.seen(entry) != seen:
            raise AnotherPreview
        changes = _take_over(held, entity, entry)
    elif status := register_queries.STATUSES.get(outcome):
        entities.change_status(entity=entity, by=by, status=status, reason=note)
    held.outcome, held.note, held.done_at = outcome, note, timezone.now()
    held.done_by, held.done_by_label = by.euid, str(by)
    held.save(update_fields=["outcome", "note", "done_at", "done_by", "done_by_label"])
    record(
        Action.REGISTER_TASK_DONE,
        entity=entity.number,
        actor=by,
        target=entity.number,
        kind=held.kind,
        outcome=outcome,
        note=note,
        changes=changes,
    )


MASKS: dict[str, Callable[[str], str]] = {"document_number": mask, "mobile": phones.masked}


def _take_over(task: RegisterTask, entity: Entity, entry: RegisterEntry) -> dict[str, list[object]]:
    """Make the register's representative the entity's, in the place of the one before; return old and new, masked."""
    representative = register_queries.recorded(task, entry) or LegalRepresentative(entity=entity)
    if entry.representative_document_number != task.old.get("representative_document_number"):
        number = indexes(task.old.get("representative_document_number", ""), DOCUMENT)
        before = entity.legal_representatives.filter(document_index__in=number)
        before.exclude(pk=representative.pk).delete()
    changes = {}
    for field, value in register_queries.representative_of(entry).items():
        old = getattr(representative, field)
        if old != value:
            hide = MASKS.get(field, lambda shown: shown)
            changes[field] = [hide(old) if old else old, hide(value) if value else value]
            setattr(representative, field, value)
    representative.save()
    return changes
