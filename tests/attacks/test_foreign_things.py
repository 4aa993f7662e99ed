"""Every address that names a thing, with every foreign thing, by everybody who has no business there (A48, A54, A65).

The addresses come from the resolver and the things from the tables: what is added next year is attacked too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, resolve, reverse

from entity_portal.roles import Role
from services.models import EService, Opening
from tests import cast
from tests.attacks.forms_found import names_of_fields
from tests.attacks.walked import (
    UNKNOWN,
    _django_db_marker,
    candidates,
    changed,
    enter,
    fault,
    naming_a_thing,
    one_at_a_time,
    routes,
    rows,
    things,
    twin,
    undone,
    world,
)
from tests.screens.world import World
from tests.test_access import FORMS, said

__all__ = ["_django_db_marker", "one_at_a_time", "world"]
ADDRESSES = naming_a_thing()
# Whoever has these has the thing: the address itself is the secret, or it is about nobody.
BEARER = {"humancheck:picture", "humancheck:sound", "staff:confirm_email", "language", "guide:heading"}
# An e-service that is open to both entities has a page in each, with its own people.
OF_BOTH = {"services:service", "services:group", "services:edit_group", "services:export_group"}
REFUSED = {"400", "401", "403", "404", "405", "410", "in"}
AT_MOST = 400  # addresses of one route by one person
OTHER_METHODS = ("head", "put", "patch", "delete", "options", "trace")
# Nothing of the demonstration can be reached there: each needs a state of its own, and has tests of its own.
NOT_REACHED: set[str] = set()


@dataclass
class Outside:
    """People who have nothing to do with what is there, each with a browser."""

    things: list[tuple[str, str, str]]
    people: dict[str, Client] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)  # what none of them may read


@pytest.fixture(scope="module")
def outside(world: World) -> Outside:
    """Another entity, to which the same e-service is open, and an officer of each role."""
    there = list(dict.fromkeys([*known(world), *things()]))
    secret = {("StaffLogin", "euid"), ("Application", "number")}
    foreign = {value for model, name, value in there if (model, name) in secret}
    made = cast.company(name_zh="外人有限公司", number="80909097", official=True)
    Opening.objects.create(entity=made.entity, service=EService.objects.get(code="entry-declaration"))
    people = {
        "nobody": enter(None),
        "staff of another entity": enter(made.staff),
        "service administrator of another entity": enter(
            cast.service_administrator(cast.login(entity=made.entity, username="out.side"))
        ),
        "administrator of another entity": enter(made.administrator),
    }
    for role in Role:
        manages = [cast.department("elsewhere")] if role == Role.CATALOGUE else None
        people[f"officer: {role}"] = officer(cast.officer_login(role, manages=manages))
    return Outside(there, people, foreign)


def known(world: World) -> list[tuple[str, str, str]]:
    """Things that belong together: an e-service, its group, and who is in it."""
    _empty, _services, service, group, _end = world.places["group"].split("/")
    euids = [("StaffLogin", "euid", world.places[name]) for name in ("member", "power", "pending", "active")]
    return [("EService", "code", service), ("ServiceGroup", "code", group), *euids]


def officer(person: Any) -> Client:
    client = cast.officer(person=person)
    cast.prove(client)
    return twin(client)


def addresses(name: str, there: list[tuple[str, str, str]], *, all_kinds: bool) -> Iterator[str]:
    """The addresses of a route about things that are there; with things of every kind in it where it names one."""
    parts = ADDRESSES[name]
    values = []
    for part, kind in parts.items():
        called, others = candidates(part, kind, there)
        values.append(called + (others if all_kinds and len(parts) == 1 else []))
    for count, chosen in enumerate(product(*values)):
        if count == AT_MOST:
            return
        try:
            yield reverse(name, kwargs=dict(zip(parts, chosen, strict=True)))
        except NoReverseMatch:
            continue


def nowhere(name: str) -> str:
    return reverse(name, kwargs={part: UNKNOWN[kind] for part, kind in ADDRESSES[name].items()})


def told(answer: Any) -> tuple[str, str]:
    return said(answer), answer.headers.get("Location", "")


def faults(client: Client, method: str, address: str, expected: tuple[str, str], foreign: set[str]) -> Iterator[str]:
    """What is wrong with the answer to somebody from outside; `expected` is what an unknown thing is answered."""
    data = FORMS if method == "post" else None
    answer = getattr(client, method)(address, data)
    may = REFUSED | ({"200", "302"} if resolve(address).view_name in OF_BOTH else set())
    if wrong := fault(answer):
        yield f"{method} {address}: {wrong}"
    elif told(answer)[0] not in may and told(answer) != expected:
        yield f"{method} {address}: {told(answer)}, an unknown one {expected}"
    body = answer.getvalue().decode(errors="replace")
    if answer.status_code == 200 and (seen := [each for each in foreign if each in body]):
        yield f"{method} {address}: shows {seen}"


@pytest.mark.parametrize("name", sorted(set(ADDRESSES) - BEARER))
def test_a_foreign_thing_does_not_exist_for_anybody_by_any_method_A48_A49_A54_A65(name: str, outside: Outside) -> None:
    wrong, unknown = [], nowhere(name)
    for who, client in outside.people.items():
        if who.startswith("officer") and name.startswith("admin:"):
            continue  # what each role may do there is the next test's
        before = rows()
        expected = {method: told(getattr(client, method)(unknown)) for method in ("get", "post", "head")}
        there = list(addresses(name, outside.things, all_kinds=who.startswith("administrator")))
        asked = [(method, address) for address in there for method in ("get", "post")]
        asked += [(method, address) for address in there[:1] for method in OTHER_METHODS]
        found = [
            each
            for method, address in asked
            for each in faults(client, method, address, expected.get(method, ("405", "")), outside.foreign)
        ]
        rows_too = [each for each in changed(before) if name not in OF_BOTH or not each.startswith("audit_")]
        wrong += [f"{who}: {each}" for each in [*found, *rows_too]]
    assert wrong == []


def test_every_address_that_names_a_thing_was_attacked_with_one_that_is_there_A48(
    world: World, outside: Outside
) -> None:
    """Or the refusals above would say nothing: somebody reads, or does something to, each of them."""
    owners = [twin(world.enter(who)) for who in ("administrator", "assigner", "two", "registrar", "approver", "both")]
    owners += [twin(world.enter(who)) for who in ("catalogue", "staff")]
    refused = {"400", "401", "403", "404", "405", "410", "in"}

    def opens(name: str) -> bool:
        for address in addresses(name, outside.things, all_kinds=False):
            for client in owners:
                with undone():
                    answers = [twin(client).get(address)]
                    if answers[0].status_code == 405:
                        answers.append(twin(client).post(address, FORMS))
                    if any(said(answer) not in refused for answer in answers):
                        return True
        return False

    closed = {name for name in set(ADDRESSES) - BEARER if not opens(name)}
    assert closed == NOT_REACHED


# --- officers: what each role may open of things that are there; all others are told that there is nothing ---

OFFICERS: dict[str, str] = {}


def opened_by(role: str, name: str, outside: Outside) -> list[str]:
    """What is answered to an officer of a role, GET and POST, besides that there is nothing."""
    client, found = outside.people[f"officer: {role}"], set()
    for address in addresses(name, outside.things, all_kinds=False):
        for method in ("get", "post"):
            with undone():
                answer = getattr(client, method)(address, FORMS if method == "post" else None)
                assert not fault(answer), f"{role} {method} {address}: {fault(answer)}"
                if answer.status_code not in (404, 405):
                    found.add(method)
    return sorted(found)


@pytest.mark.parametrize("name", sorted(name for name in ADDRESSES if name.startswith("admin:")))
def test_what_an_officers_role_is_not_for_does_not_exist_A54(name: str, outside: Outside) -> None:
    found = {str(role): opened_by(role, name, outside) for role in Role}
    assert " ".join(f"{role}:{'+'.join(methods)}" for role, methods in found.items() if methods) == OFFICERS[name]


@pytest.mark.parametrize("name", sorted(name for name in ADDRESSES if name.startswith("admin:")))
def test_neither_an_auditor_nor_a_manager_of_another_department_changes_anything_A54(
    name: str, outside: Outside
) -> None:
    before = rows()
    for role in (Role.AUDITOR, Role.CATALOGUE):
        for address in addresses(name, outside.things, all_kinds=False):
            twin(outside.people[f"officer: {role}"]).post(address, FORMS | {"reason": "other", "text": "words"})
    assert [each for each in changed(before) if not each.startswith("audit_")] == []


# --- things named in a body ---


def of_others(entity_id: int) -> dict[str, Any]:
    """The rows of every table that belong to other entities than this one."""
    found = {}
    for model in apps.get_models():
        names = {each.name: each for each in model._meta.concrete_fields}
        if model.__name__ == "Session" or not model._meta.managed:
            continue
        if "entity" in names and names["entity"].is_relation:
            found[model.__name__] = list(model._default_manager.exclude(entity_id=entity_id).order_by("pk").values())
        elif "login" in names and names["login"].is_relation:
            rows_of = model._default_manager.exclude(login__entity_id=entity_id)
            found[model.__name__] = list(rows_of.order_by("pk").values())
    return found


BODIES = {"euid", "login", "staff_id", "add", "remove", "was", "entity", "entity_id", "number", "application", "pk"}


@pytest.mark.parametrize("who", ["staff", "service administrator", "administrator"])
def test_a_foreign_thing_in_a_body_is_not_taken_A50_A59(who: str, world: World, outside: Outside) -> None:
    """Every address that names no thing is sent every foreign thing under every name that a form of ours has."""
    client = outside.people[f"{who} of another entity"]
    (mine,) = cast.Entity.objects.filter(number="80909097").values_list("pk", flat=True)
    values = sorted(outside.foreign) + [value for model, name, value in outside.things if name == "id"]
    before = of_others(mine)
    for name in sorted(set(routes()) - set(ADDRESSES)):
        for values_sent in (values[:40], values[40:80]):
            with undone():
                body = dict.fromkeys({*BODIES, *names_of_fields(twin(client), reverse(name))}, values_sent)
                answer = twin(client).post(reverse(name), body)
                assert not fault(answer), f"{name}: {fault(answer)}"
                assert of_others(mine) == before, name


def test_the_digest_sees_a_row_that_changes() -> None:
    """Or it would say of everything that nothing was changed."""
    before = rows()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE services_department SET name_pt = name_pt || '!' WHERE code = 'dsal'")
    assert [each.split(":")[0] for each in changed(before)] == ["services_department"]
