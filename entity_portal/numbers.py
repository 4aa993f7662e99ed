"""The number of a request: in its answer (`X-Request-ID`), in each line of the log, and in those of the jobs it caused.

nginx makes it (`$request_id`); where none stands in front, or what comes is no such number, it is made here.
"""

import re
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.signals import request_finished
from django.http import HttpRequest
from procrastinate import App
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.middleware import AsyncCallNext
from procrastinate.worker import Worker

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # nginx's, or a UUID
IN_JOB = "_request"  # beside a job's own arguments
number: ContextVar[str] = ContextVar("number", default="")


def begin(request: HttpRequest) -> str:
    """Take a request's number, or make one; it holds in this thread until the answer has been sent."""
    told = request.headers.get(HEADER, "") if settings.TRUSTED_HOPS else ""  # without a proxy, the client's own idea
    number.set(told if WELL_FORMED.fullmatch(told) else uuid4().hex)
    return number.get()


def end(**_: Any) -> None:
    number.set("")


request_finished.connect(end)


def reference() -> str:
    """What people are given to tell us: the beginning of their request's number, eight hexadecimal digits."""
    return (number.get() or uuid4().hex)[:8].upper()


# --- jobs ---


class Numbered(JobManager):
    """Writes the number into what a job is told; a job that a job causes has the same."""

    def _defer_jobs_query_kwargs(self, jobs: list[Job]) -> dict[str, Any]:
        if number.get():
            jobs = [job.evolve(task_kwargs={**job.task_kwargs, IN_JOB: number.get()}) for job in jobs]
        return super()._defer_jobs_query_kwargs(jobs)


def travel_with_jobs(app: App) -> None:
    """What `entity_portal.jobs.use` calls."""
    app.job_manager = Numbered(app.job_manager.connector)


async def of_job(call_next: AsyncCallNext, context: JobContext, worker: Worker) -> Any:
    """Around each job of a worker: take the number out again. Nothing is left to end, as each job runs in a task."""
    number.set(str(context.job.task_kwargs.pop(IN_JOB, "")))
    return await call_next()
