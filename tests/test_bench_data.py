"""The data that speed is measured on: skewed, the same for a seed, within every rule, and never in a real portal."""

from collections import Counter
from collections.abc import Iterator
from statistics import median
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Entity, FormerNumber, LegalRepresentative, RegisterEntry
from activation.models import ActivationCode, TermsAcceptance
from bench import data
from bench.data import filling, people, rules
from entity_portal.audit.models import Event
from entity_portal.demo import authenticator
from entity_portal.messaging.models import SMS, Notification
from entity_portal.text import check_digit
from services.models import Assignment, EService, Opening, ServiceAdministrator, ServiceGroup
from staff.models import StaffLogin, Status
from staff.queries import app_of, find
from staff.sorting import sort_names
from tests import cast
from tests.database import owning
from tests.pages import text_of

LOGINS = 300
# What the tables had besides columns and rows.
HAD = """
    SELECT 'key', conrelid::regclass::text, conname, pg_get_constraintdef(oid) || convalidated::text FROM pg_constraint
    UNION ALL SELECT 'index', indrelid::regclass::text, indexrelid::regclass::text,
        pg_get_indexdef(indexrelid) || indisvalid::text FROM pg_index WHERE indrelid::regclass::text !~ '^pg_'
    UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) || tgenabled::text
        FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'foreign key looks', tgrelid::regclass::text, count(*)::text, tgenabled::text
        FROM pg_trigger WHERE tgisinternal GROUP BY tgrelid, tgenabled
"""


def fill(**how: Any) -> None:
    with owning():
        call_command("bench_data", verbosity=0, logins=LOGINS, **how)


def asked(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def empty() -> None:
    """Whoever calls this takes it back."""
    with owning() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_3_deny_truncate")
        cursor.execute(f"TRUNCATE {', '.join(filling.NAMES)} CASCADE")


def digest(table: str) -> str:
    """Of every row; what is sealed is another text each time, its index is not."""
    row = r"""regexp_replace(row::text, '[0-9a-f]{8}\.[A-Za-z0-9_-]{43,64}', '', 'g')"""
    ((found,),) = asked(f"SELECT md5(coalesce(string_agg({row}, ',' ORDER BY {row}), '')) FROM {table} row")
    return found


@pytest.fixture(scope="module")
def before(django_db_setup: None, django_db_blocker: Any) -> Iterator[set[Any]]:
    """Filled once for this file, in a transaction that is taken back; what the tables had before."""
    with django_db_blocker.unblock(), transaction.atomic():
        had = set(asked(HAD))
        fill()
        yield had
        transaction.set_rollback(True)


@pytest.fixture
def filled(before: set[Any], db: None) -> Entity:
    """The largest entity, with everything around it."""
    return Entity.objects.get(number=data.BIG.number)


# --- who is there ---


def test_at_a_million_five_entities_have_20_000_people_and_most_have_one_to_five() -> None:
    found = people.sizes(100_000, 1_000_000)
    assert (len(found), sum(found)) == (100_000, 1_000_000)
    assert sum(size == 20_000 for size in found) == 5
    assert max(found) == 20_000
    assert sum(size <= 5 for size in found) > 60_000
    assert sum(size >= 1000 for size in found) > 20


def test_at_a_thousand_the_proportions_are_the_same_and_the_largest_entity_has_200() -> None:
    found = people.sizes(100, 1000)
    assert (len(found), sum(found), max(found)) == (100, 1000, 200)
    assert sum(size == 200 for size in found) == 1
    assert median(found) <= 5


@pytest.mark.parametrize(("entities", "logins"), [(100, 99), (10, 50), (2, 300), (300, 300)])
def test_every_entity_has_somebody_or_nothing_is_made(entities: int, logins: int) -> None:
    with pytest.raises(people.TooFew):
        people.sizes(entities, logins)


def test_each_table_is_filled_in_proportion(filled: Entity) -> None:
    assert Entity.objects.count() == LOGINS // 10
    assert StaffLogin.objects.count() == LOGINS
    assert filled.logins.count() == LOGINS // 5
    assert Event.objects.count() == 10 * LOGINS
    assert 2.7 * LOGINS <= Assignment.objects.count() <= 3.3 * LOGINS
    assert (EService.objects.count(), ServiceGroup.objects.count()) == (300, 900)
    assert Opening.objects.filter(entity=filled).count() == 60
    assert RegisterEntry.objects.count() > LegalRepresentative.objects.count() == Entity.objects.count()
    for model in (SMS, ActivationCode, TermsAcceptance, Notification):
        assert model.objects.count() > 0.8 * LOGINS, model
    assert ServiceAdministrator.objects.filter(entity=filled, login__username=data.ASSIGNER).exists()
    assert not FormerNumber.objects.filter(entity__number=data.BIG.number).exists()


def test_people_are_in_every_status_and_write_their_names_in_three_ways(filled: Entity) -> None:
    statuses = Counter(StaffLogin.objects.values_list("status", flat=True))
    assert statuses[Status.ACTIVE] > 0.7 * LOGINS
    assert min(statuses[Status.PENDING], statuses[Status.DEPARTED]) > 0.03 * LOGINS
    languages = Counter(StaffLogin.objects.values_list("language", flat=True))
    assert languages["zh-hant"] > 0.7 * LOGINS
    assert min(languages["pt"], languages["en"]) > 0.04 * LOGINS
    assert StaffLogin.objects.filter(name_foreign__contains="Ã").exists()


def test_nearly_everybody_of_the_largest_entity_is_in_one_group_and_nobody_in_another(filled: Entity) -> None:
    def members(path: tuple[str, str]) -> int:
        lasting = Assignment.objects.filter(entity=filled, ended_at=None)
        return lasting.filter(group__service__code=path[0], group__code=path[1]).count()

    present = find(filled).exclude(status=Status.DEPARTED).count()
    assert 0.85 * present < members(data.FULL_GROUP) < present
    assert members(data.EMPTY_GROUP) == 0


# --- the same, and the rules ---


def test_the_same_seed_gives_the_same_rows_and_another_one_others(filled: Entity) -> None:
    def again(seed: int) -> dict[str, str]:
        with transaction.atomic():
            empty()
            fill(seed=seed)
            found = {name: digest(name) for name in filling.NAMES}
            transaction.set_rollback(True)
        return found

    first = {name: digest(name) for name in filling.NAMES}
    assert again(data.SEED) == first
    other = again(2)
    fixed = {"services_department", "services_eservice", "services_servicegroup", "staff_officerrole"}
    small = {table for table in other if not asked(f"SELECT 1 FROM {table} LIMIT 20 OFFSET 20")}
    assert {name for name in other if other[name] == first[name]} <= fixed | small
    assert other["audit_event"] != first["audit_event"]


def test_keys_indexes_and_triggers_are_as_before(before: set[Any], filled: Entity) -> None:
    assert set(asked(HAD)) == before


def test_every_trigger_that_was_off_has_a_question_to_the_rows_or_nothing_to_ask() -> None:
    asked_of = {*rules.BROKEN, *rules.NOTHING_TO_ASK}
    assert {name for name in TRIGGERS_ON_INSERT if name not in asked_of} == set()


# All of them that come with a row (`CREATE TRIGGER … INSERT`) of the tables that are filled.
TRIGGERS_ON_INSERT = {
    "accounts_keep_numbers",
    "api_assignments_made",
    "applications_administrator_by_application",
    "applications_state_is_last_move",
    "audit_1_chain",
    "services_assignment_belongs",
    "services_assignment_group_takes",
    "services_count_joined",
    "services_manager_has_role",
    "services_merged_in_service",
    "services_power_belongs",
    "services_power_given",
    "services_power_present",
    "services_power_service_belongs",
    "staff_count_added",
    "staff_entity_has_administrator",
    "staff_officer_of_authority",
    "staff_role_of_officer",
}


@pytest.mark.django_db
def test_the_triggers_are_those_named_here() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger "
            "WHERE tgrelid = ANY (%s::regclass[]) AND NOT tgisinternal AND tgtype & 4 <> 0",
            [filling.NAMES],
        )
        assert {name for (name,) in cursor.fetchall()} == TRIGGERS_ON_INSERT


