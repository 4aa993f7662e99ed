"""Rows of the database: one alone, those of many keys, a new one with a number that was drawn."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, BooleanField, F, Func, Model, Q, QuerySet, TextField, Value

Row = TypeVar("Row", bound=Model)
DRAWS = 20  # of a number, until it is given up: were nine of ten taken, one new row in eight would be refused


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


def with_own_number(model: type[Row], number: str, /, **values: Any) -> Row:
    """A new row; its field `number` has a random default, which is drawn again where another row has it already.

    Among a hundred thousand EUIDs one new one in ten thousand is there already, of entity numbers one in ninety.

    Raises:
        IntegrityError: the row breaks another rule, or every draw was there.
    """
    draws = 0
    while True:
        row, draws = model(**values), draws + 1
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            drawn = number not in values and model._default_manager.filter(**{number: getattr(row, number)}).exists()
            if not drawn or draws == DRAWS:
                raise
        else:
            return row
