"""A file of the register on its way in: read, compared, confirmed, brought in; each step once, whole or not at all."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation

from accounts import imports, tasks
from accounts import register as reading
from accounts.models import (
    IMPORT_MOVES,
    Entity,
    EntityStatus,
    ImportState,
    LegalRepresentative,
    MoveNotAllowed,
    Outcome,
    RegisterEntry,
    RegisterImport,
    RegisterLine,
    RegisterTask,
    TaskKind,
)
from accounts.officers import register, register_queries
from accounts.operations import change_status, import_register, open_from_register
from entity_portal.audit.models import Event
from entity_portal.management.commands.demo import die_with_parent
from entity_portal.roles import Role
from staff.models import StaffLogin
from staff.operations.officers import NotOfficer
from tests import cast
from tests.accounts.test_import_register import file, line
from tests.faults.mortal_workers import put_back
from tests.purging import purge_tables
from tests.race import at_once
from tests.running import environment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is wrong in a file is said in the language of whoever reads it."""
    with translation.override("en"):
        yield


@pytest.fixture
def registrar(db: None) -> StaffLogin:
    return cast.officer_login(Role.REGISTRAR)


def another() -> StaffLogin:
    """The other eye."""
    return StaffLogin.objects.filter(username="another.eye").first() or cast.officer_login(
        Role.APPROVER, username="another.eye"
    )


def upload(by: StaffLogin, *lines: str, whole: bool = False) -> RegisterImport:
    return register.upload(by=by, name="register.csv", content=file(*lines), whole=whole)


def looked_at(by: StaffLogin, *lines: str, whole: bool = False) -> RegisterImport:
    """A file that has been read."""
    uploaded = upload(by, *lines, whole=whole)
    imports.read(uploaded.pk)
    uploaded.refresh_from_db()
    return uploaded


def bring(by: StaffLogin, *lines: str, whole: bool = False) -> RegisterImport:
    """A file all the way in."""
    held = looked_at(by, *lines, whole=whole)
    register.confirm(pk=held.pk, by=another(), preview=held.preview)
    imports.apply(held.pk)
    held.refresh_from_db()
    assert held.state == ImportState.DONE
    return held


def counts(held: RegisterImport) -> tuple[int, ...]:
    return held.new, held.changed, held.unchanged, held.gone


def jobs() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs WHERE queue_name = 'register' ORDER BY id")
        return [each for (each,) in cursor.fetchall()]


@transaction.atomic
def opened(number: str = "100 SO") -> Entity:
    entity = open_from_register(entry=RegisterEntry.objects.get(registration_number=number))
    cast.login(entity=entity, is_administrator=True)
    return entity


# --- the steps ---


def test_nothing_is_written_before_it_is_confirmed(registrar: StaffLogin) -> None:
    held = upload(registrar, line())
    assert jobs() == ["accounts.read_register"]
    imports.read(held.pk)
    held.refresh_from_db()
    assert (held.state, counts(held)) == (ImportState.READ, (1, 0, 0, 0))
    assert held.content is None, "its lines are kept, the file is not needed any more"
    assert not RegisterEntry.objects.exists()
    imports.apply(held.pk)
    assert not RegisterEntry.objects.exists(), "nobody has confirmed it"
    register.confirm(pk=held.pk, by=another(), preview=1)
    assert jobs() == ["accounts.read_register", "accounts.apply_register"]
    assert not RegisterEntry.objects.exists()
    imports.apply(held.pk)
    assert RegisterEntry.objects.get().registration_number == "100 SO"
    who = [(move.state, move.euid) for move in held.moves.order_by("pk")]
    euid = registrar.euid
    assert who == [("uploaded", euid), ("read", ""), ("confirmed", another().euid), ("done", "")]
    event = Event.objects.get(action="register.imported")
    assert (event.actor, event.data) == (another().euid, {"new": 1, "changed": 0, "unchanged": 0, "gone": 0})


def test_the_preview_says_what_is_new_changed_field_by_field_and_the_same(registrar: StaffLogin) -> None:
    bring(registrar, line(), line(registration_number="200 SO"), line(registration_number="300 SO"))
    changed = line(
        registration_number="200 SO", name_zh="別名", representative_mobile="66123456", representative_birth_date=""
    )
    held = looked_at(registrar, line(), changed, line(registration_number="400 SO"))
    assert counts(held) == (1, 1, 1, 0)
    pairs = register_queries.differences(held.lines.get(fate="changed"))
    assert [(pair.one, pair.other) for pair in pairs] == [
        ("濠灣茶餐飲有限公司", "別名"),
        ("1958-06-03", ""),
        ("+853 66** **07", "+853 66** **56"),
    ]


