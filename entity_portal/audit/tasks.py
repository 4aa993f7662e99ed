"""What the worker does about the history: it writes its heads into the log."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from entity_portal.audit import proof

AGAIN = RetryStrategy(max_attempts=5, exponential_wait=10)  # for three hours; the day stays the same


@app.periodic(cron="13 17 * * *")  # UTC: long enough after Macau's midnight for whatever was under way to have ended
@app.task(queue="house", name="audit.write_down_heads", queueing_lock="audit.write_down_heads", retry=AGAIN)
def write_down_heads(timestamp: int) -> None:
    """Of the day that was over at the time."""
    proof.write_down(timezone.localdate(datetime.fromtimestamp(timestamp, UTC)) - timedelta(days=1))
