"""What waits for a person, in order of harm: first who cannot work and does not know why, last what goes on by itself.

Each row is `{"n", "tone", "title", "text", "url", "link_label", "link_hidden"}`: how many, "bad" where somebody is kept
from working, words, and where to do something about it; `also` is a second sentence, `people` and
`more` name those who need something first.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.applications.models import QUEUE, Application, Kind, State
from activation.models import ActivationCode
from entity_portal.codes import MAX_TRIES
from entity_portal.messaging import reasons
from entity_portal.messaging.models import Status as SMSStatus
from entity_portal.templatetags.portal import moment
from entity_portal.text import number
from services import queries as service_queries
from services.models import OpeningStatus
from staff import queries
from staff.models import StaffLogin, Status
from staff.operations import email_change_of

NAMES_SHOWN = 3
SOON = timedelta(hours=24)

Rows = list[dict[str, Any]]


def things_to_do(login: StaffLogin) -> Rows:
    """What waits for this person, who sees only what they may do something about."""
    rows: Rows = []
    if login.is_administrator:
        rows += undelivered(login)
    rows += applications(login, asked=True)
    if login.is_administrator:
        rows += locked(login) + expiring(login) + not_activated(login)
    if login.can_assign:
        rows += without_people(login)
    return rows + unconfirmed_address(login)


def goes_on(login: StaffLogin) -> Rows:
    """What others are doing for this person, who has nothing to do."""
    return applications(login, asked=False)


def codes_of_those_who_wait(login: StaffLogin) -> Any:
    """The activation codes of the entity's logins that are not activated: sent, neither used nor made void."""
    return ActivationCode.objects.filter(
        login__entity=login.entity, login__status=Status.PENDING, used_at=None, voided_at=None
    )


def is_open() -> dict[str, Any]:
    return {"expires_at__gt": timezone.now(), "tries__lt": MAX_TRIES}


NOT_ARRIVED = (SMSStatus.FAILED, SMSStatus.UNKNOWN)


def undelivered(login: StaffLogin) -> Rows:
    """Somebody waits for a code that will not come."""
    failed = codes_of_those_who_wait(login).filter(sms__status__in=NOT_ARRIVED).select_related("login", "sms")
    if not failed:
        return []
    n = len(failed)
    return [
        {
            "n": n,
            "tone": "bad",
            "title": ngettext("activation code SMS was not delivered", "activation code SMS were not delivered", n),
            "people": [
                {"login": row.login, "why": reasons.in_words(row.sms.reason) or row.sms.get_status_display()}
                for row in failed[:NAMES_SHOWN]
                if row.sms
            ],
            "more": max(0, n - NAMES_SHOWN),
            "url": reverse("person", args=[failed[0].login.euid]) if n == 1 else staff_list("pending"),
            "link_label": _("View"),
            "link_hidden": _("SMS that were not delivered"),
        }
    ]


def staff_list(status: str) -> str:
    return f"{reverse('staff:list')}?status={status}"


def locked(login: StaffLogin) -> Rows:
    """They help themselves, or somebody guesses passwords."""
    n = login.entity.logins.filter(queries.LOCKED).count()
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


def expiring(login: StaffLogin) -> Rows:
    """Codes that arrived, and that nobody can use tomorrow."""
    soon = codes_of_those_who_wait(login).filter(**is_open(), expires_at__lte=timezone.now() + SOON)
    rows = list(soon.exclude(sms__status__in=NOT_ARRIVED).select_related("login").order_by("expires_at"))
    if not rows:
        return []
    n = len(rows)
    return [
        {
            "n": n,
            "tone": "",
            "title": ngettext("activation code expires within 24 hours", "activation codes expire within 24 hours", n),
            "people": [
                {"login": row.login, "why": format_html(_("until {time}"), time=moment(row.expires_at))}
                for row in rows[:NAMES_SHOWN]
            ],
            "more": max(0, n - NAMES_SHOWN),
            "url": reverse("person", args=[rows[0].login.euid]) if n == 1 else staff_list("pending"),
            "link_label": _("View"),
            "link_hidden": _("activation codes that expire soon"),
        }
    ]


def not_activated(login: StaffLogin) -> Rows:
    pending = login.entity.logins.filter(status=Status.PENDING)
    n = pending.count()
    if not n:
        return []
    open_codes = codes_of_those_who_wait(login).filter(**is_open())
    first = open_codes.order_by("expires_at").values_list("expires_at", flat=True).first()
    without = pending.exclude(Exists(open_codes.filter(login=OuterRef("pk")))).count()
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


def without_people(login: StaffLogin) -> Rows:
    """E-services that departments have opened, and nobody of the entity can use."""
    used = service_queries.lasting(login.entity).filter(group__service=OuterRef("service"))
    empty = service_queries.openings_for(login).filter(~Exists(used), status=OpeningStatus.OPEN)
    codes = list(empty.filter(service__withdrawn_at=None).values_list("service__code", flat=True))
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


def applications(login: StaffLogin, *, asked: bool) -> Rows:
    """Open applications that wait for an answer, or that officers work on: the entity's; for others their own."""
    opened = Application.objects.filter(entity=login.entity, state__in=[State.ASKED] if asked else QUEUE)
    if not login.is_administrator:
        opened = opened.filter(kind=Kind.CORRECTION, login=login)
    found = list(opened.values_list("number", flat=True))
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
