"""What e-services ask themselves: tokens, claims, whether a token is worth something."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from oauth2_provider.oauth2_backends import get_oauthlib_core
from oauthlib.common import Request

from entity_portal.access import public
from entity_portal.ratelimit import limited
from services.oidc import queries
from services.oidc.asked import PUSHED_LASTS, SINCE, Refused, Unreadable, push, read
from services.oidc.models import AccessToken, Client, PushedRequest, RefreshToken
from services.oidc.tokens import checksum
from services.oidc.validator import Validator

GRANTS = ("authorization_code", "refresh_token", "client_credentials")


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
@csrf_exempt  # no cookie is looked at: the program proves itself
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """The token endpoint (RFC 6749 3.2); of what the toolkit knows besides GRANTS nothing is offered."""
    if refused := plain(request):
        return refused
    if request.POST.get("grant_type", "") not in ("", *GRANTS):
        return failure("unsupported_grant_type")
    with transaction.atomic():
        return reply(get_oauthlib_core().create_token_response(request))


@public
@csrf_exempt  # no cookie is looked at: the program proves itself
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """RFC 7009"""
    if refused := plain(request):
        return refused
    with transaction.atomic():
        return reply(get_oauthlib_core().create_revocation_response(request))


@public
@csrf_exempt  # no cookie is looked at: the program proves itself
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
@csrf_exempt  # no cookie is looked at: the program proves itself
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
@csrf_exempt  # no cookie is looked at: the program proves itself
@require_POST
@limited("300/m")
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
    for name in ("client_secret", "client_assertion", "client_assertion_type", SINCE):
        params.pop(name, None)
    try:
        asked = read(params.urlencode())
        asked.pushed = PushedRequest()  # which it is about to be
        asked.check()
    except Unreadable as error:
        return failure("invalid_request", str(error))
    except Refused as error:
        return failure(error.error, error.description)
    name = push(client, params.urlencode())
    return JsonResponse({"request_uri": name, "expires_in": int(PUSHED_LASTS.total_seconds())}, status=201)


def public_client(request: HttpRequest) -> Client | None:
    client = queries.client_named(request.POST.get("client_id", ""))
    return client if client and client.client_type == Client.CLIENT_PUBLIC and client.is_usable(None) else None
