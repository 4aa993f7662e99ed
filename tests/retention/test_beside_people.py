"""Purging beside people at work: nothing in use is taken, nobody waits, and whoever is killed leaves whole rows."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from accounts.applications import operations
from accounts.applications.models import Application, Document, Move
from entity_portal import purge as purging
from entity_portal import retention
from entity_portal.management.commands.demo import die_with_parent
from entity_portal.purge import purge
from entity_portal.retention import Rule
from staff.models import Session, StaffLogin
from tests.race import at_once
from tests.retention import past
from tests.running import environment

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timedelta(days=3650)


def rule(name: str) -> Rule:
    (found,) = (each for each in retention.rules() if str(each) == name)
    return found


class Held:
    """Somebody else's open transaction, in which a statement has been carried out."""

    def __init__(self, statement: str, params: list[Any]) -> None:
        self.statement, self.params = statement, params
        self.did, self.done = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._hold)

    def _hold(self) -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(self.statement, self.params)
                self.did.set()
                self.done.wait(60)
        finally:
            connections.close_all()

    def __enter__(self) -> "Held":
        self.thread.start()
        assert self.did.wait(30)
        return self

    def __exit__(self, *_trouble: object) -> None:
        self.done.set()
        self.thread.join()


# --- races ---


@pytest.mark.race
def test_a_session_that_is_used_in_this_moment_stays_and_nobody_waits_A2() -> None:
    now = timezone.now()
    used, over = (
        Session.objects.create(session_key=key, session_data="", expire_date=now - timedelta(hours=2))
        for key in ("used", "over")
    )
    started = time.monotonic()
    with Held("UPDATE staff_session SET expire_date = %s WHERE session_key = 'used'", [now + timedelta(hours=1)]):
        (done,) = purge([rule("staff_session: over")])
        assert (done.count, done.left) == (1, 0)
    assert time.monotonic() - started < 2, "it waits for nobody"
    assert [each.pk for each in Session.objects.all()] == [used.pk]
    assert over.pk not in Session.objects.values_list("pk", flat=True)
    (done,) = purge([rule("staff_session: over")])
    assert done.count == 0, "it is used again"


@pytest.mark.race
@pytest.mark.parametrize(
    ("name", "column"), [("draft", "changed_at"), ("unproven", "changed_at"), ("unproven", "mobile_proven_at")]
)
def test_a_draft_that_is_gone_on_with_while_it_is_looked_at_stays(
    name: str, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = past.draft(timezone.now() - LONG_AGO)
    past.document(draft)
    find = purging.import_string

    def slowly(path: str) -> Any:
        """Between finding the drafts and discarding them."""
        with Held(f"UPDATE applications_application SET {column} = now() WHERE id = %s", [draft.pk]):
            pass
        return find(path)

    monkeypatch.setattr(purging, "import_string", slowly)
    (done,) = purge([rule(f"applications_application: {name}")])
    assert done.count == 0
    assert Application.objects.filter(pk=draft.pk).exists()


@pytest.mark.race
def test_what_somebody_holds_for_long_is_left_for_the_next_time_and_the_rest_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(purging, "LOCK_LIMIT", "200ms")
    drafts = [past.draft(timezone.now() - LONG_AGO) for _each in range(12)]
    with Held("SELECT FROM applications_application WHERE id = %s FOR UPDATE", [drafts[5].pk]):
        (done,) = purge([rule("applications_application: draft")])
        assert (done.count, done.left) == (11, 1)
    assert [each.pk for each in Application.objects.all()] == [drafts[5].pk]
    (done,) = purge([rule("applications_application: draft")])
    assert (done.count, done.left) == (1, 0)


@pytest.mark.race
def test_two_that_purge_at_once_do_it_once_A2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "WINDOW", 7)
    rows = [past.withdrawn(timezone.now() - LONG_AGO)[0] for _each in range(30)]
    found = at_once(4, lambda _number: purge([rule("applications_application: not_approved")])[0].count)
    assert sum(found) == len(rows)  # type: ignore[arg-type]
    assert not Application.objects.exists()
    assert not Move.objects.exists()


@pytest.mark.race
def test_somebody_who_is_read_while_they_are_forgotten_is_whole_A2() -> None:
    login = past.departed(timezone.now() - LONG_AGO)
    fields = ("document_number", "document_place", "mobile", "email")
    seen = set()
    stop = threading.Event()

    def look(number: int) -> None:
        if number:
            time.sleep(0.05)
            purge([rule("staff_stafflogin: identity")])
            time.sleep(0.05)
            stop.set()
        while not stop.is_set():
            seen.add(StaffLogin.objects.values_list(*fields).get(pk=login.pk))

    at_once(2, look)
    assert seen == {(login.document_number, "MO", login.mobile, "a@example.mo"), ("", "", "", "")}


# --- killed ---


def whole() -> None:
    """Each application that is there has all that came with it, and nothing is there without its application."""
    for application in Application.objects.all():
        assert application.moves.count() == 1
        assert application.return_codes.count() == application.consent_codes.count() == 1
        assert bytes(application.documents.get().content.content) == b"%PDF"
    assert Document.objects.count() == Move.objects.count() == Application.objects.count()


def test_whoever_stops_between_two_batches_leaves_whole_rows_and_the_next_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(purging, "WINDOW", 4)
    for _each in range(10):
        past.withdrawn(timezone.now() - LONG_AGO)

    def stop(_rule: Rule, seen: int, _about: int, _count: int) -> None:
        if seen == 8:
            raise KeyboardInterrupt

    rules = [rule("applications_application: not_approved")]
    with pytest.raises(KeyboardInterrupt):
        purge(rules, tell=stop)
    assert Application.objects.count() == 2
    whole()
    assert [done.count for done in purge(rules)] == [2]
    whole()


