"""What stands in each table, as lines for PostgreSQL's COPY: `TABLES` in the order in which they are filled.

Keys are given, from 1 on. Columns that are not named have the default that the database or Django gives them.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from types import NoneType
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.applications.models import Application
from accounts.models import DOCUMENT as REGISTER
from activation import terms
from bench import data as known
from bench.data import catalogue, history
from bench.data.people import ACTIVE, AUTHORITY, BIG, ENDS, PENDING, House, Login, World
from entity_portal.data_keys import DataKey, writing_key
from entity_portal.demo import authenticator
from entity_portal.sealed import seal
from entity_portal.text import check_digit
from staff.models.login import DOCUMENT

DAY = timedelta(days=1)
ANSWERS = Application._meta.get_field("answers")
BORN = date(1955, 1, 1)
MEMBERS_SINCE = 2  # lags from a login's opening to its assignments, as in `history`


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[str, ...]
    lines: Callable[[World], Iterable[str]]
    about: Callable[[World], int]  # how many rows, nearly: for the progress


def row(*values: Any) -> str:
    """A line for COPY. No text of ours has a character that would have to be written otherwise."""
    return "\t".join([WRITTEN.get(type(value), str)(value) for value in values]) + "\n"


WRITTEN: dict[type, Callable[[Any], str]] = {
    str: lambda value: value,
    NoneType: lambda _none: "\\N",
    bool: lambda value: "t" if value else "f",
    date: date.isoformat,
    datetime: datetime.isoformat,
    dict: lambda value: json.dumps(value, ensure_ascii=False),
}


def birth_date(key: int) -> date:
    """Of a login, and of the representative of an entity: what activation and a reset of the password ask for."""
    return BORN + timedelta(days=key * 7919 % 18_000)


def sealed(number: str, purpose: str, key: DataKey) -> tuple[str, str]:
    """A document number and its index."""
    return seal(number, purpose, key), f"\\\\x{key.index(number, purpose).hex()}"


def uuid(key: int, salt: int) -> str:
    return f"{(key * 0x9E3779B97F4A7C15F39CC0605CEDC835 + salt) % 2**128:032x}"


# --- entities ---


def entities(world: World) -> Iterator[str]:
    for house in world.houses:
        yield row(
            *(house.key, house.name_zh, house.name_pt, house.number, False, house.kind, house.status),
            *(house.registration_number, world.at(0), "nobody", house.key == AUTHORITY + 1),
        )


def former_numbers(world: World) -> Iterator[str]:
    renumbered = (house for house in world.houses if house.number_was)
    for key, house in enumerate(renumbered, 1):
        yield row(key, house.number_was, ENDS, house.key)


def representatives(world: World) -> Iterator[str]:
    key = writing_key()
    for house in world.houses:
        name = house.representative
        yield row(
            *(house.key, name.zh, name.foreign, *sealed(house.document, REGISTER, key), house.mobile, True, house.key)
        )


def register(world: World) -> Iterator[str]:
    """A line for each entity that is registered, and for a fifth more that have no account."""
    random, writes = world.random("register"), writing_key()
    registered = [house for house in world.houses if house.registration_number]
    unopened = random.sample(registered, len(registered) // 5)
    for key, house in enumerate([*registered, *unopened], 1):
        opened = key <= len(registered)
        number = house.registration_number if opened else f"{500_000 + key} SO"
        name = house.representative
        yield row(
            *(key, house.name_zh, house.name_pt, number, house.kind, name.zh, name.foreign, "bir_permanent"),
            *sealed(house.document if opened else f"5{key:07d}", REGISTER, writes),
            *(birth_date(house.key), house.mobile, ENDS, None),
        )


# --- logins ---


def logins(world: World) -> Iterator[str]:
    # The salt of all the same, so that the same seed gives the same rows.
    salt = sha256(f"{world.seed}/salt".encode()).hexdigest()[:22]
    hashed = make_password(known.PASSWORD, salt=salt)
    random, key = world.random("login rows"), writing_key()
    chance = random.random
    for login in world.logins:
        name, opened = login.name, world.stamps[login.opened]
        activated = world.stamps[login.activated] if login.activated is not None else None
        has_mail = activated is not None and chance() < 0.4
        # Most were in of late; steps stand for time.
        last = (
            world.stamps[max(login.activated, world.steps - int(chance() ** 3 * world.steps / 2) - 1)]
            if login.activated
            else None
        )
        yield row(
            *(login.key, last, login.euid, login.username or None),
            *(hashed if activated else "", name.zh, name.foreign, name.document_type),
            *sealed(login.document, DOCUMENT, key),
            *(name.document_place, birth_date(login.key), login.mobile),
            *(f"{login.username}@{login.house.number}.example" if has_mail else "", name.language, login.status),
            *(login.is_administrator, _role(login) is not None, 5 if login.locked else 0),
            *(ENDS if login.locked else None, opened, activated, world.stamps[login.left] if login.left else None),
            *(login.house.key, None, activated, f"\\\\x{name.zh_key}", f"\\\\x{name.foreign_key}", login.assigns),
        )


def headcounts(world: World) -> Iterator[str]:
    """What the triggers would have kept."""
    alike = Counter((each.house.key, each.status, each.is_administrator, each.assigns) for each in world.logins)
    for key, (kind, n) in enumerate(sorted(alike.items()), 1):
        yield row(key, *kind, n)


def _role(login: Login) -> str | None:
    """The role of an officer: those of the authority that `bench.data` names."""
    return login.username.partition(".")[2] if login.username in known.OFFICERS else None


def _officers(world: World) -> list[tuple[Login, str]]:
    people = (world.logins[place] for place in world.houses[AUTHORITY].logins)
    return [(login, role) for login in people if (role := _role(login))]


def roles(world: World) -> Iterator[str]:
    for key, (login, role) in enumerate(_officers(world), 1):
        yield row(key, role, world.at(0), login.key)


def managers(world: World) -> Iterator[str]:
    """The catalogue's officer looks after three departments."""
    (manager,) = (login for login, role in _officers(world) if role == "catalogue")
    for key in (1, 2, 3):
        yield row(key, world.at(0), key, manager.key)


