"""Writing down what e-services are told: changes of rights, and the names of logins."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from services.api import queries
from services.api.models import Change, ChangeKind, Feed, Told, Touched
from services.models import Assignment, EService
from services.oidc.models import Client, SignIn
from staff.models import StaffLogin

ONE_BY_ONE = 5000  # rights; of more that were touched all are compared


def note_changes(service: EService) -> None:
    """Write down who has gained or lost what at an e-service since the last time.

    Rights begin and end for many reasons, so what is so now is compared with what was told: those that the database
    has seen touched, and once a day, as some only have their day, all. Nobody who changes anything has to think of it.

    One writer at a time: numbers become visible in their order, and whoever has read up to one has missed none below.
    """
    if queries.is_told(service, timezone.localdate()):
        return
    # Committed before anything is compared: `forget` leaves what is touched from now on.
    Feed.objects.bulk_create([Feed(service=service)], ignore_conflicts=True)
    with transaction.atomic():
        feed = Feed.objects.select_for_update().get(service=service)
        today, now = timezone.localdate(), timezone.now()
        touched = take_touched(service)
        among = touched if feed.compared_on == today else None
        for kind, found in (
            (ChangeKind.LOST, queries.lost(service, today)),
            (ChangeKind.GAINED, queries.gained(service, today)),
            (ChangeKind.DATES_CHANGED, queries.moved(service, today)),
        ):
            note(service, kind, found if among is None else found.filter(pk__in=among), now)
        if among is None:
            Feed.objects.filter(service=service).update(compared_on=today)


def take_touched(service: EService) -> set[int] | None:
    """The assignments that were touched, None for all; the changes that touched them are visible from now on."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM api_touched WHERE service_id = %s RETURNING assignment_id", [service.pk])
        touched = {assignment for (assignment,) in cursor.fetchall()}
    return None if None in touched or len(touched) > ONE_BY_ONE else touched


NOTE = """
WITH found (assignment_id, login_id, group_id, valid_from, valid_until, reason) AS MATERIALIZED ({found}),
noted AS (
    INSERT INTO api_change (service_id, login_id, group_id, kind, reason, valid_from, valid_until, at)
    SELECT %s, login_id, group_id, %s, reason, valid_from, valid_until, %s FROM found ORDER BY assignment_id
)
"""
# Sorted, so that all are found before the first is held: else the search reads again and again what it writes.
HOLD = """
INSERT INTO api_held (assignment_id, service_id, valid_from, valid_until)
SELECT assignment_id, %s, valid_from, valid_until FROM found ORDER BY assignment_id
ON CONFLICT (assignment_id) DO UPDATE SET valid_from = excluded.valid_from, valid_until = excluded.valid_until
"""
LET_GO = "DELETE FROM api_held WHERE service_id = %s AND assignment_id IN (SELECT assignment_id FROM found)"


def note(service: EService, kind: ChangeKind, found: QuerySet[Assignment], now: datetime) -> None:
    """Write these down and hold them as told: one statement, so that both are of one moment."""
    columns = ("pk", "login_id", "group_id", "valid_from", "valid_until", "reason")
    try:
        query, params = found.values_list(*columns).query.sql_with_params()
    except EmptyResultSet:
        return
    then = LET_GO if kind == ChangeKind.LOST else HOLD
    with connection.cursor() as cursor:
        cursor.execute(NOTE.format(found=query) + then, [*params, service.pk, kind, now, service.pk])


def note_all_changes() -> None:
    """`note_changes` of every e-service whose program may read them."""
    readers = Client.objects.filter(disabled_at=None, scopes__regex=r"(^|\s)changes(\s|$)")
    for service in EService.objects.filter(clients__in=readers).distinct():
        note_changes(service)


def forget() -> None:
    """Delete what was touched at e-services that nobody reads, or not today: whoever begins to has all compared."""
    feeds = Feed.objects.filter(service=OuterRef("service"))
    Touched.objects.filter(~Exists(feeds)).delete()
    for service in Feed.objects.values_list("service", flat=True):
        with transaction.atomic():
            feed = Feed.objects.select_for_update().get(service=service)
            if feed.compared_on != timezone.localdate():
                Touched.objects.filter(service=feed.service_id).delete()


@transaction.atomic
def forget_changes(keys: Collection[int]) -> int:
    """Delete these changes, and remember up to where, so that whoever has not read them hears of it."""
    forgotten = 0
    for service in Change.objects.filter(pk__in=keys).order_by("service").values_list("service", flat=True).distinct():
        feed = Feed.objects.select_for_update().get(service=service)
        old = Change.objects.filter(service=feed.service_id, pk__in=keys)
        feed.forgotten_to = max(feed.forgotten_to, old.aggregate(last=Max("pk"))["last"] or 0)
        feed.save(update_fields=["forgotten_to"])
        forgotten += old.delete()[0]
    return forgotten


def remember(client: Client, logins: Iterable[StaffLogin]) -> None:
    """The client is told of these logins: from now on it may ask about them by the name it knows."""
    Told.objects.bulk_create(
        [Told(service=client.service, subject=client.subject_of(login), login=login) for login in logins],
        ignore_conflicts=True,
    )


def remember_sign_in(instance: SignIn, created: bool, **kwargs: Any) -> None:
    if created:
        remember(instance.client, [instance.login])
