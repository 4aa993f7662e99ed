"""The authorization endpoint: who is asked what, and what the e-service hears."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from entity_portal.audit.models import Event
from entity_portal.text import check_digit
from services.models import OpeningStatus
from services.oidc.models import Consent, SignIn
from staff.models import StaffLogin
from tests import cast
from tests.services.oidc.relying import ADDRESS, Party, answer, client

pytestmark = pytest.mark.django_db


def next_of(response: Any) -> str:
    """Where the page goes on to, once the person has done what it asks."""
    return parse_qs(urlsplit(response["Location"]).query)["next"][0]


def test_whoever_is_assigned_signs_in_and_the_e_service_knows_who(
    house: cast.Cast, party: Party, person: Browser
) -> None:
    """S4, S13, Q33"""
    brought = answer(party.ask(person))
    assert brought.keys() == {"code", "state", "iss"}
    assert (brought["state"], brought["iss"]) == ("state-1", "http://testserver")  # RFC 9207
    claims = party.claims(party.redeem(brought["code"]).json()["id_token"])
    assert claims["sub"] == claims["euid"] == house.staff.euid
    assert claims["aud"] == party.client.client_id
    assert claims["iss"] == "http://testserver"
    assert claims["nonce"] == "nonce-1"
    assert (claims["acr"], claims["amr"]) == ("password", ["pwd"])
    line = Event.objects.get(action="service.signed_in")
    assert (line.entity_number, line.target, line.data["service"]) == (
        house.entity.number,
        house.staff.euid,
        "entry-declaration",
    )


def test_the_login_page_names_the_e_service_and_leads_back_to_it(house: cast.Cast, party: Party) -> None:
    """Screens, E-services: the sign-in screen names the e-service that asks; its form may lead there (CSP)."""
    browser = cast.enter()
    to_login = party.ask(browser)
    assert urlsplit(to_login["Location"]).path == "/login/"
    page = browser.get(to_login["Location"])
    assert "Declaration of employment" in page.content.decode()
    assert "form-action 'self' https://efile.example.mo;" in page["Content-Security-Policy"] + ";"
    credentials = {"entity_number": house.entity.number, "username": "ao.hoiian", "password": cast.PASSWORD}
    inside = browser.post("/login/", {**credentials, "next": next_of(to_login)})
    assert answer(browser.get(inside["Location"]))["code"]


def test_the_pages_of_the_door_open_their_forms_to_the_e_service_that_asks_and_to_no_other(party: Party) -> None:
    browser = cast.enter()
    assert "form-action 'self'" in browser.get("/login/")["Content-Security-Policy"]
    assert "efile" not in browser.get("/login/")["Content-Security-Policy"]
    foreign = urlencode({"next": f"/oidc/authorize?{urlencode({'client_id': 'nobody'})}"})
    assert "efile" not in browser.get(f"/login/?{foreign}")["Content-Security-Policy"]
    elsewhere = urlencode({"next": f"/account/?{urlencode({'client_id': party.client.client_id})}"})
    assert "efile" not in browser.get(f"/login/?{elsewhere}")["Content-Security-Policy"]


def test_a_request_by_POST_becomes_one_by_GET_which_brings_the_session(party: Party, person: Browser) -> None:
    """OIDC Core 3.1.2.1; a form of another site comes without the session's cookie (A73)."""
    elsewhere = Browser(enforce_csrf_checks=True)
    sent_on = elsewhere.post("/oidc/authorize", party.request())
    assert sent_on.status_code == 302
    assert answer(person.get(sent_on["Location"]))["code"]


