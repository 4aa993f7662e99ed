"""What the worker does about the history: it writes its heads into the log."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from entity_portal.audit import proof


@app.periodic(cron="13 17 * * *")  # UTC: long enough after Macau's midnight for whatever was under way to have ended
@app.task(queue="house", name="audit.write_down_heads", queueing_lock="audit.write_down_heads")
def write_down_heads(timestamp: int) -> None:
    """Of the day before."""
    proof.write_down(timezone.localdate() - timedelta(days=1))
