"""What officers do with administrators' logins; sending a code is `activation.operations.send_code_as_officer`."""

from django.db import transaction

from accounts.models import Entity
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.roles import Role
from entity_portal.text import mask
from staff import operations
from staff.models import StaffLogin, Status, of_document
from staff.operations import StatusNotAllowed
from staff.operations.officers import NotOfficer, demand_role

WRITERS = (Role.REGISTRAR, Role.APPROVER)
FOUND_AT_MOST = 50


class OwnLogin(Exception):
    """Nobody does this to their own login: another officer does."""


@transaction.atomic
def demand_new_password(*, login: StaffLogin, by: StaffLogin, reason: str) -> None:
    """Have an administrator choose a new password at the next sign-in, which is now: open sessions end.

    Raises:
        NotOfficer, OwnLogin
        StatusNotAllowed: it is not active, or no administrator's.
    """
    _hold(login, by)
    operations.demand_new_password(login=login, by=by, where={"reason": reason})


@transaction.atomic
def remove_second_factor(*, login: StaffLogin, by: StaffLogin, reason: str) -> bool:
    """Take application and recovery codes from an administrator who has lost them, having proved who they are.

    They are told by SMS and e-mail. False: there was none.

    Raises:
        NotOfficer, OwnLogin
        StatusNotAllowed: it is not active, or no administrator's.
    """
    _hold(login, by)
    return operations.take_app_away(login=login, by=by, where={"reason": reason})


def _hold(login: StaffLogin, by: StaffLogin) -> None:
    """Lock what is acted on for an approver; entity before logins, so that officers acting on each other meet there."""
    Entity.objects.lock(login.entity)
    demand_role(by, Role.APPROVER)
    if login.pk == by.pk:
        raise OwnLogin
    login.lock()
    if login.status != Status.ACTIVE or not login.is_administrator:
        raise StatusNotAllowed(login.status, Status.ACTIVE)


@transaction.atomic
def reveal(*, login: StaffLogin, by: StaffLogin, what: str) -> None:
    """Masked data are about to be shown to an officer in full (Q28).

    Raises:
        NotOfficer: also for a login that is no administrator's, with which officers have nothing to do.
    """
    demand_role(by, *WRITERS)
    if not login.is_administrator:
        raise NotOfficer
    operations.record_reveal(login=login, by=by, what=what)


@transaction.atomic
def find_by_document(*, number: str, by: StaffLogin) -> list[StaffLogin]:
    """The administrators' logins of a document number, in whichever entity; that it was asked stands in the history.

    Raises:
        NotOfficer
    """
    demand_role(by, *WRITERS)
    found = StaffLogin.objects.select_related("entity").defer("password")
    found = found.filter(of_document(number), is_administrator=True).exclude(status=Status.DEPARTED)
    logins = list(found.order_by("entity__number")[:FOUND_AT_MOST])
    record(Action.OFFICER_READ, entity="", actor=by, target=mask(number), what="search by document", found=len(logins))
    return logins
