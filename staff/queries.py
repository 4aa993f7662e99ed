"""Questions about the logins of an entity that outgrow a queryset."""

from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet

from accounts.models import Entity
from entity_portal.text import alphanumeric
from staff.models import StaffLogin, Status
from staff.models.login import MAX_FAILED_ATTEMPTS

LOCKED = Q(status=Status.ACTIVE, failed_attempts__gte=MAX_FAILED_ATTEMPTS)
DEPARTED = ExpressionWrapper(Q(status=Status.DEPARTED), output_field=BooleanField())
PRESENT = ~Q(status=Status.DEPARTED)
# Powers end with the login (Q25).
ADMINISTRATOR = PRESENT & Q(is_administrator=True)
SERVICE_ADMINISTRATOR = PRESENT & Q(service_administration__isnull=False)
# How a column orders. By role, the usual order, those who have departed and so have none come last.
SORTS = {
    "username": ("username",),
    "name_zh": ("name_zh", "name_foreign"),
    "name_foreign": ("name_foreign",),
    "status": ("status", "name_foreign"),
    "role": ("-is_administrator", "service_administration", "name_foreign"),
}
DEFAULT_SORT = "role"


def find(entity: Entity, *, q: str = "", status: str = "", role: str = "", sort: str = "") -> QuerySet[StaffLogin]:
    """The logins of an entity that fit, ordered by a key of `SORTS`, by "-key" downwards."""
    logins = entity.logins.select_related("service_administration").defer("password")
    if q:
        number = alphanumeric(q)
        logins = logins.filter(
            Q(username__icontains=q)
            | Q(name_zh__icontains=q)
            | Q(name_foreign__icontains=q)
            | (Q(document_number__startswith=number) if len(number) >= 4 else Q(pk=None))
            | Q(euid=number)
        )
    if status == "locked":
        logins = logins.filter(LOCKED)
    elif status:
        logins = logins.filter(status=status)
    if role == "administrator":
        logins = logins.filter(ADMINISTRATOR)
    elif role == "service_administrator":
        logins = logins.filter(SERVICE_ADMINISTRATOR)
    key = sort.removeprefix("-")
    order: list[Any] = list(SORTS.get(key, SORTS[DEFAULT_SORT]))
    if sort.startswith("-"):
        order[0] = order[0].removeprefix("-") if order[0].startswith("-") else f"-{order[0]}"
    if key == DEFAULT_SORT or key not in SORTS:
        order.insert(0, DEPARTED)
    return logins.order_by(*order, "euid")


def counts(entity: Entity) -> dict[str, int]:
    """The logins of an entity, counted: total, active, pending, locked, administrators, service_administrators."""
    return entity.logins.aggregate(
        total=Count("pk"),
        active=Count("pk", filter=Q(status=Status.ACTIVE)),
        pending=Count("pk", filter=Q(status=Status.PENDING)),
        locked=Count("pk", filter=LOCKED),
        administrators=Count("pk", filter=ADMINISTRATOR),
        service_administrators=Count("pk", filter=SERVICE_ADMINISTRATOR),
    )
