"""Texts for goal 10: `python -m bench.outbox [texts]`, on a database of its own, with the workers of `bench.texts`.

Prints `{"rates": […], "twice", "queueing_ms", "commit_ms"}`: texts a second that one worker hands to an instant
provider, round by round; how many too many four workers handed over; milliseconds to queue a text in a transaction of
its own, beside one that writes a row, `fsync` on.
"""

import json
import os
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
TEXTS, ROUNDS, TIMES = 1000, 3, 200


def main() -> None:
    import django

    django.setup()
    from django.db import connections
    from django.test.utils import setup_databases, teardown_databases

    texts = int(sys.argv[1]) if len(sys.argv) > 1 else TEXTS
    made = setup_databases(verbosity=0, interactive=False)
    try:
        print(json.dumps(measured(texts)))
    finally:
        connections.close_all()
        teardown_databases(made, verbosity=0)


def measured(texts: int) -> dict[str, Any]:
    from bench.texts import a_round

    rates = [a_round("phone", texts) for _round in range(ROUNDS)]
    handed: list[int] = []
    a_round("phone", texts, workers=4, handed=handed)
    queueing, commit = beside_each_other(queue, write)
    return {"rates": rates, "twice": handed[0] - texts, "queueing_ms": queueing, "commit_ms": commit}


def beside_each_other(*acts: Callable[[int], object]) -> list[float]:
    """Median milliseconds of each, in turn, each in a transaction of its own."""
    from django.db import transaction

    took: list[list[float]] = [[] for _act in acts]
    for turn in range(TIMES + 20):
        for act, times in zip(acts, took, strict=True):
            begun = perf_counter()
            with transaction.atomic():
                act(turn)
            if turn >= 20:  # warm
                times.append(1000 * (perf_counter() - begun))
    return [median(times) for times in took]


def queue(turn: int) -> None:
    from entity_portal.messaging.models import Purpose
    from entity_portal.messaging.operations import queue_sms

    queue_sms(to=f"+8536{2_000_000 + turn}", body="text", purpose=Purpose.ACTIVATION)


def write(turn: int) -> None:
    """A row, and no more."""
    from entity_portal.messaging.models import SMS, Purpose

    SMS.objects.create(to=f"+8536{3_000_000 + turn}", body="text", purpose=Purpose.ACTIVATION)


if __name__ == "__main__":
    main()
