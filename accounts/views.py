"""Pages of this room."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from entity_portal.access import public


@public
def apply(request: HttpRequest) -> HttpResponse:
    """How an entity applies for its account (S2, S3.5, S3.6), until it can do so here."""
    return render(request, "accounts/apply.html")
