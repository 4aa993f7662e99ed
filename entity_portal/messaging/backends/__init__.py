"""Ways out for a text. A backend is one file with two functions:

    send(sms) -> Receipt               hand a text to the provider
    look_up(sms) -> Receipt | None     what the provider has of a text it may have been handed; None: it has none

`send` raises `Refused` for what will never work, `NotNow` for what may work later and was **not** accepted, `Unclear`
when it cannot tell whether the text was accepted (a time-out after the request had gone out). `look_up` raises
`Unclear` when it cannot tell either. Both return or raise within `SMS_SETTLE`.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import requests
from django.conf import settings
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from entity_portal.messaging.models import SMS, Status


class Refused(Exception):
    """The provider will never send this. `args[0]` is a reason from `messaging.reasons`."""


class NotNow(Exception):
    """It has not been taken yet; a later try may succeed, not before `wait` seconds if given."""

    def __init__(self, why: str = "", *, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class Unclear(Exception):
    """It may have been taken: sending again could send twice."""


@dataclass(frozen=True)
class Receipt:
    """What a provider says of a text it has: its reference, how far the text is, and why it failed if it did."""

    reference: str
    status: Status = Status.SENT
    reason: str = ""


class Backend(Protocol):
    def send(self, sms: SMS) -> Receipt: ...

    def look_up(self, sms: SMS) -> Receipt | None: ...


def backend() -> Backend:
    """The backend that SMS_BACKEND names."""
    return import_module(f"entity_portal.messaging.backends.{settings.SMS_BACKEND}")


def never_left(error: requests.exceptions.ConnectionError) -> bool:
    """Whether a request surely did not reach the provider: there was no connection to send it over."""
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    no_connection = isinstance(cause, NewConnectionError | NameResolutionError | ConnectTimeoutError)
    return no_connection or isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError)
