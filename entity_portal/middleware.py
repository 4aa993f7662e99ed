"""What happens to every request."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

GetResponse = Callable[[HttpRequest], HttpResponse]


def reject_nul_bytes(get_response: GetResponse) -> GetResponse:
    """PostgreSQL knows no NUL: answer 400 where one is sent, instead of failing later (A81)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or any("\x00" in part for item in request.GET.lists() for part in _flat(item)):
            raise BadRequest("NUL in the address")
        return get_response(request)

    return middleware


def _flat(item: tuple[str, list[str]]) -> list[str]:
    key, values = item
    return [key, *values]


def keep_signed_in_pages_private(get_response: GetResponse) -> GetResponse:
    """What a signed-in person saw must not come back from a cache after they have left (A75)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response

    return middleware
