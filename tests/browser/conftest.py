"""Real Chromium, a real server, a real worker: the tests here see the portal as a person does.

Without Chromium they are skipped, saying so; where CI is set that is a failure.
"""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.running import portal, static_files

__all__ = ["portal", "static_files"]

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's synchronous API keeps an event loop running

expect.set_options(timeout=30_000)  # a busy machine is no fault of a page

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
