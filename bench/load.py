"""Load by wrk, and what came back: counted are answers that are what they should be, not answers."""

import gzip
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import requests

SCRIPT = Path(__file__).with_name("load.lua")
LEEWAY = 0.1  # of the size of a page: what is new in it meanwhile, a longer token, chance in compression
PADDING = 160  # bytes


class Missing(Exception):
    """wrk is not installed; how to do that."""

    def __str__(self) -> str:
        return "wrk is missing: `apt-get install wrk` (Debian, Ubuntu) or `brew install wrk`."


class Wrong(Exception):
    """Under load a page was not what it is; what came instead."""


@dataclass(frozen=True)
class Asked:
    """What is asked again and again. `status` and `size` (bytes) are what a look at it before has found."""

    url: str
    status: int = 200
    size: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    bodies: Sequence[str] = ()  # posted in turn, each a form


@dataclass(frozen=True)
class Slice:
    """What one slice of time has brought: right answers, milliseconds; `begun` are requests the server worked on."""

    good: int
    begun: int
    seconds: float
    p50: float
    p95: float
    p99: float

    @property
    def rate(self) -> float:
        return self.good / self.seconds


def demand() -> str:
    """Raises:
    Missing
    """
    found = shutil.which("wrk")
    if not found:
        raise Missing
    return found


def look(what: Asked, marker: str) -> Asked:
    """Ask once: the same, with the size that was found.

    Raises:
        Wrong: the status is another, or `marker` does not stand in the text.
    """
    answer = requests.get(what.url, headers=what.headers, allow_redirects=False, stream=True, timeout=120)
    raw = answer.raw.read(decode_content=False)
    text = (gzip.decompress(raw) if answer.headers.get("Content-Encoding") == "gzip" else raw).decode()
    if answer.status_code != what.status or marker not in text:
        to = answer.headers.get("Location", "")
        raise Wrong(f"{what.url}: {answer.status_code} {to}, {marker!r} {'is' if marker in text else 'is not'} there")
    return replace(what, size=len(raw))


def ask(what: Asked, *, seconds: float, connections: int = 2, pause: int = 0) -> Slice:
    """Ask for `seconds`, over so many connections; longer where nothing came. Each rests for `pause` milliseconds.

    wrk leaves when the time is over, with a request under way on each connection: the server works on them all the
    same, so they are among those that were begun.

    Raises:
        Missing
        Wrong: an answer had another status or size, or none came.
    """
    around = max(PADDING, int(what.size * LEEWAY))
    sizes = [str(max(0, what.size - around)), str(what.size + around)]
    headers = [word for name, value in what.headers.items() for word in ("-H", f"{name}: {value}")]
    begun = 0
    for longer in (1, 4, 16):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as bodies:
            bodies.write("\n".join(what.bodies))
            bodies.flush()
            command = [demand(), "-t1", f"-c{connections}", f"-d{max(1, round(seconds)) * longer}s", "--timeout=30s"]
            command += ["-s", str(SCRIPT), *headers, what.url, "--", str(what.status), *sizes]
            command += [bodies.name if what.bodies else "-", str(pause)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
        said = json.loads(done.stdout.splitlines()[-1])
        begun += said["good"] + connections
        if said["bad"] or said["errors"]:
            wrong = f"{said['bad']} wrong ({said['wrong']}), {said['errors']} errors, {said['good']} right"
            raise Wrong(f"{what.url}: {wrong}")
        if said["good"]:
            return Slice(said["good"], begun, said["seconds"], said["p50"], said["p95"], said["p99"])
    raise Wrong(f"{what.url}: no answer in {seconds * longer:.0f} s")
