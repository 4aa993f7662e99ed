"""Officers: logins of the entity that keeps the portal, with the roles they have there (Q1)."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from entity_portal.roles import Role


class OfficerRole(models.Model):
    """A role of an officer, while the row is there. That the login is an officer's is the migration's trigger."""

    login = models.ForeignKey("staff.StaffLogin", on_delete=models.CASCADE, related_name="officer_roles")
    role = models.CharField(max_length=20, choices=Role)
    granted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["login", "role"], name="staff_officerrole_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="staff_officerrole_known"),
        )

    def __str__(self) -> str:
        return f"{self.login_id}: {self.role}"
