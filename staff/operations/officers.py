"""Officers and their roles (Q1)."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Entity
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.messaging.kinds import Kind
from entity_portal.roles import Role
from staff import sessions
from staff.models import OfficerRole, StaffLogin, Status
from staff.operations.notices import notify
from staff.operations.refusals import StatusNotAllowed


class NotOfficer(PermissionDenied):
    """Whoever acts is not, or no longer, an officer with the role it takes (Q1)."""


class NotOfAuthority(Exception):
    """Only logins of the entity that keeps the portal are officers (Q1)."""


class OwnRoles(Exception):
    """Nobody changes their own roles: somebody else looks at each of them."""


def demand_role(by: StaffLogin, *roles: Role) -> StaffLogin:
    """Ask the database, in the caller's transaction, whether `by` is an officer with one of these roles; return them.

    Their row is held until the transaction ends, so that a role that is taken away meanwhile waits, or wins.

    Raises:
        NotOfficer
    """
    by.lock()
    held = set(by.officer_roles.values_list("role", flat=True))
    if not (by.is_active and by.is_staff and held & set(roles)):
        raise NotOfficer
    return by


@transaction.atomic
def change_roles(*, login: StaffLogin, by: StaffLogin | None, roles: Iterable[Role]) -> bool:
    """Give a login of the authority these roles and no others; who has none is no officer. Return whether that is new.

    `by` is None for the authority itself (`manage.py create_officer`). Whoever acts keeps their own power, so one who
    may manage roles always stays. Each change begins with a new sign-in, and the officer is told.

    Raises:
        NotOfAuthority, OwnRoles
        NotOfficer: `by` is no officer, or no administrator of the authority.
        StatusNotAllowed: the login has departed.
    """
    house = Entity.objects.lock(login.entity)  # two who take each other's roles meet here
    if not house.keeps_portal:
        raise NotOfAuthority
    if by:
        _demand_manager(by, house)
    login.lock()
    if by and by.pk == login.pk:
        raise OwnRoles
    if login.status == Status.DEPARTED:
        raise StatusNotAllowed(login.status, "officer")
    was, now = set(login.officer_roles.values_list("role", flat=True)), {str(role) for role in roles}
    if was == now:
        return False
    login.officer_roles.exclude(role__in=now).delete()
    if login.is_staff != bool(now):
        login.is_staff = bool(now)
        login.save(update_fields=["is_staff"])
    OfficerRole.objects.bulk_create(OfficerRole(login=login, role=role) for role in sorted(now - was))
    sessions.end(login)
    notify([login], Kind.MY_POWERS)
    told = {"was": sorted(was), "now": sorted(now)}
    record(Action.OFFICER_ROLES_CHANGED, entity=house.number, actor=by, target=login.euid, **told)
    return True


def _demand_manager(by: StaffLogin, house: Entity) -> None:
    """Asked under the entity's lock, which whatever takes these powers away takes too."""
    if not (by.acts_for(house) and OfficerRole.objects.filter(login=by, login__is_staff=True).exists()):
        raise NotOfficer
