"""What is asked of the provider's rows, whenever a token is used."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from entity_portal.rows import only
from services.models import EService
from services.oidc.models import Client, Consent, SignIn
from services.queries import may_use
from staff.models import StaffLogin

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
        and may_use(sign_in.login, sign_in.client.service)
    )


def client_named(name: str) -> Client | None:
    """The client of that `client_id`, disabled or not."""
    rows = Client.objects.select_related("service__department")
    return only(rows.filter(client_id=name)) if name and "\x00" not in name else None


def signed_in_at(login: StaffLogin) -> list[EService]:
    """The e-services a login is signed in at now, or has agreed to tell something, by code."""
    living = SignIn.objects.filter(login=login, ended_at=None, created_at__gt=timezone.now() - LASTS)
    agreed = Consent.objects.filter(login=login)
    clients = Q(clients__in=living.values("client")) | Q(clients__in=agreed.values("client"))
    return list(EService.objects.filter(clients).distinct().order_by("code"))


def authenticated_at(sign_in: SignIn) -> int:
    return int(sign_in.authenticated_at.timestamp())


def seconds_since(moment: datetime) -> float:
    return (timezone.now() - moment).total_seconds()


def acr(methods: list[str]) -> str:
    """`otp` where a one-time code was given besides the password, else `password`."""
    return "otp" if "mfa" in methods else "password"


ACR_VALUES: list[Any] = ["otp", "password"]
