"""Proof that the history is as it was written: each entity's chain, and its head as the log has it.

A chain proves that no line in it was changed, taken away or put elsewhere. It cannot prove that its last lines were not
cut off, or all of it written anew: that is what the heads in the log are for, which the database cannot reach.
Nothing here relies on what the owner of the tables could change too: digests are made by PostgreSQL's own functions,
not by `audit_digest`, nor by functions of the same name and other arguments. Memory grows with the number of entities,
not of lines.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from entity_portal import limits
from entity_portal.audit.queries import midnight

PAGE = 5000  # lines read at once
A_LINE = 50  # heads in a line of the log: less than 6 kB, which every log keeps whole
LOWEST = -(2**63)
CLOCKS = timedelta(hours=1)  # a server that takes over may be behind by less

LOOK_IN = "SELECT pg_catalog.set_config('search_path', %s, true)"
CHAINS = """
    WITH RECURSIVE chain (entity_number) AS (
        SELECT min(entity_number) FROM public.audit_event
        UNION ALL
        SELECT (SELECT min(entity_number) FROM public.audit_event WHERE entity_number > chain.entity_number)
        FROM chain WHERE chain.entity_number IS NOT NULL
    )
"""
ALL = CHAINS + "SELECT entity_number FROM chain WHERE entity_number IS NOT NULL"  # noqa: S608  constants
GROWN = """
    SELECT entity_number, min(seq) FROM public.audit_event WHERE at >= %s AND seq IS NOT NULL GROUP BY entity_number
"""
GROWN_OF = "SELECT min(seq) FROM public.audit_event WHERE at >= %s AND entity_number = %s"
LINES = """
    SELECT seq, id, at, prev_hash, hash, hash IS NOT DISTINCT FROM sha256(
        coalesce(prev_hash, ''::bytea) || convert_to(jsonb_build_array(
            seq, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), entity_number,
            actor, actor_label, action, target, data)::text, 'UTF8'))
    FROM public.audit_event WHERE entity_number = %s AND (seq, id) > (%s, %s) ORDER BY seq, id LIMIT %s
"""
ONE = "SELECT hash, at FROM public.audit_event WHERE entity_number = %s AND seq = %s"
# Only in the history of someone who made `seq` empty: no chain has them.
STRAYS = """
    SELECT entity_number, min(id) FROM public.audit_event
    WHERE seq IS NULL AND (entity_number = %(entity)s::text OR %(entity)s::text IS NULL) GROUP BY entity_number
"""
COUNT = """
    SELECT count(*) FROM public.audit_event
    WHERE (entity_number = %(entity)s::text OR %(entity)s::text IS NULL)
        AND (at >= %(since)s::timestamptz OR %(since)s::timestamptz IS NULL)
"""
HEADS = f"""
    {CHAINS}
    SELECT chain.entity_number, head.seq, head.hash, head.at
    FROM chain CROSS JOIN LATERAL (
        SELECT seq, hash, at FROM public.audit_event line
        WHERE line.entity_number = chain.entity_number AND at < %s ORDER BY at DESC, id DESC LIMIT 1
    ) head
"""  # noqa: S608  constants
NOT_AS_TOLD = """
    SELECT told.entity_number, told.seq, line.id, told.day
    FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bytea[]) told (day, entity_number, seq, hash)
    LEFT JOIN public.audit_event line ON line.entity_number = told.entity_number AND line.seq = told.seq
    WHERE line.hash IS DISTINCT FROM told.hash ORDER BY told.seq, told.day
"""

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)  # whatever LOG_LEVEL says: these lines are evidence


@dataclass(frozen=True)
class Fault:
    """The first line of a chain that is not as it was written."""

    entity: str
    seq: int | None
    pk: int | None
    what: str

    def __str__(self) -> str:
        number = "(none)" if self.seq is None else self.seq
        key = "" if self.pk is None else f" (id {self.pk})"
        return f"Entity {self.entity or '(none)'}, line {number}{key}: {self.what}."


class Head(NamedTuple):
    """The last line of a chain before a moment."""

    entity: str
    seq: int
    hash: bytes

    def __str__(self) -> str:
        return f"{quote(self.entity, safe='')}={self.seq}:{self.hash.hex()}"


class Summary(NamedTuple):
    """All heads of a day; `grown` is how many chains got lines on it, `digest` is over all heads."""

    chains: int
    lines: int
    grown: int
    digest: str

    def __str__(self) -> str:
        return f"chains={self.chains} lines={self.lines} grown={self.grown} digest={self.digest}"


# --- chains ---


@contextmanager
def _unhurried() -> Iterator[Any]:
    """A cursor for what may take longer than a page; PostgreSQL's own functions and operators are all there are."""
    with limits.unhurried() as cursor:
        cursor.execute("SELECT pg_catalog.current_setting('search_path')")
        before = cursor.fetchone()
        cursor.execute(LOOK_IN, ["pg_catalog"])
        yield cursor
        cursor.execute(LOOK_IN, before)  # of a transaction that goes on


def count(entity: str | None = None, since: date | None = None) -> int:
    """How many lines there are."""
    with _unhurried() as cursor:
        cursor.execute(COUNT, {"entity": entity, "since": since and midnight(since)})
        return int(cursor.fetchone()[0])


def chains(entity: str | None = None, since: date | None = None) -> dict[str, int]:
    """From which line on each chain is to be looked at: the first, or the first since a day."""
    with _unhurried() as cursor:
        if since is None:
            if entity is not None:
                return {entity: LOWEST}
            cursor.execute(ALL)
            return {number: LOWEST for (number,) in cursor.fetchall()}
        if entity is None:
            cursor.execute(GROWN, [midnight(since)])
            return dict(sorted(cursor.fetchall()))
        cursor.execute(GROWN_OF, [midnight(since), entity])
        first = cursor.fetchone()[0]
        return {} if first is None else {entity: first}


