"""What administrators do with staff logins, and activation."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Entity, EntityStatus
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.messaging.kinds import Kind
from entity_portal.rows import with_own_number
from entity_portal.text import mask
from staff.models import NEXT_STATUSES, EmailChange, StaffLogin, Status, of_document
from staff.operations.email import ask_email_change
from staff.operations.notices import administrators_of, notify
from staff.operations.refusals import (
    DataFrozen,
    LastAdministrator,
    NotAdministrator,
    PersonExists,
    StatusNotAllowed,
    UsernameTaken,
)

# --- people ---


@transaction.atomic
def create_login(
    *,
    entity: Entity,
    by: StaffLogin | None,
    officer: StaffLogin | None = None,
    is_administrator: bool = False,
    **person: Any,
) -> StaffLogin:
    """Open a login, 未啟動, for a person (section 九). Nothing is sent (S9.8).

    `by` is None only where the authority opens an administrator: `officer`, or the rules. `person` holds the fields of
    S9.3. That another administrator comes from an approved application is looked at when the transaction commits.

    Raises:
        NotAdministrator, PersonExists
    """
    Entity.objects.lock(entity)
    demand_administrator(by, entity)
    demand_no_other_login(entity, person["document_type"], person["document_number"])
    login = with_own_number(StaffLogin, "euid", entity=entity, is_administrator=is_administrator, **person)
    if is_administrator:
        notify(administrators_of(entity, but=by), Kind.ADMINISTRATOR_ADDED, about=login.euid, who=[login])
    actor = by or officer
    record(Action.LOGIN_CREATED, entity=entity.number, actor=actor, target=login.euid, administrator=is_administrator)
    return login


@transaction.atomic
def change_login(*, login: StaffLogin, by: StaffLogin, data: Mapping[str, Any]) -> bool | EmailChange:
    """Change what `data` gives anew (section 十); return whether anything did change.

    Before activation everything, afterwards the e-mail address alone; an administrator's data never (S10.1 to S10.3).
    The address of an activated login changes when its link is opened: the link is returned then.

    Raises:
        NotAdministrator, PersonExists
        DataFrozen: naming the fields.
        codes.TooSoon, codes.TooManyToday: too many links.
    """
    Entity.objects.lock(login.entity)
    demand_administrator(by, login.entity)
    login.lock()
    changed = {field: value for field, value in data.items() if getattr(login, field) != value}
    if frozen := changed.keys() & frozen_fields(login):
        raise DataFrozen(frozenset(frozen))
    if not changed:
        return False
    if login.status == Status.ACTIVE:
        return ask_email_change(login=login, by=by, email=changed["email"]) or True
    _write(login, changed, Action.LOGIN_CHANGED, actor=by)
    return True


def _write(
    login: StaffLogin, changed: Mapping[str, Any], action: Action, *, actor: StaffLogin | None, **more: str
) -> dict[str, list[str]]:
    """Write new data of a person and the line of history, which has old and new, masked; return those."""
    if changed.keys() & {"document_type", "document_number"}:
        number = (changed.get(field, getattr(login, field)) for field in ("document_type", "document_number"))
        demand_no_other_login(login.entity, *number, besides=login)
    was_and_is = {
        field: [mask(str(getattr(login, field) or "")), mask(str(value or ""))] for field, value in changed.items()
    }
    for field, value in changed.items():
        setattr(login, field, value)
    login.save(update_fields=changed)
    record(action, entity=login.entity.number, actor=actor, target=login.euid, changes=was_and_is, **more)
    return was_and_is


def frozen_fields(login: StaffLogin) -> frozenset[str]:
    """The fields of S10.5 that an administrator may not change any more."""
    if login.is_administrator or login.status == Status.DEPARTED:
        return frozenset(StaffLogin.IDENTITY_FIELDS) | {"email"}
    return frozenset() if login.status == Status.PENDING else frozenset(StaffLogin.IDENTITY_FIELDS)


@transaction.atomic
def depart(*, login: StaffLogin, by: StaffLogin) -> None:
    """Mark a login as 已離職, for good (section 十一). What it could do ends with the status, at once (Q25).

    Raises:
        NotAdministrator
        LastAdministrator: the entity would be left with none (S3.4).
        StatusNotAllowed: it has departed already.
    """
    Entity.objects.lock(login.entity)  # before the logins: two administrators removing each other meet here
    demand_administrator(by, login.entity)
    login.lock()
    if Status.DEPARTED not in NEXT_STATUSES[login.status]:
        raise StatusNotAllowed(login.status, Status.DEPARTED)
    if login.is_administrator:
        _demand_another_administrator(login, by)
    was = login.status
    login.status, login.departed_at = Status.DEPARTED, timezone.now()
    login.save(update_fields=["status", "departed_at"])
    if login.is_administrator:
        _tell_administrator_removed(login, by)
    record(Action.LOGIN_DEPARTED, entity=login.entity.number, actor=by, target=login.euid, was=was)


@transaction.atomic
def depart_with_entity(keys: Iterable[int]) -> int:
    """Mark these logins as 已離職, whose entity was closed: nobody there can do it any more. Return how many."""
    departed = 0
    for login in StaffLogin.objects.filter(pk__in=keys).select_related("entity").order_by("entity_id", "pk"):
        entity = Entity.objects.lock(login.entity)
        login.lock()
        if entity.status != EntityStatus.CLOSED or Status.DEPARTED not in NEXT_STATUSES[login.status]:
            continue
        was = login.status
        login.status, login.departed_at = Status.DEPARTED, timezone.now()
        login.save(update_fields=["status", "departed_at"])
        record(Action.LOGIN_DEPARTED, entity=entity.number, actor=None, target=login.euid, was=was)
        departed += 1
    return departed


@transaction.atomic
def remove_administrator(*, login: StaffLogin, by: StaffLogin) -> None:
    """Take the administrator power away and keep the staff login (Q4, Q5). It comes back only by an application.

    Raises:
        NotAdministrator, LastAdministrator
        StatusNotAllowed: the login has departed, or is no administrator.
    """
    Entity.objects.lock(login.entity)
    demand_administrator(by, login.entity)
    login.lock()
    if login.status == Status.DEPARTED or not login.is_administrator:
        raise StatusNotAllowed(login.status, "staff")
    _demand_another_administrator(login, by)
    login.is_administrator = False
    login.save(update_fields=["is_administrator"])
    _tell_administrator_removed(login, by)
    notify([login], Kind.MY_POWERS)
    record(Action.ADMINISTRATOR_REMOVED, entity=login.entity.number, actor=by, target=login.euid)


@transaction.atomic
def give_administrator(*, login: StaffLogin, officer: StaffLogin | None, application: str) -> None:
    """Give a staff login the power of an administrator, as an approved application says (Q4); None for the rules.

    Raises:
        StatusNotAllowed: the login has departed, or is an administrator.
    """
    Entity.objects.lock(login.entity)
    login.lock()
    if login.status == Status.DEPARTED or login.is_administrator:
        raise StatusNotAllowed(login.status, "administrator")
    login.is_administrator = True
    login.save(update_fields=["is_administrator"])
    others = [each for each in administrators_of(login.entity) if each.pk != login.pk]
    notify(others, Kind.ADMINISTRATOR_ADDED, about=login.euid, who=[login])
    notify([login], Kind.MY_POWERS)
    number = login.entity.number
    record(Action.ADMINISTRATOR_ADDED, entity=number, actor=officer, target=login.euid, application=application)


@transaction.atomic
def correct_login(
    *, login: StaffLogin, officer: StaffLogin | None, application: str, data: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Change data that activation has frozen, as an approved application says (Q11); return old and new, masked.

    Raises:
        PersonExists
        StatusNotAllowed: the login has departed.
        DataFrozen: `data` names a field that is not one of the identity.
    """
    Entity.objects.lock(login.entity)
    login.lock()
    if login.status == Status.DEPARTED:
        raise StatusNotAllowed(login.status, login.status)
    if others := data.keys() - set(StaffLogin.IDENTITY_FIELDS):
        raise DataFrozen(frozenset(others))
    changed = {field: value for field, value in data.items() if getattr(login, field) != value}
    return _write(login, changed, Action.LOGIN_CORRECTED, actor=officer, application=application)


