"""What can happen to a staff login. Every write goes through here: one transaction, one rule under a lock, one line.

Lock order everywhere: entity, then login, then code.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.hashers import check_password as verify
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Entity
from entity_portal import codes
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.messaging.models import SMS, Purpose
from entity_portal.messaging.operations import queue_sms
from entity_portal.text import mask
from staff import texts
from staff.models import NEXT_STATUSES, ResetCode, StaffLogin, Status


class NotAdministrator(PermissionDenied):
    """Whoever acts is not, or no longer, an active administrator of the entity (S9.1, S11.1)."""


class PersonExists(Exception):
    """The entity has a non-departed login with this document already (Q25)."""


class LastAdministrator(Exception):
    """The entity would be left without one who can act (S3.4, Q3)."""


class StatusNotAllowed(Exception):
    """The login's status does not lead there; `args` are the status it has and the one that was asked for."""


class DataFrozen(Exception):
    """`args[0]` names the fields that may not be changed: activated (S10.2), departed, an administrator's (S10.3)."""


class UsernameTaken(Exception):
    """Another login of the entity has it, in whatever case (Q16)."""


# --- people ---


@transaction.atomic
def create_login(*, entity: Entity, by: StaffLogin | None, is_administrator: bool = False, **person: Any) -> StaffLogin:
    """Open a login, 未啟動, for a person (section 九). Nothing is sent (S9.8).

    `by` is None only where the authority opens the entity's first administrator. `person` holds the fields of S9.3.

    Raises:
        NotAdministrator, PersonExists
    """
    Entity.objects.lock(entity)
    _demand_administrator(by, entity)
    _demand_no_other_login(entity, person["document_type"], person["document_number"])
    login = StaffLogin.objects.create(entity=entity, is_administrator=is_administrator, **person)
    record(Action.LOGIN_CREATED, entity=entity.number, actor=by, target=login.euid, administrator=is_administrator)
    return login


@transaction.atomic
def change_login(*, login: StaffLogin, by: StaffLogin, data: Mapping[str, Any]) -> bool:
    """Change what `data` gives anew (section 十); return whether anything did change.

    Before activation everything, afterwards the e-mail address alone; an administrator's data never (S10.1 to S10.3).

    Raises:
        NotAdministrator, PersonExists
        DataFrozen: naming the fields.
    """
    Entity.objects.lock(login.entity)
    _demand_administrator(by, login.entity)
    login.lock()
    changed = {field: value for field, value in data.items() if getattr(login, field) != value}
    if frozen := changed.keys() & frozen_fields(login):
        raise DataFrozen(frozenset(frozen))
    if not changed:
        return False
    if changed.keys() & {"document_type", "document_number"}:
        number = (data.get(field, getattr(login, field)) for field in ("document_type", "document_number"))
        _demand_no_other_login(login.entity, *number, besides=login)
    was_and_is = {
        field: [mask(str(getattr(login, field) or "")), mask(str(value or ""))] for field, value in changed.items()
    }
    for field, value in changed.items():
        setattr(login, field, value)
    login.save(update_fields=changed)
    record(Action.LOGIN_CHANGED, entity=login.entity.number, actor=by, target=login.euid, changes=was_and_is)
    return True


def frozen_fields(login: StaffLogin) -> frozenset[str]:
    """The fields of S10.5 that an administrator may not change any more."""
    if login.is_administrator or login.status == Status.DEPARTED:
        return frozenset(StaffLogin.IDENTITY_FIELDS) | {"email"}
    return frozenset() if login.status == Status.PENDING else frozenset(StaffLogin.IDENTITY_FIELDS)


@transaction.atomic
def depart(*, login: StaffLogin, by: StaffLogin) -> None:
    """Mark a login as 已離職, for good (section 十一). What it could do ends with the status, at once (Q25).

    Raises:
        NotAdministrator
        LastAdministrator: the entity would be left with none (S3.4).
        StatusNotAllowed: it has departed already.
    """
    Entity.objects.lock(login.entity)  # before the logins: two administrators removing each other meet here
    _demand_administrator(by, login.entity)
    login.lock()
    if Status.DEPARTED not in NEXT_STATUSES[login.status]:
        raise StatusNotAllowed(login.status, Status.DEPARTED)
    if login.is_administrator:
        _demand_another_administrator(login, by)
    was = login.status
    login.status, login.departed_at = Status.DEPARTED, timezone.now()
    login.save(update_fields=["status", "departed_at"])
    record(Action.LOGIN_DEPARTED, entity=login.entity.number, actor=by, target=login.euid, was=was)


