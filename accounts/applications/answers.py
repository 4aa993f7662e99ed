"""What somebody filled in, as plain values: which parts each kind of application has, and how to read them back.

- first: `entity` (kind, name_zh, name_pt, registration_number), `representative` (name_zh, name_foreign, document_type,
  document_number, birth_date, mobile), `administrators` (a list of 1 to 3 people as `staff.forms.PersonForm` cleans
  them; the first is the applicant), `agreement` (terms: version and language, accepted_at).
- administrators: `representative` as above without mobile, `person` (a person, or `{}` where the application's `login`
  is to get the power), `agreement`.
- correction: `changes` (fields of `StaffLogin.IDENTITY_FIELDS`, those alone that change), `explanation` (text).

Days are kept as `1990-01-01`, times in ISO 8601.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from accounts.applications.models import Application, Channel, DocumentKind, Kind
from activation.models import TermsVersion

ADMINISTRATORS_AT_MOST = 3  # in a first application (Q2)
PARTS: dict[str, tuple[str, ...]] = {
    Kind.FIRST: ("entity", "representative", "administrators", "agreement"),
    Kind.ADMINISTRATORS: ("representative", "person", "agreement"),
    Kind.CORRECTION: ("changes", "explanation"),
}


def plain(value: Any) -> Any:
    """Cleaned data of a form, as JSON keeps them."""
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def read(kept: Mapping[str, Any]) -> dict[str, Any]:
    """One part again as a form had cleaned it: the birth date is a day."""
    data = dict(kept)
    if "birth_date" in data:
        data["birth_date"] = date.fromisoformat(data["birth_date"]) if data["birth_date"] else None
    return data


def terms_of(agreement: Mapping[str, Any]) -> TermsVersion | None:
    """The terms that were accepted."""
    version, _space, language = agreement["terms"].partition(" ")
    return TermsVersion.objects.filter(version=version, language=language).first()


def missing(application: Application) -> list[str]:
    """What is still wanted before it can be handed in, in order.

    Parts; "mobile", the proof of the number; "documents"; "signed", the agreement that was signed at the counter.
    """
    parts = [part for part in PARTS[application.kind] if part not in application.answers]
    if application.kind == Kind.FIRST:
        if not 1 <= len(application.answers.get("administrators", [])) <= ADMINISTRATORS_AT_MOST:
            parts = [part for part in PARTS[Kind.FIRST] if part in parts or part == "administrators"]
        if application.channel == Channel.ONLINE and not application.mobile_proven_at:
            parts.append("mobile")
    nobody = not application.login_id and not application.answers.get("person")
    if application.kind == Kind.ADMINISTRATORS and nobody:
        parts = [part for part in PARTS[Kind.ADMINISTRATORS] if part in parts or part == "person"]
    if application.kind == Kind.CORRECTION and not application.documents.exists():
        parts.append("documents")
    on_paper = application.channel == Channel.COUNTER and application.kind != Kind.CORRECTION
    if on_paper and not application.documents.filter(kind=DocumentKind.AGREEMENT).exists():
        parts.append("signed")
    return parts


def people(application: Application) -> list[dict[str, Any]]:
    """Everybody who is to get a new login as an administrator."""
    if application.kind == Kind.FIRST:
        return [read(person) for person in application.answers.get("administrators", [])]
    person = application.answers.get("person")
    return [read(person)] if person else []
