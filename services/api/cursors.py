"""Where an e-service has read to: opaque to it, signed, and good for its own lists only."""

from django.core import signing

from services.models import EService


class BadCursor(Exception):
    """Not one that this e-service was given for this list."""


def _signer(service: EService, what: str) -> signing.Signer:
    return signing.Signer(salt=f"services.api.{what}|{service.code}")


def made(service: EService, what: str, *numbers: int) -> str:
    return _signer(service, what).sign_object(numbers)


def read(service: EService, what: str, cursor: str) -> tuple[int, ...]:
    """
    Raises:
        BadCursor
    """
    try:
        return tuple(_signer(service, what).unsign_object(cursor))
    except signing.BadSignature as error:
        raise BadCursor from error
