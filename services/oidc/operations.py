"""What can happen to clients and sign-ins."""

import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from services.catalogue.managers import demand_manager
from services.models import EService
from services.oidc.models import (
    AccessToken,
    Authentication,
    Client,
    Consent,
    SignIn,
)
from staff.models import StaffLogin


def secret_digest(secret: str) -> str:
    """What is kept of a client's secret. It is 256 random bits, so a slow hash would protect nothing."""
    return sha256(secret.encode()).hexdigest()


# What an officer decides about a client.
SETTINGS = (
    *("name", "authentication", "public_keys", "redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri"),
    *("subject_type", "scopes", "algorithm", "pkce_required", "par_required", "skip_authorization"),
)


class NoSecret(Exception):
    """This client does not prove itself by a secret."""


class AlreadyRegistered(Exception):
    """A client of this name is there."""


@transaction.atomic
def register_client(
    *, service: EService, by: StaffLogin | None, client_id: str = "", **settings: Any
) -> tuple[Client, str]:
    """Register a client of an e-service; return it with its secret, "" where it has none. The secret is kept nowhere.

    `settings` are some of `SETTINGS`; `by` is None for whoever works on the machine itself.

    Raises:
        NotOfficer: `by` does not look after the department of the e-service.
        ValidationError: by field.
        AlreadyRegistered: there is a client of this `client_id`.
    """
    _demand(by, service)
    client = Client(service=service, **({"client_id": client_id} if client_id else {}))
    _decide(client, settings)
    try:
        with transaction.atomic():
            client.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyRegistered from error
    told = {name: getattr(client, name) for name in SETTINGS}
    record(Action.CLIENT_REGISTERED, entity="", actor=by, target=client.client_id, service=service.code, **told)
    secret = new_secret(client=client, by=by) if client.authentication == Authentication.SECRET else ""
    return client, secret


@transaction.atomic
def change_client(*, client: Client, by: StaffLogin | None, **settings: Any) -> str:
    """Change what was decided about a client; return its secret where it begins to have one, else "".

    A scope that is taken away, nobody has from now: who is signed in there is signed out. Another way to prove itself
    takes the secret away. `sub` can change as long as nobody has signed in: it would give everybody another identity.

    Raises:
        NotOfficer: `by` does not look after the department of the e-service.
        ValidationError: by field.
    """
    _demand(by, client.service)
    client.lock()
    was = {name: getattr(client, name) for name in SETTINGS}
    _decide(client, settings)
    if client.first_sign_in_at and client.subject_type != was["subject_type"]:
        raise ValidationError({"subject_type": ValidationError(_("People have logged in with it."), code="fixed")})
    changed = [name for name in SETTINGS if getattr(client, name) != was[name]]
    if not changed:
        return ""
    client.save()
    if {*was["scopes"].split()} - {*client.scopes.split()}:
        _end_everything_of(client)
    told = {name: [was[name], getattr(client, name)] for name in changed}
    record(Action.CLIENT_CHANGED, entity="", actor=by, target=client.client_id, service=client.service.code, **told)
    begins = "authentication" in changed and client.authentication == Authentication.SECRET
    return new_secret(client=client, by=by) if begins else ""


@transaction.atomic
def new_secret(*, client: Client, by: StaffLogin | None) -> str:
    """Give a client a new secret, shown once; the old one is worth nothing from now.

    Raises:
        NotOfficer: `by` does not look after the department of the e-service.
        NoSecret
    """
    _demand(by, client.service)
    client.lock()
    if client.authentication != Authentication.SECRET:
        raise NoSecret
    secret = secrets.token_urlsafe(32)
    client.client_secret = secret_digest(secret)
    client.save(update_fields=["client_secret", "updated"])
    record(Action.CLIENT_SECRET_MADE, entity="", actor=by, target=client.client_id, service=client.service.code)
    return secret


@transaction.atomic
def disable_client(*, client: Client, by: StaffLogin | None) -> None:
    """Nobody signs in through this client, and what it holds is worth nothing, also after it is enabled again.

    Raises:
        NotOfficer: `by` does not look after the department of the e-service.
    """
    _switch(client, by, timezone.now())


@transaction.atomic
def enable_client(*, client: Client, by: StaffLogin | None) -> None:
    """Undo `disable_client`; people sign in anew.

    Raises:
        NotOfficer: `by` does not look after the department of the e-service.
    """
    _switch(client, by, None)


def _switch(client: Client, by: StaffLogin | None, disabled_at: datetime | None) -> None:
    _demand(by, client.service)
    client.lock()
    if (client.disabled_at is None) == (disabled_at is None):
        return
    was = client.disabled_at
    client.disabled_at = disabled_at
    client.save(update_fields=["disabled_at", "updated"])
    if disabled_at:
        _end_everything_of(client)
    told = [moment and moment.isoformat(timespec="seconds") for moment in (was, disabled_at)]
    service = client.service.code
    record(Action.CLIENT_CHANGED, entity="", actor=by, target=client.client_id, service=service, disabled_at=told)


def _demand(by: StaffLogin | None, service: EService) -> None:
    """`by` looks after the department of the e-service, or works on the machine itself."""
    if by is not None:
        demand_manager(by, service.department)


def _decide(client: Client, settings: dict[str, Any]) -> None:
    for name, value in settings.items():
        if name not in SETTINGS:
            raise TypeError(f"{name} is not for an officer to decide")
        setattr(client, name, value)
    public = client.authentication == Authentication.NONE
    client.client_type = Client.CLIENT_PUBLIC if public else Client.CLIENT_CONFIDENTIAL
    client.authorization_grant_type = Client.GRANT_AUTHORIZATION_CODE
    client.full_clean(validate_unique=False)  # the database says that better


def _end_everything_of(client: Client) -> None:
    """End its sign-ins, of which it hears, and the tokens it has for itself."""
    client.sign_ins.filter(ended_at=None).update(ended_at=timezone.now())
    AccessToken.objects.filter(application=client, sign_in=None).delete()


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