def test_a_difference_that_the_mask_hides_is_said(registrar: StaffLogin) -> None:
    bring(registrar, line(representative_document_number="50917346"))
    held = looked_at(registrar, line(representative_document_number="50000046"))
    (pair,) = register_queries.differences(held.lines.get())
    assert (pair.one, pair.other, pair.is_hidden) == ("50****46", "50****46", True)


def test_every_wrong_line_is_named_and_the_file_is_refused(registrar: StaffLogin) -> None:
    held = looked_at(registrar, line(), line(registration_number="2", kind="circus", representative_mobile="1"))
    assert (held.state, held.bad) == (ImportState.REFUSED, 1)
    assert [(each.line, each.column) for each in held.problems.order_by("pk")] == [
        (3, "kind"),
        (3, "representative_mobile"),
    ]
    assert "Give one of: company," in str(held.problems.first())
    assert not RegisterLine.objects.exists()
    assert "circus" not in str(list(held.problems.values())), "what stood in a cell is not kept"
    with pytest.raises(MoveNotAllowed):
        register.confirm(pk=held.pk, by=another(), preview=held.preview)


def test_of_many_wrong_lines_some_are_kept_and_all_counted(
    registrar: StaffLogin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "PROBLEMS_KEPT", 5)
    held = looked_at(registrar, *[line(registration_number=str(n), kind="circus") for n in range(9)])
    assert (held.bad, held.problems.count()) == (9, 5)


