"""Activation codes (啟動碼), and the terms a person accepts with them."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from entity_portal.codes import MAX_TRIES, OneTimeCode
from entity_portal.messaging.models import SMS
from staff.models import StaffLogin, Status


class ActivationCode(OneTimeCode):
    """A code sent once, by SMS, to the mobile number the login had then (Q15)."""

    ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without I, O, 0 and 1, which look like others
    LENGTH = 8
    LIFE = timedelta(hours=72)

    login = models.ForeignKey(StaffLogin, on_delete=models.CASCADE, related_name="activation_codes")
    mobile = models.CharField(max_length=16)  # a corrected number makes what went to the wrong one worthless
    sms = models.ForeignKey(SMS, on_delete=models.SET_NULL, null=True, related_name="+")
    reminded_at = models.DateTimeField(null=True)  # the administrators were told that nobody has used it

    class Meta(OneTimeCode.Meta):
        abstract = False
        indexes = (
            models.Index(fields=["login", "-created_at"], name="activation_code_by_login"),
            models.Index(
                fields=["created_at"],
                condition=models.Q(used_at=None, voided_at=None, reminded_at=None),
                name="activation_code_waiting",
            ),
        )

    def __str__(self) -> str:
        return f"activation code of {self.login_id}, until {self.expires_at}"

    @property
    def state(self) -> str:
        """open, used, void (newer one, new number, person left), expired, or burnt (five wrong tries)."""
        if self.used_at:
            return "used"
        if self.voided_at or self.mobile != self.login.mobile or self.login.status == Status.DEPARTED:
            return "void"
        if self.tries >= MAX_TRIES:
            return "burnt"
        return "expired" if self.expires_at <= timezone.now() else "open"


class TermsVersion(models.Model):
    """The terms of S5.13 in one language and version; the texts stand in `activation.terms`."""

    version = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    text = models.JSONField()  # [{"text": str, "parts": [str]}] in the order of the numbers
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["version", "language"], name="activation_termsversion_once_per_language"),
        )

    def __str__(self) -> str:
        return f"{self.version} {self.language}"


class TermsAcceptance(models.Model):
    """Who accepted which version, in which language, when (Q6)."""

    login = models.ForeignKey(StaffLogin, on_delete=models.PROTECT, related_name="terms_acceptances")
    terms = models.ForeignKey(TermsVersion, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["login", "terms"], name="activation_termsacceptance_once"),)

    def __str__(self) -> str:
        return f"{self.login_id} accepted {self.terms_id}"
