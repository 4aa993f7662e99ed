"""How many texts may leave: limits per telephone number and per entity, and a budget for all of them (ASVS 2.4.1).

What is beyond a limit becomes a text that failed at once: whoever asked for it sees what they always see (A42, A43),
and who looks after the login reads the reason. A day is a calendar day in Macau. What failed before a worker claimed
it never left the house, and does not count.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.db.models import Count, Min, Q
from django.utils import timezone

from entity_portal.messaging.models import SMS, WAITING, Purpose, Status
from entity_portal.phones import is_mobile, region

log = logging.getLogger(__name__)

# What somebody who knows no password can cause; a login code follows the right one and has limits of its own.
AT_THE_DOOR = (Purpose.RESET, Purpose.USERNAME)
AT_THE_DOOR_AN_HOUR = 3  # per number (A43)
PER_NUMBER_A_DAY = 20
# Codes of applications go to numbers that anybody may name. They count apart, or a stranger could use up the texts by
# which the owner of a number logs in.
NAMED_BY_ANYBODY = (Purpose.CONFIRMATION,)
NAMED_AN_HOUR, NAMED_A_DAY = 3, 8
WARN_AT_PERCENT = 80  # of the budget
# The texts that count: all but those that failed before a worker claimed them.
COUNTED = ~Q(status=Status.FAILED, claimed_at=None)


def objection(*, to: str, purpose: Purpose, entity: str) -> str:
    """Why a text must not be sent now, a name from `messaging.reasons`; "" if it may.

    Exact per number: the number stays locked until the caller's transaction ends. What counts per entity and for all is
    not locked, so texts queued in the same moment can exceed these two by as many as there are connections.
    """
    if region(to) not in settings.SMS_REGIONS:
        return "country_not_allowed"
    if not is_mobile(to):
        return "not_mobile"
    _lock(to)
    now = timezone.now()
    midnight, counted = _midnight(), SMS.objects.filter(COUNTED)
    since_midnight = counted.filter(created_at__gte=midnight)
    to_number = counted.filter(to=to)
    together: tuple[Purpose, ...]
    if purpose in NAMED_BY_ANYBODY:
        to_number = to_number.filter(purpose__in=NAMED_BY_ANYBODY)
        together, an_hour, a_day = NAMED_BY_ANYBODY, NAMED_AN_HOUR, NAMED_A_DAY
    else:
        to_number = to_number.exclude(purpose__in=NAMED_BY_ANYBODY)
        together, an_hour, a_day = AT_THE_DOOR, AT_THE_DOOR_AN_HOUR, PER_NUMBER_A_DAY
    if purpose in together:
        within_the_hour = to_number.filter(purpose__in=together, created_at__gt=now - timedelta(hours=1))
        if within_the_hour.count() >= an_hour:
            return "number_limit"
    if to_number.filter(created_at__gte=midnight).count() >= a_day:
        return "number_limit"
    if entity and since_midnight.filter(entity_number=entity).count() >= settings.SMS_PER_ENTITY_A_DAY:
        return "entity_limit"
    used = since_midnight.count()
    _alert(used + 1, day=midnight.date().isoformat())
    return "budget" if used >= settings.SMS_A_DAY else ""


@dataclass(frozen=True)
class Day:
    """Today's texts: how many of the budget are used, and what officers should look at."""

    used: int
    budget: int
    waiting: int
    waiting_since: datetime | None
    failed: int
    unknown: int

    @property
    def running_out(self) -> bool:
        return self.used >= self.budget * WARN_AT_PERCENT / 100

    @property
    def used_up(self) -> bool:
        return self.used >= self.budget


def today() -> Day:
    """Counted when it is asked, in one statement; for officers, who ask seldom."""
    today, waiting = Q(created_at__gte=_midnight()), Q(status__in=WAITING)
    counted = SMS.objects.filter(today | waiting).aggregate(
        used=Count("pk", filter=today & COUNTED),
        waiting=Count("pk", filter=waiting),
        waiting_since=Min("created_at", filter=waiting),
        failed=Count("pk", filter=today & Q(status=Status.FAILED)),
        unknown=Count("pk", filter=today & Q(status=Status.UNKNOWN)),
    )
    return Day(budget=settings.SMS_A_DAY, **counted)


def _midnight() -> datetime:
    """When today began in Macau."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def _lock(number: str) -> None:
    """Let texts to one number be queued one after another, so that each counts those before it.

    It cannot deadlock with the row locks, because everybody comes here in the same order: entity, login, then the
    number (where a code is made, before or after it: its login is held), and last the chain of the history. Who holds
    the number waits for nothing but a try at that code and the chain, and who has these only commits. (`open_entity`
    writes history earlier, of an entity that nobody else can see yet.)
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('sms:' || %s, 0))", [number])


def _alert(used: int, *, day: str) -> None:
    """Say in the log, once a day each, that the budget is running out and that it is used up."""
    budget = settings.SMS_A_DAY
    if used >= budget and _first_today("used-up", day):
        log.error("All %d texts of today's budget are used: no more are sent before midnight.", budget)
    elif budget > used >= budget * WARN_AT_PERCENT / 100 and _first_today("running-out", day):
        log.warning("%d of the %d texts of today's budget are used.", used, budget)


def _first_today(what: str, day: str) -> bool:
    """Whether no process has said it yet. To wait for an exact number would not do: two that count at once skip it."""
    counters = caches[settings.RATELIMIT_USE_CACHE]
    return counters.add(f"sms-budget:{what}:{day}", 1, timedelta(days=1).total_seconds())
