"""As many requests at once as a process serves well; whoever comes then is told at once to come again (L2, L4, A19).

The threads of a process share one interpreter, so each request that is let in makes all others slower, and in a queue
people wait for what they no longer want. Requests that look at a password have places of their own: however many there
are, every other page finds its places free.
"""

import logging
import time
from threading import BoundedSemaphore

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from entity_portal.access import View
from entity_portal.errors import overloaded
from entity_portal.middleware import ABOUT_THE_PROCESS, GetResponse

MARK = "looks_at_a_password"
QUIET = 10.0  # seconds
log = logging.getLogger(__name__)


def looks_at_a_password(view: View) -> View:
    """What is sent to this page has a place among its kind only, and takes none of the others."""
    setattr(view, MARK, True)
    return view


def is_about_a_password(request: HttpRequest) -> bool:
    if request.method != "POST":
        return False
    try:
        return getattr(resolve(request.path_info).func, MARK, False)
    except Resolver404:
        return False


class Places:
    """Lets a request in where there is a place for its kind; else 503 with Retry-After, before sessions and database.

    A place is free again when the answer begins: a download that is still being sent holds a thread, and no place.
    How many were refused is logged, at most once in `QUIET` seconds.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.pages = BoundedSemaphore(settings.PAGES_AT_ONCE)
        self.passwords = BoundedSemaphore(settings.PASSWORDS_AT_ONCE * 2)
        self.refused, self.said = 0, -QUIET

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in ABOUT_THE_PROCESS:  # a busy process is no dead one
            return self.get_response(request)
        places = self.passwords if is_about_a_password(request) else self.pages
        if not places.acquire(blocking=False):
            self.note()
            return overloaded(request)
        try:
            return self.get_response(request)
        finally:
            places.release()

    def note(self) -> None:
        self.refused += 1  # two threads at once may count one: it is a hint, not an account
        now = time.monotonic()
        if now - self.said >= QUIET:
            log.warning("all places are taken: %d requests refused since the last such line", self.refused)
            self.refused, self.said = 0, now
