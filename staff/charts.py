"""Logins by status, and who came in day by day, for the dashboard."""

from django.db.models import Count, Max
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.charts import Chart, Series, by_day, last_days
from entity_portal.text import start_of
from staff.models import StaffLogin, Status

DAYS = 30
LOOKED_AT = 500_000  # lines of the history, which has millions: the newest, by their key
TONES = {Status.ACTIVE: "ok", Status.PENDING: "wait", Status.DEPARTED: "faint"}


def logins() -> Chart:
    """From the index `staff_by_entity_and_status` alone; no login is read."""
    counted = dict(StaffLogin.objects.values_list("status").annotate(n=Count("*")).order_by())
    statuses = (Status.ACTIVE, Status.PENDING, Status.DEPARTED)
    return Chart(
        key="logins",
        title=_("Staff logins by status"),
        about=_("All staff logins of all entities."),
        column=_("Status"),
        labels=[str(status.label) for status in statuses],
        series=[Series(_("Staff logins"), [counted.get(status, 0) for status in statuses])],
    )


def sign_ins() -> Chart:
    """Of the newest `LOOKED_AT` lines, found by the primary key; a day that they do not hold whole is left out."""
    newest = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
    lines = Event.objects.filter(pk__gt=newest - LOOKED_AT)
    days = last_days(DAYS)
    first = lines.order_by("pk").values_list("at", flat=True).first()
    if first and newest > LOOKED_AT:
        days = [day for day in days if day > timezone.localdate(first)]
    rows = (
        lines.filter(action=Action.SIGNED_IN, at__gte=start_of(days[0]) if days else timezone.now())
        .values_list(TruncDate("at"), "action")
        .annotate(n=Count("*"))
        .order_by()
    )
    counted = {(day, action): n for day, action, n in rows}
    return Chart(
        key="sign-ins",
        title=_("Logins by day"),
        about=_("How often somebody logged in, in the last %(n)d days.") % {"n": len(days)},
        column=_("Day"),
        labels=[day.isoformat() for day in days],
        series=[Series(_("Logins"), by_day(counted, days, Action.SIGNED_IN))],
        upright=True,
    )
