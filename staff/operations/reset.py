"""重設密碼 and 忘記用戶名稱.

A page only notes what was typed; whether it belongs to someone is looked up by the worker. So a page takes as long for
somebody as for nobody (A15), and says the same (A13).
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from entity_portal import codes
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.messaging.budget import objection
from entity_portal.messaging.models import SMS, Purpose
from entity_portal.messaging.operations import queue_sms
from staff import sessions, texts
from staff.models import NOBODY, ResetCode, StaffLogin
from staff.operations.notices import tell_by_email


@transaction.atomic
def send_reset_code(*, entity_number: str, username: str, birth_date: date, request: UUID) -> ResetCode | None:
    """Send a code by SMS if the three belong together (Q18); None, for whatever reason, sends nothing.

    `request` is the browser session that asked: the code is worth something there and nowhere else (ASVS 6.6.2).
    """
    login = StaffLogin.objects.find(entity_number=entity_number, username=username)
    if login is None or not login.is_active or login.birth_date != birth_date:
        return None
    login.lock()
    if _over_budget(login, Purpose.RESET):
        return None  # and the code that was sent before goes on being good
    try:
        row, code = ResetCode.issue(login=login, request=request)
    except (codes.TooSoon, codes.TooManyToday):
        return None  # asked twice: who asked first has the code that was sent
    queue_sms(
        to=login.mobile,
        body=texts.reset_code(login, code),
        purpose=Purpose.RESET,
        not_after=row.expires_at,
        entity=login.entity.number,
    )
    record(Action.RESET_CODE_SENT, entity=login.entity.number, actor=None, target=login.euid)
    return row


def _over_budget(login: StaffLogin, purpose: Purpose) -> bool:
    """No text may go to this number now (A42, A43): the history says so, the page does not."""
    why = objection(to=login.mobile, purpose=purpose, entity=login.entity.number)
    if why:
        record(
            Action.TEXT_WITHHELD,
            entity=login.entity.number,
            actor=None,
            target=login.euid,
            purpose=str(purpose),
            why=why,
        )
    return bool(why)


def reset_code_is_right(*, row: ResetCode | None, code: str) -> bool:
    """Whether a typed code is the one that was sent; a wrong one costs a try, counted before it is compared.

    Where nothing was sent as much is done as where something was (A13, A15). Never inside a transaction.
    """
    login = StaffLogin.objects.select_related("entity").filter(pk=row.login_id if row else NOBODY).first()
    with transaction.atomic(durable=True):
        try_ = row or ResetCode(pk=NOBODY)
        if try_.take_try() and try_.matches(code):
            try_.give_try_back()
            return True
        record(
            Action.RESET_CODE_REFUSED,
            entity=login.entity.number if login else "",
            actor=None,
            target=login.euid if login else "",
        )
    return False


@transaction.atomic
def reset_password(*, row: ResetCode, new: str) -> bool:
    """Set a new password, unlock, and end all sessions (S6.4, Q18), once per code; False if the code is gone.

    The caller has just had `reset_code_is_right`. A second factor that is set up stays demanded.
    """
    login = StaffLogin.objects.select_related("entity").get(pk=row.login_id)
    login.lock()
    if not login.is_active or not row.use():
        return False
    login.set_password(new)
    login.failed_attempts, login.locked_at = 0, None
    login.save(
        update_fields=["password", "password_set_at", "new_password_demanded_at", "failed_attempts", "locked_at"]
    )
    sessions.end(login)
    queue_sms(to=login.mobile, body=texts.password_reset(login), purpose=Purpose.PASSWORD, entity=login.entity.number)
    tell_by_email(login, texts.password_reset)
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
    if _over_budget(login, Purpose.USERNAME):
        return None
    sms = queue_sms(
        to=login.mobile,
        body=texts.username_reminder(login),
        purpose=Purpose.USERNAME,
        entity=login.entity.number,
    )
    record(Action.USERNAME_REMINDED, entity=login.entity.number, actor=None, target=login.euid)
    return sms
