"""The API for e-services: the rights of one login, of all, and what has changed. `schema` describes it."""

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from entity_portal.access import public
from entity_portal.errors import not_allowed
from services.api import cursors, operations, queries
from services.api.access import Refused, for_client
from services.api.models import Change, Held
from services.api.schema import DEFAULT_LIMIT, MAX_LIMIT, document
from services.oidc.claims import group_claim
from services.oidc.models import Client, SubjectType
from services.oidc.views.metadata import for_everybody
from staff.models import StaffLogin

LIMIT = re.compile(r"[1-9][0-9]{0,2}")
PAGE, CHANGES = "authorizations", "changes"


def who(client: Client, login: StaffLogin) -> dict[str, str]:
    """A login as the client knows it; a pairwise one gets no EUID, with which two e-services could compare."""
    name = "sub" if client.subject_type == SubjectType.PAIRWISE else "euid"
    return {name: client.subject_of(login), "entity_number": login.entity.number}


@for_client("authorizations")
def authorization(request: HttpRequest, client: Client, subject: str) -> dict[str, Any]:
    """May this login use the e-service now, and by which groups; else why not."""
    login = queries.login_of(client, subject)
    if login is None:
        raise Refused(404, "unknown_login", "No login of this name has to do with this e-service.")
    rows, reason = queries.standing(login, client.service)
    return who(client, login) | {
        "authorized": reason is None,
        "groups": [group_claim(row) for row in rows],
        "reason": reason,
    }


@for_client("authorizations")
def authorizations(request: HttpRequest, client: Client) -> dict[str, Any]:
    """All rights at the e-service, page by page, and from where to read their changes afterwards.

    What changes while the pages are read stands behind `changes_cursor`, which is older than the first of them.
    """
    limit, service = limit_of(request), client.service
    given = cursor_of(request, client, PAGE) if "after" in request.GET else None
    operations.note_changes(service)
    after, since = given or (0, queries.last_change(service))
    rows = queries.held_after(service, after, limit)
    page = rows[:limit]
    remember(client, page)
    more = len(rows) > limit
    return {
        "authorizations": [who(client, row.login) | {"group": group_claim(row)} for row in page],
        "next": cursors.made(service, PAGE, page[-1].pk, since) if more else None,
        "changes_cursor": cursors.made(service, CHANGES, since),
    }


@for_client("changes")
def changes(request: HttpRequest, client: Client) -> dict[str, Any]:
    """Who has gained or lost what, in order, from a cursor on. Asking again with the same cursor skips nothing."""
    limit, service = limit_of(request), client.service
    given = cursor_of(request, client, CHANGES) if "after" in request.GET else None
    operations.note_changes(service)
    (after,) = given or (0,)
    rows = queries.changes_after(service, after, limit)
    forgotten = queries.forgotten_to(service)  # after the rows: what is deleted between the two is noticed
    if given and after < forgotten:
        raise Refused(410, "cursor_expired", "Read all authorizations again, then go on from their changes_cursor.")
    page = rows[:limit]
    remember(client, page)
    return {
        "changes": [who(client, row.login) | change(row) for row in page],
        "next": cursors.made(service, CHANGES, page[-1].pk if page else max(after, forgotten)),
        "more": len(rows) > limit,
    }


def change(row: Change) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "group": group_claim(row),
        "reason": row.reason or None,
        "at": row.at.isoformat(timespec="seconds"),
    }


def remember(client: Client, page: Sequence[Change | Held]) -> None:
    """Who reads of people under pairwise names may ask about each by them."""
    if client.subject_type == SubjectType.PAIRWISE and page:
        operations.remember(client, [row.login for row in page])


def limit_of(request: HttpRequest) -> int:
    given = request.GET.get("limit", str(DEFAULT_LIMIT))
    if LIMIT.fullmatch(given) and int(given) <= MAX_LIMIT:
        return int(given)
    raise Refused(400, "bad_limit", f"A number from 1 to {MAX_LIMIT}.")


def cursor_of(request: HttpRequest, client: Client, what: str) -> tuple[int, ...]:
    try:
        return cursors.read(client.service, what, request.GET["after"])
    except cursors.BadCursor as error:
        raise Refused(400, "bad_cursor", "Not a cursor that this e-service was given here.") from error


@public
@csrf_exempt  # for the 405
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1"""
    if request.method not in ("GET", "HEAD"):
        return not_allowed(request, ())
    return for_everybody(document(settings.PUBLIC_URL))
