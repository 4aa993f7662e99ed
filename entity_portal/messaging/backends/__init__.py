"""Ways out for a text. A backend is one file with one function:

    send(sms) -> str      the provider's reference for a text it has accepted

It raises `Refused` for what will never work, `NotNow` for what may work later and was **not** accepted,
`Unclear` when it cannot tell whether the text was accepted (a time-out after the request had gone out).
"""

from importlib import import_module
from typing import Protocol

from django.conf import settings

from entity_portal.messaging.models import SMS


class Refused(Exception):
    """The provider will never send this. `args[0]` is a reason from `messaging.reasons`."""


class NotNow(Exception):
    """The provider did not take it; a later try may succeed."""


class Unclear(Exception):
    """It may have been taken: sending again could send twice."""


class Backend(Protocol):
    def send(self, sms: SMS) -> str: ...


def backend() -> Backend:
    """The backend that SMS_BACKEND names."""
    return import_module(f"entity_portal.messaging.backends.{settings.SMS_BACKEND}")