BREAKING = {
    "accounts_keep_numbers": "INSERT INTO accounts_formernumber (number, entity_id) "
    "SELECT number, 2 FROM accounts_entity WHERE id = 1",
    "staff_entity_has_administrator": "UPDATE staff_stafflogin SET is_administrator = false WHERE entity_id = 2",
    "applications_administrator_by_application": "UPDATE staff_stafflogin SET is_administrator = true "
    "WHERE username = 'bench.staff'",
    "staff_officer_of_authority": "UPDATE staff_stafflogin SET is_staff = true WHERE username = 'bench.staff'",
    "staff_role_of_officer": "UPDATE staff_stafflogin SET is_staff = false WHERE username = 'bench.auditor'",
    "services_manager_has_role": "DELETE FROM staff_officerrole WHERE role = 'catalogue'",
    "services_merged_in_service": "UPDATE services_servicegroup SET merged_into_id = 6 WHERE id = 3",
    "services_assignment_belongs": "UPDATE services_assignment SET entity_id = 2 WHERE entity_id = 1",
    "services_assignment_group_takes": "UPDATE services_servicegroup SET withdrawn_at = now() WHERE id = 1",
    "services_power_given": "UPDATE staff_stafflogin SET assigns = true WHERE username = 'bench.staff'",
    "staff_count_added": "UPDATE staff_headcount SET n = n + 1 WHERE entity_id = 2 AND status = 'active'",
    "services_count_joined": "UPDATE services_membercount SET n = n - 1 WHERE group_id IS NULL",
    "services_power_belongs": "UPDATE services_serviceadministrator SET entity_id = 2 WHERE entity_id = 1",
    "services_power_present": "UPDATE staff_stafflogin SET status = 'departed', departed_at = now() "
    "WHERE username = 'bench.assigner'",
    "services_power_service_belongs": "INSERT INTO services_serviceadministrator_services "
    "(serviceadministrator_id, eservice_id) SELECT power.id, service.id "
    "FROM services_serviceadministrator power, services_eservice service WHERE NOT EXISTS ("
    "SELECT FROM services_opening WHERE entity_id = power.entity_id AND service_id = service.id) LIMIT 1",
    "applications_state_is_last_move": "DELETE FROM applications_move WHERE now = 'approved'",
    "audit_1_chain": "UPDATE audit_event SET target = 'x' WHERE entity_number = '70000014' AND seq = 7",
}


