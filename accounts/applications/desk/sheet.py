"""What an officer compares: the data as the applicant gave them beside the register and what is on record.

Numbers of documents and mobiles are masked unless `full` says otherwise (Q28); marks are computed from whole numbers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.applications import answers, rules
from accounts.applications.models import Application, Kind
from accounts.models import Kind as EntityKind
from accounts.models import LegalRepresentative, RegisterEntry
from entity_portal import phones
from entity_portal.documents import MACAO_RESIDENT_IDS, DocumentType
from entity_portal.places import place_name
from entity_portal.text import mask
from staff.models import StaffLogin

LABELS: dict[str, Any] = {
    "kind": gettext_lazy("Kind of entity"),
    "registration_number": gettext_lazy("Registration number"),
    "name_zh": gettext_lazy("Name in Chinese"),
    "name_pt": gettext_lazy("Name in Portuguese"),
    "name_foreign": gettext_lazy("Name in Portuguese / foreign language"),
    "document_type": gettext_lazy("Type of identification document"),
    "document_number": gettext_lazy("Identification document no."),
    "document_place": gettext_lazy("Place of issue"),
    "birth_date": gettext_lazy("Date of birth"),
    "mobile": gettext_lazy("Mobile phone number"),
    "email": gettext_lazy("E-mail address"),
}
ENTITY = ("kind", "name_zh", "name_pt", "registration_number")
REPRESENTATIVE = ("name_zh", "name_foreign", "document_type", "document_number", "birth_date", "mobile")
PERSON = (*REPRESENTATIVE[:4], "document_place", "birth_date", "mobile", "email")
UNKNOWN = object()  # a source that says nothing about a field


@dataclass(frozen=True)
class Cell:
    """What another source says of a field; `tone` is "ok", "bad", "wait" or "", and `word` says it too."""

    value: str
    word: str
    tone: str = ""


@dataclass(frozen=True)
class Comparison:
    """A table: each row is a label, what was given, and a cell of each source in `columns`."""

    key: str
    title: str
    given: str  # heading of what was given
    columns: list[str]
    rows: list[tuple[Any, str, list[Cell]]]

    @property
    def lines(self) -> Iterator[tuple[Any, str, list[tuple[str, Cell]]]]:
        """The rows, each cell with the source it is of."""
        for label, given, cells in self.rows:
            yield label, given, list(zip(self.columns, cells, strict=True))

    @property
    def different(self) -> int:
        """How many fields differ somewhere."""
        return sum(any(cell.tone == "bad" for cell in cells) for _label, _given, cells in self.rows)


@dataclass(frozen=True)
class Person:
    """Somebody who is to be an administrator."""

    title: str
    rows: list[tuple[Any, str]]


def shown(field: str, value: Any, *, full: bool) -> str:
    """A value in words, in the reader's language; "" for nothing."""
    if not value:
        return ""
    match field:
        case "kind":
            return str(EntityKind(value).label)
        case "document_type":
            return str(DocumentType(value).label)
        case "document_number":
            return value if full else mask(value)
        case "document_place":
            return place_name(value)
        case "mobile":
            return phones.written(value) if full else phones.masked(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def comparisons(application: Application, *, full: bool) -> list[Comparison]:
    """The tables of an application, by its kind."""
    if application.kind == Kind.CORRECTION:
        return [_correction(application, full)]
    line = rules.register_line(application)
    tables = [_entity(application, line, full)] if application.kind == Kind.FIRST else []
    return [*tables, _representative(application, line, full)]


def people(application: Application, *, full: bool) -> list[Person]:
    """Everybody who is to have a new login as an administrator."""
    found = answers.people(application)
    return [
        Person(
            _("Administrator %(n)s") % {"n": number} if len(found) > 1 else _("New administrator"),
            [(LABELS[field], shown(field, person.get(field), full=full)) for field in PERSON],
        )
        for number, person in enumerate(found, start=1)
    ]


def agreement(application: Application) -> dict[str, Any]:
    """Which terms were accepted when; nothing where none were."""
    kept = application.answers.get("agreement") or {}
    at = kept.get("accepted_at")
    return {"terms": kept.get("terms", ""), "at": parse_datetime(at) if at else None} if kept else {}


def _entity(application: Application, line: RegisterEntry | None, full: bool) -> Comparison:
    given = application.answers.get("entity", {})
    differing = _differing(application, line)
    rows = [
        _row(field, given.get(field), [_registered(line, field, field in differing, given.get(field), full)], full)
        for field in ENTITY
    ]
    return Comparison("entity", _("Entity"), _("As applied for"), [_("On the register")], rows)


def _representative(application: Application, line: RegisterEntry | None, full: bool) -> Comparison:
    given = answers.read(application.answers.get("representative", {}))
    differing = _differing(application, line)
    recorded = _recorded(application, given)
    columns = [_("On the register")]
    if application.entity:
        columns.append(_("On record for the entity"))
    rows = []
    for field in REPRESENTATIVE:
        value, name = given.get(field), f"representative_{field}"
        other = field == "mobile" and line is not None and bool(value) and value != line.representative_mobile
        cells = [_registered(line, name, name in differing or other, value, full)]
        if application.entity:
            cells.append(_on_record(recorded, field, value, full))
        rows.append(_row(field, value, cells, full))
    return Comparison("representative", _("Legal representative"), _("As applied for"), columns, rows)


def _correction(application: Application, full: bool) -> Comparison:
    login = application.login
    changes = answers.read(application.answers.get("changes", {}))
    rows = []
    for field in StaffLogin.IDENTITY_FIELDS:
        present = getattr(login, field)
        if field not in changes:
            word, tone = _("Stays"), ""
        elif changes[field] == present:
            word, tone = _("The same already"), "ok"
        else:
            word, tone = _("Will change"), "wait"
        now = shown(field, present, full=full)
        asked = shown(field, changes[field], full=full) if field in changes else ""
        rows.append((LABELS[field], asked, [Cell(now, word, tone)]))
    return Comparison("correction", _("Data of the staff login"), _("As applied for"), [_("At present")], rows)


def _row(field: str, value: Any, cells: list[Cell], full: bool) -> tuple[Any, str, list[Cell]]:
    return LABELS[field], shown(field, value, full=full), cells


def _differing(application: Application, line: RegisterEntry | None) -> set[str]:
    return {each.field for each in rules.differences(application, line)} if line else set()


def _registered(line: RegisterEntry | None, name: str, differs: bool, given: Any, full: bool) -> Cell:
    if line is None:
        return Cell("", _("No such line"), "wait")
    return _judged(name.removeprefix("representative_"), getattr(line, name), given, differs, full)


def _on_record(recorded: LegalRepresentative | None, field: str, given: Any, full: bool) -> Cell:
    if recorded is None:
        return Cell("", _("Nobody is on record"), "wait")
    if field == "document_type":
        return _resident(recorded, given)
    value = getattr(recorded, field, UNKNOWN)
    return _judged(field, value, given, value is not UNKNOWN and not rules.same(given, value), full)


def _resident(recorded: LegalRepresentative, given: Any) -> Cell:
    """Of the type of document, only what S12.2 asks is on record."""
    holds = recorded.holds_macao_resident_id
    value = _("Macao resident ID") if holds else _("Not a Macao resident ID")
    same = (given in MACAO_RESIDENT_IDS) == holds
    return Cell(value, _("The same") if same else _("Different"), "ok" if same else "bad")


def _judged(field: str, value: Any, given: Any, differs: bool, full: bool) -> Cell:
    if value is UNKNOWN or value in ("", None):
        return Cell("", _("Says nothing"))
    said = shown(field, value, full=full)
    if given in ("", None):
        return Cell(said, _("Left out"))
    return Cell(said, _("Different"), "bad") if differs else Cell(said, _("The same"), "ok")


def _recorded(application: Application, given: Mapping[str, Any]) -> LegalRepresentative | None:
    """Who is on record with the document that was given; else whoever is."""
    if application.entity is None:
        return None
    there = list(application.entity.legal_representatives.order_by("pk"))
    same = (each for each in there if each.document_number == given.get("document_number"))
    return next(same, there[0] if there else None)


# --- what an approval does ---


def effects(application: Application, *, full: bool) -> Iterator[dict[str, str]]:
    """What happens when it is approved, line by line, before it does."""
    if application.kind == Kind.FIRST:
        entity, representative = application.answers["entity"], application.answers["representative"]
        yield {
            "what": _("The entity account of %(name)s is opened.") % {"name": entity["name_zh"] or entity["name_pt"]},
            "detail": _("Legal representative: %(name)s") % {"name": _name(representative)},
        }
    for person in answers.people(application):
        yield {
            "what": _("%(name)s gets a staff login as an administrator.") % {"name": _name(person)},
            "detail": _("The activation code goes to %(mobile)s by SMS.")
            % {"mobile": shown("mobile", person["mobile"], full=full)},
        }
    if application.kind == Kind.ADMINISTRATORS and application.login:
        yield {
            "what": _("%(name)s is given the power of an administrator.") % {"name": application.login.name},
            "detail": application.login.euid,
        }
    if application.kind == Kind.CORRECTION and application.login:
        yield from _changes(application, application.login, full)
    yield from _told(application, full)


def _changes(application: Application, login: StaffLogin, full: bool) -> Iterator[dict[str, str]]:
    changes = answers.read(application.answers["changes"])
    for field, value in changes.items():
        was = shown(field, getattr(login, field), full=full) or _("nothing")
        now = shown(field, value, full=full) or _("nothing")
        yield {"what": _("%(field)s is changed.") % {"field": LABELS[field]}, "detail": f"{was} → {now}"}
    numbers = {login.mobile, changes.get("mobile", login.mobile)}
    detail = ", ".join(shown("mobile", number, full=full) for number in sorted(numbers))
    yield {"what": _("The person is told by SMS, at the old number and the new one."), "detail": detail}


def _told(application: Application, full: bool) -> Iterator[dict[str, str]]:
    reached = [shown("mobile", application.mobile, full=full), application.email]
    if any(reached):
        yield {"what": _("The applicant is told."), "detail": ", ".join(filter(None, reached))}
    if application.kind != Kind.FIRST:
        yield {"what": _("The administrators of the entity are notified."), "detail": ""}


def _name(person: Mapping[str, Any]) -> str:
    return person["name_zh"] or person["name_foreign"]
