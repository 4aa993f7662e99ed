"""The demonstration: believable, built once through the operations, and impossible in a real installation."""

import re
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client as Browser

from accounts.applications.models import Application
from accounts.models import Entity, Kind, LegalRepresentative, RegisterEntry
from entity_portal import demo
from entity_portal.audit.models import Event
from entity_portal.demo import authenticator
from entity_portal.demo.build import build, register_line
from entity_portal.demo.catalogue import DEPARTMENTS
from entity_portal.demo.entities import ENTITIES
from entity_portal.demo.people import AUTHORITY, PASSWORD
from entity_portal.messaging.models import SMS, Purpose
from entity_portal.roles import Role
from services import queries
from services.models import Assignment, EService, Opening
from services.oidc.models import Client
from staff.forms import PersonForm
from staff.models import StaffLogin, Status
from staff.operations import check_password, verify
from staff.queries import app_of, counts
from tests import cast
from tests.pages import text_of
from tests.race import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(db: None) -> Entity:
    """濠灣茶餐飲有限公司, in the middle of the demonstration."""
    build()
    return Entity.objects.get(number="80216453")


def everything() -> dict[str, list[Any]]:
    models = (Entity, StaffLogin, EService, Opening, Assignment, Client, Event, SMS)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_a_second_run_changes_nothing(built: Entity, django_assert_max_num_queries: Any) -> None:
    before = everything()
    with django_assert_max_num_queries(5):
        call_command("demo_data", verbosity=0)
    assert everything() == before


