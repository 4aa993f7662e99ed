"""Every change of state goes through here: the row, the move, who is told, the line of history."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.applications import texts
from accounts.applications.models import DECIDED, NEXT_STATES, Application, Kind, Move, Reason, State
from accounts.applications.operations.refusals import NotPossible
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.messaging.kinds import Kind as Told
from entity_portal.messaging.models import Purpose
from entity_portal.messaging.operations import queue_sms
from staff.models import StaffLogin
from staff.operations.notices import administrators_of, notify, write_letter

# (number, what queues a text to it): texts of one transaction are queued in the order of their numbers.
Texts = Iterable[tuple[str, Callable[[], Any]]]


def lock(application: Application) -> Application:
    """Hold an application until the transaction ends, read anew. In the order of locks it comes first of all.

    Raises:
        NotPossible: it is a draft that was discarded meanwhile.
    """
    rows = Application.objects.select_for_update(no_key=True, of=("self",)).select_related("entity", "login__entity")
    for held in rows.filter(pk=application.pk):
        return held
    raise NotPossible("gone")


def move(
    application: Application, to: State, *, by: StaffLogin | None = None, reason: str = "", text: str = ""
) -> Move:
    """Bring an application, which the caller has locked, to another state; nobody works on it any more.

    `finish` follows at the end of the operation. What the decision has done to others is asked by triggers, which look
    for its time: the transaction's own.

    Raises:
        NotPossible: it does not lead there.
    """
    demand_next(application, to)
    was, now = application.state, timezone.now()
    application.state, application.changed_at = to, now
    application.claimed_by = application.claimed_at = None
    if to == State.SUBMITTED:
        application.submitted_at = now
    if to in DECIDED:
        application.decided_at, application.decided_by, application.at_once = TransactionNow(), by, by is None
    application.save()
    if to in DECIDED:
        application.refresh_from_db(fields=["decided_at"])
    return Move.objects.create(application=application, was=was, now=to, at=now, by=by, reason=reason, text=text)


def demand_next(application: Application, to: State) -> None:
    """Raises NotPossible where the application's state does not lead there."""
    if to not in NEXT_STATES[application.state]:
        raise NotPossible(application.state)


def finish(done: Move, *, texts_too: Texts = ()) -> None:
    """Tell whom it concerns of a move, and write it into the history: the last thing of the operation."""
    application = done.application
    number = application.entity_number
    letters = [*texts_too, (application.mobile, lambda: _tell_applicant(done))]
    for _to, queue in sorted(letters, key=lambda letter: letter[0]):
        queue()
    values = {"number": application.number, "state": _in_each_language(State(done.now))}
    notify(_concerned(done), Told.APPLICATION_MOVED, about=application.number, values=values)
    action = Action.APPLICATION_SUBMITTED if done.now == State.SUBMITTED else Action.APPLICATION_MOVED
    about = {"kind": application.kind, "was": done.was, "now": done.now, "reason": done.reason}
    record(action, entity=number, actor=done.by, target=application.number, at_once=application.at_once, **about)


def _concerned(done: Move) -> list[StaffLogin]:
    """Who may look the application up, but for whoever moved it: administrators, and whose data are to be corrected.

    A form that was given up before it was submitted concerns nobody.
    """
    application, login = done.application, done.application.login
    if application.entity is None or application.kind == Kind.FIRST or application.submitted_at is None:
        return []
    told = {each.pk: each for each in administrators_of(application.entity, but=done.by)}
    if login and login != done.by and (application.kind == Kind.CORRECTION or login.is_administrator):
        told[login.pk] = login
    return list(told.values())


TEXTS: dict[str, Callable[[Application], str]] = {
    State.SUBMITTED: texts.submitted,
    State.ASKED: texts.asked,
    State.APPROVED: texts.approved,
    State.REFUSED: texts.refused,
    State.WITHDRAWN: texts.withdrawn,
}


def _tell_applicant(done: Move) -> None:
    """By SMS, and by e-mail, which has room for the reason."""
    application, text = done.application, TEXTS.get(done.now)
    if text is None or application.submitted_at is None:
        return
    entity, body = application.entity_number, text(application)
    if application.mobile:
        queue_sms(to=application.mobile, entity=entity, body=body, purpose=Purpose.APPLICATION)
    if application.email:
        with translation.override(application.language):
            subject = _("Macao One Account: application %(number)s") % {"number": application.number}
            why = [str(Reason(done.reason).label)] if done.reason else []
            signed = application.about
        write_letter(
            to=application.email,
            language=application.language,
            subject=subject,
            paragraphs=[body, *why, *([done.text] if done.text else [])],
            signed=signed,
            path=texts.track_path(application),
        )


def _in_each_language(state: State) -> dict[str, str]:
    words = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            words[language] = str(state.label)
    return words
