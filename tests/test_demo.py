"""`manage.py demo` and the static files, as a newcomer gets them."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings

# What this test run told its own processes; the demo starts as on a machine where nothing is set.
OURS = {
    "DATABASE_URL",
    "MIGRATE_DATABASE_URL",
    "DJANGO_SETTINGS_MODULE",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "PUBLIC_URL",
    "SMS_BACKEND",
    "EMAIL_URL",
    "EMAIL_FROM",
    "TLS",
    "DEMO",
    "TRUSTED_HOPS",
}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running demo and its address."""
    told = {name: value for name, value in os.environ.items() if name not in OURS}
    process = subprocess.Popen(
        [sys.executable, "-u", "manage.py", "demo", f"127.0.0.1:{20000 + os.getpid() % 10000}"],
        cwd=settings.BASE_DIR,
        env=told | {"PORTAL_DATA_DIR": str(tmp_path)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout
    said = ""
    for line in process.stdout:
        said += line
        if found := re.search(r"Ready after \d+ s: (http://[\d.:]+)/", line):
            break
    else:
        raise AssertionError(said)
    yield process, found[1]
    process.kill()
    process.wait()
    process.stdout.close()


def get(address: str) -> tuple[dict[str, str], str]:
    with closing(urllib.request.urlopen(address, timeout=60)) as answer:
        return dict(answer.headers), answer.read().decode()


def texts(address: str) -> Iterator[str]:
    """What the demonstration phone shows, looked at again until the worker must have been there."""
    for _look in range(60):
        yield get(f"{address}/demo/phone/")[1]
        time.sleep(0.25)


def test_the_demo_starts_with_one_command_and_stops_cleanly_on_ctrl_c(demo: tuple[subprocess.Popen[str], str]) -> None:
    process, address = demo
    _headers, login = get(f"{address}/login/")
    assert "80216453" in login, "the sign-in page says which logins to try"
    found = re.search(r'href="(/static/css/main\.[0-9a-f]+\.css)"', login)
    assert found, "static files are named by their content"
    headers, styles = get(address + found[1])
    assert "@import" not in styles, "the stylesheet is one file"
    assert "@layer components" in styles
    assert "immutable" in headers["Cache-Control"]
    link = f"{address}/activate/?entity="
    assert any(link in text for text in texts(address)), "the worker delivers, and links lead to this demo"

    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    with pytest.raises(urllib.error.URLError):
        get(f"{address}/healthz")
