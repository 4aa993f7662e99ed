"""What every test stands on: no network, the portal's own database rules, a client that reads each page it gets."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection, connections
from django.test import Client
from psycopg import sql

from tests import cast
from tests.pages import ReadingClient
from tests.screens.summary import pytest_addoption, pytest_terminal_summary

__all__ = ["pytest_addoption", "pytest_terminal_summary"]


def pytest_configure(config: pytest.Config) -> None:
    """Drop the databases of earlier runs that were killed before they could."""
    if hasattr(config, "workerinput"):
        return
    wanted = settings.DATABASES["default"]
    told = {"host": wanted["HOST"], "port": wanted["PORT"], "user": wanted["USER"], "password": wanted["PASSWORD"]}
    with psycopg.connect(dbname=wanted["NAME"], autocommit=True, **told) as connection:
        names = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test_portal_%'").fetchall()
        for (name,) in names:
            run = name.removeprefix("test_portal_").partition("_")[0]
            if not run.isdigit() or not Path(f"/proc/{run}").exists():
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for the database gets both connections to it: pages count on one of their own."""
    for item in items:
        said = item.get_closest_marker("django_db")
        names = set(getattr(item, "fixturenames", ()))
        if (said and "databases" not in said.kwargs) or (not said and names & {"db", "transactional_db"}):
            kwargs = dict(said.kwargs) if said else {"transaction": "transactional_db" in names}
            item.add_marker(pytest.mark.django_db(**kwargs, databases="__all__"), append=False)


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Counters and jobs belong to no model of ours: what a test that commits leaves of them is emptied here."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if marker and (marker.kwargs.get("transaction") or (marker.args and marker.args[0])):
        blocker = request.getfixturevalue("django_db_blocker")
        with blocker.unblock(), connection.cursor() as cursor:
            caches["counters"].clear()
            cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Tests that commit are cleaned up by TRUNCATE, which the history refuses; here, and only here, it may."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_3_deny_truncate")
    yield
    with django_db_blocker.unblock():
        connections["counters"].close()  # a mirror: nobody else does, and its database could not be dropped
        close_the_database()


def close_the_database() -> None:
    """Give servers that are ending a moment, then send away who is still there, or it could not be dropped.

    PostgreSQL needs a while to see that a process has ended, on a busy machine a long one. Who had to be sent away is
    printed, as it may be a connection that a test forgot.
    """
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        for look in range(200):
            if look == 100:
                cursor.execute(f"SELECT backend_start, application_name, state, left(query, 200) {others}")
                for each in cursor.fetchall():
                    print("still connected to the test database:", *each, file=sys.stderr)  # noqa: T201
            if look >= 100:
                cursor.execute(f"SELECT pg_terminate_backend(pid) {others}")
            cursor.execute(f"SELECT count(*) {others}")
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.05)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in a test talks to another machine."""
    import socket

    connect = socket.socket.connect

    def near_only(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test called {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", near_only)


@pytest.fixture
def company(db: None) -> cast.Cast:
    """濠灣茶餐飲有限公司: an administrator, staff, someone not activated, someone who left."""
    return cast.company()


@pytest.fixture
def other(db: None) -> cast.Cast:
    """Another entity, to try to reach."""
    return cast.company(name_zh="別家有限公司", number="10000007", official=True)


@pytest.fixture
def client() -> Client:
    return ReadingClient()
