"""The history proves itself: `manage.py verify_history` names the first line that is not as it was written."""

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.audit.operations import record, record_many


def run() -> str:
    said = StringIO()
    call_command("verify_history", stdout=said, stderr=said)
    return said.getvalue()


@pytest.fixture
def history(db: None) -> Callable[[str], None]:
    """Three lines of one entity and one of another, and a hand that can get past the triggers, as an owner's can."""
    for entity in ("1000", "1000", "2000", "1000"):
        record(Action.SIGNED_IN, entity=entity, actor=None, target="CU0000000000")

    def tamper(sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_2_deny")
            cursor.execute(sql)
            cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_2_deny")

    return tamper


def test_an_untouched_history_is_found_whole(history: Callable[[str], None]) -> None:
    assert run() == "4 lines in 2 chains, all as they were written.\n"


def test_many_lines_in_one_statement_follow_one_another_too(
    history: Callable[[str], None], django_assert_num_queries: Any
) -> None:
    euids = [f"CU{number:010d}" for number in range(500)]
    with transaction.atomic(), django_assert_num_queries(1):
        record_many(Action.ASSIGNED, entity="1000", actor=None, targets=euids, service="x")
    record(Action.SIGNED_IN, entity="1000", actor=None)
    assert list(Event.objects.filter(action=Action.ASSIGNED).order_by("seq").values_list("target", flat=True)) == euids
    assert run() == "505 lines in 2 chains, all as they were written.\n"


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("UPDATE audit_event SET actor_label = 'x' WHERE entity_number = '1000' AND seq = 2", "line 2 .* was changed"),
        ("DELETE FROM audit_event WHERE entity_number = '1000' AND seq = 2", "line 3 .* does not follow"),
        ("UPDATE audit_event SET at = at - interval '1 day' WHERE entity_number = '2000'", "line 1 .* was changed"),
    ],
)
def test_a_changed_or_missing_line_is_named_A130(history: Callable[[str], None], sql: str, fault: str) -> None:
    history(sql)
    said = StringIO()
    with pytest.raises(CommandError, match="1 of 2 chains"):
        call_command("verify_history", stdout=said, stderr=said)
    assert re.search(fault, said.getvalue())


def test_a_line_outside_the_transaction_of_its_operation_is_refused(transactional_db: None) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        record(Action.LOGIN_CREATED, entity="1000", actor=None)
