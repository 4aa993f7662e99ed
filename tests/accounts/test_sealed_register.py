"""Document numbers on the register, in its imports and of representatives: sealed, compared by their indexes.

Names in statements are those of the migration's own lists; the tables are altered to be as they were before it, in a
transaction that is rolled back.
"""

from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone

from accounts import imports
from accounts.models import (
    DOCUMENT,
    Entity,
    LegalRepresentative,
    Outcome,
    RegisterEntry,
    RegisterLine,
    RegisterTask,
)
from accounts.officers import register, register_queries
from entity_portal import rotation
from entity_portal.roles import Role
from entity_portal.sealed import seal
from staff.models import StaffLogin
from tests import cast
from tests.accounts.test_import_register import line
from tests.accounts.test_register_import import ANOTHER, another, bring, counts, looked_at, opened
from tests.cellar.test_sealed import AN_HOUR_AGO, keys, make
from tests.database import owning
from tests.race import at_once
from tests.staff.test_rules_in_the_database import refused

__all__ = ["keys"]
pytestmark = pytest.mark.django_db
NUMBERS = {"50917346", "A1234567"}  # of `line` and of ANOTHER


@pytest.fixture
def registrar(keys: Path) -> StaffLogin:
    return cast.officer_login(Role.REGISTRAR)


@pytest.fixture
def entity(registrar: StaffLogin) -> Entity:
    bring(registrar, line(), line(registration_number="200 SO"))
    return opened()


def readable() -> set[str]:
    """The numbers that stand readable in a table of this room."""
    found = set()
    with connection.cursor() as cursor:
        for model in (RegisterEntry, RegisterLine, RegisterTask, LegalRepresentative):
            cursor.execute(f"SELECT string_agg(row::text, ' ') FROM {model._meta.db_table} AS row")
            said = cursor.fetchone()[0] or ""
            found |= {number for number in NUMBERS if number in said}
    return found


def test_no_number_stands_readable_from_the_preview_to_the_task(registrar: StaffLogin, entity: Entity) -> None:
    assert readable() == set()
    held = looked_at(registrar, line(**ANOTHER))
    assert readable() == set()
    (pair,) = [each for each in register_queries.differences(held.lines.get()) if each.one == "50****46"]
    assert pair.other == "A1****67"
    register.cancel(pk=held.pk, by=registrar)
    bring(registrar, line(**ANOTHER))
    task = RegisterTask.objects.get()
    assert readable() == set()
    assert {task.old["representative_document_number"], task.new["representative_document_number"]} == NUMBERS


def test_the_same_number_is_no_change_although_it_is_another_text(registrar: StaffLogin, entity: Entity) -> None:
    held = looked_at(registrar, line(), line(registration_number="200 SO", representative_document_number="50917347"))
    assert counts(held) == (0, 1, 1, 0)


def test_nothing_is_changed_and_no_task_raised_because_the_key_is_another_one(
    registrar: StaffLogin, entity: Entity, keys: Path
) -> None:
    """Also where an import was looked at with the key of before."""
    waiting = looked_at(registrar, line(name_zh="別名"))
    make(keys, AN_HOUR_AGO)
    held = looked_at(registrar, line(), line(registration_number="200 SO"))
    assert counts(held) == (0, 0, 2, 0)
    register.confirm(pk=waiting.pk, by=another(), preview=1)
    imports.apply(waiting.pk)
    assert RegisterEntry.objects.get(registration_number="100 SO").name_zh == "別名"
    assert not RegisterTask.objects.exists()
    bring(registrar, line(**ANOTHER))
    (task,) = RegisterTask.objects.all()
    assert task.old["representative_document_number"] == "50917346"


def test_what_was_looked_at_with_the_key_of_before_is_compared_anew_with_the_next_one(
    registrar: StaffLogin, entity: Entity, keys: Path
) -> None:
    """The register has changed meanwhile, so the lines are taken back and compared."""
    waiting = looked_at(registrar, line(), line(registration_number="200 SO", name_zh="別名"))
    make(keys, AN_HOUR_AGO)
    bring(registrar, line(registration_number="300 SO"))
    register.confirm(pk=waiting.pk, by=another(), preview=1)
    imports.apply(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.preview, counts(waiting)) == (2, (0, 1, 1, 0))


