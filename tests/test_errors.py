"""Pages for what went wrong: the right status, what happened and what to do, in three languages, whatever is broken."""

import json
import re
from datetime import datetime, timedelta
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, InterfaceError, InternalError, OperationalError, ProgrammingError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone, translation
from procrastinate.contrib.django import utils as connectors
from procrastinate.exceptions import ConnectorException
from psycopg import errors as postgres

from entity_portal import errors, maintenance
from entity_portal.uploads import FAR_TOO_MUCH
from tests.cast import Cast, EnglishReader, enter
from tests.pages import problems, text_of

CODES = tuple(dict(settings.LANGUAGES))


def reader(code: str = "en") -> EnglishReader:
    """A browser that reads a language, and has been here before: it brings a session."""
    client = EnglishReader(raise_request_exception=False)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = code
    client.cookies[settings.SESSION_COOKIE_NAME] = "a-session-of-yesterday"
    return client


# --- pages by themselves ---

PAGES: dict[str, tuple[int, Any]] = {
    "400": (400, lambda request: errors.bad_request(request, Exception())),
    "404": (404, lambda request: errors.not_found(request, Exception())),
    "403_csrf": (403, errors.csrf_failure),
    "405": (405, lambda request: errors.not_allowed(request, ["POST"])),
    "413": (413, errors.too_large),
    "429": (429, lambda request: errors.too_many_requests(request, seconds=130)),
    "500": (500, errors.server_error),
    "503": (503, errors.overloaded),
    "maintenance": (503, lambda request: errors.under_maintenance(request, None)),
    "maintenance until": (503, lambda request: errors.under_maintenance(request, timezone.now() + timedelta(hours=2))),
}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("kind", PAGES)
def test_each_is_a_page_of_the_house_in_the_readers_language_with_a_way_on(kind: str, code: str) -> None:
    status, made = PAGES[kind]
    request = RequestFactory().get("/", headers={"Cookie": f"{settings.LANGUAGE_COOKIE_NAME}={code}"})
    with translation.override(code):
        response = made(request)
    html = response.content.decode()
    assert response.status_code == status
    assert problems(html, status=status) == []
    assert f'lang="{dict(zip(CODES, ("zh-Hant-MO", "pt", "en"), strict=True))[code]}"' in html
    assert 'class="button' in html.partition("<main")[2]


def test_429_says_when_to_try_again_on_the_page_and_to_programs() -> None:
    with time_machine.travel("2026-03-11T02:00:00Z", tick=False), translation.override("en"):
        response = errors.too_many_requests(RequestFactory().get("/"), seconds=130)
    assert response["Retry-After"] == "130"
    assert "Try again after 2026-03-11 10:02 , in about 3 minutes." in text_of(response)


# --- what the views say no to ---


def test_a_method_that_a_page_does_not_take_is_answered_with_words_and_what_it_takes(company: Cast) -> None:
    for client in (enter(), enter(company.administrator)):
        for response in (client.post("/"), client.put("/login/")):
            assert (response.status_code, response["Allow"].split(", ")[0]) == (405, "GET")
            assert "This page cannot be opened like that" in text_of(response)
    sent = enter(company.administrator).get(f"/staff/{company.pending.euid}/send-code/")
    assert sent.status_code in {404, 405}
    assert len(sent.content) > 1000