@transaction.atomic
def remove_administrator(*, login: StaffLogin, by: StaffLogin) -> None:
    """Take the administrator power away and keep the staff login (Q4, Q5). It comes back only by an application.

    Raises:
        NotAdministrator, LastAdministrator
        StatusNotAllowed: the login has departed, or is no administrator.
    """
    Entity.objects.lock(login.entity)
    _demand_administrator(by, login.entity)
    login.lock()
    if login.status == Status.DEPARTED or not login.is_administrator:
        raise StatusNotAllowed(login.status, "staff")
    _demand_another_administrator(login, by)
    login.is_administrator = False
    login.save(update_fields=["is_administrator"])
    record(Action.ADMINISTRATOR_REMOVED, entity=login.entity.number, actor=by, target=login.euid)


def activate(*, login: StaffLogin, username: str, password: str, birth_date: date) -> None:
    """Make a 未啟動 login 生效中 with the username and password its person chose: the only way there (S5.15).

    The caller, `activation.operations.activate`, has locked the login, used up its code and records the act.
    A birth date that was not given at creation is stored (Q12).

    Raises:
        StatusNotAllowed: it is not 未啟動 any more.
        UsernameTaken
    """
    if Status.ACTIVE not in NEXT_STATUSES[login.status]:
        raise StatusNotAllowed(login.status, Status.ACTIVE)
    login.status, login.activated_at = Status.ACTIVE, timezone.now()
    login.username, login.birth_date = username, birth_date
    login.set_password(password)
    try:
        with transaction.atomic():
            login.save(update_fields=["status", "activated_at", "username", "birth_date", "password"])
    except IntegrityError as error:
        if "staff_username_unique_in_entity" in str(error):
            raise UsernameTaken from error
        raise


def record_reveal(*, login: StaffLogin, by: StaffLogin, what: str) -> None:
    """Masked data are about to be shown in full (Q28)."""
    record(Action.DATA_REVEALED, entity=login.entity.number, actor=by, target=login.euid, what=what)


def record_export(*, entity: Entity, by: StaffLogin, rows: int) -> None:
    """The staff list is about to be downloaded."""
    record(Action.LIST_EXPORTED, entity=entity.number, actor=by, rows=rows)


def _demand_administrator(by: StaffLogin | None, entity: Entity) -> None:
    """Ask under the entity's lock; None is the authority itself."""
    if by and not by.acts_for(entity):
        raise NotAdministrator


def _demand_no_other_login(
    entity: Entity, document_type: str, document_number: str, *, besides: StaffLogin | None = None
) -> None:
    same = entity.logins.filter(document_type=document_type, document_number=document_number)
    same = same.exclude(status=Status.DEPARTED)
    if (same.exclude(pk=besides.pk) if besides else same).exists():
        raise PersonExists


def _demand_another_administrator(login: StaffLogin, by: StaffLogin) -> None:
    """Another administrator must stay; whoever removes themselves must leave one who has activated (Q3)."""
    others = login.entity.logins.filter(is_administrator=True).exclude(pk=login.pk)
    others = others.filter(status=Status.ACTIVE) if by.pk == login.pk else others.exclude(status=Status.DEPARTED)
    if not others.exists():
        raise LastAdministrator


# --- the door ---


def check_password(*, entity_number: str, username: str, password: str) -> StaffLogin | None:
    """The login that entity number, username and password open (S6.2), or None for every other case alike.

    Never inside a transaction: a rollback would hand a strike back. One password hash is computed in each case.
    """
    login = StaffLogin.objects.find(entity_number=entity_number, username=username)
    if login is None:
        make_password(password)
        return None
    if not login.is_active:
        make_password(password)
        _record_refusal(login, login.status if login.status != Status.ACTIVE else f"entity {login.entity.status}")
        return None
    return login if _judge(login, password) else None


def _judge(login: StaffLogin, password: str) -> bool:
    """Strike first, then look at the password; the fifth wrong one in a row locks (S6.3)."""
    if not login.take_strike():
        make_password(password)
        _record_refusal(login, "locked")
        return False
    # Not login.check_password(), which may save the login: between strike and verdict nothing else is written.
    if verify(password, login.password):
        return login.forget_strikes()
    _record_refusal(login, "wrong password")
    _lock_if_out_of_strikes(login)
    return False


