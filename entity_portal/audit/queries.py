"""What auditors look for in the history."""

from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from entity_portal.audit.models import Event


def find(
    *,
    entity: str = "",
    about: str = "",
    actor: str = "",
    action: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[Event]:
    """The lines that fit exactly, newest first; `until` is the last day, both days in Macau's time."""
    wanted = {"entity_number": entity, "target": about, "actor": actor, "action": action}
    lines = Event.objects.filter(**{field: value for field, value in wanted.items() if value})
    if since:
        lines = lines.filter(at__gte=midnight(since))
    if until:
        lines = lines.filter(at__lt=midnight(until + timedelta(days=1)))
    return lines.order_by("-at", "-id")


def midnight(day: date) -> datetime:
    """When a day begins in Macau."""
    return timezone.make_aware(datetime.combine(day, time.min))
