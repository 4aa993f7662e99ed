"""What an applicant does: begin, fill in, add documents, submit, answer, withdraw."""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.utils import timezone

from accounts.applications import answers, rules
from accounts.applications.models import (
    DOCUMENTS_AT_MOST,
    Application,
    Channel,
    Document,
    DocumentContent,
    DocumentKind,
    Kind,
    MediaType,
    State,
)
from accounts.applications.operations.moving import finish, lock, move
from accounts.applications.operations.refusals import (
    AskedAlready,
    Incomplete,
    NotPossible,
    NotYours,
    TooManyDocuments,
)
from accounts.models import Entity
from entity_portal import retention
from entity_portal.roles import Role
from entity_portal.rows import with_own_number
from staff.models import StaffLogin, Status
from staff.operations import StatusNotAllowed, demand_no_other_login
from staff.operations.officers import demand_role


@transaction.atomic
def begin(
    *,
    kind: Kind,
    language: str,
    by: StaffLogin | None = None,
    channel: Channel = Channel.ONLINE,
    entity: Entity | None = None,
    login: StaffLogin | None = None,
) -> Application:
    """Begin an application: online by whoever it is, or at the counter by a registrar for someone who stands there.

    A first application needs nobody signed in. The others are an entity's: an administrator's, or a correction of
    one's own data; `login` is whose data are to be corrected, or who is to become an administrator.
    At the counter, what was begun just so and has nothing in it yet is gone on with: pressed twice it is one.

    Raises:
        NotYours, staff.operations.officers.NotOfficer
    """
    if channel == Channel.COUNTER:
        if by is None:
            raise NotYours
        demand_role(by, Role.REGISTRAR)
        own = Application.objects.filter(channel=channel, state=State.DRAFT, entered_by=by, language=language)
        if begun := own.filter(kind=kind, entity=entity, login=login, answers={}, documents=None).first():
            return begun
    elif kind != Kind.FIRST and not _may_ask(kind, by, entity, login):
        raise NotYours
    if login and login.entity_id != getattr(entity, "pk", None):
        raise NotYours
    told = by if channel == Channel.ONLINE else None
    return with_own_number(
        Application,
        "number",
        kind=kind,
        channel=channel,
        language=language,
        entered_by=by,
        entity=entity,
        login=login,
        subject=(login.name_zh or login.name_foreign) if kind == Kind.CORRECTION and login else str(entity or ""),
        registration_number=(entity.registration_number or "") if entity else "",
        mobile=told.mobile if told else "",
        email=told.email if told else "",
    )


@transaction.atomic
def draft(*, kind: Kind, by: StaffLogin, login: StaffLogin | None = None) -> Application:
    """What somebody of an entity is filling in online already, or a new application: pressed twice it is one.

    Of section 十二 an administrator fills in one at a time, of corrections one for each login.

    Raises:
        NotYours
        NotPossible: the entity may not do it online (S12.1, S12.2); `args[0]` is the list of `rules.Obstacle`.
    """
    by.lock()
    entity = by.entity
    if not _may_ask(kind, by, entity, login):
        raise NotYours
    if kind == Kind.ADMINISTRATORS and not rules.may_change_online(entity):
        raise NotPossible([rules.Obstacle.KIND])
    begun = Application.objects.filter(kind=kind, channel=Channel.ONLINE, state=State.DRAFT, entered_by=by)
    if kind == Kind.CORRECTION:
        begun = begun.filter(login=login)
    return begun.first() or begin(kind=kind, language=by.language, by=by, entity=entity, login=login)


def _may_ask(kind: Kind, by: StaffLogin | None, entity: Entity | None, login: StaffLogin | None) -> bool:
    """An active administrator of the entity; for a correction also the person themselves."""
    if by is None or entity is None or not by.is_active:
        return False
    return by.acts_for(entity) or (kind == Kind.CORRECTION and by == login)


