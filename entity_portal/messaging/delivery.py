"""The worker's side of the outbox: a text leaves once, or it is said that nobody knows.

A text is claimed by one conditional UPDATE before its provider is called. Whatever happens then, a worker that dies or
an answer that does not come, it stays claimed until somebody can say what became of it. Once SMS_SETTLE is over no call
is under way any more, and the provider is asked. It has the text: it was sent. It has none: it is queued again. It
cannot tell, for ten minutes: the text ends as `unknown`, for people to decide (K3).
"""

import logging
import time
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from entity_portal.messaging import signals
from entity_portal.messaging.backends import NotNow, Receipt, Refused, Unclear, backend
from entity_portal.messaging.models import NEXT_STATUSES, SMS, WAITING, Status

log = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(hours=4)
UNKNOWN_AFTER = timedelta(minutes=10)
START_WITHIN = 5  # seconds from the claim to the call: a worker that slept longer leaves the text to who looks it up
ASK_AGAIN_AFTER = 60  # seconds, where the provider could not tell
ORPHANED_AFTER = timedelta(minutes=5)


def send(sms_id: str) -> None:
    """Send one text, once. What is sent or given up already is left alone; what somebody claimed is looked up.

    Raises:
        NotNow: it has not been taken yet, or it is not known whether it was, and there is time for another try.
    """
    sms = SMS.objects.filter(pk=sms_id).first()
    if sms and sms.status == Status.SENDING:
        _look_up(sms)
    if sms is None or not _claim(sms):
        return None
    claimed = time.monotonic()
    now = timezone.now()
    if sms.not_after and now >= sms.not_after:
        return finish(sms, Status.FAILED, reason="expired")
    if now >= sms.created_at + GIVE_UP_AFTER:
        return finish(sms, Status.FAILED, reason="gave_up")
    if time.monotonic() > claimed + START_WITHIN:
        raise NotNow("it took too long to begin", wait=settings.SMS_SETTLE)
    try:
        receipt = backend().send(sms)
    except Refused as refusal:
        finish(sms, Status.FAILED, reason=str(refusal))
    except Unclear as unclear:
        log.warning("Whether a text was taken is not known: %s.", unclear)
        raise NotNow(str(unclear), wait=settings.SMS_SETTLE) from unclear
    except NotNow as trouble:
        log.warning("A text was not taken and is tried again: %s.", trouble)
        _release(sms)
        raise
    else:
        take(sms, receipt)


def _claim(sms: SMS) -> bool:
    """Only one worker moves a text from queued to sending."""
    now = timezone.now()
    queued = SMS.objects.filter(pk=sms.pk, status=Status.QUEUED)
    sms.claimed_at = now
    return queued.update(status=Status.SENDING, claimed_at=now, attempts=F("attempts") + 1) == 1


def _release(sms: SMS) -> None:
    """Put what was surely not taken back into the queue, unless somebody has claimed it again meanwhile."""
    claimed = SMS.objects.filter(pk=sms.pk, status=Status.SENDING, claimed_at=sms.claimed_at)
    claimed.update(status=Status.QUEUED, claimed_at=None)


def _look_up(sms: SMS) -> None:
    """Find out what became of a text that was claimed and not finished: it is finished then, or queued again.

    Raises:
        NotNow: a call may still be under way, or the provider cannot tell.
    """
    now, claimed_at = timezone.now(), cast("datetime", sms.claimed_at)  # a constraint
    settled = claimed_at + timedelta(seconds=settings.SMS_SETTLE)
    if now < settled:
        raise NotNow("a call may be under way", wait=(settled - now).total_seconds())
    try:
        receipt = backend().look_up(sms)
    except Unclear as unclear:
        left = (claimed_at + UNKNOWN_AFTER - now).total_seconds()
        if left <= 0:
            return finish(sms, Status.UNKNOWN)
        raise NotNow(str(unclear), wait=min(ASK_AGAIN_AFTER, left)) from unclear
    if receipt:
        return take(sms, receipt)
    return _release(sms)


def take(sms: SMS, receipt: Receipt) -> None:
    """Believe a provider: move a text as far as its receipt says."""
    finish(sms, receipt.status, reason=receipt.reason, reference=receipt.reference)


@transaction.atomic
def finish(sms: SMS, status: Status, *, reason: str = "", reference: str = "") -> None:
    """Move a text forward, empty its body; a status it cannot reach from where it is changes nothing."""
    sources = [source for source, targets in NEXT_STATUSES.items() if status in targets]
    fields = {"status": status, "body": "", "finished_at": timezone.now(), "reason": reason}
    if reference:
        fields["provider_reference"] = reference
    if SMS.objects.filter(pk=sms.pk, status__in=sources).update(**fields) and status in {Status.FAILED, Status.UNKNOWN}:
        signals.given_up.send(sender=SMS, sms=SMS.objects.get(pk=sms.pk))


def sweep() -> None:
    """Find what waits and has no job any more, whatever took it away: give it up if it is too late, else a new job."""
    from entity_portal.messaging.tasks import defer

    now = timezone.now()
    queued = SMS.objects.filter(status=Status.QUEUED)
    for sms in queued.filter(not_after__lte=now):
        finish(sms, Status.FAILED, reason="expired")
    for sms in queued.filter(created_at__lte=now - GIVE_UP_AFTER):
        finish(sms, Status.FAILED, reason="gave_up")
    waiting = SMS.objects.filter(status__in=WAITING, created_at__lte=now - ORPHANED_AFTER)
    jobs = ProcrastinateJob.objects.filter(task_name="messaging.send_sms", status__in=["todo", "doing"])
    known = set(jobs.values_list("args__sms_id", flat=True)) if waiting.exists() else set()
    for sms in waiting.order_by("created_at"):
        if str(sms.pk) not in known:
            log.error("A text had lost its job; it has a new one.")
            defer(sms)
