"""Everything that is encrypted, written anew with the newest key, while the portal runs.

Where it stands needs no note: each value begins with the name of its key. What is found by an index is looked for with
the indexes of all keys meanwhile. The database keeps equal values of one key apart and not those of two: operations
look with all keys, under the lock of the entity. Rows that somebody holds are passed by and looked at again: nobody at
work ends in a deadlock with it.
"""

import json
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, transaction

from entity_portal import limits
from entity_portal.data_keys import DataKey, KeyMissing
from entity_portal.logs import said_by
from entity_portal.sealed import IndexField, NotReadable, SealedField, SealedJSONField, seal, unseal

A_TIME = 1_000  # rows, each held until the thousand is written: some tenths of a second
ROUNDS, PAUSE = 10, 1  # how often what was in use is looked at again, and after how many seconds

Say = Callable[[str, int, int], None]  # table, rows so far, rows in all
Rows = Sequence[tuple[int, str]]


@dataclass(frozen=True)
class Skipped:
    """A row that cannot be written anew, and why, without what stands in it."""

    table: str
    pk: int
    why: str

    def __str__(self) -> str:
        return f"{self.table}, id {self.pk}: {self.why}"


@dataclass(frozen=True)
class Column:
    """A sealed column, and the index beside it."""

    table: str
    name: str
    index: str
    purpose: str

    def used(self) -> str:
        """The statement that counts the values of each key."""
        return f"SELECT left({self.name}, 8), count(*) FROM {self.table} GROUP BY 1"  # noqa: S608

    def old(self, key: DataKey) -> str:
        """True of rows that are written with another key."""
        return f"{self.name} <> '' AND {self.name} NOT LIKE '{key.kid}.%%'"

    def written(self, rows: Rows, key: DataKey) -> tuple[str, list[Any]]:
        """The statement that writes these anew."""
        values = [unseal(sealed, self.purpose) for _, sealed in rows]
        update = (
            f"UPDATE {self.table} AS row SET {self.name} = new.sealed, {self.index} = new.found_by"  # noqa: S608
            " FROM unnest(%s::bigint[], %s::text[], %s::bytea[]) AS new (id, sealed, found_by) WHERE row.id = new.id"
        )
        sealed = [seal(value, self.purpose, key) for value in values]
        return update, [[pk for pk, _ in rows], sealed, [key.index(value, self.purpose) for value in values]]


@dataclass(frozen=True)
class JSONColumn:
    """A column of JSON in which some values are sealed."""

    table: str
    name: str
    field: SealedJSONField

    @property
    def _names(self) -> str:
        return "|".join(sorted(self.field.names))

    def used(self) -> str:
        return (
            f"SELECT found[1], count(*) FROM {self.table}, regexp_matches({self.name}::text,"  # noqa: S608
            f""" '"(?:{self._names})": "([0-9a-f]{{8}})\\.', 'g') AS found GROUP BY 1"""
        )

    def old(self, key: DataKey) -> str:
        return f"""{self.name}::text ~ '"({self._names})": "(?!{key.kid})[0-9a-f]{{8}}\\.'"""

    def written(self, rows: Rows, key: DataKey) -> tuple[str, list[Any]]:
        update = (
            f"UPDATE {self.table} AS row SET {self.name} = new.data FROM unnest(%s::bigint[], %s::jsonb[])"  # noqa: S608
            " AS new (id, data) WHERE row.id = new.id"
        )
        data = [self.field.closed(self.field.opened(json.loads(kept)), key) for _, kept in rows]
        return update, [[pk for pk, _ in rows], [json.dumps(each) for each in data]]


def columns() -> Iterator[Column | JSONColumn]:
    """Every column of every model in which something is sealed."""
    for model in apps.get_models():
        if model._meta.proxy:
            continue
        found_by = {each.of: each for each in model._meta.local_fields if isinstance(each, IndexField)}
        for field in model._meta.local_fields:
            if isinstance(field, SealedField):
                index = found_by[field.name]
                yield Column(model._meta.db_table, str(field.column), str(index.column), field.purpose)
            elif isinstance(field, SealedJSONField):
                yield JSONColumn(model._meta.db_table, str(field.column), field)


def usage() -> dict[str, int]:
    """`{name of a key: how many values it has encrypted}`, of the keys that have any."""
    found: dict[str, int] = {}
    for column in columns():
        with limits.unhurried() as cursor:
            cursor.execute(column.used())
            for kid, count in cursor.fetchall():
                if kid:
                    found[kid] = found.get(kid, 0) + count
    return found


