"""A backup, and the restore of a moment on a fresh directory (B1, B2)."""

import shutil
import signal
import subprocess
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import psycopg

from deploy.rehearsal.cluster import Cluster
from deploy.rehearsal.database import as_postgres
from deploy.rehearsal.faults import Notes, fault
from deploy.rehearsal.ledger import look, read
from deploy.rehearsal.network import HOSTS, inside, run
from deploy.rehearsal.processes import wait_until
from deploy.rehearsal.programs import postgres


class Backup:
    """A base backup and the archive of what came after: enough for any moment since."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.folder = cluster, cluster.folder / "backup"
        self.restored = cluster.folder / "restored"
        self.sockets = cluster.folder / "restored.run"

    def take(self) -> None:

        databases = self.cluster.databases
        where = f"host={HOSTS[databases.primary.host]} user=replicator password={databases.passwords['replicator']}"
        self.folder.mkdir()
        shutil.chown(self.folder, "postgres", "postgres")
        command = [postgres("pg_basebackup"), "-D", str(self.folder), "-X", "none", "-c", "fast", "-d", where]
        run([*inside("worker1"), *as_postgres(*command, "--no-manifest")])

    def restore(self, moment: datetime) -> str:
        """Start a fresh directory as it was at `moment`; the address of that database."""

        shutil.copytree(self.folder, self.restored)
        self.sockets.mkdir()
        own = {
            "restore_command": f"cp {self.cluster.databases.archive}/%f %p",
            "recovery_target_time": moment.isoformat(),
            "recovery_target_action": "promote",
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "archive_mode": "off",
            "synchronous_standby_names": "",
            "shared_buffers": "64MB",
            "max_connections": "100",
        }
        lines = [f"{name} = '{value}'" for name, value in own.items()]
        (self.restored / "postgresql.conf").write_text("\n".join(lines) + "\n")
        (self.restored / "postgresql.auto.conf").write_text("")
        (self.restored / "recovery.signal").touch()
        run(["chown", "-R", "postgres:postgres", str(self.restored), str(self.sockets)])
        self.restored.chmod(0o700)
        log = self.cluster.folder / "restored.log"
        with log.open("ab") as said:
            command = as_postgres(postgres("postgres"), "-D", str(self.restored))
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/")
        place = str(self.sockets).replace("/", "%2F")
        url = f"postgresql://postgres:{self.cluster.passwords['postgres']}@{place}:5432/portal"

        def writable() -> bool:
            with suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=2) as connection:
                row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
                return row == (False,)
            return False

        wait_until(writable, "the restored server is open", 120)
        return url

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


@fault(
    "B2",
    "accident (every assignment ended), restore of the moment before on a fresh directory",
    "all acknowledged before it are there",
    longest=5,
)
def point_in_time(cluster: Cluster) -> Notes:
    """The live server is mended too, so that what follows is not judged by the accident."""
    backup, primary = Backup(cluster), cluster.databases.primary
    backup.take()
    time.sleep(6)
    told_until = time.monotonic()  # who was told by now had committed by then
    moment: datetime = primary.ask("SELECT clock_timestamp()")
    time.sleep(1)
    with primary.connect() as accident:
        accident.execute("SET session_replication_role = replica")  # no trigger stops a superuser
        accident.execute("UPDATE services_assignment SET ended_at = 'epoch' WHERE ended_at IS NULL")
        accident.execute("UPDATE services_assignment SET ended_at = NULL WHERE ended_at = 'epoch'")
    segment = primary.ask("SELECT pg_walfile_name(pg_current_wal_lsn())", name="postgres")
    primary.ask("SELECT pg_switch_wal()::text", name="postgres")
    archived = "SELECT last_archived_wal >= %s FROM pg_stat_archiver"
    wait_until(lambda: primary.ask(archived, segment, name="postgres"), "the log is archived", 30)
    begun = time.monotonic()
    url = backup.restore(moment.astimezone(UTC))
    took = time.monotonic() - begun
    try:
        with psycopg.connect(url) as connection:
            found = look(connection, cluster.folder / "none")
    finally:
        backup.stop()
    lines = read(cluster.folder / "ledger.jsonl")
    receipts = [line for line in lines if line.is_receipt and line.ended <= told_until]
    lost = sum(not found.rows[line.marker] or not found.history[line.marker] for line in receipts)
    verdict = f"{lost} of {len(receipts):,} receipts **missing**" if lost else f"all {len(receipts):,} receipts there"
    return (f"restored in {took:.1f} s: {verdict}",)


@fault("B1", "pg_dump and pg_restore under load", "every table restored as it was dumped", longest=5)
def dump(cluster: Cluster) -> Notes:
    """Counts of all tables in one snapshot, which the dump shares, beside those of what was restored."""
    primary, file = cluster.databases.primary, cluster.folder / "dump"
    with psycopg.connect(primary.url()) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row
        begun = time.monotonic()
        run([postgres("pg_dump"), "-Fc", f"--snapshot={row[0]}", "-f", str(file), "-d", primary.url()])
        took = time.monotonic() - begun
        before = counts(connection)
    primary.say("CREATE DATABASE restored")
    try:
        begun = time.monotonic()
        run([postgres("pg_restore"), "-d", primary.url(name="restored"), str(file)])
        took_back = time.monotonic() - begun
        with primary.connect("restored") as connection:
            same = counts(connection) == before
    finally:
        primary.say("DROP DATABASE restored WITH (FORCE)")
    verdict = f"{len(before)} tables equal" if same else "**tables differ**"
    return (f"dumped in {took:.1f} s, restored in {took_back:.1f} s: {verdict}",)


def counts(connection: "psycopg.Connection[Any]") -> dict[str, tuple[int, str]]:
    """`{table: (rows, a digest of all)}`; counters of limits are not kept by a dump's reader and left out."""
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'entity_portal_counter'"
    found: dict[str, Any] = {}
    for (table,) in connection.execute(query).fetchall():
        digest = f'SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM "{table}" AS t'
        found[table] = connection.execute(digest).fetchone()
    return found
