"""Who may open what: the whole table, typed out. A new address is red here until someone has thought about it.

Columns: signed out, staff, service administrator, administrator, administrator of another entity.
`in` is the redirect to the sign-in page; a status that stands twice, as `404/405`, is GET and POST.
"""

import re
from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils.html import escape

from accounts.applications import operations
from accounts.applications.models import Application
from entity_portal.audit.models import Event
from entity_portal.checks import views
from entity_portal.humancheck.models import Challenge
from entity_portal.messaging.models import SMS
from services.models import Assignment, ServiceAdministrator
from staff.models import StaffLogin
from tests import headers
from tests.accounts.applications.asking import correction
from tests.cast import Cast, EnglishReader, enter, group, login, member, service_administrator

WHO = ("nobody", "staff", "assigner", "administrator", "stranger")

# Every POST here is empty or wrong: it must change nothing, whoever sends it.
TABLE = """
home                        200/405   200/405   200/405   200/405   200/405
language                    302/302   302/302   302/302   302/302   302/302
accessibility               200/405   200/405   200/405   200/405   200/405
privacy                     200/405   200/405   200/405   200/405   200/405
healthz                     200/405   200/405   200/405   200/405   200/405
readyz                      200/405   200/405   200/405   200/405   200/405
metrics                     404/405   404/405   404/405   404/405   404/405
guide:contents              200/405   200/405   200/405   200/405   200/405
guide:heading               200/405   200/405   200/405   200/405   200/405
guide:whole                 200/405   200/405   200/405   200/405   200/405
humancheck:another          405/200   405/200   405/200   405/200   405/200
humancheck:picture          200/200   200/200   200/200   200/200   200/200
humancheck:sound            200/200   200/200   200/200   200/200   200/200
messaging:phone             200/200   200/200   200/200   200/200   200/200
messaging:twilio_status     405/404   405/404   405/404   405/404   405/404
applications:apply                      200/200   200/200   200/200   200/200   200/200
applications:apply_begin                200/200   200/200   200/200   200/200   200/200
applications:apply_entity               302/302   302/302   302/302   302/302   302/302
applications:apply_representative       302/302   302/302   302/302   302/302   302/302
applications:apply_administrators       302/302   302/302   302/302   302/302   302/302
applications:apply_administrator        302/302   302/302   302/302   302/302   302/302
applications:apply_remove_administrator 405/302   405/302   405/302   405/302   405/302
applications:apply_documents            302/302   302/302   302/302   302/302   302/302
applications:apply_remove_document      405/302   405/302   405/302   405/302   405/302
applications:apply_agreement            302/302   302/302   302/302   302/302   302/302
applications:apply_review               302/302   302/302   302/302   302/302   302/302
applications:apply_submit               405/302   405/302   405/302   405/302   405/302
applications:apply_save                 302/302   302/302   302/302   302/302   302/302
applications:apply_send_code            405/302   405/302   405/302   405/302   405/302
applications:apply_prove                302/302   302/302   302/302   302/302   302/302
applications:apply_consent              302/302   302/302   302/302   302/302   302/302
applications:apply_send_consent         405/302   405/302   405/302   405/302   405/302
applications:apply_credentials          302/302   302/302   302/302   302/302   302/302
applications:apply_done                 302/302   302/302   302/302   302/302   302/302
applications:apply_discard              302/302   302/302   302/302   302/302   302/302
applications:apply_withdraw             302/302   302/302   302/302   302/302   302/302
applications:track                      200/200   200/200   200/200   200/200   200/200
applications:track_code                 302/302   302/302   302/302   302/302   302/302
applications:track_again                405/302   405/302   405/302   405/302   405/302
applications:apply_progress             302/302   302/302   302/302   302/302   302/302
applications:apply_answer               405/302   405/302   405/302   405/302   405/302
applications:apply_leave                405/302   405/302   405/302   405/302   405/302
activation:start            200/200   200/200   200/200   200/200   200/200
activation:credentials      302/302   302/302   302/302   302/302   302/302
activation:done             302/302   302/302   302/302   302/302   302/302
staff:sign_in               200/200   302/302   302/302   302/302   302/302
staff:verify                302/302   302/302   302/302   302/302   302/302
staff:verify_send           302/302   302/302   302/302   302/302   302/302
staff:set_up_app            302/302   302/302   302/302   302/302   302/302
staff:new_password          302/302   302/302   302/302   302/302   302/302
activation:accept_terms     302/302   302/302   302/302   302/302   302/302
staff:reset_password        200/200   200/200   200/200   200/200   200/200
staff:reset_password_code   302/302   302/302   302/302   302/302   302/302
staff:reset_password_again  405/302   405/302   405/302   405/302   405/302
staff:remind_username       200/200   200/200   200/200   200/200   200/200
staff:notifications         in/in     200/405   200/405   200/405   200/405
staff:notification_choices  in/in     200/200   200/200   200/200   200/200
staff:notifications_read    in/in     405/302   405/302   405/302   405/302
staff:notification          in/in     404/405   404/405   404/405   404/405
staff:notification_toggle   in/in     405/404   405/404   405/404   405/404
staff:change_email          in/in     200/200   200/200   200/200   200/200
staff:confirm_email         410/410   410/410   410/410   410/410   410/410
admin:index                 in/in     404/404   404/404   404/404   404/404
admin:messaging_sms_changelist in/in  404/404   404/404   404/404   404/404
admin:messaging_sms_change  in/in     404/404   404/404   404/404   404/404
admin:oidc_client_changelist in/in      404/404   404/404   404/404   404/404
admin:audit_event_changelist in/in    404/404   404/404   404/404   404/404
admin:audit_event_export    in/in     404/404   404/404   404/404   404/404
admin:staff_officerrole_changelist in/in  404/404   404/404   404/404   404/404
admin:staff_officerrole_change in/in   404/404   404/404   404/404   404/404
admin:applications_application_changelist in/in 404/404 404/404 404/404 404/404
admin:applications_application_take in/in 404/404 404/404 404/404 404/404
admin:applications_application_counter in/in 404/404 404/404 404/404 404/404
admin:applications_application_fill_in in/in 404/404 404/404 404/404 404/404
admin:applications_application_review in/in 404/404 404/404 404/404 404/404
admin:applications_application_discard in/in 404/404 404/404 404/404 404/404
admin:applications_application_draft_document in/in 404/404 404/404 404/404 404/404
admin:applications_application_remove_document in/in 404/404 404/404 404/404 404/404
admin:applications_application_change in/in 404/404 404/404 404/404 404/404
admin:applications_application_claim in/in 404/404 404/404 404/404 404/404
admin:applications_application_release in/in 404/404 404/404 404/404 404/404
admin:applications_application_reveal in/in 404/404 404/404 404/404 404/404
admin:applications_application_document in/in 404/404 404/404 404/404 404/404
admin:applications_application_ask in/in 404/404 404/404 404/404 404/404
admin:applications_application_refuse in/in 404/404 404/404 404/404 404/404
admin:applications_application_approve in/in 404/404 404/404 404/404 404/404
admin:oidc_client_add       in/in     404/404   404/404   404/404   404/404
admin:oidc_client_change    in/in     404/404   404/404   404/404   404/404
admin:oidc_client_secret    in/in     404/404   404/404   404/404   404/404
admin:oidc_client_disable   in/in     404/404   404/404   404/404   404/404
admin:oidc_client_enable    in/in     404/404   404/404   404/404   404/404
admin:dashboard             in/in     404/404   404/404   404/404   404/404
admin:accounts_entity_changelist in/in     404/404   404/404   404/404   404/404
admin:accounts_entity_change in/in     404/404   404/404   404/404   404/404
admin:accounts_entity_number in/in     404/404   404/404   404/404   404/404
admin:accounts_entity_names in/in     404/404   404/404   404/404   404/404
admin:accounts_entity_suspend in/in     404/404   404/404   404/404   404/404
admin:accounts_entity_reactivate in/in     404/404   404/404   404/404   404/404
admin:accounts_entity_close in/in     404/404   404/404   404/404   404/404
admin:staff_administratorlogin_changelist in/in     404/404   404/404   404/404   404/404
admin:staff_administratorlogin_find in/in     404/404   404/404   404/404   404/404
admin:staff_administratorlogin_change in/in     404/404   404/404   404/404   404/404
admin:staff_administratorlogin_reveal in/in     404/404   404/404   404/404   404/404
admin:staff_administratorlogin_send_code in/in     404/404   404/404   404/404   404/404
admin:staff_administratorlogin_new_password in/in     404/404   404/404   404/404   404/404
admin:staff_administratorlogin_second_factor in/in     404/404   404/404   404/404   404/404
admin:accounts_registerentry_changelist in/in 404/404 404/404 404/404 404/404
admin:accounts_registerentry_change in/in 404/404 404/404 404/404 404/404
admin:accounts_registerimport_changelist in/in 404/404 404/404 404/404 404/404
admin:accounts_registerimport_add in/in 404/404 404/404 404/404 404/404
admin:accounts_registerimport_change in/in 404/404 404/404 404/404 404/404
admin:accounts_registerimport_confirm in/in 404/404 404/404 404/404 404/404
admin:accounts_registerimport_cancel in/in 404/404 404/404 404/404 404/404
admin:accounts_registertask_changelist in/in 404/404 404/404 404/404 404/404
admin:accounts_registertask_change in/in 404/404 404/404 404/404 404/404
demo_app                    200/405   200/405   200/405   200/405   200/405
styleguide                  200/405   200/405   200/405   200/405   200/405
admin:services_department_changelist in/in     404/404   404/404   404/404   404/404
admin:services_department_add in/in     404/404   404/404   404/404   404/404
admin:services_department_change in/in     404/404   404/404   404/404   404/404
admin:services_department_managers in/in     404/404   404/404   404/404   404/404
admin:services_department_revoke in/in     404/404   404/404   404/404   404/404
admin:services_eservice_changelist in/in     404/404   404/404   404/404   404/404
admin:services_eservice_add in/in     404/404   404/404   404/404   404/404
admin:services_eservice_change in/in     404/404   404/404   404/404   404/404
admin:services_eservice_withdraw in/in     404/404   404/404   404/404   404/404
admin:services_eservice_reopen in/in     404/404   404/404   404/404   404/404
admin:services_eservice_open in/in     404/404   404/404   404/404   404/404
admin:services_eservice_open_kind in/in     404/404   404/404   404/404   404/404
admin:services_eservice_open_file in/in     404/404   404/404   404/404   404/404
admin:services_servicegroup_changelist in/in     404/404   404/404   404/404   404/404
admin:services_servicegroup_add in/in     404/404   404/404   404/404   404/404
admin:services_servicegroup_change in/in     404/404   404/404   404/404   404/404
admin:services_servicegroup_withdraw in/in     404/404   404/404   404/404   404/404
admin:services_servicegroup_reopen in/in     404/404   404/404   404/404   404/404
admin:services_servicegroup_merge in/in     404/404   404/404   404/404   404/404
admin:services_opening_changelist in/in     404/404   404/404   404/404   404/404
admin:services_opening_csv  in/in     404/404   404/404   404/404   404/404
admin:services_opening_change in/in     404/404   404/404   404/404   404/404
admin:services_errand_changelist in/in     404/404   404/404   404/404   404/404
admin:services_errand_change in/in     404/404   404/404   404/404   404/404
admin:services_errand_confirm in/in     404/404   404/404   404/404   404/404
sandbox:home                200/405   200/405   200/405   200/405   200/405
sandbox:enter               405/403   405/403   405/403   405/403   405/403
sandbox:callback            403/405   403/405   403/405   403/405   403/405
sandbox:refresh             405/302   405/302   405/302   405/302   405/302
sandbox:leave               405/302   405/302   405/302   405/302   405/302
sandbox:backchannel         405/400   405/400   405/400   405/400   405/400
oidc:discovery              200/405   200/405   200/405   200/405   200/405
oidc:metadata               200/405   200/405   200/405   200/405   200/405
oidc:jwks                   200/405   200/405   200/405   200/405   200/405
oidc:authorize              400/302   400/302   400/302   400/302   400/302
oidc:decide                 405/400   405/400   405/400   405/400   405/400
oidc:leave_service          in/in     405/404   405/404   405/404   405/404
oidc:par                    405/401   405/401   405/401   405/401   405/401
oidc:token                  405/400   405/400   405/400   405/400   405/400
oidc:userinfo               401/401   401/401   401/401   401/401   401/401
oidc:introspect             405/401   405/401   405/401   405/401   405/401
oidc:revoke                 405/400   405/400   405/400   405/400   405/400
oidc:end_session            302/302   200/302   200/302   200/302   200/302
oidc:sign_out               405/302   405/302   405/302   405/302   405/302
account                     in/in     200/405   200/405   200/405   200/405
staff:change_password       in/in     200/200   200/200   200/200   200/200
staff:confirm               in/in     200/200   200/200   200/200   200/200
staff:security              in/in     200/405   200/405   200/405   200/405
staff:begin_app             in/in     405/302   405/302   405/302   405/302
staff:app                   in/in     302/302   302/302   302/302   302/302
staff:replace_app           in/in     200/200   200/200   200/200   200/200
staff:remove_app            in/in     200/200   200/200   200/200   200/200
staff:recovery_codes        in/in     302/302   302/302   302/302   302/302
staff:new_recovery_codes    in/in     200/200   200/200   200/200   200/200
staff:end_other_sessions    in/in     405/302   405/302   405/302   405/302
staff:end_session           in/in     405/404   405/404   405/404   405/404
staff:session               in/in     200/200   200/200   200/200   200/200
entity                      in/in     404/404   404/404   200/405   200/405
staff:entity_security       in/in     404/404   404/404   200/200   200/200
staff:list                  in/in     404/404   404/404   200/302   200/302
staff:export                in/in     404/404   404/404   200/405   200/405
staff:history               in/in     404/404   404/404   200/405   200/405
staff:history_export        in/in     404/404   404/404   200/405   200/405
applications:requests_export in/in    404/404   404/404   200/405   200/405
staff:new                   in/in     404/404   404/404   200/200   200/200
activation:send_codes       in/in     404/404   404/404   405/302   405/302
activation:create_and_send  in/in     404/404   404/404   405/200   405/200
person                      in/in     404/404   404/404   200/405   404/404-405
staff:edit                  in/in     404/404   404/404   200/200   404/404
depart                      in/in     404/404   404/404   200/200   404/404
staff:remove_administrator  in/in     404/404   404/404   200/200   404/404
staff:reveal                in/in     404/404   404/404   405/302   404-405/404
activation:send_code        in/in     404/404   404/404   405/302   404-405/404
applications:administrators in/in     404/404   404/404   200/405   200/405
applications:administrators_choose in/in 404/404 404/404  302/302   302/302
applications:administrators_new in/in 404/404   404/404   302/302   302/302
applications:administrators_person in/in 404/404 404/404  404/404   404/404
applications:administrators_representative in/in 404/404 404/404 404/404 404/404
applications:administrators_documents in/in 404/404 404/404 404/404 404/404
applications:administrators_agreement in/in 404/404 404/404 404/404 404/404
applications:administrators_review in/in 404/404 404/404  404/404   404/404
applications:administrators_discard in/in 404/404 404/404 405/404   405/404
applications:administrators_proof in/in 404/404 404/404   404/405   404/405
applications:administrators_consent in/in 404/404 404/404 404/404   404/404
applications:send_consent   in/in     404/404   404/404   405/404   405/404
applications:requests       in/in     404/404   404/404   200/405   200/405
applications:request        in/in     404/405   404/405   200/405   404/405
applications:request_answer in/in     405/404   405/404   405/302   405/404
applications:request_documents in/in  405/404   405/404   405/302   405/404
applications:request_document in/in   404/405   404/405   404/405   404/405
applications:request_document_remove in/in 405/404 405/404 405/404  405/404
applications:request_withdraw in/in   404/404   404/404   200/302   404/404
applications:correction_changes in/in 404/404   404/404   302/302   404/404
applications:correction_review in/in  404/404   404/404   302/302   404/404
applications:correction_discard in/in 405/404   405/404   405/404   405/404
applications:own_correction in/in     200/200   200/200   200/200   200/200
applications:correction     in/in     404/404   404/404   302/302   404/404
services:list               in/in     404/404   200/405   200/405   200/405
services:service            in/in     404/404   200/405   200/405   404/404-405
services:group              in/in     404/404   200/405   200/405   404/404-405
services:export_group       in/in     404/404   200/405   200/405   404/404-405
services:edit_group         in/in     404/404   200/302   200/302   404/404
services:dates              in/in     404/404   200/200   200/200   404/404
services:administrators     in/in     404/404   404/404   200/302   200/302
services:administrator      in/in     404/404   404/404   200/200   404/404
api:authorizations          401/405   401/405   401/405   401/405   401/405
api:authorization           401/405   401/405   401/405   401/405   401/405
api:changes                 401/405   401/405   401/405   401/405   401/405
api:schema                  200/405   200/405   200/405   200/405   200/405
staff:sign_out              405/302   405/302   405/302   405/302   405/302
"""
FOR_EVERYBODY = {"api:schema", "oidc:discovery", "oidc:metadata", "oidc:jwks"}  # the same for all, and nobody's
FOR_ALL = {"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"}
EXPECTED = {line.split()[0]: dict(zip(WHO, line.split()[1:], strict=True)) for line in TABLE.strip().splitlines()}

