"""Sending an activation code, and activating with it."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Entity, EntityStatus
from activation import texts
from activation.models import ActivationCode, TermsAcceptance, TermsVersion
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.messaging.kinds import Kind
from entity_portal.messaging.models import SMS, Purpose
from entity_portal.messaging.operations import queue_sms
from entity_portal.roles import Role
from staff.models import NOBODY, StaffLogin, Status
from staff.operations import NotAdministrator, StatusNotAllowed
from staff.operations import activate as activate_login
from staff.operations.notices import administrators_of, notify
from staff.operations.officers import demand_role

REMIND_AFTER = timedelta(days=3)


class CodeGone(Exception):
    """Since it was checked the code was used, voided or has expired, or what it was checked against has changed."""


@transaction.atomic
def send_code(*, login: StaffLogin, by: StaffLogin | None) -> ActivationCode:
    """Send a login that is 未啟動 a new activation code by SMS; the one before no longer works (S9.8, Q15).

    `by` is None only where the authority opens an entity. Nobody but the SMS's receiver sees the code (Q42).

    Raises:
        StatusNotAllowed: the login is activated (Q43) or has departed.
        NotAdministrator: `by` is not, or no longer, an administrator of the entity.
        codes.TooSoon, codes.TooManyToday: one a minute, five a day.
    """
    Entity.objects.lock(login.entity)
    if by and not by.acts_for(login.entity):
        raise NotAdministrator
    login.lock()
    return _send(login, by)


@transaction.atomic
def send_code_as_officer(*, login: StaffLogin, by: StaffLogin) -> ActivationCode:
    """As `send_code`, by an officer to an administrator, whom nobody in the entity may be able to help.

    Raises:
        NotOfficer
        StatusNotAllowed: the login is activated, has departed, or is no administrator's.
        codes.TooSoon, codes.TooManyToday
    """
    Entity.objects.lock(login.entity)
    demand_role(by, Role.REGISTRAR, Role.APPROVER)
    login.lock()
    if not login.is_administrator:
        raise StatusNotAllowed("staff", "administrator")
    return _send(login, by)


def _send(login: StaffLogin, by: StaffLogin | None) -> ActivationCode:
    """To a login that the caller has locked."""
    if login.status != Status.PENDING:
        raise StatusNotAllowed(login.status, Status.PENDING)
    row, code = ActivationCode.issue(login=login, mobile=login.mobile)
    row.sms = queue_sms(
        to=login.mobile,
        entity=login.entity.number,
        body=texts.activation(login, code),
        purpose=Purpose.ACTIVATION,
        not_after=row.expires_at,
    )
    row.save(update_fields=["sms"])
    record(Action.CODE_SENT, entity=login.entity.number, actor=by, target=login.euid)
    return row


def check_identity(
    *, entity_number: str, document_type: str, document_number: str, birth_date: date, code: str
) -> ActivationCode | None:
    """Step 1: the open code of the person these five belong to (Q13), or None for every mismatch alike.

    A wrong birth date or code costs one of the five tries, counted before anything is compared. In each case the same
    is done: two looks, one try, one line of history (A14). Never inside a transaction: a rollback would hand the try
    back. A birth date that is not stored yet is not compared (Q12).
    """
    login = StaffLogin.objects.of_person(
        entity_number=entity_number, document_type=document_type, document_number=document_number
    )
    knocked_at = login if login and may_activate(login) else None
    sent = ActivationCode.objects.filter(login_id=knocked_at.pk if knocked_at else NOBODY)
    row = sent.select_related("login").order_by("-created_at").first()
    with transaction.atomic(durable=True):
        fits = row is not None and knocked_at is not None and row.mobile == knocked_at.mobile
        try_ = row if row and fits else ActivationCode(pk=NOBODY)
        tried = try_.take_try()
        if tried and try_.matches(code) and login and login.birth_date in (None, birth_date):
            try_.give_try_back()
            return try_
        record(
            Action.CODE_REFUSED,
            entity=login.entity.number if login else "",
            actor=None,
            target=login.euid if login else "",
            tried=tried,
        )
    return None


def may_activate(login: StaffLogin) -> bool:
    """未啟動, in an entity that is active (A34)."""
    return login.status == Status.PENDING and login.entity.status == EntityStatus.ACTIVE


@transaction.atomic
def activate(
    *,
    code: ActivationCode,
    username: str,
    password: str,
    birth_date: date,
    terms: TermsVersion,
    accepted_at: datetime,
) -> StaffLogin:
    """Step 2: set username and password, use the code up, keep which terms were accepted (S5.5, S9.10).

    `code` has passed `check_identity`; everything that may have changed since is asked again here.

    Raises:
        CodeGone
        UsernameTaken: choose another; the code stays good.
    """
    login = StaffLogin.objects.select_related("entity").get(pk=code.login_id)
    Entity.objects.lock(login.entity)
    login.lock()
    if not may_activate(login) or login.birth_date not in (None, birth_date) or code.mobile != login.mobile:
        raise CodeGone
    if not code.use():
        raise CodeGone
    _activate(login, username, password, birth_date, terms, accepted_at)
    return login


@transaction.atomic
def activate_at_once(
    *, login: StaffLogin, username: str, password: str, terms: TermsVersion, accepted_at: datetime
) -> StaffLogin:
    """Set username and password without a code (S5.1, Q40), in the flow in which the login was opened.

    The caller has made sure that its person sits there: they have proven the number that a code would go to.

    Raises:
        CodeGone: the login is activated, or no birth date is known (S5.9).
        UsernameTaken
    """
    Entity.objects.lock(login.entity)
    login.lock()
    if not may_activate(login) or login.birth_date is None:
        raise CodeGone
    ActivationCode.objects.filter(login=login, used_at=None, voided_at=None).update(voided_at=timezone.now())
    _activate(login, username, password, login.birth_date, terms, accepted_at)
    return login


def _activate(
    login: StaffLogin, username: str, password: str, birth_date: date, terms: TermsVersion, accepted_at: datetime
) -> None:
    """What activation is, once it is certain whose it is; the caller holds the locks."""
    activate_login(login=login, username=username, password=password, birth_date=birth_date)
    TermsAcceptance.objects.create(login=login, terms=terms, accepted_at=accepted_at)
    login.language = terms.language
    login.save(update_fields=["language"])
    queue_sms(to=login.mobile, entity=login.entity.number, body=texts.activated(login), purpose=Purpose.ACTIVATED)
    notify(administrators_of(login.entity, but=login), Kind.ACTIVATED, about=login.euid, who=[login])
    record(
        Action.LOGIN_ACTIVATED,
        entity=login.entity.number,
        actor=login,
        target=login.euid,
        terms=str(terms),
        at=timezone.localtime(accepted_at).isoformat(timespec="seconds"),
    )


@transaction.atomic
def accept_terms(*, login: StaffLogin, terms: TermsVersion) -> None:
    """Keep that a login accepted a version of the terms after its activation; a second time changes nothing."""
    _row, new = TermsAcceptance.objects.get_or_create(
        login=login, terms=terms, defaults={"accepted_at": timezone.now()}
    )
    if new:
        record(Action.TERMS_ACCEPTED, entity=login.entity.number, actor=login, target=login.euid, terms=str(terms))


def remind_administrators() -> None:
    """Tell administrators, once for each code, whose code was sent three days ago and has not been used.

    The person is not told: the number may be a stranger's, which can be why.
    """
    since = timezone.now() - REMIND_AFTER
    waiting = ActivationCode.objects.filter(
        reminded_at=None,
        used_at=None,
        voided_at=None,
        created_at__lte=since,
        login__status=Status.PENDING,
        login__entity__status=EntityStatus.ACTIVE,
    )
    for entity in Entity.objects.filter(pk__in=waiting.values("login__entity")).order_by("pk"):
        with transaction.atomic():
            of_entity = (
                waiting.filter(login__entity=entity).select_related("login__entity").order_by("created_at", "pk")
            )
            codes = list(of_entity.select_for_update(of=("self",), skip_locked=True))
            ActivationCode.objects.filter(pk__in=[code.pk for code in codes]).update(reminded_at=timezone.now())
            people = [code.login for code in codes]
            if people:
                about = people[0].euid if len(people) == 1 else ""
                told = administrators_of(entity)
                notify(told, Kind.NOT_ACTIVATED, about=about, who=people, count=len(people))


def tell_of_failed_code(sms: SMS) -> None:
    """Tell administrators that a text with an activation code will not arrive, in the transaction that found it out."""
    codes = ActivationCode.objects.select_related("login__entity").filter(sms=sms, used_at=None, voided_at=None)
    for code in codes.filter(login__status=Status.PENDING):
        told = administrators_of(code.login.entity)
        notify(told, Kind.CODE_FAILED, about=code.login.euid, who=[code.login])
