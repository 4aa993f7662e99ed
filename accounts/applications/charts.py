"""Applications on the dashboard: how long the queue waits, what is decided day by day, and how long it took."""

from django.utils.translation import gettext as _

from accounts.applications import queries
from accounts.applications.models import Kind
from entity_portal.charts import Chart, Series


def waiting() -> Chart:
    """What waits for an officer, by how long."""
    ages = queries.queue_by_age()
    return Chart(
        key="waiting",
        title=_("Applications that wait"),
        about=_("For an officer, by how long they have waited."),
        column=_("Waiting"),
        labels=[str(label) for label, _n in ages],
        series=[Series(_("Applications"), [n for _label, n in ages], "wait")],
    )


def decided() -> Chart:
    """What officers and the rules decided in the last 30 days."""
    days = queries.decided_per_day()
    return Chart(
        key="decided",
        title=_("Applications decided each day"),
        about=_("The last 30 days, by officers and at once."),
        column=_("Day"),
        labels=[f"{day:%m-%d}" for day, _approved, _refused in days],
        series=[
            Series(_("Approved"), [approved for _day, approved, _refused in days], "ok"),
            Series(_("Not approved"), [refused for _day, _approved, refused in days], "bad"),
        ],
        upright=True,
    )


def time_to_decision() -> Chart:
    """The median of the last 30 days, in whole hours, for each kind of which something was decided."""
    rows = [row for row in queries.time_to_decision() if row[1] is not None]
    return Chart(
        key="time-to-decision",
        title=_("Time to the decision"),
        about=_("Median of the last 30 days, in hours from submission to decision."),
        column=_("Kind of application"),
        labels=[str(Kind(kind).label) for kind, _hours, _n in rows],
        series=[Series(_("Hours"), [round(hours or 0) for _kind, hours, _n in rows], "plain")],
        summed=False,
    )
