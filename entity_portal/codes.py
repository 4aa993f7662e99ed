"""One-time codes: made at random, kept as a keyed digest, tried a few times, used once.

A try is taken by one conditional UPDATE **before** anything is compared, so that guesses sent at once cannot get past
the limit (the pattern of CVE-2024-4629).
"""

import hmac
import secrets
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

MAX_TRIES = 5  # Q15
PER_DAY = 5
APART = timedelta(minutes=1)


class TooSoon(Exception):
    """A code was sent less than a minute ago. `wait` says how long to wait."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait


class TooManyToday(Exception):
    """Five codes were sent today, or today's five tries are used up; a new code gives no new tries."""


def digest(purpose: str, code: str) -> str:
    """The HMAC-SHA-256, in hex, of a code for a purpose: without the server's key it cannot be tried offline."""
    return hmac.new(settings.CODE_KEY.encode(), f"{purpose}|{code}".encode(), "sha256").hexdigest()


def random_code(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def rules(whose: str) -> tuple[models.BaseConstraint, ...]:
    """What the database keeps about codes for the rows that the field `whose` points to."""
    return (
        models.UniqueConstraint(
            fields=[whose],
            condition=Q(used_at=None, voided_at=None),
            name=f"%(app_label)s_%(class)s_one_open_per_{whose}",
        ),
        models.CheckConstraint(
            condition=Q(used_at=None) | Q(voided_at=None), name="%(app_label)s_%(class)s_used_or_voided_never_both"
        ),
        models.CheckConstraint(condition=Q(tries__lte=MAX_TRIES), name="%(app_label)s_%(class)s_at_most_five_tries"),
    )


class OneTimeCode(models.Model):
    """What codes have in common; a concrete code adds its alphabet and, by the name in WHOSE, the row it is for.

    A code is open while it is neither used nor voided; a new one voids the old.
    """

    WHOSE = "login"
    ALPHABET: str
    LENGTH: int
    LIFE: timedelta
    A_DAY = PER_DAY

    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        constraints = rules("login")

    @classmethod
    @transaction.atomic
    def issue(cls, **fields: Any) -> tuple[Self, str]:
        """Make a new code for the row it is for, which the caller has locked; return its own row and the code itself.

        `fields` are the code's own, among them the one in WHOSE. The open code is voided (Q15). Tries already used
        today go on counting.

        Raises:
            TooSoon: one a minute.
            TooManyToday: five a day, and five tries a day over all of them.
        """
        now = timezone.now()
        midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        sent = cls._default_manager.filter(**{cls.WHOSE: fields[cls.WHOSE]})
        last = sent.select_for_update().order_by("-created_at").first()  # a try taken meanwhile must count
        if last and now < last.created_at + APART:
            raise TooSoon(last.created_at + APART - now)
        today = sent.filter(created_at__gte=midnight)
        used_tries = last.tries if last and last.created_at >= midnight else 0
        if today.count() >= cls.A_DAY or used_tries >= MAX_TRIES:
            raise TooManyToday
        sent.filter(used_at=None, voided_at=None).update(voided_at=now)
        code = random_code(cls.ALPHABET, cls.LENGTH)
        row = cls._default_manager.create(
            digest=cls.digest_of(code),
            created_at=now,
            expires_at=now + cls.LIFE,
            tries=used_tries,
            **fields,
        )
        return row, code

    @classmethod
    def digest_of(cls, code: str) -> str:
        return digest(cls._meta.label_lower, code)

    @property
    def is_open(self) -> bool:
        """Neither used nor voided, in time, and with tries left."""
        return (
            self.used_at is None
            and self.voided_at is None
            and self.tries < MAX_TRIES
            and timezone.now() < self.expires_at
        )

    def matches(self, code: str) -> bool:
        return hmac.compare_digest(self.digest, self.digest_of(code))

    def take_try(self) -> bool:
        """Count a try, in one statement, if the code is open; without a try nobody may compare anything.

        Call it outside a transaction that might roll the count back.
        """
        rows = type(self)._default_manager.filter(
            pk=self.pk, used_at=None, voided_at=None, tries__lt=MAX_TRIES, expires_at__gt=timezone.now()
        )
        return rows.update(tries=F("tries") + 1) == 1

    def give_try_back(self) -> None:
        """The try was right: it does not count."""
        type(self)._default_manager.filter(pk=self.pk, tries__gt=0).update(tries=F("tries") - 1)

    def forget_tries(self) -> None:
        """Whoever had this code was right: the wrong tries of today, over all codes, no longer count."""
        type(self)._default_manager.filter(pk=self.pk).update(tries=0)

    def use(self) -> bool:
        """Use the code up, in one statement; False if someone else was first, or it is no longer open."""
        now = timezone.now()
        rows = type(self)._default_manager.filter(pk=self.pk, used_at=None, voided_at=None, expires_at__gt=now)
        return rows.update(used_at=now) == 1
