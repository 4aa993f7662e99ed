"""Pages of the demonstration alone: what an officer's own authenticator would show, and how everything looks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from entity_portal import demo
from entity_portal.access import public
from entity_portal.demo import authenticator, colours, styleguide


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


@public
@require_safe
def show_styles(request: HttpRequest) -> HttpResponse:
    """Every component in its states, and the tokens with their measured contrast."""
    pairs = [
        pair._asdict() | {scheme: f"{ratio:.1f}" for scheme, ratio in colours.measured(pair).items()}
        for pair in sorted(set(colours.PAIRS), key=lambda pair: (pair.ground, -pair.least, pair.front))
    ]
    context = {
        "schemes": colours.SCHEMES,
        "groups": styleguide.groups(),
        "colours": colours.tokens(),
        "pairs": pairs,
        "types": [name for name in colours.sizes() if name.startswith("t-")],
        "spaces": [name for name in colours.sizes() if name.startswith("s")],
    }
    return render(request, "demo/styleguide.html", context)
