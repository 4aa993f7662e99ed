"""History cannot be changed unseen, and what is refused, taken along or looked at stands in it (A130, A131)."""

import re
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from entity_portal.audit import proof
from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.audit.operations import record
from entity_portal.roles import Role
from tests.cast import PASSWORD, Cast, enter, officer
from tests.database import owning

COLUMNS = "seq, at, entity_number, actor, actor_label, action, target, data, prev_hash, hash"
COPIED = "at, entity_number, actor, actor_label, action, target, data, prev_hash, hash FROM audit_event"
CHANGES = [
    "UPDATE audit_event SET actor_label = 'x'",
    "UPDATE audit_event SET data = data",
    "DELETE FROM audit_event",
    "TRUNCATE audit_event",
    "TRUNCATE audit_event CASCADE",
    "INSERT INTO audit_event SELECT * FROM audit_event ON CONFLICT (id) DO UPDATE SET actor_label = 'x'",
    "MERGE INTO audit_event a USING audit_event b ON a.id = b.id WHEN MATCHED THEN DELETE",
]


def five_lines() -> None:
    for number in range(5):
        record(Action.SIGNED_IN, entity="1000", actor=None, target=f"CU000000000{number}")


def by_the_owner(change: str) -> None:
    """What the owner of the table does to it, with its triggers off."""
    with owning() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        cursor.execute(change)
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")


def verified(*options: str) -> str:
    """What `verify_history` says when it finds something.

    Raises:
        Failed: it finds nothing.
    """
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_history", *options, stdout=said, stderr=said)
    return said.getvalue()


@pytest.fixture
def log(db: None, tmp_path: Path) -> Callable[[], str]:
    """Writes down today's heads in a log, among other lines; returns its path."""

    def write() -> str:
        heads = [f"2026-11-30 01:13:00,000 INFO entity_portal.audit.proof {line}" for line in proof.told(today())]
        path = tmp_path / "worker.log"
        path.write_text("\n".join(["2026-11-30 WARNING other: heads or tails", *heads, "the end"]))
        return str(path)

    return write


def today() -> date:
    return timezone.localdate()


@pytest.mark.parametrize("statement", CHANGES)
def test_the_runtime_neither_changes_what_is_written_nor_takes_it_away_A130(db: None, statement: str) -> None:
    five_lines()
    before = list(Event.objects.order_by("pk").values())
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(Event.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("statement", CHANGES)
def test_nor_does_the_owner_as_long_as_the_triggers_are_on_A130(db: None, statement: str) -> None:
    five_lines()
    before = list(Event.objects.order_by("pk").values())
    with owning() as cursor:
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")  # the tests' own emptying goes without one
    with pytest.raises(DatabaseError, match="append-only"), owning() as cursor:
        cursor.execute(statement)
    assert list(Event.objects.order_by("pk").values()) == before


def test_whoever_writes_a_line_by_hand_cannot_choose_its_place_or_its_proof_A130(db: None) -> None:
    five_lines()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO audit_event ({COLUMNS}) "
            "SELECT 1, '2020-01-01', entity_number, actor, actor_label, action, target, data, prev_hash, hash "
            "FROM audit_event WHERE entity_number = '1000' AND seq = 1"
        )
    last = Event.objects.filter(entity_number="1000").latest("pk")
    assert (last.seq, last.at.year > 2020) == (6, True)
    call_command("verify_history", stdout=StringIO())


def test_a_table_of_the_same_name_is_not_what_a_line_follows_A130(db: None) -> None:
    """Whoever may make temporary tables could else have the chain begin anew."""
    five_lines()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE audit_event (LIKE public.audit_event) ON COMMIT DROP")
        cursor.execute(
            "INSERT INTO public.audit_event (entity_number, actor, actor_label, action, target, data) "
            "VALUES ('1000', '', '', 'door.signed_in', '', '{}') RETURNING seq"
        )
        assert cursor.fetchone() == (6,)
        cursor.execute("DROP TABLE pg_temp.audit_event")
    call_command("verify_history", stdout=StringIO())


