"""The outbox: a text leaves once or not at all, and what became of it is known."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone, translation

from entity_portal.messaging import delivery, reasons, signals
from entity_portal.messaging.backends import NotNow, Receipt, Refused, Unclear
from entity_portal.messaging.delivery import finish, send
from entity_portal.messaging.models import NEXT_STATUSES, SMS, PhoneText, Purpose, Status
from entity_portal.messaging.operations import queue_sms
from tests.race import at_once

pytestmark = pytest.mark.django_db
MOBILE = "+85366123456"


Answer = str | Exception | Receipt | None


class Provider:
    """Stands in for a provider: answers as told, and counts."""

    def __init__(self, *answers: Answer, found: Answer = None) -> None:
        self.answers, self.found = list(answers), found
        self.sent: list[str] = []
        self.asked = 0

    def send(self, sms: SMS) -> Receipt:
        self.sent.append(sms.body)
        answer = self.answers.pop(0) if self.answers else "reference"
        if isinstance(answer, Exception):
            raise answer
        return Receipt(str(answer))

    def look_up(self, sms: SMS) -> Receipt | None:
        self.asked += 1
        if isinstance(self.found, Exception):
            raise self.found
        return Receipt(self.found) if isinstance(self.found, str) else self.found


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Provider]:
    def use(*answers: Answer, found: Answer = None) -> Provider:
        made = Provider(*answers, found=found)
        monkeypatch.setattr(delivery, "backend", lambda: made)
        return made

    return use


@pytest.fixture
def later(time_machine: Any) -> Callable[[timedelta], None]:
    """Move on by so much, from the start of the test."""
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    return lambda after: time_machine.move_to(start + after, tick=False)


SETTLED = timedelta(seconds=30)


def queued(body: str = "words", not_after: datetime | None = None) -> SMS:
    with transaction.atomic():
        return queue_sms(to=MOBILE, body=body, purpose=Purpose.ACTIVATION, not_after=not_after)


def jobs(sms: SMS) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT lock, status FROM procrastinate_jobs WHERE args->>'sms_id' = %s", [str(sms.pk)])
        return cursor.fetchall()


def now(sms: SMS) -> SMS:
    return SMS.objects.get(pk=sms.pk)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_queued() -> None:
    with pytest.raises(RuntimeError):
        queue_sms(to=MOBILE, body="words", purpose=Purpose.RESET)
    assert not SMS.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_row_and_job_are_there_together_or_not_at_all() -> None:
    kept = queued()
    assert jobs(kept) == [(f"sms:{MOBILE}", "todo")]
    with transaction.atomic():
        lost = queue_sms(to=MOBILE, body="words", purpose=Purpose.RESET)
        assert len(jobs(lost)) == 1
        transaction.set_rollback(True)
    assert list(SMS.objects.all()) == [kept]
    assert jobs(lost) == []


def test_what_was_sent_has_its_reference_and_no_body_Q42(provider: Callable[..., Provider]) -> None:
    used = provider("SM123")
    sms = queued("the code is 123456")
    send(str(sms.pk))
    sent = now(sms)
    assert (sent.status, sent.provider_reference, sent.body, sent.reason) == ("sent", "SM123", "", "")
    assert sent.finished_at
    assert used.sent == ["the code is 123456"]


def test_a_text_is_sent_once_however_often_its_job_runs(provider: Callable[..., Provider]) -> None:
    used = provider()
    sms = queued()
    for _turn in range(3):
        send(str(sms.pk))
    send("00000000-0000-0000-0000-000000000000")
    assert len(used.sent) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_once(provider: Callable[..., Provider]) -> None:
    used = provider()
    rows = [queued(f"text {number}") for number in range(5)]
    for sms in rows:
        for result in at_once(4, lambda _n, pk=str(sms.pk): send(pk)):
            assert result is None or isinstance(result, NotNow)  # it was claimed already
    assert Counter(used.sent) == {f"text {number}": 1 for number in range(5)}


def test_not_now_goes_back_and_a_later_try_sends(provider: Callable[..., Provider]) -> None:
    used = provider(NotNow("503"), "SM123")
    sms = queued()
    with pytest.raises(NotNow):
        send(str(sms.pk))
    waiting = now(sms)
    assert (waiting.status, waiting.body, waiting.claimed_at) == ("queued", "words", None)
    send(str(sms.pk))
    assert now(sms).status == "sent"
    assert len(used.sent) == 2


@pytest.mark.parametrize("trouble", [NotNow("no connection"), Unclear("SSLError")])
def test_a_text_that_was_not_taken_leaves_a_line_ASVS_16_3_4(
    provider: Callable[..., Provider], caplog: pytest.LogCaptureFixture, trouble: Exception
) -> None:
    provider(trouble)
    with pytest.raises(NotNow):
        send(str(queued().pk))
    assert [(line.levelname, str(trouble) in line.getMessage()) for line in caplog.records] == [("WARNING", True)]


def test_refused_is_failed_with_the_reason_in_words(provider: Callable[..., Provider]) -> None:
    used = provider(Refused("not_mobile"))
    sms = queued()
    send(str(sms.pk))
    send(str(sms.pk))
    failed = now(sms)
    assert (failed.status, failed.reason, failed.body) == ("failed", "not_mobile", "")
    assert len(used.sent) == 1
    with translation.override("en"):
        assert "cannot receive SMS" in str(reasons.in_words("not_mobile"))
    assert reasons.in_words("") == ""


def test_what_may_have_been_taken_is_not_sent_again_but_looked_up_K3(
    provider: Callable[..., Provider], later: Callable[[timedelta], None]
) -> None:
    used = provider(Unclear("no answer"), found="SM9")
    sms = queued()
    for second in (0, 1, 29):
        later(timedelta(seconds=second))
        with pytest.raises(NotNow):
            send(str(sms.pk))
        assert (now(sms).status, now(sms).body, used.asked) == ("sending", "words", 0)
    later(SETTLED)
    send(str(sms.pk))
    assert (now(sms).status, now(sms).provider_reference, now(sms).body) == ("sent", "SM9", "")
    assert (len(used.sent), used.asked) == (1, 1)


def test_a_try_after_an_unclear_one_waits_until_the_call_has_surely_ended(provider: Callable[..., Provider]) -> None:
    provider(Unclear("no answer"))
    with pytest.raises(NotNow) as refused:
        send(str(queued().pk))
    assert refused.value.wait == 30


def test_what_the_provider_never_had_is_sent_after_all_K3(
    provider: Callable[..., Provider], later: Callable[[timedelta], None]
) -> None:
    used = provider(Unclear("no answer"), "SM2", found=None)
    sms = queued()
    with pytest.raises(NotNow):
        send(str(sms.pk))
    later(SETTLED)
    send(str(sms.pk))
    assert (now(sms).status, now(sms).provider_reference, now(sms).attempts) == ("sent", "SM2", 2)
    assert (len(used.sent), used.asked) == (2, 1)


def test_what_the_provider_cannot_tell_of_is_unknown_after_ten_minutes_and_never_sent_again(
    provider: Callable[..., Provider], later: Callable[[timedelta], None]
) -> None:
    used = provider(Unclear("no answer"), found=Unclear("no way to ask"))
    sms = queued()
    for minutes in (0, 1, 9.99):
        later(timedelta(minutes=minutes))
        with pytest.raises(NotNow) as refused:
            send(str(sms.pk))
    assert refused.value.wait == pytest.approx(0.6, abs=0.01), "the next look is when the ten minutes are over"
    assert now(sms).status == "sending"
    later(timedelta(minutes=10))
    for _turn in range(2):
        send(str(sms.pk))
    assert (now(sms).status, now(sms).body) == ("unknown", "")
    assert len(used.sent) == 1


def test_what_was_found_refused_says_why(provider: Callable[..., Provider], later: Callable[[timedelta], None]) -> None:
    provider(Unclear("no answer"), found=Receipt("SM3", Status.FAILED, "not_mobile"))
    sms = queued()
    with pytest.raises(NotNow):
        send(str(sms.pk))
    later(SETTLED)
    send(str(sms.pk))
    assert (now(sms).status, now(sms).reason, now(sms).body) == ("failed", "not_mobile", "")


def test_what_expired_meanwhile_is_not_sent_after_all(
    provider: Callable[..., Provider], later: Callable[[timedelta], None]
) -> None:
    used = provider(Unclear("no answer"), found=None)
    sms = queued(not_after=timezone.now() + timedelta(seconds=20))
    with pytest.raises(NotNow):
        send(str(sms.pk))
    later(SETTLED)
    send(str(sms.pk))
    assert (now(sms).status, now(sms).reason, now(sms).body) == ("failed", "expired", "")
    assert len(used.sent) == 1


def test_a_fault_of_ours_while_sending_leaves_the_claim_so_that_nothing_is_sent_twice(
    provider: Callable[..., Provider],
) -> None:
    used = provider(ZeroDivisionError())
    sms = queued()
    with pytest.raises(ZeroDivisionError):
        send(str(sms.pk))
    with pytest.raises(NotNow):
        send(str(sms.pk))
    assert now(sms).status == "sending"
    assert len(used.sent) == 1


def test_a_worker_that_slept_between_claim_and_call_leaves_the_text_to_others(
    provider: Callable[..., Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    used = provider()
    clock = iter([0.0, 5.1])
    monkeypatch.setattr(delivery.time, "monotonic", lambda: next(clock))
    sms = queued()
    with pytest.raises(NotNow):
        send(str(sms.pk))
    assert (used.sent, now(sms).status) == ([], "sending")


def test_a_claim_that_somebody_made_meanwhile_is_left_alone(
    provider: Callable[..., Provider], later: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between one worker's question and its answer another has put the text back and claimed it again."""
    used = provider(Unclear("no answer"))
    sms = queued()
    with pytest.raises(NotNow):
        send(str(sms.pk))
    later(SETTLED)
    again = timezone.now()

    def look_up(_sms: SMS) -> None:
        SMS.objects.filter(pk=sms.pk).update(claimed_at=again)

    monkeypatch.setattr(used, "look_up", look_up)
    send(str(sms.pk))
    assert (now(sms).status, now(sms).claimed_at) == ("sending", again)
    assert len(used.sent) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_workers_that_look_up_one_text_at_once_send_it_once(provider: Callable[..., Provider]) -> None:
    """Both find that the provider has nothing; the first claims it again, and the second must not take that claim."""
    used = provider(found=None)
    for number in range(5):
        sms = queued(f"text {number}")
        was = timezone.now() - SETTLED
        SMS.objects.filter(pk=sms.pk).update(status="sending", claimed_at=was)
        for result in at_once(4, lambda _n, pk=str(sms.pk): send(pk)):
            assert result is None or isinstance(result, NotNow)
    assert Counter(used.sent) == {f"text {number}": 1 for number in range(5)}


