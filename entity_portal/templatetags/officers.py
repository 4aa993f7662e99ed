"""What the officers' lists need besides Django admin's own tags."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.template import Library
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = Library()

ROLES = {"td": "cell", "th": "rowheader"}


@register.filter
def labelled(cells: Sequence[SafeString], heads: Sequence[dict[str, Any]]) -> Iterator[SafeString]:
    """The cells of a line as `result_list` draws them, each with its role and, in `data-label`, its column's name.

    On a phone a line is a card: it has no head of a column above it, and browsers no longer see a table in it.
    """
    for cell, head in zip(cells, heads, strict=True):
        text = str(head["text"])
        label = escape(text[:1].upper() + text[1:])
        tag = "th" if cell.startswith("<th") else "td"
        yield mark_safe(cell.replace(f"<{tag}", f'<{tag} role="{ROLES[tag]}" data-label="{label}"', 1))  # noqa: S308
