"""Officers and their roles (Q1)."""

from django.core.exceptions import PermissionDenied

from entity_portal.roles import Role
from staff.models import StaffLogin


class NotOfficer(PermissionDenied):
    """Whoever acts is not, or no longer, an officer with the role it takes (Q1)."""


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
