"""`manage.py demo`: the whole portal with demonstration data, web and worker together, until Ctrl-C."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from entity_portal.postgres import ROOT

PORTS_TRIED = 20
FIRST_PAGE = 30  # seconds, on a slow machine
PREPARING = 7_301_001  # key of the lock that two demos starting at once meet at
PR_SET_PDEATHSIG = 1


def free_port(host: str, first: int) -> int:
    """The first port from `first` on that nobody listens on."""
    for port in range(first, first + PORTS_TRIED):
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise CommandError(f"Ports {first} to {first + PORTS_TRIED - 1} are all taken.")


def die_with_parent() -> None:
    """Runs in a child: it is told to stop when the demo is gone, also after kill -9 (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", nargs="?", default="127.0.0.1:8000", help="host:port, by default 127.0.0.1:8000")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Set DEMO=1 (manage.py does, when it is called with `demo`).")
        started = time.monotonic()
        host, _colon, port = address.partition(":")
        wanted = int(port or 8000)
        chosen = free_port(host, wanted)
        if chosen != wanted:
            self.stdout.write(f"Port {wanted} is taken; using {chosen}.")
        # Links in texts name this address. Set here because the port is known only now; children read the variable.
        settings.PUBLIC_URL = os.environ["PUBLIC_URL"] = f"http://{host}:{chosen}"
        self.prepare()
        children = [
            self.start("gunicorn", "entity_portal.wsgi", *self.gunicorn_options(f"{host}:{chosen}")),
            self.start(str(ROOT / "manage.py"), "procrastinate", "worker", module=False),
        ]
        try:
            self.wait_until_ready(host, chosen, children)
            took = time.monotonic() - started
            self.stdout.write(self.style.SUCCESS(f"Ready after {took:.0f} s: {settings.PUBLIC_URL}/"))
            self.stdout.write("The login page says which logins to try. Ctrl-C stops.")
            self.wait(children)
        finally:
            self.stop(children)

    def prepare(self) -> None:
        """Tables, demonstration data and static files; once at a time."""
        held = connections["counters"]  # `migrate` leaves the other one, and would leave the lock with it
        with held.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [PREPARING])
        try:
            call_command("migrate", verbosity=0)
            call_command("demo_data", verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
        finally:
            connections.close_all()  # and with one of them the lock

    def gunicorn_options(self, bind: str) -> list[str]:
        usual = [f"--config={ROOT / 'gunicorn.conf.py'}", "--workers=2", f"--chdir={ROOT}"]
        return [*usual, f"--bind={bind}", "--log-level=warning"]

    def start(self, program: str, *arguments: str, module: bool = True) -> subprocess.Popen[bytes]:
        command = [sys.executable, *(["-m"] if module else []), program, *arguments]
        # A session of its own: Ctrl-C reaches this process alone, which then stops the children in order.
        return subprocess.Popen(command, start_new_session=True, preexec_fn=die_with_parent)

    def wait_until_ready(self, host: str, port: int, children: list[subprocess.Popen[bytes]]) -> None:
        """Until the sign-in page answers: the port alone is open long before."""
        while all(child.poll() is None for child in children):
            try:
                with closing(HTTPConnection(host, port, timeout=FIRST_PAGE)) as probe:
                    probe.request("GET", "/login/")
                    probe.getresponse().read()
                    return
            except (OSError, HTTPException):
                time.sleep(0.1)
        raise CommandError("The web server or the worker did not start; what it said stands above.")

    def wait(self, children: list[subprocess.Popen[bytes]]) -> None:
        """Until Ctrl-C, a polite kill, or the end of a child, which is an error."""

        def stop(*_: object) -> None:
            raise KeyboardInterrupt

        for each in (signal.SIGINT, signal.SIGTERM):  # also where whoever started this ignores them
            signal.signal(each, stop)
        try:
            while all(child.poll() is None for child in children):
                time.sleep(0.3)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping.")
            return
        raise CommandError("The web server or the worker has ended; what it said stands above.")

    def stop(self, children: list[subprocess.Popen[bytes]]) -> None:
        for child in children:
            if child.poll() is None:
                child.terminate()
        until = time.monotonic() + 20  # for both together
        for child in children:
            try:
                child.wait(timeout=max(0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
