"""What officers do: take an application on, ask for more, approve, refuse; never what they entered themselves (Q1)."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.applications import rules
from accounts.applications.models import OPEN, QUEUE, Application, Kind, Proof, Reason, State
from accounts.applications.operations.effects import carry_out
from accounts.applications.operations.moving import finish, lock, move
from accounts.applications.operations.refusals import Claimed, NotPossible, OwnEntry
from accounts.models import Entity
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.roles import Role
from staff.models import StaffLogin
from staff.operations.officers import demand_role

CLAIM_LASTS = timedelta(hours=8)  # then another officer may take over what was left lying


def is_claimed_by_another(application: Application, officer: StaffLogin) -> bool:
    """Somebody else works on it, since less than `CLAIM_LASTS`."""
    return bool(
        application.claimed_by_id
        and application.claimed_by_id != officer.pk
        and application.claimed_at
        and timezone.now() < application.claimed_at + CLAIM_LASTS
    )


@transaction.atomic
def claim(*, application: Application, by: StaffLogin) -> Application:
    """Take an application on: only one officer works on it at a time.

    Raises:
        NotOfficer
        Claimed: another has it.
        NotPossible: it does not wait for an officer.
    """
    held = _held(application, by, Role.REGISTRAR, Role.APPROVER)
    if held.state not in OPEN:
        raise NotPossible(held.state)
    _take_on(held, by)
    return held


@transaction.atomic
def take_oldest(*, by: StaffLogin) -> Application | None:
    """Take on what has waited longest and nobody works on; None where nothing is left.

    What another officer takes in the same moment is passed over, so that each gets another one; and so is what the
    officer could not decide: their own entry, or what is about themselves (Q1).

    Raises:
        NotOfficer
    """
    free = Q(claimed_by=None) | Q(claimed_at__lte=timezone.now() - CLAIM_LASTS)
    waiting = Application.objects.filter(free, state__in=QUEUE).exclude(entered_by=by).exclude(login=by)
    rows = waiting.select_for_update(no_key=True, skip_locked=True, of=("self",)).select_related("entity")
    held = rows.order_by("submitted_at", "pk").first()
    demand_role(by, Role.REGISTRAR, Role.APPROVER)
    if held:
        _take_on(held, by)
    return held


@transaction.atomic
def release(*, application: Application, by: StaffLogin) -> Application:
    """Hand an application back to the queue; a second time does nothing.

    Raises:
        NotOfficer, Claimed
    """
    held = _held(application, by, Role.REGISTRAR, Role.APPROVER)
    if held.claimed_by_id:
        held.claimed_by = held.claimed_at = None
        held.save(update_fields=["claimed_by", "claimed_at"])
        _record(Action.APPLICATION_RELEASED, held, by)
    return held


@transaction.atomic
def ask(*, application: Application, by: StaffLogin, reason: Reason, text: str = "") -> Application:
    """Ask the applicant for more; the promised time rests until they answer.

    Raises:
        NotOfficer, Claimed, NotPossible
    """
    held = _held(application, by, Role.REGISTRAR, Role.APPROVER)
    finish(move(held, State.ASKED, by=by, reason=reason, text=text))
    return held


@transaction.atomic
def refuse(*, application: Application, by: StaffLogin, reason: Reason, text: str = "") -> Application:
    """Refuse, with the reason that the applicant reads.

    Raises:
        NotOfficer, OwnEntry, Claimed, NotPossible
    """
    held = _held(application, by, Role.APPROVER)
    _demand_other_eye(held, by)
    finish(move(held, State.REFUSED, by=by, reason=reason, text=text))
    return held


@transaction.atomic
def approve(*, application: Application, by: StaffLogin, text: str = "", seen: int | None = None) -> Application:
    """Approve: what was applied for is done in the same transaction, or nothing is.

    Whoever approves has made sure of identity and consent, unless a code of the representative has proven them. `seen`
    is the last move (its key) when they looked: what was applied for may have changed since.

    Raises:
        NotOfficer, OwnEntry, Claimed
        NotPossible: with "changed" where it has moved since it was `seen`.
        accounts.operations.AlreadyOpen, staff.operations.PersonExists: what was asked for cannot be any more.
    """
    held = _held(application, by, Role.APPROVER)
    _demand_other_eye(held, by)
    if seen is not None and seen != last_move(held):
        raise NotPossible("changed")
    if held.kind != Kind.CORRECTION and not held.proof:
        held.proof, held.proven_at = Proof.OFFICER, timezone.now()
    done, letters = carry_out(held, by=by, text=text)
    finish(done, texts_too=letters)
    return held


def _held(application: Application, by: StaffLogin, *roles: Role) -> Application:
    """Lock application, entity, officer, in this order, and see that the officer may go on."""
    held = lock(application)
    if held.entity:
        held.entity = Entity.objects.lock(held.entity)  # as it is now: it may have been closed meanwhile
    demand_role(by, *roles)
    if is_claimed_by_another(held, by):
        raise Claimed(held.claimed_by)
    return held


def _take_on(application: Application, by: StaffLogin) -> None:
    application.claimed_by, application.claimed_at = by, timezone.now()
    application.save(update_fields=["claimed_by", "claimed_at"])
    _record(Action.APPLICATION_CLAIMED, application, by)


def last_move(application: Application) -> int:
    """By which a page remembers how far an application had come."""
    return application.moves.order_by("-pk").values_list("pk", flat=True).first() or 0


def _demand_other_eye(application: Application, by: StaffLogin) -> None:
    if rules.concerns(application, by):
        raise OwnEntry


def _record(action: Action, application: Application, by: StaffLogin) -> None:
    entity = application.entity_number
    record(action, entity=entity, actor=by, target=application.number)
