"""Rows of the database, one at a time."""

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def only(rows: QuerySet[Row]) -> Row | None:
    """The one row of what is found by something unique, or None.

    `first()` would order it: with wide rows Django spends more on that than on the rest of the statement.
    """
    return next(iter(rows[:1]), None)