def test_what_is_far_too_large_is_refused_before_its_token_is_looked_for(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/apply/begin/", {"a": "b"}, CONTENT_LENGTH=str(FAR_TOO_MUCH + 1))
    assert response.status_code == 413
    assert client.post("/apply/begin/", {"a": "b"}, CONTENT_LENGTH=str(FAR_TOO_MUCH)).status_code == 403


# --- what programs are told ---

TOKEN, API_LIST, REPORT = (
    "/oidc/token",
    "/api/v1/authorizations",
    "/messages/twilio/0190a000-0000-7000-8000-000000000000/",
)
TOLD: dict[str, tuple[int, str, Any]] = {
    "unreadable": (400, "invalid_request", lambda request: errors.bad_request(request, Exception())),
    "no_such_address": (404, "invalid_request", lambda request: errors.not_found(request, Exception())),
    "method_not_allowed": (405, "invalid_request", lambda request: errors.not_allowed(request, ["POST"])),
    "too_large": (413, "invalid_request", errors.too_large),
    "too_many_requests": (
        429,
        "temporarily_unavailable",
        lambda request: errors.too_many_requests(request, seconds=130),
    ),
    "server_error": (500, "server_error", errors.server_error),
    "maintenance": (503, "temporarily_unavailable", lambda request: errors.under_maintenance(request, None)),
    "tls_required": (403, "invalid_request", errors.without_tls),
}


@pytest.mark.parametrize("code", TOLD)
def test_a_program_is_told_in_json_and_one_of_oauth_in_its_own_RFC_6749_RFC_9457(code: str) -> None:
    status, error, made = TOLD[code]
    for address in (API_LIST, REPORT):
        response = made(RequestFactory().get(address))
        assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
        assert json.loads(response.content)["code"] == code
    response = made(RequestFactory().get(TOKEN))
    assert (response.status_code, response["Content-Type"]) == (status, "application/json")
    told = json.loads(response.content)
    assert told.pop("error_description")
    assert told == {"error": error}


def test_what_a_program_may_ask_with_stands_in_the_answer() -> None:
    assert Client().get(TOKEN)["Allow"] == "POST"
    assert Client().get(TOKEN).json()["error_description"] == "Ask with POST."
    assert Client().put(TOKEN)["Allow"] == "GET, HEAD, POST"
    assert Client().put(API_LIST)["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("address", [TOKEN, API_LIST, REPORT, "/oidc/jwks", "/.well-known/openid-configuration"])
def test_a_program_without_tls_is_refused_and_not_sent_on_ASVS_4_1_2(settings: Any, address: str) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, [settings.PROGRAMS]
    client = Client(headers={"Authorization": "Bearer a-token"})
    for response in (client.get(address), client.post(address, {"client_secret": "x"})):
        assert (response.status_code, "Location" in response) == (403, False)
        assert "https" in response.content.decode()
    assert client.get("/login/").status_code == 301
    assert client.get("/oidc/authorize").status_code == 301, "a page, for whoever is led there"


# --- what is logged ---


def test_a_line_break_in_an_address_begins_no_line_of_the_log_A132(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise RuntimeError

    monkeypatch.setattr(maintenance, "announced", broken)
    assert reader().get("/a%0AERROR%20all%20is%20well%0D%E2%80%A8%1B[31m").status_code == 500
    lines = [record.getMessage() for record in caplog.records]
    assert lines
    assert [line for line in lines if not line.isprintable()] == []


# --- the database is away ---


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(self: Any) -> None:
        raise OperationalError("connection refused") from postgres.OperationalError("connection refused")

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", away)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("address", ["/", "/login/", "/staff/", "/nowhere/at/all/", "/admin/"])
def test_without_the_database_a_page_says_so_and_when_to_come_back(no_database: None, address: str, code: str) -> None:
    response = reader(code).get(address)
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert re.search(r'<code class="nb">[0-9A-F]{8}</code>', response.content.decode())


def test_without_the_database_the_process_still_says_that_it_lives(no_database: None) -> None:
    assert Client().get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("fault", "cause", "status"),
    [
        (OperationalError, postgres.OperationalError("no route"), 503),
        (OperationalError, postgres.AdminShutdown(), 503),
        (OperationalError, postgres.CannotConnectNow(), 503),
        (OperationalError, postgres.TooManyConnections(), 503),
        (OperationalError, postgres.DiskFull(), 503),
        (OperationalError, postgres.QueryCanceled(), 503),
        (OperationalError, postgres.LockNotAvailable(), 503),
        (InternalError, postgres.ReadOnlySqlTransaction(), 503),
        (InternalError, postgres.InternalError("received 2 results from command 'BEGIN'"), 503),
        (InterfaceError, postgres.InterfaceError("the connection is closed"), 503),
        (InterfaceError, None, 503),
        (OperationalError, postgres.DeadlockDetected(), 500),
        (OperationalError, postgres.SerializationFailure(), 500),
        (InternalError, postgres.InFailedSqlTransaction(), 500),
        (ProgrammingError, postgres.UndefinedTable(), 500),
        (ProgrammingError, postgres.ProgrammingError("unlike the others"), 500),
        (IntegrityError, postgres.UniqueViolation(), 500),
        (ValueError, None, 500),
    ],
)
def test_away_is_what_does_not_answer_in_its_time_and_nothing_that_it_refuses_P1_P9(
    fault: type[Exception], cause: Exception | None, status: int
) -> None:
    response = answer_to(chained(fault("…"), cause=cause))
    assert response.status_code == status
    assert response.has_header("Retry-After") == (status == 503)


def test_away_is_also_what_another_error_was_made_of_P2() -> None:
    gone, deadlock = postgres.OperationalError("the connection is lost"), postgres.DeadlockDetected()
    told = chained(OperationalError("…"), cause=gone)
    assert answer_to(chained(KeyError(), context=told)).status_code == 503
    assert answer_to(chained(KeyError(), cause=chained(OperationalError("…"), cause=deadlock))).status_code == 500
    # A job that cannot be put into the queue: cause and context point at each other.
    for cause, status in ((gone, 503), (deadlock, 500)):
        chained(cause, context=chained(OperationalError("…"), cause=cause))
        assert answer_to(chained(ConnectorException(), cause=cause)).status_code == status


def chained(error: Exception, *, cause: Exception | None = None, context: Exception | None = None) -> Exception:
    error.__cause__, error.__context__ = cause, context
    return error


def answer_to(error: Exception) -> HttpResponse:
    try:
        raise error
    except type(error):
        return errors.server_error(RequestFactory().get("/"))


@pytest.mark.parametrize("statement", range(1, 5))
def test_a_connection_that_is_cut_at_any_statement_is_a_503_and_then_all_is_well_P2(
    transactional_db: None, company: Cast, statement: int
) -> None:
    client = enter(company.administrator)
    client.raise_request_exception = False
    asked = count(1)

    def cut(execute: Any, *args: Any) -> Any:
        if next(asked) == statement:
            with psycopg.connect(**connectors.connector_params()) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        return execute(*args)

    with connection.execute_wrapper(cut):
        response = client.get("/staff/")
    assert next(asked) > statement, "a page of so few statements is not cut"
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    connection.close()
    assert client.get("/staff/").status_code == 200


# --- maintenance ---


@pytest.fixture
def notice(tmp_path: Path, settings: Any) -> Path:
    settings.MAINTENANCE_FILE = str(tmp_path / "shared" / "maintenance")
    return tmp_path / "shared" / "maintenance"


def command(*arguments: str) -> str:
    said = StringIO()
    call_command("maintenance", *arguments, stdout=said)
    return said.getvalue().strip()


@pytest.mark.parametrize("code", CODES)
def test_the_notice_stands_in_place_of_every_page_and_needs_no_database(
    notice: Path, no_database: None, code: str
) -> None:
    maintenance.put_up()
    for response in (reader(code).get("/"), reader(code).post("/login/", {}), reader(code).get("/admin/")):
        assert (response.status_code, response["Retry-After"]) == (503, "300")
        assert "no-store" in response["Cache-Control"]
    answer = reader(code).get("/api/v1/authorizations")
    assert (answer.status_code, answer.json()["code"]) == (503, "maintenance")
    assert Client().get("/healthz").status_code == 200


def test_under_the_notice_the_language_can_be_chosen(notice: Path, no_database: None) -> None:
    maintenance.put_up()
    client = reader("en")
    assert "We are working on the portal" in text_of(client.get("/"))
    switched = client.get("/language/zh-hant/?next=/staff/")
    assert (switched.status_code, switched["Location"]) == (302, "/staff/")
    assert '<html lang="zh-Hant-MO"' in client.get("/staff/").content.decode()
    assert client.get("/language/xx/").status_code == 503
    assert client.get("/language/pt/?next=//evil.example/")["Location"] == "/"


def test_it_says_until_when_as_long_as_that_is_to_come(notice: Path, no_database: None) -> None:
    with time_machine.travel("2026-03-11T02:00:00Z", tick=False):
        assert command("on", "--until", "2026-03-11 12:00") == "The notice is up until 2026-03-11 12:00."
        response = reader().get("/")
        assert "2026-03-11 12:00" in text_of(response)
        assert response["Retry-After"] == "7200"
    with time_machine.travel("2026-03-11T04:00:01Z", tick=False):
        response = reader().get("/")
        assert "2026-03-11 12:00" not in text_of(response)
        assert (response.status_code, response["Retry-After"]) == (503, "300")


def test_operators_put_it_up_look_and_take_it_down(notice: Path, db: None) -> None:
    assert command() == "The notice is down."
    assert command("on") == "The notice is up."
    assert reader().get("/").status_code == 503
    assert command("off") == "The notice is down."
    assert reader().get("/").status_code == 200
    for wrong in ("tomorrow", "2020-01-01 00:00"):
        with pytest.raises(CommandError):
            command("on", "--until", wrong)
    assert not notice.exists()


@pytest.mark.parametrize("said", ["", "soon", "\xff\xfe"])
def test_a_file_put_there_by_hand_is_enough(notice: Path, said: str) -> None:
    notice.parent.mkdir()
    notice.write_bytes(said.encode("latin-1"))
    assert maintenance.announced() == (True, None)
    notice.write_text("2099-01-01 08:00\n")
    assert maintenance.announced() == (True, timezone.make_aware(datetime(2099, 1, 1, 8)))
