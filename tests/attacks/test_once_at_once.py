"""A form that is sent twice in the same moment makes what it makes once: real connections, real transactions."""

import copy
from typing import Any

import pytest

from tests.attacks.forms_found import forms_of, password_of, states
from tests.attacks.test_bad_input import send
from tests.attacks.test_once import MAKERS, counts, more, sent_twice
from tests.attacks.walked import fault, twin, undone
from tests.race import at_once
from tests.screens.world import made

pytestmark = pytest.mark.race


@pytest.mark.parametrize("view", sorted(MAKERS))
def test_a_form_sent_twice_in_one_moment_makes_nothing_more(transactional_db: None, settings: Any, view: str) -> None:
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "zeal" not in each]
    world = made()
    (state,) = [each for each in states() if str(each) == MAKERS[view]]
    client, address = state.scene(world)
    form = next(each for each in forms_of(twin(client), address) if each.view == view)
    data = form.data(password_of(client))
    with undone():
        alone, _again = sent_twice(client, form, copy.deepcopy(data))
    assert alone, "or nothing is learnt here"
    before, each_own = counts(), [copy.deepcopy(data) for _number in range(2)]
    answers = at_once(2, lambda number: send(twin(client), form, each_own[number]))
    assert not [each for each in answers if isinstance(each, Exception)]
    assert not [fault(each) for each in answers if fault(each)]
    assert more(before, counts()) == alone
