"""What an application asks for, in rows to read: masked where lists mask it, in full for whoever is typing it."""

from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from accounts.applications.models import OPEN, Application, Kind, State
from accounts.applications.summary import name_of
from accounts.models import Kind as EntityKind
from entity_portal import phones
from entity_portal.documents import DocumentType
from entity_portal.places import place_name
from entity_portal.text import mask
from staff.models import StaffLogin

Row = tuple[str, str]


def labels() -> dict[str, str]:
    return {
        "name_zh": _("Name in Chinese"),
        "name_foreign": _("Name in Portuguese / foreign language"),
        "document_type": _("Type of identification document"),
        "document_number": _("Identification document no."),
        "document_place": _("Place of issue"),
        "birth_date": _("Date of birth"),
        "mobile": _("Mobile phone number"),
        "email": _("E-mail address"),
    }


def parts(application: Application, *, full: bool = False) -> list[dict[str, Any]]:
    """`{"name": of the part, "title": …, "rows": [(label, value), …]}` for each that was filled in."""
    answers = application.answers
    found = []
    if application.kind == Kind.ADMINISTRATORS:
        if application.login:
            found.append({"name": "person", "title": _("New administrator"), "rows": _of_login(application.login)})
        elif answers.get("person"):
            rows = person(answers["person"], full=full)
            found.append({"name": "person", "title": _("New administrator"), "rows": rows})
    if "entity" in answers:
        found.append({"name": "entity", "title": _("Entity"), "rows": _of_entity(answers["entity"])})
    if "representative" in answers:
        rows = person(answers["representative"], full=full)
        found.append({"name": "representative", "title": _("Legal representative"), "rows": rows})
    for number, administrator in enumerate(answers.get("administrators", []), 1):
        title = _("Administrator %(n)s") % {"n": number}
        found.append({"name": "administrators", "title": title, "rows": person(administrator, full=full)})
    return found


def person(data: Mapping[str, Any], *, full: bool) -> list[Row]:
    """A person's data as an application keeps them; what was left empty is left out."""
    return [(label, written(name, data[name], full=full)) for name, label in labels().items() if data.get(name)]


def changes(application: Application, *, full: bool = False) -> list[dict[str, str]]:
    """`{"label": …, "was": …, "now": …}` for each field that a correction changes.

    `was` is what is kept now; "" where the change has been made.
    """
    wanted, login = application.answers.get("changes", {}), application.login
    still = application.state in (State.DRAFT, *OPEN)
    return [
        {
            "label": label,
            "was": at_present(login, name) if login and still else "",
            "now": written(name, wanted[name], full=full),
        }
        for name, label in labels().items()
        if name in wanted
    ]


def about(application: Application) -> str:
    """Whom it is about, in a word: for lists."""
    if application.login:
        return application.login.name
    somebody = application.answers.get("person")
    return name_of(somebody) if somebody else application.about


def at_present(login: StaffLogin, name: str) -> str:
    """A field of a login as it is kept now, masked."""
    value = getattr(login, name)
    return written(name, value, full=False) if value else _("None")


def written(name: str, value: Any, *, full: bool) -> str:
    """One value for people; `value` as it is kept, or in an application."""
    match name:
        case "document_type":
            return str(DocumentType(value).label)
        case "document_place":
            return place_name(value)
        case "document_number":
            return value if full else mask(value)
        case "mobile":
            return phones.written(value) if full else phones.masked(value)
        case "birth_date":
            day = parse_date(value) if isinstance(value, str) else value
            return day.isoformat() if day else ""
    return str(value)


def _of_login(login: StaffLogin) -> list[Row]:
    rows = [(_("Name"), login.name), ("EUID", login.euid), (_("Status"), login.get_status_display())]
    if login.username:
        rows.insert(1, (_("Username"), login.username))
    return rows


def _of_entity(data: Mapping[str, str]) -> list[Row]:
    rows = [
        (_("Kind of entity"), str(EntityKind(data["kind"]).label)),
        (_("Chinese name of the entity"), data["name_zh"]),
        (_("Name in Portuguese"), data["name_pt"]),
        (_("Registration number"), data["registration_number"]),
    ]
    return [(label, value) for label, value in rows if value]
