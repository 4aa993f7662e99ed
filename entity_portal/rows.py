"""Rows of the database: one alone, or those of many keys."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, F, Func, Model, Q, QuerySet, TextField, Value

Row = TypeVar("Row", bound=Model)


def only(rows: QuerySet[Row]) -> Row | None:
    """The one row of what is found by something unique, or None.

    `first()` would order it: with wide rows Django spends more on that than on the rest of the statement.
    """
    return next(iter(rows[:1]), None)


class _IsAny(Func):
    arg_joiner, template, output_field = " = ANY (", "%(expressions)s)", BooleanField()


def one_of(field: str, keys: Sequence[int] | Sequence[str] | QuerySet[Any, Any]) -> Q:
    """A condition: the field is one of these keys, or of those that a queryset of `values("pk")` finds.

    As an array, which PostgreSQL looks up one by one and never joins, and which is one parameter: for two thousand
    placeholders the driver needs more time than the statement.
    """
    if isinstance(keys, QuerySet):
        return Q(_IsAny(F(field), ArraySubquery(keys)))
    if not keys:
        return Q(pk__in=())
    base = TextField() if isinstance(keys[0], str) else BigIntegerField()
    return Q(_IsAny(F(field), Value([*keys], output_field=ArrayField(base))))