@transaction.atomic
def keep(*, application: Application, parts: Mapping[str, Any], **fields: str) -> Application:
    """Keep parts of what was filled in, cleaned by their forms; those that are not named stay.

    `fields` are columns beside the answers: subject, registration_number, mobile, email, language. Another mobile is
    not proven; once submitted, the one that was proven stays.

    Raises:
        NotPossible: it was submitted, and nothing was asked; or "mobile".
    """
    held = lock(application)
    if held.state not in (State.DRAFT, State.ASKED):
        raise NotPossible(held.state)
    if unknown := parts.keys() - set(answers.PARTS[held.kind]):
        raise TypeError(f"{held.kind} has no {', '.join(sorted(unknown))}")
    held.answers = {**held.answers, **answers.plain(parts)}
    if "mobile" in fields and fields["mobile"] != held.mobile:
        if held.mobile_proven_at and held.state != State.DRAFT:
            raise NotPossible("mobile")
        held.mobile_proven_at = None
    for name in ("subject", "registration_number", "mobile", "email", "language"):
        setattr(held, name, fields.get(name, getattr(held, name)))
    held.changed_at = timezone.now()
    held.save()
    return held


@transaction.atomic
def keep_correction(
    *,
    application: Application,
    changes: Mapping[str, Any],
    explanation: str,
    evidence: Mapping[str, Any] | None = None,
) -> Application:
    """Keep what is to be corrected, why, and perhaps another file, as `add_document` takes it, that shows it (Q11).

    Raises:
        NotPossible: it was submitted, and nothing was asked.
        TooManyDocuments: nothing was kept.
    """
    held = lock(application)
    if not held.takes_documents:
        raise NotPossible(held.state)
    if evidence:
        _add(held, DocumentKind.EVIDENCE, **evidence)
    held.answers = answers.plain({"changes": changes, "explanation": explanation})
    held.changed_at = timezone.now()
    held.save(update_fields=["answers", "changed_at"])
    return held


@transaction.atomic
def choose_person(
    *, application: Application, login: StaffLogin | None = None, person: Mapping[str, Any] | None = None
) -> Application:
    """Say who is to become an administrator: a staff login that is there, or somebody new, as `PersonForm` cleans them.

    Once more was asked, the data of somebody new may change, but not whom it is about.

    Raises:
        NotYours: the login is another entity's.
        NotPossible: it was submitted, and nothing was asked; or it is about somebody else.
        staff.operations.StatusNotAllowed: the login has left, or is an administrator.
        staff.operations.PersonExists: the somebody new has a staff login in the entity.
        AskedAlready
    """
    held = lock(application)
    if not held.takes_documents or (held.state == State.ASKED and held.login != login):
        raise NotPossible(held.state)
    if login and login.entity_id != held.entity_id:
        raise NotYours
    if login and (login.status == Status.DEPARTED or login.is_administrator):
        raise StatusNotAllowed(login.status, "administrator")
    if person:
        demand_no_other_login(cast("Entity", held.entity), person["document_type"], person["document_number"])
    held.login = login
    held.answers = {**held.answers, "person": answers.plain(person or {})}
    held.changed_at = timezone.now()
    _demand_first(held)
    held.save(update_fields=["login", "answers", "changed_at"])
    return held


@transaction.atomic
def begin_administrator(
    *, by: StaffLogin, login: StaffLogin | None = None, person: Mapping[str, Any] | None = None
) -> Application:
    """Begin an application of section 十二 for a person, or name another in the one that `by` is filling in.

    Raises: what `draft` and `choose_person` raise.
    """
    application = draft(kind=Kind.ADMINISTRATORS, by=by)
    return choose_person(application=application, login=login, person=person)


@transaction.atomic
def submit(*, application: Application, by: StaffLogin | None = None) -> Application:
    """Hand an application in; from now on officers see it, and what was filled in stays.

    Raises:
        Incomplete, NotPossible, NotYours
        AskedAlready: another for the same person is open.
    """
    held = lock(application)
    if held.entity:
        Entity.objects.lock(held.entity)  # two who ask for the same person meet here
    _demand_own(held, by)
    _demand_first(held)
    if missing := answers.missing(held):
        raise Incomplete(missing)
    finish(move(held, State.SUBMITTED, by=by))
    return held


@transaction.atomic
def answer(*, application: Application, by: StaffLogin | None = None, text: str = "") -> Application:
    """Answer what an officer asked, in words, by documents, or by what was filled in anew.

    Raises:
        NotPossible, NotYours
    """
    held = lock(application)
    _demand_own(held, by)
    finish(move(held, State.ANSWERED, by=by, text=text))
    return held


