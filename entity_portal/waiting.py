"""What waits for a person, in order of harm: first who cannot work and does not know why, last what goes on by itself.

Each row is `{"n", "tone", "title", "text", "url", "link_label", "link_hidden"}`: how many, "bad" where somebody is kept
from working, words, and where to do something about it; `also` is a second sentence, `people` and
`more` name those who need something first.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.applications.models import OPEN, Application, Kind, State
from activation.models import ActivationCode
from entity_portal.codes import MAX_TRIES
from entity_portal.messaging import reasons
from entity_portal.messaging.models import Status as SMSStatus
from entity_portal.rows import one_of
from entity_portal.templatetags.portal import moment
from entity_portal.text import number
from services import queries as service_queries
from services.models import OpeningStatus
from staff import queries
from staff.models import StaffLogin, Status
from staff.operations import email_change_of

NAMES_SHOWN = 3
SOON = timedelta(hours=24)
LOST = Q(sms__status__in=(SMSStatus.FAILED, SMSStatus.UNKNOWN))  # a code that did not arrive, as far as is known

Rows = list[dict[str, Any]]


@dataclass
class Waiting:
    """What waits for a person, and what goes on for them; what several rows speak of is asked once."""

    login: StaffLogin

    def to_do(self) -> Rows:
        """What this person may do something about, and nothing else."""
        rows: Rows = []
        if self.login.is_administrator:
            rows += self.undelivered()
        rows += self.applications(asked=True)
        if self.login.is_administrator:
            rows += self.locked() + self.expiring() + self.not_activated()
        if self.login.can_assign:
            rows += without_people(self.login)
        return rows + unconfirmed_address(self.login)

    def goes_on(self) -> Rows:
        """What others are doing for this person, who has nothing to do."""
        return self.applications(asked=False)

    @cached_property
    def counts(self) -> dict[str, int]:
        return queries.counts(self.login.entity)

    @cached_property
    def opened(self) -> list[tuple[str, str]]:
        """(number, state) of the entity's open applications; for others than administrators of their own."""
        found = Application.objects.filter(entity=self.login.entity, state__in=OPEN)
        if not self.login.is_administrator:
            found = found.filter(kind=Kind.CORRECTION, login=self.login)
        return list(found.values_list("number", "state"))

    @cached_property
    def codes(self) -> dict[str, Any]:
        """Of the activation codes of those who wait: how many are lost, end soon, and how many people have one."""
        return self._codes().aggregate(
            lost=Count("pk", filter=LOST),
            ending=Count("pk", filter=_ends_soon() & ~LOST),
            people=Count("login", filter=_is_open(), distinct=True),
            first=Min("expires_at", filter=_is_open()),
        )

    def _codes(self) -> QuerySet[ActivationCode]:
        """The activation codes of those who are not activated: sent, neither used nor made void."""
        pending = self.login.entity.logins.filter(status=Status.PENDING).values("pk")
        # Joined, the planner would read the codes of the whole portal.
        return ActivationCode.objects.filter(one_of("login", pending), used_at=None, voided_at=None)

    def undelivered(self) -> Rows:
        """Somebody waits for a code that will not come."""
        n = self.codes["lost"]
        if not n:
            return []
        first = self._codes().filter(LOST).select_related("login", "sms").order_by("pk")[:NAMES_SHOWN]
        people = [
            {"login": row.login, "why": reasons.in_words(row.sms.reason) or row.sms.get_status_display()}
            for row in first
            if row.sms
        ]
        return [
            {
                "n": n,
                "tone": "bad",
                "title": ngettext("activation code SMS was not delivered", "activation code SMS were not delivered", n),
                "link_label": _("View"),
                "link_hidden": _("SMS that were not delivered"),
            }
            | _named(people, n)
        ]

    def locked(self) -> Rows:
        """They help themselves, or somebody guesses passwords."""
        n = self.counts["locked"]
        if not n:
            return []
        return [
            {
                "n": n,
                "tone": "bad",
                "title": ngettext("staff login is locked", "staff logins are locked", n),
                "text": _(
                    "After five wrong passwords. The person unlocks it with Reset password; if it was not them, ask."
                ),
                "url": staff_list("locked"),
                "link_label": _("View"),
                "link_hidden": _("staff logins that are locked"),
            }
        ]

    def expiring(self) -> Rows:
        """Codes that arrived, and that nobody can use tomorrow."""
        n = self.codes["ending"]
        if not n:
            return []
        first = self._codes().filter(_ends_soon() & ~LOST).select_related("login").order_by("expires_at")[:NAMES_SHOWN]
        people = [
            {"login": row.login, "why": format_html(_("until {time}"), time=moment(row.expires_at))} for row in first
        ]
        return [
            {
                "n": n,
                "tone": "",
                "title": ngettext(
                    "activation code expires within 24 hours", "activation codes expire within 24 hours", n
                ),
                "link_label": _("View"),
                "link_hidden": _("activation codes that expire soon"),
            }
            | _named(people, n)
        ]

    def not_activated(self) -> Rows:
        n, first = self.counts["pending"], self.codes["first"]
        if not n:
            return []
        without = n - self.codes["people"]
        also = ""
        if first is None:
            text: str = _("No activation code is open.")
        else:
            text = format_html(_("The first code expires at {time}."), time=moment(first))
            if without:
                of_them = ngettext(
                    "%(n)s of them has no activation code that works.",
                    "%(n)s of them have no activation code that works.",
                    without,
                )
                also = of_them % {"n": number(without)}
        return [
            {
                "n": n,
                "tone": "",
                "title": ngettext("staff login is not activated yet", "staff logins are not activated yet", n),
                "text": text,
                "also": also,
                "url": staff_list("pending"),
                "link_label": _("View"),
                "link_hidden": _("staff logins not activated"),
            }
        ]

    def applications(self, *, asked: bool) -> Rows:
        """Open applications that wait for an answer, or that officers work on: the entity's; for others their own."""
        found = [number for number, state in self.opened if (state == State.ASKED) == asked]
        if not found:
            return []
        n = len(found)
        if asked:
            row = {
                "tone": "bad",
                "title": ngettext("application needs more information", "applications need more information", n),
                "text": _("The decision waits until you answer."),
                "link_label": _("Answer"),
                "link_hidden": _("what was asked about applications"),
            }
        else:
            row = {
                "tone": "",
                "title": ngettext("application in progress", "applications in progress", n),
                "text": _("An officer decides; you are told by SMS."),
                "link_label": _("View"),
                "link_hidden": _("applications in progress"),
            }
        several = f"{reverse('applications:requests')}{'?state=asked' if asked else ''}"
        return [row | {"n": n, "url": reverse("applications:request", args=found) if n == 1 else several}]


