"""What goes out to the provider of texts, letter by letter, and its reports from whoever is not it (A88, A105)."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from twilio.request_validator import RequestValidator

from entity_portal.messaging import segments
from entity_portal.messaging.models import SMS, Purpose, Status
from entity_portal.messaging.operations import queue_sms
from staff import texts
from tests.cast import Cast
from tests.cellar.test_twilio import TOKEN, provider, queued, report, send, sms
from tests.twilio_server import TwilioServer

__all__ = ["provider", "report", "sms"]
ADDRESS = "https://portal.example"


def posted(about: SMS, form: dict[str, str], signed: dict[str, str] | None, address: str = ADDRESS) -> int:
    """What is answered to a report whose signature was made over `signed`, or that has none."""
    path = reverse("messaging:twilio_status", args=[about.pk])
    made = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(address + path, signed)} if signed else {}
    return Client(enforce_csrf_checks=True).post(path, form, headers=made).status_code


@pytest.mark.parametrize("lacking", ["signature", "content", "address", "text", "token"])
def test_a_report_that_its_provider_did_not_sign_is_refused_A105(report: Any, sms: SMS, lacking: str) -> None:
    """Unsigned, signed over something else, for another address, for another text, with another key."""
    send(sms)
    right = {"MessageSid": sms.provider_reference, "MessageStatus": "delivered"}
    if lacking == "signature":
        status = posted(sms, right, None)
    elif lacking == "content":
        status = posted(sms, right, right | {"MessageStatus": "sent"})
    elif lacking == "address":
        status = posted(sms, right, right, "http://portal.example")
    elif lacking == "text":
        other = queued()
        signature = RequestValidator(TOKEN).compute_signature(
            ADDRESS + reverse("messaging:twilio_status", args=[other.pk]), right
        )
        path = reverse("messaging:twilio_status", args=[sms.pk])
        status = Client().post(path, right, headers={"X-Twilio-Signature": signature}).status_code
    else:
        status = report(sms, "delivered", token="another")
    assert status == 403
    sms.refresh_from_db()
    assert sms.status == Status.SENT
    assert posted(sms, right, right) == 204, "or the refusals say nothing"


def test_a_report_again_late_or_out_of_order_never_comes_back_from_delivered_A105(report: Any, sms: SMS) -> None:
    send(sms)
    for status in ("sent", "sent", "delivered", "sent", "failed", "queued", "delivered"):
        assert report(sms, status) == 204
    assert sms.status == Status.DELIVERED


def test_a_report_of_an_unknown_message_changes_nothing_A105(report: Any, sms: SMS) -> None:
    send(sms)
    before = SMS.objects.values().get(pk=sms.pk)
    assert report(sms, "delivered", sid="SM" + "9" * 32) == 204
    assert report(sms, "no such status") in (204, 400)
    assert SMS.objects.values().get(pk=sms.pk) == before


@pytest.mark.parametrize("word", ["a\x00b", "９", "²", "9" * 400, ""])
def test_odd_words_in_a_signed_report_are_no_fault_A81_A105(report: Any, sms: SMS, word: str) -> None:
    send(sms)
    for changed in ({"ErrorCode": word}, {"MessageStatus": word}, {"MessageSid": word}):
        form = {"MessageSid": sms.provider_reference, "MessageStatus": "undelivered"} | changed
        assert posted(sms, form, form) in (204, 400)


@pytest.mark.parametrize("name", ["啲嘅㗎冚", "𠮷𠝹𨋢", "唪唥𡃁仔", "\U0002f800"])
def test_a_rare_character_goes_out_by_text_as_it_is_A88(provider: TwilioServer, company: Cast, name: str) -> None:
    company.staff.language = "zh-hant"
    body = texts.notice(company.staff, f"{name}：{name * 40}")
    assert name in body
    with transaction.atomic():
        made = queue_sms(to="+85366123456", body=body, purpose=Purpose.ACTIVATION)
    assert SMS.objects.get(pk=made.pk).body == body
    send(made)
    assert provider.asked[0]["Body"] == body
    length = segments.length(body)
    assert (length.encoding, length.units) == ("UCS-2", len(body.encode("utf-16-be")) // 2)
