"""Two PostgreSQL machines: a primary, whose commits wait for the other's disk, and its standby."""

import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

import psycopg

from deploy.rehearsal.network import HOSTS, NETWORK, Failed, inside, run
from deploy.rehearsal.processes import Program, Supervisor, wait_until
from deploy.rehearsal.programs import postgres

CONFIGURATION = Path(__file__).resolve().parent.parent / "postgres"
DISK = "700M"  # of each machine: small, so that it can be filled
STANDBY = "standby"
# Beside deploy/postgres/portal.conf: all machines share one.
SMALL = {
    "shared_buffers": "128MB",
    "wal_keep_size": "64MB",
    "max_wal_size": "128MB",
    "min_wal_size": "64MB",
    "checkpoint_timeout": "60s",
    "fsync": "on",
}


def as_postgres(*command: str) -> list[str]:
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--", *command]


def archiving(archive: Path) -> str:
    """The `archive_command` into a folder: whole or not at all, and what is there already and the same was archived.

    A standby that was promoted brings the segment it began with once more; refused for ever, it would archive no other.
    """
    there = f"{archive}/%f"
    return f"cmp -s %p {there} || (test ! -f {there} && cp %p {archive}/.%f && mv {archive}/.%f {there})"


@dataclass
class Server:
    """PostgreSQL of one machine, on a small file system of its own."""

    host: str
    folder: Path
    password: str
    supervisor: Supervisor
    program: Program = field(init=False)

    def __post_init__(self) -> None:
        self.disk, self.sockets = self.folder / self.host, self.folder / f"{self.host}.run"
        self.data = self.disk / "data"
        command = [postgres("postgres"), "-D", str(self.data)]
        log = self.folder / f"{self.host}.log"
        self.program = Program(self.host, self.host, command, log=log, user="postgres", again=False)
        self.supervisor.add(self.program)

    def mount(self) -> None:
        image = self.folder / f"{self.host}.img"
        run(["truncate", "-s", DISK, str(image)])
        run(["mkfs.ext4", "-q", "-F", "-m", "0", str(image)])
        self.disk.mkdir()
        run(["mount", "-o", "loop", str(image), str(self.disk)])
        self.sockets.mkdir()
        for each in (self.disk, self.sockets):
            shutil.chown(each, "postgres", "postgres")

    def unmount(self) -> None:
        run(["umount", "-l", str(self.disk)], quiet=True)

    def make(self, archive: Path) -> None:
        """An empty primary."""
        secret = self.folder / "superuser"
        secret.write_text(self.password)
        secret.chmod(0o644)
        options = ["-U", "postgres", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8"]
        run(as_postgres(postgres("initdb"), "-D", str(self.data), *options, "--data-checksums"))
        self.configure(archive)

    def configure(self, archive: Path) -> None:
        """Write the configuration of deploy/postgres, with this machine's address."""
        own = SMALL | {
            "listen_addresses": HOSTS[self.host],
            "unix_socket_directories": str(self.sockets),
            "archive_command": archiving(archive),
            "log_timezone": "UTC",
        }
        # A deleted standby.signal or a kept postgresql.auto.conf decides what is primary; nothing here does.
        lines = ["include 'portal.conf'", *(f"{name} = '{value}'" for name, value in own.items())]
        shutil.copy(CONFIGURATION / "portal.conf", self.data / "portal.conf")
        (self.data / "postgresql.conf").write_text("\n".join(lines) + "\n")
        told = {"POOL_ADDRESS": HOSTS["pool"], "WORKERS": NETWORK, "DATABASES": NETWORK}
        rules = Template((CONFIGURATION / "pg_hba.conf.template").read_text()).substitute(told)
        # Whoever asks here is root, not the user `postgres`: with a password.
        (self.data / "pg_hba.conf").write_text(rules.replace(" peer", " scram-sha-256"))

    def start(self) -> None:
        self.program.start()
        wait_until(self.answers, f"{self.host} answers", 60)

    def answers(self) -> bool:
        command = [postgres("pg_isready"), "-q", "-h", str(self.sockets), "-d", "postgres"]
        return subprocess.run(command, capture_output=True).returncode == 0

    def url(self, role: str = "postgres", password: str = "", name: str = "portal") -> str:
        """By its socket, which needs no network."""
        place = str(self.sockets).replace("/", "%2F")
        return f"postgresql://{role}:{password or self.password}@{place}:5432/{name}"

    def connect(self, name: str = "portal") -> "psycopg.Connection[Any]":
        return psycopg.connect(self.url(name=name), autocommit=True, connect_timeout=5)

    def ask(self, query: str, *values: Any, name: str = "portal") -> Any:
        """The first column of the first row."""
        with self.connect(name) as connection:
            row = connection.execute(query, values or None).fetchone()
            return row[0] if row else None

    def say(self, *statements: str, name: str = "postgres") -> None:
        with self.connect(name) as connection:
            for statement in statements:
                connection.execute(statement)


class Databases:
    """Which machine is the primary, and how that changes."""

    def __init__(self, folder: Path, passwords: dict[str, str], supervisor: Supervisor) -> None:
        self.passwords, self.archive = passwords, folder / "archive"
        self.servers = [Server(host, folder, passwords["postgres"], supervisor) for host in ("db1", "db2")]

    @property
    def primary(self) -> Server:
        return self.servers[0]

    @property
    def standby(self) -> Server:
        return self.servers[1]

    def up(self) -> None:
        self.archive.mkdir()
        shutil.chown(self.archive, "postgres", "postgres")
        for server in self.servers:
            server.mount()
        self.primary.make(self.archive)
        self.primary.start()
        secrets: dict[str, Any] = {f"{name.upper()}_PASSWORD": value for name, value in self.passwords.items()}
        psql = [postgres("psql"), "-q", "-d", self.primary.url(name="postgres"), "-f", str(CONFIGURATION / "roles.sql")]
        run(psql, **secrets)

    def follow(self) -> None:
        """Make the standby anew from the primary, start it, and make commits wait for it."""
        standby, primary = self.standby, self.primary
        standby.program.stop(signal.SIGINT)
        shutil.rmtree(standby.data, ignore_errors=True)
        where = f"host={HOSTS[primary.host]} user=replicator application_name={STANDBY}"
        where += f" password={self.passwords['replicator']} connect_timeout=3 keepalives_idle=5"
        command = [postgres("pg_basebackup"), "-D", str(standby.data), "-R", "-X", "stream", "-c", "fast", "-d", where]
        run([*inside(standby.host), *as_postgres(*command)])
        standby.configure(self.archive)
        standby.start()
        wait_until(self.streams, "the standby streams", 60)
        self.wait_for_standby(True)

    def streams(self) -> bool:
        query = "SELECT count(*) FROM pg_stat_replication WHERE application_name = %s AND state = 'streaming'"
        with suppress(psycopg.OperationalError):
            return bool(self.primary.ask(query, STANDBY, name="postgres"))
        return False

    def wait_for_standby(self, wanted: bool) -> None:
        """Whether commits wait. Where the standby is lost, an operator decides to go on alone: nothing else does."""
        name = STANDBY if wanted else ""
        self.primary.say(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'", "SELECT pg_reload_conf()")

    def promote(self) -> None:
        """The standby becomes the primary; the old one must be dead, or it could still be written to.

        Raises:
            Failed: the old primary runs.
        """
        if self.primary.program.runs:
            raise Failed("the old primary still runs")
        self.servers.reverse()
        self.primary.ask("SELECT pg_promote(true, 30)", name="postgres")
        self.wait_for_standby(False)

    def down(self) -> None:
        time.sleep(0.2)
        for server in self.servers:
            server.unmount()
