"""An authorization request, read and checked (OIDC Core 3.1.2.1, RFC 9126), before anybody is asked anything."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.oauth2_backends import get_oauthlib_core
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2.rfc6749.errors import FatalClientError, OAuth2Error

from services.oidc.models import USER_SCOPES, Client, PushedRequest, words
from services.oidc.queries import client_named
from services.oidc.tokens import checksum, verified_id_token
from staff.asking import Asker

PUSHED = "urn:ietf:params:oauth:request_uri:"
PUSHED_LASTS = timedelta(seconds=90)
OPENED_LASTS = timedelta(minutes=30)  # a pushed request in front of a person who signs in
SINCE = "asked"  # ours, in the address a person comes back to: when they were sent to prove themselves
SINCE_LASTS = timedelta(minutes=30)
PROMPTS = {"none", "login", "consent", "select_account"}
# What is passed on to be checked; everything else is ignored, as the standard asks.
CHECKED = ("response_type", "client_id", "redirect_uri", "state", "nonce", "code_challenge", "code_challenge_method")
LONGEST = {"state": 2048, "nonce": 255}  # characters
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 in base64url


class Unreadable(Exception):
    """The client or its address is not known: there is nowhere to send an answer to (RFC 6749 4.1.2.1)."""


class Refused(Exception):
    """The client is told why, at its own address."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(error)
        self.error, self.description = error, description


@dataclass
class Asked:
    """A request of a known client for one of its own addresses; the rest only once `check` has passed."""

    client: Client
    redirect_uri: str
    state: str
    params: QueryDict
    query: str  # as the browser brought it, but for our mark
    mark: str = ""
    pushed: PushedRequest | None = None
    scopes: list[str] = field(default_factory=list)
    credentials: dict[str, Any] = field(default_factory=dict)

    @property
    def prompt(self) -> set[str]:
        return {*words(self.params.get("prompt", ""))}

    @property
    def silent(self) -> bool:
        return "none" in self.prompt

    @property
    def max_age(self) -> int | None:
        """Seconds since the password was typed, at most."""
        value = self.params.get("max_age", "")
        return int(value) if value else None

    @property
    def locales(self) -> list[str]:
        return words(self.params.get("ui_locales", ""))

    @property
    def asker(self) -> Asker:
        return asker_of(self.client)

    def check(self) -> None:
        """Everything but client and address.

        Raises:
            Refused
        """
        params = self.params
        for name, values in params.lists():
            if len(values) > 1:
                raise Refused("invalid_request", f"{name} is given twice.")
        if self.client.par_required and self.pushed is None:
            raise Refused("invalid_request", "This client must push its requests.")
        if "request" in params:
            raise Refused("request_not_supported")
        if "request_uri" in params:
            raise Refused("request_uri_not_supported")
        if params.get("response_mode", "query") != "query":
            raise Refused("invalid_request", "The only response_mode is query.")
        if not self.prompt <= PROMPTS or (self.silent and len(self.prompt) > 1):
            raise Refused("invalid_request", "This prompt is not supported.")
        if not re.fullmatch(r"[0-9]{0,9}", params.get("max_age", "")):
            raise Refused("invalid_request", "max_age is a number of seconds.")
        if any(len(params.get(name, "")) > longest for name, longest in LONGEST.items()):
            raise Refused("invalid_request", "A parameter is too long.")
        if "code_challenge" in params and (
            params.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(params.get("code_challenge", ""))
        ):
            raise Refused("invalid_request", "The only code_challenge_method is S256 (RFC 7636 4.2).")
        allowed = words(self.client.scopes)
        self.scopes = [each for each in USER_SCOPES if each in words(params.get("scope", "")) and each in allowed]
        if "openid" not in self.scopes:
            raise Refused("invalid_scope", "scope has to name openid.")
        self._check_by_toolkit()

    @property
    def address(self) -> str:
        """What the toolkit is to read."""
        passed = {name: self.params[name] for name in CHECKED if name in self.params}
        return f"{reverse('oidc:authorize')}?{urlencode({**passed, 'scope': ' '.join(self.scopes)})}"

    def _check_by_toolkit(self) -> None:
        try:
            _scopes, found = toolkit(self.client).validate_authorization_request(self.address)
        except FatalClientError as error:
            raise Unreadable(error.error) from error
        except OAuth2Error as error:
            raise Refused(error.error, error.description or "") from error
        self.credentials = {name: found[name] for name in CHECKED if found.get(name)}

    # --- where it goes on ---

    def again(self) -> str:
        """The address of this request for a person who is sent to prove themselves: it says when they were."""
        mark = signing.dumps([checksum(self.query), timezone.now().timestamp()], salt=SINCE)
        return f"{reverse('oidc:authorize')}?{self.query}&{urlencode({SINCE: mark})}"

    @property
    def sent_at(self) -> float | None:
        """When the person was sent to prove themselves for this request, if they were; seconds since 1970."""
        try:
            name, moment = signing.loads(self.mark, salt=SINCE, max_age=SINCE_LASTS)
        except signing.BadSignature:
            return None
        return moment if name == checksum(self.query) else None

    def answer(self, **values: str) -> HttpResponse:
        """Send the browser back to the client, with who we are against mix-ups (RFC 9207)."""
        given = {**values, "state": self.state, "iss": settings.PUBLIC_URL}
        address = add_params_to_uri(self.redirect_uri, [(name, value) for name, value in given.items() if value])
        response = HttpResponseRedirect(address)
        response["Referrer-Policy"] = "no-referrer"
        return response

    def refuse(self, error: str, description: str = "") -> HttpResponse:
        return self.answer(error=error, error_description=description)


