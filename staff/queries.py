"""Questions about the logins of an entity that outgrow a queryset."""

from django.db.models import Count, Q, QuerySet

from accounts.models import Entity
from entity_portal.text import alphanumeric
from staff.models import StaffLogin, Status
from staff.models.login import MAX_FAILED_ATTEMPTS

LOCKED = Q(status=Status.ACTIVE, failed_attempts__gte=MAX_FAILED_ATTEMPTS)
SERVICE_ADMINISTRATOR = Q(service_administration__isnull=False) & ~Q(status=Status.DEPARTED)
# Column to order by it; departed people last in any order, for a list is about those who are there.
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
        logins = logins.filter(is_administrator=True)
    elif role == "service_administrator":
        logins = logins.filter(SERVICE_ADMINISTRATOR)
    order = list(SORTS.get(sort.removeprefix("-"), SORTS[DEFAULT_SORT]))
    if sort.startswith("-"):
        order[0] = order[0].removeprefix("-") if order[0].startswith("-") else f"-{order[0]}"
    return logins.order_by(*order, "euid")


def counts(entity: Entity) -> dict[str, int]:
    """The logins of an entity, counted: total, active, pending, locked, administrators, service_administrators."""
    present = ~Q(status=Status.DEPARTED)
    return entity.logins.aggregate(
        total=Count("pk"),
        active=Count("pk", filter=Q(status=Status.ACTIVE)),
        pending=Count("pk", filter=Q(status=Status.PENDING)),
        locked=Count("pk", filter=LOCKED),
        administrators=Count("pk", filter=present & Q(is_administrator=True)),
        service_administrators=Count("pk", filter=SERVICE_ADMINISTRATOR),
    )