def test_whoever_is_killed_in_the_middle_of_a_batch_leaves_whole_rows_K3(tmp_path: Path) -> None:
    """It has deleted documents and codes, and waits for a code of the last application, which somebody holds."""
    for _each in range(3):
        application, _document = past.withdrawn(timezone.now() - LONG_AGO)
    command = [sys.executable, "manage.py", "purge", "applications_application"]
    with Held("SELECT FROM applications_consentcode WHERE application_id = %s FOR UPDATE", [application.pk]):
        purging_now = subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            env=environment("", tmp_path),
            stdout=subprocess.DEVNULL,
            preexec_fn=die_with_parent,
        )
        wait_until(waits_for_a_lock)
        os.kill(purging_now.pid, signal.SIGKILL)
        purging_now.wait(20)
        assert Application.objects.count() == 3
        whole()
    wait_until(nobody_is_at_work)
    whole()
    assert [done.count for done in purge([rule("applications_application: not_approved")])] == [3]
    whole()


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock' AND query LIKE 'DELETE%'"
        )
        return cursor.fetchone()[0] > 0


def nobody_is_at_work() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
        )
        return cursor.fetchone() == (0,)


def wait_until(there: Any) -> None:
    until = time.monotonic() + 60
    while not there():
        assert time.monotonic() < until, "it takes too long"
        time.sleep(0.05)


# --- what the database itself demands ---


def test_nobody_takes_away_what_was_closed_lately_whatever_is_set() -> None:
    application, document = past.withdrawn(timezone.now() - timedelta(days=89))
    with pytest.raises(DatabaseError, match="documents come and go"), transaction.atomic():
        document.delete()
    whole()
    older, _document = past.withdrawn(timezone.now() - timedelta(days=364))
    for each in (application, older):
        with pytest.raises(DatabaseError, match="a move stays"), transaction.atomic():
            each.moves.all().delete()
    whole()


def test_moves_of_an_approved_application_stay_for_ever_S3_5() -> None:
    application = past.approved(timezone.now() - LONG_AGO)
    with pytest.raises(DatabaseError, match="a move stays as it was"), transaction.atomic():
        application.moves.all().delete()


@pytest.mark.parametrize(
    "changes",
    [
        {"answers": {}},
        {"answers": "emptied"},
        {"answers": "emptied", "mobile": "", "registration_number": "SO 2"},
        {"answers": "emptied", "mobile": "", "number": "AP000000000"},
        {"mobile": ""},
    ],
    ids=str,
)
def test_of_an_approved_application_people_are_emptied_all_at_once_or_nothing_is(changes: dict[str, Any]) -> None:
    application = past.approved(timezone.now() - LONG_AGO)
    empty = past.ANSWERS | {"representative": {}, "administrators": [{}, {}]}
    fields = {name: empty if value == "emptied" else value for name, value in changes.items()}
    with pytest.raises(DatabaseError), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(**fields)
    assert Application.objects.filter(pk=application.pk).update(answers=empty, mobile="") == 1
    young = past.approved(timezone.now() - timedelta(days=364))
    with pytest.raises(DatabaseError, match="what was submitted stays"), transaction.atomic():
        Application.objects.filter(pk=young.pk).update(answers=empty, mobile="")


EMPTY = {"document_number": "", "document_index": b"", "document_place": "", "birth_date": None, "mobile": ""}


@pytest.mark.parametrize(
    "changes",
    [
        {"document_number": ""},
        {"document_number": "", "document_index": b""},
        EMPTY | {"mobile": "+85366999999"},
        EMPTY | {"name_zh": "別人"},
        EMPTY | {"username": "another.name"},
        EMPTY | {"departed_at": None},
    ],
    ids=str,
)
def test_of_whoever_left_document_and_number_are_emptied_together_and_nothing_else_Q25(changes: dict[str, Any]) -> None:
    login = past.departed(timezone.now() - timedelta(days=366))
    with pytest.raises(DatabaseError), transaction.atomic():
        StaffLogin.objects.filter(pk=login.pk).update(**changes)
    assert StaffLogin.objects.filter(pk=login.pk).update(**EMPTY) == 1


@pytest.mark.parametrize("status", ["active", "departed"])
def test_nobody_who_is_there_or_left_lately_is_emptied_S10_2_Q25(status: str) -> None:
    lately = timezone.now() - timedelta(days=364)
    login = past.departed(lately) if status == "departed" else past.somebody()
    with pytest.raises(DatabaseError), transaction.atomic():
        StaffLogin.objects.filter(pk=login.pk).update(**EMPTY)


def test_a_settled_task_stays_a_year() -> None:
    past.task(timezone.now() - timedelta(days=364))
    with pytest.raises(DatabaseError, match="a task that is done stays"), transaction.atomic():
        past.RegisterTask.objects.all().delete()


def test_a_draft_is_discarded_by_its_operation() -> None:
    """So whoever goes on with it meets the same lock."""
    draft = past.draft(timezone.now())
    assert operations.forget_drafts([draft.pk]) == 0, "somebody has gone on with it"
    Application.objects.filter(pk=draft.pk).update(changed_at=timezone.now() - LONG_AGO)
    assert operations.forget_drafts([draft.pk]) == 1
