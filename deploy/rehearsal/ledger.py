"""What clients were told, beside what is in the database and at the provider."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

TOLD_DONE = {"done", "there"}
WRITES = {"create", "send", "assign"}
WAITING = {"queued", "sending"}


@dataclass(frozen=True)
class Line:
    """A line of the ledger, see `load`."""

    what: str
    marker: str
    begun: float
    ended: float
    told: str
    why: str = ""

    @property
    def is_receipt(self) -> bool:
        return self.what in WRITES and self.told in TOLD_DONE


def read(path: Path) -> list[Line]:
    lines = []
    for text in path.read_text().splitlines():
        try:
            lines.append(Line(**json.loads(text)))
        except ValueError:
            continue  # the last line of a ledger that is being written
    return lines


@dataclass
class Found:
    """What there is: how often each marker, its line of history, its text; what became of texts."""

    rows: Counter[str] = field(default_factory=Counter)
    history: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    fates: dict[str, str] = field(default_factory=dict)
    taken: Counter[str] = field(default_factory=Counter)

    def is_lost(self, line: Line) -> bool:
        """An acknowledged action that is not there; a text that nobody has and nobody says so."""
        marker = line.marker
        if not self.rows[marker] or not self.history[marker]:
            return True
        if line.what != "send":
            return False
        fate = self.fates.get(marker, "")
        return fate in {"", *WAITING} or (fate in {"sent", "delivered"} and not self.taken[marker])

    def is_doubled(self, marker: str) -> bool:
        return max(self.rows[marker], self.history[marker], self.texts[marker], self.taken[marker]) > 1


LOGINS = """
SELECT substr(login.name_foreign, 8) AS marker,
    (SELECT count(*) FROM audit_event WHERE target = login.euid AND action = 'login.created')
FROM staff_stafflogin AS login WHERE login.name_foreign LIKE 'ENSAIO %'"""
ASSIGNMENTS = """
SELECT login.euid, count(*),
    (SELECT count(*) FROM audit_event WHERE target = login.euid AND action = 'service.assigned')
FROM services_assignment AS member JOIN staff_stafflogin AS login ON login.id = member.login_id
WHERE member.ended_at IS NULL GROUP BY login.euid"""
TEXTS = """
SELECT substr(login.name_foreign, 8), sms.id::text, sms.status
FROM activation_activationcode AS code JOIN staff_stafflogin AS login ON login.id = code.login_id
JOIN messaging_sms AS sms ON sms.id = code.sms_id WHERE login.name_foreign LIKE 'ENSAIO %'"""


def look(connection: Any, accepted: Path) -> Found:
    """All that was written by clients, as it is in this database; `accepted` is what the provider took."""
    found = Found()
    for marker, history in connection.execute(LOGINS):
        found.rows[marker] += 1
        found.history[marker] += history
    for euid, rows, history in connection.execute(ASSIGNMENTS):
        found.rows[euid] += rows
        found.history[euid] += history
    taken = Counter(json.loads(text)["ref"] for text in accepted.read_text().splitlines()) if accepted.exists() else {}
    for marker, reference, status in connection.execute(TEXTS):
        found.texts[marker] += 1
        found.fates[marker] = status
        found.taken[marker] += taken.get(reference, 0)
    return found


@dataclass
class Window:
    """A fault and when it was; `notes` are what else was seen, in bold what broke the promise."""

    id: str
    fault: str
    promise: str
    longest: float | None  # seconds without any successful answer that the promise allows; None where it names none
    answer: float | None = None  # seconds that anybody may wait for an answer, likewise
    unnoticed: bool = False  # no answer may fail
    begun: float = 0.0
    ended: float = 0.0
    notes: list[str] = field(default_factory=list)

    def holds(self, line: Line) -> bool:
        return self.begun <= line.ended and line.begun <= self.ended


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    window: Window
    acknowledged: int
    lost: int
    doubled: int
    gap: float
    failed: int
    shed: int
    slowest: float

    @property
    def kept(self) -> bool:
        slow = self.window.longest is not None and self.gap > self.window.longest
        late = self.window.answer is not None and self.slowest > self.window.answer
        noticed = self.window.unnoticed and (self.failed or self.shed)
        said = any("**" in note for note in self.window.notes)
        return not (self.lost or self.doubled or slow or late or noticed or said) and self.acknowledged > 0


def judge(window: Window, lines: Iterable[Line], found: Found) -> Row:
    """What a fault did, to the lines that were under way while it lasted."""
    mine = [line for line in lines if window.holds(line)]
    receipts = [line for line in mine if line.is_receipt]
    well = sorted(line.ended for line in mine if line.told in TOLD_DONE and line.ended <= window.ended)
    times = [window.begun, *well, window.ended]
    gap = max(after - before for before, after in pairwise(times))
    return Row(
        window,
        acknowledged=len(receipts),
        lost=sum(found.is_lost(line) for line in receipts),
        doubled=sum(found.is_doubled(marker) for marker in {line.marker for line in mine if line.what in WRITES}),
        gap=gap,
        failed=sum(line.told == "failed" for line in mine),
        shed=sum(line.told == "shed" for line in mine),
        slowest=max((line.ended - line.begun for line in mine), default=0.0),
    )
