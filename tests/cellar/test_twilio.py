"""The Twilio backend: the real client over real HTTP, against a server that answers as Twilio does."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.db import transaction

from entity_portal.messaging import operations
from entity_portal.messaging.backends import NotNow, twilio
from entity_portal.messaging.models import SMS, Purpose, Status


class Twilio:
    """What the next request is answered with, and what was asked."""

    status, answer, delay, stall = 201, {"sid": "SM" + "0" * 32, "status": "queued"}, 0.0, 0.0

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []

    def refuse(self, status: int, code: int) -> None:
        self.status, self.answer = status, {"code": code, "message": "no", "status": status}


@pytest.fixture
def provider(settings: Any) -> Iterator[Twilio]:
    state = Twilio()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            state.asked.append({"path": self.path} | {key: value[0] for key, value in parse_qs(body).items()})
            time.sleep(state.delay)
            try:
                self.send_response(state.status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.flush()
                time.sleep(state.stall)
                self.wfile.write(json.dumps(state.answer).encode())
            except BrokenPipeError:
                pass  # the client did not wait

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SMS_BACKEND = "twilio"
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC" + "1" * 32, "secret"
    settings.TWILIO_SENDER, settings.TWILIO_TIMEOUT = "+85328000000", 0.5
    settings.TWILIO_API_URL = f"http://127.0.0.1:{server.server_address[1]}"
    twilio.client.cache_clear()
    yield state
    twilio.client.cache_clear()
    server.shutdown()
    server.server_close()


@pytest.fixture
def sms(db: None) -> SMS:
    with transaction.atomic():
        return operations.queue_sms(to="+85366123456", body="啟動碼：K7RM4XWQ", purpose=Purpose.ACTIVATION)


def test_a_text_is_handed_over_and_its_reference_kept(provider: Twilio, sms: SMS) -> None:
    operations.send(str(sms.pk))
    sms.refresh_from_db()
    assert (sms.status, sms.provider_reference, sms.body) == (Status.SENT, "SM" + "0" * 32, "")
    (asked,) = provider.asked
    assert asked == {
        "path": "/2010-04-01/Accounts/AC11111111111111111111111111111111/Messages.json",
        "To": "+85366123456",
        "From": "+85328000000",
        "Body": "啟動碼：K7RM4XWQ",
    }


def test_a_messaging_service_can_be_the_sender(provider: Twilio, sms: SMS, settings: Any) -> None:
    settings.TWILIO_SENDER = "MG" + "2" * 32
    operations.send(str(sms.pk))
    assert provider.asked[0]["MessagingServiceSid"] == "MG" + "2" * 32
    assert "From" not in provider.asked[0]


@pytest.mark.parametrize(("code", "reason"), [(21211, "no_such_number"), (21614, "not_mobile"), (99999, "refused")])
def test_a_bad_number_is_final_at_once_and_says_why(provider: Twilio, sms: SMS, code: int, reason: str) -> None:
    provider.refuse(400, code)
    operations.send(str(sms.pk))
    sms.refresh_from_db()
    assert (sms.status, sms.reason, sms.body) == (Status.FAILED, reason, "")


@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_provider_that_did_not_take_it_gets_another_try(provider: Twilio, sms: SMS, status: int) -> None:
    provider.refuse(status, 20429)
    with pytest.raises(NotNow):
        operations.send(str(sms.pk))
    sms.refresh_from_db()
    assert (sms.status, bool(sms.body)) == (Status.QUEUED, True)


def test_no_answer_in_time_is_not_sent_again_blindly(provider: Twilio, sms: SMS) -> None:
    provider.delay = 1.5
    began = time.monotonic()
    operations.send(str(sms.pk))
    assert time.monotonic() - began < 1.4, "the client waits for TWILIO_TIMEOUT, not for ever"
    sms.refresh_from_db()
    assert (sms.status, sms.body) == (Status.UNKNOWN, "")
    operations.send(str(sms.pk))
    assert len(provider.asked) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_provider_that_may_have_taken_it_is_not_asked_again(provider: Twilio, sms: SMS, status: int) -> None:
    provider.refuse(status, 20500)
    operations.send(str(sms.pk))
    sms.refresh_from_db()
    assert (sms.status, sms.body) == (Status.UNKNOWN, "")


def test_an_answer_that_stops_in_the_middle_is_not_sent_again_blindly(provider: Twilio, sms: SMS) -> None:
    provider.stall = 1.5
    operations.send(str(sms.pk))
    sms.refresh_from_db()
    assert sms.status == Status.UNKNOWN


def test_a_provider_that_cannot_be_reached_gets_another_try(provider: Twilio, sms: SMS, settings: Any) -> None:
    settings.TWILIO_API_URL = "http://127.0.0.1:1"
    with pytest.raises(NotNow):
        operations.send(str(sms.pk))
    sms.refresh_from_db()
    assert sms.status == Status.QUEUED
