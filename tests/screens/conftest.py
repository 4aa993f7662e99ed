"""One world and one server for each file of tests here; what was looked at is told to `tests.screens.summary`."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from playwright.sync_api import Browser, BrowserContext

from entity_portal.privileges import as_owner
from tests.browser.conftest import (
    CHROMIUM,
    REASON,
    browser_context_args,
    browser_type_launch_args,
)
from tests.running import static_files
from tests.screens.looking import Counts, Eye
from tests.screens.outside import JAVA, NO_JAVA, Nu, nu
from tests.screens.running import serve
from tests.screens.world import World, made

__all__ = ["browser_context_args", "browser_type_launch_args", "static_files"]
HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents and "database" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db(databases="__all__"))  # so that there is one, for a single file too
        if HERE in item.path.parents and needs_browser(item):
            item.add_marker("browser")
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason=REASON))
            elif not JAVA and "checker" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.skip(reason=NO_JAVA))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if HERE in item.path.parents and needs_browser(item) and os.environ.get("CI"):
        if not CHROMIUM:
            pytest.fail(REASON)
        if not JAVA:
            pytest.fail(NO_JAVA)


def needs_browser(item: pytest.Item) -> bool:
    return bool({"browser", "eye"} & set(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session")
def checker() -> Iterator[Nu]:
    with nu() as running:
        yield running


@pytest.fixture(autouse=True)
def _django_db_marker() -> None:
    """In place of pytest-django's own, which rolls back after each test: here what is there stays for a file."""


@pytest.fixture(scope="module")
def database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database in which what is done stays until the file of tests is done."""
    with django_db_blocker.unblock():
        yield
        with as_owner(), connection.cursor() as cursor:
            call_command("flush", verbosity=0, interactive=False, allow_cascade=True)
            cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
        caches["counters"].clear()


@pytest.fixture(scope="module")
def world(database: None) -> World:
    return made()


@pytest.fixture(autouse=True)
def turn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whoever measures time does so while no other process of this run looks at pages: mark it `alone`."""
    alone = request.node.get_closest_marker("alone")
    with (tmp_path_factory.getbasetemp().parent / "turn").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


@pytest.fixture(scope="module")
def server(world: World, static_files: Path) -> Iterator[str]:
    with serve(static_files) as url:
        world.stands_at(url)
        yield url


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all pages of a file, so that what they share is fetched once."""
    context = browser.new_context(timezone_id="Asia/Macau", reduced_motion="reduce")
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture(scope="module")
def pictures(request: pytest.FixtureRequest) -> Path | None:
    told = request.config.getoption("--pictures", default=None) or os.environ.get("PORTAL_PICTURES")
    if not told:
        return None
    folder = Path(told).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def passed() -> set[str]:
    return set()


@pytest.fixture(scope="module")
def same_eye(context: BrowserContext, server: str, checker: Nu, pictures: Path | None, passed: set[str]) -> Eye:
    return Eye(context, server, checker, Counts(), pictures, passed)


@pytest.fixture
def eye(same_eye: Eye, record_property: Any) -> Iterator[Eye]:
    caches["counters"].clear()  # limits count what comes from one address, and everybody here comes from it
    same_eye.counts = Counts()
    yield same_eye
    for name, value in vars(same_eye.counts).items():
        record_property(f"screens {name}", value)