# Addresses about someone, or something, of an entity.
ABOUT_A_PERSON = (
    "person",
    "staff:edit",
    "depart",
    "staff:remove_administrator",
    "staff:reveal",
    "activation:send_code",
    "services:administrator",
    "applications:correction",
)
ABOUT_A_SERVICE = (
    "services:service",
    "services:group",
    "services:export_group",
    "services:edit_group",
    "services:dates",
)

OF_AN_APPLICATION = (
    *("applications:request", "applications:correction_", "applications:administrators_"),
    "applications:send_consent",
)
WITHOUT_A_NUMBER = {
    "applications:requests",
    "applications:requests_export",
    "applications:administrators_choose",
    "applications:administrators_new",
}


def arguments(name: str, euid: str) -> dict[str, str]:
    if name in ABOUT_A_PERSON:
        return {"euid": euid}
    if name in ("services:service", "oidc:leave_service"):
        return {"service": "entry-declaration"}
    if name == "services:dates":
        return {"service": "entry-declaration", "group": "operators", "euid": euid}
    if name in ABOUT_A_SERVICE:
        return {"service": "entry-declaration", "group": "operators"}
    officers = ("oidc_client_", "accounts_entity_", "accounts_register", "staff_administratorlogin_", "services_")
    ours = name.startswith(tuple(f"admin:{each}" for each in officers))
    if ours and not name.endswith(("list", "_add", "_csv", "find")):
        return {"object_id": "0"}
    if name.startswith("humancheck:") and name != "humancheck:another":
        return {"key": "a-question"}
    if name.startswith(OF_AN_APPLICATION) and name not in WITHOUT_A_NUMBER:
        document = {"pk": "0"} if name.startswith("applications:request_document") and "documents" not in name else {}
        return {"number": Application.objects.values_list("number", flat=True).last() or "AP000000000", **document}
    if name.startswith("admin:applications_application_"):
        page = name.removeprefix("admin:applications_application_")
        about = {} if page in ("changelist", "take", "counter") else {"number": "AP000000003"}
        return about | ({"pk": "1"} if page.endswith("document") else {})
    more = {
        "api:authorization": {"subject": euid},
        "applications:apply_administrator": {"place": "1"},
        "applications:apply_remove_administrator": {"place": "2"},
        "applications:apply_remove_document": {"pk": "1"},
        "guide:heading": {"slug": "log-in"},
        "language": {"code": "xx"},
        "staff:end_session": {"key": "none"},
        "staff:notification": {"pk": "1"},
        "staff:confirm_email": {"token": "none"},
        "admin:staff_officerrole_change": {"euid": euid},
        "admin:messaging_sms_change": {"object_id": "00000000-0000-0000-0000-000000000000"},
        "staff:notification_toggle": {"pk": "1"},
        "messaging:twilio_status": {"sms_id": "00000000-0000-0000-0000-000000000000"},
    }
    return more.get(name, {})


