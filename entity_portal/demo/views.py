"""The demonstration's authenticator, which shows everybody what an officer's own application would show."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from entity_portal import demo
from entity_portal.access import public
from entity_portal.demo import authenticator


@public
@require_safe
def app(request: HttpRequest) -> HttpResponse:
    context = {
        "code": authenticator.code(),
        "valid_until": authenticator.valid_until(),
        "secret": authenticator.secret(),
        "officers": demo.officers(),
    }
    return render(request, "demo/app.html", context)
