"""Demonstration: believable data, and which logins to try."""

from typing import NamedTuple


class DemoLogin(NamedTuple):
    """A login to try, shown on the sign-in page in demo mode."""

    label: str
    entity_number: str
    username: str
    password: str


def logins() -> list[DemoLogin]:
    return []
