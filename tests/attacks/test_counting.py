"""What `/metrics` says over the wire: gunicorn's workers count as one (ASVS 13.4.5)."""

import pytest
import requests

from tests.running import Portal
from tests.test_watching import BEARER, TOKEN, numbers


@pytest.mark.parametrize("portal", [{"METRICS_TOKEN": TOKEN}], indirect=True)
def test_two_workers_of_gunicorn_say_the_same(portal: Portal) -> None:
    for _page in range(20):
        assert requests.get(f"{portal.url}/privacy/", timeout=20, headers={"Connection": "close"}).status_code == 200
    said = [
        numbers(requests.get(f"{portal.url}/metrics", timeout=20, headers=BEARER | {"Connection": "close"}).text)
        for _look in range(10)
    ]
    assert [each['portal_requests_total{status="200",view="privacy"}'] for each in said] == [20.0] * 10
    looked = [each.get('portal_requests_total{status="200",view="metrics"}', 0) for each in said]
    assert looked == list(map(float, range(10)))
