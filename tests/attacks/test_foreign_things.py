"""Every address that names a thing, with every foreign thing, by everybody who has no business there (A48, A54, A65).

The addresses come from the resolver and the things from the tables: what is added next year is attacked too.
"""

from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, resolve, reverse

from entity_portal import errors, urls
from entity_portal.roles import Role
from services.models import EService, Opening
from tests import cast
from tests.attacks.forms_found import names_of_fields
from tests.attacks.offered import offered
from tests.attacks.walked import (
    UNKNOWN,
    _django_db_marker,
    candidates,
    changed,
    enter,
    fault,
    naming_a_thing,
    of_others,
    one_at_a_time,
    routes,
    rows,
    things,
    twin,
    undone,
    without_zeal,
    world,
    writes,
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
OTHER_METHODS = ("head", "put", "patch", "delete", "options", "trace")
# No page of those to whom the things belong leads there.
NOT_REACHED = {
    "api:authorization": "programs ask, with a token: services/api",
    "messaging:twilio_status": "the provider's, with its signature: attacks/test_webhook",
    "oidc:leave_service": "only where one has signed in at an e-service: services/oidc/test_sign_out",
}


@dataclass
class Outside:
    """People who have nothing to do with what is there, each with a browser."""

    things: list[tuple[str, str, str]]
    offered: dict[str, list[str]]  # of each route, addresses that stand on pages of those to whom the things belong
    people: dict[str, Client] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)  # what none of them may read
    rows: dict[str, tuple[int, str]] = field(default_factory=dict)  # of every table, before anything is tried


@pytest.fixture(autouse=True)
def bare_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page for each refusal would be most of the work; that they are alike letter by letter is `test_access`'s."""

    def bare(_request: HttpRequest, _template: str, status: int, **_context: Any) -> HttpResponse:
        return HttpResponse(status=status)

    for name in ("handler403", "handler404"):
        monkeypatch.setattr(urls, name, lambda request, exception: bare(request, "404.html", 404))
    monkeypatch.setattr(errors, "by_itself", bare)


@pytest.fixture(scope="module")
def outside(world: World) -> Outside:
    """Another entity, to which the same e-service is open, and an officer of each role."""
    with without_zeal():
        on_pages = offered(world, set(ADDRESSES))
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
    return Outside(there, on_pages, people, foreign, rows())


def known(world: World) -> list[tuple[str, str, str]]:
    """Things that belong together: an e-service, its group, and who is in it."""
    _empty, _services, service, group, _end = world.places["group"].split("/")
    euids = [("StaffLogin", "euid", world.places[name]) for name in ("member", "power", "pending", "active")]
    return [("EService", "code", service), ("ServiceGroup", "code", group), *euids]


def officer(person: Any) -> Client:
    client = cast.officer(person=person)
    cast.prove(client)
    return twin(client)


def addresses(name: str, outside: Outside, *, others: bool = False, few: int = 0) -> list[str]:
    """The addresses of a route about things that are there; with things of `others` in it too; or only a `few`."""
    found = list(outside.offered.get(name, []))
    values = []
    for part, kind in ADDRESSES[name].items():
        own, more = candidates(name, part, kind, outside.things)
        values.append(own + (more if others else []))
    for number in range(max(map(len, values))):
        chosen = [each[number % len(each)] for each in values if each]
        with suppress(NoReverseMatch):
            found.append(reverse(name, kwargs=dict(zip(ADDRESSES[name], chosen, strict=False))))
    return list(dict.fromkeys(found))[: few or None]


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
        expected = {method: told(getattr(client, method)(unknown)) for method in ("get", "post", "head")}
        strongest = who.startswith("administrator")
        there = addresses(name, outside, others=True) if strongest else addresses(name, outside, few=4)
        asked = [(method, address) for address in there for method in ("get", "post")]
        asked += [(method, there[0]) for method in OTHER_METHODS if strongest]
        found = [
            each
            for method, address in asked
            for each in faults(client, method, address, expected.get(method, ("405", "")), outside.foreign)
        ]
        wrong += [f"{who}: {each}" for each in found]
    wrong += [each for each in changed(outside.rows) if name not in OF_BOTH or not each.startswith("audit_")]
    assert wrong == []


def test_every_address_that_names_a_thing_stands_on_a_page_of_its_owner_A48(outside: Outside) -> None:
    """Or the refusals above would say nothing: they are about things with which somebody may do what is refused."""
    assert set(ADDRESSES) - BEARER - set(outside.offered) <= set(NOT_REACHED)


# --- officers: what each role may open of things that are there; all others are told that there is nothing ---

