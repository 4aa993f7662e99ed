"""Who looks after the catalogue of which department (Q1)."""

from django.db import transaction

from accounts.models import Entity
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.messaging.kinds import Kind
from entity_portal.roles import Role
from services.catalogue import queries
from services.models import CatalogueManager, Department
from staff.models import StaffLogin
from staff.operations.notices import notify
from staff.operations.officers import NotOfficer, OwnRoles, demand_role


class NoRole(Exception):
    """The login is no officer with the role of a catalogue manager."""


def demand_manager(by: StaffLogin, department: Department) -> None:
    """Ask the database, in the caller's transaction, whether `by` looks after this department's catalogue now.

    Raises:
        NotOfficer
    """
    demand_role(by, Role.CATALOGUE)
    # Held: who takes the department away from them meanwhile waits, or wins.
    held = CatalogueManager.objects.select_for_update(no_key=True).filter(login=by, department=department)
    if not held.exists():
        raise NotOfficer


def demand_grantor(by: StaffLogin) -> None:
    """The same for an officer who is administrator of the authority.

    Raises:
        NotOfficer
    """
    demand_role(by, *Role)
    if not queries.may_grant(by):
        raise NotOfficer


@transaction.atomic
def grant_department(*, department: Department, login: StaffLogin, by: StaffLogin) -> bool:
    """Let a catalogue manager look after a department; False if they do already.

    Raises:
        NotOfficer: `by` is no officer who is administrator of the authority.
        NoRole
        OwnRoles: nobody gives themselves a department.
    """
    Entity.objects.lock(login.entity)  # two who give and take from each other meet here
    demand_grantor(by)
    if login.pk == by.pk:
        raise OwnRoles
    login.lock()
    if not (login.is_active and login.is_staff and login.officer_roles.filter(role=Role.CATALOGUE).exists()):
        raise NoRole
    was = _codes(login)
    _row, new = CatalogueManager.objects.get_or_create(login=login, department=department)
    if new:
        _tell(login, by, was)
    return new


@transaction.atomic
def revoke_department(*, department: Department, login: StaffLogin, by: StaffLogin) -> bool:
    """Take a department from a catalogue manager; False if they do not look after it.

    Raises:
        NotOfficer: `by` is no officer who is administrator of the authority.
    """
    Entity.objects.lock(login.entity)
    demand_grantor(by)
    login.lock()
    was = _codes(login)
    gone, _tables = CatalogueManager.objects.filter(login=login, department=department).delete()
    if gone:
        _tell(login, by, was)
    return bool(gone)


def _codes(login: StaffLogin) -> list[str]:
    return list(Department.objects.filter(managers__login=login).order_by("code").values_list("code", flat=True))


def _tell(login: StaffLogin, by: StaffLogin, was: list[str]) -> None:
    notify([login], Kind.MY_POWERS)
    departments = [was, _codes(login)]
    entity = login.entity.number
    record(Action.OFFICER_ROLES_CHANGED, entity=entity, actor=by, target=login.euid, departments=departments)
