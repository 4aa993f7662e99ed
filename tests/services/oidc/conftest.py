"""A company, an e-service open to it with one member, and the e-service's program."""

import pytest

from tests import cast
from tests.services.oidc.relying import Party, client


@pytest.fixture
def house() -> cast.Cast:
    return cast.company()


@pytest.fixture
def party(house: cast.Cast) -> Party:
    group = cast.group(open_to=house.entity)
    cast.member(group, house.staff)
    return Party(*client(group.service))


@pytest.fixture
def person(house: cast.Cast, party: Party) -> cast.EnglishReader:
    """The member's browser."""
    return cast.enter(house.staff)