def test_unknown_parameters_and_scopes_are_ignored(party: Party, person: Browser) -> None:
    """OIDC Core 3.1.2.1, 5.4"""
    tokens = party.tokens(person, scope="openid surfing profile", colour="green", claims="{", resource="x", display="?")
    assert tokens["scope"] == "openid profile"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"response_type": "id_token", "nonce": "n"}, "unauthorized_client"),
        ({"response_type": "code id_token"}, "unauthorized_client"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"request": "ey.ey.x"}, "request_not_supported"),
        ({"request_uri": "https://efile.example.mo/request"}, "request_uri_not_supported"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"max_age": "9" * 40}, "invalid_request"),
        ({"state": ["state-1", "another"]}, "invalid_request"),
        ({"nonce": "n" * 256}, "invalid_request"),
        ({"code_challenge": "c" * 129}, "invalid_request"),
        ({"code_challenge": "c"}, "invalid_request"),
        ({"state": "s" * 6000}, "invalid_request"),
    ],
)
def test_what_is_wrong_with_a_request_its_client_hears_A112_A115_A122(
    party: Party, person: Browser, changes: dict[str, Any], error: str
) -> None:
    """A112, A115, A122: RFC 6749 4.1.2.1, OIDC Core 3.1.2.6, RFC 9700 2.1.1"""
    brought = answer(party.ask(person, **changes))
    assert brought["error"] == error, brought
    assert brought["iss"] == "http://testserver"
    assert brought.get("state") == (None if "state" in changes else "state-1")
    assert not SignIn.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "somebody"},
        {"client_id": None},
        {"client_id": "with\x00nul"},
        {"redirect_uri": None},
        {"redirect_uri": f"{ADDRESS}/"},
        {"redirect_uri": f"{ADDRESS}?next=https://evil.example"},
        {"redirect_uri": f"{ADDRESS}/../evil"},
        {"redirect_uri": ADDRESS.upper()},
        {"redirect_uri": "https://efile.example.mo.evil.example/callback"},
        {"redirect_uri": "https://efile.example.mo@evil.example/callback"},
        {"redirect_uri": [ADDRESS, "https://evil.example/"]},
        {"redirect_uri": ["https://evil.example/", ADDRESS]},
        {"request_uri": "urn:ietf:params:oauth:request_uri:made-up"},
    ],
)
@pytest.mark.parametrize("signed_in", [True, False])
def test_an_unknown_client_or_address_gets_no_answer_but_a_page_A113(
    house: cast.Cast, party: Party, changes: dict[str, Any], signed_in: bool
) -> None:
    """A113: RFC 6749 4.1.2.1, RFC 9700 2.1: addresses match exactly; never an open redirect"""
    for prompt in (None, "none"):
        response = party.ask(cast.enter(house.staff if signed_in else None), **changes, prompt=prompt)
        assert response.status_code == 400
        assert "Location" not in response


def test_a_disabled_client_is_not_known(party: Party, person: Browser) -> None:
    party.client.disabled_at = timezone.now()
    party.client.save()
    assert party.ask(person).status_code == 400


# --- prompt, max_age, hints ---


def test_prompt_none_asks_nobody_anything_A116(house: cast.Cast, party: Party, person: Browser) -> None:
    """A116: OIDC Core 3.1.2.1; the toolkit alone answers 500 to whoever is signed in."""
    assert answer(party.ask(person, prompt="none"))["code"]
    assert answer(party.ask(cast.enter(), prompt="none"))["error"] == "login_required"
    assert answer(party.ask(cast.enter(house.administrator), prompt="none"))["error"] == "access_denied"
    party.client.skip_authorization = False
    party.client.save()
    assert answer(party.ask(person, prompt="none"))["error"] == "consent_required"


def prove_at(address: str, browser: Browser) -> Any:
    """Type the password on the page that asks for it again."""
    page = browser.get(address)
    assert page.status_code == 200
    assert "Declaration of employment asks for your password once more" in page.content.decode()
    following = next_of({"Location": address})
    return browser.post("/account/confirm/", {"password": cast.PASSWORD, "next": following})


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "0"}, {"max_age": "60"}])
def test_the_password_is_asked_again_where_the_e_service_wants_it_A116(
    house: cast.Cast, party: Party, changes: dict[str, str]
) -> None:
    """A116: OIDC Core 3.1.2.1 prompt, max_age; `auth_time` says when it was typed"""
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        browser = cast.enter(house.staff)
        clock.shift(timedelta(minutes=2))
        asked = party.ask(browser, **changes)
        assert urlsplit(asked["Location"]).path == "/account/confirm/"
        clock.shift(timedelta(seconds=30))
        back = prove_at(asked["Location"], browser)
        code = answer(browser.get(back["Location"]))["code"]
        claims = party.claims(party.redeem(code).json()["id_token"])
        assert claims["auth_time"] == int((start + timedelta(seconds=150)).timestamp())
        assert answer(party.ask(browser, max_age="100"))["code"], "it was typed not long ago"


