"""Jobs of the worker: what a page noted without looking whether it belongs to someone (A13, A15), and notices."""

from datetime import date
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from entity_portal.messaging.models import Notification
from entity_portal.sealed import seal, unseal
from staff import operations, sorting
from staff.models import StaffLogin
from staff.operations import notices

REMINDER = "staff.remind_username"  # the purpose for which a number is encrypted in a job
# Nobody is told that it failed, so a passing trouble must not end it; the person waits ten minutes at most.
AGAIN = RetryStrategy(max_attempts=5, exponential_wait=3)


@app.task(queue="door", name="staff.send_reset_code", retry=AGAIN)
def send_reset_code(entity_number: str, username: str, birth_date: str, request: str) -> None:
    operations.send_reset_code(
        entity_number=entity_number,
        username=username,
        birth_date=date.fromisoformat(birth_date),
        request=UUID(request),
    )


@app.task(queue="door", name="staff.remind_username", retry=AGAIN)
def remind_username(
    entity_number: str, document_type: str, birth_date: str, sealed_number: str = "", document_number: str = ""
) -> None:
    """`document_number` in the clear is in jobs of the release before: it goes with the next one."""
    operations.remind_username(
        entity_number=entity_number,
        document_type=document_type,
        document_number=unseal(sealed_number, REMINDER) if sealed_number else document_number,
        birth_date=date.fromisoformat(birth_date),
    )


def defer_reminder(*, entity_number: str, document_type: str, document_number: str, birth_date: date) -> None:
    """Note who wants to be reminded; a job that failed stays for a while, so the number is encrypted in it."""
    remind_username.defer(
        entity_number=entity_number,
        document_type=document_type,
        sealed_number=seal(document_number, REMINDER),
        birth_date=birth_date.isoformat(),
    )


@app.task(queue="notices", name="staff.tell_beside_the_inbox", retry=AGAIN)
def tell_beside_the_inbox(line: int) -> None:
    if found := Notification.objects.filter(pk=line).first():
        notices.tell_beside(found)


@app.periodic(cron="0 0 * * *")  # 8:00 in Macau: the worker's clock is UTC
@app.task(queue="notices", name="staff.send_digests", queueing_lock="staff.send_digests")
def send_digests(timestamp: int) -> None:
    """The daily summaries, each in a transaction of its own."""
    waiting = Notification.objects.filter(in_digest=True).values("recipient")
    for login in StaffLogin.objects.select_related("entity").filter(euid__in=waiting).order_by("pk").iterator():
        notices.send_digest(login)


@app.periodic(cron="53 3 * * *")
@app.task(queue="house", name="staff.sort_names", queueing_lock="staff.sort_names")
def sort_names(timestamp: int) -> None:
    """Names stand in the order of the library's tables also on the day after a new version of it."""
    sorting.sort_names()
