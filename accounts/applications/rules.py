"""What is decided by rule: who may ask for what online, what is approved at once, until when officers decide."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

import holidays
from django.utils import timezone

from accounts.applications.answers import read
from accounts.applications.models import DOCUMENT, OPEN, Application, Channel, Kind, State
from accounts.models import Entity, RegisterEntry
from accounts.models import Kind as EntityKind
from entity_portal.documents import MACAO_RESIDENT_IDS
from entity_portal.sealed import indexes
from entity_portal.text import bare, plain
from staff.models import StaffLogin

# Working days within which an application is decided, counted from the day after it was submitted.
WORKING_DAYS: dict[str, int] = {Kind.FIRST: 10, Kind.ADMINISTRATORS: 5, Kind.CORRECTION: 5}

# First applications for one registration number within a day that can be approved at once.
LOOKED_AT = 50  # of the latest for one registration number
AT_ONCE_A_DAY = 3

# 社團、法人（公司）、自然人商業企業主: those who may add administrator power online (S12.1).
MAY_CHANGE_ONLINE = frozenset(
    {
        EntityKind.COMPANY,
        EntityKind.ASSOCIATION,
        EntityKind.FOUNDATION,
        EntityKind.OTHER_LEGAL_PERSON,
        EntityKind.ENTREPRENEUR,
    }
)


class Obstacle(StrEnum):
    """Why an application cannot be approved at once, and goes to an officer."""

    KIND = "kind"  # organisations without legal personality and public authorities: officers only (Q31)
    CHANNEL = "channel"  # entered at the counter
    NOT_REGISTERED = "not_registered"  # the register has no such line
    DIFFERENT = "different"  # what was typed is not what the register says
    OPEN_ALREADY = "open_already"
    TOO_OFTEN = "too_often"  # asked for again and again: what the register says is not to be found out by trying
    NOT_WAITING = "not_waiting"  # an officer has begun, or it has been decided
    MOBILE = "mobile"  # the applicant's number is not proven yet


@dataclass(frozen=True)
class Difference:
    """A field of `RegisterEntry` in which the application says something else."""

    field: str
    given: Any
    registered: Any


def may_change_online(entity: Entity) -> bool:
    """S12.1 and S12.2: the kind of entity, and a legal representative who holds a Macao resident ID."""
    representatives = entity.legal_representatives.filter(holds_macao_resident_id=True)
    return entity.kind in MAY_CHANGE_ONLINE and representatives.exists()


def register_line(application: Application) -> RegisterEntry | None:
    """The line of the register about this entity, by its registration number; none where it is gone."""
    number = application.registration_number
    return RegisterEntry.objects.current().filter(registration_number=number).first() if number else None


def differences(application: Application, line: RegisterEntry) -> list[Difference]:
    """Where the application and the register differ; a name that was left out says nothing."""
    return [
        Difference(field, given, getattr(line, field))
        for field, given in _claims(application)
        if not same(given, getattr(line, field))
    ]


def _claims(application: Application) -> Iterator[tuple[str, Any]]:
    entity = application.answers.get("entity", {})
    representative = read(application.answers.get("representative", {}))
    for field in ("kind", "name_zh", "name_pt"):
        if entity.get(field):
            yield field, entity[field]
    for field in ("name_zh", "name_foreign"):
        if representative.get(field):
            yield f"representative_{field}", representative[field]
    for field in ("document_type", "document_number", "birth_date"):
        yield f"representative_{field}", representative.get(field)


def same(given: Any, registered: Any) -> bool:
    """Whether two values mean the same: capitals, accents and spaces are no difference."""
    if registered is None:  # the register does not know the birth date of everybody
        return True
    if isinstance(given, str) and isinstance(registered, str):
        return bare(" ".join(plain(given).split())) == bare(" ".join(plain(registered).split()))
    return given == registered


def obstacles(application: Application) -> list[Obstacle]:
    """Everything that keeps an application from being approved at once, but for the consent itself."""
    found = []
    if application.state != State.SUBMITTED or application.claimed_by_id:
        found.append(Obstacle.NOT_WAITING)
    if application.channel != Channel.ONLINE:
        found.append(Obstacle.CHANNEL)
    entity = application.entity
    if application.kind == Kind.FIRST:
        if application.answers.get("entity", {}).get("kind") not in MAY_CHANGE_ONLINE:
            found.append(Obstacle.KIND)
        if not application.mobile_proven_at or _applicants_mobile(application) != application.mobile:
            found.append(Obstacle.MOBILE)
        if Entity.objects.filter(registration_number=application.registration_number).exists():
            found.append(Obstacle.OPEN_ALREADY)
        if _asked_before(application) >= AT_ONCE_A_DAY:
            found.append(Obstacle.TOO_OFTEN)
    line = register_line(application)
    online = entity is not None and may_change_online(entity)
    if application.kind != Kind.FIRST and not (online and line and _consents(line)):
        found.append(Obstacle.KIND)
    if application.kind == Kind.CORRECTION or line is None:
        found.append(Obstacle.NOT_REGISTERED)  # the register says nothing about staff
    elif differences(application, line):
        found.append(Obstacle.DIFFERENT)
    return found


def asked_already(application: Application) -> Application | None:
    """Another open application of the same kind for the same person, of their entity; first applications have none."""
    if application.kind == Kind.FIRST:
        return None
    same = Application.objects.filter(kind=application.kind, entity=application.entity_id, state__in=OPEN)
    same = same.exclude(pk=application.pk)
    if application.login_id:
        return same.filter(login=application.login_id).first()
    person = application.answers.get("person")
    if not person:
        return None
    number = [index.hex() for index in indexes(person["document_number"], DOCUMENT)]
    same = same.filter(answers__person__document_type=person["document_type"])
    return same.filter(answers__person__document_index__in=number).first()


def _applicants_mobile(application: Application) -> str:
    """Where a code for the login of the first administrator would go."""
    return next((each["mobile"] for each in application.answers.get("administrators", [])), "")


def _asked_before(application: Application) -> int:
    """How many others were submitted for the same registration number within the day before this one.

    Only those from the same telephone, and those that said what the register says: others learn nothing from it, and
    must not stop whoever is right.
    """
    until = application.submitted_at or timezone.now()
    before = Application.objects.filter(kind=Kind.FIRST, registration_number=application.registration_number)
    before = before.filter(submitted_at__gt=until - timedelta(days=1), submitted_at__lt=until)
    line = register_line(application)
    latest = before.order_by("-submitted_at")[:LOOKED_AT]
    return sum(each.mobile == application.mobile or bool(line and not differences(each, line)) for each in latest)


def _consents(line: RegisterEntry) -> bool:
    """Whether the representative of the register, who is sent the code, holds a Macao resident ID (S12.2)."""
    return line.representative_document_type in MACAO_RESIDENT_IDS


def concerns(application: Application, officer: StaffLogin) -> bool:
    """Whether an officer must leave the decision to another: their own entry, or about themselves (Q1).

    Themselves are also whom the application names by their document, and their logins in other entities.
    """
    if officer.pk in (application.entered_by_id, application.login_id):
        return True
    people = [application.answers.get(part) for part in ("representative", "person")]
    named = [person for person in (*people, *application.answers.get("administrators", [])) if person]
    documents = {(person.get("document_type"), person.get("document_number")) for person in named}
    logins = [login for login in (application.entered_by, application.login) if login]
    documents |= {(login.document_type, login.document_number) for login in logins}
    return (officer.document_type, officer.document_number) in documents


# --- working days ---


@cache
def _holidays() -> Any:
    """Macau's public holidays and those on which its offices are closed; years are added when they are asked for."""
    return holidays.country_holidays("MO", categories=("public", "government"))


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _holidays()


def add_working_days(day: date, number: int) -> date:
    """The day that is `number` working days after `day`."""
    while number:
        day += timedelta(days=1)
        number -= is_working_day(day)
    return day


def promised(application: Application) -> date | None:
    """The last day on which the decision is promised; None for a draft. While the applicant is asked it rests."""
    if application.submitted_at is None:
        return None
    answered = application.moves.filter(now=State.ANSWERED).order_by("-id").first()
    return due(application.kind, answered.at if answered else application.submitted_at)


def due(kind: str, begun: datetime) -> date:
    """The last working day for an application of a kind that was submitted, or answered, at that moment."""
    return add_working_days(timezone.localdate(begun), WORKING_DAYS[kind])


def late_if_begun_before(kind: str) -> date:
    """Whatever was submitted, or answered, before this day and still waits is late today."""
    today = timezone.localdate()
    day = today - timedelta(days=WORKING_DAYS[kind])
    while add_working_days(day, WORKING_DAYS[kind]) >= today:
        day -= timedelta(days=1)
    return day + timedelta(days=1)