def test_going_back_without_typing_the_password_asks_again(house: cast.Cast, party: Party, person: Browser) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        asked = party.ask(person, prompt="login")
        again = person.get(next_of(asked))
        assert urlsplit(again["Location"]).path == "/account/confirm/"


def test_a_mark_made_for_one_request_is_worth_nothing_for_another_A116(house: cast.Cast, party: Party) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        browser = cast.enter(house.staff)
        clock.shift(timedelta(seconds=5))
        mark = parse_qs(urlsplit(next_of(party.ask(browser, prompt="login"))).query)["asked"][0]
        cast.prove(browser)
        assert "code" in answer(browser.get("/oidc/authorize", party.request(prompt="login") | {"asked": mark}))
        other = browser.get("/oidc/authorize", party.request(prompt="login", state="other") | {"asked": mark})
        assert urlsplit(other["Location"]).path == "/account/confirm/"
        forged = browser.get("/oidc/authorize", party.request(prompt="login") | {"asked": mark[:-1] + "x"})
        assert urlsplit(forged["Location"]).path == "/account/confirm/"


def test_signing_in_for_prompt_login_is_enough(house: cast.Cast, party: Party) -> None:
    browser = cast.enter()
    to_login = party.ask(browser, prompt="login")
    credentials = {"entity_number": house.entity.number, "username": "ao.hoiian", "password": cast.PASSWORD}
    inside = browser.post("/login/", {**credentials, "next": next_of(to_login)})
    assert answer(browser.get(inside["Location"]))["code"]


def test_auth_time_is_of_this_session_and_not_of_the_persons_latest(house: cast.Cast, party: Party) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        browser = cast.enter(house.staff)
        clock.shift(timedelta(minutes=3))
        cast.enter(house.staff).get("/")
        claims = party.claims(party.tokens(browser)["id_token"])
        assert claims["auth_time"] == int(start.timestamp())


def test_a_second_step_is_told(party: Party, person: Browser) -> None:
    """acr, amr (RFC 8176)"""
    session = person.session
    session["methods"] = ["pwd", "otp", "mfa"]
    session.save()
    claims = party.claims(party.tokens(person)["id_token"])
    assert (claims["acr"], claims["amr"]) == ("otp", ["pwd", "otp", "mfa"])


def test_a_hint_at_somebody_else_is_refused_A116(house: cast.Cast, party: Party, person: Browser) -> None:
    """OIDC Core 3.1.2.1 id_token_hint"""
    hint = party.tokens(person)["id_token"]
    assert answer(party.ask(person, id_token_hint=hint, prompt="none"))["code"]
    cast.member(cast.group(open_to=house.entity), house.administrator)
    other = cast.enter(house.administrator)
    assert answer(party.ask(other, id_token_hint=hint, prompt="none"))["error"] == "login_required"
    for wrong in ("x", hint[:-4] + "AAAA", "a.b.c", "é", hint.replace(".", "")):
        assert answer(party.ask(person, id_token_hint=wrong, prompt="none"))["error"] == "login_required"


def decide(browser: Browser, page: Any, choice: str) -> Any:
    """Press a button of the page that asks."""
    form = page.context
    return browser.post("/oidc/decide", {"query": form["query"], "mark": form["mark"], "answer": choice})


def test_choosing_an_account_A125(house: cast.Cast, party: Party, person: Browser) -> None:
    """prompt=select_account: go on, go back, or sign in as somebody else"""
    page = party.ask(person, prompt="select_account")
    assert "AO HOI IAN" in page.content.decode()
    assert "https://efile.example.mo" in page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"], "A125"
    assert answer(decide(person, page, "go"))["code"]
    assert answer(decide(person, page, "back"))["error"] == "access_denied"
    out = decide(person, page, "other")
    assert urlsplit(out["Location"]).path == "/login/"
    cast.member(cast.group(open_to=house.entity), house.administrator)
    credentials = {"entity_number": house.entity.number, "username": "chan.wengsan", "password": cast.PASSWORD}
    inside = person.post("/login/", {**credentials, "next": next_of(out)})
    code = answer(person.get(inside["Location"]))["code"]
    assert party.claims(party.redeem(code).json()["id_token"])["sub"] == house.administrator.euid


