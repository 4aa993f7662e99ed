"""What can happen to clients and sign-ins."""

import secrets
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from services.models import EService
from services.oidc.models import AccessToken, Client, Code, Consent, PushedRequest, SignIn, UsedAssertion
from services.oidc.queries import LASTS
from staff.models import StaffLogin


def secret_digest(secret: str) -> str:
    """What is kept of a client's secret. It is 256 random bits, so a slow hash would protect nothing."""
    return sha256(secret.encode()).hexdigest()


@transaction.atomic
def new_secret(*, client: Client, by: StaffLogin | None) -> str:
    """Give a client a new secret, shown once; the old one is worth nothing from now."""
    secret = secrets.token_urlsafe(32)
    client.client_secret = secret_digest(secret)
    client.save(update_fields=["client_secret", "updated"])
    record(Action.CLIENT_SECRET_MADE, entity="", actor=by, target=client.client_id, service=client.service.code)
    return secret


def end(sign_in: SignIn, *, known: bool = False) -> None:
    """End a sign-in: its code and tokens are worth nothing from now, and the client is told unless it knows."""
    now = timezone.now()
    SignIn.objects.filter(pk=sign_in.pk, ended_at=None).update(ended_at=now, told_at=now if known else None)


def end_session(client: Client, sid: str) -> None:
    """End what a client has of a session of the portal, as the client itself asks."""
    now = timezone.now()
    client.sign_ins.filter(sid=sid, ended_at=None).update(ended_at=now, told_at=now)


@transaction.atomic
def leave_service(*, login: StaffLogin, service: EService) -> None:
    """End a login's sign-ins at an e-service, and forget what the person agreed to tell it (ASVS 10.4.9, 10.7.3)."""
    now = timezone.now()
    SignIn.objects.filter(login=login, client__service=service, ended_at=None).update(ended_at=now)
    Consent.objects.filter(login=login, client__service=service).delete()
    record(
        Action.SIGNED_OUT_AT_SERVICE,
        entity=login.entity.number,
        actor=login,
        target=login.euid,
        service=service.code,
    )


def forget() -> None:
    """Delete what is of no use any more: sign-ins and tokens a day after they could last, requests and proofs."""
    now = timezone.now()
    old: datetime = now - LASTS * 4
    SignIn.objects.filter(created_at__lt=old).delete()
    AccessToken.objects.filter(expires__lt=old).delete()
    Code.objects.filter(expires__lt=old).delete()
    PushedRequest.objects.filter(expires__lt=now).delete()
    UsedAssertion.objects.filter(expires__lt=now).delete()
