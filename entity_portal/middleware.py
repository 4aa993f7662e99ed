"""What happens to every request."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from whitenoise.middleware import WhiteNoiseFileResponse

from entity_portal.errors import not_allowed

GetResponse = Callable[[HttpRequest], HttpResponse]
METHODS = ("GET", "HEAD", "POST")


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


def reject_other_methods(get_response: GetResponse) -> GetResponse:
    """Answer 405 to methods no page of ours sends: views would take them for GET, and CSRF lets TRACE pass."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request) if request.method in METHODS else not_allowed(request, METHODS)

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
