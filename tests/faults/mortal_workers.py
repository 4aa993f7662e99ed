"""A program for `test_killed_workers`: real workers, each of which dies at one step.

It reads the name of a step a line, forks a worker that kills itself (SIGKILL) when it comes there, writes the worker's
pid, and once it has ended how. Before a worker starts, what the dead left is put back, as happens every minute.
"""

import asyncio
import os
import random
import signal
import sys
from collections.abc import Callable
from typing import Any

import django
from django.core.management import call_command

STEPS = (
    "claimed",  # committed, and the provider not called yet
    "arrived",  # at the provider, which has not accepted it: the provider kills
    "accepted",  # by the provider, which has not answered: the provider kills
    "answered",  # and nothing of it written down
    "looked up",  # what a dead worker had claimed
    "written",  # and not committed
    "committed",  # and the job not finished
)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def mortal(step: str) -> None:
    """Arm this process to die at a step, the first time or a later one."""
    from django.db import transaction

    from entity_portal.messaging import delivery
    from entity_portal.messaging.backends import twilio

    left = random.randint(0, 2)

    def deadly(call: Callable[..., Any]) -> Callable[..., Any]:
        def then_die(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            result = call(*args, **kwargs)
            left -= 1
            if left < 0:
                die()
            return result

        return then_die

    def finish(*args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            deadly(delivered)(*args, **kwargs)

    delivered = delivery.finish
    if step == "claimed":
        delivery._claim = deadly(delivery._claim)
    elif step == "answered":
        twilio.send = deadly(twilio.send)
    elif step == "looked up":
        twilio.look_up = deadly(twilio.look_up)
    elif step == "written":
        delivery.finish = finish
    elif step == "committed":
        delivery.finish = deadly(delivery.finish)


async def put_back() -> None:
    """Half a minute after their deaths: what workers of earlier rounds were doing is put back."""
    from procrastinate.contrib.django import app

    from entity_portal.messaging.tasks import put_back_stalled

    worker = app.with_connector(app.connector.get_worker_connector())
    async with worker.open_async():
        await worker.connector.execute_query_async(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"
        )
        await put_back_stalled(worker.job_manager)


def main() -> None:
    django.setup()
    for line in sys.stdin:
        step = line.strip()
        if (pid := os.fork()) == 0:
            random.seed()
            asyncio.run(put_back())
            mortal(step)
            call_command("procrastinate", "worker", "--concurrency=3")
            os._exit(1)
        print(pid, flush=True)  # noqa: T201
        _pid, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201
