"""Another site makes the browser of one of us send a form: every address refuses it before it looks at anything."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from entity_portal.checks import views
from entity_portal.middleware import ABOUT_THE_PROCESS
from staff.models import Session, StaffLogin
from tests.cast import PASSWORD, Cast, group, member
from tests.test_access import FORMS, state

# All but those whose caller proves itself otherwise: `tests/test_house.py` names them.
ROUTES = [route for route, pattern in views() if not getattr(pattern.callback, "csrf_exempt", False)]

# What the request says of where it comes from, and whether it has the victim's own token all the same.
FROM_ELSEWHERE: dict[str, tuple[bool, dict[str, str]]] = {
    "without a token": (False, {}),
    "without a token, from us": (False, {"Origin": "http://testserver"}),
    "from another site": (True, {"Origin": "https://evil.example"}),
    "from a page that has no origin": (True, {"Origin": "null"}),
    "from another host of the domain": (True, {"Origin": "http://evil.testserver"}),
    "from another port": (True, {"Origin": "http://testserver:8080"}),
    "from us, without TLS what has it": (True, {"Origin": "https://testserver"}),
}
BODIES = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "application/json"]


def address(route: str, company: Cast) -> str:
    """The route's address about someone and something that exist, where it has parts."""
    parts = {
        "euid": company.pending.euid,
        "service": "entry-declaration",
        "group": "operators",
        "code": "pt",
        "key": "a-picture",
    }
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: parts.get(found[1], "1"), route)


def victim(person: StaffLogin | None) -> Client:
    """A browser with its CSRF cookie, signed in or not, that is asked for its token as people's are."""
    client = Client(enforce_csrf_checks=True)
    client.get("/login/")
    if person:
        client.force_login(person)
    return client


def token(client: Client) -> str:
    return client.cookies[settings.CSRF_COOKIE_NAME].value


def sessions() -> dict[str, Any]:
    """What each session holds; when it ends is moved by every request."""
    return {session.session_key: session.get_decoded() for session in Session.objects.all()}


def refused(answer: Any) -> bool:
    """Refused as coming from elsewhere, which no view does."""
    return answer.status_code == 403 and "403_csrf.html" in [template.name for template in answer.templates]


@pytest.mark.parametrize("who", ["nobody", "administrator"])
@pytest.mark.parametrize("route", ROUTES)
def test_every_post_from_elsewhere_is_refused_and_changes_nothing_A16_A72(company: Cast, route: str, who: str) -> None:
    member(group(open_to=company.entity), company.staff)
    client = victim(company.administrator if who == "administrator" else None)
    where, before = address(route, company), [state(), sessions()]
    for how, (has_token, headers) in FROM_ELSEWHERE.items():
        data = FORMS | ({"csrfmiddlewaretoken": token(client)} if has_token else {})
        answer = client.post(where, data, headers=headers)
        assert refused(answer) or (where in ABOUT_THE_PROCESS and answer.status_code == 405), how
    for body in BODIES:
        answer = client.post(where, "{}", content_type=body)
        assert refused(answer) or (where in ABOUT_THE_PROCESS and answer.status_code == 405), body
    assert [state(), sessions()] == before
    own = client.post(where, {"csrfmiddlewaretoken": token(client)}, headers={"Origin": "http://testserver"})
    assert not refused(own), "or the refusals above say nothing"


def test_nobody_is_made_to_enter_as_somebody_else_A16(company: Cast) -> None:
    attacker = victim(None)
    right = {"entity_number": company.entity.number, "username": company.staff.username or "", "password": PASSWORD}
    for cookie in ("", token(attacker)):  # none, and one that another host of the domain has planted
        client = Client(enforce_csrf_checks=True)
        if cookie:
            client.cookies[settings.CSRF_COOKIE_NAME] = cookie
        data = right | {"csrfmiddlewaretoken": token(attacker)}
        assert refused(client.post("/login/", data, headers={"Origin": "https://evil.example"}))
        assert refused(client.post("/login/", right))
        assert settings.SESSION_COOKIE_NAME not in client.cookies
    assert not Session.objects.exists()


def test_a_token_of_before_the_door_is_worth_nothing_behind_it_A16_A17(company: Cast) -> None:
    client = victim(None)
    before = token(client)
    data = {"entity_number": company.entity.number, "username": company.staff.username or "", "password": PASSWORD}
    assert client.post("/login/", data | {"csrfmiddlewaretoken": before}).status_code == 302
    assert token(client) != before
    assert refused(client.post("/account/password/", {"csrfmiddlewaretoken": before}))


@pytest.mark.parametrize(
    "referer", ["", "https://evil.example/", "http://testserver/", "https://testserver.evil.example/"]
)
def test_over_tls_a_browser_that_names_no_origin_is_asked_for_its_referer_A72(company: Cast, referer: str) -> None:
    client = victim(company.administrator)
    where = f"/staff/{company.staff.euid}/status/"
    data = {"csrfmiddlewaretoken": token(client), "status": "departed"}
    headers = {"Referer": referer} if referer else {}
    assert refused(client.post(where, data, secure=True, headers=headers))
    company.staff.refresh_from_db()
    assert company.staff.status == "active"
    assert not refused(client.post(where, data, secure=True, headers={"Referer": "https://testserver/"}))