def _is_open() -> Q:
    return Q(expires_at__gt=timezone.now(), tries__lt=MAX_TRIES)


def _ends_soon() -> Q:
    return _is_open() & Q(expires_at__lte=timezone.now() + SOON)


def _named(people: list[dict[str, Any]], n: int) -> dict[str, Any]:
    """Those who need something first; how many more there are; and where all of them stand, or the only one."""
    url = reverse("person", args=[people[0]["login"].euid]) if n == 1 and people else staff_list("pending")
    return {"people": people, "more": max(0, n - NAMES_SHOWN), "url": url}


def staff_list(status: str) -> str:
    return f"{reverse('staff:list')}?status={status}"


def without_people(login: StaffLogin) -> Rows:
    """E-services that departments have opened, and nobody of the entity can use."""
    openings = service_queries.with_people(service_queries.openings_for(login))
    empty = openings.filter(people=0, status=OpeningStatus.OPEN, service__withdrawn_at=None)
    codes = list(empty.values_list("service__code", flat=True))
    if not codes:
        return []
    n = len(codes)
    return [
        {
            "n": n,
            "tone": "",
            "title": ngettext(
                "e-service is open to your entity, and nobody is assigned to it",
                "e-services are open to your entity, and nobody is assigned to them",
                n,
            ),
            "text": _("Nobody of your entity can use it before somebody is assigned."),
            "url": reverse("services:service", args=codes) if n == 1 else reverse("services:list"),
            "link_label": _("Assign"),
            "link_hidden": _("people to e-services"),
        }
    ]


def unconfirmed_address(login: StaffLogin) -> Rows:
    waiting = email_change_of(login)
    if not waiting:
        return []
    return [
        {
            "n": 1,
            "tone": "",
            "title": _("new e-mail address of yours is not confirmed"),
            "text": format_html(
                _("Open the link that was sent to {email}. It works until {time}."),
                email=waiting.email,
                time=moment(waiting.expires_at),
            ),
            "url": reverse("account"),
            "link_label": _("View"),
            "link_hidden": _("Account data"),
        }
    ]