def applications_of_telephones(world: World) -> Iterator[str]:
    """Authenticator applications: of the officers the demonstration's, and of one in fifty others."""
    officers = {login.key for login, _role in _officers(world)}
    random = world.random("apps")
    key = 0
    for login in world.logins:
        if login.key in officers:
            secret = authenticator.KEY
        elif login.status == ACTIVE and login.username[:6] != "bench." and random.random() < 0.02:
            secret = sha256(f"{world.seed}/app/{login.key}".encode()).hexdigest()[:40]
        else:
            continue
        key += 1
        yield row(key, "app", True, secret, 30, 0, 6, 1, 0, -1, login.key, 0, None, ENDS, None)


def sessions(world: World) -> Iterator[str]:
    """One active login in a hundred was in just now; the data of the session lead nobody in."""
    random = world.random("sessions")
    for login in world.logins:
        if login.status == ACTIVE and random.random() < 0.01:
            since = ENDS - timedelta(minutes=random.randrange(480))
            key = sha256(f"{world.seed}/session/{login.key}".encode()).hexdigest()
            yield row(
                *(key[:40], key * 4, ENDS + timedelta(minutes=30), since, ENDS, "10.20.30.40"),
                *(history.BROWSERS[login.key % len(history.BROWSERS)], login.key, uuid(login.key, 2)),
            )


# --- activation ---


def _invited(world: World) -> Iterator[Login]:
    """Those a code was sent to: all but who left before."""
    return (login for login in world.logins if login.activated is not None or login.status == PENDING)


def texts(world: World) -> Iterator[str]:
    for login in _invited(world):
        at, too_late = world.stamps[login.opened], world.later(login.opened)
        failed = login.status == PENDING and login.key % 20 == 0
        yield row(
            *(uuid(login.key, 1), login.mobile, "activation", "", "failed" if failed else "delivered"),
            *("unreachable" if failed else "", f"SM{uuid(login.key, 3)}", at, too_late, at, at),
            *(login.house.number, 1),
        )


