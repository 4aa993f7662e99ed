"""The catalogue of e-services (電子服務) with their service groups (服務群組), and who of an entity is in which."""

import uuid
from datetime import date

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Entity
from staff.models import StaffLogin


def in_readers_language(row: models.Model, field: str) -> str:
    """`<field>_zh`, `_pt` or `_en` of a row, whichever the reader reads."""
    return getattr(row, f"{field}_{ {'zh-hant': 'zh', 'pt': 'pt'}.get(get_language() or '', 'en') }")


def _named(model: str) -> models.CheckConstraint:
    """Everything in the catalogue has its name in all three languages (Q47)."""
    return models.CheckConstraint(
        condition=~Q(name_zh="") & ~Q(name_pt="") & ~Q(name_en=""), name=f"services_{model}_named_in_three_languages"
    )


class Catalogued(models.Model):
    """Something departments offer, with its official name in three languages."""

    name_zh = models.CharField(max_length=100)
    name_pt = models.CharField(max_length=150)
    name_en = models.CharField(max_length=150)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_zh

    @property
    def path(self) -> str:
        """The codes that lead here, as history names it: `dsal`, `entry-declaration`, `entry-declaration/operators`."""
        return self.code  # type: ignore[attr-defined]

    @property
    def name(self) -> str:
        return in_readers_language(self, "name")

    @property
    def names(self) -> dict[str, str]:
        """`name` in each language, for what is read later in a language not known yet."""
        return {"zh-hant": self.name_zh, "pt": self.name_pt, "en": self.name_en}


class Described(Catalogued):
    description_zh = models.CharField(max_length=300, blank=True)
    description_pt = models.CharField(max_length=300, blank=True)
    description_en = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def description(self) -> str:
        return in_readers_language(self, "description")


class Department(Catalogued):
    """提供服務的部門: the owner of e-services."""

    code = models.SlugField(max_length=30, unique=True)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        constraints = (_named("department"),)


class CatalogueManager(models.Model):
    """A catalogue manager looks after a department (Q1). That the login has the role is the migration's trigger."""

    login = models.ForeignKey(StaffLogin, on_delete=models.CASCADE, related_name="catalogues_managed")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="managers")
    granted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["login", "department"], name="services_cataloguemanager_once"),)

    def __str__(self) -> str:
        return f"{self.login_id} for {self.department_id}"


class EService(Described):  # type: ignore[django-manager-missing]  # of the toolkit's tables
    """電子服務"""

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="services")
    code = models.SlugField(max_length=40, unique=True)
    url = models.URLField(blank=True)  # where it is used; "" where the department tells it otherwise (S6.1)
    platform_managed = models.BooleanField(default=True, db_default=True)  # else its department keeps the list (S13.2)
    withdrawn_at = models.DateTimeField(null=True)  # by its department; what was assigned stays and rests (Q24)

    class Meta:
        verbose_name = _("e-service")
        verbose_name_plural = _("e-services")
        constraints = (
            _named("eservice"),
            models.CheckConstraint(
                condition=Q(url="") | Q(url__startswith="https://") | Q(url__startswith="/"),  # a page of our own
                name="services_eservice_url_is_https",
            ),
        )

    def clean(self) -> None:
        super().clean()
        if self.url and not self.url.startswith("https://"):
            raise ValidationError({"url": ValidationError(_("The address begins with https://."), code="https")})


class ServiceGroup(Described):
    """服務群組: a kind of work inside an e-service (S13.3).

    While its members are moved to `merged_into`, entity by entity, they keep their rights, and nobody is added.
    """

    service = models.ForeignKey(EService, on_delete=models.PROTECT, related_name="groups")
    code = models.SlugField(max_length=40)
    withdrawn_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")

    class Meta:
        verbose_name = _("service group")
        verbose_name_plural = _("service groups")
        constraints = (
            models.UniqueConstraint(fields=["service", "code"], name="services_servicegroup_unique_in_service"),
            _named("servicegroup"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="services_servicegroup_not_into_itself"
            ),
        )

    @property
    def path(self) -> str:
        return f"{self.service.code}/{self.code}"

    @property
    def takes_people(self) -> bool:
        return self.withdrawn_at is None and self.merged_into_id is None

    def hold_for_members(self) -> bool:
        """Read anew whether it takes people; what this says stays so until the transaction ends.

        Any number hold it at once. Whoever closes it takes the row FOR UPDATE, and so waits for them.
        """
        columns = "withdrawn_at IS NULL AND merged_into_id IS NULL"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM services_servicegroup WHERE id = %s FOR KEY SHARE", [self.pk])  # noqa: S608
            return bool(cursor.fetchone()[0])


class OpeningStatus(models.TextChoices):
    OPEN = "open", _("Open")
    SUSPENDED = "suspended", _("Suspended")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Opening(models.Model):
    """A department has opened an e-service to an entity (S13.1)."""

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="openings")
    service = models.ForeignKey(EService, on_delete=models.PROTECT, related_name="openings")
    status = models.CharField(_("Status"), max_length=10, choices=OpeningStatus, default=OpeningStatus.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)  # when the status became what it is

    class Meta:
        verbose_name = _("opening of an e-service")
        verbose_name_plural = _("openings of e-services")
        constraints = (
            models.UniqueConstraint(fields=["entity", "service"], name="services_opening_once_per_entity"),
            models.CheckConstraint(condition=Q(status__in=OpeningStatus.values), name="services_opening_status_known"),
        )

    def __str__(self) -> str:
        return f"{self.service_id} for {self.entity_id}: {self.status}"

    @property
    def standing(self) -> str:
        """The status, with what its department has done to the whole e-service."""
        return OpeningStatus.WITHDRAWN if self.service.withdrawn_at else self.status


