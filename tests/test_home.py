"""首頁 and 帳戶資料: what a person finds who has just come in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from activation.models import ActivationCode
from activation.operations import send_code
from entity_portal.messaging.models import SMS
from services.models import Opening, OpeningStatus
from staff.models import StaffLogin, Status
from tests.cast import Cast, enter, group, login, member, service_administrator
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
