"""Who may use what: asked at the moment of use, here and nowhere else.

Pages, the dashboard and whatever speaks for e-services share these questions. A right is: the login is 生效中,
its entity active, the e-service open to the entity, neither it nor the group withdrawn, the assignment in its dates.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, CharField, Count, ExpressionWrapper, F, Func, Q, QuerySet
from django.utils import timezone

from accounts.models import Entity, EntityStatus
from entity_portal import text
from services.models import (
    Assignment,
    Department,
    EService,
    Opening,
    OpeningStatus,
    ServiceAdministrator,
    ServiceGroup,
)
from staff.models import StaffLogin, Status


def lasting(entity: Entity) -> QuerySet[Assignment]:
    """Assignments that have not ended and whose person has not departed (Q21): members, in force or not."""
    members = Assignment.objects.filter(entity=entity, ended_at=None)
    return members.exclude(login__status=Status.DEPARTED)


def in_force(today: date | None = None) -> QuerySet[Assignment]:
    """Assignments that give a right today."""
    today = today or timezone.localdate()
    return Assignment.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=today),
        Q(valid_until=None) | Q(valid_until__gte=today),
        ended_at=None,
        login__status=Status.ACTIVE,
        entity__status=EntityStatus.ACTIVE,
        group__withdrawn_at=None,
        group__service__withdrawn_at=None,
        group__service__openings__entity=F("entity"),
        group__service__openings__status=OpeningStatus.OPEN,
    )


def groups_of(login: StaffLogin, service: EService) -> QuerySet[ServiceGroup]:
    """The groups through which a login may use an e-service now; none means it may not."""
    return ServiceGroup.objects.filter(service=service, assignments__in=in_force().filter(login=login)).order_by("code")


@dataclass(frozen=True)
class Membership:
    """A line of 工作人員所屬服務群組 (S15.2). `in_force` is False where it gives no right today."""

    service: EService
    group: ServiceGroup
    assignment: Assignment
    in_force: bool


def memberships(login: StaffLogin) -> list[Membership]:
    """Every service group a login belongs to, by service and group."""
    rights = set(in_force().filter(login=login).values_list("pk", flat=True))
    rows = lasting(login.entity).filter(login=login).select_related("group__service__department")
    rows = rows.order_by("group__service__code", "group__code")
    return [Membership(row.group.service, row.group, row, row.pk in rights) for row in rows]


def usable_services(login: StaffLogin) -> list[dict[str, Any]]:
    """The e-services a login may use now, each with the groups that allow it: `{"service": …, "groups": [...]}`."""
    rows = in_force().filter(login=login).select_related("group__service__department")
    services: dict[int, dict[str, Any]] = {}
    for row in rows.order_by("group__service__code", "group__code"):
        entry = services.setdefault(row.group.service_id, {"service": row.group.service, "groups": []})
        entry["groups"].append(row.group)
    return list(services.values())


def openings_for(login: StaffLogin) -> QuerySet[Opening]:
    """The openings in which a login may assign people (S14.1): its entity's, or those its power is narrowed to."""
    openings = Opening.objects.filter(entity=login.entity).select_related("service__department")
    if login.is_administrator:
        return openings
    if not login.is_service_administrator:
        return openings.none()
    power = login.service_administration
    return openings.filter(service__in=power.services.values("pk")) if power.narrowed else openings


def by_department(openings: QuerySet[Opening]) -> list[dict[str, Any]]:
    """政府服務列表: `{"department": …, "services": [{"service": …, "status": …, "people": n}]}`, each in order."""
    openings = openings.order_by("service__department__code", "service__code")
    people = {
        row["group__service"]: row["people"]
        for row in Assignment.objects.filter(ended_at=None, entity__in=openings.values("entity"))
        .exclude(login__status=Status.DEPARTED)
        .values("group__service")
        .annotate(people=Count("login", distinct=True))
    }
    departments: dict[int, dict[str, Any]] = {}
    for opening in openings:
        department: Department = opening.service.department
        entry = departments.setdefault(department.pk, {"department": department, "services": []})
        entry["services"].append(
            {"service": opening.service, "status": opening.standing, "people": people.get(opening.service_id, 0)}
        )
    return list(departments.values())


def groups_shown(entity: Entity, service: EService) -> QuerySet[ServiceGroup]:
    """The groups of an e-service that an entity sees: a withdrawn one only while it still has people there (Q24)."""
    kept = lasting(entity).values("group")
    return service.groups.filter(Q(withdrawn_at=None) | Q(pk__in=kept)).order_by("code")


def groups_with_people(entity: Entity, service: EService) -> list[dict[str, Any]]:
    """The groups of an e-service with the number of members an entity has in each: `{"group": …, "people": n}`."""
    members = Count("assignments", filter=Q(assignments__in=lasting(entity)))
    groups = groups_shown(entity, service).annotate(people=members)
    return [{"group": group, "people": group.people} for group in groups]


def members(entity: Entity, group: ServiceGroup) -> QuerySet[Assignment]:
    """The members of a group, by name."""
    return lasting(entity).filter(group=group).select_related("login").order_by("login__name_foreign", "login__euid")


def candidates(entity: Entity) -> QuerySet[StaffLogin]:
    """Who can be put into a group or given the power: 生效中, and 未啟動 in advance; 已離職 never (Q21)."""
    people = entity.logins.exclude(status=Status.DEPARTED).defer("password")
    return people.order_by("name_foreign", "euid")


def candidates_for_group(entity: Entity, group: ServiceGroup) -> QuerySet[Any]:
    """Who can be put into a group, each with `present`: whether they are in it."""
    return _with_present(candidates(entity), lasting(entity).filter(group=group).values("login"))


def candidates_for_power(entity: Entity) -> QuerySet[Any]:
    """Who can be given the power of a service administrator, each with `present`: whether they have it."""
    return _with_present(candidates(entity), ServiceAdministrator.objects.filter(entity=entity).values("login"))


def _with_present(people: QuerySet[StaffLogin], present: QuerySet[Any]) -> QuerySet[Any]:
    return people.annotate(present=ExpressionWrapper(Q(pk__in=present), output_field=BooleanField()))


class Bare(Func):
    """As `text.bare` spells it, in the database; quick where there is nothing but ASCII."""

    template = r"""CASE WHEN octet_length(%(expressions)s) = char_length(%(expressions)s) THEN lower(%(expressions)s)
        ELSE lower(regexp_replace(normalize(%(expressions)s, NFKD), '[\u0300-\u036F]', '', 'g')) END"""
    output_field = CharField()


def named(people: QuerySet[StaffLogin], q: str) -> QuerySet[StaffLogin]:
    """Those of whom each word of `q` stands in a name or the username, with or without accents, or begins the EUID."""
    people = people.alias(bare=Bare("name_foreign"))
    for word in q.split():
        bare = text.bare(word)
        people = people.filter(
            Q(bare__contains=bare)
            | Q(name_zh__contains=word)
            | Q(username__contains=bare)
            | Q(euid__startswith=bare.upper())
        )
    return people


def service_administrators(entity: Entity) -> QuerySet[ServiceAdministrator]:
    """Who has the power in an entity, by name, each with the chosen e-services."""
    powers = ServiceAdministrator.objects.filter(entity=entity).exclude(login__status=Status.DEPARTED)
    found = powers.select_related("login").prefetch_related("services")
    return found.order_by("login__name_foreign", "login__euid")


def services_opened(entity: Entity) -> QuerySet[EService]:
    """The e-services that were opened to an entity, whatever became of it, in the order of their list."""
    return EService.objects.filter(openings__entity=entity).order_by("department__code", "code")
