"""Tables to download, as CSV that spreadsheets open rightly and that cannot carry a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.http import StreamingHttpResponse

from entity_portal import limits

FORMULA = frozenset("=+-@\t\r＝＋－＠")
AT_ONCE = 100  # lines that are sent in one piece


class _Line:
    """Gives back what is written to it: a csv writer onto nothing."""

    def write(self, line: str) -> str:
        return line


def harmless(value: str) -> str:
    """A cell that no spreadsheet takes for a formula (A93)."""
    return f"'{value}" if value[:1] in FORMULA else value


def lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of CSV, the first with the columns' names and a byte order mark."""
    write = csv.writer(_Line()).writerow
    yield "\ufeff" + write(columns)
    for row in rows:
        yield write([harmless(str(cell)) for cell in row])


def download(name: str, table: Iterable[str]) -> StreamingHttpResponse:
    """Lines of CSV as a file of this name, sent while they are made."""
    return StreamingHttpResponse(
        _pieces(iter(table)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _pieces(table: Iterator[str]) -> Iterator[str]:
    with limits.of_a_download():
        while piece := "".join(islice(table, AT_ONCE)):
            yield piece
