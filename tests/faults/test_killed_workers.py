"""Workers that die at every step between claim and commit: each text is sent once or known as unknown, none lost (K3).

The provider is not well either: of what is accepted a part is answered with 500, or the line is cut.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from werkzeug.wrappers import Response

from entity_portal.management.commands.demo import die_with_parent
from entity_portal.messaging.models import SMS, WAITING, Purpose, Status
from entity_portal.messaging.operations import queue_sms
from tests.faults.mortal_workers import STEPS
from tests.twilio_server import Cut, TwilioServer, problem

KILLS = 200
NUMBERS = [f"+8536{number:07d}" for number in range(2_000_000, 2_000_040)]
A_ROUND = 3  # texts


class Workers:
    """The program that makes workers, and the one it has made last."""

    def __init__(self, told: dict[str, str]) -> None:
        command = [sys.executable, "-c", "from tests.faults.mortal_workers import main; main()"]
        self.program = subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            env=told,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,
        )
        assert self.program.stdin
        assert self.program.stdout
        self.ask, self.said = self.program.stdin, self.program.stdout
        self.pid, self.step, self.left = 0, "", 0

    def start(self, step: str) -> None:
        self.step, self.left = step, random.randint(0, 2)
        self.ask.write(step + "\n")
        self.ask.flush()
        self.pid = int(self.said.readline())

    def ended(self) -> int:
        """How the worker ended, once it has."""
        return int(self.said.readline())

    def kill_at(self, step: str) -> None:
        """Called by the provider: if the worker is to die here, kill it and answer nobody."""
        if step == self.step:
            self.left -= 1
            if self.left < 0:
                with suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGKILL)
                raise Cut

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_trouble: object) -> None:
        self.program.terminate()
        self.program.communicate(timeout=60)


def queue(number: int) -> None:
    with transaction.atomic():
        queue_sms(to=NUMBERS[number % len(NUMBERS)], body=f"text {number}", purpose=Purpose.ACTIVATION)


def wait_for(done: Any, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "it takes too long"
        time.sleep(0.1)


def all_there() -> bool:
    return not SMS.objects.filter(status__in=WAITING).exists()


def test_two_hundred_killed_workers_lose_no_text_and_send_none_twice_K3(
    told: dict[str, str], twilio: TwilioServer, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.SMS_A_DAY = 100_000
    with Workers(told) as workers:

        def before(_form: dict[str, str]) -> Response | None:
            workers.kill_at("arrived")
            chance = random.random()
            if chance < 0.04:
                return problem(429, 20429)
            return problem(500, 20500) if chance < 0.08 else None

        def after(_form: dict[str, str]) -> Response | None:
            workers.kill_at("accepted")
            chance = random.random()
            if chance < 0.04:
                raise Cut
            return problem(500, 20500) if chance < 0.08 else None

        twilio.before, twilio.after = before, after
        queued, killed, steps = 0, Counter[str](), [step for step in STEPS if step != "looked up"]
        deadline = time.monotonic() + 900
        while killed.total() < KILLS:
            assert time.monotonic() < deadline
            for _text in range(A_ROUND):
                queue(queued)
                queued += 1
            # Only where something was left claimed can a worker die looking it up.
            claimed = SMS.objects.filter(status=Status.SENDING).count() >= A_ROUND
            step = (
                "looked up" if claimed and killed["looked up"] * len(STEPS) < killed.total() else random.choice(steps)
            )
            workers.start(step)
            stop = time.monotonic() + 12
            while (
                SMS.objects.filter(status__in=WAITING).exists()
                and time.monotonic() < stop
                and not workers_gone(workers)
            ):
                time.sleep(0.02)
            if not workers_gone(workers):  # nothing was left for it to die at
                os.kill(workers.pid, signal.SIGKILL)
                step = "idle"
            assert workers.ended() == -signal.SIGKILL
            killed[step] += step != "idle"

    twilio.before = twilio.after = lambda _form: None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    last = subprocess.Popen(
        [sys.executable, "manage.py", "procrastinate", "worker", "--concurrency=3"],
        cwd=settings.BASE_DIR,
        env=told,
        preexec_fn=die_with_parent,
    )
    try:
        wait_for(all_there, 300)
    finally:
        last.terminate()
        last.wait(20)

    sent = Counter(message["body"] for message in twilio.accepted)
    references = {message["body"]: message["sid"] for message in twilio.accepted}
    texts = list(SMS.objects.all())
    assert len(texts) == queued
    fates = Counter(text.status for text in texts)
    with capsys.disabled():
        print(f"\n{killed.total()} workers killed {dict(killed)}; {queued} texts: {dict(fates)}", end=" ")  # noqa: T201
    assert set(fates) <= {Status.SENT, Status.UNKNOWN}
    assert max(sent.values()) == 1, "a text was sent twice"
    assert len(sent) + fates[Status.UNKNOWN] >= queued, "a text was lost"
    assert fates[Status.SENT] <= len(sent)
    assert {text.provider_reference for text in texts if text.status == Status.SENT} <= set(references.values())
    assert not any(text.body for text in texts)
    assert set(killed) >= set(STEPS), "workers died at every step"
    assert not ProcrastinateJob.objects.filter(task_name="messaging.send_sms", status__in=["todo", "doing"]).exists()
    order = defaultdict(list)
    for message in twilio.accepted:
        order[message["to"]].append(int(message["body"].removeprefix("text ")))
    assert all(numbers == sorted(numbers) for numbers in order.values()), "texts to one number arrive in order"


def workers_gone(workers: Workers) -> bool:
    """Whether the process is dead; it stays a zombie until its maker has waited for it."""
    try:
        with open(f"/proc/{workers.pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
