"""The link that proves that an e-mail address is its person's."""

import string
from datetime import timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.utils import timezone

from entity_portal.codes import OneTimeCode


class EmailChange(OneTimeCode):
    """An address that becomes a login's once the link sent there is opened. Nobody types its code, so nobody tries."""

    ALPHABET = string.ascii_letters + string.digits
    LENGTH = 32
    LIFE = timedelta(hours=24)

    login = models.ForeignKey("staff.StaffLogin", on_delete=models.CASCADE, related_name="email_changes")
    email = models.EmailField()

    class Meta(OneTimeCode.Meta):
        abstract = False
        indexes = (models.Index(fields=["digest"], name="staff_emailchange_by_digest"),)

    def __str__(self) -> str:
        return f"another e-mail address of {self.login_id}, until {self.expires_at}"

    def use(self) -> bool:
        """Use the link up, at the transaction's own time: by that the trigger knows that this is what it allows."""
        open_ = EmailChange.objects.filter(pk=self.pk, used_at=None, voided_at=None, expires_at__gt=timezone.now())
        return open_.update(used_at=TransactionNow()) == 1
