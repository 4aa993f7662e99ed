"""Any provider that takes a text as JSON over HTTP; settings describe its address, headers and fields.

A 2xx answer means accepted. With SMS_HTTP_LOOK_UP_URL it can also be asked whether it has a text, by our reference:
2xx is yes, 404 is no. Without, a text whose answer did not come ends as `unknown`.
"""

from typing import Any

import requests
from django.conf import settings

from entity_portal.messaging.backends import NotNow, Receipt, Refused, Unclear, never_left
from entity_portal.messaging.models import SMS

# It did not take the text, for a reason that will pass: our credentials are being changed, or it is busy.
NOT_TAKEN = {401, 403, 429}
PERHAPS_TAKEN = {408, 409}  # it gave up waiting, or knows our reference already; and all of 5xx


def send(sms: SMS) -> Receipt:
    """Hand the text over, with our reference wherever SMS_HTTP_FIELDS says {id}."""
    answer = _ask("POST", settings.SMS_HTTP_URL, json=_filled(settings.SMS_HTTP_FIELDS, sms))
    if answer.status_code in NOT_TAKEN:
        raise NotNow(str(answer.status_code))
    if answer.status_code in PERHAPS_TAKEN or answer.status_code >= 500 or 300 <= answer.status_code < 400:
        raise Unclear(str(answer.status_code))
    if answer.status_code >= 400:
        raise Refused("refused")
    return Receipt(_reference(answer))


def look_up(sms: SMS) -> Receipt | None:
    """Ask for the text by our reference."""
    if not settings.SMS_HTTP_LOOK_UP_URL:
        raise Unclear("no way to ask")
    try:
        answer = _ask("GET", _filled(settings.SMS_HTTP_LOOK_UP_URL, sms))
    except NotNow as trouble:
        raise Unclear(str(trouble)) from trouble
    if answer.status_code == 404:
        return None
    if answer.status_code >= 300:
        raise Unclear(str(answer.status_code))
    return Receipt(_reference(answer))


def _ask(method: str, url: str, **told: Any) -> requests.Response:
    """Never follows a redirect: a text goes to nobody but whom the settings name."""
    told |= {"headers": settings.SMS_HTTP_HEADERS, "allow_redirects": False}
    try:
        return requests.request(method, url, timeout=settings.SMS_HTTP_TIMEOUT, **told)
    except requests.exceptions.ConnectionError as error:
        if never_left(error):
            raise NotNow("no connection") from error
        raise Unclear(type(error).__name__) from error
    except requests.exceptions.RequestException as error:
        raise Unclear(type(error).__name__) from error


def _filled(told: Any, sms: SMS) -> Any:
    """A copy with {to}, {body} and {id} replaced in every string, at whatever depth."""
    if isinstance(told, dict):
        return {key: _filled(value, sms) for key, value in told.items()}
    if isinstance(told, list):
        return [_filled(value, sms) for value in told]
    if not isinstance(told, str):
        return told
    # The body last: what it says is never taken for a place to fill.
    return told.replace("{to}", sms.to).replace("{id}", str(sms.pk)).replace("{body}", sms.body)


def _reference(answer: requests.Response) -> str:
    """What stands in the answer at SMS_HTTP_REFERENCE, a path as `message.id`; "" if nothing does."""
    try:
        found = answer.json()
        for key in settings.SMS_HTTP_REFERENCE.split("."):
            found = found[int(key) if isinstance(found, list) else key]
    except (ValueError, LookupError, TypeError):
        return ""
    return str(found)[: SMS._meta.get_field("provider_reference").max_length]
