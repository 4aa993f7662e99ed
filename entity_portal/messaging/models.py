"""Texts to send and what became of them."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from entity_portal.messaging.kinds import Kind, Mail


class Status(models.TextChoices):
    QUEUED = "queued", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Not delivered")
    UNKNOWN = "unknown", _("Not known whether it was sent")


class Purpose(models.TextChoices):
    ACTIVATION = "activation", _("Activation code")
    ACTIVATED = "activated", _("Notice of activation")
    RESET = "reset", _("Password reset code")
    USERNAME = "username", _("Forgotten username")
    LOCKED = "locked", _("Notice of a locked account")
    PASSWORD = "password", _("Notice of a changed password")
    SIGN_IN = "sign_in", _("Login code")
    SECOND_FACTOR = "factor", _("Notice of a changed second factor")
    NOTICE = "notice", _("Notification")
    APPLICATION = "application", _("News of an application")
    CONFIRMATION = "confirmation", _("Code of an application")


# Forward only: a late or repeated report changes nothing. The migration's trigger keeps the same table.
NEXT_STATUSES = {
    Status.QUEUED: {Status.SENDING, Status.FAILED},
    Status.SENDING: {Status.QUEUED, Status.SENT, Status.DELIVERED, Status.FAILED, Status.UNKNOWN},  # back: not accepted
    Status.UNKNOWN: {Status.SENT, Status.DELIVERED, Status.FAILED},
    Status.SENT: {Status.DELIVERED, Status.FAILED},
    Status.DELIVERED: set(),
    Status.FAILED: set(),
}
WAITING = (Status.QUEUED, Status.SENDING)


class SMS(models.Model):
    """A text in the outbox. Its body, which may hold a code, is emptied once it is sent or given up (Q42)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    to = models.CharField(max_length=16)  # E.164
    # Whose budget it is on, "" for nobody's; a plain number, as the cellar knows no entities. The database has its own
    # default for the release before this column, which may still run.
    entity_number = models.CharField(_("Entity number"), max_length=20, blank=True, default="", db_default="")
    purpose = models.CharField(_("Purpose"), max_length=20, choices=Purpose)
    body = models.TextField()
    status = models.CharField(_("Status"), max_length=10, choices=Status, default=Status.QUEUED)
    reason = models.CharField(max_length=40, blank=True)  # why it failed: a name from `messaging.reasons`
    provider_reference = models.CharField(_("Reference of the provider"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("Queued"), default=timezone.now)
    not_after = models.DateTimeField(null=True)  # what it says is no longer true then: never send it late
    attempts = models.PositiveSmallIntegerField(_("Attempts"), default=0, db_default=0)  # how often it was claimed
    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("SMS")
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=WAITING) | Q(body=""), name="messaging_sms_body_emptied_once_out_of_hand"
            ),
            models.CheckConstraint(
                condition=Q(status__in=WAITING, finished_at=None)
                | ~Q(status__in=WAITING) & Q(finished_at__isnull=False),
                name="messaging_sms_finished_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.SENDING) | Q(claimed_at__isnull=False), name="messaging_sms_claimed_has_time"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="messaging_sms_status_known"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="messaging_sms_purpose_known"),
            models.CheckConstraint(condition=Q(to__regex=r"^\+[1-9][0-9]{6,14}$"), name="messaging_sms_to_is_e164"),
        )
        indexes = (
            models.Index(fields=["status", "created_at"], name="messaging_sms_by_status"),
            models.Index(
                fields=["provider_reference"], condition=~Q(provider_reference=""), name="messaging_sms_by_reference"
            ),
            # What `messaging.budget` counts.
            models.Index(fields=["to", "created_at"], name="messaging_sms_by_number"),
            models.Index(fields=["entity_number", "created_at"], name="messaging_sms_by_entity"),
            models.Index(fields=["created_at"], name="messaging_sms_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.purpose} to {self.to[:5]}…: {self.status}"


class Notification(models.Model):
    """A line in somebody's inbox. What happens again on the same day, unread, counts up instead of making another."""

    recipient = models.CharField(max_length=12)  # an EUID
    entity_number = models.CharField(max_length=20)
    kind = models.CharField(max_length=30, choices=Kind)
    group_key = models.CharField(max_length=100, blank=True)  # what counts up together
    about = models.CharField(max_length=100, blank=True)  # where the latest leads: an EUID, a service, a service/group
    day = models.DateField()  # in Macau
    count = models.PositiveIntegerField(default=1)
    data = models.JSONField(default=dict)  # values of the sentence, see `messaging.kinds`
    in_digest = models.BooleanField(default=False)  # waits for the daily summary
    told_at = models.DateTimeField(null=True)  # e-mail and text, where chosen, were queued
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["recipient", "kind", "group_key", "day"],
                condition=Q(read_at=None),
                name="messaging_notification_one_unread_line",
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="messaging_notification_kind_known"),
            models.CheckConstraint(condition=Q(count__gte=1), name="messaging_notification_counts_something"),
        )
        indexes = (
            models.Index(fields=["recipient", "updated_at"], name="messaging_notification_inbox"),
            models.Index(fields=["recipient"], condition=Q(in_digest=True), name="messaging_notification_digest"),
        )

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}"


class NotificationChoice(models.Model):
    """How somebody wants to hear of a kind, beside the inbox."""

    recipient = models.CharField(max_length=12)
    kind = models.CharField(max_length=30, choices=Kind)
    email = models.CharField(max_length=10, choices=Mail)
    sms = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["recipient", "kind"], name="messaging_notificationchoice_unique"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="messaging_notificationchoice_kind_known"),
            models.CheckConstraint(condition=Q(email__in=Mail.values), name="messaging_notificationchoice_email_known"),
        )

    def __str__(self) -> str:
        return f"{self.recipient} {self.kind}: {self.email}"


class PhoneText(models.Model):
    """What the demonstration phone received. Filled by the `phone` backend only; nothing else has rows here."""

    sms_id = models.UUIDField(unique=True, null=True)  # our reference; none in what came before it was kept
    to = models.CharField(max_length=16)
    body = models.TextField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=["to", "received_at"], name="messaging_phonetext_by_number"),)

    def __str__(self) -> str:
        return f"{self.to} {self.received_at}"
