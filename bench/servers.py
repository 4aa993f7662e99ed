"""Servers as in production: gunicorn, threads, two workers; each with a look at what it uses."""

import runpy
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import cpu
from bench.places import Place
from entity_portal.management.commands.demo import die_with_parent, free_port
from entity_portal.postgres import ROOT

PYTHON = (sys.executable,)
WORKERS, THREADS = 2, int(runpy.run_path(str(ROOT / "gunicorn.conf.py"))["threads"])
FIRST_PORT = 18700
PATIENCE = 60  # seconds until the first answer


class NotStarted(Exception):
    """A server ended, or did not answer; what it said."""


@dataclass
class Server:
    """A running server. `start` is how many seconds it took to the first answer."""

    name: str
    url: str
    process: "subprocess.Popen[bytes]"
    place: Place
    start: float

    def cpu(self) -> float:
        """CPU seconds of all its processes so far."""
        return cpu.seconds(self.process.pid)

    def memory(self) -> float:
        """Megabytes (PSS) of a worker; the mean of them."""
        workers = cpu.children(self.process.pid)
        return sum(map(cpu.memory, workers)) / len(workers)


@contextmanager
def serve(
    name: str, application: str, place: Place, told: Mapping[str, str], *, first: str, port: int, logs: Path
) -> Iterator[Server]:
    """A server of `application` until the end of the block; `first` is the page that is asked until it answers.

    Raises:
        NotStarted
    """
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", application, f"--bind=127.0.0.1:{port}", "--worker-class=gthread"]
    command += [f"--workers={WORKERS}", f"--threads={THREADS}", "--preload", "--no-control-socket"]
    command += ["--log-level=warning"]
    said = logs / f"{name}.log"
    with said.open("w") as log:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env=dict(told), stdout=log, stderr=log, preexec_fn=die_with_parent
        )
        try:
            _wait(process, url + first, said)
            yield Server(name, url, process, place, time.perf_counter() - begun)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def port_after(port: int) -> int:
    """A free port from there on."""
    return free_port("127.0.0.1", port)


def _wait(process: "subprocess.Popen[bytes]", url: str, said: Path) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            with closing(urllib.request.urlopen(url, timeout=5)):
                return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
            break
        except OSError:
            time.sleep(0.02)
    raise NotStarted(f"{url}:\n{said.read_text()[-3000:]}")
