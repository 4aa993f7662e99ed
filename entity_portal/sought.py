"""What somebody looks for, sealed, so that an address that has it tells it to no log and no bystander (ASVS 14.2.1).

A seal opens in the session in which it was made: for nobody else, and not after the session has ended. It is nonce,
ciphertext and tag of AES-256-GCM in base64url.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

NONCE = 12  # bytes (NIST SP 800-38D)


def _cipher(request: HttpRequest) -> AESGCM:
    return AESGCM(salted_hmac("entity_portal.sought", request.session["sid"], algorithm="sha256").digest())


def sealed(request: HttpRequest, words: str) -> str:
    """The words, for an address; whoever asks is signed in."""
    nonce = secrets.token_bytes(NONCE)
    whole = nonce + _cipher(request).encrypt(nonce, words.encode(), None)
    return urlsafe_b64encode(whole).decode().rstrip("=")


def opened(request: HttpRequest, seal: str) -> str:
    """The words again; "" where they were not sealed, or not in this session."""
    try:
        whole = urlsafe_b64decode(f"{seal}==")
        return _cipher(request).decrypt(whole[:NONCE], whole[NONCE:], None).decode()
    except (InvalidTag, ValueError):
        return ""
