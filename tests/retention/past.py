"""Rows of every kind, made as if their time had come at a given moment. The database's own clock cannot be moved."""

from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import models, transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.applications.models import (
    Application,
    ConsentCode,
    Document,
    DocumentContent,
    Kind,
    Move,
    ReturnCode,
    State,
)
from accounts.models import (
    Entity,
    EntityStatus,
    ImportState,
    LegalRepresentative,
    Outcome,
    RegisterEntry,
    RegisterImport,
    RegisterLine,
    RegisterProblem,
    RegisterTask,
    TaskKind,
)
from activation.models import ActivationCode
from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.audit.operations import record
from entity_portal.documents import DocumentType
from entity_portal.text import check_digit
from staff.models import (
    RecoveryCode,
    RecoverySheet,
    Session,
    StaffLogin,
    Status,
)
from tests import cast
from tests.database import owning

Over = Callable[[], bool]  # whether it has been taken care of
numbers = iter(range(1, 1_000_000))

PERSON = {
    "name_zh": "何梓軒",
    "name_foreign": "HO CHI HIN",
    "document_type": "bir_permanent",
    "document_number": "12345678",
    "document_place": "MO",
    "birth_date": "1990-01-01",
    "mobile": "+85366123456",
    "email": "",
}
ANSWERS: dict[str, Any] = {
    "entity": {"kind": "company", "name_zh": "天成製衣有限公司", "name_pt": "", "registration_number": "SO 1"},
    "representative": PERSON,
    "administrators": [PERSON, PERSON],
    "agreement": {"terms": "1 en", "accepted_at": "2026-11-30T00:00:00+00:00"},
}
CODE = {"digest": "0" * 64}


def gone(*rows: models.Model) -> Over:
    """All of these rows are there no more."""
    return lambda: not any(type(row)._base_manager.filter(pk=row.pk).exists() for row in rows)


@contextmanager
def past_the_rules(table: str) -> Any:
    """What a trigger forbids to anybody, as only the owner of a table can."""
    with owning() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def entity(**fields: Any) -> Entity:
    """A closed one, which needs no administrator."""
    digits = str(1_000_000 + next(numbers))
    return cast.entity(number=digits + check_digit(digits), status=EntityStatus.CLOSED, **fields)


def somebody(**fields: Any) -> StaffLogin:
    return cast.login(entity=entity(), **fields)


def departed(at: datetime) -> StaffLogin:
    return somebody(status=Status.DEPARTED, departed_at=at, email="a@example.mo", last_login=at)


# --- entities and the register ---


def closed_entity(at: datetime) -> Entity:
    closed = entity()
    values = {"was": "active", "now": "closed", "reason": ""}
    record(Action.ENTITY_STATUS_CHANGED, entity=closed.number, actor=None, target=closed.number, **values)
    with past_the_rules("audit_event"):
        Event.objects.filter(entity_number=closed.number).update(at=at)
    return closed


def representative(at: datetime) -> Over:
    row = LegalRepresentative.objects.create(
        entity=closed_entity(at),
        name_zh="王",
        document_number="12345678",
        mobile="+85366123456",
        holds_macao_resident_id=True,
    )
    return gone(row)


def said() -> dict[str, Any]:
    return {
        "registration_number": f"SO {next(numbers)}",
        "name_zh": "天成",
        "kind": "company",
        "representative_name_zh": "王",
        "representative_document_type": DocumentType.BIR_PERMANENT,
        "representative_document_number": "12345678",
        "representative_mobile": "+85366123456",
    }


def entry(at: datetime) -> Over:
    return gone(RegisterEntry.objects.create(gone_at=at, **said()))


def held_import(at: datetime, state: str) -> RegisterImport:
    held = RegisterImport.objects.create(name="a.csv", digest=f"{next(numbers)}", uploaded_at=at)
    way = (ImportState.READ, ImportState.CONFIRMED, state) if state == ImportState.DONE else (state,)
    for each in way:
        RegisterImport.objects.filter(pk=held.pk).update(state=each)
    return held


def waiting_import(at: datetime) -> Over:
    held = held_import(at, ImportState.READ)
    return lambda: RegisterImport.objects.get(pk=held.pk).state == ImportState.CANCELLED


def line(at: datetime) -> Over:
    held = held_import(at, ImportState.REFUSED)
    return gone(RegisterLine.objects.create(register_import=held, line=1, **said()))


def problem(at: datetime) -> Over:
    held = held_import(at, ImportState.CANCELLED)
    return gone(RegisterProblem.objects.create(register_import=held, line=1, sentence="wrong", params={"cell": "王"}))


def task(at: datetime) -> Over:
    row = RegisterTask.objects.create(
        entity=entity(),
        kind=TaskKind.ENTITY_GONE,
        raised_by=held_import(at, ImportState.CANCELLED),
        old={"document_number": "12345678"},
        outcome=Outcome.NOTHING,
        note="no",
        done_at=at,
        done_by="CU1",
    )
    return gone(row)


# --- logins ---


def left_with_entity(at: datetime) -> Over:
    login = cast.login(entity=closed_entity(at))
    departures = Event.objects.filter(target=login.euid, action=Action.LOGIN_DEPARTED)

    def over() -> bool:
        login.refresh_from_db()
        return login.status == Status.DEPARTED and departures.count() == 1

    return over