def first_fault(entity: str, first: int, seen: Callable[[int], None] = lambda _lines: None) -> Fault | None:
    """Read a chain from a line on; `seen` is told how many lines were read. The line before must be what it follows."""
    with _unhurried() as cursor:
        number, last, latest = 0, None, None
        if first > 1:
            number = first - 1
            cursor.execute(ONE, [entity, number])
            last, latest = cursor.fetchone() or (None, None)
        after = (first, LOWEST)
        while True:
            cursor.execute(LINES, [entity, *after, PAGE])
            page = cursor.fetchall()
            for seq, pk, at, before, own, unchanged in page:
                if seq != number + 1 or before != last:
                    return Fault(entity, seq, pk, "does not follow its predecessor")
                if not unchanged:
                    return Fault(entity, seq, pk, "was changed")
                if latest and at < latest - CLOCKS:
                    return Fault(entity, seq, pk, "says that it is older than its predecessor")
                number, last, latest = seq, own, max(at, latest or at)
            seen(len(page))
            if len(page) < PAGE:
                return None
            after = page[-1][:2]


def strays(entity: str | None) -> list[Fault]:
    """The first line without a number in each entity's history."""
    with _unhurried() as cursor:
        cursor.execute(STRAYS, {"entity": entity})
        return [Fault(number, None, pk, "has no place in its chain") for number, pk in sorted(cursor.fetchall())]


# --- heads ---


def heads(day: date) -> tuple[Summary, list[Head]]:
    """All heads at the end of a day, as the lines say themselves; and those of the chains that got lines on it."""
    began, ended = midnight(day), midnight(day + timedelta(days=1))
    with _unhurried() as cursor:
        cursor.execute(HEADS, [ended])
        found: list[tuple[Head, datetime]] = [
            (Head(number, seq or 0, bytes(own or b"")), at) for number, seq, own, at in cursor.fetchall()
        ]
    found.sort(key=lambda each: each[0].entity)  # no matter how the database sorts
    digest = hashlib.sha256()
    for head, _at in found:
        digest.update(f"{head}\n".encode())
    grown = [head for head, at in found if at >= began]
    return Summary(len(found), sum(head.seq for head, _at in found), len(grown), digest.hexdigest()), grown


def told(day: date) -> Iterator[str]:
    """What the log says of a day: each chain that got lines, then all of them together."""
    summary, grown = heads(day)
    for first in range(0, len(grown), A_LINE):
        yield f"history heads {day} {' '.join(map(str, grown[first : first + A_LINE]))}"
    yield f"history heads {day} {summary}"


def write_down(day: date) -> None:
    for line in told(day):
        log.info(line)


@dataclass
class Log:
    """What a log says of heads; lines about anything else are passed by, whatever stands before and after."""

    HEADS = re.compile(r"history heads (\d{4}-\d\d-\d\d)((?: [\w.%~-]*=\d+:[0-9a-f]*)+)")
    SUMMARY = re.compile(r"history heads (\d{4}-\d\d-\d\d) chains=(\d+) lines=(\d+) grown=(\d+) digest=([0-9a-f]{64})")

    lines: Iterable[str]
    since: date | None = None
    entity: str | None = None
    summaries: dict[date, Summary] = field(default_factory=dict)  # complete when all heads were read
    known: dict[date, int] = field(default_factory=dict)  # heads of a day

    def heads(self) -> Iterator[tuple[date, Head]]:
        for line in self.lines:
            if found := self.SUMMARY.search(line):
                day = date.fromisoformat(found[1])
                if self.since is None or day >= self.since:
                    self.summaries[day] = Summary(int(found[2]), int(found[3]), int(found[4]), found[5])
            elif found := self.HEADS.search(line):
                day = date.fromisoformat(found[1])
                if self.since is None or day >= self.since:
                    yield from ((day, head) for head in self._read(day, found[2].split()))

    def _read(self, day: date, words: list[str]) -> Iterator[Head]:
        self.known[day] = self.known.get(day, 0) + len(words)
        for word in words:
            number, _equals, rest = word.partition("=")
            seq, _colon, digest = rest.partition(":")
            if self.entity is None or self.entity == unquote(number):
                yield Head(unquote(number), int(seq), bytes.fromhex(digest))

    def faults(self) -> Iterator[Fault]:
        """Lines that the log knows otherwise, or that are not there any more."""
        heads = self.heads()
        while some := list(islice(heads, PAGE)):
            columns = [
                [str(day) for day, _head in some],
                [head.entity for _day, head in some],
                [head.seq for _day, head in some],
                [head.hash for _day, head in some],
            ]
            with _unhurried() as cursor:
                cursor.execute(NOT_AS_TOLD, columns)
                found = cursor.fetchall()
            for number, seq, pk, day in found:
                what = "is missing" if pk is None else "is another one"
                yield Fault(number, seq, pk, f"{what}; the log of {day} has it")

    def wrong_days(self) -> Iterator[str]:
        """Days whose heads together are not as logged, or of which the log is not whole; after `faults`."""
        for day in sorted({*self.summaries, *self.known}):
            summary = self.summaries.get(day)
            if summary is None or self.known.get(day, 0) < summary.grown:
                yield f"The log of {day} is not whole."
            elif (now := heads(day)[0]) != summary:
                yield f"The heads of {day} are not as logged: {now}, not {summary}."
