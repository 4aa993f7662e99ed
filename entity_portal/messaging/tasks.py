"""Jobs of the worker: `manage.py procrastinate worker`."""

from datetime import datetime

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from entity_portal.messaging import operations


# Every half minute, whatever went wrong, until `operations.send` gives the text up. Without growing pauses: while a job
# waits, later texts to the same number wait behind it.
@app.task(queue="sms", name="messaging.send_sms", retry=RetryStrategy(wait=30))
def send_sms(sms_id: str) -> None:
    operations.send(sms_id)


# Half a minute, then a minute more each time: some twenty tries until `operations.send_email` gives the e-mail up.
@app.task(queue="sms", name="messaging.send_email", retry=RetryStrategy(wait=30, linear_wait=60))
def send_email(to: str, subject: str, body: str, queued_at: str) -> None:
    operations.send_email(to=to, subject=subject, body=body, queued_at=datetime.fromisoformat(queued_at))


@app.periodic(cron="*/5 * * * *")
@app.task(queue="sms", name="messaging.give_up_on_dead_claims", queueing_lock="messaging.give_up_on_dead_claims")
def give_up_on_dead_claims(timestamp: int) -> None:
    operations.give_up_on_dead_claims()
    operations.give_up_on_overdue()


@app.periodic(cron="* * * * *")
@app.task(
    queue="sms", name="messaging.retry_stalled_jobs", queueing_lock="messaging.retry_stalled_jobs", pass_context=True
)
async def retry_stalled_jobs(context, timestamp: int) -> None:  # type: ignore[no-untyped-def]
    """A job whose worker was killed stays `doing`: put it back. Its text is protected by its own claim."""
    manager = context.app.job_manager
    stalled: list[Job] = list(await manager.get_stalled_jobs())
    for job in stalled:
        await manager.retry_job(job)
