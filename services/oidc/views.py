"""The addresses of the OpenID Connect provider: what a person's browser asks, and what e-services ask."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_supported_language_variant
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from oauth2_provider.oauth2_backends import get_oauthlib_core
from oauthlib.common import Request

from entity_portal.access import public, signed_in
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.language import set_language_cookie
from services.oidc import asked as requests
from services.oidc import keys, operations, queries
from services.oidc.asked import Asked, Leaving, Refused, Unreadable
from services.oidc.claims import SUPPORTED
from services.oidc.models import USER_SCOPES, AccessToken, Algorithm, Client, Consent, RefreshToken, SignIn, SubjectType
from services.oidc.scopes import DESCRIPTIONS
from services.oidc.tokens import checksum, verified_id_token
from services.oidc.validator import Validator
from services.queries import Refusal, assigners, why_not
from staff import sessions
from staff.access import SignedIn, ask_for_proof
from staff.asking import let_on
from staff.models import Session
from staff.views.door import logged_out

# --- a person's browser ---


def from_elsewhere(request: HttpRequest) -> HttpResponse:
    """A form of another site brought the browser here, without its session: the same as an address, which has it."""
    return HttpResponseRedirect(f"{request.path}?{request.POST.urlencode()}")


@public
@csrf_exempt
def authorize(request: HttpRequest) -> HttpResponseBase:
    """The authorization endpoint: by GET or POST (OIDC Core 3.1.2.1)."""
    if request.method == "POST":
        return from_elsewhere(request)
    try:
        asked = requests.read(request.META["QUERY_STRING"])
    except Unreadable as error:
        return cannot_answer(request, error)
    requests.open_pushed(asked)
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


def proof_wanted(request: SignedIn, asked: Asked) -> bool:
    """The client asks for the password again, by `prompt=login` or `max_age`, and it was not given since."""
    proven, sent = proven_at(request), asked.sent_at
    if sent is not None and proven.timestamp() >= sent:
        return False
    return "login" in asked.prompt or (
        asked.max_age is not None and queries.seconds_since(proven) > asked.max_age
    )


def agreement_wanted(request: SignedIn, asked: Asked) -> bool:
    """The client asks for an account to be chosen or for consent, or an officer has said that it must ask."""
    came = asked.sent_at is not None and proven_at(request).timestamp() >= asked.sent_at
    if "consent" in asked.prompt or ("select_account" in asked.prompt and not came):
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


@signed_in
@require_POST
def decide(request: SignedIn) -> HttpResponseBase:
    """What a person answers `to_agree`, or to being told why not: go on, as somebody else, or back."""
    try:
        asked = requests.read(f"{request.POST.get('query', '')}&{urlencode({requests.SINCE: request.POST.get('mark', '')})}")
    except Unreadable as error:
        return cannot_answer(request, error)
    answer = request.POST.get("answer")
    if answer == "other":
        auth.logout(request)
        return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': asked.again()})}")
    if answer == "go":
        return proceed(request, asked, agreed=True)
    return asked.refuse("access_denied", "The person went back.")


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
        # Who ends this session in the same moment waits for us, and then finds the sign-in (migration 0002).
        row = Session.objects.select_for_update().filter(session_key=request.session.row_key)  # type: ignore[attr-defined]
        if not row.exists():
            raise Refused("login_required")
        if not requests.use_up(asked):
            raise Refused("invalid_request", "The pushed request has been used.")
        if not client.skip_authorization or "consent" in asked.prompt:
            Consent.objects.update_or_create(
                client=client, login=login, defaults={"scopes": " ".join(asked.scopes)}
            )
        headers, _body, _status = get_oauthlib_core().server.create_authorization_response(
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
@csrf_exempt
def end_session(request: HttpRequest) -> HttpResponseBase:
    """RP-Initiated Logout 1.0: at once for who is signed out of this very session, else after a question."""
    if request.method == "POST":
        return from_elsewhere(request)
    try:
        leaving = requests.read_leaving(request.META["QUERY_STRING"])
    except Unreadable as error:
        return cannot_answer(request, error)
    if not request.user.is_authenticated or leaving.is_of(request.session.get("sid", "")):
        return leave(request, leaving)
    who = requests.asker_of(leaving.client) if leaving.client else None
    context = {"service": leaving.client and leaving.client.service, "query": request.META["QUERY_STRING"]}
    return let_on(render(request, "oidc/sign_out.html", context), who)


@signed_in
@require_POST
def sign_out(request: SignedIn) -> HttpResponseBase:
    """What a person answers to an e-service that wants them signed out."""
    try:
        leaving = requests.read_leaving(request.POST.get("query", ""))
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


# --- e-services ---


def plain(request: HttpRequest) -> HttpResponse | None:
    """An answer for what cannot be read, else None."""
    unreadable = any("\x00" in part for name, values in request.POST.lists() for part in (name, *values))
    return failure("invalid_request", "NUL") if unreadable else None


def failure(error: str, description: str = "", *, status: int = 400) -> JsonResponse:
    told = {"error": error} | ({"error_description": description} if description else {})
    return JsonResponse(told, status=status)


def reply(answer: tuple[Any, dict[str, str], str | None, int]) -> HttpResponse:
    _uri, headers, body, status = answer
    response = HttpResponse(body or "", status=status, headers=headers)
    if body:
        response["Content-Type"] = "application/json"
    return response


@public
@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """The token endpoint: authorization_code, refresh_token, client_credentials."""
    if refused := plain(request):
        return refused
    with transaction.atomic():
        return reply(get_oauthlib_core().create_token_response(request))


@public
@csrf_exempt
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """RFC 7009"""
    if refused := plain(request):
        return refused
    with transaction.atomic():
        return reply(get_oauthlib_core().create_revocation_response(request))


@public
@csrf_exempt
def userinfo(request: HttpRequest) -> HttpResponse:
    """OIDC Core 5.3; a token in the address is refused (RFC 9700 4.3.2)."""
    if "access_token" in request.GET:
        return failure("invalid_request", "Send the token in the Authorization header.")
    if refused := plain(request):
        return refused
    return reply(get_oauthlib_core().create_userinfo_response(request))


def client_of(request: HttpRequest) -> Client | None:
    """The client that has proved itself with this request, as at the token endpoint; a public one cannot."""
    uri, method, body, headers = get_oauthlib_core()._extract_params(request)
    read = Request(uri, method, body, headers)
    return read.client if Validator().authenticate_client(read) else None


def who_are_you() -> HttpResponse:
    response = failure("invalid_client", status=401)
    response["WWW-Authenticate"] = 'Basic realm="portal"'
    return response


@public
@csrf_exempt
@require_POST
def introspect(request: HttpRequest) -> HttpResponse:
    """RFC 7662, for a client's own tokens; of any other token it hears `{"active": false}`."""
    if refused := plain(request):
        return refused
    with transaction.atomic():
        client = client_of(request)
    if client is None:
        return who_are_you()
    own = {"token_checksum": checksum(request.POST.get("token", "")), "application": client}
    related = ("sign_in__login__entity", "sign_in__client__service")
    found = AccessToken.objects.select_related(*related).filter(**own).first()
    refresh = None if found else RefreshToken.objects.select_related(*related).filter(**own, revoked=None).first()
    row = found or refresh
    if row is None or (found and found.is_expired()) or (row.sign_in and not queries.stands(row.sign_in)):
        return JsonResponse({"active": False})
    told: dict[str, Any] = {"active": True, "client_id": client.client_id, "iss": settings.PUBLIC_URL}
    if found:
        told |= {
            "token_type": "Bearer",
            "scope": found.scope,
            "exp": int(found.expires.timestamp()),
            "iat": int(found.created.timestamp()),
        }
    if row.sign_in:
        told |= {"sub": client.subject_of(row.sign_in.login), "username": row.sign_in.login.username}
    return JsonResponse(told)