def test_what_is_no_longer_true_is_never_sent(provider: Callable[..., Provider], time_machine: Any) -> None:
    used = provider()
    limit = timezone.now() + timedelta(minutes=10)
    early, late = queued(not_after=limit), queued(not_after=limit)
    time_machine.move_to(limit - timedelta(seconds=1), tick=False)
    send(str(early.pk))
    time_machine.move_to(limit, tick=False)
    send(str(late.pk))
    assert (now(early).status, now(late).status, now(late).reason) == ("sent", "failed", "expired")
    assert now(late).body == ""
    assert len(used.sent) == 1


def test_after_four_hours_a_text_is_given_up(provider: Callable[..., Provider], time_machine: Any) -> None:
    used = provider()
    early, late = queued(), queued()
    time_machine.move_to(early.created_at + timedelta(hours=4) - timedelta(seconds=1), tick=False)
    send(str(early.pk))
    time_machine.move_to(late.created_at + timedelta(hours=4), tick=False)
    send(str(late.pk))
    assert (now(early).status, now(late).status, now(late).reason) == ("sent", "failed", "gave_up")
    assert len(used.sent) == 1


def test_a_late_or_repeated_report_changes_nothing() -> None:
    sms = queued()
    finish(sms, Status.DELIVERED)
    assert now(sms).status == "queued", "what was not sent cannot have arrived"
    SMS.objects.filter(pk=sms.pk).update(status="sending", claimed_at=timezone.now())
    finish(sms, Status.SENT, reference="SM1")
    finish(sms, Status.DELIVERED)
    finish(sms, Status.SENT)
    finish(sms, Status.FAILED, reason="refused")
    assert (now(sms).status, now(sms).reason, now(sms).provider_reference) == ("delivered", "", "SM1")


