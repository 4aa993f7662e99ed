"""What an approval does: the entity and its administrators, the power of an administrator, corrected data."""

from collections.abc import Callable
from typing import Any, cast

from accounts.applications import answers, rules, texts
from accounts.applications.models import Application, Kind, Move, Power, State
from accounts.applications.operations.moving import Texts, demand_next, move
from accounts.applications.operations.refusals import NotPossible
from accounts.models import Entity, EntityStatus
from accounts.operations import open_entity, open_from_register
from activation.operations import send_code
from entity_portal.documents import MACAO_RESIDENT_IDS
from entity_portal.messaging.models import Purpose
from entity_portal.messaging.operations import queue_sms
from staff.models import StaffLogin
from staff.operations import correct_login, create_login, give_administrator


def carry_out(application: Application, *, by: StaffLogin | None, text: str = "") -> tuple[Move, Texts]:
    """Approve, and do what was applied for, in one transaction; return the move and the texts that leave with it.

    `by` is the officer, None where the rules approve at once. `moving.finish` follows.

    Raises:
        NotPossible: its state does not lead there, or its entity is suspended or closed.
        accounts.operations.AlreadyOpen, staff.operations.PersonExists, staff.operations.StatusNotAllowed
    """
    demand_next(application, State.APPROVED)
    if application.kind == Kind.FIRST:
        application.entity = _open(application, by)
    elif _entity(application).status != EntityStatus.ACTIVE:
        raise NotPossible("entity")
    # From here on triggers let happen what this application says, until the transaction ends.
    done = move(application, State.APPROVED, by=by, text=text)
    effect: dict[str, Callable[..., Texts]] = {
        Kind.FIRST: _open_administrators,
        Kind.ADMINISTRATORS: _empower,
        Kind.CORRECTION: _correct,
    }
    return done, effect[application.kind](application, by)


def _open(application: Application, by: StaffLogin | None) -> Entity:
    """The entity with its legal representative; approved at once, as the register has them."""
    line = rules.register_line(application)
    if by is None and line:
        return open_from_register(entry=line)
    return open_entity(by=by, representative=_representative(application), **application.answers["entity"])


def _open_administrators(application: Application, by: StaffLogin | None) -> Texts:
    """The applicant sets username and password in the same flow (S5.1, Q40); everybody else is sent a code (S5.2)."""
    entity = _entity(application)
    logins = [_new_administrator(application, entity, person, by) for person in answers.people(application)]
    return _codes(logins[1:] if application.at_once else logins)


def _representative(application: Application) -> dict[str, Any]:
    given = answers.read(application.answers["representative"])
    return {
        "name_zh": given["name_zh"],
        "name_foreign": given["name_foreign"],
        "document_number": given["document_number"],
        "mobile": given["mobile"],
        "holds_macao_resident_id": given["document_type"] in MACAO_RESIDENT_IDS,
    }


def _new_administrator(
    application: Application, entity: Entity, person: dict[str, Any], by: StaffLogin | None
) -> StaffLogin:
    login = create_login(entity=entity, by=None, officer=by, is_administrator=True, **person)
    Power.objects.create(application=application, login=login)
    return login


def _empower(application: Application, by: StaffLogin | None) -> Texts:
    """Section 十二: the power for a staff login that is there, or a new login with it."""
    if application.login is None:
        (person,) = answers.people(application)
        return _codes([_new_administrator(application, _entity(application), person, by)])
    Power.objects.create(application=application, login=application.login)
    give_administrator(login=application.login, officer=by, application=application.number)
    return []  # a login that is not activated has its code, or an administrator sends another


def _correct(application: Application, by: StaffLogin | None) -> Texts:
    """Q11: the person hears of it at the number that was on record, and at the new one."""
    login = cast("StaffLogin", application.login)  # the table says so
    was = login.mobile
    correct_login(
        login=login, officer=by, application=application.number, data=answers.read(application.answers["changes"])
    )
    return [(number, _told(application, number)) for number in sorted({was, login.mobile})]


def _told(application: Application, number: str) -> Callable[[], Any]:
    entity = application.entity_number
    body = texts.corrected(application)
    return lambda: queue_sms(to=number, entity=entity, body=body, purpose=Purpose.APPLICATION)


def _entity(application: Application) -> Entity:
    return cast("Entity", application.entity)  # of whatever is approved, the table says


def _codes(logins: list[StaffLogin]) -> Texts:
    return [(login.mobile, lambda login=login: send_code(login=login, by=None)) for login in logins]  # type: ignore[misc]
