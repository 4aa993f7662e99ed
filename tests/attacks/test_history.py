"""History cannot be changed unseen, and what is refused, taken along or looked at stands in it (A130, A131)."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.audit.operations import record
from entity_portal.roles import Role
from tests.cast import PASSWORD, Cast, enter, officer

TRIGGERS = ("audit_1_chain", "audit_2_deny", "audit_3_deny_truncate")


def sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for each in statements:
            cursor.execute(each)


def five_lines() -> None:
    for number in range(5):
        record(Action.SIGNED_IN, entity="1000", actor=None, target=f"CU000000000{number}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor_label = 'x'",
        "UPDATE audit_event SET data = data",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "TRUNCATE audit_event CASCADE",
        "INSERT INTO audit_event SELECT * FROM audit_event ON CONFLICT (id) DO UPDATE SET actor_label = 'x'",
        "MERGE INTO audit_event a USING audit_event b ON a.id = b.id WHEN MATCHED THEN DELETE",
    ],
)
def test_what_is_written_is_neither_changed_nor_taken_away_A130(db: None, statement: str) -> None:
    five_lines()
    sql(f"ALTER TABLE audit_event ENABLE TRIGGER {TRIGGERS[2]}")  # the tests' own emptying goes without
    before = list(Event.objects.order_by("pk").values())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        sql(statement)
    assert list(Event.objects.order_by("pk").values()) == before


def test_whoever_writes_a_line_by_hand_cannot_choose_its_place_or_its_proof_A130(db: None) -> None:
    five_lines()
    sql(
        "INSERT INTO audit_event (seq, at, entity_number, actor, actor_label, action, target, data, prev_hash, hash) "
        "SELECT 1, '2020-01-01', entity_number, actor, actor_label, action, target, data, prev_hash, hash "
        "FROM audit_event WHERE entity_number = '1000' AND seq = 1"
    )
    last = Event.objects.filter(entity_number="1000").latest("pk")
    assert (last.seq, last.at.year > 2020) == (6, True)
    call_command("verify_history", stdout=StringIO())


BY_THE_OWNER = {
    "a line is changed": "UPDATE audit_event SET target = 'CU9999999999' WHERE seq = 3",
    "a line is taken away": "DELETE FROM audit_event WHERE seq = 3",
    "the first line is taken away": "DELETE FROM audit_event WHERE seq = 1",
    "two lines change places": "UPDATE audit_event SET seq = seq + 100 WHERE seq IN (2, 3); "
    "UPDATE audit_event SET seq = 105 - seq WHERE seq > 100",
    "a line is dated back": "UPDATE audit_event SET at = at - interval '1 hour' WHERE seq = 4",
    "a line is given to another entity": "UPDATE audit_event SET entity_number = '2000' WHERE seq = 5",
    "a line is doubled": "INSERT INTO audit_event (seq, at, entity_number, actor, actor_label, action, target, data, "
    "prev_hash, hash) SELECT 6, at, entity_number, actor, actor_label, action, target, data, prev_hash, hash "
    "FROM audit_event WHERE seq = 5",
}


@pytest.mark.parametrize("what", BY_THE_OWNER)
def test_what_the_owner_of_the_table_does_to_it_is_named_A130(db: None, what: str) -> None:
    five_lines()
    sql(*(f"ALTER TABLE audit_event DISABLE TRIGGER {name}" for name in TRIGGERS))
    sql(BY_THE_OWNER[what])
    sql(*(f"ALTER TABLE audit_event ENABLE TRIGGER {name}" for name in TRIGGERS))
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_history", stdout=said, stderr=said)
    assert "line" in said.getvalue()


def test_what_is_refused_stands_in_the_history_A131(company: Cast) -> None:
    data = {"entity_number": company.entity.number, "username": "ao.hoiian"}
    enter().post("/login/", {**data, "password": "Wrong2026x"})
    assert Event.objects.filter(action=Action.SIGN_IN_REFUSED, entity_number=company.entity.number).count() == 1
    for _try in range(4):
        enter().post("/login/", {**data, "password": PASSWORD[::-1]})
    refused = Event.objects.filter(action__in=[Action.SIGN_IN_REFUSED, Action.LOCKED])
    assert refused.count() >= 2


@pytest.mark.parametrize(
    ("address", "action"),
    [
        ("/staff/export.csv", Action.LIST_EXPORTED),
        ("/history/export.csv", Action.LIST_DOWNLOADED),
        ("/entity/requests/export.csv", Action.LIST_DOWNLOADED),
    ],
)
def test_what_is_taken_along_stands_in_the_history_A131(company: Cast, address: str, action: Action) -> None:
    answer = enter(company.administrator).get(address)
    assert answer.status_code == 200
    event = Event.objects.get(action=action)
    assert (event.actor, event.entity_number) == (company.administrator.euid, company.entity.number)
    assert answer.getvalue()


def test_what_an_officer_looks_at_stands_in_the_history_A131(company: Cast) -> None:
    desk = officer(Role.AUDITOR)
    for address in (
        "/admin/accounts/entity/",
        f"/admin/accounts/entity/{company.entity.pk}/change/",
        f"/admin/staff/administratorlogin/{company.administrator.pk}/change/",
        "/admin/audit/event/",
    ):
        before = Event.objects.filter(action=Action.OFFICER_READ).count()
        assert desk.get(address).status_code == 200
        assert Event.objects.filter(action=Action.OFFICER_READ).count() == before + 1, address