@transaction.atomic
def _lock_if_out_of_strikes(login: StaffLogin) -> None:
    if login.lock_if_out_of_strikes(timezone.now()):
        queue_sms(to=login.mobile, entity=login.entity.number, body=texts.locked(login), purpose=Purpose.LOCKED)  # Q17
        record(Action.LOCKED, entity=login.entity.number, actor=None, target=login.euid)


def _record_refusal(login: StaffLogin, why: str) -> None:
    record(Action.SIGN_IN_REFUSED, entity=login.entity.number, actor=None, target=login.euid, why=why)


def record_sign_in(*, login: StaffLogin, language: str) -> None:
    """Someone has come in; the language they chose at the door becomes theirs."""
    remember_language(login=login, language=language)
    record(Action.SIGNED_IN, entity=login.entity.number, actor=login, target=login.euid)


def remember_language(*, login: StaffLogin, language: str) -> None:
    """The language of pages and texts for this person. A preference, so without a line in the history."""
    if login.language != language:
        login.language = language
        login.save(update_fields=["language"])


def change_password(*, login: StaffLogin, old: str, new: str) -> bool:
    """Set a new password if the old one is right (section 八); a wrong old one counts as at the door.

    All other sessions end: their hash of the password no longer fits.
    """
    if not _judge(login, old):
        return False
    verified = login.password
    with transaction.atomic():
        login.lock()
        if not login.is_active or login.password != verified:  # reset or departed meanwhile: that wins
            return False
        login.set_password(new)
        login.save(update_fields=["password"])
        record(Action.PASSWORD_CHANGED, entity=login.entity.number, actor=login, target=login.euid)
    return True


@transaction.atomic
def send_reset_code(*, entity_number: str, username: str, birth_date: date) -> ResetCode | None:
    """Send a code by SMS if the three belong together (Q18); None, for whatever reason, sends nothing.

    The page says the same in both cases.
    """
    login = StaffLogin.objects.find(entity_number=entity_number, username=username)
    if login is None or not login.is_active or login.birth_date != birth_date:
        return None
    login.lock()
    try:
        row, code = ResetCode.issue(login=login)
    except (codes.TooSoon, codes.TooManyToday):
        return login.reset_codes.filter(used_at=None, voided_at=None).first()  # asked twice: the one that was sent
    queue_sms(
        to=login.mobile,
        entity=login.entity.number,
        body=texts.reset_code(login, code),
        purpose=Purpose.RESET,
        not_after=row.expires_at,
    )
    record(Action.RESET_CODE_SENT, entity=login.entity.number, actor=None, target=login.euid)
    return row


def reset_code_is_right(*, row: ResetCode | None, code: str) -> bool:
    """Whether a typed code is the one that was sent; a wrong one costs a try, counted before it is compared."""
    if row is None or not row.take_try() or not row.matches(code):
        return False
    row.give_try_back()
    return True


@transaction.atomic
def reset_password(*, row: ResetCode, new: str) -> bool:
    """Set a new password, unlock, and end all sessions (S6.4, Q18), once per code; False if the code is gone.

    The caller has just had `reset_code_is_right`.
    """
    login = StaffLogin.objects.select_related("entity").get(pk=row.login_id)
    login.lock()
    if not login.is_active or not row.use():
        return False
    login.set_password(new)
    login.failed_attempts, login.locked_at = 0, None
    login.save(update_fields=["password", "failed_attempts", "locked_at"])
    queue_sms(to=login.mobile, entity=login.entity.number, body=texts.password_reset(login), purpose=Purpose.PASSWORD)
    record(Action.PASSWORD_RESET, entity=login.entity.number, actor=None, target=login.euid)
    return True


@transaction.atomic
def remind_username(*, entity_number: str, document_type: str, document_number: str, birth_date: date) -> SMS | None:
    """Send the username by SMS if the data belong to an active login (Q18); None sends nothing, and nobody is told."""
    login = StaffLogin.objects.of_person(
        entity_number=entity_number, document_type=document_type, document_number=document_number
    )
    if login is None or not login.is_active or login.birth_date != birth_date:
        return None
    login.lock()
    sent = SMS.objects.filter(to=login.mobile, purpose=Purpose.USERNAME)
    now = timezone.now()
    if (
        sent.filter(created_at__gt=now - codes.APART).exists()
        or sent.filter(created_at__gt=now - timedelta(days=1)).count() >= codes.PER_DAY
    ):
        return None
    sms = queue_sms(
        to=login.mobile, entity=login.entity.number, body=texts.username_reminder(login), purpose=Purpose.USERNAME
    )
    record(Action.USERNAME_REMINDED, entity=login.entity.number, actor=None, target=login.euid)
    return sms