def codes(world: World) -> Iterator[str]:
    for key, login in enumerate(_invited(world), 1):
        at = world.stamps[login.opened]
        used = world.stamps[login.activated] if login.activated is not None else None
        digest = sha256(f"{world.seed}/code/{login.key}".encode()).hexdigest()
        yield row(
            key,
            digest,
            at,
            world.later(login.opened),
            0,
            used,
            None,
            login.mobile,
            login.key,
            uuid(login.key, 1),
            None if used else ENDS,
        )


def acceptances(world: World) -> Iterator[str]:
    # Asked before the first line is: the connection is busy while it copies.
    versions = {language: terms.current(language).pk for language in ("zh-hant", "pt", "en")}
    accepted = (login for login in world.logins if login.activated is not None)
    return (
        row(key, world.stamps[login.activated or 0], login.key, versions[login.name.language])
        for key, login in enumerate(accepted, 1)
    )


# --- services ---


def departments(world: World) -> Iterator[str]:
    for key in range(1, catalogue.DEPARTMENTS + 1):
        yield row(key, f"第{key}局", f"Direcção dos Serviços n.º {key}", f"Bureau No. {key}", f"bureau-{key:02d}")


def services(world: World) -> Iterator[str]:
    for each in catalogue.SERVICES:
        withdrawn = ENDS if each.key in catalogue.WITHDRAWN else None
        url = f"https://{each.code}.example/"
        yield row(each.key, *each.name, *each.description, each.code, url, withdrawn, each.department, True)


def groups(world: World) -> Iterator[str]:
    for each in catalogue.SERVICES:
        for key in each.groups:
            name = catalogue.name_of(key)
            yield row(key, *name, name.zh + "。", name.pt, name.en, catalogue.code_of(key), None, each.key, None)


def openings(world: World) -> Iterator[str]:
    random = world.random("openings")
    key = 0
    for house in world.houses:
        opened = world.stamps[world.logins[house.logins[0]].opened]
        for service in house.openings:
            key += 1
            chance = random.random()
            shut = "suspended" if chance < 0.02 else "withdrawn" if chance < 0.03 else "open"
            status = "open" if house.key == BIG + 1 else shut
            yield row(key, status, opened, opened if status == "open" else ENDS, house.key, service)


def assignments(world: World) -> Iterator[str]:
    """Whoever has left is in no group any more; one assignment in twenty of the others has ended too.

    What the triggers would have counted of them is kept in `world.members`.
    """
    random = world.random("assignments")
    world.members.clear()
    chance, lag = random.random, MEMBERS_SINCE * world.lag
    today, key = ENDS.date(), 0
    for login in world.logins:
        since = world.stamps[login.opened + lag]
        left = world.stamps[login.left] if login.left is not None else ""
        within: set[int] = set()
        for group in login.groups:
            key += 1
            drawn = chance()
            ended = left or (ENDS.isoformat() if drawn < 0.05 and group != 1 else "\\N")
            first = since[:10] if drawn > 0.93 else "\\N"
            last = today + timedelta(days=1 + int(chance() * 700)) if drawn > 0.9 else "\\N"
            yield f"{key}\t{first}\t{last}\t{since}\t{ended}\t{login.house.key}\t{login.key}\t{group}\t\\N\n"
            if ended == "\\N":
                within.add(group)
        for group in within:
            world.members[login.house.key, catalogue.service_of(group).key, group] += 1
        for service in {catalogue.service_of(group).key for group in within}:
            world.members[login.house.key, service, 0] += 1


def member_counts(world: World) -> Iterator[str]:
    for key, ((house, service, group), n) in enumerate(sorted(world.members.items()), 1):
        yield row(key, house, service, group or None, n)


def _assigners(world: World) -> Iterator[tuple[int, Login]]:
    return enumerate((login for login in world.logins if login.assigns), 1)


def service_administrators(world: World) -> Iterator[str]:
    for key, login in _assigners(world):
        yield row(key, world.at(login.opened + 2 * world.lag), login.house.key, login.key, login.nth % 4 == 3)


