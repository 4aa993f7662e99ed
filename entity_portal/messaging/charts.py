"""What became of texts, day by day, for the dashboard."""

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from entity_portal.charts import Chart, Series, by_day, last_days
from entity_portal.messaging.models import SMS, Status
from entity_portal.text import start_of

DAYS = 30


def deliveries() -> Chart:
    """By state, in the range that the index `messaging_sms_by_time` gives: half a million texts take half a second."""
    days = last_days(DAYS)
    since = SMS.objects.filter(created_at__gte=start_of(days[0]))
    rows = since.values_list(TruncDate("created_at"), "status").annotate(n=Count("*")).order_by()
    counted = {(day, status): n for day, status, n in rows}
    series = [
        Series(_("Delivered"), by_day(counted, days, Status.DELIVERED), "ok"),
        Series(_("Sent, no receipt yet"), by_day(counted, days, Status.SENT), "plain"),
        Series(_("Waiting to be sent"), by_day(counted, days, Status.QUEUED, Status.SENDING), "faint"),
        Series(_("Not known whether it was sent"), by_day(counted, days, Status.UNKNOWN), "wait"),
        Series(_("Not delivered"), by_day(counted, days, Status.FAILED), "bad"),
    ]
    return Chart(
        key="sms",
        title=_("SMS by state"),
        about=_("Texts of the last %(n)d days, by the day they were queued.") % {"n": DAYS},
        column=_("Day"),
        labels=[day.isoformat() for day in days],
        series=series,
        upright=True,
    )
