"""Databases of `bench_data` at two sizes, filled once for a run, asked, and thrown away."""

import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.places import Place
from tests.plans.pages import asked

# As if everybody were signed in.
SESSIONS = """
    INSERT INTO staff_session (session_key, session_data, expire_date, login_id, since, used_at, address, agent)
    SELECT md5(id::text), '', now() + interval '1 hour', id, now(), now(), '', '' FROM staff_stafflogin
"""
Plans = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Plans]:
    """The plans of the hot pages with so many logins, made once however many processes want them."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    known: dict[int, Plans] = {}

    def of(logins: int) -> Plans:
        kept = folder / f"plans-{logins}.json"
        with (folder / f"plans-{logins}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                kept.write_text(json.dumps(found(logins, folder / f"bench-{logins}")))
        if logins not in known:
            known[logins] = json.loads(kept.read_text())
        return known[logins]

    return of


def found(logins: int, folder: Path) -> Plans:
    place = Place("plans", logins, folder)
    place.prepare()
    with place.connect() as connection:
        connection.execute(SESSIONS)
        connection.execute("ANALYZE staff_session")
    try:
        return place.ask("tests.plans.asking", json.dumps(asked(place)))
    finally:
        stop(place)
        shutil.rmtree(folder)


def stop(place: Place) -> None:
    """Its PostgreSQL, without waiting for the end of this process."""
    os.kill(place.postmaster, signal.SIGINT)
    while (place.folder / "pg" / "postmaster.pid").exists():
        time.sleep(0.1)
