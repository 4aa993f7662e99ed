"""Rows of every kind, made as if their time had come at a given moment. The database's own clock cannot be moved."""

from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import connection, models
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
from entity_portal.humancheck.models import Challenge
from entity_portal.messaging.models import SMS, Notification, NotificationChoice, PhoneText, Purpose
from entity_portal.messaging.models import Status as SMSStatus
from entity_portal.text import check_digit
from services.api.models import Change, ChangeKind, Feed
from services.models import Errand, ErrandKind
from services.oidc.models import AccessToken, Code, Consent, PushedRequest, RefreshToken, SignIn, UsedAssertion
from services.oidc.sandbox.models import Visit
from staff.models import (
    EmailChange,
    MobilePhone,
    RecoveryCode,
    RecoverySheet,
    ResetCode,
    Session,
    SignInCode,
    StaffLogin,
    Status,
)
from tests import cast
from tests.services.oidc import relying

Over = Callable[[], bool]  # whether it has been taken care of
_numbers = iter(range(1, 1_000_000))

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
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def entity(**fields: Any) -> Entity:
    """A closed one, which needs no administrator."""
    digits = str(1_000_000 + next(_numbers))
    return cast.entity(number=digits + check_digit(digits), status=EntityStatus.CLOSED, **fields)


def somebody(**fields: Any) -> StaffLogin:
    return cast.login(entity=entity(), **fields)


def departed(at: datetime) -> StaffLogin:
    return somebody(status=Status.DEPARTED, departed_at=at, email="a@example.mo", last_login=at)


# --- entities and the register ---


def representative(at: datetime) -> Over:
    closed = entity()
    values = {"was": "active", "now": "closed", "reason": ""}
    record(Action.ENTITY_STATUS_CHANGED, entity=closed.number, actor=None, target=closed.number, **values)
    with past_the_rules("audit_event"):
        Event.objects.filter(entity_number=closed.number).update(at=at)
    row = LegalRepresentative.objects.create(
        entity=closed, name_zh="王", document_number="12345678", mobile="+85366123456", holds_macao_resident_id=True
    )
    return gone(row)


def said() -> dict[str, Any]:
    return {
        "registration_number": f"SO {next(_numbers)}",
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
    held = RegisterImport.objects.create(name="a.csv", digest=f"{next(_numbers)}", uploaded_at=at)
    RegisterImport.objects.filter(pk=held.pk).update(state=state)
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


def submitted(at: datetime, kind: Kind, answers: dict[str, Any], **fields: Any) -> Application:
    row = draft(at)
    with past_the_rules("applications_application"):
        Application.objects.filter(pk=row.pk).update(kind=kind, answers=answers, subject="何梓軒", email="a@example.mo")
    return moved(row, State.SUBMITTED, at, submitted_at=at, mobile_proven_at=at, **fields)


def approved(at: datetime, kind: Kind = Kind.FIRST, answers: Any = ANSWERS, **fields: Any) -> Application:
    who = {"entity": entity(), "decided_by": somebody(), "decided_at": at, **fields}
    return moved(submitted(at, kind, answers, entity=who["entity"]), State.APPROVED, at, **who)


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


# --- e-services ---


def errand(**fields: str) -> Callable[[datetime], Over]:
    def make(at: datetime) -> Over:
        service = cast.group().service
        dates = dict.fromkeys(fields, at)
        return gone(Errand.objects.create(kind=ErrandKind.OPEN, service=service, by=somebody(), **dates))

    return make


def change(at: datetime) -> Over:
    group = cast.group()
    Feed.objects.get_or_create(service=group.service)
    row = Change.objects.create(service=group.service, login=somebody(), group=group, kind=ChangeKind.GAINED, at=at)
    return lambda: gone(row)() and Feed.objects.get(service=group.service).forgotten_to >= row.pk


def sign_in(at: datetime) -> Over:
    client, _secret = relying.client(cast.group(service=f"s{next(_numbers)}").service)
    login = somebody()
    row = SignIn.objects.create(
        client=client, login=login, session=uuid4(), sid="s", authenticated_at=at, created_at=at
    )
    about = {"sign_in": row, "application": client, "user": login}
    code = Code.objects.create(code=uuid4().hex, expires=at, redirect_uri="https://a.example/", scope="", **about)
    token = AccessToken.objects.create(token_checksum=f"{next(_numbers)}", expires=at, scope="openid", **about)
    refresh = RefreshToken.objects.create(token_checksum=f"{next(_numbers)}", access_token=token, **about)
    AccessToken.objects.filter(pk=token.pk).update(source_refresh_token=refresh)
    return gone(row, code, token, refresh)


def token_of_a_program(at: datetime) -> Over:
    client, _secret = relying.client(cast.group(service=f"s{next(_numbers)}").service)
    return gone(AccessToken.objects.create(token_checksum=f"{next(_numbers)}", expires=at, application=client))


def of_client(model: Any, **fields: Any) -> Callable[[datetime], Over]:
    def make(at: datetime) -> Over:
        client, _secret = relying.client(cast.group(service=f"s{next(_numbers)}").service)
        return gone(model.objects.create(client=client, digest=f"{next(_numbers)}", expires=at, **fields))

    return make


def consent(at: datetime) -> Over:
    client, _secret = relying.client(cast.group(service=f"s{next(_numbers)}").service)
    return gone(Consent.objects.create(client=client, login=departed(at), scopes="openid"))


def device_grant(at: datetime) -> Over:
    model = apps.get_model("oauth2_provider", "devicegrant")
    number = str(next(_numbers))
    return gone(model.objects.create(device_code=number, user_code=number, client_id="a", expires=at, last_checked=at))


# --- texts and the rest ---


def text(at: datetime) -> Over:
    row = SMS.objects.create(
        to="+85366123456", purpose=Purpose.ACTIVATION, status=SMSStatus.SENT, body="", created_at=at, finished_at=at
    )
    login = somebody()
    code = ActivationCode.objects.create(login=login, mobile=login.mobile, expires_at=at, sms=row, **CODE)
    return lambda: gone(row)() and ActivationCode.objects.get(pk=code.pk).sms_id is None


def notification(**moments: str) -> Callable[[datetime], Over]:
    def make(at: datetime) -> Over:
        about = {"recipient": f"CU{next(_numbers)}", "entity_number": "80216453", "kind": "locked", "day": at.date()}
        return gone(Notification.objects.create(**about, **dict.fromkeys(moments, at)))

    return make


def notification_of_departed(at: datetime) -> Over:
    about = {"recipient": departed(at).euid, "entity_number": "80216453", "kind": "locked", "day": at.date()}
    return gone(Notification.objects.create(**about))


def choice_of_departed(at: datetime) -> Over:
    return gone(NotificationChoice.objects.create(recipient=departed(at).euid, kind="locked", email="no"))


def raw(insert: str, count: str) -> Callable[[datetime], Over]:
    """A row of a table that has no model of ours."""

    def make(at: datetime) -> Over:
        key = str(next(_numbers))
        with connection.cursor() as cursor:
            cursor.execute(insert, {"key": key, "at": at})

        def over() -> bool:
            with connection.cursor() as cursor:
                cursor.execute(count, {"key": key})
                return cursor.fetchone() == (0,)

        return over

    return make


def job(at: datetime) -> Over:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name, lock, args, status) "
            "VALUES ('messaging.send_sms', 'sms', 'sms:+85366123456', '{}', 'todo') RETURNING id"
        )
        (key,) = cursor.fetchone()
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [key])
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [key])
        cursor.execute("UPDATE procrastinate_events SET at = %s WHERE job_id = %s", [at, key])

    def over() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE id = %s", [key])
            return cursor.fetchone() == (0,)

    return over


