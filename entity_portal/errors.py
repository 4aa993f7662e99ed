"""Pages for what went wrong: what happened and what to do, in the house style, never a code name.

Programs, which ask at the addresses of `settings.PROGRAMS`, read a code instead (RFC 9457); those of OAuth an error
(RFC 6749 5.2).
"""

import re
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from math import ceil
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from entity_portal import numbers

API, OAUTH = "/api/", "/oidc/"
# What a program may do about it, in the words of OAuth; of all other refusals "invalid_request" is said.
OAUTH_ERRORS = {429: "temporarily_unavailable", 500: "server_error", 503: "temporarily_unavailable"}
WHILE = 300  # seconds after which to come back, where nobody knows better
# How PostgreSQL says that it is not there, by SQLSTATE: no connection, no room, a time limit or an operator cut it off,
# its machine fails, it is a standby that may only read; a lock that was not let go in time.
AWAY = ("08", "53", "57", "58", "25006", "55P03")
# And how libpq and psycopg say it, which have no SQLSTATE: the connection ended, perhaps in the middle of an answer.
BROKEN = (
    OperationalError,
    InterfaceError,
    InternalError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.InternalError,
)


def asked_by_a_program(request: HttpRequest) -> bool:
    return re.match(settings.PROGRAMS, request.path_info.removeprefix("/")) is not None


def problem(status: int, code: str, detail: str) -> JsonResponse:
    """What went wrong, for a program: `code` for it, `detail` for its developer."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code, "detail": detail}
    return JsonResponse(told, status=status, content_type="application/problem+json")


def refused(request: HttpRequest, status: int, code: str, detail: str) -> JsonResponse:
    """The same, for the program that asked, in the form that it knows."""
    if request.path_info.startswith(OAUTH):
        error = OAUTH_ERRORS.get(status, "invalid_request")
        return JsonResponse({"error": error, "error_description": detail}, status=status)
    return problem(status, code, detail)


def without_tls(request: HttpRequest) -> HttpResponse:
    """403, to a program alone: what it has sent was open to everybody on the way."""
    return refused(request, 403, "tls_required", "Ask with https. A secret or token that was sent is no secret now.")


def by_itself(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    """A page that is drawn whatever is broken: without session and database, in the language the browser asks for.

    Its template extends `bare.html`.
    """
    with translation.override(translation.get_language_from_request(request)):
        return render(request, template, context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; a session that was ended while a page of it was being made is no fault, and begins anew at the door."""
    if asked_by_a_program(request):
        return refused(request, 400, "unreadable", "The request cannot be read.")
    if isinstance(exception, SessionInterrupted):
        return redirect(settings.LOGIN_URL)
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same page for what does not exist and for what one may not know of."""
    if asked_by_a_program(request):
        return refused(request, 404, "no_such_address", "There is nothing at this address.")
    return render(request, "404.html", status=404)


def not_allowed(request: HttpRequest, methods: Sequence[str]) -> HttpResponse:
    """405: a page that is only sent to was opened, or the reverse; the API is only read."""
    if asked_by_a_program(request):
        methods = ("GET", "HEAD") if request.path_info.startswith(API) else methods
        response: HttpResponse = refused(request, 405, "method_not_allowed", f"Ask with {' or '.join(methods)}.")
    else:
        response = by_itself(request, "405.html", 405)
    response["Allow"] = ", ".join(methods)
    return response


def too_large(request: HttpRequest) -> HttpResponse:
    """413: so much that it is not even read; what a page refuses beside its field is less."""
    if asked_by_a_program(request):
        return refused(request, 413, "too_large", "The request is too large.")
    return by_itself(request, "413.html", 413)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


def too_many_requests(request: HttpRequest, *, seconds: int) -> HttpResponse:
    """429, saying when to try again; `seconds` from now."""
    context = {"retry_at": timezone.now() + timedelta(seconds=seconds), "minutes": max(1, ceil(seconds / 60))}
    response = (
        refused(request, 429, "too_many_requests", "Ask again after the seconds in Retry-After.")
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
        response: HttpResponse = refused(request, 503, "maintenance", "Ask again after the seconds in Retry-After.")
    else:
        response = by_itself(request, "503_maintenance.html", 503, until=until)
    seconds = (until - timezone.now()).total_seconds() if until else WHILE
    response["Retry-After"] = str(max(1, ceil(seconds)))
    return response


def is_away(exception: BaseException | None) -> bool:
    """PostgreSQL did not answer, or not in its time, also where another error was made of that.

    What it refused to do is a fault of ours.
    """
    seen: set[int] = set()  # an error can be the cause of what it was raised in the place of
    while exception is not None and id(exception) not in seen:
        sqlstate = getattr(exception, "sqlstate", None) or getattr(exception.__cause__, "sqlstate", None)
        if sqlstate.startswith(AWAY) if sqlstate else isinstance(exception, BROKEN):
            return True
        seen.add(id(exception))
        exception = exception.__cause__ or exception.__context__
    return False


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with a reference, by which the log is found; 503 where it is the database that does not answer.

    Django writes the exception to the log, once, with the request's number, which the reference begins.
    """
    reference = numbers.reference()
    status = 503 if is_away(sys.exception()) else 500
    if asked_by_a_program(request):
        code = "unavailable" if status == 503 else "server_error"
        response: HttpResponse = refused(request, status, code, f"Our fault; tell us the reference {reference}.")
    else:
        template = "503_away.html" if status == 503 else "500.html"
        response = by_itself(request, template, status, reference=reference)
    if status == 503:
        response["Retry-After"] = "30"
    return response
