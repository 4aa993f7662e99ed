"""Building the demonstration from its data, through the operations: whole or not at all, and what is there stays."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Entity, RegisterEntry
from accounts.operations import import_register, open_authority, open_from_register
from activation import terms
from activation.models import TermsAcceptance
from activation.operations import send_code
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.demo import authenticator
from entity_portal.demo.applications import applications, empowered
from entity_portal.demo.catalogue import DEPARTMENTS, Words
from entity_portal.demo.entities import AUTHORITY_NUMBER, COMPANY, ENTITIES, SANDBOX, DemoEntity, DemoOpening
from entity_portal.demo.people import ALL, AUTHORITY, PASSWORD, Person, Stage
from services.catalogue.openings import change_opening, open_service
from services.models import Department, EService, OpeningStatus, ServiceGroup
from services.oidc.models import Authentication, Client
from services.oidc.operations import change_client, register_client
from services.oidc.sandbox import party
from services.operations import (
    change_members,
    change_service_administrators,
    narrow_service_administrator,
)
from staff import operations as staff
from staff.models import StaffLogin
from staff.models.login import MAX_FAILED_ATTEMPTS
from staff.operations.officers import change_roles

BUILDING = 7_301_002  # key of the lock that two builders starting at once meet at
NOT_ACTIVATED = {Stage.PENDING, Stage.INVITED}


class NotDemonstration(Exception):
    """This is a real installation (DEMO is not set): everybody knows the password of these logins."""


@transaction.atomic
def build() -> int:
    """Make what is missing of catalogue and entities; return how many entities were made.

    An entity that is there is left alone, whatever was done to it since.

    Raises:
        NotDemonstration
    """
    if not settings.DEMO:
        raise NotDemonstration
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BUILDING])
    ours = Entity.objects.filter(Q(number__in=[house.number for house in ENTITIES]) | Q(keeps_portal=True))
    there = dict(ours.values_list("number", "keeps_portal"))
    missing = [house for house in ENTITIES if house.number not in there]
    lacks_authority = not any(there.values())
    hashed = make_password(PASSWORD) if missing or lacks_authority else ""
    if missing:
        publish_catalogue()
        import_register(lines=[register_line(house) for house in missing])
        for house in missing:
            open_entity(house, hashed)
    if lacks_authority:
        open_officers(hashed)
    if offer_sandbox() or missing or lacks_authority:
        tell_nobody()
    return len(missing) + lacks_authority


def tell_nobody() -> None:
    """What was done here is in the inboxes; e-mails of how the demonstration was made would hide what comes later."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'staff.tell_beside_the_inbox'")


# --- catalogue ---


def publish_catalogue() -> None:
    """There is no operation for this: the catalogue belongs to the departments."""
    for department in DEPARTMENTS:
        owner, _new = Department.objects.get_or_create(code=department.code, defaults=in_languages("name", department))
        for service in department.services:
            offered, _new = EService.objects.get_or_create(
                code=service.code, defaults={"department": owner, "url": service.url, **described(service)}
            )
            for group in service.groups:
                ServiceGroup.objects.get_or_create(service=offered, code=group.code, defaults=described(group))


def in_languages(field: str, thing: Any) -> dict[str, str]:
    words: Words = getattr(thing, field)
    return {f"{field}_{language}": text for language, text in words._asdict().items()}


def described(thing: Any) -> dict[str, str]:
    return in_languages("name", thing) | in_languages("description", thing)


# --- the sandbox e-service ---


def offer_sandbox() -> bool:
    """Register the sandbox's client and open it to the company, or let its client follow the portal's address.

    Return whether it was not there before.
    """
    wanted = {
        "redirect_uris": party.address("callback"),
        "post_logout_redirect_uris": party.address("home"),
        "backchannel_logout_uri": party.address("backchannel"),
        "public_keys": [party.public_key()],
    }
    client = Client.objects.filter(client_id=party.CLIENT_ID).first()
    if client:
        if any(getattr(client, name) != value for name, value in wanted.items()):
            change_client(client=client, by=None, **wanted)
        return False
    publish_catalogue()
    register_client(
        service=EService.objects.get(code=SANDBOX.service),
        by=None,
        client_id=party.CLIENT_ID,
        name="Sandbox",
        authentication=Authentication.KEY,
        skip_authorization=True,
        **wanted,
    )
    entity = Entity.objects.get(number=COMPANY.number)
    logins = {str(login.username): login for login in entity.logins.filter(username__isnull=False)}
    open_services(entity, [SANDBOX], logins[COMPANY.people[0].username], logins)
    return True


# --- entities ---


