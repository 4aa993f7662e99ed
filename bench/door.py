"""How long the door takes for each reason it stays shut (A12, A14, A15): `.venv/bin/python -m bench.door [tries]`.

Every reason is tried in turn, round after round, through the whole portal with production's password hash, on a
database of its own on the embedded PostgreSQL with `fsync` on. Printed is the median of each and its distance from the
median of all; within ten per cent nobody can tell who exists by listening. A first round warms up and is thrown away.
Exits with 1 beyond.
"""

import os
import sys
from collections.abc import Callable
from datetime import date
from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

TRIES = 200
WITHIN = 0.10


def main() -> int:
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else TRIES
    from django.test.utils import setup_databases, teardown_databases

    worst = 0.0
    made = setup_databases(verbosity=0, interactive=False)
    try:
        for title, cases in doors().items():
            worst = max(worst, report(title, measure(cases, tries)))
    finally:
        from django.db import connections

        connections.close_all()
        teardown_databases(made, verbosity=0)
    print(f"\nfarthest from the median: {worst:.1%}; {'within' if worst <= WITHIN else 'NOT within'} {WITHIN:.0%}")
    return int(worst > WITHIN)


def doors() -> dict[str, dict[str, tuple[Callable[[], Any], Callable[[], Any]]]]:
    """For each door, by reason: what makes ready for a try, and the try."""
    from django.core.cache import caches
    from django.db import transaction
    from django.test import Client

    from accounts.models import EntityStatus
    from activation.models import ActivationCode
    from activation.operations import send_code
    from entity_portal.humancheck.models import Challenge
    from staff.models import StaffLogin, Status
    from tests import cast

    house = cast.company()
    with transaction.atomic():
        shut = cast.entity(number="10000015", number_is_official=True)
        outside = cast.login(entity=shut, username="out.side", is_administrator=True)
    shut.status = EntityStatus.SUSPENDED
    shut.save()
    locked = cast.login(entity=house.entity, username="locked.one", failed_attempts=5)
    pending = cast.login(entity=house.entity, status=Status.PENDING)
    send_code(login=pending, by=house.administrator)
    people = StaffLogin.objects.filter(pk=house.staff.pk)

    def ready() -> None:
        caches["counters"].clear()
        people.update(failed_attempts=0, locked_at=None)
        ActivationCode.objects.update(tries=0)

    def post(address: str, **data: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
        browser = Client()
        made: dict[str, str] = {}

        def before() -> None:
            ready()
            if address != "/login/":
                question = Challenge.ask("picture")
                made.update(human_0=question.key, human_1=question.task)

        def during() -> None:
            answer = browser.post(address, data | made)
            assert answer.status_code in {200, 302}, answer.status_code

        return before, during

    def sign_in(number: str, username: str | None) -> tuple[Callable[[], Any], Callable[[], Any]]:
        return post("/login/", entity_number=number, username=username or "", password="Wrong2026x")

    def activate(**changes: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
        data = {
            "entity_number": house.entity.number,
            "document_type": pending.document_type,
            "document_number": pending.document_number,
            "birth_date": cast.BIRTH_DATE.isoformat(),
            "code": "AAAAAAAA",
            "agree": "on",
        }
        return post("/activate/", **(data | changes))

    def reset(username: str, born: date = cast.BIRTH_DATE) -> tuple[Callable[[], Any], Callable[[], Any]]:
        return post(
            "/help/reset-password/",
            entity_number=house.entity.number,
            username=username,
            birth_date=born.isoformat(),
        )

    return {
        "sign-in (A12)": {
            "unknown entity": sign_in("99999999", "ao.hoiian"),
            "unknown username": sign_in(house.entity.number, "nobody.here"),
            "wrong password": sign_in(house.entity.number, house.staff.username),
            "locked": sign_in(house.entity.number, locked.username),
            "not activated": sign_in(house.entity.number, f"no.{uuid4().hex[:8]}"),
            "departed": sign_in(house.entity.number, house.departed.username),
            "suspended entity": sign_in(shut.number, outside.username),
        },
        "activation (A14)": {
            "unknown entity": activate(entity_number="99999999"),
            "unknown person": activate(document_number="87654321"),
            "wrong birth date": activate(birth_date="1991-02-03"),
            "wrong code": activate(),
            "activated already": activate(document_number=house.staff.document_number),
        },
        "reset (A15)": {
            "somebody": reset("ao.hoiian"),
            "nobody": reset("nobody.here"),
            "wrong birth date": reset("ao.hoiian", date(1991, 2, 3)),
        },
    }


def measure(cases: dict[str, tuple[Callable[[], Any], Callable[[], Any]]], tries: int) -> dict[str, list[float]]:
    """Seconds of each try, by reason, the reasons in turn."""
    took: dict[str, list[float]] = {reason: [] for reason in cases}
    for turn in range(tries + 1):
        for reason, (before, during) in cases.items():
            before()
            start = perf_counter()
            during()
            if turn:
                took[reason].append(perf_counter() - start)
    return took


def report(title: str, took: dict[str, list[float]]) -> float:
    """Print the medians; return how far the farthest is from the median of all, as a share of it."""
    medians = {reason: median(times) for reason, times in took.items()}
    middle = median(medians.values())
    print(f"\n{title}: {len(next(iter(took.values())))} tries each, median of all {middle * 1000:.1f} ms")
    for reason, each in medians.items():
        times = sorted(took[reason])
        low, high = times[len(times) // 4], times[3 * len(times) // 4]
        print(
            f"  {reason:<18} {each * 1000:7.1f} ms  {each / middle - 1:+6.1%}"
            f"   middle half {low * 1000:.1f} to {high * 1000:.1f} ms"
        )
    return max(abs(each / middle - 1) for each in medians.values())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    import django

    django.setup()
    sys.exit(main())
