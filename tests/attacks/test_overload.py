"""More at once than the portal can do, over the wire: some are served, the rest is told at once (A19, L2, L4).

How much slower people are served is printed, not judged: it is a matter of the machine and of what else it does.
"""

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import pytest
import requests

from tests.cast import Cast
from tests.cast import company as made
from tests.running import Portal

pytestmark = [pytest.mark.race, pytest.mark.parametrize("portal", [{"TRUSTED_HOPS": "1"}], indirect=True)]
USUAL, TENFOLD = 8, 80  # how many ask again as soon as they were answered
REST = 0.2  # seconds after a refusal, as a reader does
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def company(portal: Portal) -> Cast:
    return made()


@dataclass
class Crowd:
    """So many visitors, each at an address of their own and with a connection for each request, and their answers."""

    portal: Portal
    at_once: int
    path: str
    form: dict[str, str] = field(default_factory=dict)
    cookie: str = ""
    seconds: float = 5.0
    statuses: Counter[int] = field(default_factory=Counter)
    served: list[float] = field(default_factory=list)  # milliseconds
    refused: list[float] = field(default_factory=list)
    retry_after: set[str] = field(default_factory=set)

    async def for_a_while(self) -> "Crowd":
        until = time.monotonic() + self.seconds
        await asyncio.gather(*(self.visit(number, until) for number in range(self.at_once)))
        return self

    async def visit(self, number: int, until: float) -> None:
        while (begun := time.monotonic()) < until:
            head = await asyncio.wait_for(self.ask(number), 60)
            took = 1000 * (time.monotonic() - begun)
            status = int(head.split(" ", 2)[1])
            self.statuses[status] += 1
            if status == 503:
                self.refused.append(took)
                self.retry_after |= set(re.findall(r"(?i)^retry-after: (.*)\r$", head, re.M))
                await asyncio.sleep(REST)
            else:
                self.served.append(took)

    async def ask(self, number: int) -> str:
        """The head of the answer."""
        body = urlencode(self.form | {"username": f"n.{number}"}).encode() if self.form else b""
        place = urlsplit(self.portal.url)
        lines = [f"{'POST' if body else 'GET'} {self.path} HTTP/1.1", f"Host: {place.netloc}", "Connection: close"]
        lines += [f"X-Forwarded-For: 203.0.113.{number + 1}", f"Cookie: {self.cookie}", f"Content-Type: {FORM}"]
        lines += [f"Content-Length: {len(body)}", "", ""]
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        try:
            writer.write("\r\n".join(lines).encode() + body)
            answer = await reader.read(-1)
        finally:
            writer.close()
        return answer.partition(b"\r\n\r\n")[0].decode()

    def __str__(self) -> str:
        return f"{dict(self.statuses)}, p99 served {p99(self.served):.0f} ms, refused {p99(self.refused):.0f} ms"


def p99(took: list[float]) -> float:
    return sorted(took)[int(0.99 * len(took))] if took else 0.0


def crowds(*each: Crowd) -> None:
    """All at the same time."""

    async def together() -> None:
        await asyncio.gather(*(crowd.for_a_while() for crowd in each))

    asyncio.run(together())


def at_the_door(portal: Portal, company: Cast) -> Crowd:
    """People who send wrong passwords as quickly as they can; no name comes twice before the human check."""
    browser = requests.Session()
    page = browser.get(f"{portal.url}/login/", timeout=30)
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found
    form = {"entity_number": company.entity.number, "password": "Wrong2026x", "csrfmiddlewaretoken": found[1]}
    return Crowd(portal, 40, "/login/", form, "; ".join(f"{each.name}={each.value}" for each in browser.cookies))


def say(capsys: pytest.CaptureFixture[str], what: str, usual: Crowd, much: Crowd, *others: Crowd) -> None:
    with capsys.disabled():
        print(f"\n{what}: {p99(much.served) / p99(usual.served):.1f} times the usual p99")  # noqa: T201
        for crowd in (usual, much, *others):
            print(f"  {crowd.at_once} at {crowd.path}: {crowd}")  # noqa: T201


def test_of_ten_times_as_many_some_are_served_and_the_rest_is_told_when_to_come_again_L2(
    portal: Portal, company: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    usual, much = Crowd(portal, USUAL, "/activate/"), Crowd(portal, TENFOLD, "/activate/")
    crowds(Crowd(portal, USUAL, "/activate/", seconds=1))  # templates are folded
    crowds(usual)
    crowds(much)
    say(capsys, "ten times as many", usual, much)
    assert set(usual.statuses) == {200}
    assert set(much.statuses) == {200, 503}
    assert much.retry_after == {"5"}


def test_a_storm_of_sign_ins_takes_no_place_of_other_pages_A19_L4(
    portal: Portal, company: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    usual, pages, storm = Crowd(portal, 4, "/activate/"), Crowd(portal, 4, "/activate/"), at_the_door(portal, company)
    crowds(Crowd(portal, 4, "/activate/", seconds=1))
    crowds(usual)
    crowds(pages, storm)
    say(capsys, "pages in a storm of sign-ins", usual, pages, storm)
    assert set(pages.statuses) == {200}
    assert set(storm.statuses) == {200, 503}
    assert storm.retry_after == {"5"}
