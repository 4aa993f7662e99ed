"""The Twilio backend: the real client over real HTTP, against a server made from Twilio's own description."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from twilio.request_validator import RequestValidator
from werkzeug.wrappers import Response

from entity_portal.messaging import delivery, operations
from entity_portal.messaging.backends import NotNow, twilio
from entity_portal.messaging.models import SMS, Purpose, Status
from tests import twilio_server
from tests.twilio_server import ACCOUNT, SENDER, TOKEN, Cut, TwilioServer, problem

BODY = "啟動碼：K7RM4XWQ"


@pytest.fixture
def provider(settings: Any) -> Iterator[TwilioServer]:
    with twilio_server.running() as server:
        settings.SMS_BACKEND = "twilio"
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
        settings.TWILIO_SENDER, settings.TWILIO_TIMEOUT = SENDER, 3.0
        settings.TWILIO_API_URL, settings.PUBLIC_URL = server.url, "https://portal.example"
        twilio.client.cache_clear()
        yield server
        twilio.client.cache_clear()
    assert server.refused == [], "the description allows all we ask"


@pytest.fixture
def sms(db: None) -> SMS:
    return queued()


def queued(**fields: Any) -> SMS:
    with transaction.atomic():
        return operations.queue_sms(to="+85366123456", body=BODY, purpose=Purpose.ACTIVATION, **fields)


def send(sms: SMS) -> SMS:
    delivery.send(str(sms.pk))
    sms.refresh_from_db()
    return sms


def settle(sms: SMS) -> SMS:
    """As if the claim had been made half a minute earlier, and its job came again."""
    SMS.objects.filter(pk=sms.pk).update(claimed_at=timezone.now() - timedelta(seconds=31))
    return send(sms)


def test_a_text_is_handed_over_and_its_reference_kept(provider: TwilioServer, sms: SMS) -> None:
    send(sms)
    (accepted,) = provider.accepted
    assert (sms.status, sms.provider_reference, sms.body) == (Status.SENT, accepted["sid"], "")
    assert provider.asked == [
        {
            "To": "+85366123456",
            "From": SENDER,
            "Body": BODY,
            "StatusCallback": f"https://portal.example/messages/twilio/{sms.pk}/",
        }
    ]


def test_a_messaging_service_can_be_the_sender(provider: TwilioServer, sms: SMS, settings: Any) -> None:
    settings.TWILIO_SENDER = "MG" + "2" * 32
    assert send(sms).status == Status.SENT
    assert provider.asked[0]["MessagingServiceSid"] == "MG" + "2" * 32
    assert "From" not in provider.asked[0]


@pytest.mark.parametrize(
    ("life", "seconds"), [(timedelta(minutes=10), 599), (timedelta(hours=72), 36_000), (timedelta(seconds=1), 1)]
)
def test_twilio_does_not_deliver_what_has_expired_meanwhile_either(
    provider: TwilioServer, db: None, life: timedelta, seconds: int
) -> None:
    assert send(queued(not_after=timezone.now() + life)).status == Status.SENT
    assert int(provider.asked[0]["ValidityPeriod"]) in {seconds, seconds - 1} - {0}


@pytest.mark.parametrize(("code", "reason"), [(21211, "no_such_number"), (21614, "not_mobile"), (99999, "refused")])
def test_a_bad_number_is_final_at_once_and_says_why_T1(
    provider: TwilioServer, sms: SMS, code: int, reason: str
) -> None:
    provider.before = lambda _form: problem(400, code)
    send(sms)
    assert (sms.status, sms.reason, sms.body) == (Status.FAILED, reason, "")


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_provider_that_did_not_take_it_gets_another_try_T1(provider: TwilioServer, sms: SMS, status: int) -> None:
    provider.before = lambda _form: problem(status, 20429)
    with pytest.raises(NotNow):
        send(sms)
    sms.refresh_from_db()
    assert (sms.status, bool(sms.body)) == (Status.QUEUED, True)
    provider.before = twilio_server.nothing
    assert send(sms).status == Status.SENT


def late(_form: dict[str, str]) -> Response | None:
    time.sleep(5)  # longer than TWILIO_TIMEOUT: whoever waits for it gets an answer
    return None


def cut(_form: dict[str, str]) -> Response | None:
    raise Cut


def unreadable(_form: dict[str, str]) -> Response | None:
    return Response("<html>", status=201, content_type="text/html")


TROUBLE = {
    "late": late,
    "cut": cut,
    "500": lambda _form: problem(500, 20500),
    "502": lambda _form: problem(502, 20500),
    "503": lambda _form: problem(503, 20503),
    "unreadable": unreadable,
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_what_was_accepted_without_our_hearing_it_is_found_and_not_sent_again_K3(
    provider: TwilioServer, sms: SMS, trouble: str
) -> None:
    provider.after = TROUBLE[trouble]
    with pytest.raises(NotNow):
        send(sms)
    sms.refresh_from_db()
    assert (sms.status, sms.body) == (Status.SENDING, BODY)
    settle(sms)
    (accepted,) = provider.accepted
    assert (sms.status, sms.provider_reference, sms.body) == (Status.SENT, accepted["sid"], "")


@pytest.mark.parametrize("trouble", TROUBLE)
def test_what_was_not_accepted_is_sent_once_it_is_sure_K3(provider: TwilioServer, sms: SMS, trouble: str) -> None:
    if trouble == "late":
        pytest.skip("what comes late was accepted")
    provider.before = TROUBLE[trouble]
    with pytest.raises(NotNow):
        send(sms)
    assert provider.accepted == []
    provider.before = twilio_server.nothing
    assert settle(sms).status == Status.SENT
    assert len(provider.accepted) == 1


@pytest.mark.parametrize("trouble", ["late", "cut", "500", "unreadable"])
def test_a_provider_that_cannot_tell_is_asked_again(provider: TwilioServer, sms: SMS, trouble: str) -> None:
    provider.after = cut
    provider.on_list = TROUBLE[trouble]
    with pytest.raises(NotNow):
        send(sms)
    with pytest.raises(NotNow):
        settle(sms)
    provider.on_list = twilio_server.nothing
    assert settle(sms).status == Status.SENT
    assert len(provider.accepted) == 1


def test_an_earlier_text_of_the_same_words_is_not_taken_for_this_one(provider: TwilioServer, sms: SMS) -> None:
    """Notices repeat themselves: what is known as another text of ours says nothing about this one."""
    send(sms)
    second = queued()
    provider.before = cut
    with pytest.raises(NotNow):
        send(second)
    provider.before = twilio_server.nothing
    assert settle(second).status == Status.SENT
    assert len(provider.accepted) == 2
    assert second.provider_reference != sms.provider_reference


def test_a_text_of_somebody_else_to_that_number_leaves_it_open(provider: TwilioServer, sms: SMS) -> None:
    provider.after = cut
    with pytest.raises(NotNow):
        send(sms)
    provider.accepted[0]["body"] = "another system of the same account"
    with pytest.raises(NotNow):
        settle(sms)
    sms.refresh_from_db()
    assert sms.status == Status.SENDING
    assert len(provider.accepted) == 1


def test_a_provider_that_cannot_be_reached_gets_another_try(provider: TwilioServer, sms: SMS, settings: Any) -> None:
    settings.TWILIO_API_URL = "http://127.0.0.1:1"
    with pytest.raises(NotNow):
        send(sms)
    sms.refresh_from_db()
    assert sms.status == Status.QUEUED


# --- what Twilio reports afterwards ---


@pytest.fixture
def report(provider: TwilioServer, client: Client) -> Any:
    """Twilio's callback about a text; by default signed as Twilio does."""

    def send_it(sms: SMS, status: str, *, sid: str = "", token: str = TOKEN, url: str = "", **more: str) -> int:
        path = reverse("messaging:twilio_status", args=[sms.pk])
        form = {"MessageSid": sid or sms.provider_reference or "SM" + "0" * 32, "MessageStatus": status} | more
        signature = RequestValidator(token).compute_signature((url or "https://portal.example") + path, form)
        answer = Client(enforce_csrf_checks=True).post(path, form, headers={"X-Twilio-Signature": signature})
        sms.refresh_from_db()
        return answer.status_code

    return send_it


