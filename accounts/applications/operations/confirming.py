"""Codes: the applicant comes back and proves their number; the legal representative consents, which can decide."""

from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from accounts.applications import rules, texts
from accounts.applications.answers import terms_of
from accounts.applications.models import Application, ApplicationCode, ConsentCode, Kind, Proof, ReturnCode
from accounts.applications.operations.effects import carry_out
from accounts.applications.operations.moving import finish, lock
from accounts.applications.operations.refusals import NotPossible
from accounts.models import Entity
from accounts.operations import AlreadyOpen
from activation.models import ActivationCode
from activation.operations import CodeGone, activate_at_once, may_activate
from entity_portal import codes
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.messaging.models import SMS, Purpose, Status
from entity_portal.messaging.operations import queue_sms
from staff.models import StaffLogin
from staff.operations import PersonExists, StatusNotAllowed

Code = TypeVar("Code", bound=ApplicationCode)
CONSENT_CODES_A_DAY = 10  # to one representative
CONSENT_TRIES_A_DAY = 10  # wrong ones
NO_CODE = 0  # no row has this key: as much is done where nothing was sent (A13)


@transaction.atomic
def send_return_code(*, application: Application) -> SMS:
    """Send the applicant a code to come back with, at the number that stands in the application.

    Raises:
        codes.TooSoon, codes.TooManyToday
        NotPossible: it names no number yet.
    """
    held = lock(application)
    if not held.mobile:
        raise NotPossible("mobile")
    row, code = ReturnCode.issue(application=held, mobile=held.mobile)
    return _send(held, held.mobile, texts.return_code(held, code), row)


def return_code_is_right(*, application: Application | None, code: str) -> bool:
    """Whether a code came from the applicant's number; then the number is proven. Never inside a transaction.

    For nobody's application as much is done, and None is what a wrong number of an application gives.
    """
    row = _last(ReturnCode, application)
    if not _right(row, application, code):
        return False
    with transaction.atomic():
        held = lock(row.application)
        if held.mobile != row.mobile or not row.use():
            return False
        held.mobile_proven_at = held.mobile_proven_at or timezone.now()
        held.save(update_fields=["mobile_proven_at"])
    return True


@transaction.atomic
def send_consent_code(*, application: Application) -> SMS:
    """Ask the legal representative for consent, at the phone **on the register**, wherever the applicant's may be.

    Raises:
        codes.TooSoon, codes.TooManyToday
        NotPossible: it cannot be approved at once; `args[0]` is the list of `rules.Obstacle`.
    """
    held = lock(application)
    found = rules.obstacles(held)
    line = rules.register_line(held)
    if found or line is None:
        raise NotPossible(found)
    if _used_up(held):
        raise codes.TooManyToday
    row, code = ConsentCode.issue(application=held, mobile=line.representative_mobile)
    return _send(held, row.mobile, texts.consent_code(held, code), row)


def consent(*, application: Application, code: str) -> Application | None:
    """Approve at once by the representative's code (S5.1, S12.4); None for a wrong one. Never inside a transaction.

    What the rules demand is asked again under the lock: the register or the application may have changed since.

    Raises:
        NotPossible: the code was right, but it can no longer be approved at once; officers decide.
    """
    row = ConsentCode(pk=NO_CODE) if _used_up(application) else _last(ConsentCode, application)
    if not _right(row, application, code):
        return None
    with transaction.atomic():
        held = lock(row.application)
        line = rules.register_line(held)
        if line and line.representative_mobile == row.mobile and row.use():
            return _approve(held, Proof.SMS)
    raise NotPossible(rules.obstacles(held))


@transaction.atomic
def prove(*, application: Application, proof: str) -> Application:
    """Approve at once, since a provider, `proof`, has made sure of the legal representative and of their consent.

    Raises:
        NotPossible: it cannot be approved at once; `args[0]` is the list of `rules.Obstacle`.
    """
    return _approve(lock(application), proof)


