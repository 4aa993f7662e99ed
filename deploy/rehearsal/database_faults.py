"""Faults of PostgreSQL and its machines, and what operators do with it."""

import os
import shutil
import signal
import time
from contextlib import suppress

import psycopg

from deploy.rehearsal.cluster import WEB, Cluster
from deploy.rehearsal.faults import Notes, fault, healthy
from deploy.rehearsal.network import silence
from deploy.rehearsal.processes import wait_until

MOST = 200  # connections, more than PostgreSQL has
BLOCKED = 6  # seconds that a forgotten transaction holds a table


@fault("P1", "PostgreSQL restarted (fast)", "0 lost", longest=8)
def restart(cluster: Cluster) -> Notes:
    primary = cluster.databases.primary
    primary.program.stop(signal.SIGINT)
    primary.start()
    wait_until(cluster.databases.streams, "the standby streams")
    return (f"{cluster.wait_for_pages():.1f} s until a page",)


@fault("P1b", "kill -9 of PostgreSQL, started again on its data", "0 lost", longest=15)
def crash(cluster: Cluster) -> Notes:
    primary = cluster.databases.primary
    primary.program.kill()
    time.sleep(1)
    primary.start()
    wait_until(cluster.databases.streams, "the standby streams")
    return (f"{cluster.wait_for_pages():.1f} s until a page",)


@fault("P2", "all connections of the portal cut", "0 lost", longest=4)
def cut(cluster: Cluster) -> Notes:
    query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename LIKE 'portal%'"
    ended = 0
    for _turn in range(3):
        ended += cluster.databases.primary.ask(query, name="postgres")
        time.sleep(3)
    return (f"{ended} cut",)


@fault(
    "P3",
    "network to PostgreSQL silently dead for 20 s",
    "an answer within 5 s, and a page as soon as it is back",
    longest=30,
    answer=5.5,
)
def silent(cluster: Cluster) -> Notes:
    with silence(cluster.databases.primary.host):
        time.sleep(20)
    repaired = time.monotonic()
    cluster.wait_for_pages()
    wait_until(cluster.databases.streams, "the standby streams", 90)
    return (f"a page {time.monotonic() - repaired:.1f} s after the repair",)


@fault("P4", "failover: kill -9 of the primary, promote the standby", "0 lost", longest=20)
def failover(cluster: Cluster) -> Notes:
    """As deploy/README.md says: the old one is dead, promote, point the pool there, then a new standby."""
    begun = time.monotonic()
    cluster.databases.primary.program.kill()
    time.sleep(3)  # until somebody, or something, has seen it
    cluster.databases.primary.program.wanted = False
    cluster.databases.promote()
    cluster.point_pool()
    cluster.reload_pool()
    promoted = time.monotonic() - begun
    cluster.wait_for_pages()
    page = time.monotonic() - begun
    time.sleep(5)
    cluster.databases.follow()
    return (f"promoted after {promoted:.1f} s, a page after {page:.1f} s", "the old primary is the standby now")


@fault(
    "P4b",
    "the standby lost; after 8 s an operator goes on without",
    "nothing acknowledged until then; 0 lost",
    longest=25,
)
def alone(cluster: Cluster) -> Notes:
    databases = cluster.databases
    databases.standby.program.kill()
    time.sleep(8)
    databases.wait_for_standby(False)
    time.sleep(5)
    databases.follow()
    return ("reading goes on meanwhile",)


@fault("P5", "disk of PostgreSQL full for 8 s", "0 lost; recovery by itself or by a restart", longest=30)
def disk_full(cluster: Cluster) -> Notes:
    primary = cluster.databases.primary
    filler = primary.disk / "filler"
    notes = []
    with filler.open("wb", buffering=0) as file:  # or what could not be written would be tried again when it is closed
        free = shutil.disk_usage(primary.disk).free
        with suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, max(free - 1024 * 1024, 4096))
        with suppress(OSError):
            while True:
                file.seek(0, os.SEEK_END)
                file.write(b"x" * 65536)
                file.flush()
    time.sleep(8)
    filler.unlink()
    if not primary.program.runs:
        notes.append("it had stopped (PANIC) and was started")
        primary.start()
    wait_until(cluster.databases.streams, "the standby streams", 90)
    cluster.wait_for_pages()
    return notes


@fault("P9", "a statement that would take 10 s, as the web's role", "cut off after 5 s", longest=3, unnoticed=True)
def slow_statement(cluster: Cluster) -> Notes:
    url = cluster.databases.primary.url("portal", cluster.passwords["portal"])
    begun = time.monotonic()
    with psycopg.connect(url, autocommit=True) as connection:
        try:
            connection.execute("SELECT pg_sleep(10)")
        except psycopg.errors.QueryCanceled:
            return (f"cut off after {time.monotonic() - begun:.1f} s",)
    return ("**it was not cut off**",)


@fault(
    "P10", "all connections of PostgreSQL taken for 8 s", "the pool has its own; one is kept for operators", longest=5
)
def connections_used_up(cluster: Cluster) -> Notes:
    primary = cluster.databases.primary
    url = primary.url("portal_worker", cluster.passwords["worker"])
    taken: list[psycopg.Connection[tuple[object, ...]]] = []
    try:
        with suppress(psycopg.OperationalError):
            while len(taken) < MOST:
                taken.append(psycopg.connect(url))
        time.sleep(8)
        kept = primary.ask("SELECT 1", name="postgres")
    finally:
        for connection in taken:
            connection.close()
    return (f"{len(taken)} taken", "an operator came in" if kept else "**no operator came in**")


@fault(
    "P6",
    "ALTER TABLE behind a forgotten transaction, with the owner's lock limit",
    "it gives up; the site stays up",
    longest=5,
)
def migration(cluster: Cluster) -> Notes:
    """First it is refused by its limit of 2 s, as `migrate` would be, then it goes through."""
    notes = []
    change = "ALTER TABLE staff_stafflogin ADD COLUMN rehearsal integer"
    owner = cluster.owner_url
    with psycopg.connect(cluster.databases.primary.url()) as forgotten:
        forgotten.execute("SELECT count(*) FROM staff_stafflogin WHERE id = 1")
        begun = time.monotonic()
        with psycopg.connect(owner, autocommit=True) as migrating:
            try:
                migrating.execute(change)
                notes.append("**it was not refused**")
            except psycopg.errors.LockNotAvailable:
                notes.append(f"gave up after {time.monotonic() - begun:.1f} s")
        time.sleep(max(0.0, BLOCKED - (time.monotonic() - begun)))
    with psycopg.connect(owner, autocommit=True) as migrating:
        begun = time.monotonic()
        migrating.execute(change)
        notes.append(f"then done in {time.monotonic() - begun:.2f} s")
        time.sleep(2)
        migrating.execute("ALTER TABLE staff_stafflogin DROP COLUMN rehearsal")
    return notes


@fault("D1", "web started while PostgreSQL is away", "it is live at once, and ready when PostgreSQL is", longest=60)
def start_without(cluster: Cluster) -> Notes:
    primary = cluster.databases.primary
    primary.program.stop(signal.SIGINT)
    for host in WEB:
        cluster.programs[host].kill()
    took = wait_until(lambda: healthy(cluster, *WEB), "both web machines are live", 60)
    status = cluster.fetch("/login/")
    primary.start()
    page = cluster.wait_for_pages()
    wait_until(cluster.databases.streams, "the standby streams", 90)
    return (f"live after {took:.1f} s, pages {status} meanwhile, then a page after {page:.1f} s",)
