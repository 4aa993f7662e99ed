"""The second factor: an authenticator application with recovery codes, a code by SMS where that may stand in for it.

Demanded of officers, of whoever has set an application up, and of those of whom the entity demands it.
"""

from collections.abc import Mapping
from typing import Any

import django_otp
from django.db import transaction
from django_otp.models import Device
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Entity, SecondFactor
from entity_portal import codes
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.messaging.budget import objection
from entity_portal.messaging.models import Purpose
from entity_portal.messaging.operations import queue_sms
from staff import texts
from staff.models import MobilePhone, RecoverySheet, SignInCode, StaffLogin
from staff.operations.door import NOWHERE
from staff.operations.notices import tell_by_email
from staff.operations.people import demand_administrator
from staff.queries import app_of, sms_accepted


class SMSNotAccepted(Exception):
    """A code by SMS does not open this login: an officer's, or one whose password has just been reset by SMS."""


@transaction.atomic
def send_sign_in_code(*, login: StaffLogin) -> SignInCode:
    """Send six digits to the number on record, for someone who has just given the right password.

    Raises:
        SMSNotAccepted
        codes.TooSoon, codes.TooManyToday: one a minute, twenty a day, and what the SMS budget allows.
    """
    login.lock()
    if not sms_accepted(login):
        raise SMSNotAccepted
    if objection(to=login.mobile, purpose=Purpose.SIGN_IN, entity=login.entity.number):
        raise codes.TooManyToday
    row, code = SignInCode.issue(login=login)
    MobilePhone.objects.get_or_create(user=login, defaults={"name": "mobile"})
    queue_sms(
        to=login.mobile,
        body=texts.sign_in_code(login, code),
        purpose=Purpose.SIGN_IN,
        not_after=row.expires_at,
        entity=login.entity.number,
    )
    record(Action.SIGN_IN_CODE_SENT, entity=login.entity.number, actor=None, target=login.euid)
    return row


def verify(*, login: StaffLogin, device: Device | None, token: str, where: Mapping[str, str] = NOWHERE) -> bool:
    """Whether the device accepts the code: each code once, also when it comes many times at once (A127)."""
    if isinstance(device, MobilePhone) and not sms_accepted(login):
        return False
    if device is None or django_otp.verify_token(login, device.persistent_id, token) is None:
        record(
            Action.SIGN_IN_REFUSED,
            entity=login.entity.number,
            actor=None,
            target=login.euid,
            why="wrong code",
            **where,
        )
        return False
    if isinstance(device, RecoverySheet):
        _tell(login, Action.RECOVERY_CODE_USED, by=login, left=device.left, **where)
    return True


@transaction.atomic
def begin_app(*, login: StaffLogin) -> TOTPDevice:
    """Make the key of an application that is to be set up; it counts from the first code that proves it.

    Which session may see the key and prove it is the caller's business: that of the person who began.
    """
    login.lock()
    TOTPDevice.objects.filter(user=login, confirmed=False).delete()
    return TOTPDevice.objects.create(user=login, name="app", confirmed=False)


def confirm_app(
    *,
    login: StaffLogin,
    begun: TOTPDevice | None,
    replaces: int | None,
    token: str,
    where: Mapping[str, str] = NOWHERE,
) -> list[str] | None:
    """Set an application up with its first code; return the recovery codes, which nobody can see again.

    `replaces` is the key of the application that was proved before this one was begun, None where there was none: if
    another one has been set up since, nothing changes. The old application and its recovery codes end. None: the code
    was wrong, or what was begun does not stand any more.
    """
    if begun is None or django_otp.verify_token(login, begun.persistent_id, token) is None:
        return None
    with transaction.atomic():
        login.lock()
        present = app_of(login)
        waiting = TOTPDevice.objects.filter(pk=begun.pk, user=login, confirmed=False)
        if (present.pk if present else None) != replaces or not waiting.exists():
            return None  # nothing has been written
        if present:
            present.delete()
        waiting.update(confirmed=True)
        recovery = RecoverySheet.write(login)
        _tell(login, Action.SECOND_FACTOR_SET_UP, by=login, **where)
    return recovery


@transaction.atomic
def new_recovery_codes(*, login: StaffLogin, where: Mapping[str, str] = NOWHERE) -> list[str]:
    """Ten new recovery codes; the old ones end. The caller has seen a code of the application or an old one."""
    login.lock()
    recovery = RecoverySheet.write(login)
    _tell(login, Action.RECOVERY_CODES_RENEWED, by=login, **where)
    return recovery


def remove_app(*, login: StaffLogin, where: Mapping[str, str] = NOWHERE) -> bool:
    """Take the application and its recovery codes away; False for officers, of whom it is demanded.

    The caller has seen a code of the application or a recovery code.
    """
    if login.is_staff:
        return False
    return take_app_away(login=login, by=login, where=where)


@transaction.atomic
def take_app_away(*, login: StaffLogin, by: StaffLogin | None, where: Mapping[str, str] = NOWHERE) -> bool:
    """Take the application and its recovery codes away, `by` None: the authority, which has proved who the person is.

    Where a second factor is demanded, the next sign-in goes by SMS (officers set up an application there). False: there
    was none.
    """
    login.lock()
    if app_of(login) is None:
        return False
    RecoverySheet.tear_up(login)
    TOTPDevice.objects.filter(user=login).delete()
    _tell(login, Action.SECOND_FACTOR_REMOVED, by=by, **where)
    return True


def _tell(login: StaffLogin, action: Action, by: StaffLogin | None = None, **data: Any) -> None:
    """Write it down, and tell the person by SMS and e-mail, in case it was not them (NIST SP 800-63B-4, 4.6)."""
    with transaction.atomic():
        queue_sms(
            to=login.mobile,
            body=texts.second_factor_changed(login),
            purpose=Purpose.SECOND_FACTOR,
            entity=login.entity.number,
        )
        tell_by_email(login, texts.second_factor_changed)
        record(action, entity=login.entity.number, actor=by, target=login.euid, **data)


@transaction.atomic
def demand_second_factor(*, entity: Entity, by: StaffLogin, of: SecondFactor) -> bool:
    """Demand a second factor at sign-in of nobody, of administrators or of all; return whether that is new.

    Raises:
        NotAdministrator
    """
    held = Entity.objects.lock(entity)
    demand_administrator(by, held)
    if held.second_factor == of:
        return False
    was, held.second_factor = held.second_factor, of
    held.save(update_fields=["second_factor"])
    record(Action.SECOND_FACTOR_DEMANDED, entity=held.number, actor=by, target=held.number, was=was, now=str(of))
    return True
