"""Second factors (django-otp devices) of a login: an authenticator application, recovery codes, the registered mobile.

The application is django-otp's `TOTPDevice`. A code is looked at only by `django_otp.verify_token`, which holds the
device: calling a device's own method lets one code in as often as it comes at once (A127).
"""

from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone
from django_otp.models import Device, ThrottlingMixin

from entity_portal.codes import OneTimeCode, digest, random_code
from entity_portal.text import alphanumeric


class SignInCode(OneTimeCode):
    """Six digits by SMS for someone who has given the right password."""

    ALPHABET = "0123456789"
    LENGTH = 6
    LIFE = timedelta(minutes=10)
    A_DAY = 20  # somebody may come in that often; the five tries are of wrong codes since the last right one

    login = models.ForeignKey("staff.StaffLogin", on_delete=models.CASCADE, related_name="sign_in_codes")

    class Meta(OneTimeCode.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"sign-in code of {self.login_id}, until {self.expires_at}"


class MobilePhone(Device):
    """The mobile number on record: proves itself by a `SignInCode`, whose five tries a day are its brake."""

    class Meta(Device.Meta):
        abstract = False
        constraints = (models.UniqueConstraint(fields=["user"], name="staff_mobilephone_one_per_login"),)

    def verify_token(self, token: str) -> bool:
        code = SignInCode.objects.filter(login_id=self.user_id, used_at=None, voided_at=None).first()
        if code is None or not code.take_try() or not code.matches(alphanumeric(token)):
            return False
        code.forget_tries()
        return code.use()


class RecoverySheet(ThrottlingMixin, Device):
    """The ten recovery codes that a login was shown once, for the day the telephone is lost."""

    CODES = 10
    ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without I, O, 0 and 1, which look like others
    LENGTH = 10  # 50 bits

    class Meta(Device.Meta):
        abstract = False
        constraints = (models.UniqueConstraint(fields=["user"], name="staff_recoverysheet_one_per_login"),)

    @classmethod
    @transaction.atomic
    def write(cls, login: models.Model) -> list[str]:
        """Make a new sheet for a login that the caller has locked; the one before is worth nothing any more."""
        cls.tear_up(login)
        sheet = cls.objects.create(user=login, name="recovery")
        codes = [random_code(cls.ALPHABET, cls.LENGTH) for _ in range(cls.CODES)]
        RecoveryCode.objects.bulk_create(RecoveryCode(sheet=sheet, digest=digest("recovery", code)) for code in codes)
        return codes

    @classmethod
    @transaction.atomic
    def tear_up(cls, login: models.Model) -> None:
        """End the codes of a login. The sheet is held before its lines, as `verify_token` does: else they deadlock."""
        for sheet in cls.objects.select_for_update().filter(user=login):
            sheet.delete()

    def get_throttle_factor(self) -> int:
        return 1  # seconds after the first wrong one, twice as many after each further one

    def verify_token(self, token: str) -> bool:
        if not self.verify_is_allowed()[0]:
            return False
        fits = self.codes.filter(digest=digest("recovery", alphanumeric(token)), used_at=None)
        if fits.update(used_at=timezone.now()) == 1:
            self.throttle_reset()
            return True
        self.throttle_increment()
        return False

    @property
    def left(self) -> int:
        """How many codes have not been used."""
        return self.codes.filter(used_at=None).count()


class RecoveryCode(models.Model):
    """One line of a sheet: its keyed digest, and when it was used."""

    sheet = models.ForeignKey(RecoverySheet, on_delete=models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["sheet", "digest"], name="staff_recoverycode_once_per_sheet"),)

    def __str__(self) -> str:
        return f"recovery code {self.pk}"
