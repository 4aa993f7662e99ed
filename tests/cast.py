"""A small cast with names: factories are functions with keyword arguments, valid and plain."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.applications import tasks as application_tasks
from accounts.models import Entity, Kind
from activation import terms
from activation.models import TermsAcceptance
from entity_portal.demo.applications import empowered
from entity_portal.numbers import IN_JOB
from entity_portal.roles import Role
from entity_portal.text import check_digit
from services.models import (
    Assignment,
    CatalogueManager,
    Department,
    EService,
    Opening,
    ServiceAdministrator,
    ServiceGroup,
)
from staff import tasks
from staff.models import OfficerRole, StaffLogin, Status
from staff.models.login import MAX_FAILED_ATTEMPTS
from tests.pages import read

Row = TypeVar("Row", bound=Model)

PASSWORD = "Macau2026x"
BIRTH_DATE = date(1990, 1, 1)
_numbers = iter(range(10_000_000, 99_999_999))


def login(*, entity: Entity, status: str = Status.ACTIVE, username: str | None = None, **fields: Any) -> StaffLogin:
    """A login in a status, past the operations; a person with a document of their own."""
    number = str(next(_numbers))
    if status != Status.PENDING and username is None:
        username = f"user{number}"
    row = StaffLogin(
        entity=entity,
        status=status,
        username=username,
        **{
            "name_zh": "何梓軒",
            "name_foreign": "HO CHI HIN",
            "document_number": number,
            "document_place": "MO",
            "birth_date": BIRTH_DATE,
            "mobile": "+85366123456",
            "activated_at": timezone.now() if username else None,
            "departed_at": timezone.now() if status == Status.DEPARTED else None,
            "locked_at": timezone.now() if fields.get("failed_attempts") == MAX_FAILED_ATTEMPTS else None,
            **fields,
        },
    )
    if username:
        row.set_password(PASSWORD)
    with transaction.atomic():
        second = row.is_administrator and entity.logins.filter(is_administrator=True).exists()
        row.save()
        if second:
            empowered(row)
    if status == Status.ACTIVE:
        TermsAcceptance.objects.create(login=row, terms=terms.current("en"), accepted_at=timezone.now())
    return row


def crowd(entity: Entity, number: int, start: int = 0) -> list[StaffLogin]:
    """So many active people, quickly: TRABALHADOR 00000 with the username t00000, and so on from `start`."""
    digits = [f"5{each:08d}" for each in range(start, start + number)]
    return copied(
        StaffLogin(
            entity=entity,
            euid=f"CU{digit}{check_digit(digit)}",
            username=f"t{digit[-5:]}",
            name_foreign=f"TRABALHADOR {digit[-5:]}",
            document_number=digit,
            document_place="MO",
            mobile="+85366123456",
            status=Status.ACTIVE,
            activated_at=timezone.now(),
        )
        for digit in digits
    )


def copied(made: Iterable[Row]) -> list[Row]:
    """As `bulk_create` makes them, by COPY: thousands of rows in a fraction of the time."""
    rows = list(made)
    about = rows[0]._meta
    fields = [field for field in about.concrete_fields if not field.generated]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    numbers = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(numbers, [about.db_table, len(rows)])
        for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = number
        with cursor.copy(f"COPY {about.db_table} ({columns}) FROM STDIN") as stream:
            for row in rows:
                stream.write_row(
                    [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
                )
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    return rows


@dataclass
class Cast:
    entity: Entity
    administrator: StaffLogin
    staff: StaffLogin
    pending: StaffLogin
    departed: StaffLogin


def entity(**fields: Any) -> Entity:
    """An entity; the caller adds an administrator in the same transaction (S3.4)."""
    defaults = {"name_zh": "濠灣茶餐飲有限公司", "name_pt": "Hou Wan Chá, Limitada", "kind": Kind.COMPANY}
    return Entity.objects.create(**{**defaults, **fields})


@transaction.atomic
def company(*, name_zh: str = "濠灣茶餐飲有限公司", number: str = "", official: bool = False) -> Cast:
    digits = "8021645"
    house = entity(name_zh=name_zh, number=number or digits + check_digit(digits), number_is_official=official)
    return Cast(
        entity=house,
        administrator=login(
            entity=house,
            username="chan.wengsan",
            name_zh="陳詠珊",
            name_foreign="CHAN WENG SAN",
            is_administrator=True,
            mobile="+85366880012",
        ),
        staff=login(entity=house, username="ao.hoiian", name_zh="歐凱欣", name_foreign="AO HOI IAN"),
        pending=login(entity=house, status=Status.PENDING, name_zh="何梓軒", mobile="+85363124558"),
        departed=login(
            entity=house,
            status=Status.DEPARTED,
            username="ieong.sutleng",
            name_zh="楊雪玲",
            name_foreign="IEONG SUT LENG",
        ),
    )


def department(code: str = "dsal") -> Department:
    """The owner of e-services, and of those that `group` makes."""
    names = {"name_zh": "勞工事務局", "name_pt": "DSAL", "name_en": "Labour Affairs Bureau"}
    made, _new = Department.objects.get_or_create(code=code, defaults=names)
    return made


def group(
    *, open_to: Entity | None = None, service: str = "entry-declaration", code: str = "operators"
) -> ServiceGroup:
    """A service group, its e-service open to an entity where one is given."""
    offered, _new = EService.objects.get_or_create(
        code=service,
        defaults={
            "department": department(),
            "name_zh": "入職申報",
            "name_pt": "Declaração de admissão",
            "name_en": "Declaration of employment",
        },
    )
    if open_to:
        Opening.objects.get_or_create(entity=open_to, service=offered)
    made, _new = ServiceGroup.objects.get_or_create(
        service=offered, code=code, defaults={"name_zh": "操作員", "name_pt": "Operador", "name_en": "Operators"}
    )
    return made


class EnglishReader(Client):
    """Reads every page as `ReadingClient` does, in English, where "None" may be a word and not what Python prints."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        wrong = [each for each in read(request, response) if "None" not in each]
        assert not wrong, f"{request.get('PATH_INFO')}: {wrong}"
        return response


