"""The number of a request goes on with the jobs that it causes."""

from typing import Any

from django.db import connection
from procrastinate import App
from procrastinate.contrib.django import app as portal_app
from procrastinate.testing import InMemoryConnector

from entity_portal import numbers
from tests.cast import Cast, enter

NUMBER = "0123456789abcdef0123456789abcdef"


def test_a_job_is_done_under_the_number_of_its_request_and_is_not_told_it_A132() -> None:
    app = App(connector=InMemoryConnector(), worker_defaults={"worker_middleware": [numbers.of_job]})
    numbers.travel_with_jobs(app)
    seen: list[tuple[str, dict[str, Any]]] = []

    @app.task(name="one", pass_context=False)
    def one(**told: Any) -> None:
        seen.append((numbers.number.get(), told))
        if told.get("goes_on"):
            one.defer()

    numbers.number.set(NUMBER)
    try:
        one.defer(goes_on=True)
    finally:
        numbers.number.set("")
    one.defer(by="nobody")
    app.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)
    assert sorted(seen, key=str) == sorted([(NUMBER, {"goes_on": True}), (NUMBER, {}), ("", {"by": "nobody"})], key=str)


def test_the_portals_own_jobs_carry_it(db: None) -> None:
    assert isinstance(portal_app.job_manager, numbers.Numbered)
    assert portal_app.worker_defaults["worker_middleware"] == [numbers.of_job]


def test_a_page_writes_its_number_into_its_jobs_A132(company: Cast) -> None:
    answer = enter(company.administrator).post(f"/staff/{company.pending.euid}/send-code/")
    assert answer.status_code == 302
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'_request' FROM procrastinate_jobs WHERE task_name = 'messaging.send_sms'")
        assert cursor.fetchall() == [(answer[numbers.HEADER],)]
