"""A row for each rule of docs/retention.toml, made as if its time had come at a given moment."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import connection
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.applications.models import ConsentCode, ReturnCode
from activation.models import ActivationCode
from entity_portal.humancheck.models import Challenge
from entity_portal.messaging.models import SMS, Notification, NotificationChoice, PhoneText, Purpose
from entity_portal.messaging.models import Status as SMSStatus
from services.api.models import Change, ChangeKind, Feed
from services.models import Errand, ErrandKind
from services.oidc.models import AccessToken, Code, Consent, PushedRequest, RefreshToken, SignIn, UsedAssertion
from services.oidc.sandbox.models import Visit
from staff.models import EmailChange, MobilePhone, ResetCode, SignInCode
from tests import cast
from tests.retention.past import (
    CODE,
    Over,
    access,
    approved_application,
    closed_document,
    code_of,
    code_of_application,
    code_of_departed,
    departed,
    entry,
    forgotten_draft,
    gone,
    identity,
    left_with_entity,
    line,
    not_approved,
    numbers,
    of_departed,
    older_code,
    problem,
    representative,
    session,
    sheet,
    somebody,
    task,
    unfinished_app,
    unproven_draft,
    waiting_import,
)
from tests.services.oidc import relying

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
    client, _secret = relying.client(cast.group(service=f"s{next(numbers)}").service)
    login = somebody()
    row = SignIn.objects.create(
        client=client, login=login, session=uuid4(), sid="s", authenticated_at=at, created_at=at
    )
    about = {"sign_in": row, "application": client, "user": login}
    code = Code.objects.create(code=uuid4().hex, expires=at, redirect_uri="https://a.example/", scope="", **about)
    token = AccessToken.objects.create(token_checksum=f"{next(numbers)}", expires=at, scope="openid", **about)
    refresh = RefreshToken.objects.create(token_checksum=f"{next(numbers)}", access_token=token, **about)
    AccessToken.objects.filter(pk=token.pk).update(source_refresh_token=refresh)
    return gone(row, code, token, refresh)


def token_of_a_program(at: datetime) -> Over:
    client, _secret = relying.client(cast.group(service=f"s{next(numbers)}").service)
    return gone(AccessToken.objects.create(token_checksum=f"{next(numbers)}", expires=at, application=client))


def of_client(model: Any, **fields: Any) -> Callable[[datetime], Over]:
    def make(at: datetime) -> Over:
        client, _secret = relying.client(cast.group(service=f"s{next(numbers)}").service)
        return gone(model.objects.create(client=client, digest=f"{next(numbers)}", expires=at, **fields))

    return make


def consent(at: datetime) -> Over:
    client, _secret = relying.client(cast.group(service=f"s{next(numbers)}").service)
    return gone(Consent.objects.create(client=client, login=departed(at), scopes="openid"))


def device_grant(at: datetime) -> Over:
    model = apps.get_model("oauth2_provider", "devicegrant")
    number = str(next(numbers))
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
        about = {"recipient": f"CU{next(numbers)}", "entity_number": "80216453", "kind": "locked", "day": at.date()}
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
        key = str(next(numbers))
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
    "staff_stafflogin: closed": left_with_entity,
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
