"""Who may ask the API: an e-service's own program, with a token it got by client credentials."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from jwcrypto.jws import JWS
from oauth2_provider.oauth2_backends import get_oauthlib_core

from entity_portal.access import View, public
from entity_portal.errors import not_allowed, problem, too_many_requests
from entity_portal.ratelimit import wait
from services.oidc import keys
from services.oidc.models import Client, words

RATE = "600/m"  # for each client
Answer = Callable[..., dict[str, Any]]


class Refused(Exception):
    """The question was understood and gets no answer: status, code and, for the developer, why."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        self.response = problem(status, code, detail)
        super().__init__(code)


def for_client(scope: str) -> Callable[[Answer], View]:
    """A view that answers clients with this scope: it is given the client, and returns what is then signed.

    The token stands in the Authorization header (RFC 6750 2.1) and nowhere else; one of a person opens nothing here.
    """

    def decorate(view: Answer) -> View:
        @public
        @csrf_exempt  # no cookie is looked at; what is not GET is answered below
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in ("GET", "HEAD"):
                return not_allowed(request, ())
            try:
                client = client_of(request, scope)
                if seconds := wait(request, "api", RATE, client.client_id):
                    return too_many_requests(request, seconds=seconds)
                return signed(client, view(request, client, *args, **kwargs))
            except Refused as refusal:
                return refusal.response

        return answered

    return decorate


def client_of(request: HttpRequest, scope: str) -> Client:
    """The client whose token this is.

    Raises:
        Refused: 400, 401 or 403 (RFC 6750 3.1)
    """
    if "access_token" in request.GET:
        raise Refused(400, "token_in_address", "Send the token in the Authorization header; this one is known to logs.")
    header = request.headers.get("Authorization", "")
    if not header:
        raise challenge(401, "", scope)
    told = {"Authorization": header}  # and nothing else of the request, where a second token could stand
    valid, read = get_oauthlib_core().server.verify_request("/", "GET", "", told, scopes=[])
    if not valid or read.access_token.sign_in or not read.client.is_usable(None):
        raise challenge(401, "invalid_token", scope)
    granted = {*words(read.access_token.scope)} & {*words(read.client.scopes)}
    if scope not in granted:
        raise challenge(403, "insufficient_scope", scope)
    client: Client = read.client
    return client


def challenge(status: int, error: str, scope: str) -> Refused:
    """What a token must be like; without one in the request no error is named (RFC 6750 3.1)."""
    refusal = Refused(status, error or "no_token", "Send a bearer token got by client credentials.")
    parts = ['realm="portal"', *([f'error="{error}"'] if error else []), f'scope="{scope}"']
    refusal.response["WWW-Authenticate"] = f"Bearer {', '.join(parts)}"
    return refusal


def signed(client: Client, data: dict[str, Any]) -> HttpResponse:
    """The answer, and a detached signature over its bytes (RFC 7515 appendix F) in the client's algorithm."""
    key = keys.signing_key(client.algorithm)
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    token = JWS(body)
    token.add_signature(key.jwk, protected=json.dumps({"alg": key.algorithm, "kid": key.kid, "typ": "JOSE"}))
    header, _payload, signature = token.serialize(compact=True).split(".")
    response = HttpResponse(body, content_type="application/json")
    response["X-JWS-Signature"] = f"{header}..{signature}"
    return response
