"""Twilio, by its own client, with a time-out: its default is to wait for ever."""

from functools import cache

import requests
from django.conf import settings
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from entity_portal.messaging.backends import NotNow, Refused, Unclear
from entity_portal.messaging.models import SMS

# Twilio's error codes that a person can do something about, and how `messaging.reasons` calls them.
REASONS = {
    21211: "no_such_number",
    21214: "no_such_number",
    21217: "no_such_number",
    21408: "country_not_allowed",
    21610: "recipient_opted_out",
    21612: "cannot_reach",
    21614: "not_mobile",
}


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


def send(sms: SMS) -> str:
    """Hand the text to Twilio and return its SID."""
    sender = {"messaging_service_sid" if settings.TWILIO_SENDER.startswith("MG") else "from_": settings.TWILIO_SENDER}
    try:
        message = client().messages.create(to=sms.to, body=sms.body, **sender)
    except TwilioRestException as error:
        if error.status == 429 or error.status >= 500:
            raise NotNow(str(error.status)) from error
        raise Refused(REASONS.get(error.code, "refused")) from error
    except requests.exceptions.ConnectTimeout as error:
        raise NotNow("no connection") from error
    except requests.exceptions.ConnectionError as error:
        if isinstance(error, requests.exceptions.ReadTimeout) or "Connection aborted" in str(error):
            raise Unclear(str(error)) from error
        raise NotNow("no connection") from error
    except requests.exceptions.Timeout as error:
        raise Unclear("no answer in time") from error
    return message.sid or ""
