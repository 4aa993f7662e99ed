"""What happens to every request."""

import re
from collections.abc import Callable
from time import perf_counter

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve
from django.utils.cache import add_never_cache_headers
from whitenoise.middleware import WhiteNoiseFileResponse

from entity_portal import maintenance, metrics, numbers
from entity_portal.errors import asked_by_a_program, not_allowed, too_large, under_maintenance, without_tls
from entity_portal.language import own_address, set_language_cookie
from entity_portal.uploads import FAR_TOO_MUCH

GetResponse = Callable[[HttpRequest], HttpResponse]
METHODS = ("GET", "HEAD", "POST")
ABOUT_THE_PROCESS = frozenset({"/healthz", "/readyz", "/metrics"})  # for whoever watches it: never a notice
SWITCH = re.compile(r"/language/([\w-]+)/")


def number_and_count(get_response: GetResponse) -> GetResponse:
    """Give each request a number, which its answer and its lines in the log carry, and count it by its view.

    Outermost, so that nothing goes uncounted. Static files are kept for everybody, so their answers carry none.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        given, begun = numbers.begin(request), perf_counter()
        response = get_response(request)
        is_file = isinstance(response, WhiteNoiseFileResponse)
        view = request.resolver_match.view_name if request.resolver_match else "static" if is_file else "none"
        metrics.requests.labels(view, response.status_code).inc()
        metrics.request_seconds.labels(view).observe(perf_counter() - begun)
        if not is_file:
            response[numbers.HEADER] = given
        return response

    return middleware


def keep_to_ourselves(get_response: GetResponse) -> GetResponse:
    """Let no other site embed an answer, and no cache keep it unless it is `for_everybody` (A75, ASVS 14.3.2).

    Pages before the door too: their forms ask for personal data, and a rule without exceptions is not forgotten.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        if not isinstance(response, WhiteNoiseFileResponse) and not getattr(response, "for_everybody", False):
            add_never_cache_headers(response)
        return response

    return middleware


def refuse_programs_without_tls(get_response: GetResponse) -> GetResponse:
    """Answer 403 to a program that asks without TLS, where a page for people leads to https (ASVS 4.1.2).

    A redirect would let it send its secrets in the clear for years, and nobody would notice.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SECURE_SSL_REDIRECT and not request.is_secure() and asked_by_a_program(request):
            return without_tls(request)
        return get_response(request)

    return middleware


def show_the_notice(get_response: GetResponse) -> GetResponse:
    """Answer 503 while the maintenance notice is up; before sessions and the database, after static files.

    The language can still be chosen, in the cookie alone.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        up, until = maintenance.announced()
        if not up or request.path_info in ABOUT_THE_PROCESS:
            return get_response(request)
        switched = SWITCH.fullmatch(request.path_info)
        if switched and switched[1] in dict(settings.LANGUAGES):
            response = redirect(own_address(request, request.GET.get("next", "")))
            set_language_cookie(response, switched[1])
            return response
        return under_maintenance(request, until)

    return middleware


def reject_other_methods(get_response: GetResponse) -> GetResponse:
    """Answer 405 to methods no page of ours sends: views would take them for GET, and CSRF lets TRACE pass.

    What a view answers to a method it does not take has no words: they come from here.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return not_allowed(request, METHODS)
        response = get_response(request)
        if response.status_code == 405 and not response.streaming and not response.content:
            return not_allowed(request, response.get("Allow", "").split(", "))
        return response

    return middleware


def reject_far_too_much(get_response: GetResponse) -> GetResponse:
    """Answer 413 before anything looks for a token in what will not be read."""

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        return too_large(request) if length.isdecimal() and int(length) > FAR_TOO_MUCH else get_response(request)

    return middleware


def answer_about_the_process(get_response: GetResponse) -> GetResponse:
    """Answer whoever watches this process before hosts, sessions and people are looked at: they come by its address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info not in ABOUT_THE_PROCESS:
            return get_response(request)
        request.resolver_match = match = resolve(request.path_info)
        response: HttpResponse = match.func(request)
        response._has_been_logged = True  # type: ignore[attr-defined]  # Django's: who asks each second writes no line
        return response

    return middleware


def reject_unreadable(get_response: GetResponse) -> GetResponse:
    """Answer 400 to what no page of ours sends and the database cannot hold, instead of failing later (A81, A82)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if (request.content_params or {}).get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
            request.encoding = "utf-8"
            raise BadRequest("not UTF-8")  # other codecs can smuggle in lone surrogates
        parts = [request.path, *request.COOKIES.values()]
        for key, values in request.GET.lists():
            parts += [key, *values]
        if any("\x00" in part for part in parts):
            raise BadRequest("NUL")
        return get_response(request)

    return middleware
