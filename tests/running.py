"""A running portal: gunicorn and the worker, real processes, on the test's own database."""

import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings

from entity_portal.management.commands.demo import die_with_parent, free_port
from entity_portal.postgres import PORTAL, TESTER
from services.oidc import keys
from tests import leaks


@pytest.fixture(scope="session")
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Static files as production has them: joined, named by content."""
    folder = tmp_path_factory.mktemp("data")
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(command, check=True, cwd=settings.BASE_DIR, env=environment("", folder))
    return folder


def environment(url: str, data_dir: Path) -> dict[str, str]:
    """What the server's processes are told: the test's database, the demonstration phone, the portal's own settings.

    They are the role that a real installation's processes are, and know no other.
    """
    database = settings.DATABASES["default"]
    name = quote(database["HOST"], safe="")
    role = PORTAL if database["USER"] == TESTER else database["USER"]
    address = f"postgresql://{role}:{database['PASSWORD']}@{name}:{database['PORT']}/{database['NAME']}"
    return os.environ | {
        "MIGRATE_DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "entity_portal.settings",
        "DATABASE_URL": address,
        "PORTAL_DATA_DIR": str(data_dir),
        "DATA_KEYS_DIR": settings.DATA_KEYS_DIR,  # what the test has written can be read
        "PUBLIC_URL": url or "http://127.0.0.1",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SMS_BACKEND": "phone",
        "EMAIL_URL": "dummy:",
        "EMAIL_FROM": "portal@example.mo",
        "DEMO": "1",
        "TLS": "0",
        "TRUSTED_HOPS": "0",
        "LOG_LEVEL": "DEBUG",
    }


def real_portal(data_dir: Path) -> dict[str, str]:
    """The same for a real installation, which has no demonstration."""
    return environment("https://portal.example", data_dir) | {
        "DEMO": "0",
        "TLS": "1",
        "TRUSTED_HOPS": "1",
        "SECRET_KEY": secrets.token_hex(32),
        "OIDC_SUBJECT_KEY": secrets.token_hex(32),
        "OIDC_KEYS_DIR": str(data_dir / "keys"),
        "SMS_BACKEND": "http_json",
        "SMS_HTTP_URL": "https://sms.example",
        "SMS_HTTP_FIELDS": "{}",
    }


@dataclass
class Portal:
    """A running portal: its address, and its operator's commands."""

    url: str
    told: dict[str, str]

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, check=True, cwd=settings.BASE_DIR, env=self.told, capture_output=True)


@pytest.fixture
def portal(transactional_db: None, static_files: Path, request: pytest.FixtureRequest) -> Iterator[Portal]:
    """A running portal on the test's database: gunicorn and the worker, both real processes.

    `indirect` parameters are further variables of its environment.
    """
    port = free_port("127.0.0.1", 18000 + 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]))
    url = f"http://127.0.0.1:{port}"
    told, further = environment(url, static_files), getattr(request, "param", {})
    if further.get("DEMO") == "0":
        told = real_portal(static_files)
        keys.make(static_files / "keys")
    told |= further
    web = ["-m", "gunicorn", "entity_portal.wsgi", f"--bind=127.0.0.1:{port}", "--preload"]
    web += ["--workers=2", "--log-level=warning"]
    commands = [web, ["manage.py", "procrastinate", "worker"]]
    with (static_files / f"server-{port}.log").open("w") as log:
        children = [
            subprocess.Popen(
                [sys.executable, *command],
                cwd=settings.BASE_DIR,
                env=told,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )
            for command in commands
        ]
        try:
            wait_until_alive(url, children)
            yield Portal(url, told)
        finally:
            for child in children:
                child.terminate()
            for child in children:
                child.wait(20)
            print(said := Path(log.name).read_text())  # noqa: T201  is shown where a test fails
    assert not (leaked := leaks.found(said.splitlines(), leaks.keeper.secrets)), leaked


def wait_until_alive(url: str, children: list[subprocess.Popen[bytes]]) -> None:
    for _try in range(300):
        assert all(child.poll() is None for child in children), "the server or the worker did not start"
        try:
            with closing(urllib.request.urlopen(f"{url}/healthz", timeout=2)):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")
