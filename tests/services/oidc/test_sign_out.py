"""How a sign-in at an e-service ends, and how the e-service hears of it."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import EntityStatus
from entity_portal.audit.models import Event
from services.oidc import backchannel
from services.oidc.models import Client, Code, Consent, SignIn
from services.oidc.tasks import tell
from services.oidc.views import browser as pages
from staff.models import Session
from staff.operations import demand_new_password, depart, set_password
from tests import cast
from tests.services.oidc.relying import ADDRESS, BYE, Party, answer, client

pytestmark = pytest.mark.django_db


class Ear(HTTPServer):
    """Where an e-service hears of sign-outs: what was posted there, and what it answers, one status after another."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Listener)
        self.heard: list[str] = []
        self.statuses: list[int] = []


class Listener(BaseHTTPRequestHandler):
    server: Ear

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
        self.server.heard.append(parse_qs(body)["logout_token"][0])
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Nothing"""


@pytest.fixture
def ear() -> Iterator[Ear]:
    server = Ear()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def hearing(party: Party, ear: Ear) -> Party:
    party.client.backchannel_logout_uri = f"http://127.0.0.1:{ear.server_port}/logout"
    party.client.save()
    return party


def jobs() -> list[str]:
    """The sign-ins whose clients are to be told."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE task_name = %s AND queue_name = 'logout' RETURNING args", [tell.name]
        )
        return [(json.loads(row[0]) if isinstance(row[0], str) else row[0])["sign_in"] for row in cursor.fetchall()]


def do_jobs() -> None:
    for sign_in in jobs():
        tell(sign_in=sign_in)


# --- what ends a sign-in ---


def by_signing_out(house: cast.Cast, person: Browser) -> None:
    person.post("/logout/")


def by_departure(house: cast.Cast, person: Browser) -> None:
    depart(login=house.staff, by=house.administrator)


def by_new_password(house: cast.Cast, person: Browser) -> None:
    set_password(login=house.staff, new="Another2026x")


def by_demand(house: cast.Cast, person: Browser) -> None:
    demand_new_password(login=house.staff, by=house.administrator)


def by_suspended_entity(house: cast.Cast, person: Browser) -> None:
    house.entity.status = EntityStatus.SUSPENDED
    house.entity.save()


def by_plain_sql(house: cast.Cast, person: Browser) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM staff_session WHERE login_id = %s", [house.staff.pk])


WAYS = [by_signing_out, by_departure, by_new_password, by_demand, by_suspended_entity, by_plain_sql]


@pytest.mark.parametrize("end", WAYS)
def test_a_sign_in_ends_with_its_session_whoever_ends_that_A118(
    house: cast.Cast, hearing: Party, ear: Ear, person: Browser, end: Any
) -> None:
    """S8, Q25, Back-Channel Logout 1.0: the e-service hears of it through the queue"""
    tokens = hearing.tokens(person)
    end(house, person)
    assert SignIn.objects.get().ended_at is not None
    assert hearing.userinfo(tokens["access_token"]).status_code == 401
    assert hearing.refresh(tokens["refresh_token"]).status_code == 400
    do_jobs()
    (token,) = ear.heard
    told, known = hearing.claims(token), hearing.claims(tokens["id_token"])
    assert (told["sub"], told["sid"], told["aud"]) == (known["sub"], known["sid"], hearing.client.client_id)
    assert told["iss"] == "http://testserver"
    assert told["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert told["exp"] - told["iat"] == 120
    assert "nonce" not in told


@pytest.mark.parametrize("end", [by_departure, by_new_password, by_demand, by_suspended_entity])
def test_it_ends_too_when_the_session_has_expired_meanwhile(
    house: cast.Cast, hearing: Party, person: Browser, end: Any
) -> None:
    hearing.tokens(person)
    Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))
    Session.objects.all().delete()
    assert SignIn.objects.get().ended_at is None, "an hour in the e-service without a page of the portal ends nothing"
    end(house, person)
    assert SignIn.objects.get().ended_at is not None
    assert len(jobs()) == 1