COUNTER = raw(
    "INSERT INTO entity_portal_counter (key, value, expires) VALUES (%(key)s, 1, %(at)s)",
    "SELECT count(*) FROM entity_portal_counter WHERE key = %(key)s",
)
ADMIN_LOG = raw(
    "INSERT INTO django_admin_log (action_time, object_id, object_repr, action_flag, change_message, user_id) "
    "SELECT %(at)s, %(key)s, '王', 1, '', max(id) FROM staff_stafflogin",
    "SELECT count(*) FROM django_admin_log WHERE object_id = %(key)s",
)


def admin_log(at: datetime) -> Over:
    somebody()
    return ADMIN_LOG(at)


MADE: dict[str, Callable[[datetime], Over]] = {
    "accounts_legalrepresentative: closed": representative,
    "accounts_registerentry: gone": entry,
    "accounts_registerimport: waiting": waiting_import,
    "accounts_registerline: over": line,
    "accounts_registerproblem: over": problem,
    "accounts_registertask: settled": task,
    "staff_stafflogin: access": access,
    "staff_stafflogin: identity": identity,
    "staff_session: over": session,
    "staff_resetcode: over": code_of(ResetCode),
    "staff_signincode: over": code_of(SignInCode),
    "staff_emailchange: over": code_of(EmailChange, email="a@example.mo"),
    "staff_mobilephone: departed": of_departed(MobilePhone, name="mobile"),
    "staff_recoverysheet: departed": sheet,
    "otp_totp_totpdevice: unfinished": unfinished_app,
    "otp_totp_totpdevice: departed": of_departed(TOTPDevice, name="app"),
    "activation_activationcode: older": older_code,
    "activation_activationcode: departed": code_of_departed,
    "applications_application: draft": forgotten_draft,
    "applications_application: unproven": unproven_draft,
    "applications_application: not_approved": not_approved,
    "applications_application: approved": approved_application,
    "applications_document: decided": closed_document,
    "applications_returncode: over": code_of_application(ReturnCode),
    "applications_consentcode: over": code_of_application(ConsentCode),
    "services_errand: preview": errand(created_at=""),
    "services_errand: finished": errand(created_at="", confirmed_at="", finished_at=""),
    "api_change: told": change,
    "oidc_signin: over": sign_in,
    "oidc_accesstoken: of_programs": token_of_a_program,
    "oidc_pushedrequest: over": of_client(PushedRequest, query="a=b"),
    "oidc_usedassertion: over": of_client(UsedAssertion),
    "oidc_consent: departed": consent,
    "oauth2_provider_devicegrant: over": device_grant,
    "sandbox_visit: over": lambda at: gone(Visit.objects.create(created_at=at)),
    "messaging_sms: finished": text,
    "messaging_notification: read": notification(read_at=""),
    "messaging_notification: unread": notification(updated_at=""),
    "messaging_notification: departed": notification_of_departed,
    "messaging_notificationchoice: departed": choice_of_departed,
    "messaging_phonetext: received": lambda at: gone(
        PhoneText.objects.create(to="+85366123456", body="1", received_at=at)
    ),
    "humancheck_challenge: over": lambda at: gone(Challenge.objects.create(kind="sum", task="1+1", expires_at=at)),
    "entity_portal_counter: over": COUNTER,
    "django_admin_log: old": admin_log,
    "procrastinate_jobs: finished": job,
}
