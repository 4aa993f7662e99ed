"""Marks of this room, and the second look at someone who is signed in."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from entity_portal.access import View, only
from staff import sessions
from staff.models import StaffLogin

administrator_only = only("administrator_only", lambda user: user.is_authenticated and user.is_administrator)


class SignedIn(HttpRequest):
    """A request behind the door: its user is a login."""

    user: StaffLogin


def recently_proven(*, back: str = "", long: bool = False) -> Callable[[View], View]:
    """Ask for the password again unless it was typed within a quarter of an hour (ASVS 7.5.3), then come back.

    Beneath the mark: who may not know of the page is not asked. `back` names the page to return to instead of this one,
    where this one is a download; its address has the same parts. A `long` form may be sent for half an hour after its
    page was opened so: what was typed in it would be lost.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: SignedIn, *args: Any, **kwargs: Any) -> HttpResponseBase:
            proven = sessions.proven(request)
            if proven and long and request.method == "GET":
                sessions.remember_page(request)
            if proven or (long and request.method == "POST" and sessions.opened_with_proof(request)):
                return view(request, *args, **kwargs)
            return ask_for_proof(request, back=reverse(back, kwargs=kwargs) if back else "")

        return guarded

    return mark


def ask_for_proof(request: HttpRequest, *, back: str = "", to: str = "") -> HttpResponse:
    """Ask for the password, then go on to `to`, or to the page `back` or the present one with what was asked of it."""
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    following = to or f"{back or request.path}{query}"
    return redirect(f"{reverse('staff:confirm')}?{urlencode({'next': following})}")
