"""Limits of texts: per number, per entity, for a day, and by region. What is beyond them fails at once and says why."""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import caches
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from entity_portal.messaging import reasons
from entity_portal.messaging.delivery import finish
from entity_portal.messaging.models import SMS, Purpose, Status
from entity_portal.messaging.operations import queue_sms
from tests.race import at_once

pytestmark = pytest.mark.django_db(databases=["default", "counters"])
MOBILE, ANOTHER = "+85366123456", "+85366123457"
NOON = datetime(2026, 3, 11, 12, 0, tzinfo=ZoneInfo("Asia/Macau"))
MIDNIGHT = NOON + timedelta(hours=12)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def nothing_said_yet(db: None) -> Iterator[None]:
    """The counters' table belongs to no model, so nobody else empties it."""
    caches["counters"].clear()
    yield
    caches["counters"].clear()


@pytest.fixture
def clock(time_machine: Any) -> Any:
    time_machine.move_to(NOON, tick=False)
    return time_machine


def text(purpose: str = "activation", *, to: str = MOBILE, entity: str = "") -> str:
    """Queue a text; "queued", or the reason why not."""
    with transaction.atomic():
        sms = queue_sms(to=to, body="the code is 123456", purpose=Purpose(purpose), entity=entity)
    sms = SMS.objects.get(pk=sms.pk)
    assert (sms.to, sms.purpose, sms.entity_number) == (to, purpose, entity)
    assert bool(sms.body) == bool(jobs(sms)) == (sms.status == Status.QUEUED)
    assert sms.status in {Status.QUEUED, Status.FAILED}
    return sms.reason or str(sms.status)


def jobs(sms: SMS) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE args->>'sms_id' = %s", [str(sms.pk)])
        return cursor.fetchone()[0]


def numbers(count: int) -> list[str]:
    return [f"+853661{number:05}" for number in range(count)]


# --- one number ---


def test_the_door_can_cause_three_texts_an_hour_to_a_number_A43(clock: Any) -> None:
    assert [text(purpose) for purpose in ("reset", "username", "reset")] == ["queued"] * 3
    clock.move_to(NOON + HOUR - SECOND, tick=False)
    assert [text(purpose) for purpose in ("reset", "username")] == ["number_limit"] * 2
    assert text("locked") == "queued", "nobody can cause this one again and again"
    assert text("sign_in") == "queued", "this one follows the right password"
    assert text("reset", to=ANOTHER) == "queued"
    clock.move_to(NOON + HOUR, tick=False)
    assert text("reset") == "queued"


def test_the_hour_goes_on_over_midnight_A43(clock: Any) -> None:
    clock.move_to(MIDNIGHT - 10 * MINUTE, tick=False)
    assert [text("reset") for _turn in range(3)] == ["queued"] * 3
    clock.move_to(MIDNIGHT + 10 * MINUTE, tick=False)
    assert text("reset") == "number_limit"


def test_what_was_not_sent_does_not_count(clock: Any) -> None:
    assert [text("reset") for _turn in range(3)] == ["queued"] * 3
    clock.move_to(NOON + HOUR - SECOND, tick=False)
    assert text("reset") == "number_limit"
    clock.move_to(NOON + HOUR, tick=False)
    assert [text("reset") for _turn in range(4)] == ["queued"] * 3 + ["number_limit"]


def test_what_the_provider_refused_does_count(clock: Any) -> None:
    for _turn in range(3):
        text("reset")
    for sms in SMS.objects.all():
        SMS.objects.filter(pk=sms.pk).update(status="sending", claimed_at=NOON)
        finish(sms, Status.FAILED, reason="cannot_reach")
    assert text("reset") == "number_limit"


def test_a_number_gets_twenty_texts_a_day_and_the_day_ends_at_midnight_in_macau(clock: Any) -> None:
    purposes = ["activation", "activated", "locked", "password", "factor"]
    assert [text(purpose) for purpose in purposes * 4] == ["queued"] * 20
    clock.move_to(MIDNIGHT - SECOND, tick=False)
    assert text() == "number_limit"
    assert text(to=ANOTHER) == "queued"
    clock.move_to(MIDNIGHT, tick=False)
    assert text() == "queued"


@pytest.mark.race
@pytest.mark.parametrize(("purpose", "limit"), [("reset", 3), ("activation", 20)])
@pytest.mark.django_db(transaction=True, databases=["default", "counters"])
def test_of_fifty_texts_to_one_number_at_once_no_more_than_the_limit_go(purpose: str, limit: int) -> None:
    assert Counter(at_once(50, lambda _n: text(purpose))) == {"queued": limit, "number_limit": 50 - limit}


# --- one entity, everybody ---