def test_more_lines_than_may_be_are_refused(registrar: StaffLogin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_LINES", 2)
    held = looked_at(registrar, *[line(registration_number=str(n)) for n in range(3)])
    assert [str(each) for each in held.problems.all()] == ["There are more than 2 lines. Divide the file."]


def test_a_cancelled_import_keeps_nothing_of_its_file(registrar: StaffLogin) -> None:
    held = looked_at(registrar, line())
    register.cancel(pk=held.pk, by=registrar)
    assert not held.lines.exists()
    unread = upload(registrar, line())
    register.cancel(pk=unread.pk, by=registrar)
    imports.read(unread.pk)
    unread.refresh_from_db()
    assert (unread.state, unread.content, unread.lines.count()) == (ImportState.CANCELLED, None, 0)


def test_the_same_file_is_not_uploaded_twice_while_it_is_open(registrar: StaffLogin) -> None:
    held = upload(registrar, line())
    with pytest.raises(register.AlreadyUploaded) as already:
        upload(registrar, line())
    assert already.value.args == (held,)
    register.cancel(pk=held.pk, by=registrar)
    assert upload(registrar, line()).pk != held.pk


# --- gone, and back ---


def test_only_a_whole_file_marks_what_it_lacks_as_gone(registrar: StaffLogin) -> None:
    bring(registrar, line(), line(registration_number="200 SO"))
    bring(registrar, line(name_zh="別名"))
    assert RegisterEntry.objects.current().count() == 2
    held = looked_at(registrar, line(name_zh="別名"), whole=True)
    assert counts(held) == (0, 0, 1, 1)
    assert RegisterEntry.objects.current().count() == 2
    register.confirm(pk=held.pk, by=another(), preview=1)
    imports.apply(held.pk)
    gone = RegisterEntry.objects.get(registration_number="200 SO")
    assert gone.gone_at
    assert [each.registration_number for each in RegisterEntry.objects.current()] == ["100 SO"]
    assert counts(looked_at(registrar, line(name_zh="別名"), whole=True)) == (0, 0, 1, 0), "it is gone once"


def test_nothing_is_opened_from_a_line_that_is_gone_until_it_comes_back(registrar: StaffLogin) -> None:
    bring(registrar, line(), line(registration_number="200 SO"))
    bring(registrar, line(registration_number="200 SO"), whole=True)
    with pytest.raises(RegisterEntry.DoesNotExist):
        opened()
    held = bring(registrar, line())
    assert counts(held) == (0, 1, 0, 0)
    assert opened().registration_number == "100 SO"


# --- the register changes between preview and confirmation ---


def test_what_nobody_has_seen_is_not_done_the_preview_is_made_again(registrar: StaffLogin) -> None:
    bring(registrar, line(name_zh="一"))
    first = looked_at(registrar, line(name_zh="二"), whole=True)
    bring(registrar, line(name_zh="三"), line(registration_number="200 SO"))
    register.confirm(pk=first.pk, by=another(), preview=1)
    imports.apply(first.pk)
    first.refresh_from_db()
    assert (first.state, first.preview, counts(first)) == (ImportState.READ, 2, (0, 1, 0, 1))
    assert register_queries.differences(first.lines.get(fate="changed"))[0].one == "三"
    assert RegisterEntry.objects.get(registration_number="100 SO").name_zh == "三"
    with pytest.raises(register.AnotherPreview):
        register.confirm(pk=first.pk, by=another(), preview=1)
    register.confirm(pk=first.pk, by=another(), preview=2)
    imports.apply(first.pk)
    assert RegisterEntry.objects.get(registration_number="100 SO").name_zh == "二"


def test_an_import_by_command_counts_too_and_one_that_changed_nothing_does_not(registrar: StaffLogin) -> None:
    first = looked_at(registrar, line(), line(registration_number="200 SO"))
    import_register(lines=reading.read(file(line())))
    register.confirm(pk=first.pk, by=another(), preview=1)
    imports.apply(first.pk)
    first.refresh_from_db()
    assert (first.state, counts(first)) == (ImportState.READ, (1, 0, 1, 0))
    import_register(lines=reading.read(file(line())))
    register.confirm(pk=first.pk, by=another(), preview=2)
    imports.apply(first.pk)
    first.refresh_from_db()
    assert first.state == ImportState.DONE


# --- twice, at once, killed ---


def test_a_step_that_is_done_twice_is_done_once(registrar: StaffLogin) -> None:
    held = upload(registrar, line())
    for _time in range(2):
        imports.read(held.pk)
    register.confirm(pk=held.pk, by=another(), preview=1)
    for _time in range(2):
        imports.apply(held.pk)
    assert RegisterEntry.objects.count() == 1
    assert Event.objects.filter(action="register.imported").count() == 1
    assert held.moves.count() == 4


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_does_and_each_step_at_once_is_done_once() -> None:
    registrar = cast.officer_login(Role.REGISTRAR)
    held = upload(registrar, *[line(registration_number=str(n)) for n in range(50)])
    at_once(3, lambda _: imports.read(held.pk))
    people = [cast.officer_login(Role.REGISTRAR) for _each in range(4)]
    results = at_once(4, lambda n: register.confirm(pk=held.pk, by=people[n], preview=1))
    assert sorted(type(result).__name__ for result in results) == ["MoveNotAllowed"] * 3 + ["NoneType"]
    assert jobs().count("accounts.apply_register") == 1
    results = at_once(3, lambda _: imports.apply(held.pk))
    assert results == [None] * 3
    assert RegisterEntry.objects.count() == 50
    assert held.moves.count() == 4


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_files_confirmed_at_once_are_not_both_done_unseen() -> None:
    registrar = cast.officer_login(Role.REGISTRAR)
    both = [looked_at(registrar, line(name_zh=name)) for name in ("一", "二")]
    for held in both:
        register.confirm(pk=held.pk, by=another(), preview=1)
    assert at_once(2, lambda n: imports.apply(both[n].pk)) == [None, None]
    states = sorted(RegisterImport.objects.values_list("state", "preview"))
    assert states == [("done", 1), ("read", 2)]


def wait_for(done: Callable[[], bool], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "it takes too long"
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_nothing_and_the_next_does_it_all(tmp_path: Any) -> None:
    """A real worker, killed in the middle of reading; its job is put back and a second worker goes on."""
    registrar = cast.officer_login(Role.REGISTRAR)
    held = upload(registrar, *[line(registration_number=str(n)) for n in range(6_000)])

    def worker() -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "procrastinate", "worker", "--concurrency=2"]
        told = environment("", tmp_path)
        return subprocess.Popen(command, cwd=settings.BASE_DIR, env=told, preexec_fn=die_with_parent)

    def progress() -> int:
        return RegisterImport.objects.values_list("progress", flat=True).get(pk=held.pk)

    def state() -> str:
        return RegisterImport.objects.values_list("state", flat=True).get(pk=held.pk)

    first = worker()
    wait_for(lambda: progress() > 0)
    os.kill(first.pid, signal.SIGKILL)
    first.wait(20)
    assert (state(), RegisterLine.objects.count()) == ("uploaded", 0)
    asyncio.run(put_back())
    second = worker()
    try:
        wait_for(lambda: state() == "read")
        register.confirm(pk=held.pk, by=another(), preview=1)
        wait_for(lambda: state() == "done")
    finally:
        second.terminate()
        second.wait(20)
    assert RegisterEntry.objects.count() == 6_000


class Job:
    def __init__(self, attempts: int) -> None:
        self.job = self
        self.attempts = attempts


@pytest.mark.parametrize(("attempts", "state"), [(0, "uploaded"), (tasks.TRIES, "failed")])
def test_what_fails_again_and_again_is_said_to_have_failed(registrar: StaffLogin, attempts: int, state: str) -> None:
    held = upload(registrar, line())

    def broken(pk: int) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        tasks.attempt(Job(attempts), held.pk, broken)  # type: ignore[arg-type]
    held.refresh_from_db()
    assert held.state == state
    tasks.attempt(Job(tasks.TRIES + 1), held.pk, broken)  # type: ignore[arg-type]  workers died of it
    held.refresh_from_db()
    assert (held.state, held.content) == ("failed", None)


# --- rules in the database ---


WAYS: dict[ImportState, list[ImportState]] = {
    ImportState.UPLOADED: [],
    ImportState.READ: [ImportState.READ],
    ImportState.REFUSED: [ImportState.REFUSED],
    ImportState.CONFIRMED: [ImportState.READ, ImportState.CONFIRMED],
    ImportState.DONE: [ImportState.READ, ImportState.CONFIRMED, ImportState.DONE],
    ImportState.FAILED: [ImportState.FAILED],
    ImportState.CANCELLED: [ImportState.CANCELLED],
}


@pytest.mark.parametrize("at", ImportState)
def test_the_table_of_moves_is_the_databases_too(db: None, at: ImportState) -> None:
    def refuses(to: ImportState) -> bool:
        made = RegisterImport.objects.create()
        for state in WAYS[at]:
            RegisterImport.objects.filter(pk=made.pk).update(state=state)
        with suppress(IntegrityError), transaction.atomic():
            RegisterImport.objects.filter(pk=made.pk).update(state=to)
        made.refresh_from_db()
        return made.state != to

    assert {to for to in ImportState if to != at and not refuses(to)} == IMPORT_MOVES[at]


def test_an_import_begins_with_its_upload(db: None) -> None:
    with pytest.raises(IntegrityError, match="may not come into this state"):
        RegisterImport.objects.create(state=ImportState.DONE)


# --- tasks for officers ---

ANOTHER = {
    "representative_name_zh": "何梓軒",
    "representative_name_foreign": "HO CHI HIN",
    "representative_document_number": "A1234567",
    "representative_mobile": "66123456",
    "representative_document_type": "hk_id",
}


@pytest.fixture
def entity(registrar: StaffLogin) -> Entity:
    bring(registrar, line(), line(registration_number="200 SO"))
    return opened()


def settle(task: RegisterTask, by: StaffLogin, outcome: Outcome, note: str = "") -> None:
    entry = RegisterEntry.objects.get(registration_number=task.entity.registration_number)
    register.settle(task=task, by=by, outcome=outcome, note=note, seen=register_queries.seen(entry))


def test_another_representative_of_an_open_entity_raises_one_task(registrar: StaffLogin, entity: Entity) -> None:
    bring(registrar, line(name_zh="別名"), line(registration_number="200 SO", **ANOTHER))
    assert not RegisterTask.objects.exists(), "another name, and an entity that is not open here"
    held = bring(registrar, line(**ANOTHER))
    task = RegisterTask.objects.get()
    assert (task.entity, task.kind, task.raised_by) == (entity, TaskKind.REPRESENTATIVE_CHANGED, held)
    assert task.old["representative_document_number"] == "50917346"
    assert task.new["representative_document_number"] == "A1234567"
    since = task.raised_at
    held = bring(registrar, line(**{**ANOTHER, "representative_mobile": "66123457"}))
    task = RegisterTask.objects.get()
    assert (task.raised_by, task.raised_at) == (held, since)
    assert task.new["representative_mobile"] == "+85366123457"
    assert task.old["representative_document_number"] == "50917346"


def test_what_the_entity_account_says_already_raises_none(registrar: StaffLogin, entity: Entity) -> None:
    LegalRepresentative.objects.create(
        entity=entity,
        name_zh="何梓軒",
        name_foreign="HO CHI HIN",
        document_number="A1234567",
        mobile="+85366123456",
        holds_macao_resident_id=False,
    )
    bring(registrar, line(**ANOTHER))
    assert not RegisterTask.objects.exists()


def test_an_entity_that_is_gone_raises_a_task_unless_it_is_closed(registrar: StaffLogin, entity: Entity) -> None:
    closed = opened("200 SO")
    change_status(entity=closed, by=registrar, status=EntityStatus.CLOSED, reason="wound up")
    bring(registrar, line(registration_number="300 SO"), whole=True)
    assert [(task.entity, task.kind) for task in RegisterTask.objects.all()] == [(entity, TaskKind.ENTITY_GONE)]


def test_taking_over_puts_the_new_representative_in_the_place_of_the_old(registrar: StaffLogin, entity: Entity) -> None:
    LegalRepresentative.objects.create(
        entity=entity, name_zh="另", document_number="9999", mobile="+85366111111", holds_macao_resident_id=True
    )
    bring(registrar, line(**ANOTHER))
    task = RegisterTask.objects.get()
    settle(task, registrar, Outcome.TAKEN_OVER)
    known = entity.legal_representatives.order_by("pk").values_list(
        "name_zh", "document_number", "mobile", "holds_macao_resident_id"
    )
    assert list(known) == [("何梓軒", "A1234567", "+85366123456", False), ("另", "9999", "+85366111111", True)]
    event = Event.objects.get(action="register.task_done")
    assert (event.entity_number, event.actor) == (entity.number, registrar.euid)
    assert event.data["changes"]["document_number"] == ["50****46", "A1****67"]
    assert "A1234567" not in str(event.data)
    task.refresh_from_db()
    assert (task.outcome, task.done_by) == ("taken_over", registrar.euid)
    with pytest.raises(register.AlreadySettled):
        settle(task, registrar, Outcome.NOTHING, "again")
    with pytest.raises(IntegrityError, match="accounts_registertask_done"), transaction.atomic():
        RegisterTask.objects.update(note="rewritten")


def test_the_old_representative_goes_also_where_the_new_one_was_recorded(registrar: StaffLogin, entity: Entity) -> None:
    LegalRepresentative.objects.create(
        entity=entity, name_zh="何", document_number="A1234567", mobile="+85366111111", holds_macao_resident_id=False
    )
    bring(registrar, line(**ANOTHER))
    settle(RegisterTask.objects.get(), registrar, Outcome.TAKEN_OVER)
    assert [each.name_zh for each in entity.legal_representatives.all()] == ["何梓軒"]


def test_what_changed_after_the_page_was_shown_is_not_taken_over(registrar: StaffLogin, entity: Entity) -> None:
    bring(registrar, line(**ANOTHER))
    task = RegisterTask.objects.get()
    seen = register_queries.seen(RegisterEntry.objects.get(registration_number="100 SO"))
    bring(registrar, line(**{**ANOTHER, "representative_mobile": "66123457"}))
    with pytest.raises(register.AnotherPreview):
        register.settle(task=task, by=registrar, outcome=Outcome.TAKEN_OVER, seen=seen)
    assert entity.legal_representatives.get().document_number == "50917346"


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Outcome.SUSPENDED, "suspended"), (Outcome.CLOSED, "closed"), (Outcome.NOTHING, "active")],
)
def test_an_entity_that_is_gone_is_suspended_closed_or_left_with_a_note(
    registrar: StaffLogin, entity: Entity, outcome: Outcome, status: str
) -> None:
    bring(registrar, line(registration_number="300 SO"), whole=True)
    task = RegisterTask.objects.get()
    with pytest.raises(register.NotOffered):
        settle(task, registrar, outcome)
    with pytest.raises(register.NotOffered):
        settle(task, registrar, Outcome.TAKEN_OVER)
    if outcome == Outcome.CLOSED:
        with pytest.raises(register.NotOffered):
            settle(task, registrar, outcome, "final, so it takes an approver")
    settle(task, cast.officer_login(Role.APPROVER), outcome, "asked the registry")
    entity.refresh_from_db()
    assert entity.status == status
    changed = Event.objects.filter(action="entity.status_changed")
    wanted = {"was": "active", "now": status, "reason": "asked the registry"}
    assert [event.data for event in changed] == ([] if status == "active" else [wanted])


