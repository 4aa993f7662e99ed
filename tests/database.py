"""The test database: what the migrations make is made once and copied; what a test commits is emptied again.

Tests are the runtime: their role may do what web processes and workers may. To be the owner they say so.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from entity_portal.postgres import OWNER
from entity_portal.privileges import as_owner

PREFIX = "portal_template_"
MAKING = f"{PREFIX}new"
KEPT = 3  # of the newest; a branch that is left and taken up again finds its own
LOCK = 7_001  # any number: nobody else locks by numbers in the portal's own database


def server() -> psycopg.Connection[Any]:
    """The owner's connection to the portal's own database, which tests never use, to make and drop others from."""
    return psycopg.connect(owner_of(own_name()), autocommit=True)


def own_name() -> str:
    wanted = settings.DATABASES["default"]
    return wanted.get("OWN_NAME", wanted["NAME"])


def owner_of(name: str) -> str:
    """The owner's address of a database of the tests' server."""
    return urlsplit(settings.MIGRATE_DATABASE_URL)._replace(path=f"/{name}").geturl()


@contextmanager
def owning() -> Iterator[Any]:
    """A cursor of the transaction that is under way, as the owner of the tables: a hand that gets past privileges."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {OWNER}")
        yield cursor
        cursor.execute("RESET ROLE")


def digest() -> str:
    """What the migrations and the settings that they read are, in 16 letters: another file, another template."""
    modules = ("entity_portal.settings", "entity_portal.privileges", __name__)
    files = [Path(import_module(name).__file__ or "") for name in modules]
    for app in apps.get_app_configs():
        name, _said = MigrationLoader.migrations_module(app.label)
        if name and (folder := Path(app.path, "migrations")).is_dir():
            files += sorted(folder.glob("*.py"))
    told = hashlib.sha256()
    for file in files:
        told.update(f"{file.parent.parent.name}/{file.name}\0".encode() + file.read_bytes())
    return told.hexdigest()[:16]


def copy(name: str) -> None:
    """Make the database `name`, as it is after the migrations, and use it in this process."""
    wanted = settings.DATABASES["default"]
    wanted.setdefault("OWN_NAME", wanted["NAME"])
    template = f"{PREFIX}{digest()}"
    with server() as own:
        own.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if not own.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
            make(own, template)
        # As long as somebody copies, nobody makes another and drops this one.
        own.execute("SELECT pg_advisory_lock_shared(%s), pg_advisory_unlock(%s)", [LOCK, LOCK])
        own.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        own.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
    use(name)


def make(own: psycopg.Connection[Any], template: str) -> None:
    """Migrate an empty database; it is called `template` when it is complete, so that none is ever half."""
    own.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(MAKING)))
    own.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(MAKING)))
    use(MAKING)
    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
    with as_owner(), connection.cursor() as cursor:
        # Tests that commit are cleaned up by TRUNCATE, which the history refuses; here, and only here, it may.
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_3_deny_truncate")
    for each in connections.all():
        each.close()
    own.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(MAKING), sql.Identifier(template)))
    own.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(template)))
    older = "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid DESC OFFSET %s"
    for (name,) in own.execute(older, [f"{PREFIX}%", KEPT]).fetchall():
        own.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def use(name: str) -> None:
    for each in connections.all():
        each.close()
        settings.DATABASES[each.alias]["NAME"] = each.settings_dict["NAME"] = name
    settings.MIGRATE_DATABASE_URL = owner_of(name)


def drop(name: str) -> None:
    """Go back to the portal's own database and drop the copy."""
    use(settings.DATABASES["default"]["OWN_NAME"])
    with server() as own:
        own.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


@contextmanager
def _cursor() -> Iterator[Any]:
    with connection.cursor() as cursor:
        yield cursor.cursor  # psycopg's own: it composes names


def filled(tables: list[str] | None = None) -> list[str]:
    """The tables that have rows, of those named or of all; also those that belong to no model of ours."""
    with _cursor() as cursor:
        if tables is None:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            tables = [name for (name,) in cursor.fetchall()]
        one = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
        each = [one.format(sql.Literal(name), sql.Identifier(name)) for name in tables]
        cursor.execute(sql.SQL(" UNION ALL ").join(each))
        return [name for (name,) in cursor.fetchall()]


def emptier() -> Any:
    """What stands in for Django's `flush`: it empties the tables that have rows, not the hundred that have none.

    What the migrations themselves have written, content types say, stays, and need not be written again each time.
    """
    stays = set(filled())
    with _cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = sorted({name for (name,) in cursor.fetchall()} - stays)

    def empty(_case: Any) -> None:
        if used := filled(tables):
            with psycopg.connect(settings.MIGRATE_DATABASE_URL, autocommit=True) as own:
                own.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(map(sql.Identifier, used))))

    return empty