def _approve(held: Application, proof: str) -> Application:
    if held.entity:
        held.entity = Entity.objects.lock(held.entity)
    if found := rules.obstacles(held):
        raise NotPossible(found)
    held.proof, held.proven_at = proof, timezone.now()
    try:
        done, letters = carry_out(held, by=None)
    except (AlreadyOpen, PersonExists, StatusNotAllowed) as error:  # another application was quicker
        raise NotPossible([rules.Obstacle.OPEN_ALREADY]) from error
    finish(done, texts_too=letters)
    number = held.entity_number
    record(Action.APPLICATION_CONFIRMED, entity=number, actor=None, target=held.number, proof=proof)
    return held


def applicants_login(application: Application) -> StaffLogin | None:
    """The login to which its person may now give username and password without a code; None where there is none.

    That of the applicant, who has proven their number, of an application approved at once (S5.1, Q40), for 72 hours.
    """
    decided = application.decided_at
    in_time = decided is not None and timezone.now() <= decided + ActivationCode.LIFE
    return _opened_at_once(application) if in_time else None


def waits_for_a_code(application: Application) -> bool:
    """The 72 hours have passed: only a code sent to the applicant leads on."""
    return _opened_at_once(application) is not None and applicants_login(application) is None


def _opened_at_once(application: Application) -> StaffLogin | None:
    """The applicant's login of an application approved at once, while nobody has activated it."""
    if application.kind != Kind.FIRST or not application.at_once:
        return None
    power = application.powers.select_related("login__entity").order_by("pk").first()
    return power.login if power and may_activate(power.login) else None


@transaction.atomic
def activate_applicant(*, application: Application, username: str, password: str) -> StaffLogin:
    """Set username and password in the same flow (S5.1, Q40), with the terms accepted in the agreement.

    Raises:
        NotPossible: the login is activated, or the 72 hours are over.
        staff.operations.UsernameTaken
    """
    held = lock(application)
    login = applicants_login(held)
    agreement = held.answers["agreement"]
    terms = terms_of(agreement)
    if login is None or terms is None:
        raise NotPossible(held.state)
    try:
        return activate_at_once(
            login=login,
            username=username,
            password=password,
            terms=terms,
            accepted_at=datetime.fromisoformat(agreement["accepted_at"]),
        )
    except CodeGone as error:
        raise NotPossible(held.state) from error


def _used_up(application: Application) -> bool:
    """Today's codes for one representative, or the wrong tries at them, are used up, over all their applications.

    By the registration number: or whoever withdraws and asks again could guess for ever.
    """
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    number = application.registration_number
    today = ConsentCode.objects.filter(application__registration_number=number, created_at__gte=midnight)
    used = today.aggregate(sent=Count("pk"), tries=Sum("tries"))
    return used["sent"] >= CONSENT_CODES_A_DAY or (used["tries"] or 0) >= CONSENT_TRIES_A_DAY


def _send(application: Application, mobile: str, body: str, row: ApplicationCode) -> SMS:
    entity = application.entity_number
    sms = queue_sms(to=mobile, entity=entity, body=body, purpose=Purpose.CONFIRMATION, not_after=row.expires_at)
    if sms.status == Status.FAILED:  # nobody has it, so nobody may guess it
        row.voided_at = timezone.now()
        row.save(update_fields=["voided_at"])
    record(
        Action.APPLICATION_CODE_SENT, entity=entity, actor=None, target=application.number, what=row._meta.model_name
    )
    return sms


def _last(kind: type[Code], application: Application | None) -> Code:
    """The code sent last, or one that nobody can enter."""
    rows = kind._default_manager.filter(application_id=application.pk if application else NO_CODE)
    return rows.order_by("-created_at").first() or kind(pk=NO_CODE)


def _right(row: ApplicationCode, application: Application | None, code: str) -> bool:
    """A wrong code costs one of five tries, counted before it is compared."""
    with transaction.atomic(durable=True):
        if row.take_try() and row.matches(code):
            row.give_try_back()
            return True
        entity = application.entity_number if application else ""
        number = application.number if application else ""
        record(Action.APPLICATION_CODE_REFUSED, entity=entity, actor=None, target=number, what=row._meta.model_name)
    return False
