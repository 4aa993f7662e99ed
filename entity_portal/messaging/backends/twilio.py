"""Twilio, by its own client, with a time-out: its default is to wait for ever."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast
from uuid import UUID

import requests
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from entity_portal.messaging.backends import NotNow, Receipt, Refused, Unclear, never_left
from entity_portal.messaging.models import SMS, Status

# Twilio's error codes that a person can do something about, and how `messaging.reasons` calls them. The first are
# answered when a text is handed over, the second reported afterwards.
REASONS = {
    21211: "no_such_number",
    21214: "no_such_number",
    21217: "no_such_number",
    21408: "country_not_allowed",
    21610: "recipient_opted_out",
    21612: "cannot_reach",
    21614: "not_mobile",
    30003: "cannot_reach",
    30004: "recipient_opted_out",
    30005: "no_such_number",
    30006: "not_mobile",
    30036: "expired",
}
# How far a text is: its statuses in our words. "accepted" and the like are Twilio's own queue.
STATUSES = {
    **dict.fromkeys(["accepted", "scheduled", "queued", "sending", "sent"], Status.SENT),
    **dict.fromkeys(["delivered", "read", "partially_delivered"], Status.DELIVERED),
    **dict.fromkeys(["undelivered", "failed", "canceled"], Status.FAILED),
}
# Twilio says it did not take the text, for a reason that will pass: our credentials are being changed, or it is busy.
NOT_TAKEN = {401, 403, 429}
LONGEST_VALIDITY = 36_000  # seconds, Twilio's own limit
CLOCKS_DIFFER = timedelta(minutes=1)  # at most, ours and Twilio's
LOOKED_AT = 50  # texts to one number; since a claim there are one or two


class _HttpClient(TwilioHttpClient):
    """Sends to TWILIO_API_URL where that is set: the real client against another server."""

    def request(self, method: str, url: str, *args, **kwargs) -> Response:  # type: ignore[no-untyped-def]
        if settings.TWILIO_API_URL:
            url = url.replace("https://api.twilio.com", settings.TWILIO_API_URL.rstrip("/"))
        return super().request(method, url, *args, **kwargs)


@cache
def client() -> Client:
    http = _HttpClient(timeout=settings.TWILIO_TIMEOUT)
    return Client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=http)


def callback_url(sms_id: UUID) -> str:
    """Where Twilio reports what becomes of a text: at our public address."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("messaging:twilio_status", args=[sms_id])


def send(sms: SMS) -> Receipt:
    """Hand the text to Twilio, which gives up by itself when the text is no longer true."""
    told: dict[str, Any] = {"to": sms.to, "body": sms.body, "status_callback": callback_url(sms.pk)}
    told["messaging_service_sid" if settings.TWILIO_SENDER.startswith("MG") else "from_"] = settings.TWILIO_SENDER
    if sms.not_after:
        left = int((sms.not_after - timezone.now()).total_seconds())
        told["validity_period"] = max(1, min(LONGEST_VALIDITY, left))
    try:
        message = client().messages.create(**told)
    except TwilioRestException as error:
        if error.status in NOT_TAKEN:
            raise NotNow(str(error.status)) from error
        if error.status >= 500:
            raise Unclear(str(error.status)) from error
        raise Refused(REASONS.get(error.code, "refused")) from error
    except requests.exceptions.ConnectionError as error:
        if never_left(error):
            raise NotNow("no connection") from error
        raise Unclear(type(error).__name__) from error
    except (requests.exceptions.RequestException, ValueError) as error:  # no answer in time, or none we can read
        raise Unclear(type(error).__name__) from error
    return receipt(message.sid or "", message.status, message.error_code)


def look_up(sms: SMS) -> Receipt | None:
    """Find the text among those to its number since it was claimed.

    Twilio keeps no reference of ours that could be asked for. It need not: texts to one number leave one after another,
    so what was created there since, and belongs to no other text of ours, can only be this one.
    """
    since = cast("datetime", sms.claimed_at) - CLOCKS_DIFFER
    try:
        found = client().messages.list(to=sms.to, limit=LOOKED_AT)
    except (TwilioException, requests.exceptions.RequestException, ValueError) as error:
        raise Unclear(type(error).__name__) from error
    newer = [each for each in found if each.direction != "inbound" and _created(each) >= since]
    ours = SMS.objects.filter(provider_reference__in=[each.sid for each in newer])
    known = set(ours.values_list("provider_reference", flat=True))
    candidates = [each for each in newer if each.sid not in known]
    for each in candidates:
        if each.body == sms.body:
            return receipt(each.sid or "", each.status, each.error_code)
    if candidates:
        raise Unclear("another text")
    return None


def _created(message: MessageInstance) -> Any:
    return message.date_created or timezone.now()


def receipt(sid: str, status: str | None, error_code: int | str | None) -> Receipt:
    """Twilio's words about a text in ours; a status it may invent one day means no more than that it has the text."""
    reached = STATUSES.get(str(status), Status.SENT)
    if reached != Status.FAILED:
        return Receipt(sid, reached)
    return Receipt(sid, reached, REASONS.get(int(error_code or 0), "refused"))
