"""An address somebody made up leads nowhere but to a page of ours, by every way an address can come in (A74)."""

from urllib.parse import quote

import pytest

from tests.cast import PASSWORD, Cast, enter

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "\t//evil.example",
    "http:///evil.example",
    # and their relatives
    "///evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " //evil.example",
    "evil.example",
    "?next=https://evil.example",
    "HTTPS://EVIL.EXAMPLE",
    "http:/\\evil.example",
    "//testserver@evil.example/",
    "//testserver.evil.example/",
    "//evil.example\\@testserver/",
    "http://testserver/",  # ours, but no path: nothing of ours asks so
    "data:text/html,x",
    "//[evil",
    "／／evil.example",
]
# what is asked: what the browser is told, where it is no more than a page of ours
OURS = {
    "/account/password/": "/account/password/",
    "/staff/?q=a&page=2": "/staff/?q=a&page=2",
    "/staff/?q=//evil.example/": "/staff/?q=//evil.example/",
    "/nowhere/": "/nowhere/",
    "/\\\t\\evil.example": "/%5C%09%5Cevil.example",
}


def door(company: Cast) -> dict[str, str]:
    return {"entity_number": company.entity.number, "username": company.staff.username or "", "password": PASSWORD}


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_sent_to_another_site_A74(company: Cast, address: str) -> None:
    asked = f"/login/?next={quote(address)}"
    inside = enter(company.staff)
    ways = {
        "already inside": inside.get(asked),
        "already inside, by a form": inside.post("/login/", {"next": address}),
        "in, by the form": enter().post("/login/", {**door(company), "next": address}),
        "in, by the form's address": enter().post(asked, door(company)),
        "in, by both": enter().post("/login/?next=/account/", {**door(company), "next": address}),
        "language": enter().get("/language/pt/", {"next": address}),
        "language, inside": inside.get("/language/en/", {"next": address}),
        "no such language": enter().get("/language/xx/", {"next": address}),
        "language, by a form": enter().post(f"/language/pt/?next={quote(address)}"),
    }
    found = {way: (answer.status_code, answer["Location"]) for way, answer in ways.items()}
    assert found == dict.fromkeys(ways, (302, "/"))


@pytest.mark.parametrize("address", OURS)
def test_one_comes_back_to_a_page_of_ours_A74(company: Cast, address: str) -> None:
    asked = f"/login/?next={quote(address)}"
    ways = [
        enter(company.staff).get(asked),
        enter().post(asked, door(company)),
        enter().post("/login/", {**door(company), "next": address}),
        enter().get("/language/pt/", {"next": address}),
    ]
    assert {(answer.status_code, answer["Location"]) for answer in ways} == {(302, OURS[address])}


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-URL", "X-Rewrite-URL", "Referer"]
)
def test_no_header_decides_where_one_is_sent_A74(company: Cast, header: str) -> None:
    says = {header: "host=evil.example" if header == "Forwarded" else "https://evil.example/"}
    evil = {"next": "https://evil.example/"}
    assert enter().get("/language/pt/", evil, headers=says)["Location"] == "/"
    assert enter().post("/login/", {**door(company), **evil}, headers=says)["Location"] == "/"
    assert enter().get("/account/", headers=says)["Location"] == "/login/?next=/account/"


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("//evil.example/", "/"),
        ("//evil.example/account", "/"),
        ("//evil.example/..", "/"),
        ("/\\evil.example/", "/%5Cevil.example/"),
    ],
)
def test_an_address_that_looks_like_another_site_leads_nowhere_A74(company: Cast, path: str, back: str) -> None:
    for client in (enter(), enter(company.staff)):
        answer = client.get("/", PATH_INFO=path)
        assert (answer.status_code, answer.headers.get("Location")) == (404, None)
        links = [link["url"] for link in answer.context["language_links"]]
        assert {client.get(link)["Location"] for link in links} == {back}


def test_a_line_break_in_an_address_makes_no_header_A74(company: Cast) -> None:
    answer = enter(company.staff).get("/login/", {"next": "/account/\r\nSet-Cookie: a=b"})
    assert answer.status_code == 302
    assert answer["Location"] in {"/", "/account/%0D%0ASet-Cookie:%20a=b"}
    assert "a" not in answer.cookies
