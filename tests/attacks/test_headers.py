"""What every answer tells the browser, whoever made it: the expected values are typed, one kind of answer a line."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client

from entity_portal import data_keys
from entity_portal.humancheck.models import Challenge
from entity_portal.management.commands.quality import real_installation
from services.oidc import keys
from tests.cast import PASSWORD, Cast, company, enter, prove
from tests.headers import faults

# --- every kind of answer ---


def broken(*_: object, **__: object) -> None:
    raise RuntimeError("broken on purpose")


def break_a_view(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("staff.queries.find", broken)


def break_the_sessions(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("django.contrib.sessions.backends.db.SessionStore.load", broken)


def break_a_middleware(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("django.middleware.locale.LocaleMiddleware.process_request", broken)


def allow_small_bodies_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", 10)


def count_posts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settings, "RATELIMIT_ENABLE", True)


DOOR = {"entity_number": "1", "username": "nobody", "password": "x"}
Ask = Callable[[Client], Any]


def until_429(visitor: Client) -> Any:
    """Knock until it is too much, across the end of a minute, too."""
    answers = (visitor.post("/login/", DOOR) for _turn in range(62))
    return next(answer for answer in answers if answer.status_code == 429)


# kind of answer: status, how one gets it (signed in as an administrator where it says `inside`)
ANSWERS: dict[str, tuple[int, Ask]] = {
    "a page": (200, lambda visitor: visitor.get("/")),
    "a form": (200, lambda visitor: visitor.get("/login/")),
    "a form with faults": (200, lambda visitor: visitor.post("/activate/", {"code": "x"})),
    "only the head of it": (200, lambda visitor: visitor.head("/help/reset-password/")),
    "a page inside": (200, lambda visitor: visitor.get("/staff/")),
    "a file inside": (200, lambda visitor: visitor.get("/staff/export.csv")),
    "a picture": (200, lambda visitor: visitor.get("/human-check/a-picture.png")),
    "JSON": (200, lambda visitor: visitor.post("/human-check/")),
    "healthz": (200, lambda visitor: visitor.get("/healthz")),
    "the way to the door": (302, lambda visitor: visitor.get("/account/")),
    "the way back from the language": (302, lambda visitor: visitor.get("/language/pt/")),
    "the way out, inside": (302, lambda visitor: visitor.post("/logout/")),
    "NUL in the address": (400, lambda visitor: visitor.get("/?q=%00")),
    "another codec": (400, lambda visitor: visitor.post("/login/", "x", content_type="text/plain; charset=utf-7")),
    "another host's name": (400, lambda visitor: visitor.get("/", headers={"Host": "evil.example"})),
    "a body that is too big": (413, lambda visitor: visitor.post("/login/", DOOR)),
    "a POST from elsewhere": (403, lambda visitor: visitor.post("/login/", DOOR, headers={"Origin": "null"})),
    "nothing there": (404, lambda visitor: visitor.get("/nowhere/")),
    "nothing there, inside": (404, lambda visitor: visitor.get("/staff/CU0000000000/")),
    "no file there": (404, lambda visitor: visitor.get("/static/nothing.css")),
    "a method the view does not take": (405, lambda visitor: visitor.post("/")),
    "a method no view takes": (405, lambda visitor: visitor.trace("/login/")),
    "too many": (429, lambda visitor: until_429(visitor)),
    "a broken view, inside": (500, lambda visitor: visitor.get("/staff/")),
    "broken sessions": (500, lambda visitor: visitor.get("/login/")),
    "a broken middleware": (500, lambda visitor: visitor.get("/login/")),
}
HOW: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "a body that is too big": allow_small_bodies_only,
    "too many": count_posts,
    "a broken view, inside": break_a_view,
    "broken sessions": break_the_sessions,
    "a broken middleware": break_a_middleware,
}


@pytest.mark.django_db(databases=["default", "counters"])
@pytest.mark.parametrize("kind", ANSWERS)
def test_every_kind_of_answer_carries_the_whole_policy_A75_A76(
    company: Cast, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Challenge.objects.create(key="a-picture", kind="picture", task="ABCDE")
    caches["counters"].clear()
    status, ask = ANSWERS[kind]
    visitor = Client(raise_request_exception=False, enforce_csrf_checks=kind == "a POST from elsewhere")
    if "inside" in kind:
        visitor.force_login(company.administrator)
        prove(visitor)
    else:
        visitor.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    HOW.get(kind, lambda _patch: None)(monkeypatch)
    answer = ask(visitor)
    assert (answer.status_code, faults(answer.headers)) == (status, [])


def test_whoever_leaves_takes_nothing_along_in_the_browser_ASVS_14_3_1(company: Cast) -> None:
    person = enter(company.staff)
    assert "Clear-Site-Data" not in person.get("/account/").headers
    assert person.post("/logout/")["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "OPTIONS", "CONNECT", "PUT", "PATCH", "DELETE", "PROPFIND"])
@pytest.mark.parametrize("address", ["/", "/login/", "/activate/", "/staff/new/", "/nowhere/"])
def test_the_portal_knows_three_methods(company: Cast, address: str, method: str) -> None:
    answer = enter(company.administrator).generic(method, address)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")
    assert b"This page cannot be opened like th" in answer.content, (
        "said in the house style, with nothing of the request"
    )


# --- a real installation, with TLS ---


@pytest.fixture
def over_tls(transactional_db: None, tmp_path: Path) -> dict[str, dict[str, Any]]:
    """Answers of the portal as it stands behind a proxy that ends TLS, by what was asked: see `over_tls.py`."""
    from tests.running import environment

    person = company().staff
    keys.make(tmp_path / "keys")
    told = {
        **real_installation(str(tmp_path / "keys")),
        "DJANGO_SETTINGS_MODULE": "entity_portal.settings",
        "DATABASE_URL": environment("", tmp_path)["DATABASE_URL"],
        "PORTAL_DATA_DIR": str(tmp_path),
        "DATA_KEYS_DIR": settings.DATA_KEYS_DIR,
    }
    command = [sys.executable, "-m", "tests.attacks.over_tls", person.entity.number, str(person.username), PASSWORD]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


def test_over_tls_cookies_belong_to_this_host_and_answers_insist_on_tls_ASVS_3_3_3_4(
    over_tls: dict[str, dict[str, Any]],
) -> None:
    statuses = {what: answer["status"] for what, answer in over_tls.items()}
    assert statuses == {
        "the door": 200,
        "the way in": 302,
        "inside": 200,
        "the language": 302,
        "the way out": 302,
        "nothing there": 404,
        "a POST without Referer": 403,
        "another host's name": 400,
        "a folder of files": 404,  # ASVS 13.4.3
        "above the files": 404,
        "what the source is kept in": 404,  # ASVS 13.4.1
        "styles": 200,
        "without TLS": 301,
        "without TLS, another host's name": 301,
        "without TLS, whoever watches": 200,
        "a program": 400,
        "a program without TLS": 403,  # ASVS 4.1.2
    }
    plain = ("without TLS", "without TLS, another host's name")
    unencrypted = (*plain, "without TLS, whoever watches", "a program without TLS")
    for what, answer in over_tls.items():
        assert faults(answer["headers"], kept_in_no_cache=what != "styles") == [], what
        if what not in unencrypted:
            assert answer["headers"]["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains", what
    for what in plain:
        assert over_tls[what]["headers"]["Location"] == "https://portal.example/login/?entity=80216453"
        assert over_tls[what]["cookies"] == {}
    assert over_tls["styles"]["headers"]["Cache-Control"] == "max-age=315360000, public, immutable"

    # name: (Path, Domain, Secure, HttpOnly, SameSite)
    safe = ["/", "", True, True, "Lax"]
    assert over_tls["the door"]["cookies"] == {"__Host-csrf": safe}
    assert over_tls["the way in"]["cookies"] == {
        "__Host-csrf": safe,
        "__Host-session": safe,
        "__Host-language": safe,
        "__Host-known": safe,
    }
    assert over_tls["the language"]["cookies"] == {"__Host-language": safe}
    assert over_tls["the way out"]["cookies"] == {"__Host-session": safe}


def test_the_deployment_checks_of_a_real_installation_find_nothing(tmp_path: Path) -> None:
    told = real_installation(str(tmp_path))
    keys.make(tmp_path)
    data_keys.make(tmp_path)
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=told, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (1 silenced).\n"), done.stderr


@pytest.mark.parametrize(
    ("variable", "value"), [("PUBLIC_URL", "http://portal.example"), ("SECRET_KEY", "0123456789" * 4 + "123456789")]
)
def test_what_would_weaken_a_real_installation_stops_its_start_and_is_named(
    variable: str, value: str, tmp_path: Path
) -> None:
    told = real_installation(str(tmp_path)) | {variable: value}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=told, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert f"'{variable}'" in done.stderr


def test_the_length_of_a_page_tells_nothing_of_what_stands_on_it_BREACH(company: Cast) -> None:
    """Pages are compressed, and padded by chance (RFC 1952, FNAME); what was compressed beforehand is left alone."""
    client = Client(headers={"Accept-Encoding": "gzip"})
    answers = [client.get("/login/") for _try in range(8)]
    assert {answer["Content-Encoding"] for answer in answers} == {"gzip"}
    assert all(answer.content[3] & 0b1000 for answer in answers)
    assert len({answer["Content-Length"] for answer in answers}) > 1
    assert "Content-Encoding" not in Client().get("/login/")
