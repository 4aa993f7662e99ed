"""Document numbers in the answers of applications: sealed wherever they stand, found by their indexes."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.applications import operations, queries, rules
from accounts.applications.models import Application, State
from entity_portal import rotation
from entity_portal.data_keys import every
from tests.accounts.applications.asking import first, line, person
from tests.cast import Cast
from tests.cellar.test_sealed import AN_HOUR_AGO, keys, make
from tests.retention.past import past_the_rules
from tests.staff.test_rules_in_the_database import refused

__all__ = ["keys"]
NUMBERS = ("11351284", "20000000", "20000001")  # of `asking`: the representative and two administrators


def kept(application: Application) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers::text FROM applications_application WHERE id = %s", [application.pk])
        return str(cursor.fetchone()[0])


def execute(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.mark.django_db
def test_no_number_stands_readable_in_answers_and_whoever_reads_them_sees_no_index() -> None:
    application = first(2)
    assert [number for number in NUMBERS if number in kept(application)] == []
    assert kept(application).count('"document_index"') == 3
    found = Application.objects.get().answers
    assert [each["document_number"] for each in found["administrators"]] == [*NUMBERS[1:]]
    assert "document_index" not in str(found)


@pytest.mark.django_db
def test_what_is_written_unchanged_stays_as_it_was_also_after_submission() -> None:
    """Else a trigger would take it for other answers."""
    line()
    application = operations.submit(application=first(2))
    before = kept(application)
    again = Application.objects.get()
    again.email = "new@example.mo"
    again.save()
    assert kept(application) == before
    again.answers["administrators"][0]["document_number"] = "20000009"
    refused("applications_answers_stay", again.save)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "plain",
    [
        '{"document_number": "12345678"}',
        '{"administrators": [{"document_number": "A"}]}',
        '{"document_number": "A.1234"}',
        '{"document_number": "12345678.A"}',
        '{"document_number": 12345678}',
        '{"document_number": ["12345678"]}',
        '{"document_number": "", "person": {"document_number": "A.1234"}}',
    ],
)
def test_the_database_takes_no_plain_number_in_answers(plain: str) -> None:
    application = first()
    refused(
        "applications_no_plain_document_number",
        lambda: execute("UPDATE applications_application SET answers = %s", plain),
    )
    execute("UPDATE applications_application SET answers = %s", '{"document_number": ""}')
    assert Application.objects.get(pk=application.pk).answers == {"document_number": ""}


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["1", "A" * 20, "證件" * 20])
def test_the_database_takes_whatever_is_sealed_in_answers(number: str) -> None:
    """Also of a draft, in which it may be wrong."""
    application = first(1, administrators=[person(document_number=number)])
    assert Application.objects.get(pk=application.pk).answers["administrators"][0]["document_number"] == number


def test_who_is_named_is_found_while_keys_are_changed_and_afterwards(keys: Path, company: Cast) -> None:
    line()
    one = operations.submit(application=first(2))
    new = make(keys, AN_HOUR_AGO)
    two = operations.submit(application=first(1, administrators=[person(1)]))
    assert every()[0].kid in kept(one)
    assert every()[0].kid not in kept(two)
    for _time in range(2):
        assert [queries.others(each) for each in (one, two)] == [[two], [one]]
        rotation.rotate(new)
    assert kept(one).count(f'"{new.kid}.') == 3
    assert Application.objects.get(pk=one.pk).answers == one.answers
    assert rotation.usage()[new.kid] == 10  # with the logins of the company, and the line of the register


def test_the_same_new_administrator_is_found_with_either_key(keys: Path, company: Cast) -> None:
    def asked() -> Application:
        application = operations.begin(
            kind="administrators", language="en", by=company.administrator, entity=company.entity
        )
        parts = {"person": person(5), "representative": {}, "agreement": {}}
        return operations.keep(application=application, parts=parts)

    one = asked()
    with past_the_rules("applications_application"):
        Application.objects.filter(pk=one.pk).update(state=State.SUBMITTED, submitted_at=one.created_at)
    new = make(keys, AN_HOUR_AGO)
    two = asked()
    for _time in range(2):
        assert rules.asked_already(two) == one
        rotation.rotate(new)


@pytest.mark.django_db
def test_rotation_changes_nothing_but_the_key_of_what_was_submitted(keys: Path) -> None:
    line()
    application = operations.submit(application=first())
    execute("SET LOCAL entity_portal.rotating_keys = 'on'")
    refused(
        "applications_answers_stay",
        lambda: execute("UPDATE applications_application SET answers = jsonb_set(answers, '{agreement}', '{}')"),
    )
    make(keys, timedelta(hours=2))
    assert application.state == State.SUBMITTED