def left(key: DataKey) -> int:
    """How many rows are written with another key."""
    return sum(_left(column, key)[0] for column in columns())


def rotate(
    key: DataKey,
    say: Say = lambda *_: None,
    *,
    tables: Collection[str] = (),
    waits: bool = False,
    skipped: list[Skipped] | None = None,
) -> int:
    """Write with `key` whatever is written with another one, in these tables or in all; return how many rows.

    What somebody holds for long is `left`, unless it `waits`, as whoever needs all of it inside a transaction does.
    Rows that cannot be written anew are added to `skipped`, and the others are written.

    Raises:
        NotReadable, KeyMissing: there is no `skipped`. What was written before it stays written.
        IntegrityError: the same; two rows have a number that may come once.
    """
    done = 0
    for column in columns():
        if not tables or column.table in tables:
            done += _rotate(column, key, say, waits, skipped)
    return done


def _left(column: Column | JSONColumn, key: DataKey) -> tuple[int, int]:
    """How many rows are written with another key, and the last of them."""
    with limits.unhurried() as cursor:
        cursor.execute(f"SELECT count(*), max(id) FROM {column.table} WHERE {column.old(key)}", [])  # noqa: S608
        count, end = cursor.fetchone()
    return count, end or 0


def _rotate(column: Column | JSONColumn, key: DataKey, say: Say, waits: bool, skipped: list[Skipped] | None) -> int:
    (total, end), done = _left(column, key), 0  # what is added later is written with a new key, or for the next time
    for each in range(ROUNDS):
        last = 0
        bad: list[Skipped] = []
        while last < end:
            count, last, some = _some(column, key, last, end, waits, skips=skipped is not None)
            done += count
            bad += some
            if count or some:
                say(column.table, min(done + len(bad), total), total)
        if done + len(bad) >= total or _left(column, key)[0] <= len(bad):
            break
        if each < ROUNDS - 1:
            time.sleep(PAUSE)
    if skipped is not None:
        skipped += bad
    return done


def _some(
    column: Column | JSONColumn, key: DataKey, last: int, end: int, waits: bool, *, skips: bool
) -> tuple[int, int, list[Skipped]]:
    """Write the next rows after the key `last`; return how many, the last that was looked at, and what was skipped."""
    with limits.unhurried() as cursor:
        # Before any row: whoever brings the register in holds the table, and wants its rows. The name is a model's own.
        cursor.execute(f"LOCK TABLE {column.table} IN ROW EXCLUSIVE MODE")
        cursor.execute("SET LOCAL entity_portal.rotating_keys = 'on'")  # triggers let the same number pass
        cursor.execute(
            f"SELECT id, {column.name}::text FROM {column.table} WHERE {column.old(key)} AND id > %s AND id <= %s"  # noqa: S608
            f" ORDER BY id LIMIT {A_TIME} FOR NO KEY UPDATE {'' if waits else 'SKIP LOCKED'}",
            [last, end],
        )
        rows = cursor.fetchall()
        bad: list[Skipped] = []
        if rows and _write(column, key, rows, raises=not skips):
            bad = list(_one_by_one(column, key, rows))
        cursor.execute("SET LOCAL entity_portal.rotating_keys = ''")  # the caller's transaction may go on
    return len(rows) - len(bad), rows[-1][0] if rows else end, bad


def _one_by_one(column: Column | JSONColumn, key: DataKey, rows: Rows) -> Iterator[Skipped]:
    """Of rows that cannot be written together, write those that can be alone; the others are returned."""
    for row in rows:
        if trouble := _write(column, key, [row]):
            yield Skipped(column.table, row[0], trouble)


def _write(column: Column | JSONColumn, key: DataKey, rows: Rows, *, raises: bool = False) -> str:
    """Write all of these rows or none; return why not. The database's own words have values of the row in them."""
    try:
        statement = column.written(rows, key)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(*statement)
    except (NotReadable, KeyMissing, IntegrityError) as trouble:
        if raises:
            raise
        if isinstance(trouble, KeyMissing):
            return f"the key {trouble} is not in DATA_KEYS_DIR: bring its file back"
        if isinstance(trouble, NotReadable):
            return "cannot be read: it was changed past the portal, or moved"
        return f"the database refuses it: {said_by(trouble)}"
    return ""