def test_an_entity_is_not_suspended_twice_and_a_closed_one_not_at_all(registrar: StaffLogin, entity: Entity) -> None:
    bring(registrar, line(registration_number="300 SO"), whole=True)
    task, approver = RegisterTask.objects.get(), cast.officer_login(Role.APPROVER)
    change_status(entity=entity, by=registrar, status=EntityStatus.SUSPENDED, reason="asked to")
    with pytest.raises(register.NotOffered):
        settle(task, approver, Outcome.SUSPENDED, "again")
    change_status(entity=entity, by=registrar, status=EntityStatus.CLOSED, reason="wound up")
    with pytest.raises(register.NotOffered):
        settle(task, approver, Outcome.CLOSED, "again")
    settle(task, approver, Outcome.NOTHING, "it is closed")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_task_is_settled_once_by_many_at_once() -> None:
    registrar = cast.officer_login(Role.REGISTRAR)
    bring(registrar, line())
    opened()
    bring(registrar, line(**ANOTHER))
    task = RegisterTask.objects.get()
    people = [cast.officer_login(Role.APPROVER) for _each in range(3)]
    results = at_once(3, lambda n: settle(task, people[n], Outcome.NOTHING, "no"))
    assert sorted(type(result).__name__ for result in results) == ["AlreadySettled"] * 2 + ["NoneType"]


