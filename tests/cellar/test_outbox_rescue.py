"""No text waits for ever: whatever goes wrong, it is sent, or given up and emptied."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from entity_portal.messaging import operations
from entity_portal.messaging.models import SMS, Purpose, Status
from entity_portal.messaging.tasks import send_sms


def queued(**fields: Any) -> SMS:
    with transaction.atomic():
        return operations.queue_sms(to="+85366123456", body="code", purpose=Purpose.RESET, **fields)


def test_any_trouble_of_a_job_is_another_try_in_half_a_minute(db: None) -> None:
    strategy = send_sms.retry_strategy
    assert strategy
    for attempts in (0, 3, 200):
        decision = strategy.get_retry_decision(exception=OperationalError(), job=_Tried(attempts))  # type: ignore[arg-type]
        assert decision
        assert decision.retry_at
        assert timedelta(0) < decision.retry_at - timezone.now() <= timedelta(seconds=30)


class _Tried:
    def __init__(self, attempts: int) -> None:
        self.attempts = attempts


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
    operations.give_up_on_overdue()
    sms.refresh_from_db()
    assert (sms.status, sms.reason) == (status, reason)
    assert bool(sms.body) == (status == Status.QUEUED)
