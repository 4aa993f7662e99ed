"""A form that is sent twice in the same moment makes what it makes once: real connections, real transactions."""

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
from tests.attacks.forms_found import Form, forms_of, password_of, send, states
from tests.attacks.test_once import MAKERS, counts, more, sent_twice
from tests.attacks.walked import _django_db_marker, fault, twin, undone, without_zeal
from tests.race import at_once
from tests.screens.world import World, made

__all__ = ["_django_db_marker"]
pytestmark = pytest.mark.race


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
    """A database with the world in it, which each test copies: what is committed there stays there."""
    empty = connection.settings_dict["NAME"]
    with django_db_blocker.unblock(), copy_of(empty, f"{empty}_built") as full:
        yield full, made()


@pytest.fixture
def world(built: tuple[str, World]) -> Iterator[World]:
    full, there = built
    there.sessions.clear()
    caches["counters"].clear()
    with without_zeal(), copy_of(full, f"{full}_1"):
        yield there


@pytest.mark.parametrize("view", sorted(MAKERS))
def test_a_form_sent_twice_in_one_moment_makes_nothing_more(view: str, world: World) -> None:
    (state,) = [each for each in states() if str(each) == MAKERS[view]]
    client, address = state.scene(world)
    form, data, alone = maker(client, address, view)
    before, each_own = counts(), [copy.deepcopy(data) for _number in range(2)]
    answers = at_once(2, lambda number: send(twin(client), form, each_own[number]))
    assert not [each for each in answers if isinstance(each, Exception)]
    assert not [fault(each) for each in answers if fault(each)]
    assert more(before, counts()) == alone


def maker(client: Client, address: str, view: str) -> tuple[Form, dict[str, list[Any]], dict[str, int]]:
    """The form of a page that is sent to a view, how it is filled in, and what it makes when it is sent once."""
    for form in forms_of(twin(client), address):
        data = form.data(password_of(client))
        with undone():
            alone, _again = sent_twice(client, form, copy.deepcopy(data)) if form.view == view else ({}, {})
        if alone:
            return form, data, alone
    raise AssertionError(f"no form of {address} makes anything at {view}")
