"""Texts and e-mails for the outbox: row and job are committed with what they are about, or not at all.

`messaging.delivery` is where a worker takes texts out again. An e-mail is a job alone: it costs nothing, so where it
is not known whether it left it is sent again.
"""

import logging
import smtplib
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from entity_portal.messaging import budget
from entity_portal.messaging.backends import NotNow
from entity_portal.messaging.models import SMS, Purpose, Status

log = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(hours=4)  # an e-mail that the mail server does not take


def queue_sms(*, to: str, body: str, purpose: Purpose, entity: str = "", not_after: datetime | None = None) -> SMS:
    """Put a text to an E.164 number into the outbox of the caller's transaction; `entity` is the number of whose it is.

    A text beyond a limit of `messaging.budget` comes back failed, with its reason, and never leaves. Call it after the
    operation's row locks and before its line of history; several in one transaction in the order of their numbers.

    Raises:
        RuntimeError: there is no transaction, so row and job could part.
    """
    from entity_portal.messaging.tasks import defer

    _demand_transaction()
    about = {"to": to, "purpose": purpose, "entity_number": entity, "not_after": not_after}
    if reason := budget.objection(to=to, purpose=purpose, entity=entity):
        return SMS.objects.create(status=Status.FAILED, reason=reason, body="", finished_at=timezone.now(), **about)
    sms = SMS.objects.create(body=body, **about)
    defer(sms)
    return sms


def _demand_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("what is queued needs the caller's transaction")


# --- e-mail ---


def queue_email(*, to: str, subject: str, body: str, html: str = "") -> None:
    """Have an e-mail to one address sent once the caller's transaction has committed; `html` says the same as `body`.

    Raises:
        ValueError: `to` is not one address, or the subject has a line break, after which headers could follow.
        RuntimeError: there is no transaction, so the e-mail could leave without what it is about.
    """
    from entity_portal.messaging.tasks import send_email

    _demand_transaction()
    try:
        validate_email(to)
    except ValidationError:
        raise ValueError("this is not one e-mail address") from None
    if {"\r", "\n"} & set(subject):
        raise ValueError("the subject of an e-mail is one line")
    send_email.defer(to=to, subject=subject, body=body, html=html, queued_at=timezone.now().isoformat())


def send_email(*, to: str, subject: str, body: str, html: str, queued_at: datetime) -> None:
    """Send one e-mail by Django's back end; give up what the mail server refuses for good, or has not taken in time.

    The log never has the address, nor the mail server's words, which repeat it.

    Raises:
        NotNow: the mail server did not take it and there is time for another try.
    """
    if timezone.now() >= queued_at + GIVE_UP_AFTER:
        log.error("An e-mail was given up: the mail server had not taken it for %s.", GIVE_UP_AFTER)
        return
    try:
        email = EmailMultiAlternatives(subject, body, to=[to])
        if html:
            email.attach_alternative(html, "text/html")
        email.send()
    except OSError as trouble:  # smtplib's own are OSErrors too
        code = _refused_for_good(trouble)
        if code is None:
            raise NotNow(type(trouble).__name__) from None
        log.error("The mail server refused an e-mail: %s %d.", type(trouble).__name__, code)


def _refused_for_good(trouble: OSError) -> int | None:
    """The mail server's code if it is 5xx and about the e-mail; that we are refused ourselves can be put right."""
    match trouble:
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError() | smtplib.SMTPAuthenticationError():
            return None
        case smtplib.SMTPRecipientsRefused(recipients=answers):
            code = min(code for code, _words in answers.values())
        case smtplib.SMTPResponseException(smtp_code=code):
            pass
        case _:
            return None
    return code if code >= 500 else None