def register_line(house: DemoEntity) -> dict[str, Any]:
    representative = asdict(house.representative)
    representative["birth_date"] = date.fromisoformat(house.representative.birth_date)
    return {
        "registration_number": house.registration_number,
        "kind": house.kind,
        "name_zh": house.name_zh,
        "name_pt": house.name_pt,
        **{f"representative_{field}": value for field, value in representative.items()},
    }


def open_entity(house: DemoEntity, hashed: str) -> None:
    entry = RegisterEntry.objects.get(registration_number=house.registration_number)
    entity = open_from_register(entry=entry, number=house.number)
    first = open_login(entity, house.people[0], None, hashed, house.mail_domain)
    logins = {house.people[0].username: first}
    for person in house.people[1:]:
        by = None if person.is_administrator else first
        login = logins[person.username] = open_login(entity, person, by, hashed, house.mail_domain)
        if person.is_administrator:
            empowered(login)
    open_services(entity, house.openings, first, logins)
    for person in house.people:
        if person.assigns:
            login = logins[person.username]
            change_service_administrators(by=first, add=[login.euid])
            if person.assigns != ALL:
                service = EService.objects.get(code=person.assigns)
                narrow_service_administrator(login=login, by=first, services=[service])
    for person in house.people:
        go_on(person, logins[person.username], first)


def open_officers(hashed: str) -> None:
    """The authority, its officers, each with the application that `demo.authenticator` shows, and what they decide."""
    entity = open_authority(number=AUTHORITY_NUMBER)
    for person in AUTHORITY:
        login = open_login(entity, person, None, hashed)
        change_roles(login=login, by=None, roles=person.roles)
        authenticator.set_up(login)
    registrar = entity.logins.get(username=AUTHORITY[0].username)
    applications(Entity.objects.get(number=COMPANY.number), registrar)


def open_login(entity: Entity, person: Person, by: StaffLogin | None, hashed: str, mail_domain: str = "") -> StaffLogin:
    login = staff.create_login(
        entity=entity,
        by=by,
        is_administrator=person.is_administrator,
        name_zh=person.name_zh,
        name_foreign=person.name_foreign,
        document_type=person.document_type,
        document_number=person.document_number,
        document_place=person.document_place,
        birth_date=date.fromisoformat(person.birth_date),
        mobile=person.mobile,
        email=f"{person.username}@{mail_domain}" if mail_domain else "",
        language=person.language,
    )
    if person.stage not in NOT_ACTIVATED:
        activate(login, person, hashed)
    return login


def activate(login: StaffLogin, person: Person, hashed: str) -> None:
    """As `activation.operations.activate`, without the two texts: a hundred of them would bury those to look at."""
    # The password is hashed once for everybody: a hash each would take longer than everything else here.
    login.set_password = lambda raw_password: setattr(login, "password", hashed)  # type: ignore[method-assign]
    birth_date = date.fromisoformat(person.birth_date)
    staff.activate(login=login, username=person.username, password=PASSWORD, birth_date=birth_date)
    accepted_at, version = timezone.now(), terms.current(person.language)
    TermsAcceptance.objects.create(login=login, terms=version, accepted_at=accepted_at)
    record(
        Action.LOGIN_ACTIVATED,
        entity=login.entity.number,
        actor=login,
        target=login.euid,
        terms=str(version),
        at=timezone.localtime(accepted_at).isoformat(timespec="seconds"),
    )


def open_services(
    entity: Entity, openings: Iterable[DemoOpening], by: StaffLogin, logins: Mapping[str, StaffLogin]
) -> None:
    for wanted in openings:
        service = EService.objects.get(code=wanted.service)
        opening = open_service(entity=entity, service=service, by=None)
        for code, usernames in wanted.members.items():
            group = ServiceGroup.objects.get(service=service, code=code)
            change_members(group=group, by=by, add=[logins[username].euid for username in usernames])
        if wanted.status != OpeningStatus.OPEN:
            change_opening(opening=opening, status=OpeningStatus(wanted.status), by=None)


def go_on(person: Person, login: StaffLogin, administrator: StaffLogin) -> None:
    """What has happened to a person since their login was opened and they were given their work."""
    if person.stage == Stage.INVITED:
        send_code(login=login, by=administrator if administrator != login else None)
    elif person.stage == Stage.DEPARTED:
        staff.depart(login=login, by=administrator)
    elif person.stage == Stage.LOCKED:
        # In a transaction, against its rule: a rollback would take back the login, not only its strikes.
        for _attempt in range(MAX_FAILED_ATTEMPTS):
            staff.check_password(entity_number=login.entity.number, username=person.username, password="wrong")  # noqa: S106
