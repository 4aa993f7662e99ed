"""Tables to download, as CSV that spreadsheets open rightly and that cannot carry a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

FORMULA = tuple("=+-@\t\r＝＋－＠")


class _Line:
    """Gives back what is written to it: a csv writer onto nothing."""

    def write(self, line: str) -> str:
        return line


def harmless(value: str) -> str:
    """A cell that no spreadsheet takes for a formula (A93)."""
    return f"'{value}" if value.startswith(FORMULA) else value


def lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of CSV, the first with the columns' names and a byte order mark."""
    write = csv.writer(_Line()).writerow
    yield "\ufeff" + write(columns)
    for row in rows:
        yield write([harmless(str(cell)) for cell in row])


def download(name: str, table: Iterable[str]) -> StreamingHttpResponse:
    """Lines of CSV as a file of this name, sent while they are made."""
    return StreamingHttpResponse(
        table,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
