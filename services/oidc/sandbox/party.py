"""The sandbox as a relying party: everything it knows it asks over HTTP, with Authlib, and verifies."""

import base64
import json
import secrets
from typing import Any

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

CLIENT_ID = "sandbox"
SCOPES = "openid profile email phone entity service_groups"
ALGORITHMS = ["RS256", "ES256"]
LEEWAY = 30  # seconds that two clocks may differ
TIMEOUT = 5  # seconds
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class NotSignedIn(Exception):
    """The portal refused, or what came back cannot be trusted. `reason` is what a developer reads."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


# What goes wrong between two machines.
FAILURES = (requests.RequestException, OAuthError, JoseError, ValueError, KeyError, TypeError)


def address(name: str) -> str:
    return settings.PUBLIC_URL + reverse(f"sandbox:{name}")


def own_key() -> ECKey:
    """The key by which it proves itself (private_key_jwt): made from this installation's secret, so kept nowhere."""
    digest = salted_hmac("services.oidc.sandbox", CLIENT_ID, algorithm="sha256").digest()
    number = int.from_bytes(digest[:31])  # below the order of the curve
    pem = ec.derive_private_key(number, ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return ECKey.import_key(pem)


def public_key() -> dict[str, Any]:
    return own_key().as_dict(private=False)


def get(url: str) -> dict[str, Any]:
    answer = requests.get(url, timeout=TIMEOUT)
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()
    return told


def discover() -> dict[str, Any]:
    """What the portal says of itself (OIDC Discovery 1.0 4.3)."""
    told = get(f"{settings.PUBLIC_URL}/.well-known/openid-configuration")
    if told["issuer"] != settings.PUBLIC_URL:
        raise ValueError("issuer")
    return told


def session(**more: Any) -> OAuth2Session:
    made = OAuth2Session(
        CLIENT_ID,
        own_key(),
        token_endpoint_auth_method=PrivateKeyJWT.name,
        redirect_uri=address("callback"),
        scope=SCOPES,
        code_challenge_method="S256",
        default_timeout=TIMEOUT,
        **more,
    )
    made.register_client_auth_method(PrivateKeyJWT(alg="ES256"))
    return made


def begin(language: str) -> tuple[str, dict[str, str]]:
    """Where to send the browser, and what must come back."""
    pending = {name: secrets.token_urlsafe(48) for name in ("state", "nonce", "code_verifier")}
    with session() as portal:
        url, _state = portal.create_authorization_url(
            discover()["authorization_endpoint"], ui_locales=language, **pending
        )
    return url, pending


def finish(came: dict[str, str], pending: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Turn what the browser brought back into tokens, claims of the ID token, and claims of userinfo.

    Raises:
        NotSignedIn
    """
    if not pending or not secrets.compare_digest(came.get("state", "").encode(), pending["state"].encode()):
        raise NotSignedIn("state")
    try:
        told = discover()
        if came.get("iss") != told["issuer"]:  # RFC 9207
            raise NotSignedIn("iss")
        if "error" in came:
            raise NotSignedIn(" ".join(filter(None, [came["error"], came.get("error_description")])))
        with session() as portal:
            tokens = portal.fetch_token(
                told["token_endpoint"],
                grant_type="authorization_code",
                code=came["code"],
                code_verifier=pending["code_verifier"],
            )
            claims = verified(tokens, told, nonce=pending["nonce"])
            return dict(tokens), claims, userinfo(portal, told, claims)
    except FAILURES as error:
        raise NotSignedIn(str(error) or type(error).__name__) from error


def renew(tokens: dict[str, Any], sub: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The same with the refresh token: the portal looks anew at what the person may.

    Raises:
        NotSignedIn: not any more.
    """
    try:
        told = discover()
        with session(token=tokens) as portal:
            new = portal.refresh_token(told["token_endpoint"], refresh_token=tokens["refresh_token"])
            claims = verified(new, told)
            if claims["sub"] != sub:  # OIDC Core 12.2
                raise NotSignedIn("sub")
            return dict(new), claims, userinfo(portal, told, claims)
    except FAILURES as error:
        raise NotSignedIn(str(error) or type(error).__name__) from error


def userinfo(portal: OAuth2Session, told: dict[str, Any], claims: dict[str, Any]) -> dict[str, Any]:
    answer = portal.get(told["userinfo_endpoint"])
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    if found["sub"] != claims["sub"]:  # OIDC Core 5.3.2
        raise NotSignedIn("sub")
    return found


def verified(tokens: dict[str, Any], told: dict[str, Any], *, nonce: str = "") -> dict[str, Any]:
    """The claims of an ID token, once signature, iss, aud, exp, at_hash and nonce are what they must be."""
    token = decoded(tokens["id_token"], told)
    expected = {"iss": {"essential": True, "value": told["issuer"]}, "aud": {"essential": True, "value": CLIENT_ID}}
    known = {"nonce": nonce, "client_id": CLIENT_ID, "access_token": tokens["access_token"]}
    CodeIDToken(token.claims, token.header, expected, known).validate(leeway=LEEWAY)
    return dict(token.claims)


def decoded(token: str, told: dict[str, Any]) -> jwt.Token:
    published: Any = get(told["jwks_uri"])
    return jwt.decode(token, KeySet.import_key_set(published), algorithms=ALGORITHMS)


def signed_out(logout_token: str) -> dict[str, Any]:
    """The claims of a logout token (Back-Channel Logout 1.0 2.6).

    Raises:
        NotSignedIn: it is none, or not for us.
    """
    try:
        told = discover()
        token = decoded(logout_token, told)
        expected = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": told["issuer"]},
            aud={"essential": True, "value": CLIENT_ID},
            iat={"essential": True},
            exp={"essential": True},
        )
        expected.validate(token.claims)
    except FAILURES as error:
        raise NotSignedIn(str(error) or type(error).__name__) from error
    claims = dict(token.claims)
    events = claims.get("events")
    if not isinstance(events, dict) or LOGOUT not in events or "nonce" in claims:
        raise NotSignedIn("events")
    if not claims.get("sid") and not claims.get("sub"):
        raise NotSignedIn("sid")
    return claims


def farewell(tokens: dict[str, Any]) -> str:
    """Where a browser signs out of the portal, and with it of every e-service (RP-Initiated Logout 1.0)."""
    query = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": address("home")}
    made = requests.Request("GET", discover()["end_session_endpoint"], params=query).prepare()
    return str(made.url)


def parts(token: str) -> list[str]:
    """Header and payload of a signed token, to look at."""
    found = [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in token.split(".")[:2]]
    return [json.dumps(part, indent=2, ensure_ascii=False) for part in found]