def test_a_report_moves_a_text_forward(report: Any, sms: SMS) -> None:
    send(sms)
    assert report(sms, "sent") == 204
    assert sms.status == Status.SENT
    assert report(sms, "delivered") == 204
    assert sms.status == Status.DELIVERED


@pytest.mark.parametrize(
    ("code", "reason"), [("30003", "cannot_reach"), ("30006", "not_mobile"), ("12345", "refused"), ("", "refused")]
)
def test_a_report_of_failure_says_why(report: Any, sms: SMS, code: str, reason: str) -> None:
    send(sms)
    assert report(sms, "undelivered", ErrorCode=code) == 204
    assert (sms.status, sms.reason) == (Status.FAILED, reason)


def test_reports_that_come_twice_or_late_or_out_of_order_change_nothing_T2(report: Any, sms: SMS) -> None:
    send(sms)
    for status in ("delivered", "sent", "queued", "undelivered", "delivered"):
        assert report(sms, status) == 204
        assert sms.status == Status.DELIVERED


def test_a_report_may_come_before_our_own_worker_has_finished_T2(report: Any, sms: SMS) -> None:
    SMS.objects.filter(pk=sms.pk).update(status="sending", claimed_at=timezone.now())
    assert report(sms, "sent", sid="SM" + "7" * 32) == 204
    assert (sms.status, sms.provider_reference, sms.body) == (Status.SENT, "SM" + "7" * 32, "")
    delivery.take(sms, delivery.Receipt("SM" + "7" * 32))
    sms.refresh_from_db()
    assert sms.status == Status.SENT