def test_consent_is_asked_where_an_officer_or_the_e_service_wants_it_and_remembered(
    house: cast.Cast, party: Party, person: Browser
) -> None:
    party.client.skip_authorization = False
    party.client.save()
    page = party.ask(person, scope="openid email")
    assert page.status_code == 200
    assert "your e-mail address" in page.content.decode()
    assert "your mobile number" not in page.content.decode()
    assert answer(decide(person, page, "go"))["code"]
    assert Consent.objects.get().scopes == "openid email"
    assert answer(party.ask(person, scope="openid email"))["code"]
    assert party.ask(person, scope="openid phone").status_code == 200, "more than was agreed to"
    assert party.ask(person, scope="openid email", prompt="consent").status_code == 200


def test_whose_session_ends_over_the_question_signs_in_and_goes_on(party: Party, person: Browser) -> None:
    page = party.ask(person, prompt="consent")
    person.post("/logout/")
    to_login = decide(person, page, "go")
    assert urlsplit(to_login["Location"]).path == "/login/"
    assert next_of(to_login).startswith("/oidc/authorize?")


def test_whoever_decides_is_checked_again(house: cast.Cast, party: Party, person: Browser) -> None:
    """Bad input at /oidc/decide: another address, somebody who may not any more, nothing at all"""
    page = party.ask(person, prompt="consent")
    evil = {"query": page.context["query"].replace("efile", "evil"), "mark": "", "answer": "go"}
    assert person.post("/oidc/decide", evil).status_code == 400
    for wrong in ("", "\x00", "client_id=%00", page.context["query"] + "&nonce=%00"):
        assert person.post("/oidc/decide", {"query": wrong, "mark": "\x00", "answer": "go"}).status_code == 400
    house.staff.assignments.update(ended_at=timezone.now())
    assert decide(person, page, "go").status_code == 403
    assert not SignIn.objects.exists()


@pytest.mark.parametrize(("wanted", "language"), [("pt-PT en", "pt"), ("zh-Hant-MO", "zh-hant"), ("fr xx-1 en", "en")])
def test_the_e_service_may_say_in_which_language_the_person_reads(party: Party, wanted: str, language: str) -> None:
    """ui_locales, unless the person has chosen one here"""
    browser = Browser()
    response = party.ask(browser, ui_locales=wanted)
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == language
    chosen = cast.enter()
    assert settings.LANGUAGE_COOKIE_NAME not in party.ask(chosen, ui_locales=wanted).cookies


# --- who may not ---


def refused(party: Party, person: StaffLogin) -> str:
    page = party.ask(cast.enter(person))
    assert page.status_code == 403
    return page.content.decode()


def test_whoever_is_not_assigned_reads_why_and_who_can_change_it(house: cast.Cast, party: Party) -> None:
    """Screens, E-services; S14.1"""
    stranger = cast.login(entity=house.entity, name_zh="", name_foreign="LEI KA")
    helper = cast.service_administrator(
        cast.login(entity=house.entity, name_foreign="WONG HELPS"), party.client.service
    )
    elsewhere = cast.group(open_to=house.entity, service="tax").service
    cast.service_administrator(cast.login(entity=house.entity, name_foreign="NOT HERE"), elsewhere)
    text = refused(party, stranger)
    assert "Nobody has assigned you to a service group of this e-service." in text
    assert "CHAN WENG SAN" in text
    assert helper.name_foreign in text
    assert "NOT HERE" not in text
    assert "Assign people" not in text
    assert "Assign people to this e-service" in refused(party, house.administrator)


def test_the_reason_is_the_true_one(house: cast.Cast, party: Party) -> None:
    """Q24, dates of assignments"""
    group = cast.group(open_to=house.entity)
    row = house.staff.assignments.get()
    opening = house.entity.openings.get()
    today = timezone.localdate()

    def set_dates(first: int | None, last: int | None) -> None:
        row.valid_from = None if first is None else today + timedelta(days=first)
        row.valid_until = None if last is None else today + timedelta(days=last)
        row.save()

    set_dates(1, None)
    assert "but from a later day" in refused(party, house.staff)
    set_dates(None, -1)
    assert "has ended" in refused(party, house.staff)
    set_dates(0, 0)
    assert answer(party.ask(cast.enter(house.staff)))["code"]
    for status, words in ((OpeningStatus.SUSPENDED, "has suspended"), (OpeningStatus.WITHDRAWN, "has withdrawn")):
        opening.status = status
        opening.save()
        text = refused(party, house.staff)
        assert words in text
        assert "Labour Affairs Bureau" in text
    opening.status = OpeningStatus.OPEN
    opening.save()
    group.withdrawn_at = timezone.now()
    group.save()
    assert "withdrawn your service group" in refused(party, house.staff)
    other = cast.company(name_zh="別家", number="9000001" + check_digit("9000001"))
    assert "has not opened this e-service to your entity" in refused(party, other.staff)


