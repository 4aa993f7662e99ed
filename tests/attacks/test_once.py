"""A double click, a retry and the Back button do a thing once, also in the same moment (idempotent forms).

Which forms make something is found by sending each of them: a page added next year is tried too. What is made in one
moment is made over real connections in real transactions, in a database of its own for each page.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from psycopg import sql

from tests import database
from tests.attacks.forms_found import Form, forms_of, password_of, send, some
from tests.attacks.walked import _django_db_marker, fault, tables, twin, undone, without_zeal
from tests.race import at_once
from tests.screens.states import State
from tests.screens.world import World, made

__all__ = ["_django_db_marker"]

# History has a line for what was refused too, and a job may find that there is nothing left to do.
BESIDE = ("audit_", "procrastinate_")


def counts() -> dict[str, int]:
    """How many rows each table has, besides those of `BESIDE`."""
    names = [name for name in tables() if not name.startswith(BESIDE)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in names))
        return dict(cursor.fetchall())


def more(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """How many rows there are more than before, by table."""
    return {name: after[name] - before[name] for name in after if after[name] > before[name]}


def filled_in(client: Client, address: str) -> Iterator[tuple[Form, dict[str, list[Any]]]]:
    """The forms of a page, each once, and how they are filled in."""
    seen = set()
    for form in forms_of(twin(client), address):
        if form.likeness not in seen:
            seen.add(form.likeness)
            yield form, form.data(password_of(client))


def sent_twice(client: Client, form: Form, data: dict[str, list[Any]]) -> tuple[dict[str, int], dict[str, int]]:
    """What the first sending makes, and what the second one makes on top of it."""
    caches["counters"].clear()
    before = counts()
    first = send(twin(client), form, data)
    assert not fault(first), f"{form}: {fault(first)}"
    once = counts()
    caches["counters"].clear()
    second = send(twin(client), form, data)
    assert not fault(second), f"{form}: {fault(second)}"
    return more(before, once), more(once, counts())


# --- a database with the world in it, and copies of it ---


@contextmanager
def copy_of(there: str, name: str) -> Iterator[str]:
    """Another database with what is in one to which nobody is connected; used inside, and dropped after that."""
    database.use(name)
    with database.server() as own:
        own.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(there)))
    try:
        yield name
    finally:
        database.use(there)
        with database.server() as own:
            own.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[str, World]]:
    """The name of a database that has the world in it; what is committed is committed in copies."""
    empty = connection.settings_dict["NAME"]
    with django_db_blocker.unblock(), copy_of(empty, f"{empty}_built") as full:
        yield full, made()


@pytest.fixture
def world(built: tuple[str, World]) -> Iterator[World]:
    with without_zeal():
        yield afresh(built[1])


def afresh(world: World) -> World:
    world.sessions.clear()
    caches["counters"].clear()
    return world


@pytest.mark.race
@pytest.mark.parametrize("state", some(1), ids=str)
def test_a_form_sent_again_makes_nothing_more(state: State, world: World, built: tuple[str, World]) -> None:
    makers = {}
    with undone():
        client, address = state.scene(world)
        for form, data in filled_in(client, address):
            with undone():
                first, second = sent_twice(client, form, data)
            assert second == {}, str(form)
            if first:
                makers[form.likeness] = first
    for likeness, first in makers.items():
        with copy_of(built[0], f"{built[0]}_1"):
            assert at_the_same_time(state, afresh(world), likeness) == first, likeness


def at_the_same_time(state: State, world: World, likeness: tuple[Any, ...]) -> dict[str, int]:
    """What a form makes that is sent twice in one moment."""
    client, address = state.scene(world)
    form, data = next(each for each in filled_in(client, address) if each[0].likeness == likeness)
    before, each_own = counts(), [copy.deepcopy(data) for _number in range(2)]
    answers = at_once(2, lambda number: send(twin(client), form, each_own[number]))
    assert not [each for each in answers if isinstance(each, Exception)]
    assert not [fault(each) for each in answers if fault(each)]
    return more(before, counts())
