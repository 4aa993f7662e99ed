"""Real Chromium, a real server, a real worker: the tests here see the portal as a person does.

Without Chromium they are skipped, saying so; where CI is set that is a failure.
"""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings

from entity_portal.management.commands.demo import die_with_parent, free_port

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's synchronous API keeps an event loop running

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
REASON = "no Chromium: apt-get install chromium, or set CHROMIUM to its path"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason=REASON))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if HERE in item.path.parents and not CHROMIUM and os.environ.get("CI"):
        pytest.fail(REASON)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-Hant-MO", "timezone_id": "Asia/Macau"}


@pytest.fixture(scope="session")
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Static files as production has them: joined, named by content."""
    folder = tmp_path_factory.mktemp("data")
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(command, check=True, cwd=settings.BASE_DIR, env=environment("", folder))
    return folder


def environment(url: str, data_dir: Path) -> dict[str, str]:
    """What the server's processes are told: the test's database, the demonstration phone, the portal's own settings."""
    database = settings.DATABASES["default"]
    name = quote(database["HOST"], safe="")
    address = f"postgresql://{database['USER']}:{database['PASSWORD']}@{name}:{database['PORT']}/{database['NAME']}"
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "entity_portal.settings",
        "DATABASE_URL": address,
        "PORTAL_DATA_DIR": str(data_dir),
        "PUBLIC_URL": url or "http://127.0.0.1",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SMS_BACKEND": "phone",
        "EMAIL_URL": "dummy:",
        "EMAIL_FROM": "portal@example.mo",
        "DEMO": "1",
        "TLS": "0",
        "TRUSTED_HOPS": "0",
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
def portal(transactional_db: None, static_files: Path) -> Iterator[Portal]:
    """A running portal on the test's database: gunicorn and the worker, both real processes."""
    port = free_port("127.0.0.1", 18000 + 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]))
    url = f"http://127.0.0.1:{port}"
    told = environment(url, static_files)
    web = ["-m", "gunicorn", "entity_portal.wsgi", f"--bind=127.0.0.1:{port}", "--worker-class=gthread"]
    web += ["--workers=2", "--threads=4", "--no-control-socket", "--log-level=warning"]
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


def wait_until_alive(url: str, children: list[subprocess.Popen[bytes]]) -> None:
    for _try in range(300):
        assert all(child.poll() is None for child in children), "the server or the worker did not start"
        try:
            with closing(urllib.request.urlopen(f"{url}/healthz", timeout=2)):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")