def set_up(company: Cast) -> None:
    """Work for the person whom the addresses are about: a service group, and the power to assign.

    The application is a correction of the administrator's own data, submitted.
    """
    member(group(open_to=company.entity), company.pending)
    service_administrator(company.pending)
    operations.submit(
        application=correction(company.administrator, company.administrator, name_zh="新名"), by=company.administrator
    )


def ask(name: str) -> None:
    """A question for the address to show, where it shows one."""
    kind = {"humancheck:picture": "picture", "humancheck:sound": "audio"}.get(name)
    if kind:
        Challenge.objects.create(key="a-question", kind=kind, task="123456")


def browser(who: str, company: Cast, other: Cast) -> EnglishReader:
    people = {
        "nobody": None,
        "staff": company.staff,
        "administrator": company.administrator,
        "stranger": other.administrator,
    }
    if who == "assigner":
        return enter(service_administrator(login(entity=company.entity)))
    return enter(people[who])


def twin(signed_in: EnglishReader) -> EnglishReader:
    """The same session in a browser of its own: who leaves in one of them has not left in the next."""
    other = EnglishReader()
    other.cookies = deepcopy(signed_in.cookies)
    return other


def said(answer: Any) -> str:
    to_the_door = answer.status_code == 302 and answer["Location"].startswith("/login/?next=")
    return "in" if to_the_door else str(answer.status_code)


