"""How long what is kept: `docs/retention.toml`, read and judged. `entity_portal.purge` does what it says.

It knows tables and columns by their names alone, and nothing of Django: settings read it while they are made.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "docs" / "retention.toml"
OURS = "ours"  # no law and no rule of the guide names this period: the client decides


class WrongPolicy(Exception):
    """The file, or a period that is set, says something that cannot be."""


@dataclass(frozen=True)
class Period:
    """How long after an event. `at_least` is what rules of the database, or promises to others, demand."""

    name: str
    length: timedelta
    at_least: timedelta
    ground: str  # `OURS`, or where it is laid down
    why: str


@dataclass(frozen=True)
class Rule:
    """What happens to rows of a table when the period after an event is over.

    `event` and `only` are SQL about a row called `it`. Rows are deleted; or `blank` says what becomes of columns; or
    `operation`, a function of a room, is given the keys of rows and returns of how many it took care.
    """

    table: str
    name: str
    event: str
    after: str
    only: str = "TRUE"
    blank: Mapping[str, str] = field(default_factory=dict)
    operation: str = ""

    def __str__(self) -> str:
        return f"{self.table}: {self.name}"


@dataclass(frozen=True)
class Policy:
    """What a table holds, what for, and what becomes of it.

    Each column stands in `personal` or in `other`. What no rule takes away has a reason in `keep`, stands in
    `passing` (its own use takes it away), or goes with the row of another table that `goes_with` names.
    """

    table: str
    purpose: str
    personal: tuple[str, ...]
    other: tuple[str, ...]
    rules: tuple[Rule, ...]
    keep: str = ""
    passing: str = ""
    goes_with: tuple[str, str] | None = None  # (table, the column that points to it)
    lets_go: Mapping[str, str] = field(default_factory=dict)  # column: the table whose row may go without this one
    demonstration: bool = False  # the table, or rows in it, are there in the demonstration only


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text())


@cache
def policies() -> dict[str, Policy]:
    """By the names of the tables, in the order of the file.

    Raises:
        WrongPolicy
    """
    return {table: _policy(table, said) for table, said in _file()["tables"].items()}


def rules() -> list[Rule]:
    return [rule for policy in policies().values() for rule in policy.rules]


def periods(chosen: Mapping[str, int] | None = None) -> dict[str, Period]:
    """By their names; `chosen` are lengths in days that somebody wants instead (the setting RETENTION).

    Raises:
        WrongPolicy: a name that is none, or less than the database's own rules allow.
    """
    chosen = chosen or {}
    if unknown := chosen.keys() - _file()["periods"].keys():
        raise WrongPolicy(f"No such period: {', '.join(sorted(unknown))}.")
    found = {name: _period(name, said, chosen.get(name)) for name, said in _file()["periods"].items()}
    for each in found.values():
        if each.length < each.at_least:
            raise WrongPolicy(f"{each.name}: at least {each.at_least.days} days.")
    return found


def period(name: str) -> timedelta:
    """The length of a period, as it is set here."""
    from django.conf import settings

    return periods(settings.RETENTION)[name].length


def _period(name: str, said: Mapping[str, Any], days: int | None) -> Period:
    length = timedelta(days=said.get("days", 0), hours=said.get("hours", 0)) if days is None else timedelta(days=days)
    return Period(name, length, timedelta(days=said.get("at_least_days", 0)), said["ground"], said["why"])


def _policy(table: str, said: Mapping[str, Any]) -> Policy:
    try:
        return Policy(
            table=table,
            purpose=said["purpose"],
            personal=tuple(said.get("personal", "").split()),
            other=tuple(said["other"].split()),
            rules=tuple(Rule(table, name, **rule) for name, rule in said.get("rules", {}).items()),
            goes_with=tuple(said["goes_with"]) if "goes_with" in said else None,
            **{name: said[name] for name in ("keep", "passing", "lets_go", "demonstration") if name in said},
        )
    except (KeyError, TypeError) as wrong:
        raise WrongPolicy(f"{table}: {wrong}") from wrong
