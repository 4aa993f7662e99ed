"""The history proves itself: `manage.py verify_history` names the first line that is not as it was written."""

import hashlib
import logging
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from entity_portal.audit import proof
from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.audit.operations import record, record_many
from entity_portal.audit.tasks import write_down_heads
from entity_portal.progress import Progress
from tests.database import owning


def run(*options: str) -> str:
    said = StringIO()
    call_command("verify_history", *options, stdout=said, stderr=said)
    return said.getvalue()


@pytest.fixture
def history(db: None) -> Callable[[str], None]:
    """Three lines of one entity and one of another, and a hand that can get past the triggers, as an owner's can."""
    for entity in ("1000", "1000", "2000", "1000"):
        record(Action.SIGNED_IN, entity=entity, actor=None, target="CU0000000000")

    def tamper(sql: str) -> None:
        with owning() as cursor:
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


# --- heads, and parts of the history ---

DAY = timezone.localdate


def told() -> list[str]:
    return list(proof.told(DAY()))


@pytest.fixture
def log(tmp_path: Path) -> Callable[[Iterable[str]], str]:
    """Writes lines into a file, each with something before it, and returns its path."""

    def write(lines: Iterable[str]) -> str:
        path = tmp_path / "log"
        path.write_text("".join(f'{{"message": "{line}", "level": "INFO"}}\n' for line in ["other", *lines]))
        return str(path)

    return write


def test_the_heads_of_a_day_are_those_that_grew_and_a_digest_over_all(history: Callable[[str], None]) -> None:
    record(Action.SIGNED_IN, entity="", actor=None)
    heads = {
        number: Event.objects.filter(entity_number=number).latest("seq").hash.hex() for number in ("", "1000", "2000")
    }
    each = [f"={1}:{heads['']}", f"1000=3:{heads['1000']}", f"2000=1:{heads['2000']}"]
    digest = hashlib.sha256("".join(f"{head}\n" for head in each).encode()).hexdigest()
    assert told() == [
        f"history heads {DAY()} {' '.join(each)}",
        f"history heads {DAY()} chains=3 lines=5 grown=3 digest={digest}",
    ]
    tomorrow, before = DAY() + timedelta(days=1), DAY() - timedelta(days=1)
    assert list(proof.told(tomorrow)) == [f"history heads {tomorrow} chains=3 lines=5 grown=0 digest={digest}"]
    empty = hashlib.sha256().hexdigest()
    assert list(proof.told(before)) == [f"history heads {before} chains=0 lines=0 grown=0 digest={empty}"]


def test_fifty_heads_stand_in_a_line_of_the_log(db: None, log: Callable[[Iterable[str]], str]) -> None:
    for number in range(120):
        record(Action.SIGNED_IN, entity=f"{number}", actor=None)
    assert [line.count("=") for line in told()] == [50, 50, 20, 4]
    assert max(map(len, told())) < 6_000
    assert run("--heads", log(told())) == "120 lines in 120 chains, all as they were written.\n"


def test_heads_are_read_from_standard_input_too(
    history: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("\n".join(told())))
    assert run("--heads", "-") == "4 lines in 2 chains, all as they were written.\n"


def test_the_worker_writes_the_heads_of_yesterday_down_whatever_the_level_of_the_log(
    history: Callable[[str], None], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caplog.handler, "level", logging.INFO)  # `tests.leaks` has tests print warnings alone
    write_down_heads(timestamp=int((timezone.now() + timedelta(days=1)).timestamp()))
    assert [(line.levelname, line.getMessage()) for line in caplog.records] == [("INFO", line) for line in told()]


def test_the_operator_can_print_the_heads_of_a_day(history: Callable[[str], None]) -> None:
    assert run("--tell-heads", str(DAY())).splitlines() == told()


