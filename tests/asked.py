"""What the database is asked while something happens, for tests that say how often it may be."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

ABOUT_TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements of a block, once it has ended; a test's own transaction makes savepoints, which are left out."""
    said: list[str] = []
    with CaptureQueriesContext(connection) as seen:
        yield said
    said += [each["sql"] for each in seen if not each["sql"].lstrip().upper().startswith(ABOUT_TRANSACTIONS)]


def about(said: list[str], table: str) -> list[str]:
    """Those that name a table."""
    return [each for each in said if table in each]
