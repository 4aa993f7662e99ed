"""How many passwords a process looks at in one moment: enough for people, too few to stop the other pages (A19).

A hash takes 19 MiB and all of a core for some hundredths of a second. A process lets WORKING be computed and as many
wait; whoever comes then is told at once to try again, and the threads that are left answer every other page.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from entity_portal import metrics
from entity_portal.errors import overloaded

WAIT = 3.0  # seconds, at most
_room = BoundedSemaphore(settings.PASSWORDS_AT_ONCE * 2)
_working = BoundedSemaphore(settings.PASSWORDS_AT_ONCE)


class Busy(Exception):
    """Too many passwords are being looked at; nothing has been counted."""


@contextmanager
def slot() -> Iterator[None]:
    """A place at the hasher.

    Raises:
        Busy: there is none, or it did not come in time.
    """
    if not _room.acquire(blocking=False):
        metrics.hash_refused.inc()
        raise Busy
    try:
        if not _working.acquire(timeout=WAIT):
            metrics.hash_refused.inc()
            raise Busy
        try:
            yield
        finally:
            _working.release()
    finally:
        _room.release()


class Overload:
    """Answers 503 where a page found no place."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return overloaded(request) if isinstance(exception, Busy) else None