@pytest.mark.parametrize("rule", rules.BROKEN)
def test_a_row_against_a_rule_would_be_found(rule: str, filled: Entity) -> None:
    with transaction.atomic():
        with owning() as cursor:
            question = f"SELECT EXISTS ({rules.BROKEN[rule]})"
            cursor.execute(question, {"every": 1})
            assert cursor.fetchone() == (False,)
            # Past triggers: this is about what is found when they are off.
            for name in filling.NAMES:
                cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
            cursor.execute(BREAKING[rule])
            cursor.execute(question, {"every": 1})
            assert cursor.fetchone() == (True,)
        transaction.set_rollback(True)


def test_the_history_is_chained_as_the_database_would_and_goes_on(filled: Entity) -> None:
    administrator = filled.logins.get(username=data.ADMINISTRATOR)
    browser = cast.enter(administrator)
    assert browser.get(reverse("staff:export")).status_code == 200  # leaves a line
    call_command("verify_history", verbosity=0)
    last = Event.objects.latest("pk")
    assert last.entity_number == filled.number
    assert last.pk > 10 * LOGINS


def test_a_rule_of_the_database_refuses_afterwards_as_ever(filled: Entity) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.filter(seq=1).update(target="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        Assignment.objects.create(entity_id=2, login=filled.logins.first(), group_id=1)


def test_names_have_the_keys_they_are_sorted_by(filled: Entity) -> None:
    assert sort_names() == 0


# --- where it may be ---


def test_a_real_portal_refuses_and_says_why(filled: Entity, settings: Any) -> None:
    settings.DEVELOPMENT = False
    with pytest.raises(CommandError, match=r"DATABASE_URL is set and DEMO is not.*real portal"):
        fill()


def test_a_database_with_entities_refuses_and_names_what_is_there(filled: Entity) -> None:
    with pytest.raises(CommandError, match="there are rows in accounts_entity"):
        fill()


def test_too_few_people_for_that_many_entities_are_refused(db: None) -> None:
    with transaction.atomic():
        empty()
        with pytest.raises(CommandError, match="at least one person"):
            fill(entities=LOGINS)
        transaction.set_rollback(True)


# --- who can come in ---


def test_the_known_numbers_have_their_check_digit() -> None:
    for each in (data.BIG, data.SMALL, data.AUTHORITY):
        assert each.number == each.number[:-1] + check_digit(each.number[:-1])


@pytest.mark.parametrize(
    ("house", "username"),
    [
        (data.BIG, data.ADMINISTRATOR),
        (data.BIG, data.ASSIGNER),
        (data.BIG, data.STAFF),
        (data.SMALL, data.ADMINISTRATOR),
    ],
)
def test_the_known_people_come_in_with_the_known_password(house: data.Known, username: str, filled: Entity) -> None:
    given = {"entity_number": house.number, "username": username, "password": data.PASSWORD}
    client = Client()
    assert client.post(reverse("staff:sign_in"), given).headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_pages_open_for_the_administrator_of_the_largest_entity(filled: Entity) -> None:
    browser = cast.enter(filled.logins.get(username=data.ADMINISTRATOR))
    service, group = data.FULL_GROUP
    for address in (
        "/",
        reverse("staff:list"),
        f"{reverse('staff:list')}?q=CHAN",
        reverse("services:list"),
        reverse("services:group", args=[service, group]),
        reverse("services:edit_group", args=[service, group]),
        reverse("staff:history"),
        reverse("staff:notifications"),
        reverse("entity"),
    ):
        assert browser.get(address).status_code == 200, address
    everybody = text_of(browser.get(reverse("staff:list")))
    assert str(filled.logins.count()) in everybody


def test_officers_find_administrators_and_entities(filled: Entity) -> None:
    registrar = StaffLogin.objects.get(username="bench.registrar")
    device = app_of(registrar)
    assert device
    assert device.key == authenticator.KEY
    browser = cast.officer(person=registrar)
    found = browser.get("/admin/accounts/entity/", {"q": data.BIG.number})
    assert filled.name_zh in text_of(found)
    assert browser.get("/admin/staff/administratorlogin/", {"q": data.BIG.number}).status_code == 200
    assert browser.get("/admin/accounts/registerentry/").status_code == 200
    assert browser.get("/admin/applications/application/").status_code == 200
