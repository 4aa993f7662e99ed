"""Sessions of signed-in people: how long they last, where they are, and how they end.

`SESSION_ENGINE` names this module. Departure, loss of the administrator power and suspension of the entity end
sessions by trigger (migration 0005), whoever causes them; a new password ends the others here.
"""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.contrib import auth
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from entity_portal.messaging import notifications
from entity_portal.ratelimit import client_address
from staff.models import Session, StaffLogin
from staff.models.session import ABSOLUTE, AT_MOST, IDLE, SessionStore, moment

__all__ = ["SessionStore"]

TOUCH_EVERY = timedelta(minutes=1)  # a page more often than that writes nothing
PROOF_LASTS = timedelta(minutes=15)  # since the password was typed, for what asks for it again (ASVS 7.5.3)
PAGES = "proven_pages"
SHOWN = "recovery_codes"
SHOWN_FOR = timedelta(minutes=10)
PASSIVE = "leaves_the_session_alone"


def passive(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view that is asked by the page and not by the person: it does not keep a session alive."""
    setattr(view, PASSIVE, True)
    return view


read_with_session: ContextVar[StaffLogin | None] = ContextVar("read_with_session", default=None)


class Authentication(AuthenticationMiddleware):
    """`request.user` as Django finds it; the backend takes the login that was read with the session (A68)."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user(request))  # type: ignore[assignment]


def _user(request: HttpRequest) -> Any:
    request.session.get(SESSION_KEY)  # reads it, where nobody has yet
    held = read_with_session.set(request.session.login)  # type: ignore[attr-defined]
    try:
        return auth.get_user(request)
    finally:
        read_with_session.reset(held)


class KeepAlive:
    """Remember when and from where a session was used last; after half an hour without that it is over."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if request.user.is_authenticated and not getattr(view, PASSIVE, False):
            session = request.session
            if "used_at" not in session or timezone.now() - moment(session, "used_at") >= TOUCH_EVERY:
                touch(request)


def whereabouts(request: HttpRequest) -> dict[str, str]:
    """Whence a request comes, for history: `address`, and `agent`, what the browser says it is."""
    return {
        "address": client_address(request)[:45],
        "agent": request.headers.get("User-Agent", "").replace("\x00", "")[:200],
    }


def touch(request: HttpRequest) -> None:
    """The session was used now, from where the request comes."""
    session, now = request.session, timezone.now()
    session.setdefault("since", now.isoformat())
    session.setdefault("sid", str(uuid4()))
    session["used_at"] = now.isoformat()
    session.update(whereabouts(request))


def begin(request: HttpRequest, login: StaffLogin) -> None:
    """The session of someone who has just come in; of too many, those used longest ago end."""
    now = timezone.now()
    request.session["since"] = request.session["proven_at"] = now.isoformat()
    request.session["sid"] = str(uuid4())
    touch(request)
    others = login.sessions.exclude(session_key=request.session.row_key).order_by("-used_at")  # type: ignore[attr-defined]
    Session.objects.filter(pk__in=others.values("pk")[AT_MOST - 1 :]).delete()


def end(login: StaffLogin, *, besides: str = "") -> int:
    """End the sessions of a login, but the one whose row has the key `besides`; return how many there were."""
    return login.sessions.exclude(session_key=besides).delete()[0]


def left(request: HttpRequest) -> tuple[int, bool]:
    """(seconds until this session ends, whether using it puts that off)."""
    session, now = request.session, timezone.now()
    by_use, at_all = moment(session, "used_at") + IDLE, moment(session, "since") + ABSOLUTE
    return max(0, int((min(by_use, at_all) - now).total_seconds())), by_use < at_all


def proven(request: HttpRequest) -> bool:
    """The person typed their password in this session within the last quarter of an hour."""
    proof = request.session.get("proven_at")
    return proof is not None and timezone.now() - datetime.fromisoformat(proof) < PROOF_LASTS


def remember_proof(request: HttpRequest) -> None:
    request.session["proven_at"] = timezone.now().isoformat()


def remember_page(request: HttpRequest) -> None:
    """This page was opened with that proof."""
    now = timezone.now()
    pages = {page: at for page, at in request.session.get(PAGES, {}).items() if now - datetime.fromisoformat(at) < IDLE}
    request.session[PAGES] = pages | {request.path: now.isoformat()}


def opened_with_proof(request: HttpRequest) -> bool:
    """This page was opened with that proof within the last half hour."""
    at = request.session.get(PAGES, {}).get(request.path)
    return at is not None and timezone.now() - datetime.fromisoformat(at) < IDLE


def show_for_a_while(request: HttpRequest, recovery: list[str]) -> None:
    """Keep recovery codes for the page that shows them, to the person they belong to, until they have kept them."""
    kept = {"login": int(request.session[SESSION_KEY]), "codes": recovery, "at": timezone.now().isoformat()}
    request.session[SHOWN] = kept


def shown_for_a_while(request: HttpRequest) -> list[str]:
    """What `show_for_a_while` kept; nothing to anybody else, or after ten minutes."""
    kept = request.session.get(SHOWN)
    if kept and kept["login"] == request.user.pk and timezone.now() < moment(kept, "at") + SHOWN_FOR:
        return kept["codes"]
    request.session.pop(SHOWN, None)
    return []


def context(request: HttpRequest) -> dict[str, Any]:
    """For every page behind the door: `session_left` for the warning, `unread` for the bell; asked only there.

    Whoever was just let in has not been read with their `unread` yet.
    """

    def unread() -> int:
        user = request.user
        return user.unread if hasattr(user, "unread") else notifications.unread(user.euid)  # type: ignore[union-attr]

    return {"session_left": SimpleLazyObject(lambda: left(request)), "unread": SimpleLazyObject(unread)}
