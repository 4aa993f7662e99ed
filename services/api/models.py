"""What the API has told each e-service: of which logins, by which name, and which rights, with every change of them.

Rights themselves are computed when they are asked for (`services.queries`); here stands only what was announced.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from services.models import Assignment, EService, ServiceGroup
from services.queries import Refusal
from staff.models import StaffLogin


class Feed(models.Model):
    """The changes of one e-service. Whoever writes any holds this row, so they commit in the order of their numbers."""

    service = models.OneToOneField(EService, on_delete=models.PROTECT, primary_key=True, related_name="feed")
    forgotten_to = models.BigIntegerField(default=0)  # the number of the last change that is no longer kept
    compared_on = models.DateField(null=True)  # the day on which all rights were last compared, not only touched ones

    def __str__(self) -> str:
        return f"changes of {self.service_id}"


class Touched(models.Model):
    """A right may have begun or ended, or all at this e-service may have: written by the database (migration 0002)."""

    service = models.ForeignKey(EService, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    assignment = models.ForeignKey(
        Assignment, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )

    def __str__(self) -> str:
        return f"{self.service_id}: {self.assignment_id}"


class Held(models.Model):
    """A right as the e-service knows it: the assignment that gives it, and the dates it was told."""

    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, primary_key=True, related_name="held")
    service = models.ForeignKey(EService, on_delete=models.PROTECT, related_name="+", db_index=False)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)

    class Meta:
        indexes = (models.Index(fields=["service", "assignment"], name="api_held_of_service"),)

    def __str__(self) -> str:
        return f"{self.service_id}: {self.assignment_id}"

    @property
    def login(self) -> StaffLogin:
        return self.assignment.login

    @property
    def group(self) -> ServiceGroup:
        return self.assignment.group


class ChangeKind(models.TextChoices):
    GAINED = "gained"
    LOST = "lost"
    DATES_CHANGED = "dates_changed"


class Change(models.Model):
    """Somebody gained or lost a right at an e-service, or it has other dates. Its number is the e-service's cursor."""

    id = models.BigAutoField(primary_key=True)
    service = models.ForeignKey(EService, on_delete=models.PROTECT, related_name="+", db_index=False)
    login = models.ForeignKey(StaffLogin, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(ServiceGroup, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=13, choices=ChangeKind)
    reason = models.CharField(max_length=30, choices=Refusal, blank=True)  # of a lost one
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind=ChangeKind.LOST, reason__in=Refusal.values)
                | Q(kind__in=[ChangeKind.GAINED, ChangeKind.DATES_CHANGED], reason=""),
                name="api_change_says_why",
            ),
        )
        indexes = (
            models.Index(fields=["service", "id"], name="api_change_of_service"),
            models.Index(fields=["service", "at"], name="api_change_of_day"),
        )

    def __str__(self) -> str:
        return f"{self.service_id}: {self.login_id} {self.kind} {self.group_id}"


class Told(models.Model):
    """A name (`sub`) under which an e-service was told of a login. A pairwise one nobody can work out again."""

    service = models.ForeignKey(EService, on_delete=models.PROTECT, related_name="+", db_index=False)
    subject = models.CharField(max_length=64)
    login = models.ForeignKey(StaffLogin, on_delete=models.PROTECT, related_name="told")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["service", "subject"], name="api_told_once"),)

    def __str__(self) -> str:
        return f"{self.service_id}: {self.login_id}"
