"""What officers' pages show of the register, numbers masked (Q28), and what may be done with a task."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import (
    NEXT_ENTITY_STATUSES,
    REGISTER_FIELDS,
    EntityStatus,
    Kind,
    LegalRepresentative,
    Outcome,
    RegisterEntry,
    RegisterLine,
    RegisterTask,
    RegisterText,
    TaskKind,
)
from accounts.officers import entities
from entity_portal import phones
from entity_portal.documents import MACAO_RESIDENT_IDS, DocumentType
from entity_portal.text import mask
from staff.models import StaffLogin

STATUSES = {Outcome.SUSPENDED: EntityStatus.SUSPENDED, Outcome.CLOSED: EntityStatus.CLOSED}
WORDS = {"kind": dict(Kind.choices), "representative_document_type": dict(DocumentType.choices)}


@dataclass(frozen=True)
class Pair:
    """Something that two places say: the register before and in the file, or the register and the entity account."""

    label: str
    one: str
    other: str
    differs: bool

    @property
    def is_hidden(self) -> bool:
        """They differ where the mask hides it."""
        return self.differs and self.one == self.other


def label(field: str) -> str:
    return str(RegisterEntry._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def shown(field: str, value: Any) -> str:
    """A field of a line of the register as officers see it."""
    if not value:
        return ""
    if field == "representative_document_number":
        return mask(value)
    if field == "representative_mobile":
        return phones.masked(value)
    return str(WORDS.get(field, {}).get(value, value))


def facts(line: RegisterText) -> list[tuple[str, str]]:
    """(label, what is shown) of everything a line says."""
    return [(label(field), shown(field, getattr(line, field))) for field in REGISTER_FIELDS]


def differences(line: RegisterLine) -> list[Pair]:
    """What a changed line of a file says otherwise than the register."""
    old = {field: (line.was or {}).get(field) for field in REGISTER_FIELDS}
    new = {field: getattr(line, field) for field in REGISTER_FIELDS}
    return [
        Pair(label(field), shown(field, old[field]), shown(field, new[field]), differs=True)
        for field in REGISTER_FIELDS
        if str(old[field] or "") != str(new[field] or "")
    ]


def seen(entry: RegisterEntry) -> str:
    """Changes with every change of the line."""
    return entry.imported_at.isoformat()


def outcomes(task: RegisterTask, entry: RegisterEntry, by: StaffLogin) -> list[Outcome]:
    """How a task may be settled by this officer, as the register and the entity stand now."""

    def is_offered(outcome: Outcome) -> bool:
        if outcome == Outcome.TAKEN_OVER:
            return task.kind == TaskKind.REPRESENTATIVE_CHANGED and entry.gone_at is None
        if (status := STATUSES.get(outcome)) is None:
            return True
        may = not by.roles.isdisjoint(entities.ROLES[status])
        return may and not task.entity.keeps_portal and status in NEXT_ENTITY_STATUSES[task.entity.status]

    return [outcome for outcome in Outcome if is_offered(outcome)]


def representative_of(entry: RegisterEntry) -> dict[str, Any]:
    """The register's representative, as the fields of a `LegalRepresentative`."""
    return {
        "name_zh": entry.representative_name_zh,
        "name_foreign": entry.representative_name_foreign,
        "document_number": entry.representative_document_number,
        "mobile": entry.representative_mobile,
        "holds_macao_resident_id": entry.representative_document_type in MACAO_RESIDENT_IDS,
    }


def recorded(task: RegisterTask, entry: RegisterEntry) -> LegalRepresentative | None:
    """Whom the register's representative is, or takes the place of, in the entity account."""
    numbers = [entry.representative_document_number, task.old.get("representative_document_number", "")]
    known = {each.document_number: each for each in task.entity.legal_representatives.all()}
    return next((known[number] for number in numbers if number in known), None)


def comparison(task: RegisterTask, entry: RegisterEntry) -> Iterator[Pair]:
    """The line of the register beside what is recorded for the entity."""
    for field in ("name_zh", "name_pt", "kind"):
        one, other = getattr(entry, field), getattr(task.entity, field)
        yield Pair(label(field), shown(field, one), shown(field, other), differs=one != other)
    known = recorded(task, entry)
    for field, one in representative_of(entry).items():
        other = getattr(known, field, "")
        if field == "holds_macao_resident_id":
            words = {True: _("Yes"), False: _("No"), "": ""}
            yield Pair(_("Holds a Macao resident identity card"), words[one], words[other], differs=one != other)
        else:
            of = f"representative_{field}"
            yield Pair(label(of), shown(of, one), shown(of, other), differs=one != other)