def test_no_document_number_stands_readable_in_any_table(built: Entity) -> None:
    """Each as a word of its own, in every row of every table, whatever column it may have got into."""
    numbers = {person.document_number for person in (*StaffLogin.objects.all(), *LegalRepresentative.objects.all())}
    numbers |= {line.representative_document_number for line in RegisterEntry.objects.all()}
    for application in Application.objects.all():
        numbers |= {*re.findall(r"'document_number': '(\w+)'", str(application.answers))}
    assert len(numbers) > 60
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [table for (table,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f"SELECT row::text FROM {table} AS row")
            for (row,) in cursor.fetchall():
                assert not numbers & {*re.findall(r"\w+", row)}, f"{table}: {row}"


def test_what_was_done_in_an_entity_since_stays(built: Entity) -> None:
    StaffLogin.objects.filter(username="tam.io").update(locked_at=None, failed_attempts=0)
    build()
    assert counts(built)["locked"] == 0


def test_an_entity_that_is_missing_is_made_beside_those_there(built: Entity, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    person = replace(ENTITIES[0].people[0], username="new.person")
    new = replace(ENTITIES[0], number="89302744", registration_number="9 SO", people=(person,), openings=())
    monkeypatch.setattr("entity_portal.demo.build.ENTITIES", (*ENTITIES, new))
    assert build() == 1
    assert Entity.objects.get(number="89302744").logins.get().username == "new.person"


def test_a_real_installation_refuses(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("demo_data")
    assert not Entity.objects.exists()


def test_the_first_entity_has_everybody_of_the_list_in_every_status(built: Entity) -> None:
    assert (built.name_zh, built.name_pt) == ("濠灣茶餐飲有限公司", "Companhia de Restauração Hou Wan Chá, Limitada")
    assert counts(built) == {
        "total": 52,
        "active": 46,
        "pending": 4,
        "locked": 1,
        "administrators_active": 2,
        "administrators": 2,
        "service_administrators": 3,
    }


def test_there_is_an_entity_of_every_kind_S2_4(built: Entity) -> None:
    assert set(Entity.objects.values_list("kind", flat=True)) == set(Kind.values)


def test_the_sandbox_e_service_is_open_to_the_company_and_not_to_everybody_in_it(built: Entity) -> None:
    sandbox = EService.objects.get(code="sandbox")
    assert sandbox.url == "/demo/service/"
    administrator, assigner, staff, building = (
        StaffLogin.objects.get(entity__number=each.entity_number, username=each.username) for each in demo.logins()
    )
    groups = [[row.group.code for row in queries.rights(login, sandbox)] for login in (administrator, staff)]
    assert groups == [["submitters", "viewers"], ["submitters"]]
    assert queries.why_not(assigner, sandbox) == queries.Refusal.NOT_ASSIGNED
    assert queries.why_not(building, sandbox) == queries.Refusal.NOT_OPENED


def test_the_sandboxs_client_follows_the_portals_address(built: Entity, settings: Any) -> None:
    client = Client.objects.get(client_id="sandbox")
    assert client.redirect_uris == "http://testserver/demo/service/callback/"
    settings.PUBLIC_URL = "http://127.0.0.1:8003"
    build()
    client.refresh_from_db()
    assert client.redirect_uris == "http://127.0.0.1:8003/demo/service/callback/"
    assert client.backchannel_logout_uri == "http://127.0.0.1:8003/demo/service/backchannel-logout/"


def test_an_older_demonstration_gets_the_sandbox_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setattr("entity_portal.demo.build.offer_sandbox", lambda: False)
        build()
    before = Assignment.objects.count()
    assert build() == 0
    assert Assignment.objects.count() == before + 3


def test_the_officers_come_in_with_the_code_that_everybody_sees_Q1(built: Entity) -> None:
    officers = [
        check_password(entity_number=each.entity_number, username=each.username, password=each.password)
        for each in demo.officers()
    ]
    assert {role for login in officers if login for role in login.roles} == set(Role)
    assert [login.is_administrator for login in officers if login] == [True, False, False, False, False]
    for login in officers:
        assert login
        assert login.entity.keeps_portal
        assert verify(login=login, device=app_of(login), token=authenticator.code())


def test_an_older_demonstration_gets_the_officers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setattr("entity_portal.demo.build.open_officers", lambda hashed: None)
        build()
    assert not Entity.objects.filter(keeps_portal=True).exists()
    assert build() == 1
    assert build() == 0
    assert Entity.objects.get(keeps_portal=True).logins.count() == len(demo.officers())


def test_an_authority_that_was_opened_otherwise_is_left_alone() -> None:
    cast.authority()
    build()
    assert Entity.objects.get(keeps_portal=True).logins.count() == 1


def test_the_demonstrations_authenticator_shows_the_code(built: Entity, client: Browser) -> None:
    page = text_of(client.get("/demo/app/"))
    assert authenticator.code() in page
    assert "sou.waiman" in page
    assert b"/demo/app/" in client.get("/login/").content


def test_departed_people_are_in_no_group_and_pending_ones_in_advance_Q21(built: Entity) -> None:
    assert not queries.lasting(built).filter(login__status=Status.DEPARTED).exists()
    assert Assignment.objects.filter(entity=built, login__status=Status.DEPARTED).exists()
    pending = queries.lasting(built).filter(login__status=Status.PENDING)
    assert pending.exists()
    assert not queries.in_force().filter(pk__in=pending).exists()


def test_some_openings_are_suspended_Q24(built: Entity) -> None:
    assert set(Opening.objects.values_list("status", flat=True)) == {"open", "suspended", "withdrawn"}


def test_only_codes_to_pending_people_and_notices_of_locks_are_sent(built: Entity) -> None:
    codes = SMS.objects.filter(purpose=Purpose.ACTIVATION)
    assert set(codes.values_list("to", flat=True)) <= set(
        StaffLogin.objects.filter(status=Status.PENDING).values_list("mobile", flat=True)
    )
    locked = StaffLogin.objects.exclude(locked_at=None).values_list("mobile", flat=True)
    assert sorted(SMS.objects.exclude(purpose=Purpose.ACTIVATION).values_list("to", flat=True)) == sorted(locked)
    assert 3 <= codes.count() <= 6


def test_the_logins_to_try_come_in_with_what_they_are_called(built: Entity) -> None:
    administrator, assigner, staff, building = (
        check_password(entity_number=each.entity_number, username=each.username, password=each.password)
        for each in demo.logins()
    )
    assert administrator
    assert administrator.is_administrator
    assert assigner
    assert assigner.is_service_administrator
    assert not assigner.is_administrator
    assert staff
    assert not staff.can_assign
    assert queries.usable_services(staff)
    assert building
    assert building.is_administrator
    assert building.entity.kind == Kind.BUILDING


def test_everybody_could_have_been_entered_on_the_page_S9_3() -> None:
    for house in ENTITIES:
        for person in house.people:
            fields = {
                **{name: getattr(person, name) for name in PersonForm.base_fields if hasattr(person, name)},
                **dict(zip(("mobile_0", "mobile_1"), region_and_number(person.mobile), strict=True)),
            }
            form = PersonForm(fields)
            assert form.is_valid(), (person.username, form.errors)
            assert form.cleaned_data["mobile"] == person.mobile
            assert form.cleaned_data["document_number"] == person.document_number


def region_and_number(mobile: str) -> tuple[str, str]:
    for prefix, region in (("+853", "MO"), ("+852", "HK"), ("+351", "PT")):
        if mobile.startswith(prefix):
            return region, mobile.removeprefix(prefix)
    raise AssertionError(mobile)


def test_the_password_meets_the_rule_for_everybody_S8_3() -> None:
    for house in ENTITIES:
        for person in house.people:
            login = StaffLogin(
                entity=Entity(number=house.number, name_zh=house.name_zh, name_pt=house.name_pt),
                username=person.username,
                name_zh=person.name_zh,
                name_foreign=person.name_foreign,
                document_number=person.document_number,
                mobile=person.mobile,
            )
            validate_password(PASSWORD, login)


def test_everybody_is_one_person_with_a_username_and_a_number_of_their_own() -> None:
    people = [*(person for house in ENTITIES for person in house.people), *AUTHORITY]
    assert len({person.document_number for person in people}) == len(people)
    assert len({person.mobile for person in people}) == len(people)
    for house in ENTITIES:
        assert len({person.username for person in house.people}) == len(house.people)


def test_every_line_of_the_register_could_have_come_in_a_file() -> None:
    from accounts.register import clean

    for house in ENTITIES:
        line = register_line(house)
        _data, wrong = clean(line)
        errors = {column: error for column, error in wrong.items() if (column, line["kind"]) != ("kind", "")}
        assert not errors, (house.name_zh, errors)


def test_every_group_says_in_three_languages_what_it_may_do_S13_3() -> None:
    assert len(DEPARTMENTS) == 6
    services = [service for department in DEPARTMENTS for service in department.services]
    assert len(services) == 10
    for service in services:
        assert 2 <= len(service.groups) <= 3
        for thing in (service, *service.groups):
            assert all(thing.name)
            assert all(thing.description)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_many_builders_at_once_build_once() -> None:
    made = at_once(3, lambda _: build())
    assert sorted(made, key=repr) == sorted([len(ENTITIES) + 1, 0, 0], key=repr)