def days_in_words(first: date | None, last: date | None) -> str:
    """From when until when somebody is assigned, in the reader's language."""
    if first and last:
        return gettext("%(first)s to %(last)s") % {"first": first, "last": last}
    if first:
        return gettext("from %(first)s") % {"first": first}
    return gettext("until %(last)s") % {"last": last} if last else gettext("no first or last day")


class Assignment(models.Model):
    """A login is a member of a service group (S13.4), from `valid_from` to `valid_until` where given, until it ends.

    An ended one stays as a fact. That login, opening and entity belong together is the migration's trigger.
    """

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="assignments")
    login = models.ForeignKey(StaffLogin, on_delete=models.PROTECT, related_name="assignments")
    group = models.ForeignKey(ServiceGroup, on_delete=models.PROTECT, related_name="assignments")
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)  # the last day
    end_told_for = models.DateField(null=True)  # the day, 30 or 7 before the end, of the last notice of it
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["login", "group"], condition=Q(ended_at=None), name="services_assignment_unique_while_it_lasts"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="services_assignment_ends_after_it_begins",
            ),
        )
        indexes = (
            models.Index(fields=["entity", "group"], condition=Q(ended_at=None), name="services_assignment_members"),
            models.Index(
                fields=["valid_until"],
                condition=Q(ended_at=None, valid_until__isnull=False),
                name="services_assignment_ending",
            ),
        )

    def __str__(self) -> str:
        return f"{self.login_id} in {self.group_id}"

    @property
    def days(self) -> str:
        return days_in_words(self.valid_from, self.valid_until)

    @property
    def is_to_begin(self) -> bool:
        return self.valid_from is not None and self.valid_from > timezone.localdate()

    @property
    def is_over(self) -> bool:
        """Its last day has passed; it stays on the lists until somebody takes the person out or gives another day."""
        return self.valid_until is not None and self.valid_until < timezone.localdate()


class MemberCount(models.Model):
    """How many people of an entity are in a group, or, without a group, in any group of an e-service (`lasting`).

    Kept by the migration's triggers.
    """

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    service = models.ForeignKey(EService, on_delete=models.PROTECT, related_name="+", db_index=False)
    group = models.ForeignKey(ServiceGroup, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    n = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["entity", "service", "group"], nulls_distinct=False, name="services_membercount_once"
            ),
            models.CheckConstraint(condition=Q(n__gte=0), name="services_membercount_not_below_none"),
        )

    def __str__(self) -> str:
        return f"{self.n} of {self.entity_id} in {self.group_id or self.service_id}"


class ServiceAdministrator(models.Model):
    """The 服務管理員 power of a login (section 十六): for all services, or narrowed to those in `services` (Q23).

    That login, services and entity belong together is the migrations' triggers.
    """

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="service_administrators")
    login = models.OneToOneField(StaffLogin, on_delete=models.PROTECT, related_name="service_administration")
    narrowed = models.BooleanField(default=False, db_default=False)  # then `services` are all it reaches, or none
    services = models.ManyToManyField(EService, blank=True, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"service administrator {self.login_id}"

    @property
    def reach(self) -> str | list[str]:
        """As history keeps it: "all", or the codes of the chosen e-services."""
        return sorted(service.code for service in self.services.all()) if self.narrowed else "all"


class ErrandKind(models.TextChoices):
    OPEN = "open", _("Open the e-service to many entities")
    MERGE = "merge", _("Merge a service group into another")
    TELL = "tell", _("Tell entities what was withdrawn or reopened")


class Errand(models.Model):
    """What an officer has ordered and the worker does, some entities in each transaction; `reached` is the last one.

    One that is not confirmed is a preview: nothing has happened.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=10, choices=ErrandKind)
    service = models.ForeignKey(EService, on_delete=models.PROTECT, related_name="errands")
    group = models.ForeignKey(ServiceGroup, on_delete=models.PROTECT, null=True, related_name="errands")
    by = models.ForeignKey(StaffLogin, on_delete=models.PROTECT, related_name="+")
    told = models.JSONField(default=dict)  # which entities, or what became of the group
    total = models.PositiveIntegerField(default=0)  # entities, as counted when it was confirmed
    done = models.PositiveIntegerField(default=0)
    reached = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=ErrandKind.values), name="services_errand_kind_known"),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(confirmed_at__isnull=False), name="services_errand_confirmed_first"
            ),
        )
        verbose_name = _("job of the worker")
        verbose_name_plural = _("jobs of the worker")
        indexes = (
            models.Index(fields=["created_at"], condition=Q(finished_at=None), name="services_errand_unfinished"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.done} of {self.total}"

    @property
    def progress(self) -> str:
        """How far it is, in words."""
        if self.confirmed_at is None:
            return gettext("Not confirmed")
        if self.finished_at:
            return gettext("Done")
        return gettext("%(done)d of %(total)d entities") % {"done": self.done, "total": self.total}
