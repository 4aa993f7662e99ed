"""What officers ask about applications: the queue and what is in it, how old it is, how quickly it is decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, FloatField, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.aggregates import Aggregate
from django.db.models.functions import Coalesce, Extract, TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.applications import rules
from accounts.applications.models import DECIDED, DOCUMENT, OPEN, QUEUE, Application, Channel, Kind, Move, State
from entity_portal.sealed import indexes
from entity_portal.text import plain
from staff.models import StaffLogin

# What the state of a list can be asked for: "waiting" is what officers have to do.
STATES: dict[str, tuple[str, ...]] = {
    "waiting": QUEUE,
    **{state: (state,) for state in (State.ASKED, *DECIDED, State.WITHDRAWN)},
    "all": (),
}
SHOWN = 20  # other applications beside one


def submitted() -> QuerySet[Application]:
    """What officers may know of: nothing that is still being filled in, or was given up before it was handed in."""
    return Application.objects.filter(submitted_at__isnull=False)


def begun() -> Coalesce:
    """When the promised time began: with the answer to what was asked last, else when it was submitted."""
    answered = Move.objects.filter(application=OuterRef("pk"), now=State.ANSWERED).order_by("-id").values("at")[:1]
    return Coalesce(Subquery(answered), F("submitted_at"))


def find(
    by: StaffLogin, *, q: str = "", state: str = "", kind: str = "", channel: str = "", who: str = ""
) -> QuerySet[Application]:
    """Applications that fit, each with `begun`: what waits oldest first, else the newest first.

    `q` is a whole number of an application (found in any state), of a registration or of an entity, or part of a
    subject; `state` is a key of `STATES`, "" what waits; `who` is "mine", "nobody" or "".
    """
    state = state or "waiting"
    rows = submitted()
    term = plain(q)
    if term:
        number = term.upper()
        if rows.filter(number=number).exists():
            state = "all"
        registered = Q(registration_number__in={term, number})
        rows = rows.filter(Q(number=number) | registered | Q(entity__number=number) | Q(subject__icontains=term))
    if STATES[state]:
        rows = rows.filter(state__in=STATES[state])
    if kind:
        rows = rows.filter(kind=kind)
    if channel:
        rows = rows.filter(channel=channel)
    if who == "mine":
        rows = rows.filter(claimed_by=by)
    elif who == "nobody":
        rows = rows.filter(claimed_by=None)
    order = {"waiting": ("submitted_at", "pk"), State.ASKED: ("submitted_at", "pk"), "all": ("-pk",)}
    if state in DECIDED:
        order[state] = ("-decided_at", "-pk")
    rows = rows.select_related("entity", "login", "claimed_by").annotate(begun=begun())
    return rows.order_by(*order.get(state, ("-pk",)))


def line(application: Application) -> dict[str, Any]:
    """What a list says of an application that `find` found."""
    today = timezone.localdate()
    promised = rules.due(application.kind, application.begun)  # type: ignore[attr-defined]  # annotated
    waits = application.state in QUEUE
    return {
        "application": application,
        "promised": promised if waits else None,
        "late": waits and promised < today,
        "days": (today - timezone.localdate(application.submitted_at)).days,
    }


def others(application: Application) -> list[Application]:
    """What else was applied for: for the same registration, entity or login, or open and naming the same person."""
    same = Q(pk=None)
    if application.registration_number:
        same |= Q(registration_number=application.registration_number)
    if application.entity_id:
        same |= Q(entity=application.entity_id)
    if application.login_id:
        same |= Q(login=application.login_id)
    for person in named(application.answers):
        for where in ({"representative": person}, {"administrators": [person]}, {"person": person}):
            same |= Q(state__in=OPEN, answers__contains=where)
    found = submitted().filter(same).exclude(pk=application.pk).select_related("entity", "login")
    return list(found.order_by("-pk")[:SHOWN])


def named(answers: Mapping[str, Any]) -> list[dict[str, str]]:
    """The documents of everybody whom an application names, as `answers` are searched by them: one for each key."""
    people = [answers.get("representative"), answers.get("person"), *answers.get("administrators", [])]
    numbers = [person["document_number"] for person in people if person]
    return [{"document_index": index.hex()} for number in numbers for index in indexes(number, DOCUMENT)]


# --- how much waits, and for how long ---


@dataclass(frozen=True)
class Waiting:
    """What waits for officers now; `oldest_since` is when the oldest of it was submitted, None where nothing waits."""

    waiting: int
    late: int
    oldest_since: datetime | None
    mine: int


def waiting(by: StaffLogin | None = None) -> Waiting:
    """By the index of the queue; `mine` is what `by` works on."""
    late = Q(pk=None)
    for kind in Kind:
        late |= Q(kind=kind, begun__lt=_midnight(rules.late_if_begun_before(kind)))
    counted = (
        Application.objects.filter(state__in=QUEUE)
        .annotate(begun=begun())
        .aggregate(
            waiting=Count("pk"),
            late=Count("pk", filter=late),
            oldest_since=Min("submitted_at"),
            mine=Count("pk", filter=Q(claimed_by=by) if by else Q(pk=None)),
        )
    )
    return Waiting(**counted)


def queue_by_age() -> list[tuple[str, int]]:
    """(how old, how many) of what waits, the youngest first, by calendar days since it was submitted."""
    ages = [
        (_("Today"), 0, 0),
        (_("1 to 2 days"), 1, 2),
        (_("3 to 5 days"), 3, 5),
        (_("6 to 10 days"), 6, 10),
        (_("More than 10 days"), 11, None),
    ]
    tomorrow = timezone.localdate() + timedelta(days=1)
    counts = {}
    for _label, youngest, oldest in ages:
        within = Q(submitted_at__lt=_midnight(tomorrow - timedelta(days=youngest)))
        if oldest is not None:
            within &= Q(submitted_at__gte=_midnight(tomorrow - timedelta(days=oldest + 1)))
        counts[f"from_{youngest}"] = Count("pk", filter=within)
    found = Application.objects.filter(state__in=QUEUE).aggregate(**counts)
    return [(label, found[f"from_{youngest}"]) for label, youngest, _oldest in ages]


def decided_per_day(days: int = 30) -> list[tuple[date, int, int]]:
    """(day, approved, refused) for each of the last days, today's included; by the index of decisions."""
    first = timezone.localdate() - timedelta(days=days - 1)
    rows = (
        Application.objects.filter(decided_at__gte=_midnight(first))
        .values_list(TruncDate("decided_at"), "state")
        .annotate(n=Count("pk"))
        .order_by()
    )
    counted = {(day, state): n for day, state, n in rows}
    each = (first + timedelta(days=number) for number in range(days))
    return [(day, counted.get((day, State.APPROVED), 0), counted.get((day, State.REFUSED), 0)) for day in each]


class Median(Aggregate):
    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def time_to_decision(days: int = 30) -> list[tuple[str, float | None, int]]:
    """(kind, median hours from submission to decision, how many) of the last days; None where none was decided."""
    first = timezone.localdate() - timedelta(days=days - 1)
    rows = (
        Application.objects.filter(decided_at__gte=_midnight(first))
        .values("kind")
        .annotate(median=Median(Extract(F("decided_at") - F("submitted_at"), "epoch")), n=Count("pk"))
        .order_by()
    )
    found = {row["kind"]: (round(row["median"] / 3600, 1), row["n"]) for row in rows}
    return [(kind, *found.get(kind, (None, 0))) for kind in Kind.values]


def _midnight(day: date) -> datetime:
    """With which a day begins in Macau."""
    return timezone.make_aware(datetime.combine(day, time.min))


def drafts(by: StaffLogin) -> QuerySet[Application]:
    """What a registrar has begun at the counter and not handed in yet: nobody else's to see."""
    own = Application.objects.filter(channel=Channel.COUNTER, state=State.DRAFT, entered_by=by)
    return own.select_related("entity", "login").order_by("-pk")
