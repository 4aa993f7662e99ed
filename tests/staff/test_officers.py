"""Officers: who opens them, who gives them roles, and that nobody gives them to themselves (Q1)."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Entity, Kind
from accounts.operations import open_authority
from activation.models import ActivationCode
from entity_portal.admin import site
from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.messaging import notifications
from entity_portal.messaging.models import SMS, Purpose
from entity_portal.roles import Role
from staff.models import OfficerRole, Session, StaffLogin, Status
from staff.operations import StatusNotAllowed
from staff.operations.officers import NotOfAuthority, NotOfficer, OwnRoles, change_roles, demand_role
from staff.queries import factor_demanded
from tests import cast
from tests.pages import text_of
from tests.race import at_once

pytestmark = pytest.mark.django_db
LIST = "/admin/staff/officerrole/"
PERSON = {
    "document_number": "5123456(7)",
    "document_type": "bir_permanent",
    "document_place": "MO",
    "name_foreign": "SOU WAI MAN",
    "mobile": "66880013",
}
ANOTHER = {**PERSON, "document_number": "5123457(8)", "name_foreign": "LO IOK I"}


def manager(*roles: Role) -> StaffLogin:
    """An officer who is an administrator of the authority."""
    return cast.officer_login(*(roles or (Role.REGISTRAR,)), is_administrator=True)


def create(*roles: str, **options: str) -> str:
    call_command("create_officer", *(f"--role={role}" for role in roles), **options)
    return str(StaffLogin.objects.latest("pk").euid)


def refused(*roles: str, **options: str) -> str:
    before = (StaffLogin.objects.count(), Entity.objects.count(), Event.objects.count(), SMS.objects.count())
    with pytest.raises(CommandError) as refusal:
        create(*roles, **options)
    assert before == (StaffLogin.objects.count(), Entity.objects.count(), Event.objects.count(), SMS.objects.count())
    return str(refusal.value)


# --- manage.py create_officer ---


def test_the_first_officer_opens_the_authority_and_is_its_administrator_S3_4() -> None:
    create("registrar", "auditor", entity_number="SAFP", **PERSON)
    house = Entity.objects.get(keeps_portal=True)
    assert (house.number, house.number_is_official, house.kind) == ("SAFP", True, Kind.AUTHORITY)
    assert (house.name_zh, house.name_pt) == (
        "行政公職局",
        "Direcção dos Serviços de Administração e Função Pública",
    )
    login = house.logins.get()
    assert (login.status, login.is_administrator, login.is_staff) == (Status.PENDING, True, True)
    assert login.roles == {"registrar", "auditor"}
    assert factor_demanded(login), "an authenticator app is set up at the first login"
    sms = SMS.objects.get()
    assert (sms.to, sms.purpose) == ("+85366880013", Purpose.ACTIVATION)
    assert ActivationCode.objects.get().login == login
    assert set(Event.objects.values_list("action", flat=True)) == {
        Action.ENTITY_OPENED,
        Action.LOGIN_CREATED,
        Action.OFFICER_ROLES_CHANGED,
        Action.CODE_SENT,
    }


def test_the_next_officer_is_no_administrator() -> None:
    create("registrar", **PERSON)
    create("approver", **ANOTHER)
    first, second = StaffLogin.objects.order_by("pk")
    assert first.entity == second.entity
    assert (first.is_administrator, second.is_administrator) == (True, False)
    assert second.roles == {"approver"}


def test_a_login_of_the_authority_gets_roles_by_its_euid() -> None:
    login = cast.login(entity=cast.authority())
    create("catalogue", euid=login.euid)
    login = StaffLogin.objects.get(pk=login.pk)
    assert (login.is_staff, login.roles) == (True, {"catalogue"})
    assert not SMS.objects.filter(purpose=Purpose.ACTIVATION).exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({**PERSON, "mobile": "12"}, "--mobile"),
        ({**PERSON, "document_number": "x"}, "--document-number"),
        ({**PERSON, "name_foreign": ""}, "--name-foreign"),
        ({**PERSON, "entity_number": "中文中文中文"}, "--entity-number"),
        ({**PERSON, "entity_number": "x"}, "--entity-number"),
        ({**PERSON, "euid": "CU0000000000"}, "--euid"),
        ({"euid": "CU0000000000"}, "No login of the authority"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_made(options: dict[str, str], said: str) -> None:
    assert said in refused("registrar", **options)


def test_a_number_that_is_taken_and_a_person_who_is_there_are_refused(company: cast.Cast) -> None:
    assert company.entity.number in refused("registrar", entity_number=company.entity.number, **PERSON)
    create("registrar", entity_number="SAFP", **PERSON)
    assert "--euid" in refused("registrar", **PERSON)
    assert "SAFP" in refused("registrar", entity_number="DSAJ", **ANOTHER)
    assert "No login of the authority" in refused("registrar", euid=company.administrator.euid)
    gone = cast.login(entity=cast.authority(), status=Status.DEPARTED)
    assert "has left" in refused("registrar", euid=gone.euid)


# --- roles ---


def test_roles_are_given_and_taken_and_written_down_with_old_and_new_Q1() -> None:
    boss, login = manager(), cast.login(entity=cast.authority(), language="en")
    assert change_roles(login=login, by=boss, roles=[Role.REGISTRAR, Role.APPROVER])
    login = StaffLogin.objects.get(pk=login.pk)
    assert (login.is_staff, login.roles) == (True, {"registrar", "approver"})
    assert not change_roles(login=login, by=boss, roles=[Role.APPROVER, Role.REGISTRAR])
    assert change_roles(login=login, by=boss, roles=[Role.APPROVER])
    assert change_roles(login=login, by=boss, roles=[])
    login = StaffLogin.objects.get(pk=login.pk)
    assert (login.is_staff, login.roles, OfficerRole.objects.filter(login=login).count()) == (False, frozenset(), 0)
    lines = Event.objects.filter(action=Action.OFFICER_ROLES_CHANGED, target=login.euid, actor=boss.euid).order_by("pk")
    assert [line.data for line in lines] == [
        {"was": [], "now": ["approver", "registrar"]},
        {"was": ["approver", "registrar"], "now": ["approver"]},
        {"was": ["approver"], "now": []},
    ]
    assert {line.entity_number for line in lines} == {login.entity.number}
    assert [line.kind for line in notifications.inbox(login.euid)] == ["my_powers"]


def test_every_change_ends_the_sessions_of_the_officer() -> None:
    boss, login = manager(), cast.officer_login(Role.AUDITOR)
    client = cast.officer(person=login)
    assert client.get(LIST).status_code == 200
    change_roles(login=login, by=boss, roles=[Role.AUDITOR, Role.REGISTRAR])
    assert not Session.objects.filter(login=login).exists()
    assert client.get(LIST).status_code == 302


def test_only_an_officer_who_is_administrator_of_the_authority_changes_roles(company: cast.Cast) -> None:
    login = cast.login(entity=cast.authority())
    plain_administrator = cast.login(entity=cast.authority(), is_administrator=True)
    gone = cast.login(entity=cast.authority(), is_administrator=True, status=Status.DEPARTED)
    for by in (cast.officer_login(*Role), plain_administrator, company.administrator, login, gone):
        with pytest.raises(NotOfficer):
            change_roles(login=login, by=by, roles=[Role.AUDITOR])
    assert not OfficerRole.objects.filter(login=login).exists()


def test_nobody_changes_their_own_roles() -> None:
    boss = manager()
    with pytest.raises(OwnRoles):
        change_roles(login=boss, by=boss, roles=list(Role))
    assert StaffLogin.objects.get(pk=boss.pk).roles == {"registrar"}


def test_who_has_left_or_is_of_another_entity_gets_none(company: cast.Cast) -> None:
    boss = manager()
    with pytest.raises(StatusNotAllowed):
        change_roles(login=cast.login(entity=cast.authority(), status=Status.DEPARTED), by=boss, roles=[Role.AUDITOR])
    for by in (boss, None):
        with pytest.raises(NotOfAuthority):
            change_roles(login=company.staff, by=by, roles=[Role.AUDITOR])


def test_the_database_has_no_officer_elsewhere_and_no_second_authority(company: cast.Cast) -> None:
    cast.authority()
    for break_it in (
        lambda: StaffLogin.objects.filter(pk=company.staff.pk).update(is_staff=True),
        lambda: OfficerRole.objects.create(login=company.staff, role=Role.AUDITOR),
        lambda: Entity.objects.filter(pk=company.entity.pk).update(kind=Kind.AUTHORITY, keeps_portal=True),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            break_it()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_each_others_roles_one_stays() -> None:
    first, second = manager(), manager()
    pairs = [(first, second), (second, first)]
    results = at_once(2, lambda n: change_roles(login=pairs[n][0], by=pairs[n][1], roles=[]))
    assert sorted(map(repr, results)) == ["NotOfficer()", "True"]
    assert StaffLogin.objects.filter(is_staff=True, is_administrator=True).count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_the_authority_one_opens_it() -> None:
    def open_it(number: int) -> int:
        with transaction.atomic():
            house = open_authority(number="SAFP")
            if not house.logins.exists():
                cast.login(entity=house, username=f"first.{number}", is_administrator=True)
            return house.pk

    results = at_once(2, open_it)
    assert results[0] == results[1]
    assert Entity.objects.filter(keeps_portal=True).count() == 1


def test_a_role_that_is_gone_opens_nothing() -> None:
    login = cast.officer_login(Role.APPROVER)
    change_roles(login=StaffLogin.objects.get(pk=login.pk), by=None, roles=[Role.AUDITOR])
    with pytest.raises(NotOfficer), transaction.atomic():
        demand_role(login, Role.APPROVER)


# --- the pages ---


def managing(**fields: Any) -> Client:
    client = cast.officer(person=manager())
    cast.prove(client)
    return client


def test_auditors_read_the_list_and_administrators_of_the_authority_change_it_Q1() -> None:
    login = cast.officer_login(Role.CATALOGUE, name_foreign="KUAN SOK I")
    change = f"{LIST}{login.euid}/change/"
    for other in (cast.officer(Role.REGISTRAR), cast.officer(Role.APPROVER), cast.officer(Role.CATALOGUE)):
        assert (other.get(LIST).status_code, other.get(change).status_code) == (404, 404)
        assert LIST not in other.get("/admin/").content.decode()
    auditor = cast.officer(Role.AUDITOR)
    page = text_of(auditor.get(LIST))
    assert "KUAN SOK I" in page
    assert "Catalogue manager" in page
    assert LIST in auditor.get("/admin/").content.decode()
    assert b"<form method" not in auditor.get(change).content.split(b"<main")[1]
    assert auditor.post(change, {"roles": ["auditor"]}).status_code == 200
    assert StaffLogin.objects.get(pk=login.pk).roles == {"catalogue"}
    assert managing().post(change, {"roles": ["auditor", "approver"]}).status_code == 302
    assert StaffLogin.objects.get(pk=login.pk).roles == {"auditor", "approver"}


def test_the_page_asks_for_the_password_again_before_it_changes_roles() -> None:
    login = cast.officer_login(Role.CATALOGUE)
    client = cast.officer(person=manager())
    session = client.session
    session["proven_at"] = "2020-01-01T00:00:00+08:00"
    session.save()
    answer = client.post(f"{LIST}{login.euid}/change/", {"roles": ["auditor"]})
    assert answer["Location"].startswith("/account/confirm/?next=")
    assert StaffLogin.objects.get(pk=login.pk).roles == {"catalogue"}


def test_the_page_says_why_ones_own_roles_stay() -> None:
    boss = manager()
    client = cast.officer(person=boss)
    cast.prove(client)
    page = f"{LIST}{boss.euid}/change/"
    assert "Nobody changes their own roles" in text_of(client.get(page))
    assert client.post(page, {"roles": [str(role) for role in Role]}).status_code == 200
    assert StaffLogin.objects.get(pk=boss.pk).roles == {"registrar"}


def test_the_page_refuses_what_is_no_role() -> None:
    login = cast.officer_login(Role.CATALOGUE)
    for roles in (["superuser"], ["auditor", "x" * 5000]):
        page = text_of(managing().post(f"{LIST}{login.euid}/change/", {"roles": roles}))
        assert "1 answer needs to be corrected" in page
    assert StaffLogin.objects.get(pk=login.pk).roles == {"catalogue"}


def test_looking_at_an_officer_is_written_down() -> None:
    login = cast.officer_login(Role.CATALOGUE)
    cast.officer(Role.AUDITOR).get(f"{LIST}{login.euid}/change/")
    line = Event.objects.get(action=Action.OFFICER_READ)
    assert (line.target, line.entity_number) == (login.euid, login.entity.number)


def test_everyone_in_the_authority_can_be_found_and_nobody_else(company: cast.Cast) -> None:
    client = managing()
    login = cast.login(entity=cast.authority(), name_foreign="HOI CHI LAM", document_number="50917346")
    assert "HOI CHI LAM" not in text_of(client.get(LIST))
    assert "HOI CHI LAM" in text_of(client.get(f"{LIST}?who=everyone"))
    assert "HOI CHI LAM" in text_of(client.get(f"{LIST}?who=everyone&q=hoi+chi"))
    number = client.get(f"{LIST}?who=everyone&q={login.document_number}")
    assert "HOI CHI LAM" not in text_of(number), "no number stands in an address (ASVS 14.2.1)"
    assert "CHAN WENG SAN" not in text_of(client.get(f"{LIST}?who=everyone"))
    assert client.get(f"{LIST}{company.staff.euid}/change/").status_code == 404
    assert "HOI CHI LAM" not in text_of(client.get(f"{LIST}?who=everyone&role=auditor"))
    assert client.get(f"{LIST}?role=x&who=x&page=x&q={'x' * 9999}").status_code == 200
    assert login.pk


def test_the_list_takes_a_constant_number_of_queries(django_assert_max_num_queries: Any) -> None:
    client = cast.officer(Role.AUDITOR)
    for _each in range(30):
        cast.officer_login(Role.REGISTRAR, Role.APPROVER)
    with django_assert_max_num_queries(20):
        assert client.get(LIST).content.count(b"Registrar") >= 30


@pytest.mark.parametrize("model", site._registry, ids=lambda model: model._meta.label_lower)
def test_every_list_that_an_officer_is_shown_stands_in_the_history_Q1(model: Any) -> None:
    """By the mechanism of all pages, so that the list of next year is not forgotten."""
    everything = cast.officer_login(*Role, is_administrator=True)
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert cast.officer(person=everything).get(f"{address}?p=1").status_code == 200
    event = Event.objects.get(action=Action.OFFICER_READ)
    assert event.actor == everything.euid
    before = Event.objects.count()
    assert cast.officer(person=cast.officer_login()).get(address).status_code == 404
    assert Event.objects.count() == before, "nothing was shown"
