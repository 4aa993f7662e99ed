"""需要幫助: resetting a password and a forgotten username, as pages."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from entity_portal.humancheck.models import Challenge
from entity_portal.messaging.models import SMS, Purpose
from staff.models import StaffLogin
from tests.cast import PASSWORD, Cast, enter, worker
from tests.pages import text_of

RESET, CODE, USERNAME = "/help/reset-password/", "/help/reset-password/code/", "/help/username/"
NEW = {"new_password": "Another2026x", "new_password_again": "Another2026x"}


def answered(**data: Any) -> dict[str, Any]:
    challenge = Challenge.ask("picture")
    return {"human_0": challenge.key, "human_1": challenge.task, **data}


def asked(company: Cast, **changes: str) -> dict[str, Any]:
    data = {"entity_number": company.entity.number, "username": "ao.hoiian", "birth_date": "1990-01-01"}
    return answered(**{**data, **changes})


def code() -> str:
    worker()
    found = re.search(r"\d{6}", SMS.objects.get(purpose=Purpose.RESET).body)
    assert found
    return found[0]


def test_a_locked_person_sets_a_new_password_with_the_code_from_the_sms_and_comes_in_S6_4(company: Cast) -> None:
    visitor = enter()
    wrong = {"entity_number": company.entity.number, "username": "ao.hoiian", "password": "wrong"}
    for _strike in range(5):
        visitor.post("/login/", answered(**wrong))
    assert StaffLogin.objects.get(pk=company.staff.pk).is_locked
    page = visitor.post(RESET, asked(company), follow=True)
    assert page.redirect_chain == [(CODE, 302)]
    page = visitor.post(CODE, {"code": code(), **NEW}, follow=True)
    assert page.redirect_chain == [("/login/", 302)]
    assert "Your password has been reset." in text_of(page)
    credentials = {"entity_number": company.entity.number, "username": "AO.hoiian", "password": NEW["new_password"]}
    assert visitor.post("/login/", credentials).url == "/"  # type: ignore[attr-defined]


@pytest.mark.parametrize("changes", [{}, {"username": "nobody"}, {"birth_date": "1991-01-01"}])
def test_the_answer_does_not_tell_whether_someone_exists_A13(company: Cast, changes: dict[str, str]) -> None:
    visitor = enter()
    page = visitor.post(RESET, asked(company, **changes), follow=True)
    assert page.redirect_chain == [(CODE, 302)]
    assert "If the data" in text_of(page)
    refused = visitor.post(CODE, {"code": "000000", **NEW})
    assert "The code is wrong or no longer valid." in text_of(refused)


def test_a_bad_new_password_costs_no_try_and_stands_beside_its_field_S8_3(company: Cast) -> None:
    visitor = enter()
    visitor.post(RESET, asked(company))
    page = visitor.post(CODE, {"code": code(), "new_password": "short", "new_password_again": "other"})
    assert "Still missing: 8 characters, an upper-case letter, a digit." in text_of(page)
    assert "The two passwords differ." in text_of(page)
    assert visitor.post(CODE, {"code": code(), **NEW}).url == "/login/"  # type: ignore[attr-defined]


def test_step_two_without_step_one_leads_to_step_one(db: None) -> None:
    assert enter().get(CODE).url == RESET  # type: ignore[attr-defined]


def test_a_wrong_human_check_sends_nothing(company: Cast) -> None:
    page = enter().post(RESET, {**asked(company), "human_1": "ZZZZZ"})
    assert "Here is a new one." in text_of(page)
    assert not SMS.objects.exists()


@pytest.mark.parametrize(("birth_date", "texts"), [("1990-01-01", 1), ("1991-01-01", 0)])
def test_a_forgotten_username_comes_by_sms_and_the_page_says_the_same_to_all(
    company: Cast, birth_date: str, texts: int
) -> None:
    data = answered(
        entity_number=company.entity.number,
        document_number=company.staff.document_number,
        document_type="bir_permanent",
        birth_date=birth_date,
    )
    page = enter().post(USERNAME, data, follow=True)
    assert page.redirect_chain == [("/help/username/?sent", 302)], "a reload asks for nothing again"
    assert "If the data" in text_of(page)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs")
        assert company.staff.document_number not in str(cursor.fetchall())
    assert worker() == ["staff.remind_username"]
    assert SMS.objects.filter(purpose=Purpose.USERNAME).count() == texts


def test_a_new_password_like_ones_own_data_is_refused_in_words(company: Cast) -> None:
    page = enter(company.staff).post(
        "/account/password/",
        {"old_password": PASSWORD, "new_password": "Ao.hoiian1", "new_password_again": "Ao.hoiian1"},
    )
    assert "The password is too similar to your personal data." in text_of(page)


def test_a_page_that_breaks_says_so_with_a_reference_that_the_log_has_too(
    company: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("staff.queries.find", broken)
    browser = Client(raise_request_exception=False)
    browser.force_login(company.administrator)
    page = browser.get("/staff/")
    assert page.status_code == 500
    reference = re.search(r"\b[0-9A-F]{8}\b", text_of(page))
    assert reference
    assert page["X-Request-ID"].upper().startswith(reference[0])
    (line,) = [each for each in caplog.records if each.name == "django.request"]
    assert line.number == page["X-Request-ID"]  # type: ignore[attr-defined]
