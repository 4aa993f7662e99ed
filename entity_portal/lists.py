"""Lists: sorted by a column, a page at a time, and drawn whole or only in the part that changes.

A page with a list extends `frame` and has what was found in the block `found`. For a browser that asks for the page the
frame is "base.html"; for htmx, which asks for that part alone, "components/found.html". There is one view and one
template, so what is seen with and without JavaScript is the same.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import IntegerField, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from entity_portal.rows import one_of

PART = "found"  # id of what stands around the block `found`


def draw(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """The page of a list; where htmx asks for it, only what was found."""
    asked = HtmxDetails(request)
    part = bool(asked) and asked.target == PART
    frame = "components/found.html" if part else "base.html"
    response = render(request, template, {**context, "frame": frame})
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


class Pages(Paginator):
    """Pages of rows in an order that has an index, each as quick as the first one.

    A page is read from the nearer end, and what stands before it is passed by in the index alone. `count`, where it is
    known, is how many rows there are.
    """

    object_list: QuerySet[Any]

    def __init__(self, rows: QuerySet[Any], per_page: int, *, count: int | None = None) -> None:
        super().__init__(rows, per_page)
        if count is not None:
            self.count = count

    def page(self, number: int | str) -> "Page[Any]":
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        return Page(self.rows(start, min(start + self.per_page, self.count)), number, self)

    def rows(self, start: int, end: int) -> list[Any]:
        return between(self.object_list, start, end, self.count)


def between(rows: QuerySet[Any], start: int, end: int, count: int) -> list[Any]:
    """Rows `start` to `end` of `count` in an order that has an index."""
    if start == 0:
        return list(rows[:end])
    return list(rows.filter(one_of("pk", part(rows.values("pk"), start, end, count)))) if start < end else []


def part(rows: QuerySet[Any], start: int, end: int, count: int) -> QuerySet[Any]:
    """The same, in whatever order, to be asked for: read from the nearer end."""
    end = min(end, count)
    return rows.reverse()[count - end : count - start] if start > count // 2 else rows[start:end]


class CountOf(Subquery):
    """How many rows a queryset has, as a value beside others: told with them in one statement."""

    template, output_field = "(SELECT count(*) FROM (%(subquery)s) AS counted)", IntegerField()


@dataclass(frozen=True)
class Turn:
    """Some rows of a list in the order of time, and the marks by which those before and after them are asked for.

    However far one has turned, a page costs the same: it begins at a row, not after so many. A mark is the moment and
    the number of that row.
    """

    rows: list[Any]
    before: str  # "" at the beginning
    after: str  # "" at the end

    @classmethod
    def of(cls, rows: QuerySet[Any], many: int, *, after: str = "", before: str = "") -> "Turn":
        """At most `many` of `rows`, which are ordered by `at` and `id`, both upwards or both downwards.

        After a mark or before one; from the beginning where the mark is not one of ours.
        """
        mark = _read(after or before)
        backwards = bool(before and mark and not after)
        ordered = rows.reverse() if backwards else rows
        if mark:
            downwards = str(rows.query.order_by[0]).startswith("-") != backwards
            ordered = ordered.filter(_beyond(*mark, downwards=downwards))
        found = list(ordered[: many + 1])
        more, found = len(found) > many, found[:many]
        if backwards:
            found.reverse()
        return cls(
            found,
            before=_mark(found[0]) if found and (more if backwards else mark) else "",
            after=_mark(found[-1]) if found and (backwards or more) else "",
        )


def _mark(row: Any) -> str:
    return f"{row.at.isoformat()}_{row.pk}"


def _read(mark: str) -> tuple[datetime, int] | None:
    at, _line, pk = mark.rpartition("_")
    try:
        moment, number = datetime.fromisoformat(at).astimezone(UTC), int(pk)
    except (ValueError, OverflowError):
        return None
    return (moment, number) if abs(number) < 2**63 else None


def _beyond(at: datetime, pk: int, *, downwards: bool) -> Q:
    """What comes after a row. The first condition is the one that an index begins at."""
    if downwards:
        return Q(at__lte=at) & (Q(at__lt=at) | Q(pk__lt=pk))
    return Q(at__gte=at) & (Q(at__gt=at) | Q(pk__gt=pk))


def columns(
    request: HttpRequest, labels: Mapping[str, Any], *, sorts: Collection[str], sort: str, default: str
) -> list[dict[str, Any]]:
    """The columns of a list: `{"key", "label", "sort_url", "aria_sort", "ways"}`.

    `sorts` are the keys by which it can be sorted, `sort` the one by which it is, "-key" downwards, `default` the one
    that need not be asked for. `ways` are both directions, each `{"value", "label", "chosen"}`, for a choice where
    there is no room for heads of columns.
    """
    drawn: list[dict[str, Any]] = []
    for key, label in labels.items():
        if key not in sorts:
            drawn.append({"key": key, "label": label})
            continue
        query = request.GET.copy()
        for where in ("page", "after", "before"):
            query.pop(where, None)
        query["sort"] = f"-{key}" if sort == key else key
        ways = {
            key: _("%(column)s, ascending") % {"column": label},
            f"-{key}": _("%(column)s, descending") % {"column": label},
        }
        drawn.append(
            {
                "key": key,
                "label": label,
                "sort_url": f"?{query.urlencode()}",
                "aria_sort": {key: "ascending", f"-{key}": "descending"}.get(sort),
                "ways": [
                    {"value": "" if way == default else way, "label": words, "chosen": way == sort}
                    for way, words in ways.items()
                ],
            }
        )
    return drawn


def directed(order: Sequence[str], sort: str) -> list[str]:
    """The fields of an order, all of them downwards where `sort` is "-key"."""
    return [f"-{each}" for each in order] if sort.startswith("-") else list(order)


def understood(sort: str, sorts: Collection[str], default: str) -> str:
    """What an address asks to sort by, if the list can be sorted by it."""
    return sort if sort.removeprefix("-") in sorts else default
