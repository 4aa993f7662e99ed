"""The language a person chose: as their browser keeps it, and of what is written to them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme


def in_language_of(text: Callable[..., str]) -> Callable[..., str]:
    """Write a text in the `language` of whom it is for or about, its first argument."""

    @wraps(text)
    def written(reader: Any, *args: str) -> str:
        with translation.override(reader.language):
            return text(reader, *args)

    return written


def own_address(request: HttpRequest, address: str) -> str:
    """`address` if it is a page of ours, else the home page (A74)."""
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if ours else reverse("home")


def set_language_cookie(response: HttpResponse, code: str) -> None:
    """Have the browser ask for pages in this language for a year."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
