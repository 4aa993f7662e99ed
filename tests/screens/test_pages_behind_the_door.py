"""Every page of whoever has signed in."""

import pytest

from tests.screens import house
from tests.screens.looking import Eye
from tests.screens.states import STATES, State
from tests.screens.walking import walk
from tests.screens.world import World


@pytest.mark.parametrize("state", STATES[house.HOUSE], ids=str)
def test_a_page_is_accessible_valid_quiet_and_fits_in_every_language(state: State, world: World, eye: Eye) -> None:
    walk(state, world, eye)
