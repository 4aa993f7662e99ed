"""Bringing the rows in: by COPY, in one transaction, whole or not at all.

Meanwhile the secondary indexes, the unique and the foreign keys of the tables are away and their triggers are switched
off; all of them are as before when it commits. Checks stay in force. What triggers would have looked at, `rules` asks.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from bench.data.people import World
from bench.data.rows import TABLES, Table
from bench.data.rules import BROKEN, EVERY

BLOCK = 2000  # lines
CHAINS_AT_MOST = 1_000_000  # lines of history, all of which are compared; of more those of every fiftieth entity
NAMES = [table.name for table in TABLES]

Say = Callable[[str, int, int], None]  # what is filled, rows so far, rows in all (nearly)


class NotForMeasuring(Exception):
    """This is a real installation: DATABASE_URL is set and DEMO is not."""


class NotEmpty(Exception):
    """Rows are there already, in the tables it names."""


class RuleBroken(Exception):
    """Rows that a trigger would have refused; its name."""


def demand_place() -> None:
    """Let nothing be made in a real portal, nor beside what is there.

    Raises:
        NotForMeasuring, NotEmpty
    """
    if not settings.DEVELOPMENT:
        raise NotForMeasuring
    with connection.cursor() as cursor:
        query = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in NAMES)
        cursor.execute(query)
        if filled := [name for (name,) in cursor.fetchall()]:
            raise NotEmpty(filled)


def fill(*, entities: int, logins: int, seed: int, say: Say = lambda *_: None) -> dict[str, int]:
    """Fill the database; return how many rows each table has.

    Raises:
        NotForMeasuring, NotEmpty
        TooFew: `people.sizes`
        RuleBroken: a mistake here, and nothing is there.
    """
    demand_place()
    say("people", 0, logins)
    gc.disable()  # it would look through millions of people again and again, and none of them goes
    try:
        world = World(entities=entities, logins=logins, seed=seed)
        say("people", logins, logins)
        return _fill(world, say)
    finally:
        gc.enable()


def _fill(world: World, say: Say) -> dict[str, int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute("SET LOCAL work_mem = '128MB'")
        with bare_tables(cursor, say):
            rows = {table.name: copy(cursor, table, world, say) for table in TABLES}
        for name in NAMES:  # tables of ours; a name cannot be a parameter
            count_on(cursor, name)
            cursor.execute(f"ANALYZE {name}")
        look_after_rules(cursor, rows["audit_event"], say)
    return rows


def settle() -> None:
    """Once committed: what autovacuum would do in its time, so that it does not while something is measured."""
    with connection.cursor() as cursor:
        for name in NAMES:  # tables of ours, as above
            cursor.execute(f"VACUUM (ANALYZE) {name}")


def copy(cursor: Any, table: Table, world: World, say: Say) -> int:
    """Fill one table; return how many rows it has. A line that breaks a check is PostgreSQL's error."""
    about, done = max(1, table.about(world)), 0
    columns = ", ".join(f'"{column}"' for column in table.columns)
    lines = iter(table.lines(world))
    frozen = "(FREEZE)" if _truncated(cursor, table.name) else ""
    with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN {frozen}") as stream:
        while block := list(islice(lines, BLOCK)):
            stream.write("".join(block))
            done += len(block)
            say(table.name, done, max(about, done + 1))
    say(table.name, done, done)
    return done


def _truncated(cursor: Any, name: str) -> bool:
    """A table emptied in this transaction is written as if it had been vacuumed; one that others refer to cannot be."""
    cursor.execute("SELECT EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = %s::regclass)", [name])
    if cursor.fetchone()[0]:
        return False
    cursor.execute(f"TRUNCATE {name}")  # it has no rows, or `fill` had refused: this only makes it new for FREEZE
    return True


def count_on(cursor: Any, name: str) -> None:
    """The next key follows the last one."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attidentity <> '' AND NOT attisdropped",
        [name],
    )
    for (column,) in cursor.fetchall():
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence(%s, %s), coalesce(max({column}), 0) + 1, false) FROM {name}",
            [name, column],
        )


@contextmanager
def bare_tables(cursor: Any, say: Say) -> Iterator[None]:
    """The tables with their columns and checks alone; afterwards with all they had, made as it was described."""
    triggers = _asked(
        cursor,
        """
        SELECT format('ALTER TABLE %%s DISABLE TRIGGER %%I', tgrelid::regclass, tgname),
            format('ALTER TABLE %%s ENABLE TRIGGER %%I', tgrelid::regclass, tgname)
        FROM pg_trigger WHERE tgrelid = ANY (%s::regclass[]) AND NOT tgisinternal AND tgenabled = 'O'
        """,
    )
    keys = _asked(
        cursor,
        """
        SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
            format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE conrelid = ANY (%s::regclass[]) AND contype IN ('f', 'u')
        ORDER BY contype = 'f' DESC, conrelid::regclass::text, conname
        """,
    )
    indexes = _asked(
        cursor,
        """
        SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
        FROM pg_index WHERE indrelid = ANY (%s::regclass[])
            AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
            AND pg_get_indexdef(indexrelid) !~ ' ANY ' -- the second time it would be described otherwise
        ORDER BY indrelid::regclass::text, indexrelid::regclass::text
        """,
    )
    for away, _back in (*triggers, *keys, *indexes):
        cursor.execute(away)
    yield
    # Foreign keys come last: by then the tables they lead to have been filled and counted.
    back = [again for _away, again in (*indexes, *reversed(keys), *triggers)]
    for done, statement in enumerate(back):
        say("indexes and keys", done, len(back))
        cursor.execute(statement)
    say("indexes and keys", len(back), len(back))


def _asked(cursor: Any, query: str) -> list[tuple[str, str]]:
    cursor.execute(query, [NAMES])
    return list(cursor.fetchall())


def look_after_rules(cursor: Any, lines: int, say: Say) -> None:
    """Ask what the triggers that were off would have asked.

    Raises:
        RuleBroken
    """
    every = 1 if lines <= CHAINS_AT_MOST else EVERY
    for done, (name, query) in enumerate(BROKEN.items()):  # queries written in `rules`, nothing from outside
        say("rules", done, len(BROKEN))
        cursor.execute(f"SELECT EXISTS ({query})", {"every": every})
        if cursor.fetchone()[0]:
            raise RuleBroken(name)
    say("rules", len(BROKEN), len(BROKEN))


class Progress:
    """Says how far it is: on a terminal in one line that changes, elsewhere a line at the end and at each fifth."""

    def __init__(self, write: Callable[[str], object], *, terminal: bool) -> None:
        self.write, self.terminal = write, terminal
        self.what, self.since, self.told = "", 0.0, 0

    def __call__(self, what: str, done: int, total: int) -> None:
        if what != self.what:
            self.what, self.since, self.told = what, time.monotonic(), 0
        share = 100 * done // total if total else 100
        seconds = time.monotonic() - self.since
        finished = done == total
        if not finished and (share <= self.told or (not self.terminal and (share < self.told + 20 or seconds < 5))):
            return
        self.told = share
        bar = "#" * (share // 5) + "." * (20 - share // 5)
        line = f"{what:<40} {bar} {share:3} % {done:>12,} {seconds:7.1f} s"
        self.write(f"\r{line}" + ("\n" if finished else "") if self.terminal else f"{line}\n")
