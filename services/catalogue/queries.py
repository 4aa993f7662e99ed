"""What officers ask about the catalogue: whose it is, whom a change concerns, what opening to many would do."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce

from accounts.models import Entity, EntityStatus
from entity_portal.roles import Role
from services.models import Assignment, Department, EService, Opening, OpeningStatus, ServiceGroup
from services.queries import in_force
from staff.models import StaffLogin, Status

SEES_OPENINGS = (Role.AUDITOR, Role.REGISTRAR, Role.APPROVER)


def managed(officer: StaffLogin) -> QuerySet[Department]:
    """The departments whose catalogue an officer looks after (Q1)."""
    mine = Department.objects.filter(managers__login=officer)
    return mine if Role.CATALOGUE in officer.roles else mine.none()


def shown(officer: StaffLogin) -> QuerySet[Department]:
    """The departments whose catalogue an officer may see: an auditor's are all."""
    return Department.objects.all() if Role.AUDITOR in officer.roles else managed(officer)


def openings_shown_of(officer: StaffLogin) -> QuerySet[Department]:
    """The departments whose openings an officer may see: all for who has to know what an entity has."""
    return managed(officer) if officer.roles.isdisjoint(SEES_OPENINGS) else Department.objects.all()


def may_grant(officer: StaffLogin) -> bool:
    """Says who looks after which department: an officer who is administrator of the authority (Q1)."""
    return officer.is_administrator and bool(officer.roles)


# --- whom it concerns ---


@dataclass(frozen=True)
class Concerned:
    """How many have the e-service, groups it has, and how many entities and people are assigned; now = in force."""

    openings: int
    groups: int
    entities: int
    people: int
    now: int


def lasting_at(of: Department | EService | ServiceGroup) -> QuerySet[Assignment]:
    """The members of all entities, in force or not."""
    return Assignment.objects.filter(_at(of), ended_at=None).exclude(login__status=Status.DEPARTED)


def _at(of: Department | EService | ServiceGroup) -> Q:
    if isinstance(of, Department):
        return Q(group__service__department=of)
    return Q(group__service=of) if isinstance(of, EService) else Q(group=of)


def concerned(of: Department | EService | ServiceGroup) -> Concerned:
    """Whom a change of a department, an e-service or a group concerns."""
    counts = lasting_at(of).aggregate(entities=Count("entity", distinct=True), people=Count("login", distinct=True))
    now = in_force().filter(_at(of)).aggregate(now=Count("login", distinct=True))
    openings = Opening.objects.filter(status=OpeningStatus.OPEN)
    if isinstance(of, Department):
        openings = openings.filter(service__department=of)
        groups = ServiceGroup.objects.filter(service__department=of).count()
    else:
        service = of if isinstance(of, EService) else of.service
        openings = openings.filter(service=service)
        groups = service.groups.count()
    entities = openings.aggregate(openings=Count("entity", distinct=True))
    return Concerned(**entities, groups=groups, **counts, **now)


def entities_concerned(of: EService | ServiceGroup) -> QuerySet[Entity]:
    """The entities with people there, by number, each with `people`, and `now`, those of them in force."""
    here = lasting_at(of)
    people = here.filter(entity=OuterRef("pk")).order_by().values("entity")
    now = in_force().filter(_at(of), entity=OuterRef("pk")).order_by().values("entity")
    found = Entity.objects.filter(Exists(here.filter(entity=OuterRef("pk"))))
    return found.annotate(
        people=people.annotate(n=Count("login", distinct=True)).values("n"),
        now=Coalesce(now.annotate(n=Count("login", distinct=True)).values("n"), 0),
    ).order_by("number")


def in_both(group: ServiceGroup, into: ServiceGroup) -> int:
    """How many people are members of both groups."""
    there = lasting_at(into).filter(login=OuterRef("login"))
    return lasting_at(group).filter(Exists(there)).count()


def groups_with_counts(service: EService) -> QuerySet[ServiceGroup]:
    """The groups of an e-service by code, each with `entities` and `people`."""
    lasting = Q(assignments__ended_at=None) & ~Q(assignments__login__status=Status.DEPARTED)
    return service.groups.annotate(
        entities=Count("assignments__entity", distinct=True, filter=lasting),
        people=Count("assignments__login", distinct=True, filter=lasting),
    ).order_by("code")


# --- opening to many ---


@dataclass(frozen=True)
class Forecast:
    """What opening an e-service to entities would do; of the first four, how many, of the last, which numbers."""

    new: int
    open_already: int
    closed: int  # its opening was suspended or withdrawn: stays so
    suspended: int  # the entity
    unknown: list[str]


def forecast(service: EService, *, numbers: Collection[str] = (), kind: str = "") -> Forecast:
    """Judge entities by their numbers, or all of a kind."""
    entities = Entity.objects.filter(number__in=numbers) if numbers else Entity.objects.filter(kind=kind)
    opening = Opening.objects.filter(service=service, entity=OuterRef("pk")).values("status")
    rows = entities.annotate(opening=Coalesce(opening, Value(""), output_field=TextField()))
    counts = rows.aggregate(
        new=Count("pk", filter=Q(opening="", status=EntityStatus.ACTIVE)),
        open_already=Count("pk", filter=Q(opening=OpeningStatus.OPEN)),
        closed=Count("pk", filter=Q(opening__in=[OpeningStatus.SUSPENDED, OpeningStatus.WITHDRAWN])),
        suspended=Count("pk", filter=Q(opening="") & ~Q(status=EntityStatus.ACTIVE)),
    )
    known = set(entities.values_list("number", flat=True)) if numbers else set()
    return Forecast(**counts, unknown=sorted(set(numbers) - known))