def test_a_text_of_unknown_fate_may_still_be_reported() -> None:
    sms = queued()
    SMS.objects.filter(pk=sms.pk).update(status="sending", claimed_at=timezone.now())
    finish(sms, Status.UNKNOWN)
    finish(sms, Status.DELIVERED)
    assert now(sms).status == "delivered"


def test_the_table_of_statuses_is_this_one() -> None:
    assert {str(was): {str(then) for then in nexts} for was, nexts in NEXT_STATUSES.items()} == {
        "queued": {"sending", "failed"},
        "sending": {"queued", "sent", "delivered", "failed", "unknown"},
        "unknown": {"sent", "delivered", "failed"},
        "sent": {"delivered", "failed"},
        "delivered": set(),
        "failed": set(),
    }


def test_the_demonstration_phone_receives_what_is_sent() -> None:
    sms = queued("for the phone")
    send(str(sms.pk))
    received = PhoneText.objects.get()
    assert (received.to, received.body) == (MOBILE, "for the phone")
    assert (now(sms).status, now(sms).provider_reference) == ("delivered", f"phone-{sms.pk}")


def test_the_demonstration_phone_knows_what_it_has(later: Callable[[timedelta], None]) -> None:
    had, not_had = queued("one"), queued("two")
    for sms in (had, not_had):
        SMS.objects.filter(pk=sms.pk).update(status="sending", claimed_at=timezone.now())
    PhoneText.objects.create(sms_id=had.pk, to=had.to, body=had.body)
    later(SETTLED)
    for sms in (had, not_had):
        send(str(sms.pk))
    assert {each.body for each in PhoneText.objects.all()} == {"one", "two"}
    assert PhoneText.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("status", "told"), [("failed", 1), ("unknown", 1), ("sent", 0), ("delivered", 0)])
def test_rooms_above_hear_of_what_will_not_arrive_in_the_same_transaction(status: str, told: int) -> None:
    heard: list[SMS] = []

    def hear(sms: SMS, **_named: Any) -> None:
        assert connection.in_atomic_block
        heard.append(sms)

    signals.given_up.connect(hear)
    try:
        sms = queued()
        SMS.objects.filter(pk=sms.pk).update(status="sending", claimed_at=timezone.now())
        for _twice in range(2):
            finish(sms, Status(status))
    finally:
        signals.given_up.disconnect(hear)
    assert [(each.pk, each.status) for each in heard] == [(sms.pk, status)] * told


def test_only_part_of_a_number_is_written_to_logs() -> None:
    assert MOBILE not in str(queued())