def reaches(world: World) -> Iterator[str]:
    """A quarter of the service administrators look after two e-services only."""
    key = 0
    for administrator, login in _assigners(world):
        for service in sorted(login.house.openings[:2]) if login.nth % 4 == 3 else ():
            key += 1
            yield row(key, administrator, service)


# --- applications ---


def _application(world: World, key: int, at: datetime, **said: Any) -> str:
    digits = f"{key * 7_919_993 % 10**8:08d}"
    values = {
        "id": key,
        "number": f"AP{digits}{check_digit(digits)}",
        "channel": "online",
        "subject": "",
        "registration_number": "",
        "mobile": "",
        "email": "",
        "language": "zh-hant",
        "mobile_proven_at": at,
        "created_at": at,
        "changed_at": at,
        "submitted_at": at,
        "claimed_at": None,
        "proof": "",
        "proven_at": None,
        "decided_at": None,
        "at_once": False,
        "claimed_by_id": None,
        "decided_by_id": None,
        "entered_by_id": None,
        "entity_id": None,
        "login_id": None,
    } | said
    return row(*(values[column] for column in APPLICATION))


APPLICATION = (
    *("id", "number", "kind", "channel", "state", "answers", "subject", "registration_number", "mobile", "email"),
    *("language", "mobile_proven_at", "created_at", "changed_at", "submitted_at", "claimed_at", "proof", "proven_at"),
    *("decided_at", "at_once", "claimed_by_id", "decided_by_id", "entered_by_id", "entity_id", "login_id"),
)


def _further_administrators(world: World) -> list[Login]:
    """Each by an application of its own, as the database demands."""
    return [login for login in world.logins if login.is_administrator and login.nth]


