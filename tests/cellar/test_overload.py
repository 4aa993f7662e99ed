"""More requests at once than there are places: told at once, in each language, without the database (A19, L2, L4).

Over the wire: `tests/attacks/test_overload.py`.
"""

import inspect
import logging
import runpy
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as real
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from entity_portal import errors
from entity_portal import settings as portal
from entity_portal.checks import views
from entity_portal.logs import WithoutRefusals
from entity_portal.overload import MARK, Places
from entity_portal.postgres import ROOT
from tests.cast import Cast, EnglishReader, enter
from tests.pages import problems, text_of

CODES = tuple(dict(real.LANGUAGES))
BUSY = {"en": "The system is busy", "pt": "Sistema ocupado", "zh-hant": "系統繁忙"}


def reader(code: str = "en") -> EnglishReader:
    client = EnglishReader(raise_request_exception=False)
    client.cookies[real.LANGUAGE_COOKIE_NAME] = code
    client.cookies[real.SESSION_COOKIE_NAME] = "a-session-of-yesterday"
    return client


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(self: Any) -> None:
        raise OperationalError("nobody may ask it")

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", away)


@pytest.fixture
def no_pages(settings: Any) -> None:
    settings.PAGES_AT_ONCE = 0


@pytest.fixture
def no_passwords(settings: Any) -> None:
    settings.PASSWORDS_AT_ONCE = 0


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("address", ["/", "/login/", "/staff/", "/nowhere/at/all/", "/admin/"])
def test_without_a_place_a_page_says_so_in_the_readers_language_and_asks_nothing_L2(
    no_pages: None, no_database: None, address: str, code: str
) -> None:
    answer = reader(code).get(address)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert BUSY[code] in answer.content.decode()
    assert problems(answer.content.decode(), status=503) == []
    assert "no-store" in answer["Cache-Control"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_programs_read_a_problem_and_watchers_are_answered_L2(no_pages: None, no_database: None) -> None:
    answer = reader().get("/api/v1/authorizations")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert (answer["Content-Type"], answer.json()["code"]) == ("application/problem+json", "overloaded")
    assert Client().get("/healthz").status_code == 200


def test_sign_ins_take_no_place_of_pages_A19_L4(no_passwords: None, company: Cast) -> None:
    assert enter().get("/login/").status_code == 200
    assert enter().post("/login/", {}).status_code == 503
    assert enter(company.administrator).get("/staff/").status_code == 200
    assert enter(company.administrator).post("/language/pt/").status_code != 503


def test_pages_take_no_place_of_sign_ins_A19_L4(no_pages: None, db: None) -> None:
    assert enter().post("/login/", {}).status_code == 200


def test_the_page_was_not_drawn_for_somebody_else_L2(no_pages: None, no_database: None) -> None:
    errors.busy_page.cache_clear()
    reader().get("/staff/?q=Chan+Tai+Man", headers={"Host": "127.0.0.1"})
    page = reader().get("/activate/")
    assert "Chan" not in page.content.decode()
    assert "/staff/" not in page.content.decode()
    assert "no attempt was counted" in text_of(page)


@pytest.mark.parametrize("fault", [None, RuntimeError("on purpose")])
def test_a_place_is_free_again_whatever_becomes_of_a_request_L2(settings: Any, fault: Exception | None) -> None:
    settings.PAGES_AT_ONCE = 1

    def view(_request: HttpRequest) -> HttpResponse:
        assert places(RequestFactory().get("/")).status_code == 503, "there is one place, and it is taken"
        if fault:
            raise fault
        return HttpResponse("done")

    places = Places(view)
    for _time in range(3):
        if fault:
            with pytest.raises(RuntimeError):
                places(RequestFactory().get("/"))
        else:
            assert places(RequestFactory().get("/")).content == b"done"


def test_refusals_are_one_line_of_the_log_L2(no_pages: None, caplog: pytest.LogCaptureFixture) -> None:
    client = reader()
    for _time in range(5):
        assert client.get("/").status_code == 503
    said = [each for each in caplog.records if each.name == "entity_portal.overload"]
    assert [each.getMessage() for each in said] == ["all places are taken: 1 requests refused since the last such line"]


def test_of_answers_503_only_exceptions_are_logged_one_by_one_L2() -> None:
    def line(**more: Any) -> logging.LogRecord:
        return logging.makeLogRecord({"name": "django.request", **more})

    keeps: Callable[[logging.LogRecord], bool | logging.LogRecord] = WithoutRefusals().filter
    assert not keeps(line(status_code=503))
    assert keeps(line(status_code=503, exc_info=(ValueError, ValueError(), None)))
    assert keeps(line(status_code=500))
    assert keeps(line())


def test_every_page_that_looks_at_a_password_has_the_places_of_its_kind_A19() -> None:
    """Found by what they call: `slot()`, or `authenticate`, which asks for one."""
    hashing, marked = set(), set()
    for route, pattern in views():
        source = inspect.getsource(inspect.unwrap(pattern.callback))
        if "slot()" in source or "auth.authenticate(" in source:
            hashing.add(route)
        if hasattr(pattern.callback, MARK):
            marked.add(route)
    assert hashing == marked
    assert "login/" in marked
    assert len(marked) == 7


def test_the_web_server_has_a_thread_for_each_place_and_some_that_refuse_L2(monkeypatch: pytest.MonkeyPatch) -> None:
    for told, places in ((None, portal.PAGES_AT_ONCE + 2 * portal.PASSWORDS_AT_ONCE), ("11", 33)):
        for name in ("PAGES_AT_ONCE", "PASSWORDS_AT_ONCE"):
            monkeypatch.delenv(name, raising=False)
            if told:
                monkeypatch.setenv(name, told)
        said = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
        assert said["threads"] >= places + 2
        assert said["threads"] < said["worker_connections"]