def activate(*, login: StaffLogin, username: str, password: str, birth_date: date) -> None:
    """Make a 未啟動 login 生效中 with the username and password its person chose: the only way there (S5.15).

    The caller, `activation.operations.activate`, has locked the login, used up its code and records the act.
    A birth date that was not given at creation is stored (Q12).

    Raises:
        StatusNotAllowed: it is not 未啟動 any more.
        UsernameTaken
    """
    if Status.ACTIVE not in NEXT_STATUSES[login.status]:
        raise StatusNotAllowed(login.status, Status.ACTIVE)
    login.status, login.activated_at = Status.ACTIVE, timezone.now()
    login.username, login.birth_date = username, birth_date
    login.set_password(password)
    try:
        with transaction.atomic():
            login.save(
                update_fields=["status", "activated_at", "username", "birth_date", "password", "password_set_at"]
            )
    except IntegrityError as error:
        if "staff_username_unique_in_entity" in str(error):
            raise UsernameTaken from error
        raise


def record_reveal(*, login: StaffLogin, by: StaffLogin, what: str) -> None:
    """Masked data are about to be shown in full (Q28)."""
    record(Action.DATA_REVEALED, entity=login.entity.number, actor=by, target=login.euid, what=what)


def record_export(*, entity: Entity, by: StaffLogin, rows: int) -> None:
    """The staff list is about to be downloaded."""
    record(Action.LIST_EXPORTED, entity=entity.number, actor=by, rows=rows)


def demand_administrator(by: StaffLogin | None, entity: Entity) -> None:
    """Ask under the entity's lock; None is the authority itself."""
    if by and not by.acts_for(entity):
        raise NotAdministrator


def demand_no_other_login(
    entity: Entity, document_type: str, document_number: str, *, besides: StaffLogin | None = None
) -> None:
    """Q25: one login that has not departed for each person of an entity.

    Raises:
        PersonExists
    """
    same = entity.logins.filter(of_document(document_number), document_type=document_type)
    same = same.exclude(status=Status.DEPARTED)
    if (same.exclude(pk=besides.pk) if besides else same).exists():
        raise PersonExists


def _tell_administrator_removed(login: StaffLogin, by: StaffLogin) -> None:
    others = [each for each in administrators_of(login.entity, but=by) if each.pk != login.pk]
    notify(others, Kind.ADMINISTRATOR_REMOVED, about=login.euid, who=[login])


def _demand_another_administrator(login: StaffLogin, by: StaffLogin) -> None:
    """Another administrator must stay; whoever removes themselves must leave one who has activated (Q3)."""
    others = login.entity.logins.filter(is_administrator=True).exclude(pk=login.pk)
    others = others.filter(status=Status.ACTIVE) if by.pk == login.pk else others.exclude(status=Status.DEPARTED)
    if not others.exists():
        raise LastAdministrator
