"""首頁 and 帳戶資料: what a person finds who has just come in."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.applications import operations as applications
from accounts.applications.models import Application, Reason
from activation.models import ActivationCode
from activation.operations import send_code
from entity_portal import retention
from entity_portal.messaging.models import SMS
from entity_portal.roles import Role
from services.models import Opening, OpeningStatus
from staff.models import StaffLogin, Status
from staff.models.session import ABSOLUTE, IDLE
from staff.operations import ask_email_change
from staff.views.door import KNOWN
from tests.accounts.applications.asking import correction
from tests.cast import PASSWORD, Cast, enter, group, login, member, officer_login, service_administrator
from tests.pages import text_of


def test_signed_out_it_shows_the_ways_in(db: None) -> None:
    html = enter().get("/").content.decode()
    for address in ("/login/", "/activate/", "/apply/"):
        assert f'href="{address}"' in html
    assert 'href="/staff/"' not in html


def test_the_legal_basis_is_on_every_page_S1_1(company: Cast) -> None:
    for client in (enter(), enter(company.staff)):
        for address in ("/", "/apply/", "/nowhere/"):
            page = text_of(client.get(address))
            assert "35/2018" in page
            assert "301/2018" in page


def test_an_administrator_is_told_who_is_not_activated_and_how_many_there_are(company: Cast) -> None:
    login(entity=company.entity, failed_attempts=5, username="locked.one")
    page = enter(company.administrator).get("/")
    assert "1 staff login is not activated yet" in text_of(page)
    assert "No activation code is open." in text_of(page)
    assert [(row["label"], row["n"]) for row in page.context["stats"]] == [
        ("Active", 3),
        ("Not activated", 1),
        ("Locked", 1),
        ("Administrators", 1),
        ("Service administrators", 0),
    ]
    assert 'href="/staff/?status=pending"' in page.content.decode()


def test_an_administrator_is_told_of_texts_that_did_not_arrive(company: Cast) -> None:
    send_code(login=company.pending, by=company.administrator)
    page = text_of(enter(company.administrator).get("/"))
    assert "The first code expires at" in page
    assert "not delivered" not in page
    SMS.objects.update(status="sending", claimed_at=timezone.now())
    SMS.objects.update(status="failed", body="", finished_at=timezone.now(), reason="not_mobile")
    answer = enter(company.administrator).get("/")
    assert "1 activation code SMS was not delivered" in text_of(answer)
    assert "HO CHI HIN" in text_of(answer)
    assert "HO CHI HIN : This number cannot receive SMS." in text_of(answer)
    assert f'href="/staff/{company.pending.euid}/#activation"' in answer.content.decode()


def test_what_was_sent_anew_is_no_longer_reported(company: Cast) -> None:
    send_code(login=company.pending, by=company.administrator)
    SMS.objects.update(status="sending", claimed_at=timezone.now())
    SMS.objects.update(status="failed", body="", finished_at=timezone.now())
    ActivationCode.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    send_code(login=company.pending, by=company.administrator)
    assert "not delivered" not in text_of(enter(company.administrator).get("/"))


def test_others_do_not_see_what_is_for_administrators(company: Cast) -> None:
    for person in (company.staff, service_administrator(login(entity=company.entity))):
        page = enter(person).get("/")
        assert page.context["todo"] == page.context["stats"] == []
        assert 'href="/staff/"' not in page.content.decode()
    assert "CHAN WENG SAN" in text_of(enter(company.staff).get("/")), "whom to ask"


def test_my_services_are_those_in_force_now(company: Cast) -> None:
    place = group(open_to=company.entity)
    person = enter(company.staff)
    assert "No e-service is assigned to you yet" in text_of(person.get("/"))
    member(place, company.staff)
    page = text_of(person.get("/"))
    assert "Declaration of employment" in page
    assert "Operators" in page
    Opening.objects.update(status=OpeningStatus.SUSPENDED)
    assert "Declaration of employment" not in text_of(person.get("/"))


def test_nothing_of_another_entity_is_counted_or_named(company: Cast, other: Cast) -> None:
    for _person in range(3):
        login(entity=other.entity, status=Status.PENDING, name_zh="外人")
    page = enter(company.administrator).get("/")
    assert "1 staff login is not activated yet" in text_of(page)
    assert "外人" not in text_of(page)


@pytest.mark.parametrize(
    ("who", "seen", "unseen"),
    [
        ("staff", {"/account/", "/account/password/"}, {"/staff/", "/services/"}),
        ("assigner", {"/account/", "/services/"}, {"/staff/"}),
        ("administrator", {"/account/", "/staff/", "/services/"}, set()),
    ],
)
def test_the_menu_has_what_one_may_open_and_nothing_else(
    company: Cast, who: str, seen: set[str], unseen: set[str]
) -> None:
    people = {
        "staff": company.staff,
        "administrator": company.administrator,
        "assigner": service_administrator(login(entity=company.entity)),
    }
    html = enter(people[who]).get("/account/").content.decode()
    for address in seen:
        assert f'href="{address}"' in html
    for address in unseen:
        assert f'href="{address}"' not in html


def test_account_data_show_the_euid_S7_1_S7_2(company: Cast) -> None:
    page = text_of(enter(company.staff).get("/account/"))
    for datum in (company.staff.euid, "ao.hoiian", company.entity.number, "歐凱欣"):
        assert datum in page


def test_the_language_is_kept_on_the_login_and_found_again_at_the_door(company: Cast) -> None:
    person = enter(company.staff)
    answer = person.get("/language/pt/", {"next": "/account/"})
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert StaffLogin.objects.get(pk=company.staff.pk).language == "pt"
    assert 'lang="pt"' in person.get("/account/").content.decode()
    assert person.get("/language/xx/").status_code == 302
    assert StaffLogin.objects.get(pk=company.staff.pk).language == "pt"


# --- what waits, in order of harm ---


def titles(person: StaffLogin) -> list[str]:
    return [f"{row['n']} {row['title']}" for row in enter(person).get("/").context["todo"]]


def everything(company: Cast) -> None:
    """One of each thing that can wait for an administrator."""
    place = group(open_to=company.entity)
    assert place.assignments.count() == 0
    login(entity=company.entity, failed_attempts=5, username="locked.one")
    send_code(login=company.pending, by=company.administrator)
    SMS.objects.update(status="sending", claimed_at=timezone.now())
    SMS.objects.update(status="failed", body="", finished_at=timezone.now(), reason="not_mobile")
    late = login(entity=company.entity, status=Status.PENDING, mobile="+85366880099")
    send_code(login=late, by=company.administrator)
    ActivationCode.objects.filter(login=late).update(expires_at=timezone.now() + timedelta(hours=3))
    ask_email_change(login=company.administrator, email="new@example.mo", by=company.administrator)
    for person in (company.administrator, company.staff):
        application = correction(person, company.administrator, name_zh="新名")
        applications.submit(application=application, by=company.administrator)
    officer = officer_login(Role.REGISTRAR)
    asked = applications.claim(application=Application.objects.get(login=company.staff), by=officer)
    applications.ask(application=asked, by=officer, reason=Reason.DOCUMENT_MISSING)


def test_an_administrator_reads_first_what_harms_most(company: Cast) -> None:
    everything(company)
    assert titles(company.administrator) == [
        "1 activation code SMS was not delivered",
        "1 application needs more information",
        "1 staff login is locked",
        "1 activation code expires within 24 hours",
        "2 staff logins are not activated yet",
        "1 e-service is open to your entity, and nobody is assigned to it",
        "1 new e-mail address of yours is not confirmed",
    ]


def test_what_officers_are_doing_stands_apart_and_is_not_counted(company: Cast) -> None:
    everything(company)
    page = text_of(enter(company.administrator).get("/"))
    assert "7 matters are waiting for you" in page
    assert page.index("Waiting for you") < page.index("Going on") < page.index("application in progress")


def test_a_code_expires_soon_within_a_day_and_names_its_person(company: Cast) -> None:
    send_code(login=company.pending, by=company.administrator)
    hour = timedelta(hours=1)
    for left, told in ((25 * hour, False), (23 * hour, True), (-hour, False)):
        ActivationCode.objects.update(expires_at=timezone.now() + left)
        answer = enter(company.administrator).get("/")
        assert ("1 activation code expires within 24 hours" in text_of(answer)) is told
    assert "No activation code is open." in text_of(answer)


def test_who_waits_without_a_code_that_works_is_counted(company: Cast) -> None:
    login(entity=company.entity, status=Status.PENDING)
    send_code(login=company.pending, by=company.administrator)
    assert "1 of them has no activation code that works." in text_of(enter(company.administrator).get("/"))
    ActivationCode.objects.update(tries=5)
    assert "No activation code is open." in text_of(enter(company.administrator).get("/"))


def test_others_read_what_they_may_do_something_about_and_no_more(company: Cast) -> None:
    everything(company)
    assigner = service_administrator(login(entity=company.entity))
    assert titles(company.staff) == ["1 application needs more information"]
    assert titles(assigner) == ["1 e-service is open to your entity, and nobody is assigned to it"]
    assert "you assign people to 1 e-service" in text_of(enter(assigner).get("/"))
    member(group(), company.staff)
    assert titles(assigner) == []


def test_an_e_service_that_is_not_open_waits_for_nobody(company: Cast) -> None:
    group(open_to=company.entity)
    Opening.objects.update(status=OpeningStatus.SUSPENDED)
    assert not any("e-service" in title for title in titles(company.administrator))


def test_a_sole_administrator_is_told_what_that_means_S3_4(company: Cast) -> None:
    sentence = "You are the only administrator who can log in."
    assert sentence in text_of(enter(company.administrator).get("/"))
    second = login(entity=company.entity, is_administrator=True, name_foreign="LEI MEI LENG")
    assert sentence not in text_of(enter(company.administrator).get("/"))
    StaffLogin.objects.filter(pk=second.pk).update(failed_attempts=5, locked_at=timezone.now())
    assert sentence in text_of(enter(company.administrator).get("/"))
    assert sentence not in text_of(enter(company.staff).get("/"))


def test_staff_find_their_own_data_on_the_home_page(company: Cast) -> None:
    page = text_of(enter(company.staff).get("/"))
    for datum in ("My data", company.staff.euid, "ao.hoiian", company.staff.masked_mobile):
        assert datum in page
    assert company.staff.mobile not in page


# --- statements ---


@pytest.mark.parametrize(("address", "made"), [("/accessibility/", "2026-11-29"), ("/privacy/", "2026-11-30")])
def test_the_statements_are_linked_from_every_page_and_dated(company: Cast, address: str, made: str) -> None:
    for client in (enter(), enter(company.staff)):
        for page in ("/", "/apply/", "/nowhere/", address):
            assert f'href="{address}"' in client.get(page).content.decode()
        assert f"This statement was made on {made}" in text_of(client.get(address))


def test_the_privacy_statement_names_every_cookie_that_is_set(company: Cast, settings: Any) -> None:
    client = enter()
    client.post("/login/", {"entity_number": company.entity.number, "username": "ao.hoiian", "password": PASSWORD})
    client.get("/language/pt/")
    assert set(client.cookies) >= {settings.SESSION_COOKIE_NAME, settings.KNOWN_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    html = enter().get("/privacy/").content.decode()
    assert [name for name in client.cookies if f"<code>{name}</code>" not in html] == []


def test_what_the_privacy_statement_promises_is_what_the_code_does() -> None:
    """Change the statement with these."""
    assert (timedelta(minutes=30), timedelta(hours=8)) == (IDLE, ABSOLUTE)
    assert timedelta(days=90) == KNOWN
    assert retention.period("over") < timedelta(hours=20), "in the following night"
    assert retention.period("departed_access") <= timedelta(days=1), "within two days"
    going = {str(rule): rule.after for rule in retention.rules()}
    assert going["staff_stafflogin: access"] == "departed_access"
    assert going["staff_stafflogin: identity"] == "departed"
    assert going["applications_document: decided"] == "documents"
    assert going["applications_application: not_approved"] == "applications"
    assert going["applications_application: approved"] == "applications"
    assert going["applications_application: draft"] == "draft"
    assert going["messaging_notification: read"] == "read"
    assert going["messaging_sms: finished"] == "texts"


def test_the_privacy_statement_names_the_periods_that_are_set(settings: Any) -> None:
    settings.RETENTION = {"departed": 3650, "draft": 31}
    shown = text_of(enter().get("/privacy/"))
    assert "deleted 3,650 days after the person has left" in shown
    assert "deleted 365 days after the decision; what was filled in about people after 730 days" in shown
    assert "filling in is deleted after 31 days" in shown
    assert "deleted 180 days after it was read" in shown
