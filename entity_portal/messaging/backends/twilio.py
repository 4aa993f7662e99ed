"""Twilio, by its own client, with a time-out: its default is to wait for ever."""

from functools import cache

import requests
from django.conf import settings
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

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


# Twilio says it did not take the text, for a reason that will pass: our credentials are being changed, or it is busy.
NOT_TAKEN = {401, 403, 429, 503}


def never_left(error: requests.exceptions.ConnectionError) -> bool:
    """Whether a request surely did not reach Twilio: there was no connection to send it over."""
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    no_connection = isinstance(cause, NewConnectionError | NameResolutionError | ConnectTimeoutError)
    return no_connection or isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError)


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
        if error.status in NOT_TAKEN:
            raise NotNow(str(error.status)) from error
        if error.status >= 500:
            raise Unclear(str(error.status)) from error
        raise Refused(REASONS.get(error.code, "refused")) from error
    except requests.exceptions.ConnectionError as error:
        if never_left(error):
            raise NotNow("no connection") from error
        raise Unclear(str(error)) from error
    except (requests.exceptions.RequestException, ValueError) as error:  # no answer in time, or none we can read
        raise Unclear(str(error)) from error
    return message.sid or ""
