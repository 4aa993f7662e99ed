"""What an e-service is told about who signed in (OIDC Core 5.1; the portal's own are in docs/e-services.md)."""

from collections.abc import Callable
from datetime import date
from typing import Any, Protocol

from services import queries
from services.models import ServiceGroup
from services.oidc.models import SignIn, SubjectType

LANGUAGES = {"zh-hant": "zh-Hant", "pt": "pt", "en": "en"}  # ours -> BCP 47, as claims name them (Core 5.2)


def by_language(claim: str, zh: str, other: str, tag: str = "") -> dict[str, str]:
    """`name` in Latin letters, `name#zh-Hant` in Chinese, each where there is one; the plain claim always."""
    claims = {claim: other or zh}
    if zh:
        claims[f"{claim}#zh-Hant"] = zh
    if tag and other:
        claims[f"{claim}#{tag}"] = other
    return claims


def openid(sign_in: SignIn) -> dict[str, Any]:
    """A pairwise client gets no EUID: with it two e-services could compare."""
    subject = {"sub": sign_in.client.subject_of(sign_in.login)}
    return subject if sign_in.client.subject_type == SubjectType.PAIRWISE else subject | {"euid": sign_in.login.euid}


def profile(sign_in: SignIn) -> dict[str, Any]:
    login = sign_in.login
    return by_language("name", login.name_zh, login.name_foreign) | {
        "preferred_username": login.username,
        "locale": LANGUAGES.get(login.language, "zh-Hant"),
    }


def email(sign_in: SignIn) -> dict[str, Any]:
    """Verified: the person opened a link sent there."""
    login = sign_in.login
    if not login.email:
        return {}
    proven = login.email_changes.filter(email=login.email, used_at__isnull=False).exists()
    return {"email": login.email, "email_verified": proven}


def phone(sign_in: SignIn) -> dict[str, Any]:
    """Verified: the activation code went there."""
    return {"phone_number": sign_in.login.mobile, "phone_number_verified": True}


def entity(sign_in: SignIn) -> dict[str, Any]:
    house = sign_in.login.entity
    names = by_language("entity_name", house.name_zh, house.name_pt, "pt")
    return {"entity_number": house.number, "entity_kind": house.kind} | names


def service_groups(sign_in: SignIn) -> dict[str, Any]:
    """The groups of this e-service that the person is in now, and of no other."""
    rows = queries.rights(sign_in.login, sign_in.client.service)
    return {"service_groups": [group_claim(row) for row in rows]}


class Dated(Protocol):
    """A group with days: an assignment, or what was told of one."""

    @property
    def group(self) -> ServiceGroup: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_until(self) -> date | None: ...


def group_claim(row: Dated) -> dict[str, Any]:
    """`{"code", "name", "name#zh-Hant", "name#pt", "valid_from", "valid_until"}`; days as YYYY-MM-DD or null."""
    return {
        "code": row.group.code,
        "name": row.group.name_en,
        "name#zh-Hant": row.group.name_zh,
        "name#pt": row.group.name_pt,
        "valid_from": row.valid_from and row.valid_from.isoformat(),
        "valid_until": row.valid_until and row.valid_until.isoformat(),
    }


BY_SCOPE: dict[str, Callable[[SignIn], dict[str, Any]]] = {
    "openid": openid,
    "profile": profile,
    "email": email,
    "phone": phone,
    "entity": entity,
    "service_groups": service_groups,
}
SUPPORTED = [
    *("sub", "sid", "auth_time", "acr", "amr", "nonce", "euid", "name", "preferred_username", "locale"),
    *("email", "email_verified", "phone_number", "phone_number_verified"),
    *("entity_number", "entity_kind", "entity_name", "service_groups"),
]


def claims_of(sign_in: SignIn, scopes: list[str]) -> dict[str, Any]:
    """What these scopes let an e-service know of the person, now."""
    claims: dict[str, Any] = {}
    for scope, made in BY_SCOPE.items():
        if scope in scopes:
            claims |= made(sign_in)
    return claims
