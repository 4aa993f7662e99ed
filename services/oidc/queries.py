"""What is asked of the provider's rows, whenever a token is used."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from services.oidc.models import SignIn
from services.queries import may_use

LASTS = timedelta(hours=8)  # a sign-in at an e-service, however often its tokens are renewed


def stands(sign_in: SignIn) -> bool:
    """Whether the tokens of a sign-in are worth something now: it has not ended, and the person still may.

    Asked at the token endpoint, with every refresh, at userinfo and introspection: so a departed person's tokens stop
    at once (Q25).
    """
    return (
        sign_in.ended_at is None
        and timezone.now() < sign_in.created_at + LASTS
        and sign_in.client.is_usable(None)
        and sign_in.login.is_active
        and may_use(sign_in.login, sign_in.client.service)
    )


def authenticated_at(sign_in: SignIn) -> int:
    return int(sign_in.authenticated_at.timestamp())


def seconds_since(moment: datetime) -> float:
    return (timezone.now() - moment).total_seconds()


def acr(methods: list[str]) -> str:
    """`otp` where a one-time code was given besides the password, else `password`."""
    return "otp" if "mfa" in methods else "password"


ACR_VALUES: list[Any] = ["otp", "password"]
