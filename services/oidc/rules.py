"""What a client may be registered with: addresses, keys, and what goes together. Asked by form and operation alike.

Every rule raises Django's `ValidationError`, whose sentence an officer reads beside the field.
"""

import json
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
LONGEST = 500  # characters of one address
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
KEPT = ("kty", "n", "e", "crv", "x", "y", "kid", "alg", "use")
MOST = 20  # addresses of one kind, or keys, of one client
LEAST_RSA = 2048  # bits


def refused(sentence: Any, what: str) -> ValidationError:
    return ValidationError(sentence, code="address", params={"what": what})


def split(address: str) -> SplitResult:
    """The parts of an absolute address that is ours to compare sign by sign.

    Raises:
        ValidationError
    """
    if len(address) > LONGEST or not sane(address) or {*address} & {*' "<>\\^`{|}'}:
        raise refused(_("“%(what)s” has a sign that an address cannot have, or is too long."), address[:LONGEST])
    try:
        parts = urlsplit(address)
        named = parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        named = None
    if not named or parts.scheme not in {"http", "https"}:
        raise refused(_("“%(what)s” is not a whole address with https:// in front."), address)
    if "*" in address:
        raise refused(_("“%(what)s” has a *: each address is entered whole, none stands for others."), address)
    if "@" in parts.netloc:
        raise refused(_("“%(what)s” has a user name before the host."), address)
    if "#" in address:
        raise refused(_("“%(what)s” has a part after #, which browsers do not send."), address)
    return parts


def encrypted(parts: SplitResult) -> None:
    """An address is of TLS, or in development of this very machine or of the portal itself."""
    if parts.scheme == "https":
        return
    here = LOOPBACK | {urlsplit(settings.PUBLIC_URL).hostname}
    if not (settings.DEVELOPMENT and parts.hostname in here):
        raise refused(_("“%(what)s” does not have https:// in front."), parts.geturl())


def addresses(value: str) -> None:
    """Where browsers may be sent back to: absolute, exact, over TLS (RFC 9700 2.1)."""
    found = value.split()
    if len(found) > MOST:
        raise ValidationError(_("Enter at most %(most)d addresses."), code="many", params={"most": MOST})
    wrong = []
    for address in found:
        try:
            encrypted(split(address))
        except ValidationError as error:
            wrong.append(error)
    if wrong:
        raise ValidationError(wrong)


def listener(address: str) -> None:
    """Where the portal itself posts that somebody is signed out: a named host over TLS, never a number of a network.

    Names are not looked up here: an answer of now says nothing about the moment of use.
    """
    if not address:
        return
    parts = split(address)
    encrypted(parts)
    host = parts.hostname or ""
    named = "." in host and ":" not in host and host.rpartition(".")[2][:1].isalpha()
    if not (named or settings.DEVELOPMENT):
        raise refused(_("“%(what)s” does not name its host as other machines know it."), address)


def public_keys(keys: Any) -> None:
    """Public halves of keys that are long enough (`private_key_jwt`)."""
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise ValidationError(_("This is not a JWK and not a JWK set."), code="keys")
    if len(keys) > MOST:
        raise ValidationError(_("Enter at most %(most)d keys."), code="many", params={"most": MOST})
    for key in keys:
        public_key(key)


def public_key(given: dict[str, Any]) -> None:
    if PRIVATE & {*given}:
        raise ValidationError(
            _("This key has its private half. Make a new pair, and enter only the public half."), code="private"
        )
    if given.get("kty") not in ("RSA", "EC") or given.get("crv", "P-256") != "P-256":
        raise ValidationError(_("Keys are RSA of at least 2048 bits, or EC of the curve P-256."), code="kind")
    if given.get("use", "sig") != "sig":
        raise ValidationError(_("This key is not for signing."), code="use")
    try:
        size = JWK(**public_half(given)).get_op_key("verify").key_size
    except (JWException, ValueError, TypeError, KeyError) as error:
        raise ValidationError(_("This is not a JWK and not a JWK set."), code="keys") from error
    if given["kty"] == "RSA" and size < LEAST_RSA:
        raise ValidationError(_("Keys are RSA of at least 2048 bits, or EC of the curve P-256."), code="kind")


def public_half(given: dict[str, Any]) -> dict[str, str]:
    """What verifies signatures, without what else a JWK may carry (certificates, `key_ops`)."""
    return {name: value for name, value in given.items() if name in KEPT and isinstance(value, str) and sane(value)}


def sane(value: str) -> bool:
    return value.isascii() and value.isprintable()


def read_keys(text: str) -> list[dict[str, str]]:
    """The keys of a pasted JWK or JWK set (RFC 7517).

    Raises:
        ValidationError: this is neither, or one of them is of no use.
    """
    if not text.strip():
        return []
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    keys = told.get("keys", [told]) if isinstance(told, dict) else None
    public_keys(keys)
    return [public_half(key) for key in keys or []]


def write_keys(keys: list[dict[str, str]]) -> str:
    """The keys as a JWK set, as `read_keys` reads them."""
    return json.dumps({"keys": keys}, indent=2) if keys else ""
