"""The history of an entity as a sheet in plain Python: the yardstick of its download, byte for byte the same.

`python -m bench.exports ENTITY SINCE POSTMASTER` copies the lines since that day (or "", all) out of the database with
COPY TO, encodes them as CSV in English, and prints `{"seconds", "lines", "sha256"}`: CPU seconds, those of PostgreSQL's
processes included. The words are fetched before the clock starts; people's names are copied while it runs.
"""

import csv
import io
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.serving")
MACAO = "Asia/Macau"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
LINES = """COPY (SELECT at, actor, actor_label, action, target, data FROM audit_event
    WHERE entity_number = {number} AND action <> ALL ({hidden}) AND at >= {since}
    ORDER BY at DESC, id DESC) TO STDOUT"""
TYPES = ["timestamptz", "text", "text", "text", "text", "jsonb"]
PEOPLE = """COPY (SELECT euid, coalesce(nullif(login.name_foreign, ''), login.name_zh) FROM staff_stafflogin AS login
    JOIN accounts_entity AS entity ON entity.id = login.entity_id AND entity.number = {number}) TO STDOUT"""


@dataclass(frozen=True)
class Words:
    """What the portal calls things in English."""

    columns: list[str]
    actions: Mapping[str, str]
    fields: Mapping[str, str]
    places: Mapping[str, str]  # e-services and groups, by path
    entity: str
    hidden: list[str]  # actions that entities are not told of
    not_told: frozenset[str]  # fields


def main() -> None:
    import django
    import psycopg

    django.setup()
    from django.utils import translation

    from bench import cpu

    number, since, postmaster = sys.argv[1], sys.argv[2] or "1970-01-01", int(sys.argv[3])
    with translation.override("en"):
        words = spoken(number)
    with psycopg.connect(os.environ["DATABASE_URL"], options=f"-c timezone={MACAO}") as connection:
        begun = time.process_time() + cpu.seconds(postmaster)
        sheet = encoded(connection, number, since, words)
    seconds = time.process_time() + cpu.seconds(postmaster) - begun
    print(json.dumps({"seconds": seconds, "lines": sheet.count(b"\r\n") - 1, "sha256": sha256(sheet).hexdigest()}))


def spoken(number: str) -> Words:
    from accounts.models import Entity
    from entity_portal.audit import words
    from entity_portal.audit.actions import Action
    from services.models import EService, ServiceGroup
    from staff import history

    groups = ServiceGroup.objects.select_related("service")
    return Words(
        columns=["Time", "What happened", "By", "About", "EUID, number or code", "Details"],
        actions={action.value: str(action.label) for action in Action},
        fields={field: str(name) for field, name in words.NAMES.items()},
        places={each.path: each.name for each in [*EService.objects.all(), *groups]},
        entity=Entity.objects.get(number=number).name,
        hidden=[str(action) for action in history.OFFICERS_OWN],
        not_told=history.NOT_TOLD,
    )


def encoded(connection: "psycopg.Connection[Any]", number: str, since: str, words: Words) -> bytes:
    """The sheet; all of it in memory, as one writes it down who need not share the machine."""
    from psycopg import sql

    given = {"number": sql.Literal(number), "hidden": sql.Literal(words.hidden), "since": sql.Literal(since)}
    out = io.StringIO(newline="")
    out.write("\ufeff")
    write = csv.writer(out).writerow
    write(words.columns)
    with connection.cursor() as cursor:
        with cursor.copy(sql.SQL(PEOPLE).format(**given)) as stream:
            stream.set_types(["text", "text"])
            people = dict(stream.rows())
        about = dict(words.places) | {number: words.entity} | people
        with cursor.copy(sql.SQL(LINES).format(**given)) as stream:
            stream.set_types(TYPES)
            for at, actor, label, action, target, data in stream.rows():
                nobody = "An officer" if actor else label or "The system, or somebody not logged in"
                row = [
                    at.strftime("%Y-%m-%d %H:%M"),
                    words.actions[action],
                    people.get(actor, nobody),
                    about.get(target, target),
                    target,
                    "; ".join(details(action, data, words)),
                ]
                write([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row])
    return out.getvalue().encode()


def details(action: str, data: Any, words: Words) -> Iterator[str]:
    fields, places = words.fields, words.places
    told = {field: value for field, value in data.items() if field not in words.not_told}
    if "service" in told:
        service = told["service"]
        told["service"] = places.get(service, service)
        if "group" in told:
            told["group"] = places.get(f"{service}/{told['group']}", told["group"])
    if "was" in told and "now" in told:
        yield f"{words.actions[action]}: {written(told.pop('was'), fields) or '—'} → {written(told.pop('now'), fields)}"
    for field, (was, now) in told.pop("changes", {}).items():
        yield f"{fields.get(field, field)}: {written(was, fields) or '—'} → {written(now, fields)}"
    for field, value in told.items():
        yield f"{fields.get(field, field)}: {written(value, fields)}"


def written(value: Any, fields: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(written(each, fields) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{fields.get(name, name)}: {written(each, fields)}" for name, each in value.items())
    return "" if value is None else str(value)


if __name__ == "__main__":
    main()
