"""The door: the password, and what wrong ones do."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from django.contrib.auth.hashers import check_password as verify
from django.contrib.auth.hashers import get_hasher, identify_hasher, make_password
from django.db import transaction
from django.utils import timezone

from entity_portal import metrics
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.messaging.kinds import Kind
from entity_portal.messaging.models import Purpose
from entity_portal.messaging.operations import queue_sms
from staff import sessions, texts
from staff.models import NOBODY, Session, StaffLogin, Status
from staff.models.login import MAX_FAILED_ATTEMPTS
from staff.operations.notices import administrators_of, notify, tell_by_email

NOWHERE: Mapping[str, str] = {}


@cache
def _decoy() -> str:
    """What is compared where there is no password to compare: it takes as long (A12)."""
    return make_password("nobody's")


def check_password(
    *, entity_number: str, username: str, password: str, where: Mapping[str, str] = NOWHERE
) -> StaffLogin | None:
    """The login that entity number, username and password open (S6.2), or None for every other case alike.

    Never inside a transaction: a rollback would hand a strike back. In each case the same is done: one look, one
    strike, one password hash, one line of history (A11, A12). `where` says whence it came, for the history.
    """
    login = StaffLogin.objects.find(entity_number=entity_number, username=username)
    return login if _judge(login, password, where) else None


def _judge(login: StaffLogin | None, password: str, where: Mapping[str, str] = NOWHERE) -> bool:
    """Strike first, then look at the password; the fifth wrong one in a row locks (S6.3)."""
    knocked_at = login if login and login.is_active else None
    strike = StaffLogin.objects.take_strike(knocked_at.pk if knocked_at else NOBODY)
    # Not login.check_password(), which may save the login: between strike and verdict nothing else is written.
    right = verify(password, knocked_at.password if knocked_at and strike else _decoy())
    if knocked_at and strike and right:
        _renew_hash(knocked_at, password)
        return knocked_at.forget_strikes()
    _record_refusal(login, "wrong password" if strike else _why(login), where)
    if knocked_at and strike == MAX_FAILED_ATTEMPTS:
        _lock(knocked_at)
    return False


def _why(login: StaffLogin | None) -> str:
    """Why not even the password was looked at: for the history, never for the page."""
    if login is None:
        return "unknown"
    if login.status != Status.ACTIVE:
        return str(login.status)
    return "locked" if login.is_active else f"entity {login.entity.status}"


def _renew_hash(login: StaffLogin, password: str) -> None:
    """Hash anew what was hashed by an older way, now that the password is there; unless it has just been changed."""
    preferred = get_hasher()
    if identify_hasher(login.password).algorithm != preferred.algorithm or preferred.must_update(login.password):
        StaffLogin.objects.filter(pk=login.pk, password=login.password).update(password=make_password(password))


@transaction.atomic
def _lock(login: StaffLogin) -> None:
    """Tell the person by SMS and e-mail (Q17), and the administrators; the count itself is the lock."""
    if login.lock_out(timezone.now()):
        queue_sms(to=login.mobile, body=texts.locked(login), purpose=Purpose.LOCKED, entity=login.entity.number)
        tell_by_email(login, texts.locked)
        notify(administrators_of(login.entity, but=login), Kind.LOCKED, about=login.euid, who=[login])
        record(Action.LOCKED, entity=login.entity.number, actor=None, target=login.euid)
        metrics.lockouts.inc()


def _record_refusal(login: StaffLogin | None, why: str, where: Mapping[str, str]) -> None:
    record(
        Action.SIGN_IN_REFUSED,
        entity=login.entity.number if login else "",
        actor=None,
        target=login.euid if login else "",
        why=why,
        **where,
    )


@transaction.atomic
def record_sign_in(
    *, login: StaffLogin, language: str, methods: Sequence[str] = ("pwd",), where: Mapping[str, str] = NOWHERE
) -> None:
    """Someone has come in, by `methods` (RFC 8176); the language they chose at the door becomes theirs."""
    login.come_in(timezone.now(), language)
    record(
        Action.SIGNED_IN,
        entity=login.entity.number,
        actor=login,
        target=login.euid,
        methods=list(methods),
        **where,
    )


def remember_language(*, login: StaffLogin, language: str) -> None:
    """The language of pages and texts for this person. A preference, so without a line in the history."""
    if login.language != language:
        login.language = language
        login.save(update_fields=["language"])


def prove_password(*, login: StaffLogin, password: str) -> bool:
    """Whether it is the person who is signed in; a wrong password counts as at the door."""
    return _judge(login, password)


def change_password(*, login: StaffLogin, old: str, new: str, session: str = "") -> bool:
    """Set a new password if the old one is right (section 八); a wrong old one counts as at the door.

    All other sessions end; `session` is the key of the row of the one that stays.
    """
    return _judge(login, old) and set_password(login=login, new=new, session=session)


def set_password(*, login: StaffLogin, new: str, session: str = "") -> bool:
    """Set a new password for someone who has just proved the old one; False if it was changed meanwhile."""
    verified = login.password_set_at
    with transaction.atomic():
        login.lock()
        if not login.is_active or login.password_set_at != verified:  # reset or departed meanwhile: that wins
            return False
        login.set_password(new)
        login.save(update_fields=["password", "password_set_at", "new_password_demanded_at"])
        sessions.end(login, besides=session)
        tell_by_email(login, texts.password_changed)
        record(Action.PASSWORD_CHANGED, entity=login.entity.number, actor=login, target=login.euid)
    return True


@transaction.atomic
def demand_new_password(*, login: StaffLogin, by: StaffLogin | None, where: Mapping[str, str] = NOWHERE) -> None:
    """Have a login choose a new password at its next sign-in, because the one it has may be known (NIST 3.1.1.2).

    Its sessions end, so that the next sign-in is now.
    """
    login.lock()
    login.new_password_demanded_at = timezone.now()
    login.save(update_fields=["new_password_demanded_at"])
    sessions.end(login)
    record(Action.NEW_PASSWORD_DEMANDED, entity=login.entity.number, actor=by, target=login.euid, **where)


@transaction.atomic
def end_sessions(*, login: StaffLogin, sessions: Iterable[Session]) -> int:
    """End these sessions of a login, as the person wishes; return how many still were."""
    ended = login.sessions.filter(pk__in=[each.pk for each in sessions]).delete()[0]
    if ended:
        record(Action.SESSIONS_ENDED, entity=login.entity.number, actor=login, target=login.euid, ended=ended)
    return ended
