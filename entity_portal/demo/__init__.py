"""Demonstration: believable data, and which logins to try."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from entity_portal.demo.entities import BUILDING, COMPANY
from entity_portal.demo.people import PASSWORD


class DemoLogin(NamedTuple):
    """A login to try, shown on the sign-in page in demo mode."""

    label: str
    entity_number: str
    username: str
    password: str


def logins() -> list[DemoLogin]:
    return [
        DemoLogin(_("Administrator"), COMPANY.number, "chan.wengsan", PASSWORD),
        DemoLogin(_("Service administrator"), COMPANY.number, "ao.hoiian", PASSWORD),
        DemoLogin(_("Staff member"), COMPANY.number, "wong.kacheng", PASSWORD),
        DemoLogin(_("Administrator of a building management body"), BUILDING.number, "kuok.manpan", PASSWORD),
    ]