def test_a_service_that_is_not_managed_here_takes_every_active_login(house: cast.Cast, party: Party) -> None:
    """S13.2, S4.2"""
    service = party.client.service
    service.platform_managed = False
    service.save()
    assert answer(party.ask(cast.enter(house.administrator)))["code"]


def test_a_pushed_request_leads_to_one_code(party: Party, person: Browser) -> None:
    """RFC 9126"""
    pushed = party.post("/oidc/par", party.request())
    assert pushed.status_code == 201
    assert pushed.json()["expires_in"] == 90
    short = {"client_id": party.client.client_id, "request_uri": pushed.json()["request_uri"]}
    other, _secret = client(party.client.service)
    assert person.get("/oidc/authorize", short | {"client_id": other.client_id}).status_code == 400, "another's"
    assert party.redeem(answer(person.get("/oidc/authorize", short))["code"]).status_code == 200
    assert person.get("/oidc/authorize", short).status_code == 400, "used"
    with time_machine.travel(timezone.now(), tick=False) as clock:
        pushed = party.post("/oidc/par", party.request()).json()
        clock.shift(timedelta(seconds=91))
        late = {"client_id": party.client.client_id, "request_uri": pushed["request_uri"]}
        assert person.get("/oidc/authorize", late).status_code == 400


def test_a_pushed_request_waits_while_a_person_signs_in(house: cast.Cast, party: Party) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        pushed = party.post("/oidc/par", party.request()).json()
        browser = cast.enter()
        to_login = browser.get(
            "/oidc/authorize", {"client_id": party.client.client_id, "request_uri": pushed["request_uri"]}
        )
        clock.shift(timedelta(minutes=20))
        credentials = {"entity_number": house.entity.number, "username": "ao.hoiian", "password": cast.PASSWORD}
        inside = browser.post("/login/", {**credentials, "next": next_of(to_login)})
        assert answer(browser.get(inside["Location"]))["code"]


def test_what_is_wrong_with_a_pushed_request_is_heard_at_once(party: Party) -> None:
    for changes in ({"redirect_uri": "https://evil.example/"}, {"code_challenge": None}, {"scope": "profile"}):
        refused = party.post("/oidc/par", party.request(**changes))
        assert refused.status_code == 400
        assert "error" in refused.json()
    assert party.post("/oidc/par", party.request(request_uri="urn:x")).status_code == 400
    assert party.post("/oidc/par", party.request(), proof=False).status_code == 401
    other, _secret = client(party.client.service)
    for another in ("another", other.client_id):
        assert party.post("/oidc/par", party.request(client_id=another)).status_code == 400


def test_a_client_that_must_push_may_not_do_without(party: Party, person: Browser) -> None:
    party.client.par_required = True
    party.client.save()
    assert answer(party.ask(person))["error"] == "invalid_request"
    pushed = party.post("/oidc/par", party.request()).json()
    short = {"client_id": party.client.client_id, "request_uri": pushed["request_uri"]}
    assert answer(person.get("/oidc/authorize", short))["code"]


@pytest.mark.parametrize(
    ("who", "assigned", "description"),
    [("staff", True, "The person went back."), ("staff", False, "not_assigned"), ("", False, "The person went back.")],
)
def test_whoever_goes_back_takes_along_why_they_could_not_come(
    house: cast.Cast, party: Party, who: str, assigned: bool, description: str
) -> None:
    if not assigned:
        party.client.service.groups.get().assignments.update(ended_at=timezone.now())
    browser = cast.enter(house.staff if who else None)
    told = answer(browser.post("/oidc/decide", {"query": urlencode(party.request()), "answer": "back"}))
    assert (told["error"], told["error_description"]) == ("access_denied", description)