# What is done, and the line that is named for it.
BY_THE_OWNER = {
    "a line is changed": ("UPDATE audit_event SET target = 'CU9999999999' WHERE seq = 3", "line 3 .* was changed"),
    "a line is taken away": ("DELETE FROM audit_event WHERE seq = 3", "line 4 .* does not follow"),
    "the first line is taken away": ("DELETE FROM audit_event WHERE seq = 1", "line 2 .* does not follow"),
    "two lines change places": (
        "UPDATE audit_event SET seq = seq + 100 WHERE seq IN (2, 3); "
        "UPDATE audit_event SET seq = 105 - seq WHERE seq > 100",
        "line 2 .* does not follow",
    ),
    "a line is dated back": (
        "UPDATE audit_event SET at = at - interval '1 hour' WHERE seq = 4",
        "line 4 .* was changed",
    ),
    "a line is given to another entity": (
        "UPDATE audit_event SET entity_number = '2000' WHERE seq = 5",
        "Entity 2000, line 5 .* does not follow",
    ),
    "a line is doubled": (
        f"INSERT INTO audit_event ({COLUMNS}) SELECT 6, {COPIED} WHERE seq = 5",
        "line 6 .* does not follow",
    ),
    "a line is put in front": (
        f"INSERT INTO audit_event ({COLUMNS}) SELECT -1, {COPIED} WHERE seq = 5",
        "line -1 .* does not follow",
    ),
    "a line is put in without a number": (
        f"INSERT INTO audit_event ({COLUMNS}) SELECT NULL, {COPIED} WHERE seq = 5",
        "has no place",
    ),
    "a line of today is put in behind as one of last year": (
        f"INSERT INTO audit_event ({COLUMNS}) SELECT 6, at - interval '1 year', entity_number, actor, actor_label, "
        "action, target, data, hash, NULL FROM audit_event WHERE seq = 5; "
        "UPDATE audit_event SET hash = audit_digest(audit_event.*) WHERE seq = 6",
        "line 6 .* older than its predecessor",
    ),
    "the last line is changed and loses its proof": (
        "UPDATE audit_event SET target = 'x', hash = NULL WHERE seq = 5",
        "line 5 .* was changed",
    ),
    "what makes the proof says yes to everything": (
        "CREATE OR REPLACE FUNCTION audit_digest(line audit_event) RETURNS bytea LANGUAGE sql STABLE "
        "AS 'SELECT line.hash'; UPDATE audit_event SET target = 'x' WHERE seq = 2",
        "line 2 .* was changed",
    ),
}


@pytest.mark.parametrize("what", BY_THE_OWNER)
def test_what_the_owner_does_with_the_triggers_off_is_named_by_its_line_A130(db: None, what: str) -> None:
    five_lines()
    change, named = BY_THE_OWNER[what]
    by_the_owner(change)
    said = verified()
    assert re.search(named, said), said
    assert said.count("Entity 1000") <= 1, "only the first line of a chain"


def test_functions_of_the_owners_own_prove_nothing_A130(db: None) -> None:
    """As `ALTER DATABASE … SET search_path` would have it."""
    five_lines()
    by_the_owner(
        "CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT ''\\x00''::bytea'; "
        "UPDATE audit_event SET target = 'x', hash = '\\x00', "
        "prev_hash = CASE seq WHEN 1 THEN NULL ELSE '\\x00'::bytea END"
    )
    with connection.cursor() as cursor:
        cursor.execute("SET search_path = public, pg_catalog")
    assert re.search("line 1 .* was changed", verified())


def test_functions_of_the_same_name_and_other_arguments_prove_nothing_A130(db: None) -> None:
    """An exact match of a later schema would go before one that takes anything."""
    five_lines()
    by_the_owner(
        "CREATE FUNCTION public.jsonb_build_array(bigint, text, varchar, varchar, varchar, varchar, varchar, jsonb) "
        "RETURNS jsonb LANGUAGE sql AS $$ SELECT pg_catalog.jsonb_build_array("
        "$1, $2, $3, $4, $5, $6, regexp_replace($7, '^x', ''), $8) $$; "
        "UPDATE audit_event SET target = 'x' || target WHERE seq = 2"
    )
    assert re.search("line 2 .* was changed", verified())


ANEW = """
    DO $$ DECLARE
        line audit_event;
        before bytea;
    BEGIN
        FOR line IN SELECT * FROM audit_event ORDER BY seq LOOP
            line.prev_hash := before;
            before := audit_digest(line);
            UPDATE audit_event SET prev_hash = line.prev_hash, hash = before WHERE id = line.id;
        END LOOP;
    END $$
"""
# What leaves chains that prove themselves, and what the log shows of it.
ONLY_THE_LOG_KNOWS = {
    "the last lines are cut off": ("DELETE FROM audit_event WHERE seq > 3", "Entity 1000, line 5: is missing"),
    "a whole chain is taken away": ("DELETE FROM audit_event", "Entity 1000, line 5: is missing"),
    "everything is emptied": ("TRUNCATE audit_event", "Entity 1000, line 5: is missing"),
    "a line is changed and the chain written anew": (
        f"UPDATE audit_event SET target = 'x' WHERE seq = 2; {ANEW}",
        "Entity 1000, line 5 .*: is another one",
    ),
    "two lines change places and the chain is written anew": (
        "UPDATE audit_event SET seq = seq + 100 WHERE seq IN (2, 3); "
        f"UPDATE audit_event SET seq = 105 - seq WHERE seq > 100; {ANEW}",
        "Entity 1000, line 5 .*: is another one",
    ),
}


@pytest.mark.parametrize("what", ONLY_THE_LOG_KNOWS)
def test_what_leaves_whole_chains_is_found_with_the_heads_of_the_log_A130(log: Callable[[], str], what: str) -> None:
    five_lines()
    heads = log()
    call_command("verify_history", "--heads", heads, stdout=StringIO())
    change, named = ONLY_THE_LOG_KNOWS[what]
    by_the_owner(change)
    call_command("verify_history", stdout=StringIO())  # the chains themselves know nothing of it
    said = verified("--heads", heads)
    assert re.search(named, said), said
    assert f"the log of {today()} has it" in said
    assert f"The heads of {today()} are not as logged" in said


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
