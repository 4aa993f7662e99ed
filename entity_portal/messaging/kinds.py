"""What people are told of: for each kind its sentence, for one and for many, and where it leads.

A notification keeps plain values only; its sentence is made when it is read, in the reader's language. A value that
has a name in each language is kept as `{"zh-hant": …, "pt": …, "en": …}`, several in a list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext_lazy as _

Data = Mapping[str, Any]


class Kind(models.TextChoices):
    LOCKED = "locked", _("A staff login is locked")
    CODE_FAILED = "code_failed", _("An activation code did not arrive")
    ACTIVATED = "activated", _("A staff login is activated")
    NOT_ACTIVATED = "not_activated", _("Someone has not activated after three days")
    ADMINISTRATOR_ADDED = "administrator_added", _("An administrator is added")
    ADMINISTRATOR_REMOVED = "administrator_removed", _("An administrator is removed")
    MEMBERS_ADDED = "members_added", _("Someone else assigns people")
    MEMBERS_REMOVED = "members_removed", _("Someone else takes people out of a service group")
    DATES = "dates", _("Someone else changes the dates of assignments")
    ENDING = "ending", _("Assignments end soon")
    SERVICE_OPENED = "service_opened", _("An e-service is opened to the entity")
    SERVICE_CLOSED = "service_closed", _("An e-service is suspended or withdrawn")
    ASSIGNED = "assigned", _("I am assigned to an e-service")
    UNASSIGNED = "unassigned", _("I am taken out of a service group")
    MY_DATES = "my_dates", _("The dates of an assignment of mine change")
    MY_ENDING = "my_ending", _("An assignment of mine ends soon")
    MY_POWERS = "my_powers", _("My powers change")
    APPLICATION_MOVED = "application_moved", _("An application moves on")


class Mail(models.TextChoices):
    """When a notification is e-mailed."""

    NO = "no", _("Never")
    NOW = "now", _("At once")
    DAILY = "daily", _("In a daily summary")


@dataclass(frozen=True)
class Meaning:
    """`for_whom` names those it can concern: administrators, assigners (who assign people) or everyone."""

    for_whom: str
    sentence: str | Promise  # for one, with names of the notification's values
    grouped: Any = None  # for many, of `n`; None where a group says no more than its latest
    link: Callable[[int, str], str] = lambda _count, _about: reverse("home")
    mail: Mail = Mail.DAILY  # until the person chooses


def _list(status: str) -> Callable[[int, str], str]:
    """One leads to the person, many to the staff list by status."""

    def link(count: int, about: str) -> str:
        if count == 1 and about:
            return f"{reverse('person', args=[about])}{'#activation' if status == 'pending' else ''}"
        return f"{reverse('staff:list')}?status={status}"

    return link


def _service(count: int, about: str) -> str:
    """`about` is a service, or a service and a group; several services lead to their list."""
    if count > 1 and "/" not in about:
        return reverse("services:list")
    service, _slash, group = about.partition("/")
    return reverse("services:group", args=[service, group]) if group else reverse("services:service", args=[service])


MEANINGS: dict[str, Meaning] = {
    Kind.LOCKED: Meaning(
        "administrators",
        _("The login of %(names)s is locked after five wrong passwords. If it was not them, ask."),
        ngettext_lazy(
            "%(n)d login is locked after five wrong passwords.",
            "%(n)d logins are locked after five wrong passwords.",
            "n",
        ),
        _list("locked"),
        Mail.NOW,
    ),
    Kind.CODE_FAILED: Meaning(
        "administrators",
        _("The activation code did not reach %(names)s. Check the mobile phone number, then send again."),
        ngettext_lazy("%(n)d activation code did not arrive.", "%(n)d activation codes did not arrive.", "n"),
        _list("pending"),
        Mail.NOW,
    ),
    Kind.ACTIVATED: Meaning(
        "administrators",
        _("%(names)s has activated the staff login."),
        ngettext_lazy(
            "%(n)d person has activated the staff login.", "%(n)d people have activated their staff logins.", "n"
        ),
        _list("active"),
    ),
    Kind.NOT_ACTIVATED: Meaning(
        "administrators",
        _("%(names)s has not activated, three days after the code was sent."),
        ngettext_lazy(
            "%(n)d person has not activated, three days after the code was sent.",
            "%(n)d people have not activated, three days after the code was sent.",
            "n",
        ),
        _list("pending"),
    ),
    Kind.ADMINISTRATOR_ADDED: Meaning(
        "administrators",
        _("%(names)s is to be an administrator of your entity."),
        link=lambda _n, _about: reverse("entity"),
        mail=Mail.NOW,
    ),
    Kind.ADMINISTRATOR_REMOVED: Meaning(
        "administrators",
        _("%(names)s is no longer an administrator of your entity."),
        link=lambda _n, _about: reverse("entity"),
        mail=Mail.NOW,
    ),
    Kind.MEMBERS_ADDED: Meaning(
        "administrators",
        _("%(names)s was assigned to %(service)s (%(group)s)."),
        ngettext_lazy(
            "%(n)d person was assigned to %(service)s (%(group)s).",
            "%(n)d people were assigned to %(service)s (%(group)s).",
            "n",
        ),
        _service,
    ),
    Kind.MEMBERS_REMOVED: Meaning(
        "administrators",
        _("%(names)s was taken out of %(service)s (%(group)s)."),
        ngettext_lazy(
            "%(n)d person was taken out of %(service)s (%(group)s).",
            "%(n)d people were taken out of %(service)s (%(group)s).",
            "n",
        ),
        _service,
    ),
    Kind.DATES: Meaning(
        "administrators",
        _("The assignment of %(names)s to %(service)s (%(group)s) has other dates now: %(dates)s."),
        ngettext_lazy(
            "The dates of %(n)d assignment to %(service)s (%(group)s) were changed.",
            "The dates of %(n)d assignments to %(service)s (%(group)s) were changed.",
            "n",
        ),
        _service,
    ),
    Kind.ENDING: Meaning(
        "administrators",
        _("The assignment of %(names)s to %(service)s (%(group)s) ends on %(date)s."),
        ngettext_lazy(
            "%(n)d assignment to %(service)s (%(group)s) ends on %(date)s.",
            "%(n)d assignments to %(service)s (%(group)s) end on %(date)s.",
            "n",
        ),
        _service,
    ),
    Kind.SERVICE_OPENED: Meaning(
        "assigners",
        _("%(service)s is open to your entity. Assign the people who are to use it."),
        ngettext_lazy(
            "%(n)d e-service was opened to your entity.", "%(n)d e-services were opened to your entity.", "n"
        ),
        _service,
    ),
    Kind.SERVICE_CLOSED: Meaning(
        "assigners",
        _(
            "%(service)s cannot be used for the time being: the department has suspended or withdrawn it. "
            "Assignments are kept."
        ),
        ngettext_lazy(
            "%(n)d e-service was suspended or withdrawn by its department.",
            "%(n)d e-services were suspended or withdrawn by their departments.",
            "n",
        ),
        _service,
        Mail.NOW,
    ),
    Kind.ASSIGNED: Meaning(
        "everyone",
        _("You can use %(service)s (%(group)s)."),
        ngettext_lazy("You were added to %(n)d service group.", "You were added to %(n)d service groups.", "n"),
        lambda count, _about: reverse("account") + "#groups" if count > 1 else reverse("home"),
    ),
    Kind.UNASSIGNED: Meaning(
        "everyone",
        _("You are no longer assigned to %(service)s (%(group)s)."),
        ngettext_lazy("You were taken out of %(n)d service group.", "You were taken out of %(n)d service groups.", "n"),
        lambda _count, _about: reverse("account") + "#groups",
    ),
    Kind.MY_DATES: Meaning(
        "everyone",
        _("The dates of your assignment to %(service)s (%(group)s): %(dates)s."),
        link=lambda _count, _about: reverse("account") + "#groups",
    ),
    Kind.MY_ENDING: Meaning(
        "everyone", _("Your assignment to %(service)s (%(group)s) ends on %(date)s."), mail=Mail.NOW
    ),
    Kind.MY_POWERS: Meaning(
        "everyone",
        _("Your powers in the entity have changed. Account data shows what you may do now."),
        link=lambda _n, _about: reverse("account"),
        mail=Mail.NOW,
    ),
    Kind.APPLICATION_MOVED: Meaning(
        "everyone",
        _("Application %(number)s: %(state)s."),
        link=lambda _n, about: reverse("applications:request", args=[about]),
        mail=Mail.NOW,
    ),
}


def sentence(kind: str, *, count: int, data: Data) -> str:
    """What a notification says, in the language that is active."""
    meaning = MEANINGS[kind]
    values: dict[str, Any] = {key: _in_language(value) for key, value in data.items()}
    if count > 1 and meaning.grouped:
        return meaning.grouped % {**values, "n": count}
    return meaning.sentence % values


def _in_language(value: Any) -> Any:
    if isinstance(value, list):
        return str(_(", ")).join(_in_language(each) for each in value)
    return value.get(get_language(), value["en"]) if isinstance(value, dict) else value


def link(kind: str, *, count: int, about: str) -> str:
    """The path of the page that a notification is about."""
    return MEANINGS[kind].link(count, about)