def test_an_entity_has_a_limit_for_the_day(clock: Any, settings: Any) -> None:
    settings.SMS_PER_ENTITY_A_DAY = 2
    assert [text(to=to, entity="80216453") for to in numbers(3)] == ["queued", "queued", "entity_limit"]
    assert text(entity="80341725") == "queued", "another entity's is its own"
    assert [text(to=to) for to in numbers(3)] == ["queued"] * 3, "what belongs to no entity is on nobody's"
    clock.move_to(MIDNIGHT - SECOND, tick=False)
    assert text(entity="80216453") == "entity_limit"
    clock.move_to(MIDNIGHT, tick=False)
    assert text(entity="80216453") == "queued"


def test_the_budget_of_a_day_warns_at_80_percent_and_stops_at_100_until_midnight_A42(
    clock: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SMS_A_DAY = 10
    said = [(text(to=to), tuple(levels(caplog))) for to in numbers(12)]
    assert said == [
        *[("queued", ())] * 7,
        *[("queued", ("WARNING",))] * 2,
        ("queued", ("WARNING", "ERROR")),
        *[("budget", ("WARNING", "ERROR"))] * 2,
    ]
    assert MOBILE[4:8] not in caplog.text
    clock.move_to(MIDNIGHT - SECOND, tick=False)
    assert text() == "budget"
    clock.move_to(MIDNIGHT, tick=False)
    assert [text(to=to) for to in numbers(8)] == ["queued"] * 8
    assert levels(caplog) == ["WARNING", "ERROR", "WARNING"], "each day anew"


def levels(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line.levelname for line in caplog.records if line.name == "entity_portal.messaging.budget"]


def test_a_count_that_jumps_over_80_percent_is_noticed_all_the_same(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SMS_A_DAY = 100
    SMS.objects.bulk_create(SMS(to=ANOTHER, body="words", purpose=Purpose.ACTIVATION) for _row in range(90))
    assert text() == "queued"
    assert levels(caplog) == ["WARNING"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True, databases=["default", "counters"])
def test_twenty_that_find_the_budget_used_up_say_it_once(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.SMS_A_DAY = 0
    with caplog.at_level(logging.WARNING):
        assert at_once(20, lambda n: text(to=numbers(20)[n])) == ["budget"] * 20
    assert levels(caplog) == ["ERROR"]


@pytest.mark.parametrize(
    ("to", "outcome"),
    [
        ("+85366123456", "queued"),
        ("+85291234567", "queued"),
        ("+8613812345678", "queued"),
        ("+351912345678", "queued"),
        ("+886912345678", "country_not_allowed"),
        ("+447400123456", "country_not_allowed"),
        ("+12025550123", "country_not_allowed"),
        ("+8821612345678", "country_not_allowed"),  # satellites: dear, and of no region
        ("+9991234567", "country_not_allowed"),
    ],
)
def test_texts_go_to_four_regions_unless_the_officer_allows_more_A42(to: str, outcome: str) -> None:
    assert text(to=to) == outcome


def test_the_officer_says_which_regions(settings: Any) -> None:
    settings.SMS_REGIONS = ["MO", "TW"]
    assert (text(to="+886912345678"), text(to="+85291234567")) == ("queued", "country_not_allowed")


# --- the row ---


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("country_not_allowed", "SMS cannot be sent to this country or region."),
        ("number_limit", "Too many texts have gone to this number. Send again later."),
        ("entity_limit", "No more texts can be sent for this entity today. Send again tomorrow."),
        ("budget", "No more texts can be sent today. Send again tomorrow."),
    ],
)
def test_every_limit_is_told_in_words(reason: str, words: str) -> None:
    with translation.override("en"):
        assert str(reasons.in_words(reason)) == words


def test_the_database_knows_these_purposes_and_no_other() -> None:
    known = ["activation", "activated", "reset", "username", "locked", "password", "sign_in", "factor"]
    for purpose in known:
        SMS.objects.create(to=MOBILE, body="words", purpose=purpose)
    with pytest.raises(IntegrityError, match="messaging_sms_purpose_known"), transaction.atomic():
        SMS.objects.create(to=MOBILE, body="words", purpose="advertising")
    with connection.cursor() as cursor:
        cursor.execute("SELECT convalidated FROM pg_constraint WHERE conname = 'messaging_sms_purpose_known'")
        assert cursor.fetchone() == (True,), "it looks at the rows of before, too"


def test_the_release_before_can_still_write_a_text() -> None:
    """It does not know the entity's number."""
    columns = 'id, "to", purpose, body, status, reason, provider_reference, created_at'
    values = "gen_random_uuid(), %s, 'reset', 'words', 'queued', '', '', now()"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO messaging_sms ({columns}) VALUES ({values})", [MOBILE])
    assert SMS.objects.get().entity_number == ""


def test_what_is_counted_has_an_index() -> None:
    wanted = {"messaging_sms_by_number", "messaging_sms_by_entity", "messaging_sms_by_time"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE indisvalid")
        assert wanted <= {name for (name,) in cursor.fetchall()}
