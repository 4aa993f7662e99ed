"""Pages for what went wrong: what happened and what to do, in the house style, never a code name.

Programs, whose addresses begin with `API`, read a code instead (RFC 9457).
"""

import logging
import secrets
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from math import ceil
from typing import Any

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

log = logging.getLogger(__name__)
API = "/api/"
WHILE = 300  # seconds after which to come back, where nobody knows better
# How PostgreSQL says that it is not there: no connection, no room for one, shutting down or starting up.
AWAY = ("08", "53", "57P")


def asked_by_a_program(request: HttpRequest) -> bool:
    return request.path_info.startswith(API)


def problem(status: int, code: str, detail: str) -> JsonResponse:
    """What went wrong, for a program: `code` for it, `detail` for its developer."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code, "detail": detail}
    return JsonResponse(told, status=status, content_type="application/problem+json")


def by_itself(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    """A page that is drawn whatever is broken: without session and database, in the language the browser asks for.

    Its template extends `bare.html`.
    """
    with translation.override(translation.get_language_from_request(request)):
        return render(request, template, context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; a session that was ended while a page of it was being made is no fault, and begins anew at the door."""
    if asked_by_a_program(request):
        return problem(400, "unreadable", "The request cannot be read.")
    if isinstance(exception, SessionInterrupted):
        return redirect(settings.LOGIN_URL)
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same page for what does not exist and for what one may not know of."""
    if asked_by_a_program(request):
        return problem(404, "no_such_address", "There is nothing at this address.")
    return render(request, "404.html", status=404)


def not_allowed(request: HttpRequest, methods: Sequence[str]) -> HttpResponse:
    """405: a page that is only sent to was opened, or the reverse; programs only read."""
    if asked_by_a_program(request):
        response: HttpResponse = problem(405, "method_not_allowed", "Ask with GET.")
        response["Allow"] = "GET, HEAD"
    else:
        response = by_itself(request, "405.html", 405)
        response["Allow"] = ", ".join(methods)
    return response


def too_large(request: HttpRequest) -> HttpResponse:
    """413: so much that it is not even read; what a page refuses beside its field is less."""
    if asked_by_a_program(request):
        return problem(413, "too_large", "The request is too large.")
    return by_itself(request, "413.html", 413)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


def too_many_requests(request: HttpRequest, *, seconds: int) -> HttpResponse:
    """429, saying when to try again; `seconds` from now."""
    context = {"retry_at": timezone.now() + timedelta(seconds=seconds), "minutes": max(1, ceil(seconds / 60))}
    response = (
        problem(429, "too_many_requests", "Ask again after the seconds in Retry-After.")
        if asked_by_a_program(request)
        else render(request, "429.html", context, status=429)
    )
    response["Retry-After"] = str(max(1, seconds))
    return response


def overloaded(request: HttpRequest) -> HttpResponse:
    """503: too much at once, nothing was done, nothing was counted."""
    response = (
        problem(503, "overloaded", "Nothing was done. Ask again after the seconds in Retry-After.")
        if asked_by_a_program(request)
        else HttpResponse(busy_page(translation.get_language_from_request(request)), status=503)
    )
    response["Retry-After"] = "5"
    return response


@cache
def busy_page(language: str) -> str:
    """Drawn once: there is no time when it is needed. As if home had been asked for, so it tells of nobody."""
    home = HttpRequest()
    home.method, home.path = "GET", reverse("home")
    with translation.override(language):
        return render_to_string("503.html", request=home)


def under_maintenance(request: HttpRequest, until: datetime | None) -> HttpResponse:
    """503 while operators work on the portal, until a time where they have said one."""
    if asked_by_a_program(request):
        response: HttpResponse = problem(503, "maintenance", "Ask again after the seconds in Retry-After.")
    else:
        response = by_itself(request, "503_maintenance.html", 503, until=until)
    seconds = (until - timezone.now()).total_seconds() if until else WHILE
    response["Retry-After"] = str(max(1, ceil(seconds)))
    return response


def is_away(exception: BaseException | None) -> bool:
    """PostgreSQL did not answer at all; what it refused to do is a fault of ours."""
    if isinstance(exception, InterfaceError):  # the connection ended while it was used
        return True
    sqlstate = getattr(getattr(exception, "__cause__", None), "sqlstate", None)
    return isinstance(exception, OperationalError) and (sqlstate is None or sqlstate.startswith(AWAY))


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with a short reference, which the log carries too; 503 where it is the database that does not answer."""
    reference = secrets.token_hex(4).upper()
    log.error("reference %s: %s %s", reference, request.method, request.path)
    status = 503 if is_away(sys.exception()) else 500
    if asked_by_a_program(request):
        code = "unavailable" if status == 503 else "server_error"
        response: HttpResponse = problem(status, code, f"Our fault; tell us the reference {reference}.")
    else:
        template = "503_away.html" if status == 503 else "500.html"
        response = by_itself(request, template, status, reference=reference)
    if status == 503:
        response["Retry-After"] = "30"
    return response
