"""A provider that is gone for a minute: texts come late, in order, once; none is lost (T1)."""

import subprocess
import sys
import time
from collections import Counter
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from entity_portal.management.commands.demo import die_with_parent
from entity_portal.messaging.models import SMS, WAITING, Purpose, Status
from entity_portal.messaging.operations import queue_sms
from tests import twilio_server

AWAY, LONGEST_WAIT = 60, 180  # seconds
NUMBERS = [f"+8536{number:07d}" for number in range(3_000_000, 3_000_010)]
EACH = 3


def test_a_minute_without_the_provider_delays_and_loses_nothing_T1(
    told: dict[str, str], port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "manage.py", "procrastinate", "worker", "--concurrency=3"]
    worker = subprocess.Popen(command, cwd=settings.BASE_DIR, env=told, preexec_fn=die_with_parent)
    try:
        for turn in range(EACH):
            for to in NUMBERS:
                with transaction.atomic():
                    queue_sms(to=to, body=f"text {turn}", purpose=Purpose.ACTIVATION)
            time.sleep(AWAY / EACH)
        assert {sms.status for sms in SMS.objects.all()} <= set(WAITING)
        with twilio_server.running(port) as twilio:
            back, last = time.monotonic(), None
            while SMS.objects.filter(status__in=WAITING).exists():
                assert time.monotonic() < back + LONGEST_WAIT
                time.sleep(0.2)
            last = time.monotonic() - back
    finally:
        worker.terminate()
        worker.wait(20)
    with capsys.disabled():
        print(f"\n{len(twilio.accepted)} texts, the last {last:.0f} s after the provider was back", end=" ")  # noqa: T201
    assert Counter(sms.status for sms in SMS.objects.all()) == {Status.SENT: len(NUMBERS) * EACH}
    arrived: dict[str, Any] = {to: [each["body"] for each in twilio.accepted if each["to"] == to] for to in NUMBERS}
    assert arrived == {to: [f"text {turn}" for turn in range(EACH)] for to in NUMBERS}