def test_who_changes_their_password_stays_where_they_are_and_nowhere_else(
    house: cast.Cast, hearing: Party, person: Browser
) -> None:
    """S8: other sessions end; this one gets a new key, and stays the same session"""
    elsewhere = cast.enter(house.staff)
    here, there = hearing.tokens(person), hearing.tokens(elsewhere)
    passwords = {"old_password": cast.PASSWORD, "new_password": "Another2026x", "new_password_again": "Another2026x"}
    assert person.post("/account/password/", passwords).status_code == 302
    assert person.get("/account/").status_code == 200
    assert hearing.userinfo(here["access_token"]).status_code == 200
    assert hearing.userinfo(there["access_token"]).status_code == 401
    assert len(jobs()) == 1


def test_other_peoples_sign_ins_stay(house: cast.Cast, hearing: Party, person: Browser) -> None:
    cast.member(hearing.client.service.groups.get(), house.administrator)
    tokens = hearing.tokens(cast.enter(house.administrator))
    hearing.tokens(person)
    depart(login=house.staff, by=house.administrator)
    assert hearing.userinfo(tokens["access_token"]).status_code == 200
    assert len(jobs()) == 1


# --- telling ---


def test_an_e_service_hears_once_of_a_session_however_often_the_person_signed_in(
    hearing: Party, ear: Ear, person: Browser
) -> None:
    first, second = hearing.tokens(person), hearing.tokens(person)
    assert hearing.claims(first["id_token"])["sid"] == hearing.claims(second["id_token"])["sid"]
    person.post("/logout/")
    do_jobs()
    assert len(ear.heard) == 1
    assert SignIn.objects.filter(told_at=None).count() == 0


def test_each_e_service_knows_a_session_by_a_name_of_its_own(hearing: Party, person: Browser) -> None:
    other = Party(*client(hearing.client.service))
    sids = {party.claims(party.tokens(person)["id_token"])["sid"] for party in (hearing, other)}
    assert len(sids) == 2


@pytest.mark.parametrize("status", [400, 404, 500, 503, 302])
def test_an_e_service_that_does_not_answer_well_is_asked_again(
    hearing: Party, ear: Ear, person: Browser, status: int
) -> None:
    hearing.tokens(person)
    person.post("/logout/")
    (job,) = jobs()
    ear.statuses = [status, 204]
    with pytest.raises(backchannel.NotTold, match=str(status)):
        tell(sign_in=job)
    tell(sign_in=job)
    assert len(ear.heard) == 2
    tell(sign_in=job)
    assert len(ear.heard) == 2, "told"


def test_an_e_service_that_is_away_is_asked_again_for_a_day(hearing: Party, ear: Ear, person: Browser) -> None:
    hearing.tokens(person)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        person.post("/logout/")
        (job,) = jobs()
        ear.shutdown()
        ear.server_close()
        for _hour in range(23):
            clock.shift(timedelta(hours=1))
            with pytest.raises(backchannel.NotTold):
                tell(sign_in=job)
        clock.shift(timedelta(hours=2))
        tell(sign_in=job)
        assert SignIn.objects.get().told_at is not None
        SignIn.objects.all().delete()
        tell(sign_in=job)


def test_an_e_service_without_an_address_for_it_makes_no_work(party: Party, person: Browser) -> None:
    party.tokens(person)
    person.post("/logout/")
    assert jobs() == []


def test_a_sign_in_that_goes_on_is_not_told_of(hearing: Party, ear: Ear, person: Browser) -> None:
    hearing.tokens(person)
    tell(sign_in=str(SignIn.objects.get().pk))
    assert ear.heard == []


def test_a_person_leaves_one_e_service_and_is_asked_again_before_it_hears_anything(
    house: cast.Cast, hearing: Party, person: Browser
) -> None:
    """ASVS 10.4.9, 10.7.3"""
    other = cast.group(open_to=house.entity, service="tax", code="filers")
    cast.member(other, house.staff)
    elsewhere = Party(*client(other.service))
    here, there = hearing.tokens(person), elsewhere.tokens(person)
    Consent.objects.create(client=hearing.client, login=house.staff, scopes="openid")
    page = person.get("/account/").content.decode()
    assert "E-services you are logged in to" in page
    assert person.post("/account/e-services/entry-declaration/leave/").status_code == 302
    assert hearing.userinfo(here["access_token"]).status_code == 401
    assert elsewhere.userinfo(there["access_token"]).status_code == 200
    assert not Consent.objects.exists()
    assert len(jobs()) == 1
    assert person.post("/account/e-services/entry-declaration/leave/").status_code == 404
    assert Event.objects.filter(action="service.signed_out", target=house.staff.euid).count() == 1


