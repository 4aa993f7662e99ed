"""Pages for what went wrong: what happened and what to do, in the house style, never a code name.

Programs, whose addresses begin with `API`, read a code instead (RFC 9457).
"""

import logging
import secrets
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from math import ceil

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone

log = logging.getLogger(__name__)
API = "/api/"


def asked_by_a_program(request: HttpRequest) -> bool:
    return request.path_info.startswith(API)


def problem(status: int, code: str, detail: str) -> JsonResponse:
    """What went wrong, for a program: `code` for it, `detail` for its developer."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code, "detail": detail}
    return JsonResponse(told, status=status, content_type="application/problem+json")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; a session that was ended while a page of it was being made is no fault, and begins anew at the door."""
    if asked_by_a_program(request):
        return problem(400, "unreadable", "The request cannot be read.")
    if isinstance(exception, SessionInterrupted):
        return redirect(settings.LOGIN_URL)
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same page for what does not exist and for what one may not know of."""
    if asked_by_a_program(request):
        return problem(404, "no_such_address", "There is nothing at this address.")
    return render(request, "404.html", status=404)


def not_allowed(request: HttpRequest, methods: Sequence[str]) -> HttpResponse:
    """405; programs only read."""
    if not asked_by_a_program(request):
        return HttpResponseNotAllowed(methods)
    response = problem(405, "method_not_allowed", "Ask with GET.")
    response["Allow"] = "GET, HEAD"
    return response


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
    response = render(request, "503.html", status=503)
    response["Retry-After"] = "5"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with a short reference, which the log carries too."""
    reference = secrets.token_hex(4).upper()
    log.error("reference %s: %s %s", reference, request.method, request.path)
    if asked_by_a_program(request):
        return problem(500, "server_error", f"Our fault; tell us the reference {reference}.")
    return render(request, "500.html", {"reference": reference}, status=500)