# --- who may, and what is forgotten ---


@pytest.mark.parametrize("role", [Role.APPROVER, Role.CATALOGUE, Role.AUDITOR, None])
def test_only_registrars_import_Q1(registrar: StaffLogin, role: Role | None) -> None:
    other = cast.officer_login(role) if role else cast.login(entity=cast.authority())
    held = looked_at(registrar, line())
    acts = [
        lambda: upload(other, line(registration_number="7")),
        lambda: register.cancel(pk=held.pk, by=other),
        lambda: register.confirm(pk=held.pk, by=other, preview=1),
    ]
    for act in acts[:2] if role == Role.APPROVER else acts:
        with pytest.raises(NotOfficer):
            act()
    held.refresh_from_db()
    assert (held.state, RegisterImport.objects.count()) == (ImportState.READ, 1)


@pytest.mark.parametrize("role", [Role.CATALOGUE, Role.AUDITOR])
def test_only_registrars_and_approvers_settle_tasks_Q1(registrar: StaffLogin, entity: Entity, role: Role) -> None:
    bring(registrar, line(**ANOTHER))
    task = RegisterTask.objects.get()
    with pytest.raises(NotOfficer):
        settle(task, cast.officer_login(role), Outcome.NOTHING, "no")
    settle(task, cast.officer_login(Role.APPROVER), Outcome.NOTHING, "no")


def test_after_a_month_what_imports_were_about_is_forgotten(registrar: StaffLogin) -> None:
    done, waiting = bring(registrar, line()), looked_at(registrar, line(registration_number="7"))
    fresh = looked_at(registrar, line(registration_number="8"))
    refused = looked_at(registrar, line(kind="circus"))
    old = timezone.now() - timedelta(days=33)
    RegisterImport.objects.exclude(pk=fresh.pk).update(uploaded_at=old)
    purge_tables("accounts_registerimport", "accounts_registerline", "accounts_registerproblem")
    assert not done.lines.exists()
    assert not refused.problems.exists()
    assert fresh.lines.exists()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.lines.exists()) == (ImportState.CANCELLED, False)


def test_whoever_brought_a_file_does_not_confirm_it_Q1(registrar: StaffLogin) -> None:
    """The register decides what is approved at once: one officer alone must not write it."""
    held = looked_at(registrar, line())
    with pytest.raises(register.OwnUpload):
        register.confirm(pk=held.pk, by=registrar, preview=1)
    held.refresh_from_db()
    assert held.state == ImportState.READ
    register.confirm(pk=held.pk, by=another(), preview=1)