@public
@csrf_exempt
@require_POST
def par(request: HttpRequest) -> HttpResponse:
    """RFC 9126: the request is checked now; what is wrong with it the client hears at once."""
    if refused := plain(request):
        return refused
    with transaction.atomic():
        client = client_of(request) or public_client(request)
    if client is None:
        return who_are_you()
    params = request.POST.copy()
    if "request_uri" in params or params.setdefault("client_id", client.client_id) != client.client_id:
        return failure("invalid_request")
    for name in ("client_secret", "client_assertion", "client_assertion_type", requests.SINCE):
        params.pop(name, None)
    try:
        asked = requests.read(params.urlencode())
        asked.pushed = requests.PushedRequest()  # which it is about to be
        asked.check()
    except Unreadable as error:
        return failure("invalid_request", str(error))
    except Refused as error:
        return failure(error.error, error.description)
    name = requests.push(client, params.urlencode())
    return JsonResponse({"request_uri": name, "expires_in": int(requests.PUSHED_LASTS.total_seconds())}, status=201)


def public_client(request: HttpRequest) -> Client | None:
    found = Client.objects.select_related("service").filter(client_id=request.POST.get("client_id", ""))
    client = found.filter(client_type=Client.CLIENT_PUBLIC).first()
    return client if client and client.is_usable(None) else None


# --- what everybody may know ---


def for_everybody(data: dict[str, Any]) -> JsonResponse:
    """An answer that others may keep for an hour, and that scripts of other sites may read."""
    response = JsonResponse(data)
    response["Cache-Control"] = f"public, max-age={int(keys.MAX_AGE.total_seconds())}"
    response["Access-Control-Allow-Origin"] = "*"
    response.for_everybody = True  # type: ignore[attr-defined]
    return response


@public
@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    return for_everybody(keys.published())


@public
@require_safe
def discovery(request: HttpRequest) -> HttpResponse:
    """OpenID Connect Discovery 1.0 and RFC 8414 in one document."""
    issuer = settings.PUBLIC_URL
    proofs = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
    return for_everybody(
        {
            "issuer": issuer,
            "authorization_endpoint": issuer + reverse("oidc:authorize"),
            "token_endpoint": issuer + reverse("oidc:token"),
            "userinfo_endpoint": issuer + reverse("oidc:userinfo"),
            "jwks_uri": issuer + reverse("oidc:jwks"),
            "end_session_endpoint": issuer + reverse("oidc:end_session"),
            "introspection_endpoint": issuer + reverse("oidc:introspect"),
            "revocation_endpoint": issuer + reverse("oidc:revoke"),
            "pushed_authorization_request_endpoint": issuer + reverse("oidc:par"),
            "require_pushed_authorization_requests": False,
            "scopes_supported": list(USER_SCOPES),
            "claims_supported": SUPPORTED,
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "subject_types_supported": SubjectType.values,
            "id_token_signing_alg_values_supported": Algorithm.values,
            "token_endpoint_auth_methods_supported": [*proofs, "none"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256"],
            "introspection_endpoint_auth_methods_supported": proofs,
            "revocation_endpoint_auth_methods_supported": [*proofs, "none"],
            "code_challenge_methods_supported": ["S256"],
            "prompt_values_supported": sorted(requests.PROMPTS),
            "acr_values_supported": queries.ACR_VALUES,
            "ui_locales_supported": ["zh-Hant", "pt", "en"],
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
            "service_documentation": issuer + "/api/v1/schema/",
        }
    )
