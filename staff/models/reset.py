"""The code that proves, by SMS, that someone may set a new password (重設密碼)."""

from datetime import timedelta

from django.db import models

from entity_portal.codes import OneTimeCode


class ResetCode(OneTimeCode):
    ALPHABET = "0123456789"
    LENGTH = 6
    LIFE = timedelta(minutes=10)

    login = models.ForeignKey("staff.StaffLogin", on_delete=models.CASCADE, related_name="reset_codes")

    request = models.UUIDField(null=True)  # the browser session that asked for it

    class Meta(OneTimeCode.Meta):
        abstract = False
        indexes = (models.Index(fields=["request"], name="staff_resetcode_by_request"),)

    def __str__(self) -> str:
        return f"reset code of {self.login_id}, until {self.expires_at}"