def access(at: datetime) -> Over:
    login = departed(at)
    return lambda: StaffLogin.objects.values_list("password", "last_login").get(pk=login.pk) == ("", None)


def identity(at: datetime) -> Over:
    login = departed(at)
    fields = ("document_number", "document_place", "birth_date", "mobile", "email")
    return lambda: StaffLogin.objects.values_list(*fields).get(pk=login.pk) == ("", "", None, "", "")


def session(at: datetime) -> Over:
    return gone(Session.objects.create(session_key=uuid4().hex, session_data="", expire_date=at))


def code_of(model: Any, **fields: Any) -> Callable[[datetime], Over]:
    def make(at: datetime) -> Over:
        return gone(model.objects.create(login=somebody(), expires_at=at, voided_at=at, **CODE, **fields))

    return make


def of_departed(model: Any, field: str = "user", **fields: Any) -> Callable[[datetime], Over]:
    return lambda at: gone(model.objects.create(**{field: departed(at)}, **fields))


def sheet(at: datetime) -> Over:
    row = RecoverySheet.objects.create(user=departed(at), name="recovery")
    return gone(row, RecoveryCode.objects.create(sheet=row, digest="0" * 64))


def unfinished_app(at: datetime) -> Over:
    device = TOTPDevice.objects.create(user=somebody(), name="app", confirmed=False)
    TOTPDevice.objects.filter(pk=device.pk).update(created_at=at)
    return gone(device)


def older_code(at: datetime) -> Over:
    login, long_ago = somebody(), at - timedelta(days=3)
    fields = {"login": login, "mobile": login.mobile, "expires_at": at, "voided_at": at, **CODE}
    older = ActivationCode.objects.create(created_at=long_ago, **fields)
    newest = ActivationCode.objects.create(created_at=long_ago + timedelta(days=1), **fields)
    return lambda: gone(older)() and not gone(newest)()


def code_of_departed(at: datetime) -> Over:
    login = departed(at)
    return gone(ActivationCode.objects.create(login=login, mobile=login.mobile, expires_at=at, **CODE))


# --- applications ---


def draft(at: datetime) -> Application:
    return Application.objects.create(kind=Kind.FIRST, created_at=at, changed_at=at, mobile="+85366123456")


def moved(application: Application, to: State, at: datetime, **fields: Any) -> Application:
    """On to another state, past the operations."""
    was = Application.objects.get(pk=application.pk).state
    with transaction.atomic():  # the state is the last move's
        Application.objects.filter(pk=application.pk).update(state=to, changed_at=at, **fields)
        Move.objects.create(application=application, was=was, now=to, at=at, reason="other", text="王先生")
    return application


def document(application: Application) -> Document:
    row = Document.objects.create(
        application=application, kind="identity", name="王.pdf", media_type="application/pdf", size=4, sha256="0" * 64
    )
    DocumentContent.objects.create(document=row, content=b"%PDF")
    return row


def forgotten_draft(at: datetime) -> Over:
    return gone(draft(at))


def unproven_draft(at: datetime) -> Over:
    row = draft(at)
    return gone(row, document(row))


def withdrawn(at: datetime) -> tuple[Application, Document]:
    row = draft(at)
    with_it = document(row)
    ReturnCode.objects.create(application=row, mobile=row.mobile, expires_at=at, **CODE)
    ConsentCode.objects.create(application=row, mobile=row.mobile, expires_at=at, **CODE)
    return moved(row, State.WITHDRAWN, at), with_it


def not_approved(at: datetime) -> Over:
    row, with_it = withdrawn(at)
    others = [*row.moves.all(), *row.return_codes.all(), *row.consent_codes.all(), with_it.content]
    return gone(row, with_it, *others)


def submitted(at: datetime, kind: Kind, answers: dict[str, Any], **about: Any) -> Application:
    row, said = draft(at), {"answers": answers, "subject": "何梓軒", "email": "a@example.mo"}
    with past_the_rules("applications_application"):
        Application.objects.filter(pk=row.pk).update(kind=kind, **said, **about)
    document(row)
    return moved(row, State.SUBMITTED, at, submitted_at=at, mobile_proven_at=at)


def approved(at: datetime, kind: Kind = Kind.FIRST, answers: Any = ANSWERS, **about: Any) -> Application:
    row = submitted(at, kind, answers, **{"entity": entity(), **about})
    return moved(row, State.APPROVED, at, decided_by=somebody(), decided_at=at)


def approved_application(at: datetime) -> Over:
    row = approved(at)

    def over() -> bool:
        row.refresh_from_db()
        people = row.answers["representative"], row.answers["administrators"], row.mobile, row.email
        return people == ({}, [{}, {}], "", "")

    return over


def closed_document(at: datetime) -> Over:
    _application, row = withdrawn(at)
    return gone(row, row.content)


def code_of_application(model: Any) -> Callable[[datetime], Over]:
    def make(at: datetime) -> Over:
        return gone(model.objects.create(application=draft(at), mobile="+85366123456", expires_at=at, **CODE))

    return make
