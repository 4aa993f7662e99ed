"""The second provider: JSON over HTTP, described by settings; a real client against a real server."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from entity_portal.messaging import delivery, operations
from entity_portal.messaging.backends import NotNow
from entity_portal.messaging.models import SMS, Purpose, Status

BODY = "código “{to}”: 啟動碼 K7RM4XWQ"


class Gateway:
    """What the next request is answered with, and what was asked; it keeps what it accepts, by our reference."""

    def __init__(self) -> None:
        self.status, self.answer, self.delay, self.keeps = 202, {"message": [{"id": "G-1"}]}, 0.0, True
        self.asked: list[dict[str, Any]] = []
        self.has: dict[str, Any] = {}
        self.look_ups = 0
        self.look_up_status = 0


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    state = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append({"path": self.path, "key": self.headers["X-Key"], "told": told})
            if state.keeps:
                state.has[told["message"]["reference"]] = told
            time.sleep(state.delay)
            self.say(state.status, state.answer)

        def do_GET(self) -> None:
            state.look_ups += 1
            known = self.path.rpartition("/")[2] in state.has and self.headers["X-Key"] == "k"
            self.say(state.look_up_status or (200 if known else 404), state.answer)

        def say(self, status: int, answer: Any) -> None:
            try:
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())
            except BrokenPipeError:
                pass  # the client did not wait

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    settings.SMS_BACKEND, settings.SMS_HTTP_URL, settings.SMS_HTTP_TIMEOUT = "http_json", f"{url}/send", 20
    settings.SMS_HTTP_HEADERS, settings.SMS_HTTP_REFERENCE = {"X-Key": "k"}, "message.0.id"
    fields = {"message": {"text": "{body}", "reference": "{id}", "to": ["{to}"]}, "priority": 1, "from": "PORTAL"}
    settings.SMS_HTTP_FIELDS, settings.SMS_HTTP_LOOK_UP_URL = fields, f"{url}/sent/{{id}}"
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def sms(db: None) -> SMS:
    with transaction.atomic():
        return operations.queue_sms(to="+85366123456", body=BODY, purpose=Purpose.ACTIVATION)


def send(sms: SMS) -> SMS:
    delivery.send(str(sms.pk))
    sms.refresh_from_db()
    return sms


def settle(sms: SMS) -> SMS:
    SMS.objects.filter(pk=sms.pk).update(claimed_at=timezone.now() - timedelta(seconds=31))
    return send(sms)


def test_settings_describe_address_headers_and_fields(gateway: Gateway, sms: SMS) -> None:
    send(sms)
    assert (sms.status, sms.provider_reference, sms.body) == (Status.SENT, "G-1", "")
    told = {"message": {"text": BODY, "reference": str(sms.pk), "to": [sms.to]}, "priority": 1, "from": "PORTAL"}
    assert gateway.asked == [{"path": "/send", "key": "k", "told": told}]


@pytest.mark.parametrize("answer", [{}, [], "", {"message": []}, {"message": [{}]}, 7])
def test_an_answer_without_a_reference_is_an_answer(gateway: Gateway, sms: SMS, answer: Any) -> None:
    gateway.answer = answer
    assert (send(sms).status, sms.provider_reference) == (Status.SENT, "")


@pytest.mark.parametrize("status", [400, 404, 422])
def test_what_it_will_never_take_is_failed(gateway: Gateway, sms: SMS, status: int) -> None:
    gateway.status = status
    assert (send(sms).status, sms.reason, sms.body) == (Status.FAILED, "refused", "")


@pytest.mark.parametrize("status", [401, 403, 429])
def test_what_it_did_not_take_gets_another_try(gateway: Gateway, sms: SMS, status: int) -> None:
    gateway.status = status
    with pytest.raises(NotNow):
        send(sms)
    sms.refresh_from_db()
    assert sms.status == Status.QUEUED


@pytest.mark.parametrize("had", [True, False])
@pytest.mark.parametrize("status", [302, 307, 408, 409, 500, 503, 504, "late"])
def test_what_it_may_have_taken_is_looked_up_by_our_reference_K3(
    gateway: Gateway, sms: SMS, settings: Any, status: int | str, had: bool
) -> None:
    gateway.keeps = had
    if isinstance(status, int):
        gateway.status = status
    else:
        gateway.delay, settings.SMS_HTTP_TIMEOUT = 4.0, 2
    with pytest.raises(NotNow):
        send(sms)
    assert gateway.look_ups == 0
    gateway.status, gateway.delay, gateway.keeps, settings.SMS_HTTP_TIMEOUT = 202, 0.0, True, 20
    assert settle(sms).status == Status.SENT
    assert gateway.look_ups == 1
    assert len(gateway.asked) == (1 if had else 2)


@pytest.mark.parametrize("status", [302, 401, 429, 500])
def test_a_look_up_that_does_not_tell_sends_nothing(gateway: Gateway, sms: SMS, status: int) -> None:
    gateway.status, gateway.keeps, gateway.look_up_status = 500, False, status
    with pytest.raises(NotNow):
        send(sms)
    with pytest.raises(NotNow):
        settle(sms)
    assert len(gateway.asked) == 1


def test_without_a_way_to_ask_it_ends_as_unknown(gateway: Gateway, sms: SMS, settings: Any) -> None:
    settings.SMS_HTTP_LOOK_UP_URL, gateway.status = "", 500
    with pytest.raises(NotNow):
        send(sms)
    SMS.objects.filter(pk=sms.pk).update(claimed_at=timezone.now() - timedelta(minutes=10))
    assert (send(sms).status, sms.body) == (Status.UNKNOWN, "")
    assert len(gateway.asked) == 1


def test_a_gateway_that_cannot_be_reached_gets_another_try(gateway: Gateway, sms: SMS, settings: Any) -> None:
    settings.SMS_HTTP_URL = "http://127.0.0.1:1/"
    with pytest.raises(NotNow):
        send(sms)
    sms.refresh_from_db()
    assert sms.status == Status.QUEUED
