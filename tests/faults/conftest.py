"""Faults: real processes that are killed, real servers that go away."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from entity_portal.management.commands.demo import free_port
from tests import twilio_server
from tests.running import environment, static_files

__all__ = ["static_files"]


@pytest.fixture
def port() -> int:
    """For the provider; another one for each process of the tests, as some run at the same time."""
    return free_port("127.0.0.1", 19300 + 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]))


@pytest.fixture
def told(transactional_db: None, tmp_path: Any, port: int) -> dict[str, str]:
    """The environment of a worker that sends by Twilio, which is expected at `port`."""
    return environment("", tmp_path) | {
        "SMS_BACKEND": "twilio",
        "TWILIO_ACCOUNT_SID": twilio_server.ACCOUNT,
        "TWILIO_AUTH_TOKEN": twilio_server.TOKEN,
        "TWILIO_SENDER": twilio_server.SENDER,
        "TWILIO_API_URL": f"http://127.0.0.1:{port}",
        "TWILIO_TIMEOUT": "3",
        "SMS_SETTLE": "4",
        "SMS_A_DAY": "100000",
    }


@pytest.fixture
def twilio(port: int) -> Iterator[twilio_server.TwilioServer]:
    with twilio_server.running(port) as server:
        yield server
