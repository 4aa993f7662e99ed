"""What the portal's own role may do in the database, and whoever takes a web process over with it (A130)."""

import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from entity_portal import privileges
from entity_portal.postgres import OWNER, PORTAL, RUNTIME
from tests.database import owning
from tests.running import Portal, environment

EVERY = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
USUAL = {"SELECT", "INSERT", "UPDATE", "DELETE"}
LESS = {
    "accounts_formernumber": {"SELECT", "INSERT"},
    "accounts_registermove": {"SELECT", "INSERT"},
    "activation_termsacceptance": {"SELECT", "INSERT"},
    "api_change": {"SELECT", "INSERT", "DELETE"},
    "applications_move": {"SELECT", "INSERT", "DELETE"},
    "audit_check": {"SELECT"},
    "audit_event": {"SELECT", "INSERT"},
    "auth_permission": {"SELECT"},
    "django_content_type": {"SELECT"},
    "django_migrations": {"SELECT"},
    "staff_stafflogin": {"SELECT", "INSERT", "UPDATE"},
}
# Each would open a way to the history, or past a rule.
REFUSED = [
    "SET session_replication_role = replica",
    f"SET ROLE {OWNER}",
    f"SET SESSION AUTHORIZATION {OWNER}",
    f"GRANT {OWNER} TO {PORTAL}",
    f"ALTER ROLE {PORTAL} SUPERUSER",
    f"ALTER ROLE {OWNER} PASSWORD 'x'",
    "CREATE ROLE another",
    "CREATE DATABASE another",
    "ALTER DATABASE portal SET session_replication_role = replica",
    "ALTER SYSTEM SET fsync = off",
    "ALTER TABLE audit_event DISABLE TRIGGER ALL",
    "ALTER TABLE audit_event DISABLE TRIGGER audit_2_deny",
    "ALTER TABLE audit_event OWNER TO CURRENT_USER",
    "ALTER TABLE audit_event RENAME TO gone",
    "ALTER TABLE audit_event ADD COLUMN x int",
    "DROP TRIGGER audit_2_deny ON audit_event",
    "DROP TABLE audit_event CASCADE",
    "DROP FUNCTION audit_deny() CASCADE",
    "DROP INDEX audit_event_newest",
    "CREATE OR REPLACE FUNCTION audit_deny() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
    "CREATE FUNCTION audit_digest(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
    "CREATE TRIGGER audit_9 BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_deny()",
    "CREATE RULE r AS ON INSERT TO audit_event DO INSTEAD NOTHING",
    "CREATE POLICY p ON audit_event",
    "CREATE TABLE another (x int)",
    "CREATE VIEW another AS SELECT 1",
    "CREATE SCHEMA another",
    "CREATE EXTENSION pg_trgm",
    "CREATE INDEX another ON audit_event (seq)",
    "TRUNCATE audit_event",
    "DO $$ BEGIN LOCK TABLE audit_event IN ACCESS EXCLUSIVE MODE; END $$",
    "SELECT setval('audit_event_id_seq', 1)",
    "COPY audit_event TO PROGRAM 'cat'",
    "SELECT pg_read_file('postgresql.conf')",
    "UPDATE pg_trigger SET tgenabled = 'D'",
    "DELETE FROM staff_stafflogin",
    "UPDATE applications_move SET now = 'approved'",
    "DELETE FROM django_migrations",
]


@pytest.fixture
def runtime(db: None, tmp_path: Path) -> Iterator["psycopg.Connection[Any]"]:
    """As a web process is connected, who knows nothing but DATABASE_URL."""
    told = environment("", tmp_path)
    with psycopg.connect(told["DATABASE_URL"], autocommit=True, options="-c lock_timeout=2000") as connected:
        yield connected


@pytest.mark.parametrize("statement", REFUSED)
def test_the_runtime_is_refused_whatever_would_open_a_way_to_the_history_A130(
    runtime: "psycopg.Connection[Any]", statement: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        runtime.execute(statement)  # type: ignore[call-overload]


def test_the_runtime_owns_nothing_and_is_nobody_A130(runtime: "psycopg.Connection[Any]") -> None:
    row = runtime.execute(
        "SELECT current_user, session_user, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, "
        "array(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = pg_roles.oid) "
        "FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    assert row == (PORTAL, PORTAL, False, False, False, False, False, [RUNTIME])
    owned = "SELECT deptype FROM pg_shdepend WHERE refobjid IN (%s::regrole, %s::regrole) AND deptype = 'o'"
    assert runtime.execute(owned, [PORTAL, RUNTIME]).fetchall() == []


def test_in_each_table_the_runtime_may_do_what_it_needs_A130(runtime: "psycopg.Connection[Any]") -> None:
    rows = runtime.execute(
        "SELECT relname, relkind::text, relowner::regrole::text, "
        "array(SELECT word FROM unnest(%s::text[]) word WHERE has_table_privilege(oid, word)) "
        "FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')",
        [list(EVERY)],
    ).fetchall()
    assert len(rows) > 70
    assert {owner for _name, _kind, owner, _may in rows} == {OWNER}
    views = {name for name, kind, _owner, _may in rows if kind == "v"}
    wrong = {
        name: set(may)
        for name, _kind, _owner, may in rows
        if set(may) != LESS.get(name, {"SELECT"} if name in views else USUAL)
    }
    assert wrong == {}


def test_every_trigger_looks_at_the_tables_of_the_portal_whoever_fires_it_A130(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
            "AND prorettype = 'trigger'::regtype "
            "AND NOT 'search_path=public, pg_temp' = ANY (coalesce(proconfig, '{}'))"
        )
        assert cursor.fetchall() == []


def test_what_was_given_beside_is_taken_away_by_the_next_migrate_A130(db: None) -> None:
    def may() -> list[bool]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT has_table_privilege(rolname, 'audit_event', 'DELETE'), "
                "has_schema_privilege(rolname, 'public', 'CREATE'), "
                "has_table_privilege(rolname, 'staff_session', 'TRUNCATE'), "
                "has_table_privilege(rolname, 'staff_session', 'DELETE') FROM pg_roles WHERE rolname = %s",
                [PORTAL],
            )
            return list(cursor.fetchone())

    with owning() as cursor:
        cursor.execute(f"GRANT ALL ON audit_event TO {RUNTIME}")
        cursor.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
        cursor.execute("GRANT TRUNCATE ON staff_session TO PUBLIC")
        cursor.execute(f"REVOKE DELETE ON staff_session FROM {RUNTIME}")
    assert may() == [True, True, True, False]
    with owning():
        privileges.grant()
    assert may() == [False, False, False, True]


def test_the_runtime_cannot_migrate_A130(db: None) -> None:
    with pytest.raises(privileges.NotOwner, match="audit_event"):
        privileges.grant()


def test_migrate_says_who_should_call_it_A130(db: None, settings: Any) -> None:
    settings.MIGRATE_DATABASE_URL = ""
    with pytest.raises(CommandError, match="Set MIGRATE_DATABASE_URL"):
        call_command("migrate", verbosity=0)


def test_a_running_server_and_its_worker_are_the_runtime_A130(portal: Portal) -> None:
    with connection.cursor() as cursor:
        for _try in range(100):
            with urllib.request.urlopen(f"{portal.url}/login/", timeout=30) as page:
                assert page.status == 200
            cursor.execute(
                "SELECT usename, count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND usename <> current_user GROUP BY usename"
            )
            roles = dict(cursor.fetchall())
            assert roles.keys() <= {PORTAL}
            if roles.get(PORTAL, 0) > 2:  # the worker has two of its own
                return
            time.sleep(0.1)
    raise AssertionError(roles)
