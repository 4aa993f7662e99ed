"""Telling people, beyond the page they are on: in the inbox, by e-mail and by SMS as they have chosen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Entity
from entity_portal.context import LANGUAGES
from entity_portal.messaging import kinds, notifications
from entity_portal.messaging.kinds import Kind, Mail
from entity_portal.messaging.models import Notification, Purpose
from entity_portal.messaging.operations import queue_email, queue_sms
from staff import texts
from staff.models import StaffLogin, Status
from staff.queries import ADMINISTRATOR

NAMES_KEPT = 3


def administrators_of(entity: Entity, *, but: StaffLogin | None = None) -> list[StaffLogin]:
    """The active administrators of an entity, without whoever did it and knows."""
    people = StaffLogin.objects.filter(ADMINISTRATOR, entity=entity, status=Status.ACTIVE)
    people = people.select_related("entity")
    return list(people.exclude(pk=but.pk) if but else people)


def notify(
    people: Iterable[StaffLogin],
    kind: Kind,
    *,
    about: str = "",
    grouped_by: str = "",
    who: Sequence[StaffLogin] = (),
    count: int | None = None,
    values: Mapping[str, Any] | None = None,
) -> None:
    """Tell people of one entity something, in the caller's transaction: in the inbox, beside it as they have chosen.

    `who` it is about and `values` are what the sentence of the kind asks for. What has the same `grouped_by` counts up
    in one unread line a day, by `count` or, without, by one unless it is `about` the same; an e-mail or text goes out
    only for a new line. Who is not active is not told. Call it after row locks and texts, before the line of history.
    """
    from staff.tasks import tell_beside_the_inbox

    told = {each.euid: each for each in people if each.status == Status.ACTIVE}
    if not told:
        return
    entity = next(iter(told.values())).entity
    data = {**(values or {}), **({"names": [each.names for each in who[:NAMES_KEPT]]} if who else {})}
    choices = notifications.choices(kind, told)
    new = notifications.add(kind, choices, entity=entity.number, about=about, group=grouped_by, count=count, data=data)
    jobs: list[dict[str, Any]] = [
        {"line": line} for to, line in new.items() if choices[to].sms or choices[to].email == Mail.NOW
    ]
    if jobs:
        tell_beside_the_inbox.batch_defer(*jobs)


@transaction.atomic
def tell_beside(line: Notification) -> None:
    """E-mail and text a line of the inbox to its recipient as chosen, once, unless they have read it meanwhile.

    The worker's part of `notify`: texts lock telephone numbers, which must not happen in the middle of an operation.
    """
    person = StaffLogin.objects.select_related("entity").filter(euid=line.recipient, status=Status.ACTIVE).first()
    if person is None or not notifications.take_to_tell(line):
        return
    choice = notifications.choices(line.kind, [line.recipient])[line.recipient]
    with translation.override(person.language):
        words = said(line)
    if choice.email == Mail.NOW:
        send_letter(person, [words], path=kinds.link(line.kind, count=line.count, about=line.about))
    if choice.sms:
        body = texts.notice(person, words)
        queue_sms(to=person.mobile, entity=person.entity.number, body=body, purpose=Purpose.NOTICE)


def tell_by_email(login: StaffLogin, text: Callable[..., str], *args: str) -> None:
    """Send a text, written as for SMS in the person's language, to their e-mail address if there is one."""
    send_letter(login, [text(login, *args)])


def send_letter(login: StaffLogin, paragraphs: Sequence[str], *, path: str = "", to: str = "") -> None:
    """Queue an e-mail, text and HTML, in the person's language, to their address (or `to`) if there is one.

    `path` leads to the page it is about, on the host that the settings name.
    """
    if not (to or login.email):
        return
    with translation.override(login.language):
        subject, signed = _("Macao One Account: your login"), login.entity.name
    write_letter(
        to=to or login.email,
        language=login.language,
        subject=subject,
        paragraphs=paragraphs,
        signed=signed,
        path=path,
        choices=reverse("staff:notification_choices"),
    )


def write_letter(
    *,
    to: str,
    language: str,
    subject: str,
    paragraphs: Sequence[str],
    signed: str,
    path: str = "",
    choices: str = "",
) -> None:
    """Queue an e-mail, text and HTML, to somebody who may have no login; `choices` leads to where they stop it."""
    with translation.override(language):
        context = {
            "subject": subject,
            "paragraphs": paragraphs,
            "entity": signed,
            "link": address(path) if path else "",
            "choices": address(choices) if choices else "",
            "lang": LANGUAGES[language][1],
        }
        body = render_to_string("messaging/email.txt", context)
        html = render_to_string("messaging/email.html", context)
    queue_email(to=to, subject=subject, body=body, html=html)


def address(path: str) -> str:
    """A path on the host that the settings name, never the request's (A45)."""
    return settings.PUBLIC_URL.rstrip("/") + path


@transaction.atomic
def send_digest(login: StaffLogin) -> bool:
    """Send the daily summary of what is unread and was not mailed yet; return whether there was any."""
    lines = notifications.take_digest(login.euid)
    if not lines or not login.email or login.status != Status.ACTIVE:
        return False
    with translation.override(login.language):
        paragraphs = [_("What is new in your notifications:"), *(f"- {said(line)}" for line in lines)]
    send_letter(login, paragraphs, path=reverse("staff:notifications"))
    return True


def said(line: Notification) -> str:
    """The sentence of a line of the inbox, in the language that is active."""
    return kinds.sentence(line.kind, count=line.count, data=line.data)
