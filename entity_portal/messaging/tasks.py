"""Jobs of the worker: `manage.py procrastinate worker`."""

import logging
import random
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

from entity_portal.messaging import delivery, operations
from entity_portal.messaging.backends import NotNow
from entity_portal.messaging.models import SMS

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 5, 120  # seconds
QUICK = ("sms", "door", "logout")  # queues whose jobs ask a server or two, with a time limit each
QUICK_JOB, LONG_JOB = timedelta(minutes=2), timedelta(hours=6)  # none takes so long


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
        with suppress(ConnectorException):  # ended meanwhile, or the next of a periodic job waits: the others go on
            await jobs.retry_job(job)


@app.periodic(cron="* * * * *")
@app.task(queue="sms", name="messaging.retry_stuck_jobs", queueing_lock="messaging.retry_stuck_jobs")
def retry_stuck_jobs(timestamp: int) -> None:
    put_back_stuck()


def put_back_stuck() -> None:
    """A job stays `doing` too where PostgreSQL was cut when its worker took it or wrote down how it ended (P2, P3).

    That worker lives, so only the time tells it from a job that is being done. What was done is done again: a text is
    protected by its own claim, an e-mail comes twice.
    """
    since = Max("procrastinateevent__at", filter=Q(procrastinateevent__type="started"))
    doing = ProcrastinateJob.objects.filter(status="doing").annotate(since=since)
    stuck = Q(queue_name__in=QUICK, since__lte=Now() - QUICK_JOB) | Q(since__lte=Now() - LONG_JOB)
    for pk in doing.filter(stuck).order_by("pk").values_list("pk", flat=True):
        log.error("A job had not ended; it is done again.")
        with suppress(ConnectorException), transaction.atomic():
            app.job_manager.retry_job_by_id(pk, timezone.now())
