"""Deletes and blanks what is kept no longer: `docs/retention.toml` says what and when, by the database's clock.

A table is walked along its primary key, some rows in each transaction, with limits on locks and statements. So it is
safe beside people at work: what somebody holds is left for the next time, what they have changed meanwhile is looked
at again under the lock. Whoever is killed leaves whole rows or none, and the next run goes on. A row that a rule of the
database refuses is passed by and named in the log; at the end that is raised.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.module_loading import import_string

from entity_portal.logs import said_by
from entity_portal.retention import Rule, periods, policies

log = logging.getLogger(__name__)

WINDOW = 1000  # rows looked at in one transaction
LOCK_LIMIT, STATEMENT_LIMIT = "3s", "5s"
# lock_not_available, query_canceled, deadlock_detected: somebody else was at work, or it was too much at once.
PASSING = {"55P03", "57014", "40P01"}
Tell = Callable[[Rule, int, int, int], object]  # rule, rows looked at, about how many there are, rows taken care of


class Refused(IntegrityError):
    """Rows of a rule that the database does not let go: the log has which. All others are taken care of."""


@dataclass
class Done:
    """What one rule did: of how many rows it took care, and how many it has to leave for the next time."""

    rule: Rule
    count: int = 0
    left: int = 0


@dataclass
class Step:
    """The last key that was looked at, None at the end of the table; how many rows, and of how many it took care."""

    end: Any
    seen: int
    count: int


def purge(rules: Iterable[Rule], *, dry_run: bool = False, tell: Tell = lambda *_: None) -> list[Done]:
    """Do what the rules say, one after another; with `dry_run` only count what is due.

    Raises:
        entity_portal.retention.WrongPolicy: before anything is done.
        Refused: a rule of the database refuses rows, when all others of this rule are done.
    """
    keys, lengths = _keys(), periods(settings.RETENTION)
    return [
        _Walk(rule, keys, lengths[rule.after].length, dry_run, tell).go()
        for rule in rules
        if rule.table in keys  # those of the demonstration are there in it alone
    ]


class _Walk:
    """One rule, along the whole table."""

    def __init__(self, rule: Rule, keys: dict[str, str], length: timedelta, dry_run: bool, tell: Tell) -> None:
        self.rule, self.keys, self.length, self.dry_run, self.tell = rule, keys, length, dry_run, tell
        self.table, self.key = _quoted(rule.table), f"it.{_quoted(keys[rule.table])}"
        self.due = f"({rule.event}) <= statement_timestamp() - %s::interval AND ({rule.only})"
        if rule.blank:  # what is blank already is not due
            columns = ", ".join(f"it.{_quoted(column)}" for column in rule.blank)
            self.due += f" AND ({columns}) IS DISTINCT FROM ({', '.join(rule.blank.values())})"

    def go(self) -> Done:
        done, seen, size, about = Done(self.rule), 0, WINDOW, _about(self.rule.table)
        after, refused = None, 0
        while True:
            try:
                step = self._step(after, size)
            except (OperationalError, IntegrityError) as trouble:
                is_refused = isinstance(trouble, IntegrityError)
                if not is_refused and getattr(trouble.__cause__, "sqlstate", "") not in PASSING:
                    raise
                if size > 1:
                    size = max(1, size // 10)
                    continue
                step = self._look(after, size)
                if is_refused:
                    refused += 1
                    log.error("%s: the database refuses %s: %s", self.rule, self._named(step.end), said_by(trouble))
                else:
                    done.left += 1
            seen, done.count = seen + step.seen, done.count + step.count
            self.tell(self.rule, seen, max(about, seen), done.count)
            if step.end is None:
                break
            after, size = step.end, min(WINDOW, size * 10)
        if done.left:
            log.warning("%s: %d rows were in use and wait for the next time.", self.rule, done.left)
        if refused:
            raise Refused(f"{self.rule}: the database refuses {refused} rows; {done.count} are done.")
        return done

    def _named(self, key: Any) -> str:
        """A row, for the log: keys that are texts are secrets, or say who it is about."""
        return f"the row {key:,}" if isinstance(key, int) else "a row"  # a long number would be taken out of the line

    # Statements here are made of names and conditions of `docs/retention.toml`, a file of ours; values are parameters.

    def _look(self, after: Any, size: int) -> Step:
        """Where a window of that many rows after a key ends."""
        from_here, params = ("TRUE", []) if after is None else (f"{self.key} > %s", [after])
        window = f"SELECT {self.key} FROM {self.table} it WHERE {from_here} ORDER BY {self.key}"
        with connection.cursor() as cursor:
            cursor.execute(f"{window} LIMIT %s", [*params, size])
            keys = [key for (key,) in cursor.fetchall()]
        return Step(keys[-1] if len(keys) == size else None, len(keys), 0)

    @transaction.atomic
    def _step(self, after: Any, size: int) -> Step:
        _limit()
        step = self._look(after, size)
        where: list[str] = [self.due]
        params: list[Any] = [self.length]
        for condition, key in ((">", after), ("<=", step.end)):
            if key is not None:
                where.append(f"{self.key} {condition} %s")
                params.append(key)
        found = f"FROM {self.table} it WHERE {' AND '.join(where)}"
        with connection.cursor() as cursor:
            if self.dry_run:
                cursor.execute(f"SELECT count(*) {found}", params)
                (step.count,) = cursor.fetchone()
                return step
            hold = "NO KEY UPDATE" if self.rule.blank else "UPDATE"
            # An operation holds what it needs itself, in its own order.
            held = "" if self.rule.operation else f"FOR {hold} OF it SKIP LOCKED"
            cursor.execute(f"SELECT {self.key} {found} ORDER BY {self.key} {held}", params)
            keys = [key for (key,) in cursor.fetchall()]
        step.count = self._act(keys) if keys else 0
        return step

    def _act(self, keys: list[Any]) -> int:
        """Take care of rows that are due and held."""
        if self.rule.operation:
            return import_string(self.rule.operation)(keys)
        if not self.rule.blank:
            self._let_go(self.rule.table, "= ANY (%s)", keys)
            return _execute(f"DELETE FROM {self.table} it WHERE {self.key} = ANY (%s)", keys)
        changes = ", ".join(f"{_quoted(column)} = {value}" for column, value in self.rule.blank.items())
        return _execute(f"UPDATE {self.table} it SET {changes} WHERE {self.key} = ANY (%s)", keys)

    def _let_go(self, table: str, among: str, keys: list[Any]) -> None:
        """Delete what goes with rows of a table, the innermost first, and empty what merely points to them.

        `among` says of a column that it points to one of them: `= ANY (%s)`, or `IN` those of a table in between.
        """
        for policy in policies().values():
            if policy.table not in self.keys:
                continue
            child = _quoted(policy.table)
            for column in (name for name, other in policy.lets_go.items() if other == table):
                _execute(f"UPDATE {child} SET {_quoted(column)} = NULL WHERE {_quoted(column)} {among}", keys)
            if policy.goes_with and policy.goes_with[0] == table:
                gone = f"{child} WHERE {_quoted(policy.goes_with[1])} {among}"
                self._let_go(policy.table, f"IN (SELECT {_quoted(self.keys[policy.table])} FROM {gone})", keys)
                _execute(f"DELETE FROM {gone}", keys)


def _keys() -> dict[str, str]:
    """The column of the primary key of each table that is there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indrelid::regclass::text, attname FROM pg_index JOIN pg_attribute "
            "ON attrelid = indrelid AND attnum = indkey[0] "
            "WHERE indisprimary AND indrelid::regclass::text = ANY (%s)",
            [[*policies()]],
        )
        return dict(cursor.fetchall())


def _about(table: str) -> int:
    """How many rows the statistics of PostgreSQL believe there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [table])
        return max(0, cursor.fetchone()[0])


def _limit() -> None:
    """Until the transaction ends, wait for nobody longer than that."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)",
            [LOCK_LIMIT, STATEMENT_LIMIT],
        )


def _execute(statement: str, keys: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [keys])
        return cursor.rowcount


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
