"""The history: who did what to whom when. Append-only by trigger, chained by hash within an entity.

It knows no room above: it stores plain values, never a key to a row of ours, so a line outlives what it speaks of.
`seq`, `at`, `prev_hash` and `hash` are set by the database; see the migration.
"""

from django.db import models
from django.db.models import Q

from entity_portal.audit.actions import Action

KNOWN = frozenset(Action.values)


class Event(models.Model):
    """One line. `entity_number` is "" for what belongs to no entity."""

    id = models.BigAutoField(primary_key=True)
    entity_number = models.CharField(max_length=20)
    seq = models.BigIntegerField(null=True, editable=False)
    at = models.DateTimeField(null=True, editable=False)
    actor = models.CharField(max_length=12, blank=True)  # EUID; "" for the system or someone not signed in
    actor_label = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=60, choices=Action)
    target = models.CharField(max_length=60, blank=True)  # EUID, or what the action is about
    data = models.JSONField(default=dict)  # old and new, never a code, password or whole document number
    prev_hash = models.BinaryField(null=True, editable=False)
    hash = models.BinaryField(null=True, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["entity_number", "seq"], name="audit_event_seq_unique_in_entity"),
        )
        indexes = (
            models.Index(fields=["entity_number", "target", "-id"], name="audit_event_by_target"),
            models.Index(fields=["entity_number", "-at", "-id"], name="audit_event_by_time", include=["action"]),
            # For auditors, who look across entities.
            models.Index(fields=["-at", "-id"], name="audit_event_newest"),
            models.Index(fields=["action", "-at", "-id"], name="audit_event_by_action"),
            models.Index(fields=["actor", "-at", "-id"], name="audit_event_by_actor", condition=~Q(actor="")),
            models.Index(fields=["target", "-at", "-id"], name="audit_event_of_target", condition=~Q(target="")),
        )

    def __str__(self) -> str:
        return f"{self.entity_number}/{self.seq} {self.action} {self.target}"

    def get_action_display(self) -> str:  # type: ignore[no-redef]
        """The label; Django's own makes a dictionary of all labels, translated, for every line of a list."""
        return str(Action(self.action).label) if self.action in KNOWN else self.action
