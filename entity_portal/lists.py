"""Lists: sorted by a column, a page at a time, and drawn whole or only in the part that changes.

A page with a list extends `frame` and has what was found in the block `found`. For a browser that asks for the page the
frame is "base.html"; for htmx, which asks for that part alone, "components/found.html". There is one view and one
template, so what is seen with and without JavaScript is the same.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

PART = "found"  # id of what stands around the block `found`


def draw(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """The page of a list; where htmx asks for it, only what was found."""
    asked = HtmxDetails(request)
    part = bool(asked) and asked.target == PART
    frame = "components/found.html" if part else "base.html"
    response = render(request, template, {**context, "frame": frame})
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


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
        query.pop("page", None)
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
