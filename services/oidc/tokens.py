"""Tokens the portal signs, and how it knows them again."""

import json
from hashlib import sha256
from typing import Any

from django.conf import settings
from jwcrypto.common import JWException
from jwcrypto.jwt import JWT

from services.oidc import keys
from services.oidc.models import Client


def checksum(token: str) -> str:
    """By what a token, or whatever else is not kept itself, is found."""
    return sha256(token.encode()).hexdigest()


def signed(client: Client, claims: dict[str, Any], *, typ: str = "JWT") -> str:
    """A token of the portal for a client, in the algorithm it was registered with."""
    key = keys.signing_key(client.algorithm)
    token = JWT(header={"typ": typ, "alg": key.algorithm, "kid": key.kid}, claims=claims)
    token.make_signed_token(key.jwk)
    return token.serialize()


def verified_id_token(token: str) -> dict[str, Any] | None:
    """The claims of an ID token of ours, expired ones and those of retired keys too; None for anything else.

    It says who somebody was, and opens nothing.
    """
    try:
        made = JWT()
        made.deserialize(token)
        header = json.loads(made.token.objects["protected"])
        key = keys.verifying(header["kid"])
        if key is None or header.get("typ") != "JWT":
            return None
        claims: dict[str, Any] = json.loads(JWT(jwt=token, key=key, algs=list(keys.ALGORITHMS), check_claims={}).claims)
    except (JWException, ValueError, TypeError, KeyError, RecursionError):
        return None
    return claims if claims.get("iss") == settings.PUBLIC_URL and "sid" in claims else None