def test_lines_written_after_the_heads_change_nothing(
    history: Callable[[str], None], log: Callable[[Iterable[str]], str]
) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=1)):
        yesterday = told()
    heads = log([*yesterday, *told()])
    record(Action.SIGNED_IN, entity="1000", actor=None)
    said = StringIO()
    with pytest.raises(CommandError):  # the day is not over: its digest is
        call_command("verify_history", "--heads", heads, stdout=said, stderr=said)
    assert said.getvalue().startswith(f"The heads of {DAY()} are not as logged: chains=2 lines=5")
    assert run("--heads", log(yesterday)) == "5 lines in 2 chains, all as they were written.\n"


@pytest.mark.parametrize(("kept", "wrong"), [(slice(1), True), (slice(1, 2), True), (slice(2), False)])
def test_a_log_with_lines_missing_proves_nothing(
    history: Callable[[str], None], log: Callable[[Iterable[str]], str], kept: slice, wrong: bool
) -> None:
    heads = log(told()[kept])
    if not wrong:
        run("--heads", heads)
        return
    said = StringIO()
    with pytest.raises(CommandError, match="not as it was logged"):
        call_command("verify_history", "--heads", heads, stdout=said, stderr=said)
    assert said.getvalue() == f"The log of {DAY()} is not whole.\n"


def test_a_file_without_heads_and_one_that_is_not_there_are_refused(
    history: Callable[[str], None], log: Callable[[Iterable[str]], str]
) -> None:
    with pytest.raises(CommandError, match="no heads"):
        run("--heads", log([]))
    with pytest.raises(CommandError, match="No such file"):
        run("--heads", "/nowhere/log")


def test_only_one_entity_is_looked_at_where_one_is_named(history: Callable[[str], None]) -> None:
    history("UPDATE audit_event SET actor_label = 'x' WHERE entity_number = '1000' AND seq = 2")
    assert run("--entity", "2000") == "1 lines in 1 chains, all as they were written.\n"
    with pytest.raises(CommandError, match="1 of 1 chains"):
        run("--entity", "1000")


def test_only_lines_since_a_day_are_looked_at_and_what_they_follow(history: Callable[[str], None]) -> None:
    """A chain that was written a month ago, and goes on today."""
    history("UPDATE audit_event SET at = at - interval '30 days' WHERE entity_number = '1000'")
    record(Action.SIGNED_IN, entity="1000", actor=None)
    assert run("--since", str(DAY())) == "2 lines in 2 chains, all as they were written.\n"
    assert run("--since", str(DAY()), "--entity", "1000") == "1 lines in 1 chains, all as they were written.\n"
    assert run("--since", str(DAY() + timedelta(days=1))) == "0 lines in 0 chains, all as they were written.\n"
    history("DELETE FROM audit_event WHERE entity_number = '1000' AND seq = 3")
    said = StringIO()
    with pytest.raises(CommandError, match="1 of 2 chains"):
        call_command("verify_history", "--since", str(DAY()), stdout=said, stderr=said)
    assert re.search("Entity 1000, line 4 .* does not follow", said.getvalue())


def test_pages_of_lines_follow_one_another(history: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "PAGE", 2)
    for _line in range(3):
        record(Action.SIGNED_IN, entity="1000", actor=None)
    assert run() == "7 lines in 2 chains, all as they were written.\n"
    history("DELETE FROM audit_event WHERE entity_number = '1000' AND seq = 5")
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_history", stdout=said, stderr=said)
    assert re.search("line 6 .* does not follow", said.getvalue())


def test_on_a_terminal_it_says_how_far_it_is() -> None:
    class Terminal(StringIO):
        def write(self, msg: str, *, ending: str = "") -> int:
            return super().write(msg + ending)

    screen = Terminal()
    with Progress(screen, 10) as progress:
        progress.add(5)
        progress.add(5)
    assert screen.getvalue().startswith("\r##########..........  50 %            5 of 10")
    assert re.search(r"\r#{20} 100 % +10 of 10 +0\.\d s\n$", screen.getvalue())
