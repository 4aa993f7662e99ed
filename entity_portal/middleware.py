"""What happens to every request."""

from collections.abc import Callable
from typing import cast

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

GetResponse = Callable[[HttpRequest], HttpResponse]


def reject_nul_bytes(get_response: GetResponse) -> GetResponse:
    """PostgreSQL knows no NUL: answer 400 where one is sent, instead of failing later (A81)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or any("\x00" in value for values in request.GET.lists() for value in _flat(values)):
            raise BadRequest("NUL in the address")
        return get_response(request)

    return middleware


def _flat(item: tuple[str, list[object]]) -> list[str]:
    key, values = item
    return [key, *(cast(str, value) for value in values)]


def keep_signed_in_pages_private(get_response: GetResponse) -> GetResponse:
    """What a signed-in person saw must not come back from a cache after they have left (A75)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response

    return middleware
