"""The outbox: a text leaves once or not at all, and what became of it is known."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone, translation

from entity_portal.messaging import operations, reasons
from entity_portal.messaging.backends import NotNow, Refused, Unclear
from entity_portal.messaging.models import NEXT_STATUSES, SMS, PhoneText, Purpose, Status
from entity_portal.messaging.operations import finish, give_up_on_dead_claims, queue_sms, send
from tests.race import at_once

pytestmark = pytest.mark.django_db
MOBILE = "+85366123456"


class Provider:
    """Stands in for a provider: answers as told, and counts."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers, self.sent = list(answers), []

    def send(self, sms: SMS) -> str:
        self.sent.append(sms.body)
        answer = self.answers.pop(0) if self.answers else "reference"
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Provider]:
    def use(*answers: str | Exception) -> Provider:
        made = Provider(*answers)
        monkeypatch.setattr(operations, "backend", lambda: made)
        return made

    return use


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
        assert at_once(4, lambda _n, pk=str(sms.pk): send(pk)) == [None] * 4
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


def test_unclear_is_unknown_and_is_never_sent_again(provider: Callable[..., Provider]) -> None:
    used = provider(Unclear("no answer"))
    sms = queued()
    for _turn in range(3):
        send(str(sms.pk))
    assert (now(sms).status, now(sms).body) == ("unknown", "")
    assert len(used.sent) == 1


def test_a_fault_of_ours_while_sending_leaves_the_claim_so_that_nothing_is_sent_twice(
    provider: Callable[..., Provider],
) -> None:
    used = provider(ZeroDivisionError())
    sms = queued()
    with pytest.raises(ZeroDivisionError):
        send(str(sms.pk))
    send(str(sms.pk))
    assert now(sms).status == "sending"
    assert len(used.sent) == 1


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


def test_what_a_dead_worker_claimed_becomes_unknown_after_ten_minutes(time_machine: Any) -> None:
    claimed, waiting = queued(), queued()
    start = timezone.now()
    SMS.objects.filter(pk=claimed.pk).update(status="sending", claimed_at=start)
    time_machine.move_to(start + timedelta(minutes=10), tick=False)
    assert give_up_on_dead_claims() == 0
    time_machine.move_to(start + timedelta(minutes=10, seconds=1), tick=False)
    assert give_up_on_dead_claims() == 1
    assert (now(claimed).status, now(claimed).body) == ("unknown", "")
    assert now(waiting).status == "queued"


def test_a_late_or_repeated_report_changes_nothing() -> None:
    sms = queued()
    finish(sms, Status.DELIVERED)
    assert now(sms).status == "queued", "what was not sent cannot have arrived"
    SMS.objects.filter(pk=sms.pk).update(status="sending")
    finish(sms, Status.SENT, reference="SM1")
    finish(sms, Status.DELIVERED)
    finish(sms, Status.SENT)
    finish(sms, Status.FAILED, reason="refused")
    assert (now(sms).status, now(sms).reason, now(sms).provider_reference) == ("delivered", "", "SM1")


def test_a_text_of_unknown_fate_may_still_be_reported() -> None:
    sms = queued()
    SMS.objects.filter(pk=sms.pk).update(status="sending")
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
    assert now(sms).provider_reference == f"phone-{received.pk}"


def test_only_part_of_a_number_is_written_to_logs() -> None:
    assert MOBILE not in str(queued())
