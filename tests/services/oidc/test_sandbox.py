"""The sandbox e-service: what it believes, what it refuses, and when its sessions end."""

import json
import subprocess
import sys
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.conf import settings as portal_settings
from django.test import Client as Browser
from django.utils import timezone
from requests.adapters import BaseAdapter

from services.oidc.backchannel import logout_token, post
from services.oidc.models import Authentication, Client, SignIn
from services.oidc.operations import disable_client, register_client
from services.oidc.sandbox import party
from services.oidc.sandbox.models import Visit
from services.oidc.tokens import signed
from services.operations import change_members
from tests import cast
from tests.pages import text_of
from tests.running import real_portal

pytestmark = pytest.mark.django_db
HOME = "/demo/service/"


class InProcess(BaseAdapter):
    """HTTP to the portal without a network: the same process answers."""

    def send(self, request: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url)
        assert parts.netloc == "testserver"
        for each in ("Content-Length", "Accept-Encoding"):  # nobody unpacks here
            request.headers.pop(each, None)
        headers = dict(request.headers)
        kind = headers.pop("Content-Type", "application/octet-stream")
        body = request.body or ""
        asked = Browser().generic(
            request.method, f"{parts.path}?{parts.query}", body, content_type=kind, headers=headers
        )
        response = requests.Response()
        response.status_code, response._content, response.url = asked.status_code, asked.content, request.url
        response.headers.update(asked.headers)
        return response

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def wires(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests.Session, "get_adapter", lambda self, url: InProcess())


@pytest.fixture
def house() -> cast.Cast:
    """A company with a person assigned to the sandbox, whose client is registered as the demonstration does it."""
    house = cast.company()
    group = cast.group(open_to=house.entity, service="sandbox")
    cast.member(group, house.staff)
    register_client(
        service=group.service,
        by=None,
        client_id=party.CLIENT_ID,
        name="Sandbox",
        authentication=Authentication.KEY,
        skip_authorization=True,
        redirect_uris=party.address("callback"),
        post_logout_redirect_uris=party.address("home"),
        backchannel_logout_uri=party.address("backchannel"),
        public_keys=[party.public_key()],
    )
    return house


def signed_in(house: cast.Cast) -> cast.EnglishReader:
    browser = cast.enter(house.staff)
    answer = come_back(browser)
    assert answer["Location"] == HOME, answer.content
    return browser


def come_back(browser: Browser, **changes: str) -> Any:
    """Go to the portal and bring back what it answers, some of it changed on the way."""
    sent = browser.post(f"{HOME}enter/")
    answered = browser.get(sent["Location"].removeprefix("http://testserver"))
    brought = {name: values[0] for name, values in parse_qs(urlsplit(answered["Location"]).query).items()}
    return browser.get(f"{HOME}callback/", {**brought, **changes})


def test_it_shows_what_the_portal_tells_of_the_person(house: cast.Cast) -> None:
    """Q33, S13"""
    browser = signed_in(house)
    page = text_of(browser.get(HOME))
    for told in (house.staff.euid, "AO HOI IAN", "歐凱欣", house.entity.number, "operators", "Payload", "at_hash"):
        assert told in page
    assert "The number of the staff login" in page
    assert text_of(Browser().get(HOME)).count(house.staff.euid) == 0


def test_every_claim_has_a_reason(house: cast.Cast) -> None:
    rows = signed_in(house).get(HOME).context["claims"]
    assert [row["name"] for row in rows if not row["purpose"]] == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "another"}, "state"),
        ({"state": ""}, "state"),
        ({"iss": "https://evil.example"}, "iss"),
        ({"code": "another"}, "invalid_grant"),
        ({"error": "access_denied", "error_description": "not_assigned"}, "access_denied not_assigned"),
    ],
)
def test_what_comes_back_changed_opens_nothing(house: cast.Cast, changes: dict[str, str], reason: str) -> None:
    browser = cast.enter(house.staff)
    answer = come_back(browser, **changes)
    assert answer.status_code == 403
    assert reason in text_of(answer)
    assert "Welcome" in text_of(browser.get(HOME))
    assert not Visit.objects.exclude(tokens={}).exists()


def test_what_came_back_is_good_once_and_in_that_browser_only(house: cast.Cast) -> None:
    browser = cast.enter(house.staff)
    sent = browser.post(f"{HOME}enter/")
    back = browser.get(sent["Location"].removeprefix("http://testserver"))["Location"].removeprefix("http://testserver")
    assert Browser().get(back).status_code == 403
    assert browser.get(back).status_code == 302
    key = browser.cookies["sandbox"].value
    assert browser.get(back).status_code == 403
    assert not Visit.objects.filter(key=key).exists()


