"""Limits per address: exact when many come at once, and no header a client writes gets around them."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from entity_portal.ratelimit import client_address, limited, network
from tests.cast import enter
from tests.pages import text_of
from tests.purging import purge_tables
from tests.race import at_once

BOTH = pytest.mark.django_db(transaction=True, databases=["default", "counters"])
pytestmark = pytest.mark.django_db(databases=["default", "counters"])


@pytest.fixture(autouse=True)
def counted(settings: Any, request: pytest.FixtureRequest, time_machine: Any) -> Iterator[None]:
    """Limits on, counters empty; their table belongs to no model, so nobody else empties it."""
    time_machine.move_to(timezone.now(), tick=False)  # a window must not end in between
    settings.RATELIMIT_ENABLE = True
    request.getfixturevalue("db")
    caches["counters"].clear()
    yield
    caches["counters"].clear()


@limited("10/h")
def door(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


def post(address: str = "203.0.113.1", **headers: str) -> HttpResponse:
    return door(RequestFactory().post("/", REMOTE_ADDR=address, headers=headers))  # type: ignore[return-value]


def outcomes(*answers: Any) -> dict[int, int]:
    return dict(Counter(answer.status_code for answer in answers))


@pytest.mark.race
@BOTH
def test_of_fifty_posts_at_once_exactly_ten_come_through() -> None:
    assert outcomes(*at_once(50, lambda _n: post())) == {200: 10, 429: 40}


def test_each_address_has_its_own_count() -> None:
    assert outcomes(*(post("203.0.113.1") for _turn in range(12))) == {200: 10, 429: 2}
    assert outcomes(*(post("203.0.113.2") for _turn in range(12))) == {200: 10, 429: 2}


def test_reading_a_page_is_not_counted() -> None:
    for _turn in range(12):
        assert door(RequestFactory().get("/")).status_code == 200
    assert post().status_code == 200


def test_after_its_time_the_count_begins_anew(time_machine: Any) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    assert outcomes(*(post() for _turn in range(11))) == {200: 10, 429: 1}
    time_machine.shift(timedelta(hours=1))
    assert post().status_code == 200


def test_too_many_says_when_to_try_again_in_a_whole_page(time_machine: Any) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    client = enter()
    data = {"entity_number": "1", "username": "nobody", "password": "x"}
    for _turn in range(30):
        assert client.post("/login/", data).status_code == 200
    answer = client.post("/login/", data)
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert "Please try again later" in text_of(answer)
    assert client.get("/login/").status_code == 200, "the page itself can still be read"


@pytest.mark.parametrize("address", ["/activate/", "/help/reset-password/", "/help/username/", "/human-check/"])
def test_every_public_form_has_a_limit_A9_A42(address: str) -> None:
    client = enter()
    statuses = [client.post(address).status_code for _turn in range(62)]
    assert statuses[-1] == 429


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP", "X-Client-IP"])
def test_a_header_of_the_clients_has_no_effect_A101(settings: Any, header: str) -> None:
    settings.TRUSTED_HOPS = 0
    answers = [post(**{header: f"198.51.100.{turn}"}) for turn in range(12)]
    assert outcomes(*answers) == {200: 10, 429: 2}


def test_behind_a_proxy_what_the_client_wrote_has_no_effect_A101(settings: Any) -> None:
    settings.TRUSTED_HOPS = 1
    answers = [post("10.0.0.1", **{"X-Forwarded-For": f"198.51.100.{turn}, 203.0.113.9"}) for turn in range(12)]
    assert outcomes(*answers) == {200: 10, 429: 2}


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        (0, "", "10.0.0.1"),
        (0, "198.51.100.1", "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "evil, 198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (1, " 198.51.100.1 ,203.0.113.9 ", "203.0.113.9"),
        (2, "evil, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
        (2, "203.0.113.9", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, " , ", "10.0.0.1"),
        (3, "a, b, c, d", "b"),
        (1, "203.0.113.9:5555", "203.0.113.9"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
    ],
)
def test_hops_are_counted_from_the_right_A101(settings: Any, hops: int, forwarded: str, address: str) -> None:
    settings.TRUSTED_HOPS = hops
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers=headers)) == address


def test_a_counter_adds_once_counts_and_expires() -> None:
    counters = caches["counters"]
    assert counters.add("a", 1, 60)
    assert not counters.add("a", 5, 60)
    assert counters.incr("a", 2) == 3
    assert counters.get("a") == 3
    with pytest.raises(ValueError, match="b"):
        counters.incr("b")
    counters.set("a", 1, -1)
    assert counters.get("a") is None
    assert counters.add("a", 7, 60), "what has expired is as if it were not there"
    assert counters.delete("a")
    assert not counters.delete("a")


@BOTH
def test_expired_counters_are_purged() -> None:
    counters = caches["counters"]
    counters.set("old", 1, -1)
    counters.set("new", 1, 7200)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE entity_portal_counter SET expires = expires - interval '1 hour'")
    purge_tables("entity_portal_counter")
    assert not counters.delete("old")
    assert counters.delete("new")


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("unknown", "unknown"),
    ],
)
def test_a_place_is_an_address_or_a_subscribers_network_A101(address: str, place: str) -> None:
    assert network(address) == place
