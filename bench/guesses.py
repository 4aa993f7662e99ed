"""Fifty wrong passwords at once: how many are tried, and what a strike costs beside a password's hash.

`python -m bench.guesses USERNAME POSTMASTER` prints `{"tried", "counted", "counter_ms", "hash_ms"}`; the times are CPU,
those of PostgreSQL's processes included.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.serving")
AT_ONCE, PEOPLE, TURNS, HASHES = 50, 100, 3, 40


def main() -> None:
    import django

    django.setup()
    from django.contrib.auth.hashers import check_password as verify
    from django.db import connection

    from bench import cpu, data
    from entity_portal.audit.actions import Action
    from entity_portal.audit.models import Event
    from staff import operations
    from staff.models import StaffLogin
    from staff.models.login import MAX_FAILED_ATTEMPTS

    username, postmaster = sys.argv[1], int(sys.argv[2])
    login = StaffLogin.objects.get(entity__number=data.BIG.number, username=username)

    def guess(number: int) -> None:
        try:
            operations.check_password(entity_number=data.BIG.number, username=username, password=f"Wrong2026{number}")
        finally:
            connection.close()

    before = Event.objects.order_by("-pk").values_list("pk", flat=True)[0]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(guess, range(AT_ONCE)))
    said = Event.objects.filter(pk__gt=before, target=login.euid, action=Action.SIGN_IN_REFUSED)
    tried = sum(event.data.get("why") == "wrong password" for event in said)
    login.refresh_from_db()
    counted = login.failed_attempts
    StaffLogin.objects.filter(pk=login.pk).update(failed_attempts=0, locked_at=None)
    login.refresh_from_db()

    def spent() -> float:
        return time.process_time() + cpu.seconds(postmaster)

    people = StaffLogin.objects.filter(entity=login.entity, status="active", failed_attempts=0)[:PEOPLE]
    others, struck = list(people), 0.0
    for _turn in range(TURNS):
        begun = spent()
        for _strike in range(MAX_FAILED_ATTEMPTS - 1):
            for each in others:
                StaffLogin.objects.take_strike(each.pk)
        struck += spent() - begun
        for each in others:  # a right password's part, and so not the counter's
            each.forget_strikes()
    counter = struck / (TURNS * (MAX_FAILED_ATTEMPTS - 1) * len(others))
    begun = spent()
    for _turn in range(HASHES):
        verify(data.PASSWORD, login.password)
    hashed = (spent() - begun) / HASHES
    print(json.dumps({"tried": tried, "counted": counted, "counter_ms": 1000 * counter, "hash_ms": 1000 * hashed}))


if __name__ == "__main__":
    main()
