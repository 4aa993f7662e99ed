"""What every test stands on: no network, the portal's own database rules, a client that reads each page it gets."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client, TransactionTestCase
from django.utils import translation
from psycopg import sql
from zeal.listeners import n_plus_one_listener
from zeal.patch import get_instance_key

from staff.models.session import Session, SessionStore
from tests import cast, database
from tests.leaks import all_logs_are_kept, nothing_secret_is_logged
from tests.pages import ReadingClient
from tests.screens.summary import pytest_addoption, pytest_terminal_summary

__all__ = ["all_logs_are_kept", "nothing_secret_is_logged", "pytest_addoption", "pytest_terminal_summary"]


def pytest_configure(config: pytest.Config) -> None:
    """Drop the databases of earlier runs that were killed before they could."""
    if hasattr(config, "workerinput"):
        return
    with database.server() as own:
        names = own.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test_portal_%'").fetchall()
        for (name,) in names:
            run = name.removeprefix("test_portal_").partition("_")[0]
            if not run.isdigit() or not Path(f"/proc/{run}").exists():
                own.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for the database gets both connections to it: pages count on one of their own."""
    for item in items:
        said = item.get_closest_marker("django_db")
        names = set(getattr(item, "fixturenames", ()))
        if (said and "databases" not in said.kwargs) or (not said and names & {"db", "transactional_db"}):
            kwargs = dict(said.kwargs) if said else {"transaction": "transactional_db" in names}
            item.add_marker(pytest.mark.django_db(**kwargs, databases="__all__"), append=False)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings_parallel_suffix: None
) -> Iterator[None]:
    """A copy of what the migrations make, for this process; emptied after each test that commits."""
    name = settings.DATABASES["default"]["TEST"]["NAME"]
    with django_db_blocker.unblock():
        database.copy(name)
        empty = database.emptier()
    with mock.patch.object(TransactionTestCase, "_fixture_teardown", empty):
        yield
    with django_db_blocker.unblock():
        close_the_database()
        database.drop(name)


def close_the_database() -> None:
    """Give servers that are ending a moment, then send away who is still there, or it could not be dropped.

    PostgreSQL needs a while to see that a process has ended, on a busy machine a long one. Who had to be sent away is
    printed, as it may be a connection that a test forgot.
    """
    connections["counters"].close()  # our own second one
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


@pytest.fixture(autouse=True)
def no_language_left() -> Iterator[None]:
    """A request leaves its language behind; no test may live on that of the one before."""
    yield
    translation.deactivate()


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


@pytest.fixture(scope="session", autouse=True)
def whose_session_it_is_is_one_row() -> Iterator[None]:
    """zeal takes a row that was read with another for one of many."""
    read = SessionStore._get_session_from_db

    def told(store: SessionStore) -> Session | None:
        row = read(store)
        if row is not None and row.login is not None:
            n_plus_one_listener.ignore(get_instance_key(row.login))
        return row

    with mock.patch.object(SessionStore, "_get_session_from_db", told):
        yield
