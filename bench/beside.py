"""The download of a hundred thousand lines: what it costs; what it, or an import, does to everybody else's pages."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256

import requests

from bench import browser, cpu, load
from bench.load import Asked, Wrong
from bench.places import Failed
from bench.scenarios import ADMINISTRATOR
from bench.servers import PYTHON, Server
from entity_portal.management.commands.demo import die_with_parent
from entity_portal.postgres import ROOT

LINES = 100_000  # at most
# The first day of which all lines, and those of later days, are so many.
SINCE = """SELECT ((at AT TIME ZONE 'Asia/Macau')::date + 1)::text FROM audit_event WHERE entity_number = %(number)s
    ORDER BY at DESC, id DESC LIMIT 1 OFFSET %(lines)s"""
OFTEN = 0.1  # seconds between two looks at memory
# Light load: eight people who look at a page every fifth of a second; long enough for a 95th percentile.
PEOPLE, PAUSE, SECONDS = 8, 200, 10
PATIENCE = 300


@dataclass
class Cost:
    """Round by round: CPU seconds of a download and of its yardstick, megabytes that a worker grew by meanwhile."""

    lines: int = 0
    export: list[float] = field(default_factory=list)
    yardstick: list[float] = field(default_factory=list)
    growth: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Download:
    """The history of the largest entity, as its administrator downloads it."""

    server: Server
    since: str

    @classmethod
    def of(cls, server: Server) -> "Download":
        asked = {"number": ADMINISTRATOR.entity, "lines": LINES}
        with server.place.connect() as connection:
            row = connection.execute(SINCE, asked).fetchone()
        return cls(server, row[0] if row else "")

    @property
    def path(self) -> str:
        return f"/history/export.csv{f'?since={self.since}' if self.since else ''}"

    def session(self) -> requests.Session:
        """Somebody whose password was typed just now, as a download demands."""
        return browser.sign_in(self.server.url, ADMINISTRATOR)

    def fetch(self, session: requests.Session) -> tuple[int, str]:
        """(lines, SHA-256), read piece by piece.

        Raises:
            Wrong
        """
        seen, lines = sha256(), -1
        with session.get(self.server.url + self.path, stream=True, allow_redirects=False, timeout=PATIENCE) as answer:
            kind = answer.headers.get("Content-Type", "")
            if answer.status_code != 200 or not kind.startswith("text/csv"):
                raise Wrong(f"{self.path}: {answer.status_code} {kind} {answer.headers.get('Location', '')}")
            for piece in answer.iter_content(1 << 16):
                seen.update(piece)
                lines += piece.count(b"\n")
        return lines, seen.hexdigest()


def export(download: Download, rounds: int, say: Callable[[str], object]) -> Cost:
    """Download and yardstick in turn; the first round warms up and is thrown away.

    Raises:
        Wrong: what came is not what the yardstick has made.
    """
    server, place, found = download.server, download.server.place, Cost()
    for turn in range(rounds + 1):
        session = download.session()
        before = server.cpu() + place.cpu()
        with watched(server) as grown:
            found.lines, seen = download.fetch(session)
        spent = server.cpu() + place.cpu() - before
        told = place.ask("bench.exports", ADMINISTRATOR.entity, download.since, str(place.postmaster))
        if (found.lines, seen) != (told["lines"], told["sha256"]):
            raise Wrong(f"{download.path}: {found.lines} lines, not the {told['lines']} that were expected, or others")
        if turn:
            found.export.append(spent)
            found.yardstick.append(told["seconds"])
            found.growth.append(grown())
        else:
            say(f"{found.lines:,} lines of history")
    return found


@contextmanager
def watched(server: Server) -> Iterator[Callable[[], float]]:
    """Ask afterwards by how many megabytes (PSS) the worker grew that grew most, at its highest."""
    begun = {pid: cpu.memory(pid) for pid in cpu.children(server.process.pid)}
    highest, over = dict(begun), threading.Event()

    def look() -> None:
        while not over.wait(OFTEN):
            for pid in begun:
                highest[pid] = max(highest[pid], cpu.memory(pid))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield lambda: max(highest[pid] - begun[pid] for pid in begun)
    finally:
        over.set()
        looking.join()


def beside(
    asked: Asked, download: Download, told: dict[str, str], rounds: int, seconds: float
) -> dict[str, list[float]]:
    """p95 in milliseconds of a page under light load: `usual`, while an `import` and while an `export` is running.

    `told` is the environment of the worker, which is there all the time. In each round all three, in turn.

    Raises:
        Wrong, Failed
    """
    found: dict[str, list[float]] = {"usual": [], "import": [], "export": [], "imports": [], "exports": []}
    with worker(told):
        for turn in range(rounds + 1):
            for name, busy in (("usual", None), ("import", importing(told)), ("export", exporting(download))):
                if busy is None:
                    p95, done = _p95(asked, seconds), 0
                else:
                    with busy as finished:
                        p95 = _p95(asked, seconds)
                    done = finished()
                if turn:
                    found[name].append(p95)
                    if busy:
                        found[f"{name}s"].append(float(done))
    return found


def _p95(asked: Asked, seconds: float) -> float:
    return load.ask(asked, seconds=max(SECONDS, seconds), connections=PEOPLE, pause=PAUSE).p95


@contextmanager
def worker(told: dict[str, str]) -> Iterator[None]:
    """The process that does jobs, as in production."""
    command = [*PYTHON, "manage.py", "procrastinate", "worker"]
    with subprocess.Popen(
        command, cwd=ROOT, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent
    ) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def importing(told: dict[str, str]) -> Iterator[Callable[[], int]]:
    """One file after the other while the block lasts; ask afterwards how many.

    Raises:
        Failed
    """
    command, done = [*PYTHON, "-m", "bench.importing"], [0]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, env=told, stdin=pipe, stdout=pipe, stderr=pipe, text=True, preexec_fn=die_with_parent
    ) as process:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "begun":
            raise Failed(process.communicate()[1][-3000:])
        try:
            yield lambda: done[0]
        finally:
            said, wrong = process.communicate(timeout=PATIENCE)
        if process.returncode:
            raise Failed(wrong[-3000:])
        done[0] = json.loads(said.splitlines()[-1])["done"]


@contextmanager
def exporting(download: Download) -> Iterator[Callable[[], int]]:
    """One download after the other while the block lasts; ask afterwards how many.

    Raises:
        Wrong
    """
    over, done, wrong = threading.Event(), [0], list[Exception]()
    session = download.session()

    def go() -> None:
        try:
            while not over.is_set():
                download.fetch(session)
                done[0] += 1
        except (Wrong, OSError) as error:
            wrong.append(error)

    fetching = threading.Thread(target=go)
    fetching.start()
    try:
        yield lambda: done[0]
    finally:
        over.set()
        fetching.join()
    if wrong:
        raise wrong[0]
