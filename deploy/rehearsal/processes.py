"""Programs on machines, started again by a supervisor when they die: what systemd's `Restart=always` does."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from deploy.rehearsal.network import Failed, inside

RESTART = 1.0  # seconds from a death to the next start, as `RestartSec` says in deploy/systemd


class Program:
    """A program on a machine; `restarts` counts how often it was started again."""

    def __init__(
        self,
        name: str,
        host: str,
        command: list[str],
        *,
        log: Path,
        told: Mapping[str, str] | None = None,
        user: str = "",
        cwd: str = "/",
        again: bool = True,
    ) -> None:
        self.name, self.host, self.command, self.log = name, host, command, log
        self.told, self.user, self.cwd, self.again = dict(told or {}), user, cwd, again
        self.process: subprocess.Popen[bytes] | None = None
        self.wanted, self.restarts, self.died = False, 0, 0.0

    def start(self) -> None:
        as_user = [f"--reuid={self.user}", f"--regid={self.user}", "--init-groups"] if self.user else []
        command = [*inside(self.host), "setpriv", *as_user, "--pdeathsig=KILL", "--", *self.command]
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", **self.told}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env=env,
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wanted = True

    @property
    def pid(self) -> int:
        """Raises:
        Failed: it does not run.
        """
        if self.process is None or self.process.poll() is not None:
            said = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
            raise Failed(f"{self.name} does not run:\n{said}")
        return self.process.pid

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """kill -9 of the program and all it has started, as when its machine loses power; the supervisor sees it."""
        if self.runs:
            kill(family(self.pid))

    def stop(self, how: signal.Signals = signal.SIGTERM, patience: float = 40) -> None:
        """Ask it to end, and wait; what does not end in time is killed."""
        self.wanted = False
        if self.process is None:
            return
        everybody = family(self.process.pid) if self.runs else []
        if self.runs:
            self.process.send_signal(how)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        kill(everybody)
        self.process.wait(10)


class Supervisor:
    """Starts again what has died and is wanted."""

    def __init__(self) -> None:
        self.programs: list[Program] = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def add(self, program: Program) -> Program:
        self.programs.append(program)
        if not self.thread.is_alive():
            self.thread.start()
        return program

    def _watch(self) -> None:
        while not self.over.wait(0.1):
            now = time.monotonic()
            for program in self.programs:
                if not program.wanted or not program.again or program.runs:
                    program.died = 0.0
                elif not program.died:
                    program.died = now
                elif now >= program.died + RESTART:
                    program.died = 0.0
                    program.restarts += 1
                    program.start()

    def stop(self) -> None:
        """End everything, the last started first."""
        self.over.set()
        if self.thread.is_alive():
            self.thread.join()
        for program in reversed(self.programs):
            program.stop(signal.SIGINT if program.name.startswith("db") else signal.SIGTERM, patience=10)


def parents() -> dict[int, int]:
    """`{pid: its parent}` of all processes."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                found[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    return found


def children(pid: int) -> list[int]:
    return [child for child, parent in parents().items() if parent == pid]


def family(pid: int) -> list[int]:
    """A process and all below it."""
    above, found = parents(), [pid]
    for each in found:
        found += [child for child, parent in above.items() if parent == each]
    return found


def kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def wait_until(done: Callable[[], object], what: str, seconds: float = 60) -> float:
    """How many seconds it took.

    Raises:
        Failed: it is not so after `seconds`.
    """
    begun = time.monotonic()
    while not done():
        if time.monotonic() > begun + seconds:
            raise Failed(f"after {seconds:.0f} s: not {what}")
        time.sleep(0.1)
    return time.monotonic() - begun