def fits(status: str, expected: str) -> bool:
    return status in expected.split("-")


def odd(answer: Any, name: str) -> list[str]:
    """What an answer's headers lack; whatever somebody was shown is kept in no cache."""
    if not getattr(answer, "for_everybody", False):
        return headers.faults(answer.headers)
    told = {header: answer.headers.get(header) for header in FOR_ALL}
    return [] if name in FOR_EVERYBODY and told == FOR_ALL else [f"is for everybody: {told}"]


@pytest.mark.parametrize("name", EXPECTED)
def test_each_address_answers_each_person_as_the_table_says_A54_A55_A65_A75(
    company: Cast, other: Cast, name: str
) -> None:
    set_up(company)
    ask(name)
    address = reverse(name, kwargs=arguments(name, company.pending.euid))
    wrong = []
    for who in WHO:
        signed_in = browser(who, company, other)
        for method, expected in zip(("get", "post"), EXPECTED[name][who].split("/"), strict=True):
            with transaction.atomic():  # each comes to the same house, built once
                answer = getattr(twin(signed_in), method)(address)
                transaction.set_rollback(True)
            faults = [] if fits(said(answer), expected) else [f"{said(answer)}, not {expected}"]
            wrong += [f"{who}, {method} {address}: {fault}" for fault in faults + odd(answer, name)]
    assert wrong == []


