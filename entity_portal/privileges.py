"""Whom the tables belong to, and what the portal itself may do in them: what it needs, and nothing else.

The tables belong to a role that only `manage.py migrate` is (`as_owner`). Web processes and workers are members of
`portal_runtime`, which owns nothing; every `migrate` ends by giving it exactly what stands here (`grant`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dj_database_url
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from entity_portal.postgres import RUNTIME

READ, ADD, CHANGE, REMOVE = "SELECT", "INSERT", "UPDATE", "DELETE"
USUAL = frozenset({READ, ADD, CHANGE, REMOVE})
# Tables with less than the usual. Nobody has TRUNCATE, TRIGGER, REFERENCES or MAINTAIN anywhere.
LESS = {
    "audit_event": frozenset({READ, ADD}),  # the history
    "accounts_registermove": frozenset({READ, ADD}),
    "applications_move": frozenset({READ, ADD, REMOVE}),  # stays as it was; a trigger says when it may go
    "accounts_formernumber": frozenset({READ, ADD}),  # no number is given to another entity
    "activation_termsacceptance": frozenset({READ, ADD}),
    "api_change": frozenset({READ, ADD, REMOVE}),  # what was told stays as it was, until it is forgotten
    "staff_stafflogin": frozenset({READ, ADD, CHANGE}),  # its EUID must not come again
    "django_migrations": frozenset({READ}),
    "django_content_type": frozenset({READ}),
    "auth_permission": frozenset({READ}),
}
OF_KIND = {"S": frozenset({"USAGE"}), "v": frozenset({READ})}  # sequences, views

RELATIONS = """
    SELECT relation.relname, relation.relkind, pg_has_role(relation.relowner, 'USAGE'), array(
        SELECT DISTINCT acl.privilege_type FROM aclexplode(relation.relacl) acl
        LEFT JOIN pg_roles role ON role.oid = acl.grantee WHERE acl.grantee = 0 OR role.rolname = %s
    )
    FROM pg_class relation
    WHERE relation.relnamespace = 'public'::regnamespace AND relation.relkind IN ('r', 'p', 'v', 'S')
    ORDER BY relation.relname
"""
# A temporary table stands in for one of ours unless the function says where to look.
LOOKING_ANYWHERE = """
    SELECT oid::regprocedure::text FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype
        AND NOT EXISTS (SELECT FROM unnest(proconfig) setting WHERE starts_with(setting, 'search_path='))
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""


class NotOwner(Exception):
    """The role that is connected does not own what it names."""


class NoRuntime(Exception):
    """There is no role `portal_runtime` in this server."""


@contextmanager
def as_owner() -> Iterator[None]:
    """Be the role of MIGRATE_DATABASE_URL in the default connection, which is made anew before and afterwards.

    Where that is not set DATABASE_URL may be the owner's: nothing changes.

    Raises:
        RuntimeError: in a transaction, which would be lost.
    """
    if not settings.MIGRATE_DATABASE_URL:
        yield
        return
    if connection.in_atomic_block:
        raise RuntimeError("The role cannot change in a transaction.")
    told: dict[str, Any] = dict(dj_database_url.parse(settings.MIGRATE_DATABASE_URL))
    kept, names = connection.settings_dict, ("HOST", "PORT", "NAME", "USER", "PASSWORD")
    options = kept.get("OPTIONS", {}) | told.get("OPTIONS", {})
    connection.close()
    connection.settings_dict = kept | {name: told[name] for name in names} | {"OPTIONS": options}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = kept


def wanted(name: str, kind: str) -> frozenset[str]:
    """What the runtime may do with a relation of that kind (`pg_class.relkind`)."""
    return OF_KIND.get(kind) or LESS.get(name, USUAL)


@transaction.atomic
def grant() -> None:
    """Give the runtime what it needs in this database, take away whatever else it or everybody was given.

    It writes down only what is different, and is called as the owner.

    Raises:
        NoRuntime
        NotOwner: naming the tables.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regrole(%s) IS NOT NULL", [RUNTIME])
        if cursor.fetchone() == (False,):
            raise NoRuntime
        cursor.execute(RELATIONS, [RUNTIME])
        relations = cursor.fetchall()
        if foreign := [name for name, _kind, ours, _has in relations if not ours]:
            raise NotOwner(", ".join(foreign))
        role = sql.Identifier(RUNTIME)
        schema = (
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            "REVOKE CREATE ON SCHEMA public FROM {}",
            "GRANT USAGE ON SCHEMA public TO {}",
            # A trigger of a new release may write to a new table before its `migrate` comes to an end.
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {}",
        )
        for statement in schema:
            cursor.execute(sql.SQL(statement).format(role))
        for name, kind, _ours, has in relations:
            if frozenset(has) != (needed := wanted(name, kind)):
                what = sql.SQL("SEQUENCE {}" if kind == "S" else "TABLE {}").format(sql.Identifier(name))
                given = sql.SQL(", ").join(map(sql.SQL, sorted(needed)))
                cursor.execute(sql.SQL("REVOKE ALL ON {} FROM PUBLIC, {}").format(what, role))
                cursor.execute(sql.SQL("GRANT {} ON {} TO {}").format(given, what, role))
        cursor.execute(LOOKING_ANYWHERE)
        for (function,) in cursor.fetchall():
            path = sql.SQL("ALTER FUNCTION {} SET search_path = public, pg_temp")
            cursor.execute(path.format(sql.SQL(function)))