# --- as the e-service asks ---


def test_who_signs_out_at_the_e_service_is_signed_out_here_and_comes_back(
    house: cast.Cast, hearing: Party, ear: Ear, person: Browser
) -> None:
    """RP-Initiated Logout 1.0"""
    other = Party(*client(hearing.client.service))
    elsewhere = other.tokens(person)
    hint = hearing.tokens(person)["id_token"]
    out = person.get("/oidc/logout", {"id_token_hint": hint, "post_logout_redirect_uri": BYE, "state": "s&t"})
    assert out.status_code == 302
    assert out["Location"] == f"{BYE}?state=s%26t"
    assert person.get("/account/").status_code == 302
    assert other.userinfo(elsewhere["access_token"]).status_code == 401
    assert jobs() == [], "it asked itself; the other has no address for it"


def test_without_a_proof_of_this_session_the_person_is_asked_A120(
    house: cast.Cast, party: Party, person: Browser
) -> None:
    """A120: RP-Initiated Logout 1.0, 2; or any link could sign people out"""
    of_another = party.tokens(cast.enter(house.staff))["id_token"]
    for params in ({}, {"client_id": party.client.client_id}, {"id_token_hint": of_another}):
        page = person.get("/oidc/logout", params | ({"post_logout_redirect_uri": BYE} if params else {}))
        assert page.status_code == 200
        assert person.get("/account/").status_code == 200
    assert "Declaration of employment asks to log you out" in page.content.decode()
    assert "https://efile.example.mo" in page["Content-Security-Policy"]
    out = person.post("/oidc/logout/confirm", {"query": page.context["query"]})
    assert out["Location"] == BYE
    assert person.get("/account/").status_code == 302


@pytest.mark.parametrize(
    "changes",
    [
        {"post_logout_redirect_uri": "https://evil.example/"},
        {"post_logout_redirect_uri": f"{BYE}/"},
        {"post_logout_redirect_uri": ADDRESS},
        {"id_token_hint": "x"},
        {"id_token_hint": "a.b.c"},
        {"client_id": "another"},
        {"client_id": "of-another"},
        {"client_id": "\x00"},
    ],
)
@pytest.mark.parametrize("signed_in", [True, False])
def test_a_logout_request_that_does_not_fit_leads_nowhere_A120(
    party: Party, person: Browser, changes: dict[str, str], signed_in: bool
) -> None:
    hint = party.tokens(person)["id_token"]
    other, _secret = client(party.client.service)
    Client.objects.filter(pk=other.pk).update(client_id="of-another")
    browser = person if signed_in else cast.enter()
    params = {"id_token_hint": hint, "post_logout_redirect_uri": BYE, **changes}
    assert browser.get("/oidc/logout", params).status_code == 400
    assert person.get("/account/").status_code == 200


def test_an_address_without_a_client_leads_nowhere_A120(person: Browser) -> None:
    assert person.get("/oidc/logout", {"post_logout_redirect_uri": BYE}).status_code == 400
    assert person.post("/oidc/logout/confirm", {"query": f"post_logout_redirect_uri={BYE}"}).status_code == 400
    assert person.post("/oidc/logout/confirm", {"query": "client_id=%00"}).status_code == 400


def test_a_logout_request_by_POST_becomes_one_by_GET(party: Party, person: Browser) -> None:
    hint = party.tokens(person)["id_token"]
    sent_on = Browser(enforce_csrf_checks=True).post(
        "/oidc/logout", {"id_token_hint": hint, "post_logout_redirect_uri": BYE}
    )
    assert person.get(sent_on["Location"])["Location"] == BYE


