"""What every test stands on: no network, the portal's own database rules, a client that reads each page it gets."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests import cast
from tests.pages import ReadingClient


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests that commit are cleaned up by TRUNCATE, which the history refuses; here, and only here, it may."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_3_deny_truncate")


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
