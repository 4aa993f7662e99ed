"""The timeline of an application: every move, who made it and why, what happens next, and the promised day."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.applications import rules
from accounts.applications.models import DECIDED, QUEUE, Application, Channel, Kind, Move, Proof, Reason, State
from entity_portal import phones


def timeline(application: Application, *, officer: bool = False) -> dict[str, Any]:
    """The context of `components/application_timeline.html`, in the reader's language: the newest move first.

    `promised` is None where no decision is awaited, while the applicant is asked too: the time rests then. Applicants
    never read an officer's name.
    """
    moves = application.moves.select_related("by").order_by("-id")
    awaited = application.state in QUEUE
    day = rules.promised(application) if awaited else None
    return {
        "application": application,
        "moves": [_told(application, move, officer) for move in moves],
        "promised": day,
        "overdue": bool(day and day < timezone.localdate()),
        "next_step": next_step(application),
        "told_at": phones.masked(application.mobile) if application.mobile and awaited else "",
    }


def next_step(application: Application) -> str:
    """What happens now, and whether the applicant must do something, in plain words."""
    match application.state:
        case State.DRAFT:
            return _("Nothing has been submitted yet. Go on with the form and submit it.")
        case State.ASKED:
            return _("Please answer what was asked. The time within which it is decided rests until you do.")
        case State.APPROVED:
            return _approved(application)
        case State.REFUSED:
            return _(
                "Nothing was changed. You can apply again once the reason no longer applies, or ask at the counter."
            )
        case State.WITHDRAWN:
            return _("Nothing was changed. You can apply again at any time.")
    return _("An officer checks the data and the documents. You need not do anything now.")


def _approved(application: Application) -> str:
    match application.kind:
        case Kind.CORRECTION:
            return _("The data have been corrected.")
        case Kind.ADMINISTRATORS if application.login_id:
            return _("The person is an administrator of the entity now.")
        case Kind.ADMINISTRATORS:
            return _("The new administrator receives an activation code by SMS and activates the login with it.")
    return _("The entity account is open. Administrators who are not activated yet receive an activation code by SMS.")


def _told(application: Application, move: Move, officer: bool) -> dict[str, Any]:
    """One move: `{"state", "label", "at", "who", "reason", "text", "how"}`."""
    return {
        "state": move.now,
        "label": State(move.now).label,
        "at": move.at,
        "who": _who(application, move, officer),
        "reason": Reason(move.reason).label if move.reason else "",
        "text": move.text,
        "how": _how(application) if move.now == State.APPROVED else "",
    }


def _who(application: Application, move: Move, officer: bool) -> str:
    if move.by is None:
        return "" if move.now in DECIDED else _("the applicant")
    at_the_counter = application.channel == Channel.COUNTER and move.by_id == application.entered_by_id
    if not officer and (at_the_counter or move.now in (State.ASKED, *DECIDED)):
        return _("an officer")
    return move.by.signature


def _how(application: Application) -> str:
    """How the decision could be made (S12.4)."""
    if application.at_once:
        return _("Decided at once: the data match the official register, and the legal representative has consented.")
    if application.proof == Proof.OFFICER:
        return _("An officer has checked the identity and the consent of the legal representative.")
    return ""
