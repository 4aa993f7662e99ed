"""Where a person's browser comes from an e-service: to sign in, to agree, to sign out."""

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import auth, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from entity_portal.access import public, signed_in
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.language import set_language_cookie
from services.models import EService
from services.oidc import operations, queries
from services.oidc.asked import (
    Asked,
    Leaving,
    Refused,
    Unreadable,
    asker_of,
    open_pushed,
    read,
    read_leaving,
    toolkit,
    use_up,
)
from services.oidc.models import Consent, SignIn
from services.oidc.scopes import DESCRIPTIONS
from services.oidc.tokens import verified_id_token
from services.queries import Refusal, assigners, why_not
from staff import sessions
from staff.access import SignedIn, ask_for_proof
from staff.asking import let_on
from staff.models import Session
from staff.views.door import logged_out


def from_elsewhere(request: HttpRequest) -> HttpResponse:
    """A form of another site brought the browser here, without its session: the same as an address, which has it."""
    return HttpResponseRedirect(f"{request.path}?{request.POST.urlencode()}")


@public
@csrf_exempt  # another site's POST becomes a GET, and does nothing else
def authorize(request: HttpRequest) -> HttpResponseBase:
    """The authorization endpoint: by GET or POST (OIDC Core 3.1.2.1)."""
    if request.method == "POST":
        return from_elsewhere(request)
    try:
        asked = read(request.META["QUERY_STRING"])
    except Unreadable as error:
        return cannot_answer(request, error)
    open_pushed(asked)
    return proceed(request, asked)


def cannot_answer(request: HttpRequest, error: Unreadable) -> HttpResponse:
    """Nowhere to send an answer to: a page, which names what its developer got wrong."""
    return render(request, "oidc/unreadable.html", {"what": str(error)}, status=400)


def proceed(request: HttpRequest, asked: Asked, *, agreed: bool = False) -> HttpResponseBase:
    """One step further with a request: to sign in, to prove it again, to agree, and back to the client with a code."""
    try:
        asked.check()
        if not request.user.is_authenticated:
            return to_sign_in(request, asked)
        mine: SignedIn = request  # type: ignore[assignment]
        if not hint_fits(mine, asked):
            raise Refused("login_required", "Somebody else is signed in.")
        if proof_wanted(mine, asked):
            if asked.silent:
                raise Refused("login_required")
            return ask_for_proof(request, to=asked.again())
        if reason := why_not(mine.user, asked.client.service):
            if asked.silent:
                raise Refused("access_denied", reason)
            return may_not(mine, asked, reason)
        if not agreed and agreement_wanted(mine, asked):
            if asked.silent:
                raise Refused("consent_required")
            return to_agree(mine, asked)
        return issue(mine, asked)
    except Unreadable as error:
        return cannot_answer(request, error)
    except Refused as error:
        return asked.refuse(error.error, error.description)


def to_sign_in(request: HttpRequest, asked: Asked) -> HttpResponse:
    """To the door, in a language the e-service asks for where the person has not chosen one.

    Raises:
        Refused: nobody may be asked.
    """
    if asked.silent:
        raise Refused("login_required")
    response = redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': asked.again()})}")
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        for tag in asked.locales:
            if language := supported(tag):
                set_language_cookie(response, language)
                break
    return response


def supported(tag: str) -> str | None:
    """The language of ours that a BCP 47 tag asks for."""
    try:
        return get_supported_language_variant(tag.lower())
    except LookupError:
        return None


def hint_fits(request: SignedIn, asked: Asked) -> bool:
    """`id_token_hint` names whoever is signed in, or is not there."""
    hint = asked.params.get("id_token_hint", "")
    claims = verified_id_token(hint) if hint else None
    return not hint or (claims is not None and claims["sub"] == asked.client.subject_of(request.user))


def proven_at(request: HttpRequest) -> datetime:
    """When the password was typed in this session."""
    return sessions.moment(request.session, "proven_at")


def proven_since(request: SignedIn, asked: Asked) -> bool:
    """The person was sent to prove themselves for this request, and has."""
    return asked.sent_at is not None and proven_at(request).timestamp() >= asked.sent_at


def proof_wanted(request: SignedIn, asked: Asked) -> bool:
    """The client asks for the password again, by `prompt=login` or `max_age`, and it was not given since."""
    if proven_since(request, asked):
        return False
    return "login" in asked.prompt or (
        asked.max_age is not None and queries.seconds_since(proven_at(request)) > asked.max_age
    )


def agreement_wanted(request: SignedIn, asked: Asked) -> bool:
    """The client asks for an account to be chosen or for consent, or an officer has said that it must ask."""
    if "consent" in asked.prompt or ("select_account" in asked.prompt and not proven_since(request, asked)):
        return True
    if asked.client.skip_authorization:
        return False
    given = Consent.objects.filter(client=asked.client, login=request.user).values_list("scopes", flat=True).first()
    return not {*asked.scopes} <= {*(given or "").split()}


