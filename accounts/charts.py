"""Entities by kind and status, for the dashboard."""

from django.db.models import Count
from django.utils.translation import gettext as _

from accounts.models import Entity, EntityStatus, Kind
from entity_portal.charts import Chart, Series

TONES = {EntityStatus.ACTIVE: "ok", EntityStatus.SUSPENDED: "wait", EntityStatus.CLOSED: "faint"}


def entities() -> Chart:
    """One pass over the entities, of which there are some tens of thousands."""
    rows = Entity.objects.values_list("kind", "status").annotate(n=Count("*")).order_by()
    counted = {(kind, status): n for kind, status, n in rows}
    kinds = [kind for kind in Kind if any(counted.get((kind, status)) for status in EntityStatus)]
    return Chart(
        key="entities",
        title=_("Entities by kind"),
        about=_("All entity accounts, by kind and status."),
        column=_("Kind of entity"),
        labels=[str(kind.label) for kind in kinds],
        series=[
            Series(str(status.label), [counted.get((kind, status), 0) for kind in kinds], TONES[status])
            for status in EntityStatus
        ],
    )
