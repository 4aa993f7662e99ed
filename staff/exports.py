"""Lists as CSV that spreadsheets open rightly and that cannot carry a formula."""

import csv
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from staff.models import StaffLogin

FORMULA = tuple("=+-@\t\r＝＋－＠")


class _Line:
    """Gives back what is written to it: a csv writer onto nothing."""

    def write(self, line: str) -> str:
        return line


def harmless(value: str) -> str:
    """A cell that no spreadsheet takes for a formula (A93)."""
    return f"'{value}" if value.startswith(FORMULA) else value


def csv_lines(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Lines of CSV, the first with the columns' names and a byte order mark."""
    write = csv.writer(_Line()).writerow
    yield "\ufeff" + write(columns)
    for row in rows:
        yield write([harmless(str(cell)) for cell in row])


def staff_list(logins: Iterable[StaffLogin]) -> Iterator[str]:
    """The staff list, masked as on the screen (Q28)."""
    columns = [
        _("EUID"),
        _("Username"),
        _("Name in Chinese"),
        _("Name in Portuguese / foreign language"),
        _("Identification document no."),
        _("Phone"),
        _("Status"),
        _("Role"),
    ]
    return csv_lines(columns, map(_cells, logins))


def _cells(login: StaffLogin) -> list[str]:
    return [
        login.euid,
        login.username or "",
        login.name_zh,
        login.name_foreign,
        login.masked_document,
        login.masked_mobile,
        " ".join([login.get_status_display(), *([_("Locked")] if login.is_locked else [])]),
        login.role,
    ]