def enter(person: StaffLogin | None = None) -> EnglishReader:
    """A browser that reads English, with a person signed in or nobody."""
    client = EnglishReader()
    if person:
        client.force_login(person)
        prove(client)
    return client


def prove(client: Client) -> None:
    """As if the password had been typed just now."""
    session = client.session
    session["proven_at"] = timezone.now().isoformat()
    session.save()


def authority() -> Entity:
    """The entity that keeps the portal, with an administrator."""
    there = Entity.objects.filter(keeps_portal=True).first()
    if there:
        return there
    with transaction.atomic():
        made = entity(
            name_zh="行政公職局",
            name_pt="SAFP",
            kind=Kind.AUTHORITY,
            number="SAFP",
            number_is_official=True,
            keeps_portal=True,
        )
        login(entity=made, username="authority.admin", is_administrator=True)
    return made


def officer_login(*roles: Role, manages: Iterable[Department] | None = None, **fields: Any) -> StaffLogin:
    """A login of the authority that is an officer with these roles; a catalogue manager of `department()` or others."""
    person = login(entity=authority(), is_staff=True, **{"language": "en", **fields})
    OfficerRole.objects.bulk_create(OfficerRole(login=person, role=role) for role in roles)
    if Role.CATALOGUE in roles:
        managed = [department()] if manages is None else manages
        CatalogueManager.objects.bulk_create(CatalogueManager(login=person, department=each) for each in managed)
    return person


def promote(person: StaffLogin, *roles: Role) -> None:
    """Make a login an officer: of their entity, which then keeps the portal."""
    Entity.objects.filter(pk=person.entity_id).update(kind=Kind.AUTHORITY, keeps_portal=True)
    StaffLogin.objects.filter(pk=person.pk).update(is_staff=True)
    OfficerRole.objects.bulk_create(OfficerRole(login=person, role=role) for role in roles)


def officer(*roles: Role, code: bool = True, person: StaffLogin | None = None) -> Client:
    """An officer signed in, with all roles where none are named, the code of an application shown or not."""
    person = person or officer_login(*(roles or Role))
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(person)
    if code:
        device, _new = TOTPDevice.objects.get_or_create(user=person, confirmed=True, defaults={"name": "app"})
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        session.save()
    return client


def worker() -> list[str]:
    """Do what pages have left to the worker about the door, in this process; return the names of the jobs."""
    done = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, task_name, args FROM procrastinate_jobs "
            "WHERE queue_name = 'door' AND status = 'todo' ORDER BY id"
        )
        for job, name, args in cursor.fetchall():
            room, _dot, task = name.partition(".")
            told = json.loads(args) if isinstance(args, str) else args
            told.pop(IN_JOB, None)
            getattr({"staff": tasks, "applications": application_tasks}[room], task)(**told)
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job])
            done.append(name)
    return done


def member(group: ServiceGroup, person: StaffLogin, **fields: Any) -> Assignment:
    """A person in a service group, past the operations."""
    return Assignment.objects.create(entity=person.entity, login=person, group=group, **fields)


def service_administrator(person: StaffLogin, *services: EService) -> StaffLogin:
    """The person with the 服務管理員 power, narrowed to `services` where some are given."""
    power = ServiceAdministrator.objects.create(entity=person.entity, login=person, narrowed=bool(services))
    power.services.set(services)
    return StaffLogin.objects.select_related("entity").get(pk=person.pk)
