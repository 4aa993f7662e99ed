"""Jobs of the worker: `manage.py procrastinate worker`."""

import random
from datetime import datetime, timedelta

from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

from entity_portal.messaging import delivery, operations
from entity_portal.messaging.backends import NotNow
from entity_portal.messaging.models import SMS

FIRST_WAIT, LONGEST_WAIT = 5, 120  # seconds


class Backoff(BaseRetryStrategy):
    """Try again whatever went wrong, after pauses that double, until `delivery.send` gives the text up.

    Never all at once: each pause is up to a fifth longer. While a job waits, later texts to the same number wait behind
    it, so that they arrive in order.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        asked = exception.wait if isinstance(exception, NotNow) else None
        wait = asked or min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(job.attempts, 10))
        return RetryDecision(retry_at=timezone.now() + timedelta(seconds=wait * random.uniform(1, 1.2)))  # noqa: S311


@app.task(queue="sms", name="messaging.send_sms", retry=Backoff())
def send_sms(sms_id: str) -> None:
    delivery.send(sms_id)


def defer(sms: SMS) -> None:
    """Have a text sent; texts to one number one after another, in the order they were queued."""
    send_sms.configure(lock=f"sms:{sms.to}").defer(sms_id=str(sms.pk))


# Half a minute, then a minute more each time: some twenty tries until `operations.send_email` gives the e-mail up.
@app.task(queue="sms", name="messaging.send_email", retry=RetryStrategy(wait=30, linear_wait=60))
def send_email(to: str, subject: str, body: str, queued_at: str, html: str = "") -> None:
    operations.send_email(to=to, subject=subject, body=body, html=html, queued_at=datetime.fromisoformat(queued_at))


@app.periodic(cron="* * * * *")
@app.task(queue="sms", name="messaging.sweep", queueing_lock="messaging.sweep")
def sweep(timestamp: int) -> None:
    delivery.sweep()


@app.periodic(cron="* * * * *")
@app.task(
    queue="sms", name="messaging.retry_stalled_jobs", queueing_lock="messaging.retry_stalled_jobs", pass_context=True
)
async def retry_stalled_jobs(context, timestamp: int) -> None:  # type: ignore[no-untyped-def]
    await put_back_stalled(context.app.job_manager)


async def put_back_stalled(jobs: JobManager) -> None:
    """A job whose worker was killed stays `doing`: put it back. Its text is protected by its own claim."""
    stalled: list[Job] = list(await jobs.get_stalled_jobs())
    for job in stalled:
        await jobs.retry_job(job)
