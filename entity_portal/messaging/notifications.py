"""The inbox: lines written in the transaction of what they tell, grouped, read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from psycopg.types.json import Jsonb

from entity_portal.messaging import kinds
from entity_portal.messaging.kinds import Kind, Mail
from entity_portal.messaging.models import Notification, NotificationChoice

# One statement for all recipients, in their order: operations that tell the same people never wait for each other in a
# circle. `new` is false where an unread line has grown.
_ADD = """
INSERT INTO messaging_notification AS line
    (recipient, entity_number, kind, group_key, about, day, count, data, in_digest, created_at, updated_at)
SELECT recipient, %(entity)s, %(kind)s, %(group)s, %(about)s, %(day)s, %(count)s, %(data)s, in_digest, %(now)s, %(now)s
FROM unnest(%(recipients)s::text[], %(in_digest)s::bool[]) AS told (recipient, in_digest) ORDER BY recipient
ON CONFLICT (recipient, kind, group_key, day) WHERE read_at IS NULL DO UPDATE SET
    count = line.count + CASE WHEN %(once)s AND excluded.about = line.about THEN 0 ELSE excluded.count END,
    about = excluded.about, data = excluded.data, updated_at = excluded.updated_at
RETURNING recipient, id, xmax = 0 AS new
"""


@dataclass(frozen=True)
class Choice:
    """How somebody hears of a kind, beside the inbox."""

    email: Mail
    sms: bool


def choices(kind: str, recipients: Iterable[str]) -> dict[str, Choice]:
    """What each recipient has chosen for a kind, or its default."""
    chosen = NotificationChoice.objects.filter(kind=kind, recipient__in=recipients)
    found = {each.recipient: Choice(Mail(each.email), each.sms) for each in chosen}
    default = Choice(kinds.MEANINGS[kind].mail, sms=False)
    return {recipient: found.get(recipient, default) for recipient in recipients}


def choices_of(recipient: str) -> dict[str, Choice]:
    """What one recipient has chosen for each kind, or its default."""
    found = {kind: Choice(meaning.mail, sms=False) for kind, meaning in kinds.MEANINGS.items()}
    for each in NotificationChoice.objects.filter(recipient=recipient):
        found[each.kind] = Choice(Mail(each.email), each.sms)
    return found


@transaction.atomic
def choose(recipient: str, chosen: dict[str, Choice]) -> None:
    """Keep how somebody wants to hear of some kinds."""
    NotificationChoice.objects.bulk_create(
        [
            NotificationChoice(recipient=recipient, kind=kind, email=each.email, sms=each.sms)
            for kind, each in chosen.items()
        ],
        update_conflicts=True,
        unique_fields=["recipient", "kind"],
        update_fields=["email", "sms"],
    )


def add(
    kind: Kind,
    recipients: dict[str, Choice],
    *,
    entity: str,
    about: str = "",
    group: str = "",
    count: int | None = None,
    data: dict[str, Any] | None = None,
) -> dict[str, int]:
    """Write a line into each inbox, or let the unread one of today grow; return the new lines' keys by recipient.

    It grows by `count`; without, by one, unless it was about the same thing last.

    Raises:
        RuntimeError: there is no transaction, so somebody could be told of what did not happen.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a notification needs the caller's transaction")
    if not recipients:
        return {}
    told: dict[str, Any] = {
        "entity": entity,
        "kind": kind,
        "group": group,
        "about": about,
        "day": timezone.localdate(),
        "count": count or 1,
        "once": count is None,
        "data": Jsonb(data or {}),
        "now": timezone.now(),
        "recipients": list(recipients),
        "in_digest": [each.email == Mail.DAILY for each in recipients.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD, told)
        return {recipient: line for recipient, line, new in cursor.fetchall() if new}


def inbox(recipient: str) -> QuerySet[Notification]:
    """Everything for one person: unread first, then the newest."""
    return Notification.objects.filter(recipient=recipient).order_by(
        F("read_at").desc(nulls_first=True), "-updated_at", "-pk"
    )


def unread(recipient: str) -> int:
    return Notification.objects.filter(recipient=recipient, read_at=None).count()


def with_unread(rows: QuerySet[Any], *, of: str = "") -> QuerySet[Any]:
    """Rows with `unread`, as the function says it of a person, whom the prefix `of` leads to: asked with the rows."""
    lines = Notification.objects.filter(recipient=OuterRef(f"{of}euid"), read_at=None).order_by()
    n = lines.values("recipient").annotate(n=Count("pk")).values("n")
    return rows.annotate(unread=Coalesce(Subquery(n), 0))


def read(recipient: str, pk: int | None = None) -> int:
    """Mark one line as read, or all of them; return how many. What is read does not wait for the daily summary."""
    lines = Notification.objects.filter(recipient=recipient, read_at=None)
    return (lines if pk is None else lines.filter(pk=pk)).update(read_at=timezone.now(), in_digest=False)


def unread_again(line: Notification) -> None:
    """Mark a line as unread. It grows no more: a newer one of its group may have begun."""
    Notification.objects.filter(pk=line.pk).update(read_at=None, group_key=f"again-{line.pk}")


def take_to_tell(line: Notification) -> bool:
    """Whether a line is to be e-mailed or texted now; only one caller hears yes, however often its job runs."""
    untold = Notification.objects.filter(pk=line.pk, told_at=None, read_at=None)
    return untold.update(told_at=timezone.now()) == 1


def take_digest(recipient: str) -> list[Notification]:
    """What waits for somebody's daily summary, unread and the newest first; only one caller gets it."""
    waiting = Notification.objects.filter(recipient=recipient, in_digest=True)
    lines = list(waiting.select_for_update().order_by("-updated_at"))
    waiting.filter(pk__in=[line.pk for line in lines]).update(in_digest=False)
    return lines