def test_a_task_that_is_done_changes_its_key_and_nothing_else(
    registrar: StaffLogin, entity: Entity, keys: Path
) -> None:
    bring(registrar, line(**ANOTHER))
    task = RegisterTask.objects.get()
    seen = register_queries.seen(RegisterEntry.objects.get(registration_number="100 SO"))
    make(keys, AN_HOUR_AGO + timedelta(minutes=1))
    register.settle(task=task, by=registrar, outcome=Outcome.TAKEN_OVER, seen=seen)
    assert entity.legal_representatives.get().document_number == "A1234567", "found by the index of the key before"
    new = make(keys, AN_HOUR_AGO)
    rotation.rotate(new)
    assert rotation.usage().keys() == {new.kid}
    again = RegisterTask.objects.get()
    assert (again.old, again.new) == (task.old, task.new)

    def write(what: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL entity_portal.rotating_keys = 'on'")
            cursor.execute(f"UPDATE accounts_registertask SET {what}")

    refused("accounts_registertask_done", lambda: write("note = 'rewritten'"))
    refused("accounts_registertask_done", lambda: write("new = '{}'"))
    refused("accounts_registertask_done", lambda: write("done_at = now()"))
    assert again.done_at is not None
    assert again.done_at <= timezone.now()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_representative_that_is_taken_over_is_not_written_with_another_key_meanwhile(
    registrar: StaffLogin, entity: Entity, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is saved whole: what was written in between would be undone, and nobody would know."""
    bring(registrar, line(representative_mobile="66123457"))
    new = make(keys, AN_HOUR_AGO)
    monkeypatch.setattr(rotation, "PAUSE", 0)
    recorded, left = register_queries.recorded, []

    def slowly(task: RegisterTask, entry: RegisterEntry) -> LegalRepresentative | None:
        """Between reading the representative and saving it, keys are changed."""
        found = recorded(task, entry)
        left.extend(at_once(1, lambda _number: (rotation.rotate(new), rotation.left(new))[1]))
        return found

    monkeypatch.setattr(register_queries, "recorded", slowly)
    seen = register_queries.seen(RegisterEntry.objects.get(registration_number="100 SO"))
    register.settle(task=RegisterTask.objects.get(), by=registrar, outcome=Outcome.TAKEN_OVER, seen=seen)
    assert entity.legal_representatives.get().mobile == "+85366123457"
    assert left == [rotation.left(new)]


def test_a_representative_comes_once_in_an_entity(entity: Entity) -> None:
    def again(number: str) -> LegalRepresentative:
        return LegalRepresentative.objects.create(
            entity=entity, name_zh="另", document_number=number, mobile="+85366111111", holds_macao_resident_id=True
        )

    refused("accounts_legalrepresentative_once_per_entity", lambda: again("50917346"))
    assert again("50917347")


def test_the_database_takes_no_plain_number(entity: Entity) -> None:
    with connection.cursor() as cursor:
        for table, column in (
            ("accounts_registerentry", "representative_document_number"),
            ("accounts_registerline", "representative_document_number"),
            ("accounts_legalrepresentative", "document_number"),
        ):
            refused(f"{table}_number_sealed", lambda: cursor.execute(f"UPDATE {table} SET {column} = '50917346'"))  # noqa: B023
            refused(f"{table}_index_form", lambda: cursor.execute(f"UPDATE {table} SET {column[:-6]}index = ''"))  # noqa: B023


@pytest.mark.parametrize("plain", ['"50917346"', '"A.1234"', "50917346", '["50917346"]', "{}", "true"])
def test_the_database_takes_no_plain_number_in_json(registrar: StaffLogin, entity: Entity, plain: str) -> None:
    looked_at(registrar, line(**ANOTHER, registration_number="200 SO"))
    bring(registrar, line(**ANOTHER))

    def write(table: str, column: str, number: str) -> None:
        with connection.cursor() as cursor:
            data = f'{{"a": "\\"representative_document_number\\": 1", "representative_document_number": {number}}}'
            cursor.execute(f"UPDATE {table} SET {column} = %s", [data])
            assert cursor.rowcount

    for table, column in (
        ("accounts_registerline", "was"),
        ("accounts_registertask", "old"),
        ("accounts_registertask", "new"),
    ):
        refused(f"{table}_{column}_sealed", lambda: write(table, column, plain))  # noqa: B023
        write(table, column, '""')
        write(table, column, f'"{seal("50917346", DOCUMENT)}"')


def test_the_numbers_of_before_are_encrypted_where_they_are(registrar: StaffLogin, entity: Entity) -> None:
    """What the migration does with rows that are there, tables being altered after it."""
    looked_at(registrar, line(**ANOTHER, registration_number="200 SO"))
    bring(registrar, line(**ANOTHER))
    step = import_module("accounts.migrations.0010_documents_sealed")
    plain = '{"representative_document_number": "50917346"}'
    with owning() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, number, _index in step.TABLES:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_number_sealed")
            cursor.execute(f"UPDATE {table} SET {number} = '5091734' || id")
        for table, column in step.WITH_JSON:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_sealed")
            cursor.execute(f"UPDATE {table} SET {column} = %s", [plain])
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        step.seal_all(None, SimpleNamespace(connection=connection))
        for table, _number, index in step.TABLES:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_index_form, ALTER {index} SET NOT NULL")
        cursor.execute(step.CHECKS)
    assert readable() == set()
    assert RegisterTask.objects.get().old == {"representative_document_number": "50917346"}
    entry = RegisterEntry.objects.order_by("pk").first()
    assert entry is not None
    assert entry.representative_document_number == f"5091734{entry.pk}"
