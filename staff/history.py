"""What administrators read of the history: who did what and when in their entity, in words."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Entity
from entity_portal import text
from entity_portal.audit import words
from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.rows import one_of
from entity_portal.text import alphanumeric, start_of
from staff import queries
from staff.models import StaffLogin

# Officers' own work, which auditors read: who has an application on the desk, who looked something up, what came in.
OFFICERS_OWN = frozenset(
    {
        *(each for each in Action if each.partition(".")[0] in {"officer", "register", "catalogue", "client"}),
        *(Action.APPLICATION_CLAIMED, Action.APPLICATION_RELEASED, Action.DOCUMENT_READ),
    }
)
SHOWN = [each for each in Action if each not in OFFICERS_OWN]
SOMEBODY = "CU0000000000"
# Where somebody sat is for themselves (/account/security/) and for auditors.
NOT_TOLD = frozenset({"address", "agent"})


def find(
    entity: Entity, *, q: str = "", action: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[Event]:
    """The lines of an entity that fit; `q` is who did it or whom it is about, or a whole number of something else."""
    lines = _lines(entity)
    if q:
        people = [*queries.find(entity, q=q).order_by().values_list("euid", flat=True)]
        theirs = one_of("actor", people) | one_of("target", people)
        lines = lines.filter(theirs | Q(target=alphanumeric(q)))
    if action:
        lines = lines.filter(action=action)
    if since:
        lines = lines.filter(at__gte=start_of(since))
    if until:
        lines = lines.filter(at__lt=start_of(until + timedelta(days=1)))
    return lines


def about(login: StaffLogin) -> QuerySet[Event]:
    """The lines about somebody, the newest first: an EUID is nobody else's, in no other entity (Q26)."""
    return Event.objects.filter(target=login.euid).exclude(action__in=OFFICERS_OWN).order_by("-at", "-id")


def _lines(entity: Entity) -> QuerySet[Event]:
    return Event.objects.filter(entity_number__in=entity.numbers).exclude(action__in=OFFICERS_OWN)


def told(entity: Entity, events: Iterable[Event]) -> list[dict[str, Any]]:
    """Lines in words: `{"event", "who", "about", "url", "place", "table"}`.

    `url` leads to the login it is about, or is ""; `place` is the e-service with its group, or "".
    """
    person_at = reverse("person", args=[SOMEBODY])  # once, not for each line
    events = list(events)
    known = {euid for event in events for euid in (event.actor, event.target) if euid}
    people = called(entity, known)
    names = words.names(events)
    about = names | {entity.number: entity.name} | people
    return [
        {
            "event": event,
            "who": who(event.actor, event.actor_label, people),
            "about": about.get(event.target, event.target),
            "url": person_at.replace(SOMEBODY, event.target) if event.target in people else "",
            "place": words.place(event, names),
            "table": words.table(_without_addresses(event), names),
        }
        for event in events
    ]


def signatures(events: Iterable[Event]) -> dict[str, str]:
    """`{EUID: signature}` of the logins that did something, to be read by officers."""
    done_by = {event.actor for event in events if event.actor}
    return {login.euid: login.signature for login in StaffLogin.objects.filter(euid__in=done_by).defer("password")}


def called(entity: Entity, euids: Collection[str]) -> dict[str, str]:
    """`{EUID: name}` of those who are people of the entity."""
    found = entity.logins.filter(euid__in=euids).order_by().values_list("euid", "name_zh", "name_foreign")
    return {euid: text.name(chinese, latin) for euid, chinese, latin in found}


def who(euid: str, label: str, people: Mapping[str, str]) -> str:
    """Who did it, of these people; officers are not named to entities."""
    if euid in people:
        return people[euid]
    return _("An officer") if euid else words.who(label)


def _without_addresses(event: Event) -> Event:
    data = {name: value for name, value in event.data.items() if name not in NOT_TOLD}
    return Event(action=event.action, data=data)
