"""What the web processes of a machine have counted, together, in Prometheus' words.

The counters lie in memory that gunicorn's workers share because they are forked from one process that has loaded the
portal (`--preload`): no files, nothing to clear away, and what a killed worker has counted stays. Whichever worker is
asked says the same. Several machines are asked one by one.
"""

import fcntl
import mmap
import os
import re
import struct
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

SLOTS, NAME, VALUE = 8192, 152, 8  # bytes of a slot: the series' name, its value
SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # bounds of how long something took
HELP = {
    "portal_requests_total": "Requests by view and status.",
    "portal_request_seconds": "How long views took, until their answer began.",
    "portal_hash_seconds": "How long a password was worked on, without waiting for a place.",
    "portal_hash_refused_total": "Passwords that were not looked at because too many were.",
    "portal_lockouts_total": "Logins locked after wrong passwords.",
}


class Shared:
    """Sums by name, the same in all processes forked from the one that made it."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, VALUE + SLOTS * (NAME + VALUE))
        with tempfile.TemporaryFile() as file:
            self._file = os.dup(file.fileno())  # to lock by: the kernel lets go of it when a process is killed
        self._thread = threading.Lock()
        self._places: dict[str, int] = {}

    def add(self, values: Mapping[str, float]) -> None:
        """Add to each of these sums; one too many for the room there is, or with too long a name, is not counted."""
        with self._alone():
            for name, value in values.items():
                if (place := self._place(name)) is not None:
                    (held,) = struct.unpack_from("d", self._memory, place)
                    struct.pack_into("d", self._memory, place, held + value)

    def read(self) -> dict[str, float]:
        with self._alone():
            self._look()
            return {name: struct.unpack_from("d", self._memory, at)[0] for name, at in self._places.items()}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._thread:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _place(self, name: str) -> int | None:
        """Where the sum of this name lies; others may have made it."""
        if name not in self._places:
            self._look()
        if name not in self._places and len(self._places) < SLOTS and len(raw := name.encode()) < NAME:
            start = VALUE + len(self._places) * (NAME + VALUE)
            self._memory[start : start + NAME] = raw.ljust(NAME, b"\0")  # over what somebody killed has begun
            self._places[name] = start + NAME
            struct.pack_into("q", self._memory, 0, len(self._places))
        return self._places.get(name)

    def _look(self) -> None:
        """Learn of the sums that other processes have begun."""
        (used,) = struct.unpack_from("q", self._memory, 0)
        for slot in range(len(self._places), used):
            start = VALUE + slot * (NAME + VALUE)
            name = self._memory[start : start + NAME].rstrip(b"\0").decode()
            self._places[name] = start + NAME


_shared = Shared()


def count(name: str, **labels: str) -> None:
    """One more of a thing."""
    _shared.add({series(name, **labels): 1})


def took(name: str, seconds: float, **labels: str) -> None:
    """Something took so long: a histogram."""
    _shared.add(_histogram(name, seconds, labels))


def request(view: str, status: int, seconds: float) -> None:
    counted = {series("portal_requests_total", view=view, status=str(status)): 1.0}
    _shared.add(counted | _histogram("portal_request_seconds", seconds, {"view": view}))


def _histogram(name: str, seconds: float, labels: Mapping[str, str]) -> dict[str, float]:
    reached = [str(bound) for bound in SECONDS if seconds <= bound] + ["+Inf"]
    buckets = {series(f"{name}_bucket", **labels, le=bound): 1.0 for bound in reached}
    return buckets | {series(f"{name}_sum", **labels): seconds, series(f"{name}_count", **labels): 1.0}


def series(name: str, **labels: str) -> str:
    """`name{label="value"}`; the values are ours: names of views, of states."""
    inside = ",".join(f'{label}="{value}"' for label, value in labels.items())
    return f"{name}{{{inside}}}" if inside else name


def _order(name: str) -> tuple[str, float]:
    """Buckets of one histogram stand together, by their bounds."""
    bound = re.search(r',?le="([^"]+)"', name)
    return (name.replace(bound[0], ""), float(bound[1])) if bound else (name, 0)


def text(gauges: Mapping[str, float], about: Mapping[str, str]) -> str:
    """All that was counted, then `gauges`, which `about` explains by name: Prometheus' text format 0.0.4."""
    lines: list[str] = []
    counted = _shared.read()
    for name, meaning in HELP.items():
        kind = "counter" if name.endswith("_total") else "histogram"
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
        own = [name] if kind == "counter" else [f"{name}_bucket", f"{name}_sum", f"{name}_count"]
        mine = sorted((each for each in counted if each.partition("{")[0] in own), key=_order)
        lines += [f"{each} {counted[each]!r}" for each in mine]
    for name, meaning in about.items():
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge"]
        lines += [f"{each} {float(value)!r}" for each, value in gauges.items() if each.partition("{")[0] == name]
    return "\n".join(lines) + "\n"
