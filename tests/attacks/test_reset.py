"""重設密碼 and 忘記用戶名稱 (A13, A15, A36 to A38, A42, A43), and what comes between a password and the house."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activation import terms
from activation.models import TermsAcceptance
from entity_portal.audit.models import Event
from entity_portal.humancheck.models import Challenge
from entity_portal.messaging.models import SMS, Purpose
from staff import operations
from staff.models import ResetCode, StaffLogin
from tests.attacks.test_door import kinds, without_secrets
from tests.cast import PASSWORD, Cast, enter, worker
from tests.database import owning
from tests.pages import text_of
from tests.race import at_once

RESET, CODE, USERNAME = "/help/reset-password/", "/help/reset-password/code/", "/help/username/"
NEW = {"new_password": "Another2026x", "new_password_again": "Another2026x"}


def asked(house: Cast, **changes: str) -> dict[str, str]:
    question = Challenge.ask("picture")
    data = {"entity_number": house.entity.number, "username": "ao.hoiian", "birth_date": "1990-01-01"}
    return data | {"human_0": question.key, "human_1": question.task} | changes


def forgot(house: Cast, **changes: str) -> dict[str, str]:
    data = asked(house) | {"document_type": "bir_permanent", "document_number": house.staff.document_number}
    del data["username"]
    return data | changes


def sent_code() -> str:
    return re.findall(r"\d{6}", SMS.objects.filter(purpose=Purpose.RESET).latest("created_at").body)[0]


NOBODY: list[dict[str, str]] = [
    {"username": "nobody.here"},
    {"entity_number": "99999999"},
    {"birth_date": "1991-01-01"},
    {"username": "ieong.sutleng"},
]


@pytest.mark.parametrize("changes", NOBODY)
def test_asking_for_somebody_and_for_nobody_is_the_same_work_and_the_same_page_A13_A15(
    company: Cast, changes: dict[str, str]
) -> None:
    """The worker looks up whether the data belong to someone, not the page; `bench.door` measures the time."""
    work, pages = [], []
    for data in (asked(company), asked(company, **changes)):
        visitor = enter()
        visitor.get(RESET)
        with CaptureQueriesContext(connections["default"]) as made:
            answer = visitor.post(RESET, data)
        work.append(kinds(made))
        pages.append((answer.status_code, answer.headers["Location"], without_secrets(visitor.get(CODE))))
    assert work[0] == work[1]
    assert not [each for each in work[0] if "staff_stafflogin" in each]
    assert pages[0] == pages[1]
    assert not SMS.objects.exists()
    assert worker() == ["staff.send_reset_code"] * 2
    assert SMS.objects.count() == 1


@pytest.mark.parametrize("changes", [{"document_number": "87654321"}, {"birth_date": "1991-01-01"}])
def test_a_forgotten_username_is_the_same_work_for_somebody_and_for_nobody_A13_A15(
    company: Cast, changes: dict[str, str]
) -> None:
    work = []
    for data in (forgot(company), forgot(company, **changes)):
        with CaptureQueriesContext(connections["default"]) as made:
            enter().post(USERNAME, data)
        work.append(kinds(made))
    assert work[0] == work[1]
    assert not [each for each in work[0] if "staff_stafflogin" in each]
    worker()
    assert SMS.objects.filter(purpose=Purpose.USERNAME).count() == 1


def test_a_wrong_code_is_the_same_work_where_one_was_sent_and_where_none_was_A13_A15(company: Cast) -> None:
    work, pages = [], []
    for changes in ({}, {"username": "nobody.here"}):
        visitor = enter()
        visitor.post(RESET, asked(company, **changes))
        worker()
        with CaptureQueriesContext(connections["default"]) as made:
            page = visitor.post(CODE, {"code": "000000x", **NEW})
        work.append([each for each in kinds(made) if "SELECT" not in each])
        pages.append(without_secrets(page))
    assert work[0] == work[1]
    assert pages[0] == pages[1]


def test_a_code_is_worth_something_in_the_browser_that_asked_and_nowhere_else_ASVS_6_6_2(company: Cast) -> None:
    mine, theirs = enter(), enter()
    mine.post(RESET, asked(company))
    worker()
    code = sent_code()
    theirs.post(RESET, asked(company))
    worker()
    assert SMS.objects.filter(purpose=Purpose.RESET).count() == 1, "one a minute"
    page = theirs.post(CODE, {"code": code, **NEW})
    assert "The code is wrong or no longer valid." in text_of(page)
    assert mine.post(CODE, {"code": code, **NEW}).headers["Location"] == "/login/"


def test_asking_twice_in_one_browser_goes_on_with_the_code_that_was_sent(company: Cast) -> None:
    visitor = enter()
    for _click in range(2):
        visitor.post(RESET, asked(company))
    worker()
    assert visitor.post(CODE, {"code": sent_code(), **NEW}).headers["Location"] == "/login/"


def test_another_code_is_asked_for_without_typing_all_again(company: Cast, time_machine: Any) -> None:
    noon = timezone.localtime().replace(hour=12)
    time_machine.move_to(noon)
    visitor = enter()
    assert visitor.post("/help/reset-password/again/").headers["Location"] == RESET, "of nobody, nothing"
    visitor.post(RESET, asked(company))
    worker()
    time_machine.move_to(noon + timedelta(minutes=2))
    page = visitor.post("/help/reset-password/again/", follow=True)
    assert "another code is on its way" in text_of(page)
    assert worker() == ["staff.send_reset_code"]
    assert SMS.objects.filter(purpose=Purpose.RESET).count() == 2
    assert visitor.post(CODE, {"code": sent_code(), **NEW}).headers["Location"] == "/login/"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_fifty_wrong_codes_at_once_are_five_tries_A37(company: Cast) -> None:
    visitor = enter()
    visitor.post(RESET, asked(company))
    worker()
    row = ResetCode.objects.get()
    answers = at_once(50, lambda _n: operations.reset_code_is_right(row=row, code="000000x"))
    assert set(answers) == {False}
    assert ResetCode.objects.get().tries == 5
    assert not operations.reset_code_is_right(row=row, code=sent_code())


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_right_code_fifty_times_at_once_sets_one_password_A36(company: Cast) -> None:
    visitor = enter()
    visitor.post(RESET, asked(company))
    worker()
    row = ResetCode.objects.get()
    answers = at_once(50, lambda n: operations.reset_password(row=row, new=f"Another2026x{n}"))
    assert answers.count(True) == 1
    assert Event.objects.filter(action="door.password_reset").count() == 1


@pytest.mark.parametrize("code", ["", " ", "\x00", "０００", "00000"])
def test_an_empty_or_short_code_is_never_right_A38(company: Cast, code: str) -> None:
    visitor = enter()
    visitor.post(RESET, asked(company))
    page = visitor.post(CODE, {"code": code, **NEW})
    assert page.context["form"].errors["code"]
    assert StaffLogin.objects.get(pk=company.staff.pk).check_password(PASSWORD)


def test_a_code_in_full_width_digits_is_the_same_code_A85(company: Cast) -> None:
    visitor = enter()
    visitor.post(RESET, asked(company))
    worker()
    wide = sent_code().translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    assert visitor.post(CODE, {"code": wide, **NEW}).headers["Location"] == "/login/"


def test_after_a_reset_the_door_asks_no_question_and_the_second_step_stays(company: Cast) -> None:
    company.entity.second_factor = "all"
    company.entity.save()
    door = {"entity_number": company.entity.number, "username": "ao.hoiian", "password": "wrong"}
    for _try in range(5):
        question = Challenge.ask("picture")
        enter().post("/login/", door | {"human_0": question.key, "human_1": question.task})
    visitor = enter()
    visitor.post(RESET, asked(company))
    worker()
    visitor.post(CODE, {"code": sent_code(), **NEW})
    answer = visitor.post("/login/", door | {"password": NEW["new_password"]})
    assert answer.headers["Location"] == "/login/verify/"


# --- limits ---


@pytest.fixture
def limits(settings: Any, db: None, time_machine: Any) -> Iterator[None]:
    time_machine.move_to(timezone.now(), tick=False)
    settings.RATELIMIT_ENABLE = True
    caches["counters"].clear()
    yield
    caches["counters"].clear()


def test_a_thousand_resets_from_one_place_end_soon_A42(company: Cast, limits: None) -> None:
    statuses = [enter().post(RESET, asked(company, username=f"name.{n}")).status_code for n in range(25)]
    assert statuses.index(429) == 20


@pytest.mark.parametrize(
    ("address", "change"), [(RESET, "username"), (USERNAME, "document_number"), ("/activate/", "document_number")]
)
def test_one_target_from_many_places_ends_soon_for_whoever_exists_or_not_A42_A43(
    company: Cast, limits: None, address: str, change: str
) -> None:
    def post(number: int, **target: str) -> int:
        data = asked(company) | {"document_type": "bir_permanent", "document_number": "12345678"}
        data |= {"code": "AAAAAAA2", "agree": "on"}
        return enter().post(address, data | target, REMOTE_ADDR=f"203.0.113.{number}").status_code

    for target in ({}, {change: "87654321"}):
        statuses = [post(number, **target) for number in range(31)]
        assert statuses.index(429) == 30
    assert post(200, **{change: " 8765-4321 " if change == "document_number" else " 87654321 "}) == 429, "one target"
    assert post(201, **{change: "55555555"}) != 429, "another one"


def test_without_the_human_check_nobody_is_kept_from_resetting_A7(company: Cast, limits: None) -> None:
    """A limit on a target is a way to lock its owner out, unless each count costs an answer."""
    for number in range(40):
        data = {"entity_number": company.entity.number, "username": "ao.hoiian", "birth_date": "1990-01-01"}
        enter().post(RESET, data, REMOTE_ADDR=f"203.0.113.{number}")
    assert enter().post(RESET, asked(company), REMOTE_ADDR="198.51.100.1").status_code == 302


def test_a_subscriber_of_ipv6_is_one_place_A101(company: Cast, limits: None) -> None:
    statuses = [
        enter().post(RESET, asked(company, username=f"n.{n}"), REMOTE_ADDR=f"2001:db8:1:2::{n:x}").status_code
        for n in range(21)
    ]
    assert statuses[-1] == 429
    answer = enter().post(RESET, asked(company, username="other"), REMOTE_ADDR="2001:db8:1:3::1")
    assert answer.status_code == 302


# --- between the password and the house ---


def knock(house: Cast, password: str = PASSWORD) -> tuple[Client, Any]:
    client = enter()
    data = {"entity_number": house.entity.number, "username": "ao.hoiian", "password": password}
    return client, client.post("/login/", data)


def test_a_demanded_new_password_comes_before_the_house(company: Cast) -> None:
    operations.demand_new_password(login=company.staff, by=None)
    client, answer = knock(company)
    assert answer.headers["Location"] == "/login/password/"
    assert client.get("/account/").status_code == 302
    same = client.post("/login/password/", {"new_password": PASSWORD, "new_password_again": PASSWORD})
    assert "This is the password you have now." in text_of(same)
    weak = client.post("/login/password/", {"new_password": "short", "new_password_again": "short"})
    assert "Still missing" in text_of(weak)
    assert client.post("/login/password/", NEW).headers["Location"] == "/"
    assert client.get("/account/").status_code == 200
    _client, answer = knock(company, NEW["new_password"])
    assert answer.headers["Location"] == "/", "once"


def test_demanding_a_new_password_ends_the_sessions_there_are(company: Cast) -> None:
    client, _answer = knock(company)
    operations.demand_new_password(login=company.staff, by=None)
    assert client.get("/account/").status_code == 302


def test_a_password_that_todays_rules_refuse_must_be_changed_S8_3(company: Cast) -> None:
    person = StaffLogin.objects.get(pk=company.staff.pk)
    person.set_password("Password1")  # among those that everybody tries first
    person.save()
    _client, answer = knock(company, "Password1")
    assert answer.headers["Location"] == "/login/password/"


def test_terms_in_a_new_version_are_accepted_before_the_house_Q6(company: Cast) -> None:
    with owning():
        TermsAcceptance.objects.filter(login=company.staff).delete()
    client, answer = knock(company)
    assert answer.headers["Location"] == "/login/terms/"
    assert client.get("/account/").status_code == 302
    page = client.post("/login/terms/", {"agree": ""})
    assert page.context["form"].errors["agree"]
    assert "unified electronic platform" in text_of(page)
    assert client.post("/login/terms/", {"agree": "on"}).headers["Location"] == "/"
    kept = TermsAcceptance.objects.get(login=company.staff)
    assert (kept.terms.version, kept.terms.language) == (terms.CURRENT, "en")
    assert timezone.now() - kept.accepted_at < timedelta(minutes=1)
    assert Event.objects.filter(action="terms.accepted", target=company.staff.euid).count() == 1
    _client, answer = knock(company)
    assert answer.headers["Location"] == "/"


def test_all_steps_come_one_after_the_other_and_every_page_leads_to_the_present_one(company: Cast) -> None:
    company.entity.second_factor = "all"
    company.entity.save()
    operations.demand_new_password(login=company.staff, by=None)
    with owning():
        TermsAcceptance.objects.filter(login=company.staff).delete()
    client, answer = knock(company)
    todo = ["/login/verify/", "/login/password/", "/login/terms/"]
    for present in todo:
        assert answer.headers["Location"] == present
        for other in todo:
            leads = client.get(other)
            assert leads.status_code == (200 if other == present else 302)
            assert leads.headers.get("Location", present) == present
        if present == todo[0]:
            code = re.findall(r"\d{6}", SMS.objects.get(purpose=Purpose.SIGN_IN).body)[0]
            answer = client.post(present, {"code": code})
        else:
            answer = client.post(present, NEW | {"agree": "on"})
    assert answer.headers["Location"] == "/"
    assert client.get("/account/").status_code == 200


# --- what is demanded meanwhile ---


def test_a_password_that_is_demanded_anew_meanwhile_does_not_come_in_with_the_old_one(company: Cast) -> None:
    company.entity.second_factor = "all"
    company.entity.save()
    client, answer = knock(company)
    assert answer.headers["Location"] == "/login/verify/"
    operations.demand_new_password(login=company.staff, by=None)
    code = re.findall(r"\d{6}", SMS.objects.get(purpose=Purpose.SIGN_IN).body)[0]
    assert client.post("/login/verify/", {"code": code}).headers["Location"] == "/login/"
    assert client.get("/account/").status_code == 302


def test_a_second_step_that_is_demanded_meanwhile_is_not_walked_past(company: Cast) -> None:
    operations.demand_new_password(login=company.staff, by=None)
    client, answer = knock(company)
    assert answer.headers["Location"] == "/login/password/"
    company.entity.second_factor = "all"
    company.entity.save()
    page = client.post("/login/password/", NEW, follow=True)
    assert page.redirect_chain == [("/login/", 302)]
    assert "Please begin again." in text_of(page)
    assert client.get("/account/").status_code == 302


def test_a_lock_meanwhile_ends_the_way_in(company: Cast) -> None:
    operations.demand_new_password(login=company.staff, by=None)
    client, _answer = knock(company)
    StaffLogin.objects.filter(pk=company.staff.pk).update(failed_attempts=5, locked_at=timezone.now())
    assert client.post("/login/password/", NEW).headers["Location"] == "/login/"


@pytest.mark.parametrize(
    "kept",
    [{}, {"login": 1}, [], "x", 7, {"unknown": 1}, {"at": "never"}, {"todo": ["a step of yesterday"]}],
)
def test_what_an_older_release_kept_about_an_entry_is_no_fault(company: Cast, kept: Any) -> None:
    operations.demand_new_password(login=company.staff, by=None)
    client, _answer = knock(company)
    session = client.session
    session["door"] = {**session["door"], **kept} if isinstance(kept, dict) and kept != {"login": 1} else kept
    session.save()
    if kept == {}:
        assert client.get("/login/password/").status_code == 200
    else:
        assert client.get("/login/password/").headers["Location"] == "/login/"


def test_nothing_of_who_was_here_before_stays_in_the_session(company: Cast) -> None:
    client = enter()
    client.post(RESET, asked(company, username="somebody.else"))
    assert client.session["reset_for"]["username"] == "somebody.else"
    client.post("/login/", {"entity_number": company.entity.number, "username": "ao.hoiian", "password": PASSWORD})
    assert "reset_for" not in client.session
    assert client.get("/account/").status_code == 200