def test_a_report_settles_what_was_unknown(report: Any, sms: SMS) -> None:
    SMS.objects.filter(pk=sms.pk).update(status="sending", claimed_at=timezone.now())
    delivery.finish(sms, Status.UNKNOWN)
    assert report(sms, "delivered") == 204
    assert sms.status == Status.DELIVERED


@pytest.mark.parametrize(
    "forged", [{"token": "another"}, {"url": "https://evil.example"}, {"url": "http://portal.example"}]
)
def test_a_report_without_the_right_signature_over_our_public_address_is_refused(
    report: Any, sms: SMS, forged: dict[str, str]
) -> None:
    send(sms)
    assert report(sms, "delivered", **forged) == 403
    assert sms.status == Status.SENT


def test_a_report_of_another_message_or_of_none_of_ours_changes_nothing_T2(report: Any, sms: SMS) -> None:
    send(sms)
    assert report(sms, "delivered", sid="SM" + "9" * 32) == 204
    assert sms.status == Status.SENT
    pk, sms.pk = sms.pk, "00000000-0000-0000-0000-000000000000"
    with pytest.raises(SMS.DoesNotExist):
        assert report(sms, "delivered") == 204
    sms.pk = pk


def test_without_twilio_nobody_may_report(report: Any, sms: SMS, settings: Any) -> None:
    settings.SMS_BACKEND = "phone"
    assert report(sms, "delivered") == 404


def test_the_server_made_from_the_description_refuses_what_the_description_does(provider: TwilioServer) -> None:
    with pytest.raises(twilio.TwilioRestException):
        twilio.client().messages.create(to="+85366123456", body="x", messaging_service_sid="MG1")
    assert provider.refused
    provider.refused.clear()
