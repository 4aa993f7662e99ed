"""Jobs of the worker: bringing the register in."""

from collections.abc import Callable

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from accounts import imports

# Each step is one transaction, so that it can begin again after whatever went wrong; an officer waits some minutes.
TRIES = 4
AGAIN = RetryStrategy(max_attempts=TRIES, exponential_wait=3)


def attempt(context: JobContext, pk: int, step: Callable[[int], None]) -> None:
    """Do a step; where it has failed too often, or workers were killed at it again and again, say so to officers."""
    if context.job.attempts > TRIES:
        imports.give_up(pk)
        return
    try:
        step(pk)
    except Exception:
        if context.job.attempts == TRIES:
            imports.give_up(pk)
        raise


@app.task(queue="register", name="accounts.read_register", retry=AGAIN, pass_context=True)
def read_register(context: JobContext, register_import: int) -> None:
    attempt(context, register_import, imports.read)


@app.task(queue="register", name="accounts.apply_register", retry=AGAIN, pass_context=True)
def apply_register(context: JobContext, register_import: int) -> None:
    attempt(context, register_import, imports.apply)
