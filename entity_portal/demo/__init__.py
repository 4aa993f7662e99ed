"""Demonstration: believable data, and which logins to try."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from entity_portal.demo.entities import AUTHORITY_NUMBER, BUILDING, COMPANY
from entity_portal.demo.people import AUTHORITY, PASSWORD


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


def officers() -> list[DemoLogin]:
    """Officers to try, each named after what they do; their codes stand on the demonstration's authenticator."""
    return [
        DemoLogin(_(", ").join(str(role.label) for role in person.roles), AUTHORITY_NUMBER, person.username, PASSWORD)
        for person in AUTHORITY
    ]