@transaction.atomic
def withdraw(*, application: Application, by: StaffLogin | None = None) -> Application:
    """Take an application back, for good.

    Raises:
        NotPossible, NotYours
    """
    held = lock(application)
    _demand_own(held, by)
    finish(move(held, State.WITHDRAWN, by=by))
    return held


@transaction.atomic
def discard(*, application: Application, untouched_since: datetime | None = None, unproven_only: bool = False) -> None:
    """Delete a draft with all that came with it: nobody but its applicant has ever seen it.

    Raises:
        NotPossible: it was submitted, discarded already, or somebody has gone on with it since; with `unproven_only`
            also where it is known whose it is, or no file came with it.
    """
    held = lock(application)
    if held.state != State.DRAFT or (untouched_since and held.changed_at >= untouched_since):
        raise NotPossible(held.state)
    if unproven_only and (held.entered_by_id or held.mobile_proven_at or not held.documents.exists()):
        raise NotPossible("proven")
    held.delete()


def forget_drafts(keys: Iterable[int]) -> int:
    """Discard these drafts, which nobody has gone on with for long; return how many there were."""
    return _forget(keys, "draft")


def forget_unproven(keys: Iterable[int]) -> int:
    """The same of drafts with files by somebody who has not proven a number.

    They are the only ones who can fill the database without anybody knowing who they are.
    """
    return _forget(keys, "unproven_draft", unproven_only=True)


def _forget(keys: Iterable[int], period: str, *, unproven_only: bool = False) -> int:
    """What the rule demands is demanded again under the lock."""
    forgotten, since = 0, timezone.now() - retention.period(period)
    for application in Application.objects.filter(pk__in=keys).order_by("pk"):
        with suppress(NotPossible):  # gone on with in this moment
            discard(application=application, untouched_since=since, unproven_only=unproven_only)
            forgotten += 1
    return forgotten


def _demand_own(application: Application, by: StaffLogin | None) -> None:
    """Who may act for an application: who entered it, an administrator of its entity, or the person it is about.

    A first application is whoever's who has come back with its code: pages look after that. What is filled in at the
    counter is the registrar's who began it, while they have that role, until it is handed in.
    """
    at_counter = application.channel == Channel.COUNTER and application.state == State.DRAFT
    if by is None and application.kind == Kind.FIRST and not at_counter:
        return
    if by is None or not by.is_active:
        raise NotYours
    if at_counter:
        demand_role(by, Role.REGISTRAR)
    entered = application.entered_by_id == by.pk
    about_self = application.kind == Kind.CORRECTION and application.login_id == by.pk
    if not (entered or about_self or (application.entity and by.acts_for(application.entity))):
        raise NotYours


def _demand_first(application: Application) -> None:
    if other := rules.asked_already(application):
        raise AskedAlready(other)


# --- documents ---


@transaction.atomic
def add_document(
    *, application: Application, kind: DocumentKind, name: str, media_type: MediaType, content: bytes
) -> Document:
    """Keep a file, judged by its form, with an application.

    Raises:
        NotPossible: the application takes none now.
        TooManyDocuments
    """
    held = lock(application)
    if not held.takes_documents:
        raise NotPossible(held.state)
    return _add(held, kind, name, media_type, content)


def _add(held: Application, kind: DocumentKind, name: str, media_type: MediaType, content: bytes) -> Document:
    """Keep a file; one that came since the last move already, as the same kind by the same name, was sent twice."""
    sha256 = hashlib.sha256(content).hexdigest()
    there = held.documents.filter(kind=kind, name=name, sha256=sha256)
    if last := held.moves.last():
        there = there.filter(added_at__gte=last.at)
    if sent := there.first():
        return sent
    if held.documents.count() >= DOCUMENTS_AT_MOST:
        raise TooManyDocuments
    document = Document.objects.create(
        application=held,
        kind=kind,
        name=name,
        media_type=media_type,
        size=len(content),
        sha256=sha256,
    )
    DocumentContent.objects.create(document=document, content=content)
    held.changed_at = timezone.now()
    held.save(update_fields=["changed_at"])
    return document


@transaction.atomic
def remove_document(*, document: Document) -> None:
    """Take a file away again, while the application is filled in, or what came since more was asked.

    Raises:
        NotPossible
    """
    held = lock(document.application)
    last = held.moves.order_by("-id").first()
    if not held.takes_documents or (last and document.added_at < last.at):
        raise NotPossible(held.state)
    document.delete()
