"""What a job asks for in a worker is queued by the transaction of that job, as in a request (K4)."""

from collections.abc import Callable

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connections, transaction
from procrastinate.contrib.django import app

from entity_portal.messaging.models import SMS, Purpose
from entity_portal.messaging.operations import queue_email, queue_sms

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "counters"])


@async_to_sync
async def in_a_worker(work: Callable[[], None]) -> None:
    """As a worker calls it: its pool of connections is open, and the work has a thread of its own beside the loop."""
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        async with app.open_async():
            await sync_to_async(work)()


def queued() -> list[str]:
    """The jobs that another process sees."""
    with connections["counters"].cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs ORDER BY id")
        return [name for (name,) in cursor.fetchall()]


def ask_for_both() -> None:
    queue_sms(to="+85366123456", body="code", purpose=Purpose.RESET)
    queue_email(to="a@example.mo", subject="s", body="b")


def test_nobody_sees_a_job_before_what_it_is_about_K4() -> None:
    seen: list[list[str]] = []

    def work() -> None:
        with transaction.atomic():
            ask_for_both()
            seen.append(queued())
        seen.append(queued())

    in_a_worker(work)
    assert seen == [[], ["messaging.send_sms", "messaging.send_email"]]


def test_what_a_job_has_undone_is_not_sent_K4() -> None:
    def work() -> None:
        with transaction.atomic():
            ask_for_both()
            transaction.set_rollback(True)

    in_a_worker(work)
    assert queued() == []
    assert not SMS.objects.exists()