def read(query: str, *, mark: str = "") -> Asked:
    """Find out who asks, and where the answer goes.

    Raises:
        Unreadable: the client is not known, or this is not its address, exactly.
    """
    given = parsed(query)
    mark = mark or "".join(map(str, given.pop(SINCE, [])[:1]))
    given._mutable = False
    client = client_named(given.get("client_id", ""))
    if client is None or not client.is_usable(None):
        raise Unreadable("client")
    params, pushed = given, None
    if given.get("request_uri", "").startswith(PUSHED):
        pushed = PushedRequest.objects.filter(
            client=client, digest=checksum(given.get("request_uri", "")), expires__gt=timezone.now()
        ).first()
        if pushed is None:
            raise Unreadable("request_uri")
        params = QueryDict(pushed.query)
    redirect_uri = params.get("redirect_uri", "")
    if not client.redirect_uri_allowed(redirect_uri) or len(params.getlist("redirect_uri")) > 1:
        raise Unreadable("redirect_uri")
    given_state = params.getlist("state")
    state = given_state[0] if len(given_state) == 1 and len(given_state[0]) <= LONGEST["state"] else ""
    return Asked(client, redirect_uri, state, params, given.urlencode(), mark, pushed)


def parsed(query: str) -> QueryDict:
    """A query as parameters.

    Raises:
        Unreadable: the database could not hold it.
    """
    params = QueryDict(query, mutable=True)
    if any("\x00" in part for name, values in params.lists() for part in (name, *map(str, values))):
        raise Unreadable("NUL")
    return params


def toolkit(client: Client) -> Any:
    """The toolkit's server for one request of a client that has been looked up."""
    server = get_oauthlib_core().server
    server.request_validator.known = client
    return server


def push(client: Client, query: str) -> str:
    """Keep a request that its client has sent ahead; return its `request_uri`, good for PUSHED_LASTS."""
    name = f"{PUSHED}{secrets.token_urlsafe(32)}"
    PushedRequest.objects.create(
        digest=checksum(name), client=client, query=query, expires=timezone.now() + PUSHED_LASTS
    )
    return name


def open_pushed(asked: Asked) -> None:
    """A browser has come with a pushed request: from now it lasts as long as a person may take to sign in."""
    if asked.pushed and asked.pushed.opened_at is None:
        now = timezone.now()
        PushedRequest.objects.filter(pk=asked.pushed.pk, opened_at=None).update(
            opened_at=now, expires=now + OPENED_LASTS
        )


def use_up(asked: Asked) -> bool:
    """A pushed request leads to one code; False if it has."""
    return asked.pushed is None or bool(PushedRequest.objects.filter(pk=asked.pushed.pk).delete()[0])


def who_asks(address: str) -> Asker | None:
    """The e-service whose authorization request a page's address is (`settings.WHO_ASKS`)."""
    path, _mark, query = address.partition("?")
    if path != reverse("oidc:authorize"):
        return None
    client = client_named(QueryDict(query).get("client_id", ""))
    return asker_of(client) if client else None


@dataclass(frozen=True)
class Leaving:
    """A wish of a client that a person be signed out, and where they go on; "" for our own page."""

    client: Client | None
    sid: str
    address: str

    def is_of(self, session: str) -> bool:
        """It comes from somebody who holds an ID token of this session of the portal."""
        if not (session and self.client and self.sid):
            return False
        return self.client.session_of(UUID(session)) == self.sid


def read_leaving(query: str) -> Leaving:
    """Read a logout request (RP-Initiated Logout 1.0, 2).

    Raises:
        Unreadable: the ID token is not ours, or the client or its address is not known.
    """
    params = parsed(query)
    hint, name = params.get("id_token_hint", ""), params.get("client_id", "")
    claims = verified_id_token(hint) if hint else {}
    if claims is None:
        raise Unreadable("id_token_hint")
    if name and claims and claims["aud"] != name:
        raise Unreadable("client_id")
    name = name or claims.get("aud", "")
    client = client_named(name)
    address = params.get("post_logout_redirect_uri", "")
    if name and client is None:
        raise Unreadable("client_id")
    if address and (client is None or not client.post_logout_redirect_uri_allowed(address)):
        raise Unreadable("post_logout_redirect_uri")
    if address and params.get("state"):
        address = add_params_to_uri(address, [("state", params["state"])])
    return Leaving(client, claims.get("sid", ""), address)


def asker_of(client: Client) -> Asker:
    addresses = words(f"{client.redirect_uris} {client.post_logout_redirect_uris}")
    origins = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, addresses)}
    return Asker(client.service.names, tuple(sorted(origins)))
