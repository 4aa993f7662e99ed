"""The embedded PostgreSQL: starts where a developer's checkout may lie, and survives what a developer does."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

GIVEN = {"DATABASE_URL", "MIGRATE_DATABASE_URL"}
SAY = """
import sys, psycopg
from entity_portal.postgres import OWNER, owner_url
with psycopg.connect(owner_url().replace(OWNER, sys.argv[2])) as connection:
    for statement in sys.argv[1].split(";"):
        answer = connection.execute(statement)
    print(answer.fetchone()[0])
"""


def process(data: Path, sql: str, role: str = "portal_owner") -> subprocess.Popen[str]:
    """A process of its own that starts or finds the server of a folder and asks it one thing."""
    told = {key: value for key, value in os.environ.items() if key not in GIVEN} | {"PORTAL_DATA_DIR": str(data)}
    command = [sys.executable, "-c", SAY, sql, role]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=told, text=True, stdout=subprocess.PIPE)


def ask(data: Path, sql: str, *, role: str = "portal_owner") -> str:
    return process(data, sql, role).communicate(timeout=60)[0].strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A path with a space, an apostrophe and Chinese characters, closed to others."""
    made = tmp_path / "sp ace, it's/澳門"
    made.mkdir(parents=True, mode=0o700)
    return made


def test_four_first_starts_at_once_share_one_server_that_sorts_and_searches_chinese(folder: Path) -> None:
    asked = [process(folder, "SELECT inet_server_port() IS NULL AND lower('ÁÇ') = 'áç'") for _process in range(4)]
    assert [each.communicate(timeout=90)[0].strip() for each in asked] == ["True"] * 4


def test_what_the_portals_role_owned_before_there_were_two_becomes_the_owners_A130(folder: Path) -> None:
    before = "ALTER TABLE kept OWNER TO portal; ALTER DATABASE portal OWNER TO portal; ALTER ROLE portal CREATEDB"
    ask(folder, f"CREATE TABLE kept AS SELECT 42 AS answer; {before}; SELECT 1", role="postgres")
    (folder / "pg.roles").unlink()
    assert ask(folder, "SELECT tableowner FROM pg_tables WHERE tablename = 'kept'", role="portal") == "portal_owner"
    assert ask(folder, "SELECT rolcreatedb FROM pg_roles WHERE rolname = 'portal'", role="portal") == "False"
    assert ask(folder, "SELECT answer FROM kept", role="portal") == ""  # until `migrate` gives it something
    assert ask(folder, "SELECT answer FROM kept") == "42"


def test_what_was_committed_is_there_after_the_server_was_killed(folder: Path) -> None:
    ask(folder, "CREATE TABLE kept AS SELECT 42 AS answer; SELECT 1")
    with process(folder, "SELECT pg_sleep(1)::text || 'x'") as holder:
        pid_file = folder / "pg" / "postmaster.pid"
        wait_for(pid_file)
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
        holder.kill()
    assert ask(folder, "SELECT answer FROM kept") == "42"


def test_the_server_ends_when_its_last_user_was_killed(folder: Path) -> None:
    with process(folder, "SELECT pg_sleep(30)::text") as user:
        pid_file = folder / "pg" / "postmaster.pid"
        wait_for(pid_file)
        user.send_signal(signal.SIGKILL)
    for _try in range(100):
        if not pid_file.exists():
            break
        time.sleep(0.1)
    assert not pid_file.exists()


def wait_for(path: Path) -> None:
    for _try in range(300):
        if path.exists() and len(path.read_text().splitlines()) >= 8:  # the eighth line says: ready
            return
        time.sleep(0.1)
    raise AssertionError(f"{path} did not appear")


def test_a_start_waits_for_what_a_killed_start_has_left_running(folder: Path) -> None:
    """initdb outlives the one who called it: to clear its folder under its feet breaks both."""
    with process(folder, "SELECT 1") as starter:
        left = running(b"initdb", folder / "pg.new")
        os.kill(left, signal.SIGSTOP)
        starter.kill()
    with process(folder, "SELECT 1") as following:
        with pytest.raises(subprocess.TimeoutExpired):
            following.wait(timeout=3)
        os.kill(left, signal.SIGCONT)
        assert following.communicate(timeout=60)[0].strip() == "1"


def running(program: bytes, folder: Path) -> int:
    """The process of that name that works on the folder, as soon as there is one."""
    for _try in range(3_000):
        for pid in filter(str.isdecimal, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                words = Path("/proc", pid, "cmdline").read_bytes().split(b"\0")
                if words[0].endswith(program) and os.fsencode(folder) in words:
                    return int(pid)
        time.sleep(0.01)
    raise AssertionError(f"{program!r} was not seen")


def test_a_start_that_was_killed_at_any_moment_leaves_nothing_broken(folder: Path) -> None:
    for moment in (0.1, 0.4, 0.6, 0.8, 1.0):
        with process(folder, "SELECT 1") as starter:
            time.sleep(moment)
            starter.kill()
    assert ask(folder, "SELECT 1") == "1"