def names() -> set[str]:
    """Every name under which the resolver knows an address, with its namespace."""

    def walk(patterns: list[Any], space: str = "") -> set[str]:
        found: set[str] = set()
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                found |= walk(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
            else:
                found.add(f"{space}{pattern.name}")
        return found

    return walk(get_resolver().url_patterns)


def test_the_table_names_every_address_of_the_portal() -> None:
    assert names() == set(EXPECTED)
    assert len(list(views())) == len(EXPECTED)


def state() -> list[Any]:
    tables = (StaffLogin, SMS, Event, Assignment, ServiceAdministrator)
    return [list(table.objects.order_by("pk").values()) for table in tables]


FORMS = {"status": "departed", "what": "document", "login": "CU0000000000", "email": "x@example.mo"}


@pytest.mark.parametrize("name", [*ABOUT_A_PERSON, *ABOUT_A_SERVICE])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "patch"])
def test_what_is_foreign_cannot_be_told_from_what_does_not_exist_A48_A49(
    company: Cast, other: Cast, name: str, method: str
) -> None:
    member(group(open_to=company.entity), company.staff)
    service_administrator(company.staff)
    client = enter(other.administrator)
    before = state()
    foreign = reverse(name, kwargs=arguments(name, company.staff.euid))
    unknown = foreign.replace(company.staff.euid, "CU0000000000").replace("entry-declaration", "no-such-thing")
    data = {**FORMS, "login": company.staff.euid, "was": company.staff.euid}
    answers = [getattr(client, method)(address, data if method == "post" else None) for address in (foreign, unknown)]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].status_code in {404, 405}
    pages = [
        re.sub(rf"{company.staff.euid}|CU0000000000|entry-declaration|no-such-thing", "X", answer.content.decode())
        for answer in answers
    ]
    strip = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
    assert strip.sub("", pages[0]) == strip.sub("", pages[1])
    assert state() == before


