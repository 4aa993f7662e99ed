"""Sentences of the officers' desk: why something did not happen, and what stands in the way of a quick decision."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.applications import operations
from accounts.applications.models import Application, Kind, State
from accounts.applications.rules import Obstacle
from accounts.operations import AlreadyOpen
from staff.operations import PersonExists, StatusNotAllowed
from staff.operations.officers import NotOfficer

# What can come of an officer's act instead of what it was for.
REFUSALS = (
    NotOfficer,
    operations.AskedAlready,
    operations.Claimed,
    operations.Incomplete,
    operations.NotPossible,
    operations.NotYours,
    operations.OwnEntry,
    operations.TooManyDocuments,
    AlreadyOpen,
    PersonExists,
    StatusNotAllowed,
)

OBSTACLES: dict[str, Any] = {
    Obstacle.KIND: gettext_lazy("For this kind of entity, or without a Macao resident ID, only officers decide."),
    Obstacle.CHANNEL: gettext_lazy("It was entered at the counter."),
    Obstacle.NOT_REGISTERED: gettext_lazy("The register has no line with this registration number."),
    Obstacle.DIFFERENT: gettext_lazy("What was given differs from the register."),
    Obstacle.OPEN_ALREADY: gettext_lazy("There is an entity account with this registration number already."),
    Obstacle.MOBILE: gettext_lazy("The applicant's mobile number is not proven."),
}


def refused(error: Exception) -> str:
    """What an officer reads instead of an exception: what happened, and what to do."""
    match error:
        case operations.Claimed():
            return _("%(name)s works on it now; nothing was changed.") % {"name": error.args[0].name}
        case operations.OwnEntry():
            return _("You entered it, or it is about yourself: another officer decides.")
        case operations.NotPossible(args=(state,)) if state in State.values:
            now = State(state).label
            return _("Meanwhile its state is “%(state)s”; nothing was changed.") % {"state": now}
        case operations.NotPossible(args=("changed",)):
            return _("It has moved on since you opened this page; look at it again. Nothing was changed.")
        case operations.NotPossible(args=("entity",)):
            return _("The entity is suspended or closed; nothing was changed.")
        case operations.AskedAlready():
            told = _("Another application for the same person is open: %(number)s. Nothing was handed in.")
            return told % {"number": error.args[0].number}
        case operations.Incomplete():
            return _("Something is still missing; nothing was handed in.")
        case operations.TooManyDocuments():
            return _("There are ten documents already; remove one first.")
        case AlreadyOpen():
            told = _(
                "There is an entity account with this registration number already: %(number)s. Nothing was changed."
            )
            return told % {"number": error.args[0]}
        case PersonExists():
            return _(
                "Somebody with this identification document has a staff login in the entity already, or stands in the "
                "application twice. Nothing was changed."
            )
        case StatusNotAllowed():
            return _("The staff login that it is about has left, or is an administrator already. Nothing was changed.")
        case NotOfficer() | operations.NotYours():
            return _("You do not have the role for this any more; nothing was changed.")
    return _("This is not possible now; nothing was changed.")


def obstacles(application: Application, found: list[Obstacle]) -> list[Any]:
    """Why it was not decided at once, in plain words."""
    if application.kind == Kind.CORRECTION:
        return [_("Corrections are always decided by an officer.")]
    told = [OBSTACLES[each] for each in found if each in OBSTACLES]
    return told or ([] if application.proof else [_("The code of the legal representative has not been entered.")])


def why_not(application: Application, officer: Any) -> str:
    """Why this officer cannot decide (Q1); "" where nothing of that kind stands in the way."""
    if application.entered_by_id == officer.pk:
        return _("You entered this application: another officer decides.")
    if application.login_id == officer.pk:
        return _("This application is about yourself: another officer decides.")
    return ""
