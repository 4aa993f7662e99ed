"""What happened to an application, for officers: moves, who took it on, codes, documents that were read."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.applications.models import Application, Move, Reason, State
from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from staff.history import signatures

BESIDE_MOVES = (
    Action.APPLICATION_CLAIMED,
    Action.APPLICATION_RELEASED,
    Action.APPLICATION_CODE_SENT,
    Action.APPLICATION_CODE_REFUSED,
    Action.APPLICATION_CONFIRMED,
    Action.DOCUMENT_READ,
)


@dataclass(frozen=True)
class Line:
    at: datetime
    what: str
    who: str
    reason: str = ""
    text: str = ""


def lines(application: Application) -> list[Line]:
    """Newest first."""
    moves = [_move(application, each) for each in application.moves.select_related("by")]
    about = list(Event.objects.filter(target=application.number, action__in=BESIDE_MOVES).order_by("-at", "-pk"))
    people = signatures(about)
    events = [
        Line(event.at, str(Action(event.action).label), people.get(event.actor, event.actor_label), text=_read(event))
        for event in about
        if event.at
    ]
    return sorted([*moves, *events], key=lambda line: line.at, reverse=True)


def _read(event: Event) -> str:
    """Which document."""
    return event.data.get("what", "") if event.action == Action.DOCUMENT_READ else ""


def _move(application: Application, move: Move) -> Line:
    if move.by:
        who = move.by.signature
    elif move.now == State.APPROVED and application.at_once:
        who = _("by the rules, with the consent of the legal representative")
    else:
        who = _("the applicant")
    reason = str(Reason(move.reason).label) if move.reason else ""
    return Line(move.at, str(State(move.now).label), who, reason, move.text)
