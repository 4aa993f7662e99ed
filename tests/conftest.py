"""What every test stands on: no network, the portal's own database rules, a client that reads each page it gets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from psycopg import sql

from tests import cast
from tests.pages import ReadingClient


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


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Tests that commit are cleaned up by TRUNCATE, which the history refuses; here, and only here, it may."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_3_deny_truncate")
    yield
    with django_db_blocker.unblock():
        connections["counters"].close()  # or the database cannot be dropped


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
