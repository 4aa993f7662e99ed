"""Pages of the sandbox e-service: another site than the portal, which happens to be served by the same process."""

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from entity_portal.access import public
from entity_portal.text import moment
from services.oidc.sandbox import party
from services.oidc.sandbox.models import LASTS, Visit
from services.oidc.sandbox.party import FAILURES, NotSignedIn

COOKIE = "__Host-sandbox" if settings.TLS else "sandbox"
TAGS = {"zh-hant": "zh-Hant", "pt": "pt", "en": "en"}
MOMENTS = ("auth_time", "iat", "exp")
# What an e-service does with each claim.
PURPOSES = {
    "sub": _("Knows the person by this for ever, and keeps it with whatever they do"),
    "euid": _("The number of the staff login, which the entity knows too"),
    "name": _("Greets the person; not to know them by: names change"),
    "preferred_username": _("Shows which login this is; unique only inside the entity"),
    "locale": _("Speaks the person's language"),
    "email": _("Writes to the person"),
    "email_verified": _("The person has opened a link sent there"),
    "phone_number": _("Sends texts"),
    "phone_number_verified": _("The activation code went there"),
    "entity_number": _("Knows the entity by this, and keeps its cases apart from those of others"),
    "entity_kind": _("Company, association, building management body and so on"),
    "entity_name": _("Shows for whom the person acts"),
    "service_groups": _("Decides what the person may do here"),
    "sid": _("Ends the right session when the portal says that it is over"),
    "auth_time": _("When the password was typed; for what is delicate, ask again with max_age"),
    "acr": _("How sure the portal is: otp where a one-time code was given too"),
    "amr": _("What the person has shown: a password, a code"),
    "iss": _("Must be the portal"),
    "aud": _("Must be this e-service's client_id"),
    "exp": _("Until when the ID token may be accepted"),
    "iat": _("When the ID token was made"),
    "nonce": _("Must be what this e-service sent"),
    "at_hash": _("Ties the access token to the ID token"),
    "jti": _("The name of this ID token"),
}


def visit_of(request: HttpRequest) -> Visit | None:
    key = request.COOKIES.get(COOKIE, "")
    return Visit.of(key) if key else None


@public
@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """Who is signed in here and what the portal has told of them; else the way in."""
    visit = visit_of(request)
    if visit is None or not visit.tokens:
        return render(request, "oidc/sandbox/home.html")
    header, payload = party.parts(visit.tokens["id_token"])
    context = {"claims": table(visit), "header": header, "payload": payload, "visit": visit}
    return render(request, "oidc/sandbox/home.html", context)


def table(visit: Visit) -> list[dict[str, Any]]:
    """Each claim with its value, what it is for, and where it came from."""
    order = [*PURPOSES]

    def place(name: str) -> tuple[int, str]:
        base = name.partition("#")[0]
        return (order.index(base) if base in order else len(order), name)

    rows = []
    for name in sorted({*visit.userinfo, *visit.claims}, key=place):
        value = visit.userinfo.get(name, visit.claims.get(name))
        places = [word for word, found in (("ID token", visit.claims), ("userinfo", visit.userinfo)) if name in found]
        rows.append(
            {
                "name": name,
                "value": value if isinstance(value, str) else json.dumps(value, ensure_ascii=False),
                "moment": moment(datetime.fromtimestamp(value, UTC)) if name in MOMENTS else "",
                "purpose": PURPOSES.get(name.partition("#")[0], ""),
                "places": places,
            }
        )
    return rows


@public
@require_POST
def enter(request: HttpRequest) -> HttpResponseBase:
    """To the portal, to sign in."""
    Visit.forget()
    try:
        url, pending = party.begin(TAGS.get(get_language() or "", "zh-Hant"))
    except FAILURES as error:
        return problem(request, type(error).__name__)
    visit = Visit.objects.create(pending=pending)
    return with_cookie(redirect(url), visit)


def with_cookie(response: HttpResponse, visit: Visit) -> HttpResponse:
    response.set_cookie(COOKIE, visit.key, max_age=LASTS, secure=settings.TLS, httponly=True, samesite="Lax", path="/")
    return response


@public
@require_safe
def callback(request: HttpRequest) -> HttpResponseBase:
    """Back from the portal. What came is good once, in the browser that was sent."""
    visit = visit_of(request)
    pending = visit.pending if visit else {}
    if visit:
        visit.delete()  # a session from before the sign-in is never the one after it
    try:
        tokens, claims, userinfo = party.finish(request.GET.dict(), pending)
    except NotSignedIn as error:
        return problem(request, error.reason)
    told = {"tokens": tokens, "claims": claims, "userinfo": userinfo, "sub": claims["sub"], "sid": claims["sid"]}
    return with_cookie(redirect("sandbox:home"), Visit.objects.create(**told))


@public
@require_POST
def refresh(request: HttpRequest) -> HttpResponseBase:
    """Ask the portal anew: what it says now of the person and their rights."""
    visit = visit_of(request)
    if visit is None or not visit.tokens:
        return redirect("sandbox:home")
    try:
        visit.tokens, visit.claims, visit.userinfo = party.renew(visit.tokens, visit.sub)
    except NotSignedIn as error:
        visit.delete()
        return problem(request, error.reason)
    # Not where the portal has said meanwhile that it is over.
    Visit.objects.filter(pk=visit.pk).update(tokens=visit.tokens, claims=visit.claims, userinfo=visit.userinfo)
    return redirect("sandbox:home")


@public
@require_POST
def leave(request: HttpRequest) -> HttpResponseBase:
    """Out of here, and of the portal with everything that hangs on it."""
    visit = visit_of(request)
    if visit is None or not visit.tokens:
        return redirect("sandbox:home")
    visit.delete()
    try:
        return redirect(party.farewell(visit.tokens))
    except FAILURES as error:
        return problem(request, type(error).__name__)


@public
@csrf_exempt  # the portal asks, not a browser; its signature is the proof
@require_POST
def backchannel(request: HttpRequest) -> HttpResponse:
    """The portal says that a session is over; its signature is the proof."""
    try:
        Visit.end(party.signed_out(request.POST.get("logout_token", "")))
    except NotSignedIn as error:
        return HttpResponse(error.reason, status=400, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=200)


def problem(request: HttpRequest, reason: str) -> HttpResponse:
    return render(request, "oidc/sandbox/problem.html", {"reason": reason[:300]}, status=403)
