"""The staff list and the history as tables to download, in memory that does not grow with their lines."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import F, Func, QuerySet, TextField, Value
from django.utils.translation import gettext as _

from accounts.models import Entity
from entity_portal.audit import words
from entity_portal.audit.models import Event
from entity_portal.sheets import lines
from staff import history
from staff.models import StaffLogin

AT_ONCE = 1_000  # lines of the history of which the names are asked for together
KEPT = 10_000  # sentences about what happened: most lines say what others have said


def staff_list(logins: Iterable[StaffLogin]) -> Iterator[str]:
    """Lines of CSV, masked as on the screen (Q28)."""
    columns = [
        _("EUID"),
        _("Username"),
        _("Name in Chinese"),
        _("Name in Portuguese / foreign language"),
        _("Identification document no."),
        _("Phone"),
        _("Status"),
        _("Role"),
    ]
    return lines(columns, (_cells(login) for login in logins))


def _cells(login: StaffLogin) -> list[str]:
    return [
        login.euid,
        login.username or "",
        login.name_zh,
        login.name_foreign,
        login.masked_document,
        login.masked_mobile,
        " ".join([login.get_status_display(), *([_("Locked")] if login.is_locked else [])]),
        login.role,
    ]


def history_lines(entity: Entity, events: QuerySet[Event]) -> Iterator[str]:
    """Lines of CSV, in the order of `events` and the words of the page."""
    columns = [_("Time"), _("What happened"), _("By"), _("About"), _("EUID, number or code"), _("Details")]
    return lines(columns, _history_cells(entity, events))


def _history_cells(entity: Entity, events: QuerySet[Event]) -> Iterator[list[str]]:
    """A name is asked for once and a sentence made once, for a hundred thousand lines as for one."""
    told = _told(events).iterator(chunk_size=AT_ONCE)
    people, names = {entity.number: entity.name}, dict[str, str]()
    said: dict[tuple[str, str], tuple[str, str]] = {}
    while some := list(islice(told, AT_ONCE)):
        if len(said) > KEPT:
            said.clear()
        missing = {(action, data) for *_who, action, data in some} - said.keys()
        fresh = {key: Event(action=key[0], data=json.loads(key[1])) for key in missing}
        targets = {target for _at, _actor, _label, target, _action, _data in some if target}
        euids = {actor for _at, actor, *_more in some if actor} | targets
        people |= history.called(entity, euids - people.keys())
        codes = {code for event in fresh.values() for code in words.places(event.data) if code}
        names |= words.called((codes | targets) - names.keys() - people.keys())
        said |= {key: (event.get_action_display(), _details(event, names)) for key, event in fresh.items()}
        about = names | people
        for at, actor, label, target, action, data in some:
            what, details = said[action, data]
            yield [at or "", what, history.who(actor, label, people), about.get(target, target), target, details]


def _told(events: QuerySet[Event]) -> QuerySet[Event, tuple[Any, ...]]:
    """(time, EUID of who did it, label, target, action, JSON without what is not told), each as text.

    PostgreSQL writes times and data down: to read them as moments and dictionaries costs as much as all the rest.
    """
    at = Func(Value(settings.TIME_ZONE), F("at"), function="timezone")
    minute = Func(at, Value("YYYY-MM-DD HH24:MI"), function="to_char", output_field=TextField())
    left = {"arg_joiner": " - ", "template": "(%(expressions)s::text[])::text"}
    data = Func(F("data"), Value(sorted(history.NOT_TOLD)), output_field=TextField(), **left)
    return events.values_list(minute, "actor", "actor_label", "target", "action", data)


def _details(event: Event, names: dict[str, str]) -> str:
    table = words.table(event, names)
    return _("; ").join(f"{name}: {was} → {now}" if was else f"{name}: {now}" for name, was, now in table)
