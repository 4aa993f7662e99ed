"""No text waits for ever: whatever goes wrong, it is sent, or given up and emptied."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from entity_portal.messaging import delivery, operations
from entity_portal.messaging.backends import NotNow
from entity_portal.messaging.models import SMS, Purpose, Status
from entity_portal.messaging.tasks import put_back_stalled, put_back_stuck, send_sms

MOBILE = "+85366123456"


def queued(**fields: Any) -> SMS:
    with transaction.atomic():
        return operations.queue_sms(to=MOBILE, body="code", purpose=Purpose.RESET, **fields)


class _Tried:
    def __init__(self, attempts: int) -> None:
        self.attempts = attempts


def pause(attempts: int, exception: Exception) -> float:
    assert send_sms.retry_strategy
    decision = send_sms.retry_strategy.get_retry_decision(exception=exception, job=_Tried(attempts))  # type: ignore[arg-type]
    assert decision
    assert decision.retry_at
    return (decision.retry_at - timezone.now()).total_seconds()


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 5), (1, 10), (2, 20), (3, 40), (4, 80), (5, 120), (5000, 120)])
def test_whatever_goes_wrong_is_tried_again_after_growing_pauses_T1(attempts: int, seconds: int) -> None:
    for trouble in (OperationalError(), NotNow("429")):
        assert seconds - 1 < pause(attempts, trouble) <= seconds * 1.2


def test_a_pause_that_was_asked_for_is_kept() -> None:
    assert 29 < pause(9, NotNow("no answer", wait=30)) <= 36


@pytest.mark.parametrize(
    ("fields", "age", "status", "reason"),
    [
        ({"not_after": timedelta(minutes=10)}, timedelta(minutes=9), Status.QUEUED, ""),
        ({"not_after": timedelta(minutes=10)}, timedelta(minutes=11), Status.FAILED, "expired"),
        ({}, timedelta(hours=3, minutes=59), Status.QUEUED, ""),
        ({}, timedelta(hours=4, minutes=1), Status.FAILED, "gave_up"),
    ],
)
def test_what_no_job_comes_to_is_given_up_in_its_time(
    db: None, time_machine: Any, fields: dict[str, timedelta], age: timedelta, status: str, reason: str
) -> None:
    sms = queued(**{name: timezone.now() + after for name, after in fields.items()})
    time_machine.move_to(timezone.now() + age, tick=False)
    delivery.sweep()
    sms.refresh_from_db()
    assert (sms.status, sms.reason) == (status, reason)
    assert bool(sms.body) == (status == Status.QUEUED)


@pytest.mark.parametrize(
    ("lost", "status", "age", "jobs"),
    [
        (True, "queued", timedelta(minutes=6), 1),
        (True, "sending", timedelta(minutes=6), 1),
        (True, "sent", timedelta(minutes=6), 0),
        (True, "queued", timedelta(minutes=4), 0),  # its job may be about to be written
        (False, "queued", timedelta(minutes=6), 1),
    ],
)
def test_a_text_whose_job_was_lost_gets_another_one(
    db: None, time_machine: Any, lost: bool, status: str, age: timedelta, jobs: int
) -> None:
    sms = queued()
    with connection.cursor() as cursor:
        if lost:
            cursor.execute("DELETE FROM procrastinate_jobs")
        if status != "queued":
            SMS.objects.filter(pk=sms.pk).update(status="sending", claimed_at=timezone.now())
        if status == "sent":
            delivery.finish(sms, Status.SENT)
        time_machine.move_to(timezone.now() + age, tick=False)
        for _twice in range(2):
            delivery.sweep()
        cursor.execute("SELECT lock FROM procrastinate_jobs WHERE args->>'sms_id' = %s", [str(sms.pk)])
        assert cursor.fetchall() == [(f"sms:{MOBILE}",)] * jobs


# --- jobs that nobody does any more, of workers that live ---


def doing(queue: str, minutes: int, **job: Any) -> int:
    """A job that a living worker has taken so long ago."""
    told = {"queue_name": queue, "task_name": "messaging.send_sms", "lock": None, "queueing_lock": None} | job
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        worker = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)"
            " VALUES (%(queue_name)s, %(task_name)s, %(lock)s, %(queueing_lock)s, '{}') RETURNING id",
            told,
        )
        pk: int = cursor.fetchone()[0]
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [worker, pk])
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - make_interval(mins => %s) WHERE job_id = %s", [minutes, pk]
        )
    return pk


def state(pk: int) -> tuple[str, int]:
    return ProcrastinateJob.objects.values_list("status", "attempts").get(pk=pk)


@pytest.mark.parametrize(
    ("queue", "minutes", "found"),
    [
        ("sms", 1, ("doing", 0)),
        ("sms", 3, ("todo", 1)),
        ("door", 3, ("todo", 1)),
        ("logout", 3, ("todo", 1)),
        ("register", 300, ("doing", 0)),
        ("register", 400, ("todo", 1)),
    ],
)
def test_a_job_that_was_cut_off_while_its_worker_lives_is_done_again_P2(
    db: None, queue: str, minutes: int, found: tuple[str, int]
) -> None:
    pk = doing(queue, minutes)
    put_back_stuck()
    assert state(pk) == found


def test_how_long_a_job_takes_is_counted_from_its_last_start_P2(db: None) -> None:
    pk = doing("sms", 200)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'todo' WHERE id = %s", [pk])
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [pk])
    put_back_stuck()
    assert state(pk)[0] == "doing"


def test_a_periodic_job_whose_next_one_waits_does_not_keep_others_from_being_put_back_P2(db: None) -> None:
    locked = {"task_name": "messaging.sweep", "queueing_lock": "messaging.sweep"}
    sweep, text = doing("sms", 3, **locked), doing("sms", 3)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args)"
            " VALUES ('sms', 'messaging.sweep', 'messaging.sweep', '{}')"
        )
    put_back_stuck()
    assert (state(sweep)[0], state(text)[0]) == ("doing", "todo")


def test_the_same_holds_for_jobs_of_workers_that_were_killed_K3(transactional_db: None) -> None:
    locked = {"task_name": "messaging.sweep", "queueing_lock": "messaging.sweep"}
    sweep, text = doing("sms", 0, **locked), doing("sms", 0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args)"
            " VALUES ('sms', 'messaging.sweep', 'messaging.sweep', '{}')"
        )
    asyncio.run(put_back_the_killed())
    assert (state(sweep)[0], state(text)[0]) == ("doing", "todo")


async def put_back_the_killed() -> None:
    worker = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with worker.open_async():
        await put_back_stalled(worker.job_manager)
