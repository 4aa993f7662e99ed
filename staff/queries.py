"""Questions about the logins of an entity that outgrow a queryset."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Entity, SecondFactor
from entity_portal.audit.models import Event
from entity_portal.codes import MAX_TRIES
from entity_portal.rows import one_of, only
from entity_portal.text import alphanumeric, bare
from staff.models import Headcount, RecoverySheet, StaffLogin, Status, of_document

SETTING_UP = timedelta(minutes=15)
FEW = 2_000  # people whom a search names one by one
LOCKED = Q(status=Status.ACTIVE, locked_at__isnull=False)
DEPARTED = ExpressionWrapper(Q(status=Status.DEPARTED), output_field=BooleanField())
PRESENT = ~Q(status=Status.DEPARTED)
# Powers end with the login (Q25).
# They come first in the usual order, whose index finds them among 20,000.
ADMINISTRATOR = PRESENT & Q(is_administrator=True, rank=0)
SERVICE_ADMINISTRATOR = PRESENT & Q(assigns=True)
# How a column orders; names by their keys (`entity_portal.collation`). By role, the usual order, those who have
# departed and so have none come last.
SORTS = {
    "username": ("username",),
    "name_zh": ("name_zh_key", "name_foreign_key"),
    "name_foreign": ("name_foreign_key",),
    "status": ("status", "name_foreign_key"),
    "role": ("rank", "name_foreign_key"),
}
DEFAULT_SORT = "role"


def by_name(*, of: str = "") -> tuple[str, ...]:
    """The order of names as the reader sees them (`StaffLogin.name`): whoever reads Chinese sees Chinese names.

    `of` is the prefix by which a row finds its login.
    """
    names = ("name_zh_key", "name_foreign_key") if get_language() == "zh-hant" else ("name_foreign_key",)
    return tuple(f"{of}{name}" for name in (*names, "euid"))


def find(
    entity: Entity, *, q: str = "", by_document: bool = False, status: str = "", role: str = "", sort: str = ""
) -> QuerySet[StaffLogin]:
    """The logins of an entity that fit, ordered by a key of `SORTS`, by "-key" downwards.

    `by_document`: `q` did not stand in an address to be read, so it may be a document number (ASVS 14.2.1).
    """
    logins = entity.logins.defer("password")
    logins = named(logins, entity, q, by_document=by_document)
    if status == "locked":
        logins = logins.filter(LOCKED)
    elif status:
        logins = logins.filter(status=status)
    if role == "administrator":
        logins = logins.filter(ADMINISTRATOR)
    elif role == "service_administrator":
        logins = logins.filter(SERVICE_ADMINISTRATOR)
    key = sort.removeprefix("-")
    order: list[Any] = list(SORTS.get(key, SORTS[DEFAULT_SORT]))
    if sort.startswith("-"):
        order[0] = f"-{order[0]}"
        if key == "role":
            order.insert(0, DEPARTED)  # who has none comes last, this way too
    return logins.order_by(*order, "euid")


def named(rows: QuerySet[Any], entity: Entity, q: str, *, of: str = "", by_document: bool = False) -> QuerySet[Any]:
    """Those of whom each word of `q` stands in a name or the username, accents or not, or begins the EUID.

    `rows` are logins of the entity, or rows that lead to one by the prefix `of`. `by_document`: or whose document
    number it is, whole, as no part of an encrypted number can be looked for.
    """
    if not q:
        return rows
    # All that is asked stands in one index, so no row is read for nothing. PostgreSQL would join a sub-query away.
    found = list(entity.logins.filter(_named(q, "", by_document)).values_list("pk", flat=True)[: FEW + 1])
    if len(found) <= FEW:
        return rows.filter(one_of(f"{of}pk", found))
    return rows.filter(_named(q, of, by_document))  # so many that the first of them are soon met


def _named(q: str, of: str, by_document: bool) -> Q:
    found, number = Q(), alphanumeric(q)
    for word in q.split():
        found &= Q(**{f"{of}spelled__contains": bare(word)}) | Q(**{f"{of}euid__startswith": word.upper()})
    if by_document and len(number) >= 4:
        found |= of_document(number, of=of)
    return found


def officers(house: Entity, *, q: str = "", role: str = "", who: str = "") -> QuerySet[StaffLogin]:
    """The officers of the authority that fit, by name, with their roles; `who` "everyone" takes all its logins (Q1)."""
    logins = find(house, q=q, sort="name_foreign").prefetch_related("officer_roles")
    if who != "everyone":
        logins = logins.filter(is_staff=True)
    return logins.filter(is_staff=True, officer_roles__role=role) if role else logins


def latest_code(login: StaffLogin) -> Any:
    """`{"at": …, "days": …, "sms": …}` of the activation code sent last, when and how many days ago; None if none was.

    From `activation_codes` as they were fetched with the login: the room above keeps them.
    """
    codes = sorted(login.activation_codes.all(), key=lambda code: code.created_at)
    if not codes:
        return None
    days = (timezone.localdate() - timezone.localdate(codes[-1].created_at)).days
    return {"at": codes[-1].created_at, "days": days, "sms": codes[-1].sms}


def heads(entity: Entity) -> list[Headcount]:
    """How many logins of an entity are alike: what `how_many` adds up. Nobody is counted for it."""
    return list(Headcount.objects.filter(entity=entity))


def how_many(heads: Iterable[Headcount], *, status: str = "", role: str = "", present: bool = False) -> int:
    """How many logins `find` finds with this status, but for "locked", and this role; `present`: but for 已離職."""
    fits = {
        "": lambda kept: not present or kept.status != Status.DEPARTED,
        "administrator": lambda kept: kept.is_administrator and kept.status != Status.DEPARTED,
        "service_administrator": lambda kept: kept.assigns and kept.status != Status.DEPARTED,
    }[role]
    return sum(kept.n for kept in heads if status in ("", kept.status) and fits(kept))


def counts(entity: Entity) -> dict[str, int]:
    """How many logins an entity has.

    total, active, pending, locked, administrators, administrators_active, service_administrators.
    """
    # They are few, and have an index. Whoever is locked is one of those who are kept.
    n = StaffLogin.objects.filter(LOCKED, entity=OuterRef("entity")).order_by().values("entity").annotate(n=Count("pk"))
    kept = list(Headcount.objects.filter(entity=entity).annotate(locked=Coalesce(Subquery(n.values("n")), 0)))
    return {
        "total": how_many(kept),
        "active": how_many(kept, status=Status.ACTIVE),
        "pending": how_many(kept, status=Status.PENDING),
        "locked": kept[0].locked if kept else 0,
        "administrators": how_many(kept, role="administrator"),
        "administrators_active": how_many(kept, status=Status.ACTIVE, role="administrator"),
        "service_administrators": how_many(kept, role="service_administrator"),
    }


# --- the second factor ---


def app_of(login: StaffLogin) -> TOTPDevice | None:
    """The authenticator application that the login has set up."""
    return only(TOTPDevice.objects.filter(user=login, confirmed=True))  # it has one at most


def app_begun(login: StaffLogin, pk: int) -> TOTPDevice | None:
    """The application that is being set up, of this key, for a quarter of an hour at most."""
    since = timezone.now() - SETTING_UP
    return TOTPDevice.objects.filter(pk=pk, user=login, confirmed=False, created_at__gt=since).first()


def sheet_of(login: StaffLogin) -> RecoverySheet | None:
    """The recovery codes of the login, used and unused."""
    return RecoverySheet.objects.filter(user=login).first()


def factor_demanded(login: StaffLogin) -> bool:
    """A password alone does not do: an officer, or one of those of whom the entity demands more."""
    demanded = login.entity.second_factor
    return (
        login.is_staff
        or demanded == SecondFactor.ALL
        or (demanded == SecondFactor.ADMINISTRATORS and login.is_administrator)
    )


def not_alone(logins: QuerySet[StaffLogin]) -> QuerySet[Any]:
    """Logins that say by `not_alone` whether their entity has another administrator."""
    others = StaffLogin.objects.filter(ADMINISTRATOR, entity=OuterRef("entity")).exclude(pk=OuterRef("pk"))
    return logins.annotate(not_alone=Exists(others))


def sms_accepted(login: StaffLogin) -> bool:
    """Whether a code by SMS may be the second step.

    After a reset by SMS not until the application or a recovery code has been used again: one telephone would prove
    both (ASVS 6.4.3). For officers only until they have set an application up.
    """
    app, sheet = app_of(login), sheet_of(login)
    if app is None:
        return True
    if login.is_staff:
        return False
    reset = login.reset_codes.aggregate(last=Max("used_at"))["last"]
    recovered = sheet.codes.aggregate(last=Max("used_at"))["last"] if sheet else None
    proofs = [at for at in (app.created_at, app.last_used_at, recovered) if at]
    return reset is None or any(at > reset for at in proofs)


def sms_state(login: StaffLogin) -> dict[str, Any]:
    """What is true of codes by SMS: `sent_at` of the one that is open, `tries_left`, and `used_up` for today."""
    last = login.sign_in_codes.order_by("-created_at").first()
    today = bool(last and timezone.localdate(last.created_at) == timezone.localdate())
    left = MAX_TRIES - last.tries if last and today else MAX_TRIES
    return {"sent_at": last.created_at if last and last.is_open else None, "tries_left": left, "used_up": left <= 0}


def visits(login: StaffLogin) -> QuerySet[Event]:
    """Who came in, or tried to, and what was done at the door: the newest first."""
    return Event.objects.filter(
        entity_number__in=login.entity.numbers, target=login.euid, action__startswith="door."
    ).order_by("-id")
