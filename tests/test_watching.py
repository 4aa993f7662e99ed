"""`/healthz`, `/readyz`, `/metrics`: who may ask, what they say, and that several processes count as one."""

import re
from datetime import timedelta
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.utils import timezone

from entity_portal import metrics, watching
from entity_portal.messaging.models import Purpose
from entity_portal.messaging.operations import queue_sms
from staff import hashing
from staff.operations import check_password
from tests.cast import PASSWORD, Cast
from tests.database import owning

TOKEN = "0123456789abcdefghijklmnopqrstuv"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ADDRESSES = ("/healthz", "/readyz", "/metrics")


@pytest.fixture
def draining(tmp_path: Path, settings: Any) -> Path:
    settings.DRAINING_FILE = str(tmp_path / "draining")
    return tmp_path / "draining"


@pytest.fixture
def watched(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def numbers(said: str) -> dict[str, float]:
    """Prometheus' text format: each line is a comment, or a series and its value."""
    lines = [line for line in said.splitlines() if not line.startswith("#")]
    found = [re.fullmatch(r'([a-z_]+(?:\{(?:[a-z]+="[^"]*",?)*\})?) (\S+)', line) for line in lines]
    assert all(found), [line for line, match in zip(lines, found, strict=True) if not match]
    return {match[1]: float(match[2]) for match in found if match}


def read() -> dict[str, float]:
    answer = Client().get("/metrics", headers=BEARER)
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return numbers(answer.content.decode())


# --- ready ---


def test_it_is_ready_with_a_database_that_has_all_migrations_D1(draining: Path, db: None) -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ready")


def test_it_is_not_ready_without_the_database_and_lives_D1(draining: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(self: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", away)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"no database")
    assert Client().get("/healthz").status_code == 200


def test_it_is_not_ready_until_its_migrations_are_there_D1(
    draining: Path, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_migrated", False)
    with transaction.atomic():
        with owning() as cursor:
            newest = "SELECT max(name) FROM django_migrations WHERE app = 'staff'"
            cursor.execute(f"DELETE FROM django_migrations WHERE app = 'staff' AND name = ({newest})")
        answer = Client().get("/readyz")
        assert (answer.status_code, answer.content) == (503, b"migrations are missing")
        transaction.set_rollback(True)
    assert Client().get("/readyz").status_code == 200


def test_while_it_drains_it_is_not_ready_and_pages_go_on_Z1(
    draining: Path, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    draining.touch()
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"draining")
    assert [line for line in caplog.records if line.name == "django.request"] == [], "nothing is wrong"
    assert {Client().get(path).status_code for path in ("/healthz", "/privacy/")} == {200}
    draining.unlink()
    assert Client().get("/readyz").status_code == 200


# --- who may ask ---


def test_they_are_asked_by_the_address_of_a_machine_and_over_plain_http(settings: Any, db: None, watched: None) -> None:
    """Whoever watches knows an address, not the portal's name, and stands behind the proxy that ends TLS."""
    settings.ALLOWED_HOSTS = ["portal.example"]
    answers = {path: Client().get(path, headers={"Host": "10.0.0.7:8000", **BEARER}) for path in ADDRESSES}
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(ADDRESSES, 200)
    assert Client().get("/privacy/", headers={"Host": "10.0.0.7:8000"}).status_code == 400
    assert all(not answer.cookies for answer in answers.values())


def test_metrics_are_for_whoever_shows_the_token_ASVS_13_4_5(settings: Any, db: None) -> None:
    assert Client().get("/metrics", headers=BEARER).status_code == 404, "none is set"
    settings.METRICS_TOKEN = TOKEN
    refused = [{}, {"Authorization": "Bearer"}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN}]
    assert {Client().get("/metrics", headers=each).status_code for each in refused} == {401}
    assert {Client().get(f"/metrics?token={TOKEN}").status_code} == {401}
    assert Client().get("/metrics", headers=BEARER).status_code == 200


# --- what they say ---


def test_requests_are_counted_by_view_and_status_with_their_time(db: None, watched: None) -> None:
    before = read()
    for path in ("/privacy/", "/privacy/", "/nowhere/"):
        Client().get(path)
    after = read()

    def more(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert more('portal_requests_total{status="200",view="privacy"}') == 2
    assert more('portal_requests_total{status="404",view="none"}') == 1
    assert more('portal_request_seconds_count{view="privacy"}') == 2
    assert more('portal_request_seconds_bucket{le="+Inf",view="privacy"}') == 2
    assert more('portal_request_seconds_sum{view="privacy"}') > 0
    buckets = [after.get(f'portal_request_seconds_bucket{{le="{le}",view="privacy"}}', 0) for le in metrics.SECONDS]
    assert buckets == sorted(buckets), "each holds those below it"


def test_hashes_refusals_and_lockouts_are_counted(
    company: Cast, watched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read()
    for _guess in range(5):
        check_password(entity_number=company.entity.number, username=str(company.staff.username), password="Wrong2026x")
    monkeypatch.setattr(hashing, "_room", BoundedSemaphore(1))
    with hashing.slot(), pytest.raises(hashing.Busy), hashing.slot():
        pass
    after = read()
    assert after["portal_hash_refused_total"] - before.get("portal_hash_refused_total", 0) == 1
    assert after["portal_hash_seconds_count"] - before.get("portal_hash_seconds_count", 0) == 5
    assert after["portal_lockouts_total"] - before.get("portal_lockouts_total", 0) == 1
    assert after["portal_logins_locked"] - before["portal_logins_locked"] == 1


def test_queues_have_an_age_and_texts_a_state(company: Cast, watched: None) -> None:
    before = read()
    with transaction.atomic():
        for _text in range(2):
            queue_sms(to="+85366123456", body="…", purpose=Purpose.NOTICE)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '90 seconds'")
    after = read()
    assert after['portal_sms{status="queued"}'] - before['portal_sms{status="queued"}'] == 2
    assert after['portal_jobs_waiting{queue="sms"}'] - before['portal_jobs_waiting{queue="sms"}'] == 2
    assert 90 <= after['portal_queue_age_seconds{queue="sms"}'] < 100
    assert after['portal_queue_age_seconds{queue="house"}'] == 0, "an empty queue is told too"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = %s", [timezone.now() + timedelta(hours=1)])
    assert read()['portal_jobs_waiting{queue="sms"}'] == 0, "what waits for its time is not late"


def test_without_the_database_the_rest_is_told(watched: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(self: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", away)
    found = read()
    assert found["portal_database_up"] == 0
    assert "portal_logins_locked" not in found


def test_no_name_or_number_of_anybody_is_told_A132(company: Cast, watched: None) -> None:
    check_password(entity_number=company.entity.number, username=str(company.staff.username), password=PASSWORD)
    Client().get(f"/staff/{company.staff.euid}/")
    said = Client().get("/metrics", headers=BEARER).content.decode()
    for secret in (company.staff.euid, company.staff.username, company.entity.number, company.staff.mobile):
        assert str(secret) not in said