def test_who_is_signed_out_already_just_comes_back_with_an_old_token_too(party: Party, person: Browser) -> None:
    hint = party.tokens(person)["id_token"]
    person.post("/logout/")
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        out = cast.enter().get("/oidc/logout", {"id_token_hint": hint, "post_logout_redirect_uri": BYE})
        assert out["Location"] == BYE


def test_a_logout_token_is_no_hint_A120(hearing: Party, ear: Ear, person: Browser) -> None:
    hearing.tokens(person)
    person.post("/logout/")
    do_jobs()
    assert cast.enter().get("/oidc/logout", {"id_token_hint": ear.heard[0]}).status_code == 400


# --- the database keeps it ---


def test_an_ended_sign_in_stays_ended_for_plain_SQL_too(party: Party, person: Browser) -> None:
    party.tokens(person)
    person.post("/logout/")
    for change in ("ended_at = NULL", "ended_at = now() + interval '1 second'"):
        with pytest.raises(IntegrityError, match="stays ended"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE oidc_signin SET {change}")


def test_a_used_code_stays_used(party: Party, person: Browser) -> None:
    party.tokens(person)
    with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
        Code.objects.update(used_at=None)


@pytest.mark.parametrize("table", ["oidc_code", "oidc_accesstoken", "oidc_refreshtoken"])
def test_a_token_belongs_to_the_login_and_client_of_its_sign_in(
    house: cast.Cast, party: Party, person: Browser, table: str
) -> None:
    party.tokens(person)
    other, _secret = client(party.client.service)
    column = {"user_id": house.administrator.pk, "application_id": other.pk}
    if table == "oidc_code":
        SignIn.objects.update(ended_at=None)
        Code.objects.all().delete()
        party.code(person)
    for name, value in column.items():
        with pytest.raises(IntegrityError, match="not of this"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {name} = %s", [value])


PUBLIC = "authentication = 'none', client_secret = ''"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("client_secret = 'plain'", "oidc_client_secret_hashed"),
        ("algorithm = 'HS256'", "oidc_client_algorithm_known"),
        ("subject_type = 'x'", "oidc_client_subject_type_known"),
        ("authorization_grant_type = 'implicit'", "oidc_client_code_flow_only"),
        ("authentication = 'none', client_type = 'public'", "oidc_client_secret_only_where_asked"),
        (f"{PUBLIC}, client_type = 'public', pkce_required = false", "oidc_public_client_has_pkce"),
        (PUBLIC, "oidc_public_client_has_pkce"),
    ],
)
def test_what_a_client_may_be_the_database_knows(party: Party, change: str, name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE oidc_client SET {change}")


def test_no_token_is_kept_as_it_is(party: Party, person: Browser) -> None:
    party.tokens(person)
    for table in ("oidc_accesstoken", "oidc_refreshtoken"):
        with pytest.raises(IntegrityError, match="digest_only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET token = 'x'")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_who_is_signed_out_in_the_moment_of_signing_in_leaves_no_living_sign_in(
    house: cast.Cast, party: Party, person: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session cannot end between the look at it and the commit of what came from it"""
    ended = threading.Event()

    def end_the_session() -> None:
        Session.objects.filter(login=house.staff).delete()
        connection.close()
        ended.set()

    def meanwhile(asked: Any) -> bool:
        threading.Thread(target=end_the_session).start()
        return not ended.wait(1) or True

    monkeypatch.setattr(pages, "use_up", meanwhile)
    party.ask(person)
    assert ended.wait(10)
    assert not SignIn.objects.filter(ended_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_session_that_has_just_ended_signs_nobody_in(
    house: cast.Cast, party: Party, person: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    may = pages.why_not

    def meanwhile(*args: Any) -> Any:
        Session.objects.filter(login=house.staff).delete()
        return may(*args)

    monkeypatch.setattr(pages, "why_not", meanwhile)
    assert "code=" not in party.ask(person)["Location"]
    assert not SignIn.objects.exists()


def test_answers_lead_only_to_the_client(party: Party, person: Browser) -> None:
    response = party.ask(person)
    assert answer(response)["code"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
