"""No text waits for ever: whatever goes wrong, it is sent, or given up and emptied."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from entity_portal.messaging import delivery, operations
from entity_portal.messaging.backends import NotNow
from entity_portal.messaging.models import SMS, Purpose, Status
from entity_portal.messaging.tasks import send_sms

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
