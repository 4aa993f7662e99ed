"""Writing down what e-services are told: changes of rights, and the names of logins."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from services.api import queries
from services.api.models import Change, ChangeKind, Feed, Held, Told
from services.models import Assignment, EService
from services.oidc.models import Client, SignIn
from staff.models import StaffLogin

KEPT = timedelta(days=90)
AT_ONCE = 2000  # rows in one statement


def note_changes(service: EService) -> None:
    """Write down who has gained or lost what at an e-service since the last time.

    Rights begin and end for many reasons, some of them only a date; so what is so now is compared with what was told,
    and nobody who changes anything has to think of it. One writer at a time: numbers are visible in their order, and
    whoever has read up to one has missed none below it.
    """
    if queries.is_told(service):
        return
    Feed.objects.bulk_create([Feed(service=service)], ignore_conflicts=True)  # of two that are first
    with transaction.atomic():
        Feed.objects.select_for_update().get(service=service)
        today, now = timezone.localdate(), timezone.now()
        for kind, found in (
            (ChangeKind.LOST, queries.lost(service, today)),
            (ChangeKind.GAINED, queries.gained(service, today)),
            (ChangeKind.DATES_CHANGED, queries.moved(service, today)),
        ):
            for rows in in_parts(found):
                _note(service, kind, rows, now)


def in_parts(found: QuerySet[Assignment]) -> Iterable[list[Assignment]]:
    """All of them as they are now, however many."""
    part: list[Assignment] = []
    for row in found.iterator(chunk_size=AT_ONCE):
        part.append(row)
        if len(part) == AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _note(service: EService, kind: ChangeKind, rows: list[Assignment], now: datetime) -> None:
    Change.objects.bulk_create(
        Change(
            service=service,
            login_id=row.login_id,
            group_id=row.group_id,
            kind=kind,
            reason=getattr(row, "reason", ""),
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            at=now,
        )
        for row in rows
    )
    if kind == ChangeKind.LOST:
        Held.objects.filter(pk__in=[row.pk for row in rows]).delete()
        return
    Held.objects.bulk_create(
        [Held(assignment=row, service=service, valid_from=row.valid_from, valid_until=row.valid_until) for row in rows],
        update_conflicts=True,
        unique_fields=["assignment"],
        update_fields=["valid_from", "valid_until"],
    )


def note_all_changes() -> None:
    """`note_changes` of every e-service whose program may read them."""
    readers = Client.objects.filter(disabled_at=None, scopes__regex=r"(^|\s)changes(\s|$)")
    for service in EService.objects.filter(clients__in=readers).distinct():
        note_changes(service)


def forget() -> None:
    """Delete changes older than KEPT, and remember up to where, so that whoever has not read them hears of it."""
    for feed in Feed.objects.all():
        with transaction.atomic():
            old = Change.objects.filter(service=feed.service_id, at__lt=timezone.now() - KEPT)
            last = old.aggregate(last=Max("pk"))["last"]
            if last:
                Feed.objects.filter(pk=feed.pk).update(forgotten_to=last)
                Change.objects.filter(service=feed.service_id, pk__lte=last).delete()


def remember(client: Client, logins: Iterable[StaffLogin]) -> None:
    """The client is told of these logins: from now on it may ask about them by the name it knows."""
    Told.objects.bulk_create(
        [Told(service=client.service, subject=client.subject_of(login), login=login) for login in logins],
        ignore_conflicts=True,
    )


def remember_sign_in(instance: SignIn, created: bool, **kwargs: Any) -> None:
    if created:
        remember(instance.client, [instance.login])