# The roles that a page is for. Whoever manages a department sees its own catalogue, which this table knows nothing of.
TABLE = """
accounts_entity_change                registrar approver auditor
accounts_entity_close                 approver
accounts_entity_names                 registrar approver
accounts_entity_number                registrar approver
accounts_entity_reactivate            registrar approver
accounts_entity_suspend               registrar approver
accounts_registerentry_change         registrar approver auditor
accounts_registerimport_cancel        registrar
accounts_registerimport_change        registrar approver auditor
accounts_registerimport_confirm       registrar approver
accounts_registertask_change          registrar approver auditor
applications_application_approve      approver
applications_application_ask          registrar approver
applications_application_change       registrar approver auditor
applications_application_claim        registrar approver
applications_application_discard      registrar
applications_application_document     registrar approver auditor
applications_application_draft_document registrar
applications_application_fill_in      registrar
applications_application_refuse       approver
applications_application_release      registrar approver
applications_application_remove_document registrar
applications_application_reveal       registrar approver
applications_application_review       registrar
messaging_sms_change                  registrar approver catalogue auditor
oidc_client_change                    auditor
oidc_client_disable
oidc_client_enable
oidc_client_secret
services_department_change            auditor
services_department_managers          auditor
services_department_revoke
services_errand_change                auditor
services_errand_confirm
services_eservice_change              auditor
services_eservice_open
services_eservice_open_file
services_eservice_open_kind
services_eservice_reopen
services_eservice_withdraw
services_opening_change               registrar approver auditor
services_servicegroup_change          auditor
services_servicegroup_merge
services_servicegroup_reopen
services_servicegroup_withdraw
staff_administratorlogin_change       registrar approver auditor
staff_administratorlogin_new_password approver
staff_administratorlogin_reveal       registrar approver
staff_administratorlogin_second_factor approver
staff_administratorlogin_send_code    registrar approver
staff_officerrole_change              auditor
"""
OFFICERS = {f"admin:{line.split()[0]}": line.split()[1:] for line in TABLE.strip().splitlines()}
WRITTEN = FORMS | {"reason": "other", "text": "words"}
CHANGE_NOTHING = (Role.AUDITOR, Role.CATALOGUE)  # this manager's department is another one


def opened_by(role: Role, name: str, outside: Outside) -> set[str]:
    """The methods by which an officer of a role is answered something else than that there is nothing."""
    client, found = outside.people[f"officer: {role}"], set()
    for address in addresses(name, outside, few=2):
        for method in ("get", "post"):
            with nullcontext() if role in CHANGE_NOTHING else undone():
                answer = getattr(client, method)(address, WRITTEN if method == "post" else None)
                assert not fault(answer), f"{role} {method} {address}: {fault(answer)}"
                if answer.status_code not in (404, 405):
                    found.add(method)
    return found


@pytest.mark.parametrize("name", sorted(name for name in ADDRESSES if name.startswith("admin:")))
def test_what_an_officers_role_is_not_for_does_not_exist_A54(name: str, outside: Outside) -> None:
    """And an auditor, and the manager of another department, change nothing of it."""
    assert name in OFFICERS, "whose page is it?"
    found = {role.value: opened_by(role, name, outside) for role in Role}
    assert {role: methods for role, methods in found.items() if methods and role not in OFFICERS[name]} == {}
    assert [each for each in changed(outside.rows) if not each.startswith("audit_")] == []


# --- things named in a body ---

BODIES = {"euid", "login", "staff_id", "add", "remove", "was", "entity", "entity_id", "number", "application", "pk"}
FIELDS = 900  # of a body; of more than a thousand nothing is read


@pytest.mark.parametrize("who", ["staff", "service administrator", "administrator"])
def test_a_foreign_thing_in_a_body_is_not_taken_A50_A59(who: str, outside: Outside) -> None:
    """Every address that names no thing is sent every foreign thing under every name that a form of ours has.

    A field that takes one value takes the last, so each kind of thing is the last one once.
    """
    client = outside.people[f"{who} of another entity"]
    others = of_others(cast.Entity.objects.get(number="80909097").pk)
    keys = sorted({value for _model, name, value in outside.things if name == "id" and value.isdecimal()})
    kinds = [sorted(each for each in outside.foreign if each.startswith(start)) for start in ("CU", "AP")]
    assert all(kinds)
    wrong = []
    for name in sorted(set(routes()) - set(ADDRESSES)):
        with undone():
            start, names = writes(), {*BODIES, *names_of_fields(twin(client), reverse(name))}
            for last in (*kinds, keys):
                values = [value for each in (*kinds, keys) if each is not last for value in each] + last
                answer = twin(client).post(reverse(name), dict.fromkeys(names, values[-FIELDS // len(names) :]))
                wrong += [f"{name}: {fault(answer)}"] if fault(answer) else []
            after = rows(others) if writes() != start else None
        if after is not None:
            wrong += [f"{name}: {each}" for each in changed(after, others)]
    assert wrong == []


def test_the_digest_sees_a_row_that_changes() -> None:
    """Or it would say of everything that nothing was changed."""
    before = rows()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE services_department SET name_pt = name_pt || '!' WHERE code = 'dsal'")
    assert [each.split(":")[0] for each in changed(before)] == ["services_department"]
