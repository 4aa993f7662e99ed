"""What the API reads: whom a client may ask about, and where its lists differ from what is so now."""

import re
from datetime import date

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Value

from services.api.models import Change, Feed, Held, Told, Touched
from services.models import Assignment, EService, Opening
from services.oidc.models import Client, SubjectType
from services.queries import Refusal, in_force, refusal, rights, why_not
from staff.models import StaffLogin

EUID = re.compile(r"CU[0-9]{10}")
PAIRWISE = re.compile(r"[0-9a-f]{64}")


def login_of(client: Client, subject: str) -> StaffLogin | None:
    """The login that a client calls so: one it was told of, or, by its EUID, one whose entity has the e-service.

    None for any other, whether or not it exists, so that nobody can try out who does.
    """
    pairwise = client.subject_type == SubjectType.PAIRWISE
    if not (PAIRWISE if pairwise else EUID).fullmatch(subject):
        return None
    told = Told.objects.filter(service=client.service, subject=subject, login=OuterRef("pk"))
    opened = Opening.objects.filter(service=client.service, entity=OuterRef("entity"))
    logins = StaffLogin.objects.select_related("entity")
    if pairwise:
        return logins.filter(told__service=client.service, told__subject=subject).first()
    return logins.filter(Exists(told) | Exists(opened), euid=subject).first()


def standing(login: StaffLogin, service: EService) -> tuple[list[Assignment], Refusal | None]:
    """The rights of a login at an e-service; or why it may not use it."""
    rows = list(rights(login, service))
    reason = None if rows else why_not(login, service)
    if service.platform_managed and not rows and not reason:  # given between the two questions
        return standing(login, service)
    return rows, reason


def rights_at(service: EService, today: date) -> QuerySet[Assignment]:
    return in_force(today).filter(group__service=service)


# --- what an e-service has not been told yet; each is empty once `operations.note_changes` has written it down ---


def lost(service: EService, today: date) -> QuerySet[Assignment]:
    """Assignments that no longer give the right which the e-service believes in, each with its `reason`."""
    still = rights_at(service, today).filter(pk=OuterRef("pk"))
    held = Assignment.objects.filter(held__service=service)
    return held.filter(~Exists(still)).annotate(reason=refusal(today))


def gained(service: EService, today: date) -> QuerySet[Assignment]:
    return rights_at(service, today).filter(held=None).annotate(reason=Value(""))


def moved(service: EService, today: date) -> QuerySet[Assignment]:
    """Rights with other dates than the e-service was told."""
    other = _other("valid_from") | _other("valid_until")
    return rights_at(service, today).filter(other, held__isnull=False).annotate(reason=Value(""))


def _other(field: str) -> Q:
    """A date that is not the one the e-service knows; NULL is a value here."""
    known = f"held__{field}"
    one_only = Q(**{field: None, f"{known}__isnull": False}) | Q(**{f"{field}__isnull": False, known: None})
    return one_only | Q(**{f"{field}__lt": F(known)}) | Q(**{f"{field}__gt": F(known)})


def is_told(service: EService, today: date) -> bool:
    """Whether there is nothing to write down: one statement, however many rights there are."""
    touched = Touched.objects.filter(service=OuterRef("service"))
    return Feed.objects.filter(~Exists(touched), service=service, compared_on=today).exists()


# --- pages ---


def changes_after(service: EService, number: int, limit: int) -> list[Change]:
    """The next changes of an e-service, one more than `limit` where there is more."""
    found = Change.objects.filter(service=service, pk__gt=number).select_related("login__entity", "group")
    return list(found.order_by("pk")[: limit + 1])


def held_after(service: EService, assignment: int, limit: int) -> list[Held]:
    """The next rights of an e-service as they were announced, one more than `limit` where there is more.

    Not as they are now: what comes and goes between two looks is in no change, so it must be in no page either.
    """
    found = Held.objects.filter(service=service, pk__gt=assignment)
    return list(found.select_related("assignment__login__entity", "assignment__group").order_by("pk")[: limit + 1])


def forgotten_to(service: EService) -> int:
    """The number of the last change of an e-service that is no longer kept; 0 while all are."""
    return Feed.objects.filter(service=service).values_list("forgotten_to", flat=True).first() or 0


def last_change(service: EService) -> int:
    """The number of the newest change of an e-service, kept or not."""
    newest = Change.objects.filter(service=service).aggregate(newest=Max("pk"))["newest"]
    return newest or forgotten_to(service)