@pytest.mark.parametrize("who", ["staff", "assigner"])
@pytest.mark.parametrize("name", ABOUT_A_PERSON)
def test_whoever_is_no_administrator_sees_what_does_not_exist_and_changes_nothing_A54_A55(
    company: Cast, other: Cast, name: str, who: str
) -> None:
    set_up(company)
    client = browser(who, company, other)
    before = state()
    address = reverse(name, kwargs={"euid": company.pending.euid})
    nowhere = client.get("/no/such/page/")
    for answer in (client.get(address), client.post(address, FORMS)):
        assert answer.status_code == nowhere.status_code == 404
    assert state() == before


@pytest.mark.parametrize(
    "address",
    [
        "/staff/CU12345678901234567890/",
        "/staff/%00/",
        "/staff/'%20OR%201=1/",
        "/staff/１/",
        "/staff/../staff/",
        "/staff/-1/edit/",
        "/staff/99999999999999999999/status/",
        "/services/%00/",
        "/services/a/b/c/d/",
    ],
)
def test_odd_addresses_are_answered_and_are_never_a_fault_A81_A89_A90(company: Cast, address: str) -> None:
    assert enter(company.administrator).get(address).status_code in {400, 404}


@pytest.mark.parametrize("address", ["/?q=%00", "/staff/?q=%00", "/staff/?a%00=1", "/login/?next=%00"])
def test_a_nul_in_the_address_is_a_bad_request_A81(company: Cast, address: str) -> None:
    assert enter(company.administrator).get(address).status_code == 400
    assert enter().get(address).status_code == 400


