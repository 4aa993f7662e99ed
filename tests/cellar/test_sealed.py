"""Document numbers at rest: unreadable without a key, found by an index, written anew with another key at any time."""

import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import import_module
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from entity_portal import checks, data_keys, rotation
from entity_portal.sealed import FORM, NotReadable, indexes, seal, unseal
from staff import operations, queries
from staff.models import StaffLogin, of_document
from staff.models.login import DOCUMENT
from staff.operations.people import demand_no_other_login
from tests.cast import Cast, crowd, login
from tests.database import owning
from tests.race import at_once
from tests.running import environment
from tests.staff.test_rules_in_the_database import change, refused

AN_HOUR_AGO = timedelta(hours=1, minutes=1)


@pytest.fixture
def keys(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A folder of its own, with one key from two hours ago."""
    settings.DATA_KEYS_DIR = str(tmp_path)
    make(tmp_path, timedelta(hours=2))
    yield tmp_path
    data_keys._read.clear()


def make(folder: Path, ago: timedelta) -> data_keys.DataKey:
    """A key as if made so long ago."""
    path = data_keys.make(folder)
    path = path.rename(folder / f"{timezone.now() - ago:{data_keys.FORM}}.key")
    (found,) = (key for key in data_keys.every() if f"{key.made_at:{data_keys.FORM}}.key" == path.name)
    return found


def rows() -> list[tuple[str, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT document_number, document_index FROM staff_stafflogin ORDER BY id")
        return [(sealed, bytes(index)) for sealed, index in cursor.fetchall()]


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_keys", *arguments, stdout=out)
    return out.getvalue()


# --- one value ---


def test_what_was_sealed_is_readable_again_and_each_time_another_text_ASVS_11_3_3(keys: Path) -> None:
    one, other = seal("12345678", "a"), seal("12345678", "a")
    assert one != other
    assert unseal(one, "a") == unseal(other, "a") == "12345678"
    assert "12345678" not in one


@pytest.mark.parametrize("number", ["1234", "A" * 20])
def test_the_form_that_the_database_demands_is_that_of_a_sealed_number(keys: Path, number: str) -> None:
    assert re.match(FORM, seal(number, DOCUMENT))


def test_what_was_changed_moved_or_never_sealed_is_not_read_ASVS_11_3_3(keys: Path) -> None:
    sealed = seal("12345678", "a")
    last = "A" if sealed[-6] != "A" else "B"
    for wrong in (f"{sealed[:-6]}{last}{sealed[-5:]}", sealed[:-4], sealed.partition(".")[0] + ".", "12345678", ""):
        with pytest.raises(NotReadable):
            unseal(wrong, "a")
    with pytest.raises(NotReadable):
        unseal(sealed, "b")
    with pytest.raises(data_keys.KeyMissing):
        unseal("00000000" + sealed[8:], "a")


def test_an_index_is_of_its_value_purpose_and_key_alone(keys: Path) -> None:
    (one,) = indexes("12345678", "a")
    assert [one] == indexes("12345678", "a")
    make(keys, timedelta(0))
    found = indexes("12345678", "a")
    assert found[0] == one
    assert len({*found, *indexes("12345678", "b"), *indexes("12345679", "a")}) == 6


# --- keys ---


def test_a_new_key_writes_after_an_hour_a_first_one_at_once(keys: Path) -> None:
    (first,) = data_keys.every()
    second = make(keys, timedelta(minutes=59))
    assert data_keys.every() == (first, second)
    assert data_keys.writing_key() == first
    third = make(keys, AN_HOUR_AGO)
    assert data_keys.writing_key() == third
    for path in keys.glob("*.key"):
        path.unlink()
    assert data_keys.writing_key() == make(keys, timedelta(0))


def test_a_key_is_for_the_owner_alone_and_none_replaces_another(keys: Path) -> None:
    path = data_keys.make(keys)
    assert path.stat().st_mode & 0o777 == 0o600
    held = path.read_text()
    data_keys.make(keys)
    assert path.read_text() == held
    assert len(held) == 64


@pytest.mark.parametrize(
    "held", ["", "00" * 31, "0" * 63, "\x00", None], ids=["empty", "short", "odd", "other", "gone"]
)
def test_a_new_key_that_is_not_whole_yet_stops_nobody_and_is_told_in_the_log(
    keys: Path, held: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    known = data_keys.every()
    path = data_keys.make(keys)
    whole = path.read_text()
    path.unlink()
    if held is None:
        path.symlink_to(keys / "nowhere")  # root reads whatever its mode is
    else:
        path.write_text(held)
    assert data_keys.every() == known
    assert unseal(seal("12345678", "a"), "a") == "12345678"
    made_at = datetime.strptime(path.stem, data_keys.FORM)
    assert f"The key file of {made_at:%Y-%m-%dT%H:%M:%SZ} cannot be read" in caplog.text
    assert "00" * 31 not in caplog.text
    if held is not None:
        path.write_text(whole)  # the folder looks as before
        assert len(data_keys.every()) == 2


def test_a_key_that_is_to_write_and_cannot_be_read_stops_all(keys: Path) -> None:
    path = data_keys.make(keys)
    due = path.rename(keys / f"{timezone.now() - AN_HOUR_AGO:{data_keys.FORM}}.key")
    due.write_text("00" * 31)
    with pytest.raises(ImproperlyConfigured, match="32 bytes"):
        data_keys.every()


def test_a_key_is_on_the_disk_before_anybody_knows_of_it(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []
    monkeypatch.setattr(os, "fsync", lambda held: synced.append(os.fstat(held).st_ino))
    path = data_keys.make(keys)
    assert synced == [path.stat().st_ino, keys.stat().st_ino]


def test_a_real_installation_does_not_start_without_a_key_or_with_one_that_others_read(
    settings: Any, tmp_path: Path
) -> None:
    settings.DEVELOPMENT = False
    for folder in (tmp_path / "none", tmp_path):
        settings.DATA_KEYS_DIR = str(folder)
        with pytest.raises(ImproperlyConfigured, match="DATA_KEYS_DIR"):
            data_keys.every()
        assert [error.id for error in checks.data_keys_are_there_and_ours(None)] == ["portal.E002"]
    path = data_keys.make(tmp_path)
    assert checks.data_keys_are_there_and_ours(None) == []
    path.chmod(0o644)
    assert [error.id for error in checks.data_keys_are_there_and_ours(None)] == ["portal.E003"]
    path.unlink()
    (tmp_path / "20261130T090000Z.key").write_text("00" * 31)
    assert [error.id for error in checks.data_keys_are_there_and_ours(None)] == ["portal.E002"]


# --- the logins ---


def test_no_number_stands_readable_beside_a_login(company: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT row::text FROM staff_stafflogin row")
        said = "\n".join(line for (line,) in cursor.fetchall())
    numbers = [person.document_number for person in company.entity.logins.all()]
    assert len(numbers) == 4
    assert [number for number in numbers if number in said] == []


def test_nobody_looks_for_a_number_in_the_sealed_column(company: Cast) -> None:
    for lookup in ("document_number", "document_number__startswith", "document_number__in"):
        with pytest.raises(TypeError, match="look for its index"):
            StaffLogin.objects.filter(**{lookup: "12345678"}).exists()


def test_whoever_writes_a_number_writes_its_index(company: Cast) -> None:
    company.pending.document_number = "87654321"
    company.pending.save(update_fields=["document_number"])
    assert StaffLogin.objects.get(of_document("87654321")) == company.pending


def test_the_number_of_who_has_departed_is_not_sealed_anew_either(company: Cast) -> None:
    number = str(company.departed.document_number)  # as typed, and not as it was read
    refused("staff_identity_frozen", lambda: change(company.departed, document_number=number))
    refused("staff_identity_frozen", lambda: change(company.staff, document_number=number))


# --- another key ---


def test_all_are_found_while_keys_are_changed_and_written_anew_afterwards(keys: Path, company: Cast) -> None:
    person, old = company.staff, data_keys.writing_key()
    new = make(keys, AN_HOUR_AGO)
    other = login(entity=person.entity)
    assert [sealed[:8] for sealed, _ in rows()] == [old.kid] * 4 + [new.kid]

    def look() -> None:
        for each in (person, other):
            assert queries.find(person.entity, q=each.document_number, by_document=True).get() == each
            with pytest.raises(operations.PersonExists):
                demand_no_other_login(person.entity, each.document_type, each.document_number)

    look()
    assert f"4 rows written with the key {new.kid}" in told()
    assert {sealed[:8] for sealed, _ in rows()} == {new.kid}
    assert rows()[-1][1] == new.index(other.document_number, DOCUMENT)
    look()
    (keys / f"{old.made_at:{data_keys.FORM}}.key").unlink()
    data_keys._read.clear()
    look()
    assert [row.document_number for row in company.entity.logins.filter(pk=person.pk)] == [person.document_number]


def test_a_number_comes_once_in_an_entity_also_for_the_database_when_all_is_written_Q25(
    keys: Path, company: Cast
) -> None:
    make(keys, AN_HOUR_AGO)
    told()
    number = company.staff.document_number
    refused("staff_one_present_login_per_person", lambda: login(entity=company.entity, document_number=number))
    assert login(entity=company.entity, document_number=company.departed.document_number)


def test_a_rotation_that_was_stopped_goes_on_where_it_was(
    keys: Path, company: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(company.entity, 6)
    new = make(keys, AN_HOUR_AGO)
    monkeypatch.setattr(rotation, "A_TIME", 4)
    said = []

    def stop(table: str, done: int, total: int) -> None:
        said.append((table, done, total))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(new, stop)
    assert said == [("staff_stafflogin", 4, 10)]
    assert rotation.usage()[new.kid] == 4
    assert rotation.rotate(new, lambda *now: said.append(now)) == 6
    assert said[1:] == [("staff_stafflogin", 4, 6), ("staff_stafflogin", 6, 6)]
    assert rotation.rotate(new) == 0


@pytest.mark.django_db(transaction=True)
def test_what_somebody_holds_is_passed_by_and_named(keys: Path, company: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody at work waits for it, or ends in a deadlock with it."""
    monkeypatch.setattr(rotation, "PAUSE", 0)
    new = make(keys, AN_HOUR_AGO)
    with psycopg.connect(environment("", Path())["DATABASE_URL"]) as somebody:
        somebody.execute("SELECT 1 FROM staff_stafflogin WHERE id = %s FOR NO KEY UPDATE", [company.staff.pk])
        with pytest.raises(CommandError, match="3 rows written; 1 were in use"):
            told()
    assert rotation.usage()[new.kid] == 3
    assert "1 rows written" in told()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_people_come_in_and_are_changed_while_keys_are_changed(
    keys: Path, company: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(company.entity, 60)
    new = make(keys, AN_HOUR_AGO)
    monkeypatch.setattr(rotation, "A_TIME", 5)

    def work(number: int) -> Any:
        if number == 0:
            return rotation.rotate(new)
        person = {"name_foreign": "NEW", "document_place": "MO", "mobile": "+85366123456", "document_type": "passport"}
        number = f"P{number // 2:07d}"  # two want the same
        return operations.create_login(
            entity=company.entity, by=company.administrator, document_number=number, **person
        )

    results = at_once(9, work)
    assert sorted(type(each).__name__ for each in results) == ["PersonExists"] * 3 + ["StaffLogin"] * 5 + ["int"]
    rotation.rotate(new)
    assert {sealed[:8] for sealed, _ in rows()} == {new.kid}
    assert all(row.document_number for row in StaffLogin.objects.all())


def test_only_another_key_lets_a_frozen_number_be_written_anew_S10_2(keys: Path, company: Cast) -> None:
    new = make(keys, AN_HOUR_AGO)
    old = data_keys.every()[0]

    def write(person: StaffLogin, key: data_keys.DataKey, rotating: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('entity_portal.rotating_keys', %s, true)", [rotating])
            cursor.execute(
                "UPDATE staff_stafflogin SET document_number = %s WHERE id = %s",
                [seal(person.document_number, DOCUMENT, key), person.pk],
            )

    for person in (company.staff, company.departed):
        refused("staff_identity_frozen", lambda: write(person, old, "on"))  # noqa: B023
        refused("staff_identity_frozen", lambda: write(person, new, ""))  # noqa: B023
        write(person, new, "on")


def test_sealed_anew_is_only_what_was_sealed_and_is(keys: Path, company: Cast) -> None:
    old = data_keys.every()[0]
    new = make(keys, AN_HOUR_AGO)
    one, other = seal("12345678", DOCUMENT, old), seal("12345678", DOCUMENT, new)
    tried = [
        (one, other),
        (one, one),
        (one, ""),
        ("", one),
        (one, "12345678"),
        ("12345678", one),
        (one, None),
        ("", ""),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL entity_portal.rotating_keys = 'on'")
        cursor.execute(
            "SELECT entity_portal_resealed(was, now) FROM unnest(%s::text[], %s::text[]) AS it (was, now)",
            [[was for was, _ in tried], [now for _, now in tried]],
        )
        assert [found for (found,) in cursor.fetchall()] == [True] + [False] * 7


def test_the_command_waits_for_the_hour_and_names_what_it_cannot_read(keys: Path, company: Cast) -> None:
    old = data_keys.writing_key()
    new = make(keys, timedelta(minutes=59))
    with pytest.raises(CommandError, match="come back then"):
        told()
    assert {line.split()[0]: line.split()[-1] for line in told("list").splitlines()}.keys() == {old.kid, new.kid}
    assert "writes from" in told("list").splitlines()[1]
    make(keys, AN_HOUR_AGO)
    (keys / f"{new.made_at:{data_keys.FORM}}.key").unlink()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE staff_stafflogin SET document_number = overlay(document_number placing 'AAAA' from 30)"
            " WHERE id = %s",
            [company.pending.pk],
        )
    with pytest.raises(CommandError, match="cannot be read"):
        told()
    (keys / f"{old.made_at:{data_keys.FORM}}.key").unlink()
    data_keys._read.clear()
    with pytest.raises(CommandError, match=old.kid):
        told()


def test_a_row_that_cannot_be_written_anew_is_named_and_keeps_no_other_from_it(
    keys: Path, company: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "A_TIME", 3)
    monkeypatch.setattr(rotation, "PAUSE", 60)  # nothing is in use: it waits for nobody
    crowd(company.entity, 3)
    old = data_keys.writing_key()
    make(keys, AN_HOUR_AGO)
    twice, broken = company.staff, company.pending
    login(entity=company.entity, document_type=twice.document_type, document_number=str(twice.document_number))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE staff_stafflogin SET document_number = overlay(document_number placing 'AAAA' from 30)"
            " WHERE id = %s RETURNING document_number",
            [broken.pk],
        )
        ((sealed,),) = cursor.fetchall()
    with pytest.raises(CommandError) as error:
        told()
    said = str(error.value)
    assert f"staff_stafflogin, id {broken.pk}: cannot be read" in said
    assert f"staff_stafflogin, id {twice.pk}: the database refuses it: 23505 UniqueViolation" in said
    assert "5 rows written; 2 are named above" in said
    assert "in use" not in said
    assert [value for value in (twice.document_number, sealed) if value in said] == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM staff_stafflogin WHERE document_number LIKE %s", [f"{old.kid}%"])
        assert {pk for (pk,) in cursor.fetchall()} == {twice.pk, broken.pk}


def test_whoever_needs_all_of_it_is_told_of_a_row_that_cannot_be_written_anew(keys: Path, company: Cast) -> None:
    new = make(keys, AN_HOUR_AGO)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE staff_stafflogin SET document_number = overlay(document_number placing 'AAAA' from 30)"
            " WHERE id = %s",
            [company.pending.pk],
        )
    with pytest.raises(NotReadable):
        rotation.rotate(new, waits=True)


def test_what_reads_a_whole_table_has_no_limit_of_a_page(
    keys: Path, company: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = make(keys, AN_HOUR_AGO)
    unlimited = "current_setting('statement_timeout') = '0'"
    for each in (rotation.Column, rotation.JSONColumn):
        monkeypatch.setattr(each, "used", lambda _self: "SELECT current_setting('statement_timeout'), 1")
        monkeypatch.setattr(each, "old", lambda _self, _key: unlimited)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")
        assert rotation.usage().keys() == {"0"}
        assert rotation.left(new) == 4
        assert rotation.rotate(new) == 4
        cursor.execute("SELECT current_setting('statement_timeout')")
        assert cursor.fetchone() == ("5s",), "the caller's transaction goes on as before"


def test_the_command_says_which_key_is_needed_and_makes_one(keys: Path, company: Cast) -> None:
    old = data_keys.writing_key()
    assert "     4 values  writes" in told("list")
    make(keys, AN_HOUR_AGO)
    assert "     4 values  is read with" in told("list")
    told()
    first, second = told("list").splitlines()
    assert old.kid in first
    assert "     0 values  of no use but to backups" in first
    assert "     4 values  writes" in second
    assert "written: " in told("new")
    assert "     0 values  writes from" in told("list")


# --- what was there before ---


def test_the_numbers_of_before_are_encrypted_some_at_a_time_and_what_changes_meanwhile_too(company: Cast) -> None:
    """The second step of the migration, on the table as the first has left it."""
    step = import_module("staff.migrations.0019_documents_sealed")
    crowd(company.entity, 5)
    numbers = {person.pk: person.document_number for person in StaffLogin.objects.all()}
    pks = list(numbers)
    with owning() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE staff_stafflogin DISABLE TRIGGER USER")
        cursor.execute(
            "ALTER TABLE staff_stafflogin RENAME document_number TO document_sealed;"
            "ALTER TABLE staff_stafflogin ALTER document_sealed DROP NOT NULL, ALTER document_index DROP NOT NULL,"
            " ADD document_number varchar(20)"
        )
        cursor.execute("UPDATE staff_stafflogin SET document_sealed = NULL, document_index = NULL")
        cursor.executemany(
            "UPDATE staff_stafflogin SET document_number = %s WHERE id = %s", [(n, pk) for pk, n in numbers.items()]
        )
        assert step.fill(SimpleNamespace(connection=connection), 2) == 9
        assert step.fill(SimpleNamespace(connection=connection), 2) == 0
        cursor.execute("UPDATE staff_stafflogin SET document_sealed = NULL WHERE id = ANY (%s)", [pks[2:4]])
        assert step.fill(SimpleNamespace(connection=connection), 2) == 2
        cursor.execute("SELECT id, document_sealed, document_index FROM staff_stafflogin")
        found = cursor.fetchall()
    assert {pk: unseal(sealed, DOCUMENT) for pk, sealed, _ in found} == numbers
    assert all(bytes(index) in indexes(numbers[pk], DOCUMENT) for pk, _, index in found)


def test_the_third_step_fills_the_rest_also_of_who_is_activated(company: Cast) -> None:
    """By then only a correction changes the number of somebody activated, and one of NULL is none yet."""
    assert company.staff.activated_at
    number = str(company.staff.document_number)
    sealed, index = seal(number, DOCUMENT), data_keys.writing_key().index(number, DOCUMENT)
    with owning() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE staff_stafflogin ALTER document_number DROP NOT NULL, ALTER document_index DROP NOT NULL"
        )
        cursor.execute("ALTER TABLE staff_stafflogin DISABLE TRIGGER USER")
        cursor.execute("UPDATE staff_stafflogin SET document_number = NULL, document_index = NULL")
        cursor.execute("ALTER TABLE staff_stafflogin ENABLE TRIGGER USER")

    def fill(more: str = "") -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE staff_stafflogin SET document_number = %s, document_index = %s {more} WHERE id = %s",
                [sealed, index, company.staff.pk],
            )

    refused("staff_identity_frozen", lambda: fill(", document_place = 'HK'"))
    fill()
    refused("staff_identity_frozen", lambda: change(company.staff, document_number=number))
    refused("staff_identity_frozen", lambda: fill(", document_place = 'HK'"))
