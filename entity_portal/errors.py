"""Pages for what went wrong: what happened and what to do, in the house style, never a code name."""

import logging
import secrets
from datetime import timedelta
from math import ceil

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

log = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; a session that was ended while a page of it was being made is no fault, and begins anew at the door."""
    if isinstance(exception, SessionInterrupted):
        return redirect(settings.LOGIN_URL)
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same page for what does not exist and for what one may not know of."""
    return render(request, "404.html", status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


def too_many_requests(request: HttpRequest, *, seconds: int) -> HttpResponse:
    """429, saying when to try again; `seconds` from now."""
    context = {"retry_at": timezone.now() + timedelta(seconds=seconds), "minutes": max(1, ceil(seconds / 60))}
    response = render(request, "429.html", context, status=429)
    response["Retry-After"] = str(max(1, seconds))
    return response


def overloaded(request: HttpRequest) -> HttpResponse:
    """503: too much at once, nothing was done, nothing was counted."""
    response = render(request, "503.html", status=503)
    response["Retry-After"] = "5"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with a short reference, which the log carries too."""
    reference = secrets.token_hex(4).upper()
    log.error("reference %s: %s %s", reference, request.method, request.path)
    return render(request, "500.html", {"reference": reference}, status=500)