def test_a_token_for_somebody_else_or_of_another_sign_in_is_not_believed(
    house: cast.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OIDC Core 3.1.3.7"""
    for claim, value in (
        ("nonce", "x"),
        ("aud", "other"),
        ("iss", "https://evil.example"),
        ("exp", 1),
        ("at_hash", "x"),
    ):

        def changed(client: Client, claims: dict[str, Any], claim: str = claim, value: Any = value) -> str:
            return signed(client, claims | {claim: value})

        monkeypatch.setattr("services.oidc.validator.signed", changed)
        assert come_back(cast.enter(house.staff)).status_code == 403, claim


def test_refreshing_asks_for_the_rights_anew(house: cast.Cast) -> None:
    """Q25"""
    browser = signed_in(house)
    other = cast.group(open_to=house.entity, service="sandbox", code="viewers")
    cast.member(other, house.staff)
    assert "viewers" not in text_of(browser.get(HOME))
    assert browser.post(f"{HOME}refresh/")["Location"] == HOME
    assert "viewers" in text_of(browser.get(HOME))
    for group in (other, cast.group(service="sandbox")):
        change_members(group=group, by=house.administrator, remove=[house.staff.euid])
    answer = browser.post(f"{HOME}refresh/")
    assert answer.status_code == 403
    assert "invalid_grant" in text_of(answer)
    assert "Welcome" in text_of(browser.get(HOME))


def test_logging_out_everywhere_ends_both_sessions(house: cast.Cast) -> None:
    browser = signed_in(house)
    away = browser.post(f"{HOME}leave/")["Location"]
    assert away.startswith("http://testserver/oidc/logout?")
    assert browser.get(away.removeprefix("http://testserver"))["Location"] == party.address("home")
    assert browser.get("/account/").status_code == 302
    assert "Welcome" in text_of(browser.get(HOME))
    assert not Visit.objects.exists()


def test_the_portal_ends_a_session_here(house: cast.Cast) -> None:
    """Back-Channel Logout 1.0"""
    browser, stranger = signed_in(house), signed_in(house)
    sign_in = SignIn.objects.get(sid=Visit.objects.get(key=browser.cookies["sandbox"].value).sid)
    post(party.address("backchannel"), logout_token(sign_in.client, sign_in))
    assert "Welcome" in text_of(browser.get(HOME))
    assert "You are logged in" in text_of(stranger.get(HOME)), "another session of the same person"


def test_only_the_portal_can_do_that(house: cast.Cast) -> None:
    """Back-Channel Logout 1.0 2.6"""
    browser = signed_in(house)
    sign_in = SignIn.objects.get()
    good = logout_token(sign_in.client, sign_in)
    header, payload, signature = good.split(".")
    claims = json.loads(party.parts(good)[1])
    client = sign_in.client
    bad = [
        "",
        "x",
        "\x00",
        f"{header}.{payload}.",
        f"{header}.{payload}.{signature[::-1]}",
        Visit.objects.get().tokens["id_token"],
        signed(client, claims | {"aud": "other"}),
        signed(client, claims | {"iss": "https://evil.example"}),
        signed(client, claims | {"exp": 1}),
        signed(client, claims | {"nonce": "x"}),
        signed(client, claims | {"events": {}}),
        signed(client, claims | {"events": "x"}),
        signed(client, {name: value for name, value in claims.items() if name not in {"sid", "sub"}}),
    ]
    for token in bad:
        assert browser.post(f"{HOME}backchannel-logout/", {"logout_token": token}).status_code == 400, token
    assert "You are logged in" in text_of(browser.get(HOME))
    assert Browser().post(f"{HOME}backchannel-logout/", {"logout_token": good}).status_code == 200


def test_it_says_so_when_the_portal_does_not_answer(house: cast.Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = signed_in(house)
    disable_client(client=Client.objects.get(), by=None)

    def nobody(self: Any, *args: Any, **kwargs: Any) -> None:
        raise requests.ConnectionError

    monkeypatch.setattr(InProcess, "send", nobody)
    for page in ("enter/", "refresh/", "leave/"):
        assert browser.post(HOME + page).status_code in {302, 403}
    assert browser.get(f"{HOME}callback/?state=x").status_code == 403


@pytest.mark.parametrize("page", ["refresh/", "leave/"])
@pytest.mark.parametrize("cookie", ["", "nothing", "x" * 3000])
def test_who_is_nobody_comes_to_the_way_in(page: str, cookie: str) -> None:
    browser = Browser()
    browser.cookies["sandbox"] = cookie
    assert browser.post(HOME + page)["Location"] == HOME


def test_a_session_lasts_no_longer_than_at_the_portal(house: cast.Cast) -> None:
    browser = signed_in(house)
    Visit.objects.update(created_at=timezone.now() - timedelta(hours=8))
    assert "Welcome" in text_of(browser.get(HOME))
    browser.post(f"{HOME}enter/")
    assert not Visit.objects.exclude(tokens={}).exists()


def test_a_real_portal_has_no_sandbox(tmp_path: Any) -> None:
    code = (
        "import django; django.setup()\n"
        "from django.apps import apps; from django.urls import Resolver404, resolve\n"
        "assert not apps.is_installed('services.oidc.sandbox')\n"
        "try:\n    resolve('/demo/service/')\n"
        "except Resolver404:\n    print('nothing there')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=portal_settings.BASE_DIR,
        env=real_portal(tmp_path),
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "nothing there", done.stderr
