"""A double click, a retry and the Back button do a thing once (idempotent forms).

Which forms make something is found by sending each of them: a page added next year is tried too.
"""

from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client

from tests.attacks.forms_found import Form, forms_of, password_of, send, some
from tests.attacks.walked import _django_db_marker, fault, one_at_a_time, tables, twin, undone, world
from tests.screens.states import State
from tests.screens.world import World

__all__ = ["_django_db_marker", "one_at_a_time", "world"]

# History has a line for what was refused too, and a job may find that there is nothing left to do.
BESIDE = ("audit_", "procrastinate_")
# Pressed again, they are meant again; each has a limit of its own.
AGAIN: dict[str, str] = {}
# The forms that make something, and a state of the page where each stands. `test_once_at_once` sends these.
MAKERS: dict[str, str] = {}


def counts() -> dict[str, int]:
    """How many rows each table has, besides those of `BESIDE`."""
    names = [name for name in tables() if not name.startswith(BESIDE)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in names))
        return dict(cursor.fetchall())


def more(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """How many rows there are more than before, by table."""
    return {name: after[name] - before[name] for name in after if after[name] > before[name]}


def sent_twice(client: Client, form: Form, data: dict[str, list[Any]]) -> tuple[dict[str, int], dict[str, int]]:
    """What the first sending makes, and what the second one makes on top of it."""
    before = counts()
    first = send(twin(client), form, data)
    assert not fault(first), f"{form}: {fault(first)}"
    once = counts()
    caches["counters"].clear()
    second = send(twin(client), form, data)
    assert not fault(second), f"{form}: {fault(second)}"
    return more(before, once), more(once, counts())


def makers(state: State, world: World) -> list[tuple[str, dict[str, int], dict[str, int]]]:
    """The forms of a page that make something, with what they make at first and at the second time."""
    client, address = state.scene(world)
    found, seen = [], set()
    for form in forms_of(twin(client), address):
        if form.likeness in seen:
            continue
        seen.add(form.likeness)
        caches["counters"].clear()
        with undone():
            first, second = sent_twice(client, form, form.data(password_of(client)))
        if first:
            found.append((form.view, first, second))
    return found


@pytest.mark.parametrize("state", some(1), ids=str)
def test_a_form_sent_again_makes_nothing_more(state: State, world: World) -> None:
    found = makers(state, world)
    assert [(view, second) for view, _first, second in found if second and view not in AGAIN] == []
    assert {view: str(state) for view, _first, _second in found if view not in MAKERS} == {}, "not in MAKERS yet"
