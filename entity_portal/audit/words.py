"""The history in words: who did it, and what was written down of it, as lines of a table."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entity_portal.audit.models import Event

# What operations call the things they write down; a name that is missing here is shown as it is written.
NAMES: dict[str, str | Promise] = {
    "added": gettext_lazy("Added"),
    "address": gettext_lazy("Network address"),
    "administrator": gettext_lazy("Administrator"),
    "agent": gettext_lazy("Browser"),
    "asked": gettext_lazy("Asked for"),
    "at": gettext_lazy("Time"),
    "birth_date": gettext_lazy("Date of birth"),
    "changed": gettext_lazy("Changed"),
    "changes": gettext_lazy("Changes"),
    "document": gettext_lazy("Document"),
    "document_number": gettext_lazy("Identification document no."),
    "document_place": gettext_lazy("Place of issue"),
    "document_type": gettext_lazy("Type of identification document"),
    "email": gettext_lazy("E-mail address"),
    "ended": gettext_lazy("Ended"),
    "group": gettext_lazy("Service group"),
    "left": gettext_lazy("Left"),
    "mobile": gettext_lazy("Mobile phone number"),
    "name_foreign": gettext_lazy("Name in Portuguese / foreign language"),
    "name_zh": gettext_lazy("Name in Chinese"),
    "new": gettext_lazy("New"),
    "now": gettext_lazy("After"),
    "optional": gettext_lazy("Optional"),
    "purpose": gettext_lazy("Purpose"),
    "removed": gettext_lazy("Removed"),
    "rows": gettext_lazy("Lines"),
    "service": gettext_lazy("E-service"),
    "terms": gettext_lazy("Version of the terms"),
    "to": gettext_lazy("To"),
    "tried": gettext_lazy("Tried"),
    "unchanged": gettext_lazy("Unchanged"),
    "was": gettext_lazy("Before"),
    "what": gettext_lazy("What"),
    "why": gettext_lazy("Reason"),
}


# Each gives `{code: name in the reader's language}` for the codes that it knows; rooms put theirs here as they start.
directories: list[Callable[[set[str]], dict[str, str]]] = []


def names(events: Iterable[Event]) -> dict[str, str]:
    """What the codes are called that these lines speak of: e-services and their groups by their paths."""
    return called({code for event in events for code in (event.target, *places(event.data)) if code})


def called(codes: set[str]) -> dict[str, str]:
    """What these codes are called, as far as they are any."""
    return {code: name for directory in directories for code, name in directory(codes).items()}


def place(event: Event, known: Mapping[str, str]) -> str:
    """`E-service: group` that a line speaks of, as far as it does and the codes are known."""
    return _(": ").join(known[code] for code in places(event.data) if code in known)


def places(data: Mapping[str, Any]) -> list[str]:
    """The paths of the e-service and the group."""
    service, group = data.get("service"), data.get("group")
    found = [service, f"{service}/{group}" if service and group else None]
    return [each for each in found if isinstance(each, str)]


def who(label: str) -> str:
    """Who did it, by the label that was written down."""
    return label or _("The system, or somebody not logged in")


def table(event: Event, known: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What was written down, as (name, value before, value now); where nothing changed the value before is "".

    `known` is what `names` says; a code without a name is shown as it is.
    """
    data = dict(event.data)
    for field, path in zip(("service", "group"), places(data), strict=False):
        data[field] = known.get(path, data[field])
    rows: list[tuple[str, str, str]] = []
    if "was" in data and "now" in data:
        rows.append((event.get_action_display(), _value(data.pop("was")) or "—", _value(data.pop("now"))))
    changes = data.pop("changes", None)
    for field, pair in changes.items() if isinstance(changes, dict) else ():
        was, now = pair if isinstance(pair, list) and len(pair) == 2 else ("", pair)
        rows.append((_name(field), _value(was) or "—", _value(now)))
    rows += [(_name(field), "", _value(value)) for field, value in data.items()]
    return rows


def plain(event: Event) -> str:
    """What was written down, for a cell."""
    return json.dumps(event.data, ensure_ascii=False, sort_keys=True) if event.data else ""


def _name(field: str) -> str:
    return str(NAMES.get(field, field))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dict):
        return _(", ").join(f"{_name(field)}: {_value(each)}" for field, each in value.items())
    if isinstance(value, list):
        return _(", ").join(map(_value, value))
    return "" if value is None else str(value)
