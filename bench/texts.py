"""How many texts one worker sends: `.venv/bin/python -m bench.texts [texts]`.

A real worker process as `manage.py procrastinate worker` starts it, on a database of its own on the embedded PostgreSQL
with `fsync` on, empties an outbox that was filled before. In turn, three rounds each: `phone` is an instant provider,
`twilio` the real client over real HTTP against the server of the tests, which shares the machine, and `nothing` a job
that does nothing, which is what the queue itself costs. Counted are texts that were handed over, from the first claim
to the last. Exits with 1 below fifty a second with the instant provider.
"""

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from statistics import median

TEXTS, ROUNDS, WANTED = 1000, 3, 50


def main() -> int:
    texts = int(sys.argv[1]) if len(sys.argv) > 1 else TEXTS
    from django.test.utils import setup_databases, teardown_databases

    made = setup_databases(verbosity=0, interactive=False)
    rates: dict[str, list[float]] = {"nothing": [], "phone": [], "twilio": []}
    try:
        for _round in range(ROUNDS):
            for what, found in rates.items():
                found.append(a_round(what, texts))
    finally:
        from django.db import connections

        connections.close_all()
        teardown_databases(made, verbosity=0)
    print(f"{texts} each, one worker of {concurrency()} jobs at once; per second, median (lowest to highest):")
    for what, found in rates.items():
        share = median(found) / median(rates["nothing"])
        print(f"  {what:<8} {median(found):6.0f}  ({min(found):.0f} to {max(found):.0f})  {share:.2f} of an empty job")
    enough = min(rates["phone"]) >= WANTED
    print(f"{'at least' if enough else 'NOT'} {WANTED} a second with an instant provider")
    return int(not enough)


def concurrency() -> int:
    from django.conf import settings

    return settings.PROCRASTINATE_WORKER_DEFAULTS["concurrency"]


def a_round(what: str, texts: int, *, workers: int = 1, handed: list[int] | None = None) -> float:
    """Fill an outbox, let so many workers empty it, return how many a second; `handed` is told what a phone got."""
    from django.conf import settings
    from django.db import connection, transaction

    from entity_portal.messaging.models import SMS, PhoneText, Purpose, Status
    from entity_portal.messaging.tasks import send_sms
    from tests import twilio_server
    from tests.running import environment

    told = environment("", settings.STATIC_ROOT.parent) | {"SMS_BACKEND": "twilio" if what == "twilio" else "phone"}
    with ExitStack() as stack:
        if what == "twilio":
            server = stack.enter_context(twilio_server.running())
            told |= {"TWILIO_ACCOUNT_SID": twilio_server.ACCOUNT, "TWILIO_AUTH_TOKEN": twilio_server.TOKEN}
            told |= {"TWILIO_SENDER": twilio_server.SENDER, "TWILIO_API_URL": server.url}
        with transaction.atomic():
            numbers = [f"+8536{2_000_000 + number}" for number in range(texts)]
            rows = [SMS(to=to, body=f"text to {to}", purpose=Purpose.ACTIVATION) for to in numbers]
            if what == "nothing":
                jobs = [{"sms_id": str(row.pk)} for row in rows]  # of texts that do not exist
            else:
                SMS.objects.bulk_create(rows)
                jobs = [{"sms_id": str(row.pk)} for row in rows]
            for to, job in zip(numbers, jobs, strict=True):
                send_sms.configure(lock=f"sms:{to}").defer(**job)
        with connection.cursor() as cursor:  # as the owner: bench.settings
            cursor.execute("ANALYZE messaging_sms, procrastinate_jobs")
        command = [sys.executable, "manage.py", "procrastinate", "worker"]
        started = [subprocess.Popen(command, env=told) for _worker in range(workers)]
        try:
            left = waiting()
            while left == texts:
                time.sleep(0.005)
                left = waiting()
            began, first = time.perf_counter(), texts - left
            while waiting():
                time.sleep(0.02)
            took = time.perf_counter() - began
        finally:
            for worker in started:
                worker.terminate()
            for worker in started:
                worker.wait(30)
        if what == "phone":
            if handed is not None:
                handed.append(PhoneText.objects.count())
            else:
                assert PhoneText.objects.count() == texts
            assert SMS.objects.filter(status=Status.DELIVERED).count() == texts
        if what == "twilio":
            assert len(server.accepted) == SMS.objects.filter(status=Status.SENT).count() == texts
        SMS.objects.all().delete()
        PhoneText.objects.all().delete()
    return (texts - first) / took


def waiting() -> int:
    """Jobs to do or being done."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs "
            "WHERE task_name = 'messaging.send_sms' AND status IN ('todo', 'doing')"
        )
        (left,) = cursor.fetchone()
    return left


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    import django

    django.setup()
    sys.exit(main())
