"""Sessions: seen, ended, timed out, never brought back (A68 to A71); and the password again (ASVS 7.5.3)."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import InterfaceError, InternalError, OperationalError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Entity
from entity_portal.audit.models import Event
from staff import operations, sessions
from staff.models import Session, StaffLogin
from staff.models.session import SessionStore, digest
from tests.cast import PASSWORD, Cast, enter, login, promote
from tests.pages import text_of

SECURITY, ASK = "/account/security/", "/account/session/"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
PHONE = "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0"


def come_in(house: Cast, person: StaffLogin, agent: str = CHROME, address: str = "203.0.113.9") -> Client:
    client = enter()
    client.defaults |= {"HTTP_USER_AGENT": agent, "REMOTE_ADDR": address}
    data = {"entity_number": house.entity.number, "username": person.username, "password": PASSWORD}
    assert client.post("/login/", data).status_code == 302
    return client


def inside(client: Client) -> bool:
    return client.get("/account/").status_code == 200


# --- how long ---


@pytest.mark.parametrize(("used", "stays"), [(timedelta(minutes=28, seconds=59), True), (timedelta(minutes=30), False)])
def test_half_an_hour_without_use_ends_a_session_A71(
    company: Cast, time_machine: Any, used: timedelta, stays: bool
) -> None:
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    client = come_in(company, company.staff)
    time_machine.shift(timedelta(seconds=59))
    assert inside(client), "used again within the minute, which writes nothing"
    time_machine.move_to(now + timedelta(seconds=59) + used, tick=False)
    assert inside(client) is stays


def test_use_puts_the_end_off_but_after_eight_hours_it_comes_A71(company: Cast, time_machine: Any) -> None:
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    client = come_in(company, company.staff)
    for quarter in range(1, 32):
        time_machine.move_to(now + timedelta(minutes=15 * quarter), tick=False)
        assert inside(client), quarter
    time_machine.move_to(now + timedelta(hours=8) - timedelta(seconds=1), tick=False)
    assert inside(client)
    time_machine.move_to(now + timedelta(hours=8), tick=False)
    assert not inside(client)


def test_a_page_more_often_than_once_a_minute_writes_nothing(
    company: Cast, time_machine: Any, django_assert_num_queries: Any
) -> None:
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    client = come_in(company, company.staff)
    client.get(ASK)
    row = Session.objects.get(login=company.staff)
    time_machine.shift(timedelta(seconds=59))
    client.get("/account/")
    assert Session.objects.get(pk=row.pk).used_at == row.used_at
    time_machine.shift(timedelta(seconds=1))
    client.get("/account/")
    assert Session.objects.get(pk=row.pk).used_at == now + timedelta(minutes=1)


def test_the_page_can_ask_how_long_without_keeping_it_alive_and_the_person_can_stay_WCAG_2_2_1(
    company: Cast, time_machine: Any
) -> None:
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    client = come_in(company, company.staff)
    time_machine.shift(timedelta(minutes=26))
    assert client.get(ASK).json() == {"seconds": 4 * 60, "extendable": True}
    assert client.get(ASK).json() == {"seconds": 4 * 60, "extendable": True}
    assert client.post(ASK).json() == {"seconds": 30 * 60, "extendable": True}
    time_machine.move_to(now + timedelta(minutes=55), tick=False)
    assert inside(client)
    assert 'data-seconds="1800"' in client.get("/account/").content.decode()
    for half_hour in range(2, 17):
        time_machine.move_to(now + timedelta(minutes=29 * half_hour), tick=False)
        client.get("/account/")
    assert client.get(ASK).json() == {"seconds": 16 * 60, "extendable": False}


def test_the_cookie_ends_with_the_browser(company: Cast) -> None:
    client = come_in(company, company.staff)
    cookie = client.cookies["sessionid"]
    assert (cookie["expires"], cookie["max-age"]) == ("", "")
    assert cookie["httponly"]


# --- at rest ---


def test_whoever_reads_the_table_cannot_enter_with_it(company: Cast) -> None:
    client = come_in(company, company.staff)
    key = client.cookies["sessionid"].value
    row = Session.objects.get(login=company.staff)
    assert key not in f"{row.session_key} {row.session_data}"
    thief = enter()
    thief.cookies["sessionid"] = row.session_key
    assert not inside(thief)
    assert row.session_key == digest(key)


def test_a_key_that_the_server_did_not_make_begins_nothing_A17(company: Cast) -> None:
    thief = enter()
    thief.cookies["sessionid"] = "chosen-by-somebody-else-0123456789"
    data = {"entity_number": company.entity.number, "username": "ao.hoiian", "password": PASSWORD}
    thief.post("/login/", data)
    assert not SessionStore().exists("chosen-by-somebody-else-0123456789")
    assert thief.cookies["sessionid"].value != "chosen-by-somebody-else-0123456789"


# --- how they end ---


def test_departure_ends_every_session_in_the_same_transaction_A63_A68(company: Cast) -> None:
    clients = [come_in(company, company.staff) for _browser in range(2)]
    operations.depart(login=company.staff, by=company.administrator)
    assert not company.staff.sessions.exists()
    assert not any(map(inside, clients))


def test_the_loss_of_the_administrator_power_ends_every_session(company: Cast) -> None:
    second = login(entity=company.entity, username="second.one", is_administrator=True)
    client = come_in(company, second)
    operations.remove_administrator(login=second, by=company.administrator)
    assert not inside(client)
    assert inside(come_in(company, second)), "the login itself stays"


def test_the_suspension_of_the_entity_ends_the_sessions_of_its_people_for_good(company: Cast, other: Cast) -> None:
    here, there = come_in(company, company.staff), come_in(other, other.staff)
    Entity.objects.filter(pk=company.entity.pk).update(status="suspended")
    assert not inside(here)
    Entity.objects.filter(pk=company.entity.pk).update(status="active")
    assert not inside(here), "it does not come back with the entity"
    assert inside(there)


@pytest.mark.django_db(transaction=True)
def test_the_database_ends_sessions_for_whoever_goes_past_the_operations(company: Cast) -> None:
    second = login(entity=company.entity, username="second.one", is_administrator=True)
    for change in (
        {"status": "departed", "departed_at": timezone.now()},
        {"is_administrator": False},
        {"is_staff": False},
    ):
        if "is_staff" in change:
            promote(second)
        person = company.staff if "status" in change else second
        come_in(company, person) if "is_staff" not in change else Session.objects.create(
            session_key="x", login=person, since=timezone.now(), used_at=timezone.now(), expire_date=timezone.now()
        )
        assert person.sessions.exists()
        with transaction.atomic():
            StaffLogin.objects.filter(pk=person.pk).update(**change)
        assert not person.sessions.exists(), change


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one_A69(company: Cast) -> None:
    here, elsewhere = come_in(company, company.staff), come_in(company, company.staff)
    new = {"new_password": "Another2026x", "new_password_again": "Another2026x"}
    here.post("/account/password/", {"old_password": PASSWORD, **new})
    assert company.staff.sessions.count() == 1, "at once, and not only when it is used again"
    assert (inside(here), inside(elsewhere)) == (True, False)


def test_a_reset_ends_every_session_A69(company: Cast) -> None:
    from uuid import UUID

    from tests.cast import BIRTH_DATE

    client = come_in(company, company.staff)
    row = operations.send_reset_code(
        entity_number=company.entity.number, username="ao.hoiian", birth_date=BIRTH_DATE, request=UUID(int=1)
    )
    assert row
    operations.reset_password(row=row, new="Another2026x")
    assert not company.staff.sessions.exists()
    assert not inside(client)


def test_logging_out_ends_the_row_A70(company: Cast) -> None:
    client = come_in(company, company.staff)
    stale = client.cookies["sessionid"].value
    client.post("/logout/")
    again = enter()
    again.cookies["sessionid"] = stale
    assert not inside(again)
    assert not company.staff.sessions.exists()


def test_a_session_that_is_ended_while_its_page_is_made_leads_to_the_door(
    company: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = come_in(company, company.staff)

    def meanwhile(**_: Any) -> bool:
        Session.objects.all().delete()
        return True

    monkeypatch.setattr(operations, "prove_password", meanwhile)
    answer = client.post("/account/confirm/", {"password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/")


def test_a_session_that_was_ended_does_not_come_back_with_a_new_key(
    company: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = come_in(company, company.staff)

    def meanwhile(**_: Any) -> bool:
        Session.objects.all().delete()
        return True

    monkeypatch.setattr(operations, "change_password", meanwhile)
    new = {"new_password": "Another2026x", "new_password_again": "Another2026x"}
    client.post("/account/password/", {"old_password": PASSWORD, **new})
    assert not inside(client)


# --- the list ---


def test_the_list_says_device_network_and_last_use_and_which_is_this_one(company: Cast) -> None:
    come_in(company, company.staff, PHONE, "198.51.100.4")
    here = come_in(company, company.staff, CHROME)
    shown = text_of(here.get(SECURITY))
    assert "Firefox Mobile, Android" in shown
    assert "IP address 198.51.100.4" in shown
    assert "Chrome, Windows This session IP address 203.0.113.9" in shown


def test_a_session_is_ended_from_another_one_or_all_others_at_once(company: Cast) -> None:
    here, phone, office = (come_in(company, company.staff) for _browser in range(3))
    row = digest(phone.cookies["sessionid"].value)
    page = here.post(f"{SECURITY}sessions/{row}/end/", follow=True)
    assert "The session has ended." in text_of(page)
    assert [inside(each) for each in (here, phone, office)] == [True, False, True]
    here.post(f"{SECURITY}sessions/end/")
    assert [inside(each) for each in (here, phone, office)] == [True, False, False]
    assert Event.objects.filter(action="door.sessions_ended").count() == 2
    here.post(f"{SECURITY}sessions/{digest(here.cookies['sessionid'].value)}/end/")
    assert not inside(here)


def test_another_session_ends_with_a_password_typed_lately_and_this_one_without_ASVS_7_5_2(
    company: Cast, time_machine: Any
) -> None:
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    here, phone = (come_in(company, company.staff) for _browser in range(2))
    row = digest(phone.cookies["sessionid"].value)
    time_machine.move_to(now + sessions.PROOF_LASTS, tick=False)
    for address in (f"{SECURITY}sessions/{row}/end/", f"{SECURITY}sessions/end/"):
        asked = here.post(address)
        assert (asked.status_code, asked["Location"].partition("?")[0]) == (302, "/account/confirm/")
        assert inside(phone)
    typed = here.post(asked["Location"], {"password": PASSWORD})
    assert typed["Location"].startswith(SECURITY), "where the button is"
    here.post(f"{SECURITY}sessions/{row}/end/")
    assert not inside(phone)

    time_machine.move_to(now + 2 * sessions.PROOF_LASTS, tick=False)
    here.post(f"{SECURITY}sessions/{digest(here.cookies['sessionid'].value)}/end/")
    assert not inside(here), "leaving is always free"


def test_the_session_of_somebody_else_does_not_exist_A48(company: Cast) -> None:
    theirs = come_in(company, company.administrator)
    row = digest(theirs.cookies["sessionid"].value)
    assert enter(company.staff).post(f"{SECURITY}sessions/{row}/end/").status_code == 404
    assert inside(theirs)


def test_of_more_than_five_the_one_used_longest_ago_ends_ASVS_7_1_2(company: Cast, time_machine: Any) -> None:
    clients = []
    for minute in range(6):
        time_machine.move_to(timezone.now() + timedelta(minutes=minute and 2))
        clients.append(come_in(company, company.staff))
    assert [inside(client) for client in clients] == [False, True, True, True, True, True]


def test_the_history_of_ones_own_door_shows_visits_and_refusals(company: Cast) -> None:
    wrong = {"entity_number": company.entity.number, "username": "ao.hoiian", "password": "x"}
    enter().post("/login/", wrong, HTTP_USER_AGENT=PHONE, REMOTE_ADDR="198.51.100.4")
    client = come_in(company, company.staff)
    shown = text_of(client.get(SECURITY)).partition("Login history")[2].partition("Login history")[2]
    assert "Login refused" in shown
    assert "Firefox Mobile, Android · IP address 198.51.100.4" in shown
    assert "Logged in" in shown
    assert "Login refused" not in text_of(enter(company.administrator).get(SECURITY)), "one's own and nobody else's"


@pytest.mark.parametrize("agent", ["", "<script>alert(1)</script>", "x" * 5000, "\u202e\U0001f600"])
def test_whatever_a_browser_calls_itself_the_page_is_right_A77(company: Cast, agent: str) -> None:
    client = come_in(company, company.staff, agent)
    assert client.get(SECURITY).status_code == 200


# --- the password again ---


PROTECTED = (
    "/staff/export.csv",
    "/entity/security/",
    "/account/security/app/replace/",
    "/account/security/app/remove/",
    "/account/security/recovery-codes/new/",
)


@pytest.mark.parametrize("address", PROTECTED)
def test_what_may_do_harm_asks_for_the_password_after_a_quarter_of_an_hour_ASVS_7_5_3(
    company: Cast, time_machine: Any, address: str
) -> None:
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    client = come_in(company, company.administrator)
    assert client.get(address).status_code == 200
    time_machine.move_to(now + timedelta(minutes=15) - timedelta(seconds=1), tick=False)
    assert client.get(address).status_code == 200
    time_machine.move_to(now + timedelta(minutes=15), tick=False)
    assert client.get(address).headers["Location"].startswith("/account/confirm/?next=")
    if not address.endswith(".csv"):
        posted = client.post(address, {"of": "all", "code": "1"})
        assert posted.headers["Location"].startswith("/account/confirm/?next=")
    back = "/staff/" if address.endswith(".csv") else address
    if "security/app" in address or "recovery" in address:
        back = SECURITY
    answer = client.post("/account/confirm/", {"password": PASSWORD, "next": back})
    assert answer.headers["Location"] == back
    assert client.get(address).status_code == 200
    assert not Event.objects.filter(action="entity.second_factor").exists()


def test_removing_an_administrator_asks_for_the_password_too_and_others_may_be_marked_at_once(
    company: Cast, time_machine: Any
) -> None:
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    second = login(entity=company.entity, is_administrator=True)
    client = come_in(company, company.administrator)
    time_machine.move_to(now + timedelta(minutes=16), tick=False)
    for part in ("administrator/", "status/"):
        for answer in (
            client.get(f"/staff/{second.euid}/{part}"),
            client.post(f"/staff/{second.euid}/{part}", {"status": "departed"}),
        ):
            assert answer.headers["Location"].startswith("/account/confirm/?next="), part
    assert StaffLogin.objects.get(pk=second.pk).acts_for(company.entity)
    assert client.get(f"/staff/{company.staff.euid}/status/").status_code == 200


def test_a_wrong_password_there_counts_as_at_the_door_S6_3(company: Cast) -> None:
    client = enter(company.staff)
    page = client.post("/account/confirm/", {"password": "wrong", "next": "/account/"})
    assert "This is not your present password." in text_of(page)
    assert StaffLogin.objects.get(pk=company.staff.pk).failed_attempts == 1
    session = client.session
    assert timedelta(minutes=15) == sessions.PROOF_LASTS
    session["proven_at"] = "2020-01-01T00:00:00+00:00"
    session.save()
    client.post("/account/confirm/", {"password": "wrong"})
    assert client.session["proven_at"].startswith("2020"), "a wrong one proves nothing"


@pytest.mark.parametrize("following", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_way_back_is_a_page_of_ours_A74(company: Cast, following: str) -> None:
    answer = enter(company.staff).post("/account/confirm/", {"password": PASSWORD, "next": following})
    assert answer.headers["Location"] == "/"


# --- a database that is away (P1) ---


@pytest.mark.parametrize("fault", [OperationalError("gone"), InternalError("two results"), InterfaceError("closed")])
def test_a_database_that_is_away_does_not_end_a_session_P1(
    company: Cast, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    client = come_in(company, company.administrator)
    store = SessionStore(client.cookies["sessionid"].value)
    store["used_at"] = timezone.now().isoformat()

    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise fault

    with monkeypatch.context() as away:
        away.setattr(Session, "save", fail)
        with pytest.raises(type(fault)):
            store.save()
    assert inside(client)
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        store.save()
