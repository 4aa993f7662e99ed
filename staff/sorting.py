"""The keys by which lists of names are sorted, after a new version of the library that makes them."""

from django.db import transaction

from entity_portal.collation import CHINESE, LATIN, sort_key
from staff.models import StaffLogin

A_TIME = 1000
KEYS = ("name_zh_key", "name_foreign_key")


def sort_names() -> int:
    """Make every key anew that is made otherwise now; return how many. What else stands in a row stays as it is.

    A thousand rows at a time, each held while it is looked at: nobody's name changes between reading and writing.
    """
    changed, last = 0, 0
    while True:
        with transaction.atomic():
            rows = StaffLogin.objects.filter(pk__gt=last).order_by("pk")[:A_TIME].only("name_zh", "name_foreign", *KEYS)
            logins = list(rows.select_for_update(no_key=True))
            if not logins:
                return changed
            found = [login for login in logins if _made_anew(login)]
            StaffLogin.objects.bulk_update(found, KEYS)
        changed, last = changed + len(found), logins[-1].pk


def _made_anew(login: StaffLogin) -> bool:
    """Give a login its keys as they are made now; say whether that changes one."""
    was = bytes(login.name_zh_key), bytes(login.name_foreign_key)
    login.name_zh_key, login.name_foreign_key = sort_key(login.name_zh, CHINESE), sort_key(login.name_foreign, LATIN)
    return was != (login.name_zh_key, login.name_foreign_key)
