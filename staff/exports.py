"""The staff list as a table to download."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from entity_portal.sheets import lines
from staff.models import StaffLogin


def staff_list(logins: Iterable[StaffLogin]) -> Iterator[str]:
    """Lines of CSV, masked as on the screen (Q28)."""
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
    return lines(columns, (_cells(login) for login in logins))


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
