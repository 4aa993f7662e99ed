"""Jobs that belong to no room: forgetting what is over."""

from importlib import import_module

from django.conf import settings
from django.core.cache import caches
from procrastinate.contrib.django import app

KEEP_JOBS = 24  # hours a finished job is kept: its lock names a telephone number


@app.periodic(cron="23 3 * * *")
@app.task(queue="house", name="house.forget", queueing_lock="house.forget")
def forget(timestamp: int) -> None:
    """Remove limits whose window is over and sessions that have expired."""
    caches[settings.RATELIMIT_USE_CACHE].purge()  # type: ignore[attr-defined]
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


@app.periodic(cron="43 3 * * *")
@app.task(queue="house", name="house.forget_jobs", queueing_lock="house.forget_jobs", pass_context=True)
async def forget_jobs(context, timestamp: int) -> None:  # type: ignore[no-untyped-def]
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_JOBS, include_failed=True, include_cancelled=True)