def to_agree(request: SignedIn, asked: Asked) -> HttpResponseBase:
    """Who is signed in, at which e-service, and what it will know; nothing is sent before the button."""
    context = {
        "service": asked.client.service,
        "query": asked.query,
        "mark": asked.mark,
        "told": [DESCRIPTIONS[scope] for scope in asked.scopes],
    }
    return let_on(render(request, "oidc/agree.html", context), asked.asker)


@public
@require_POST
def decide(request: HttpRequest) -> HttpResponseBase:
    """What a person answers `to_agree`, or to being told why not: go on, as somebody else, or back.

    Whose session has ended over the question begins again with the request.
    """
    try:
        asked = read(request.POST.get("query", ""), mark=request.POST.get("mark", ""))
    except Unreadable as error:
        return cannot_answer(request, error)
    answer = request.POST.get("answer")
    if answer == "other":
        auth.logout(request)
        return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': asked.again()})}")
    if answer == "go":
        return proceed(request, asked, agreed=True)
    reason = why_not(request.user, asked.client.service) if request.user.is_authenticated else None
    return asked.refuse("access_denied", reason or "The person went back.")


def may_not(request: SignedIn, asked: Asked, reason: Refusal) -> HttpResponseBase:
    """Why this person may not use the e-service, in plain words, and who in the entity can change it."""
    inside = reason in (Refusal.NOT_ASSIGNED, Refusal.ASSIGNMENT_NOT_YET, Refusal.ASSIGNMENT_OVER)
    context = {
        "service": asked.client.service,
        "reason": reason,
        "query": asked.query,
        "mark": asked.mark,
        "assigners": assigners(request.user.entity, asked.client.service) if inside else [],
    }
    return let_on(render(request, "oidc/may_not.html", context, status=403), asked.asker)


def issue(request: SignedIn, asked: Asked) -> HttpResponse:
    """A code, back to the client."""
    login, client = request.user, asked.client
    session = UUID(request.session["sid"])
    sign_in = SignIn(
        client=client,
        login=login,
        session=session,
        sid=client.session_of(session),
        authenticated_at=proven_at(request),
        methods=request.session.get("methods", ["pwd"]),
    )
    with transaction.atomic():
        # Held until the commit: who ends this session in the same moment waits, then finds the sign-in.
        row = Session.objects.filter(session_key=request.session.row_key)  # type: ignore[attr-defined]
        if not row.update(sid=session):
            raise Refused("login_required")
        if not use_up(asked):
            raise Refused("invalid_request", "The pushed request has been used.")
        if not client.skip_authorization or "consent" in asked.prompt:
            Consent.objects.update_or_create(client=client, login=login, defaults={"scopes": " ".join(asked.scopes)})
        headers, _body, _status = toolkit(client).create_authorization_response(
            asked.address, scopes=asked.scopes, credentials={**asked.credentials, "user": login, "sign_in": sign_in}
        )
        record(
            Action.SIGNED_IN_AT_SERVICE,
            entity=login.entity.number,
            actor=login,
            target=login.euid,
            service=client.service.code,
        )
    code = QueryDict(headers["Location"].partition("?")[2])["code"]
    return asked.answer(code=code)


# --- signing out, as an e-service asks ---


@public
@csrf_exempt  # another site's POST becomes a GET, and does nothing else
def end_session(request: HttpRequest) -> HttpResponseBase:
    """RP-Initiated Logout 1.0: at once for who is signed out of this very session, else after a question."""
    if request.method == "POST":
        return from_elsewhere(request)
    try:
        leaving = read_leaving(request.META["QUERY_STRING"])
    except Unreadable as error:
        return cannot_answer(request, error)
    if not request.user.is_authenticated or leaving.is_of(request.session.get("sid", "")):
        return leave(request, leaving)
    who = asker_of(leaving.client) if leaving.client else None
    context = {"service": leaving.client and leaving.client.service, "query": request.META["QUERY_STRING"]}
    return let_on(render(request, "oidc/sign_out.html", context), who)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """What a person answers to an e-service that wants them signed out."""
    try:
        leaving = read_leaving(request.POST.get("query", ""))
    except Unreadable as error:
        return cannot_answer(request, error)
    return leave(request, leaving)


def leave(request: HttpRequest, leaving: Leaving) -> HttpResponse:
    """End the session here and what the client has of it; the other clients are told by the worker."""
    if leaving.client and leaving.sid:
        operations.end_session(leaving.client, leaving.sid)
    auth.logout(request)
    response = logged_out(request)
    if leaving.address:
        response["Location"] = leaving.address
    return response


@signed_in
@require_POST
def leave_service(request: SignedIn, service: str) -> HttpResponse:
    """One e-service of 帳戶資料: signed out there, and asked again before it is told anything."""
    found = get_object_or_404(EService, code=service, pk__in=[each.pk for each in queries.signed_in_at(request.user)])
    operations.leave_service(login=request.user, service=found)
    messages.success(request, _("You have been logged out of %(service)s.") % {"service": found.name})
    return redirect("account")
