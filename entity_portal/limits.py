"""How long PostgreSQL is waited for: nobody waits without an end (design: reliability).

A connection of a real installation is told these limits when it begins, by whoever opens it: pages, jobs, migrations.
Behind a pool by transaction (DATABASE_POOLED) it cannot be told: there they stand with the role, in the same numbers
(`deploy/postgres/roles.sql`). Commands of operators have none: they may read for hours, and who runs them can end them.
Limits of the network are in `entity_portal.connecting`.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings
from django.db import Error, connection, transaction

# A page that waits longer is lost anyhow; a worker reads whole registers; a migration gives up before those who wait
# behind it notice, and is run again.
PAGES = {"statement_timeout": "5s", "lock_timeout": "3s", "idle_in_transaction_session_timeout": "10s"}
JOBS = {"statement_timeout": "10min", "lock_timeout": "5s"}
MIGRATIONS = {"lock_timeout": "2s"}
DOWNLOAD = "15s"  # for a statement; nginx waits 20 s for the first bytes

_told: list[str] = []


def tell(limits: dict[str, str]) -> None:
    """Have every connection that this process opens from now on begin with these limits, where it can be told."""
    if settings.DEVELOPMENT or settings.DATABASES["default"].get("DISABLE_SERVER_SIDE_CURSORS"):
        return
    options = settings.DATABASES["default"]["OPTIONS"]  # those of the counters' connection too
    said = [options["options"]] if options.get("options") else []
    options["options"] = " ".join([*said, *(f"-c {name}={value}" for name, value in limits.items())])
    _told.extend(limits)


@contextmanager
def of_a_download() -> Iterator[None]:
    """Statements of this thread's connection may take longer; as before afterwards.

    Behind a pool nothing changes: a session's own setting would be somebody else's next.
    """
    if "statement_timeout" not in _told:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [DOWNLOAD])
    try:
        yield
    finally:
        with suppress(Error), connection.cursor() as cursor:  # one that was lost is told anew
            cursor.execute("RESET statement_timeout")


@contextmanager
def unhurried() -> Iterator[Any]:
    """A cursor in a transaction for what may take longer than a page: whole tables, or waiting for an import.

    It names PostgreSQL's own functions: whoever owns the schema may have others of their name (A130).
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_catalog.current_setting('statement_timeout'), "
            "pg_catalog.set_config('statement_timeout', '0', true)"
        )
        (limit, _none) = cursor.fetchone()
        yield cursor
        cursor.execute("SELECT pg_catalog.set_config('statement_timeout', %s, true)", [limit])  # the caller's may go on
