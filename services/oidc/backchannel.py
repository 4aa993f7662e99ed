"""Telling e-services that somebody is signed out (OpenID Connect Back-Channel Logout 1.0)."""

import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

import requests
from django.conf import settings
from django.utils import timezone

from services.oidc.models import Client, SignIn
from services.oidc.queries import LASTS
from services.oidc.tokens import signed

log = logging.getLogger(__name__)
EVENT = "http://schemas.openid.net/event/backchannel-logout"
TOKEN_LASTS = timedelta(minutes=2)
TIMEOUT = (3.05, 5)  # seconds, to connect and to answer


class NotTold(Exception):
    """The e-service did not answer as it should; it is tried again."""


def tell(sign_in_id: str) -> None:
    """Tell the client of an ended sign-in, once for all its sign-ins in the same session.

    Raises:
        NotTold: try again later. A day after the end nobody tries any more: no token of then could be alive.
    """
    sign_in = SignIn.objects.select_related("client__service", "login").filter(pk=sign_in_id).first()
    if sign_in is None:  # forgotten meanwhile
        return
    ended = SignIn.objects.filter(client=sign_in.client, session=sign_in.session, ended_at__isnull=False, told_at=None)
    pending = list(ended.values_list("pk", flat=True))
    if sign_in.ended_at is None or sign_in.told_at or not pending:
        return
    given_up = sign_in.ended_at < timezone.now() - 3 * LASTS
    address = sign_in.client.backchannel_logout_uri
    if address and not given_up:
        try:
            post(address, logout_token(sign_in.client, sign_in))
        except NotTold as trouble:
            log.warning("An e-service was not told of an end and is told again: %s.", trouble)
            raise
    SignIn.objects.filter(pk__in=pending).update(told_at=timezone.now())


def logout_token(client: Client, sign_in: SignIn) -> str:
    now = int(timezone.now().timestamp())
    claims: dict[str, Any] = {
        "iss": settings.PUBLIC_URL,
        "aud": client.client_id,
        "iat": now,
        "exp": now + int(TOKEN_LASTS.total_seconds()),
        "jti": str(uuid4()),
        "sub": client.subject_of(sign_in.login),
        "sid": sign_in.sid,
        "events": {EVENT: {}},
    }
    return signed(client, claims, typ="logout+jwt")


def post(address: str, token: str) -> None:
    try:
        answer = requests.post(address, data={"logout_token": token}, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        raise NotTold(type(error).__name__) from error
    if answer.status_code not in (200, 204):
        raise NotTold(str(answer.status_code))