def _waiting(world: World) -> int:
    """First applications in the officers' queue."""
    return max(3, len(world.logins) // 5000)


def applications(world: World) -> Iterator[str]:
    key = 0
    for login in _further_administrators(world):
        key += 1
        at = world.at(login.opened)
        approved = {"state": "approved", "proof": "sms", "proven_at": at, "decided_at": at, "at_once": True}
        answers: dict[str, Any] = {"representative": {}, "person": {}, "agreement": {}}
        subject = login.house.name_zh
        yield _application(
            world,
            key,
            at,
            kind="administrators",
            answers=answers,
            subject=subject,
            entity_id=login.house.key,
            login_id=login.key,
            **approved,
        )
    for place in range(_waiting(world)):
        key += 1
        at = ENDS - timedelta(hours=place % 700)
        house = world.houses[place * 7 % len(world.houses)]
        number = f"{900_000 + place} SO"
        answers = {
            "entity": {
                "kind": "company",
                "name_zh": house.name_zh,
                "name_pt": house.name_pt,
                "registration_number": number,
            },
            "representative": _person(house) | {"document_number": house.document},
            "administrators": [_person(house) | {"document_place": "MO", "email": ""}],
            "agreement": {"terms": f"{terms.CURRENT} zh-hant", "accepted_at": at.isoformat()},
        }
        yield _application(
            world,
            key,
            at,
            kind="first",
            state="submitted",
            answers=ANSWERS.closed(answers),
            subject=house.name_zh,
            registration_number=number,
            mobile=house.mobile,
        )


def _person(house: House) -> dict[str, str]:
    return {
        "name_zh": house.representative.zh,
        "name_foreign": house.representative.foreign,
        "document_type": "bir_permanent",
        "document_number": house.document,
        "birth_date": birth_date(house.key).isoformat(),
        "mobile": house.mobile,
    }


def moves(world: World) -> Iterator[str]:
    further = _further_administrators(world)
    key = 0
    for place in range(len(further) + _waiting(world)):
        approved = place < len(further)
        at = world.at(further[place].opened) if approved else ENDS - timedelta(hours=(place - len(further)) % 700)
        for was, now in (("draft", "submitted"), ("submitted", "approved"))[: 1 + approved]:
            key += 1
            yield row(key, was, now, at, "", "", place + 1, None)


def powers(world: World) -> Iterator[str]:
    for key, login in enumerate(_further_administrators(world), 1):
        yield row(key, key, login.key)


# --- inboxes ---


def notifications(world: World) -> Iterator[str]:
    """Everybody was told of the first group, and administrators of what was opened; the last fifth is unread.

    The administrator of BIG has an inbox of three hundred lines.
    """
    told = [_names(service.key) for service in catalogue.SERVICES]
    key = 0
    for login in world.logins:
        if login.activated is None:
            continue
        since = world.stamps[login.opened + 2 * world.lag]
        read = "\\N" if login.key % 5 == 0 else since
        group = login.groups[0]
        service = catalogue.service_of(group)
        day, recipient = since[:10], f"{login.euid}\t{login.house.number}"
        if login.nth == 0 and login.house.key == BIG + 1:
            for back in range(300):
                key += 1
                then = ENDS - back * DAY
                data = json.dumps({"names": login.name.foreign}, ensure_ascii=False)
                seen = "\\N" if back < 20 else then.isoformat()
                yield (
                    f"{key}\t{recipient}\tactivated\t\t\t{then.date()}\t3\t{data}\tf\t{then.isoformat()}\t"
                    f"{then.isoformat()}\t{seen}\t\\N\n"
                )
        kind, about, data = "assigned", f"{service.code}/{catalogue.code_of(group)}", told[service.key - 1][group]
        if login.is_administrator:
            first = login.house.openings[0]
            kind, about, data = "service_opened", catalogue.SERVICES[first - 1].code, told[first - 1][0]
        key += 1
        yield (f"{key}\t{recipient}\t{kind}\t\t{about}\t{day}\t1\t{data}\tf\t{since}\t{since}\t{read}\t{since}\n")


def _names(service: int) -> dict[int, str]:
    """By group, the names of service and group as a notification keeps them; of no group under 0."""
    each = catalogue.SERVICES[service - 1]

    def written(words: catalogue.Words) -> dict[str, str]:
        return {"zh-hant": words.zh, "pt": words.pt, "en": words.en}

    alone = {"service": written(each.name)}
    found = {group: alone | {"group": written(catalogue.name_of(group))} for group in each.groups} | {0: alone}
    return {group: json.dumps(data, ensure_ascii=False) for group, data in found.items()}


# --- all of it ---


def _logins(share: float) -> Callable[[World], int]:
    return lambda world: int(share * len(world.logins))


def _houses(share: float) -> Callable[[World], int]:
    return lambda world: int(share * len(world.houses))


TABLES = (
    Table(
        "accounts_entity",
        (
            *("id", "name_zh", "name_pt", "number", "number_is_official", "kind", "status", "registration_number"),
            *("created_at", "second_factor", "keeps_portal"),
        ),
        entities,
        _houses(1),
    ),
    Table("accounts_formernumber", ("id", "number", "replaced_at", "entity_id"), former_numbers, _houses(0.005)),
    Table(
        "accounts_legalrepresentative",
        (
            *("id", "name_zh", "name_foreign", "document_number", "document_index", "mobile"),
            *("holds_macao_resident_id", "entity_id"),
        ),
        representatives,
        _houses(1),
    ),
    Table(
        "accounts_registerentry",
        (
            *("id", "name_zh", "name_pt", "registration_number", "kind", "representative_name_zh"),
            *("representative_name_foreign", "representative_document_type", "representative_document_number"),
            *(
                "representative_document_index",
                "representative_birth_date",
                "representative_mobile",
                "imported_at",
                "gone_at",
            ),
        ),
        register,
        _houses(1.05),
    ),
    Table(
        "staff_stafflogin",
        (
            *("id", "last_login", "euid", "username", "password", "name_zh", "name_foreign", "document_type"),
            *("document_number", "document_index", "document_place", "birth_date", "mobile", "email", "language"),
            *("status", "is_administrator", "is_staff", "failed_attempts", "locked_at", "created_at", "activated_at"),
            *("departed_at", "entity_id", "new_password_demanded_at", "password_set_at", "name_zh_key"),
            *("name_foreign_key", "assigns"),
        ),
        logins,
        _logins(1),
    ),
    Table(
        "staff_headcount",
        ("id", "entity_id", "status", "is_administrator", "assigns", "n"),
        headcounts,
        _houses(2.5),
    ),
    Table("staff_officerrole", ("id", "role", "granted_at", "login_id"), roles, lambda _world: 4),
    Table(
        "otp_totp_totpdevice",
        (
            *("id", "name", "confirmed", "key", "step", "t0", "digits", "tolerance", "drift", "last_t", "user_id"),
            *("throttling_failure_count", "throttling_failure_timestamp", "created_at", "last_used_at"),
        ),
        applications_of_telephones,
        _logins(0.016),
    ),
    Table(
        "staff_session",
        ("session_key", "session_data", "expire_date", "since", "used_at", "address", "agent", "login_id", "sid"),
        sessions,
        _logins(0.008),
    ),
    Table(
        "messaging_sms",
        (
            *("id", "to", "purpose", "body", "status", "reason", "provider_reference", "created_at", "not_after"),
            *("claimed_at", "finished_at", "entity_number", "attempts"),
        ),
        texts,
        _logins(0.99),
    ),
    Table(
        "activation_activationcode",
        (
            *("id", "digest", "created_at", "expires_at", "tries", "used_at", "voided_at", "mobile", "login_id"),
            *("sms_id", "reminded_at"),
        ),
        codes,
        _logins(0.99),
    ),
    Table("activation_termsacceptance", ("id", "accepted_at", "login_id", "terms_id"), acceptances, _logins(0.91)),
    Table("services_department", ("id", "name_zh", "name_pt", "name_en", "code"), departments, lambda _world: 30),
    Table("services_cataloguemanager", ("id", "granted_at", "department_id", "login_id"), managers, lambda _world: 3),
    Table(
        "services_eservice",
        (
            *("id", "name_zh", "name_pt", "name_en", "description_zh", "description_pt", "description_en", "code"),
            *("url", "withdrawn_at", "department_id", "platform_managed"),
        ),
        services,
        lambda _world: 300,
    ),
    Table(
        "services_servicegroup",
        (
            *("id", "name_zh", "name_pt", "name_en", "description_zh", "description_pt", "description_en", "code"),
            *("withdrawn_at", "service_id", "merged_into_id"),
        ),
        groups,
        lambda _world: 900,
    ),
    Table(
        "services_opening",
        ("id", "status", "opened_at", "changed_at", "entity_id", "service_id"),
        openings,
        lambda world: sum(len(house.openings) for house in world.houses),
    ),
    Table(
        "services_assignment",
        (
            *("id", "valid_from", "valid_until", "created_at", "ended_at", "entity_id", "login_id", "group_id"),
            "end_told_for",
        ),
        assignments,
        _logins(3),
    ),
    Table("services_membercount", ("id", "entity_id", "service_id", "group_id", "n"), member_counts, _houses(8)),
    Table(
        "services_serviceadministrator",
        ("id", "granted_at", "entity_id", "login_id", "narrowed"),
        service_administrators,
        _logins(0.02),
    ),
    Table(
        "services_serviceadministrator_services",
        ("id", "serviceadministrator_id", "eservice_id"),
        reaches,
        _logins(0.01),
    ),
    Table("applications_application", APPLICATION, applications, _houses(0.05)),
    Table(
        "applications_move",
        ("id", "was", "now", "at", "reason", "text", "application_id", "by_id"),
        moves,
        _houses(0.1),
    ),
    Table("applications_power", ("id", "application_id", "login_id"), powers, _houses(0.05)),
    Table(
        "messaging_notification",
        (
            *("id", "recipient", "entity_number", "kind", "group_key", "about", "day", "count", "data", "in_digest"),
            *("created_at", "updated_at", "read_at", "told_at"),
        ),
        notifications,
        _logins(0.91),
    ),
    Table("audit_event", history.COLUMNS, history.lines, _logins(history.A_LOGIN)),
)
