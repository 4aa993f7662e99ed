"""The door over the wire: gunicorn, its threads and real HTTP (A1, A7, A12, A19)."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.db import connections

from entity_portal.humancheck.models import Challenge
from staff.models import StaffLogin
from tests.cast import PASSWORD, Cast
from tests.cast import company as made
from tests.running import Portal

pytestmark = [pytest.mark.race, pytest.mark.parametrize("portal", [{"TRUSTED_HOPS": "1"}], indirect=True)]


class Visitor(requests.Session):
    """A browser of its own, at an address of its own, with the sign-in page open."""

    def __init__(self, portal: Portal, number: int) -> None:
        super().__init__()
        self.portal = portal
        self.headers["Connection"] = "close"
        self.headers["X-Forwarded-For"] = f"203.0.{number // 250}.{number % 250 + 1}"
        page = self.get(f"{portal.url}/login/", timeout=30)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert found
        self.token = found[1]

    def knock(self, house: Cast, password: str, **data: str) -> requests.Response:
        """Post the sign-in form."""
        form = {"entity_number": house.entity.number, "username": "ao.hoiian", "password": password}
        form |= {"csrfmiddlewaretoken": self.token, **data}
        return self.post(f"{self.portal.url}/login/", form, timeout=60, allow_redirects=False)


def answered() -> dict[str, str]:
    question = Challenge.ask("picture")
    return {"human_0": question.key, "human_1": question.task}


@pytest.fixture
def company(portal: Portal) -> Cast:
    return made()


def test_the_right_password_behind_seven_guesses_in_flight_is_refused_A1(portal: Portal, company: Cast) -> None:
    visitors = [Visitor(portal, number) for number in range(8)]
    answers = [answered() for _visitor in visitors]  # the human check is no obstacle here

    def guess(number: int) -> int:
        if number == 7:
            time.sleep(0.08)
        while True:  # too many at once is no verdict: knock again
            response = visitors[number].knock(company, PASSWORD if number == 7 else "Wrong2026x", **answers[number])
            if response.status_code != 503:
                return response.status_code
            try:
                answers[number] = answered()
            finally:
                connections.close_all()  # this thread's own

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(guess, range(8)))
    person = StaffLogin.objects.get(pk=company.staff.pk)
    if statuses[7] == 302:  # it came before the fifth wrong one was counted, which took the count back to none
        assert person.failed_attempts < 5
    else:
        assert person.is_locked
    assert statuses[:7] == [200] * 7
    for number in range(5):
        visitors[number].knock(company, "Wrong2026x", **answered())
    assert Visitor(portal, 8).knock(company, PASSWORD, **answered()).status_code == 200


def test_two_hundred_logins_at_once_leave_the_other_pages_answering_A19(portal: Portal, company: Cast) -> None:
    """Each process has four places; the rest hears 503 at once, and a page of another kind is not kept waiting."""
    visitors = [Visitor(portal, number) for number in range(200)]
    over, slow = threading.Event(), []

    def look() -> None:
        while not over.is_set():
            start = time.monotonic()
            answer = requests.get(f"{portal.url}/healthz", timeout=30, headers={"Connection": "close"})
            assert answer.status_code == 200
            slow.append(time.monotonic() - start)

    watch = threading.Thread(target=look)
    watch.start()
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda each: each.knock(company, "Wrong2026x", username=f"n.{id(each)}"), visitors))
    over.set()
    watch.join()
    statuses = {answer.status_code for answer in answers}
    assert statuses == {200, 503}
    assert all(answer.headers["Retry-After"] == "5" for answer in answers if answer.status_code == 503)
    assert slow
    assert max(slow) < 20, "answered while the door was busy"
