"""Who may use what: asked at the moment of use, here and nowhere else.

Pages, the dashboard and whatever speaks for e-services share these questions. A right is: the login is 生效中,
its entity active, the e-service open to the entity, neither it nor the group withdrawn, the assignment in its dates.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import (
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Entity, EntityStatus
from entity_portal import lists
from entity_portal.rows import one_of
from services.models import (
    Assignment,
    Department,
    EService,
    MemberCount,
    Opening,
    OpeningStatus,
    ServiceAdministrator,
    ServiceGroup,
)
from staff.models import StaffLogin, Status
from staff.queries import by_name, heads, how_many

MANY = 2_000  # members of a group: the first by name are soon met on the way through the entity
NO_CODE = re.compile(r"CU\d{10}$|\d*$|.*/")  # an EUID, a number, a path
# How a column of a group's members orders, before the name.
MEMBER_SORTS: dict[str, tuple[str, ...]] = {"euid": ("euid",), "username": ("username",), "name": ()}


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


def rights(login: StaffLogin, service: EService) -> QuerySet[Assignment]:
    """The assignments through which a login may use an e-service now, each with its group, by group."""
    found = in_force().filter(login=login, group__service=service)
    return found.select_related("group").order_by("group__code")


def may_use(login: StaffLogin, service: EService) -> bool:
    """Whether a login may use an e-service now; of one whose department keeps its own list any active login (S13.2)."""
    if service.platform_managed:
        return rights(login, service).exists()
    return login.is_active and service.withdrawn_at is None


class Refusal(models.TextChoices):
    """Why a login may not use an e-service: the first of these that holds. E-services read the codes."""

    LOGIN_DEPARTED = "login_departed"
    LOGIN_NOT_ACTIVATED = "login_not_activated"
    ENTITY_NOT_ACTIVE = "entity_not_active"
    SERVICE_WITHDRAWN = "service_withdrawn"  # by its department, from everybody
    NOT_OPENED = "not_opened"  # to this entity
    OPENING_SUSPENDED = "opening_suspended"
    OPENING_WITHDRAWN = "opening_withdrawn"
    ASSIGNMENT_NOT_YET = "assignment_not_yet"
    ASSIGNMENT_OVER = "assignment_over"
    GROUP_WITHDRAWN = "group_withdrawn"
    NOT_ASSIGNED = "not_assigned"


def why_not(login: StaffLogin, service: EService) -> Refusal | None:
    """Why a login may not use an e-service now; None if it may."""
    if may_use(login, service):
        return None
    if login.status != Status.ACTIVE:
        return Refusal.LOGIN_DEPARTED if login.status == Status.DEPARTED else Refusal.LOGIN_NOT_ACTIVATED
    if login.entity.status != EntityStatus.ACTIVE:
        return Refusal.ENTITY_NOT_ACTIVE
    if service.withdrawn_at:
        return Refusal.SERVICE_WITHDRAWN
    opening = Opening.objects.filter(entity=login.entity, service=service).first()
    if opening is None:
        return Refusal.NOT_OPENED
    if opening.status != OpeningStatus.OPEN:
        suspended = opening.status == OpeningStatus.SUSPENDED
        return Refusal.OPENING_SUSPENDED if suspended else Refusal.OPENING_WITHDRAWN
    assigned = lasting(login.entity).filter(login=login, group__service=service)
    today = timezone.localdate()
    for reason, rows in (
        (Refusal.ASSIGNMENT_NOT_YET, assigned.filter(valid_from__gt=today, group__withdrawn_at=None)),
        (Refusal.ASSIGNMENT_OVER, assigned.filter(valid_until__lt=today, group__withdrawn_at=None)),
        (Refusal.GROUP_WITHDRAWN, assigned.exclude(group__withdrawn_at=None)),
    ):
        if rows.exists():
            return reason
    return Refusal.NOT_ASSIGNED


def refusal(today: date | None = None) -> Case:
    """Why an assignment gives no right today, for `annotate`: None where it is `in_force`, else as `why_not` says it.

    Of an assignment that somebody has ended: `NOT_ASSIGNED`.
    """
    today = today or timezone.localdate()
    opening = Opening.objects.filter(entity=OuterRef("entity"), service=OuterRef("group__service"))
    return Case(
        When(login__status=Status.DEPARTED, then=Value(Refusal.LOGIN_DEPARTED)),
        When(~Q(login__status=Status.ACTIVE), then=Value(Refusal.LOGIN_NOT_ACTIVATED)),
        When(~Q(entity__status=EntityStatus.ACTIVE), then=Value(Refusal.ENTITY_NOT_ACTIVE)),
        When(group__service__withdrawn_at__isnull=False, then=Value(Refusal.SERVICE_WITHDRAWN)),
        When(~Exists(opening), then=Value(Refusal.NOT_OPENED)),
        When(Exists(opening.filter(status=OpeningStatus.SUSPENDED)), then=Value(Refusal.OPENING_SUSPENDED)),
        When(Exists(opening.filter(status=OpeningStatus.WITHDRAWN)), then=Value(Refusal.OPENING_WITHDRAWN)),
        When(ended_at__isnull=False, then=Value(Refusal.NOT_ASSIGNED)),
        When(group__withdrawn_at__isnull=False, then=Value(Refusal.GROUP_WITHDRAWN)),
        When(valid_from__gt=today, then=Value(Refusal.ASSIGNMENT_NOT_YET)),
        When(valid_until__lt=today, then=Value(Refusal.ASSIGNMENT_OVER)),
    )


@dataclass(frozen=True)
class Membership:
    """A line of 工作人員所屬服務群組 (S15.2). `in_force` is False where it gives no right today."""

    service: EService
    group: ServiceGroup
    assignment: Assignment
    in_force: bool


def memberships(login: StaffLogin) -> list[Membership]:
    """Every service group a login belongs to, by service and group."""
    rows = lasting(login.entity).filter(login=login).select_related("group__service")
    rows = rows.annotate(gives=Exists(in_force().filter(pk=OuterRef("pk")))).order_by(
        "group__service__code", "group__code"
    )
    return [Membership(row.group.service, row.group, row, row.gives) for row in rows]


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


def assigners_of(entities: Collection[Entity], service: EService) -> QuerySet[StaffLogin]:
    """Who can assign people of these entities to an e-service now: administrators, then service administrators."""
    powers = ServiceAdministrator.objects.filter(Q(narrowed=False) | Q(services=service), entity__in=entities)
    people = StaffLogin.objects.filter(
        Q(is_administrator=True) | Q(service_administration__in=powers), entity__in=entities, status=Status.ACTIVE
    )
    return people.select_related("entity").order_by("-is_administrator", "name_foreign_key", "euid")


def assigners(entity: Entity, service: EService) -> list[StaffLogin]:
    """`assigners_of` one entity."""
    return list(assigners_of([entity], service))


def names(paths: Collection[str]) -> dict[str, str]:
    """`{path: name in the reader's language}` of the e-services and the service groups that have these paths.

    Nobody is asked for EUIDs and numbers, which are no codes.
    """
    rows: list[EService | ServiceGroup] = []
    if pairs := [path.split("/", 1) for path in paths if "/" in path]:
        where = Q(*(Q(service__code=service, code=group) for service, group in pairs), _connector=Q.OR)
        groups = ServiceGroup.objects.filter(where).select_related("service")
        rows += [each for group in groups for each in (group, group.service)]
    if missing := {path for path in paths if not NO_CODE.match(path)} - {row.path for row in rows}:
        rows += EService.objects.filter(code__in=missing)
    return {row.path: row.name for row in rows}


def with_people(openings: QuerySet[Opening]) -> QuerySet[Any]:
    """Openings with `people`: how many of the entity are in a group of the e-service."""
    kept = MemberCount.objects.filter(entity=OuterRef("entity"), service=OuterRef("service"), group=None)
    return openings.annotate(people=Coalesce(Subquery(kept.values("n")), 0))


def by_department(openings: QuerySet[Opening]) -> list[dict[str, Any]]:
    """政府服務列表: `{"department": …, "services": [{"service": …, "status": …, "people": n}]}`, each in order."""
    departments: dict[int, dict[str, Any]] = {}
    for opening in with_people(openings).order_by("service__department__code", "service__code"):
        department: Department = opening.service.department
        entry = departments.setdefault(department.pk, {"department": department, "services": []})
        entry["services"].append({"service": opening.service, "status": opening.standing, "people": opening.people})
    return list(departments.values())


def groups_shown(entity: Entity, service: EService) -> QuerySet[Any]:
    """The groups of an e-service that an entity sees, each with `people`, its members there, by code.

    A withdrawn one is seen only while it still has people there (Q24).
    """
    kept = MemberCount.objects.filter(entity=entity, group=OuterRef("pk"), service=service)
    groups = service.groups.annotate(people=Coalesce(Subquery(kept.values("n")), 0))
    return groups.filter(Q(withdrawn_at=None) | Q(people__gt=0)).order_by("code")


def members(entity: Entity, group: ServiceGroup, *, sort: str = "") -> QuerySet[Assignment]:
    """The members of a group, by name, or by a key of `MEMBER_SORTS`, by "-key" downwards."""
    found = lasting(entity).filter(group=group).select_related("login")
    return found.order_by(*_member_order(sort, of="login__"))


def _member_order(sort: str, *, of: str = "") -> list[Any]:
    first = MEMBER_SORTS.get(sort.removeprefix("-"), ())
    return lists.directed([*(f"{of}{name}" for name in first), *by_name(of=of)], sort)


class MemberPages(lists.Pages):
    """Pages of `members`, quick where nearly everybody of a large entity is one: they are met on the way through it."""

    def __init__(self, entity: Entity, group: Any, per_page: int, *, sort: str) -> None:
        super().__init__(members(entity, group, sort=sort), per_page, count=group.people)
        everybody = candidates_for_group(entity, group).filter(present=True)
        self.logins = everybody.order_by(*_member_order(sort)).values("pk")

    def rows(self, start: int, end: int) -> list[Any]:
        if self.count <= MANY:
            return super().rows(start, end)
        # By their logins, or the planner would sort all of them.
        return list(self.object_list.filter(one_of("login", lists.part(self.logins, start, end, self.count))))


def candidates(entity: Entity) -> QuerySet[StaffLogin]:
    """Who can be put into a group or given the power: 生效中, and 未啟動 in advance; 已離職 never (Q21)."""
    people = entity.logins.exclude(status=Status.DEPARTED).defer("password")
    return people.order_by(*by_name())


def candidates_for_group(entity: Entity, group: ServiceGroup) -> QuerySet[Any]:
    """Who can be put into a group, each with `present`: whether they are in it."""
    there = Assignment.objects.filter(login=OuterRef("pk"), group=group, ended_at=None).annotate(there=Value(True))
    # Asked of each login that is shown: as a condition it would be answered for the whole entity at once.
    return candidates(entity).annotate(present=Coalesce(Subquery(there.values("there")[:1]), Value(False)))


def candidates_for_power(entity: Entity) -> QuerySet[Any]:
    """Who can be given the power of a service administrator, each with `present`: whether they have it."""
    return candidates(entity).annotate(present=F("assigns"))


@dataclass(frozen=True)
class Choice:
    """What two lists are made of: `people` who can be chosen, by name and each with `present`, `total` of them.

    `chosen` are those who are present; they are `there`.
    """

    people: QuerySet[Any]
    chosen: QuerySet[Any]
    total: int
    there: int

    @classmethod
    def for_group(cls, entity: Entity, group: Any) -> "Choice":
        """Of a group as `groups_shown` finds it."""
        people = candidates_for_group(entity, group)
        if group.people > MANY:
            chosen = people.filter(present=True)
        else:
            chosen = people.filter(one_of("pk", lasting(entity).filter(group=group).values("login")))
        return cls(people, chosen, how_many(heads(entity), present=True), group.people)

    @classmethod
    def for_power(cls, entity: Entity) -> "Choice":
        kept, people = heads(entity), candidates_for_power(entity)
        there = how_many(kept, role="service_administrator")
        # The rank says nothing new, but has an index.
        return cls(people, people.filter(assigns=True, rank__lte=1), how_many(kept, present=True), there)


def service_administrators(entity: Entity) -> QuerySet[ServiceAdministrator]:
    """Who has the power in an entity, by name, each with the chosen e-services."""
    powers = ServiceAdministrator.objects.filter(entity=entity).exclude(login__status=Status.DEPARTED)
    found = powers.select_related("login").prefetch_related("services")
    return found.order_by(*by_name(of="login__"))


def services_opened(entity: Entity) -> QuerySet[EService]:
    """The e-services that were opened to an entity, whatever became of it, in the order of their list."""
    return EService.objects.filter(openings__entity=entity).order_by("department__code", "code")