@pytest.mark.parametrize("address", ["/", "/login/", "/activate/", "/nowhere/", "/account/", "/staff/"])
def test_no_page_is_framed_or_takes_anything_from_elsewhere_A76(company: Cast, address: str) -> None:
    answer = enter(company.administrator).get(address)
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "%s%n${jndi:x}", "{% now 'Y' %}"]
)
def test_names_are_words_on_every_page_and_nothing_else_A77_A91(company: Cast, text: str) -> None:
    company.pending.name_zh = company.pending.name_foreign = text
    company.pending.save()
    member(group(open_to=company.entity), company.pending)
    client = Client()  # not the reader, which takes braces for something forgotten
    client.force_login(company.administrator)
    about = f"/staff/{company.pending.euid}/"
    service_administrator(company.pending)
    place, powers = "/services/entry-declaration/operators/", "/entity/service-admins/"
    addresses = ["/staff/", about, f"{about}edit/", f"{about}status/", place, f"{place}{company.pending.euid}/", powers]
    for address in [*addresses, f"{place}edit/", f"{powers}{company.pending.euid}/"]:
        html = client.get(address).content.decode()
        assert escape(text) in html, address
        assert escape(text) == text or text not in html, address


def test_what_is_not_utf8_or_has_nul_anywhere_is_a_bad_request_and_takes_no_strike_A81_A82(company: Cast) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="entity_number"\r\n\r\n%s\r\n'
        b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nao.hoiian\r\n'
        b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n\\ud800\r\n--x--\r\n'
    ) % company.entity.number.encode()
    for charset in ("unicode_escape", "utf-7"):
        answer = enter().post("/login/", data=body, content_type=f"multipart/form-data; boundary=x; charset={charset}")
        assert answer.status_code == 400
    company.staff.refresh_from_db()
    assert company.staff.failed_attempts == 0
    for next_page in ("foo", "staff:list", "//evil.example", "https://evil.example/"):
        assert enter().get("/language/pt/", {"next": next_page}).headers["Location"] == "/"
