"""A question that a person answers easily and a script not at once: a picture, a sound, or a small sum (Q7)."""

import secrets
from datetime import datetime, timedelta

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext as _

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # without I, O and Q, which look like others
LIFE = timedelta(minutes=5)


class Kind(models.TextChoices):
    PICTURE = "picture"
    AUDIO = "audio"  # for those who cannot see the picture
    SUM = "sum"  # for those who can neither see nor hear it


def new_key() -> str:
    return secrets.token_urlsafe(24)


def end_of_life() -> datetime:
    return timezone.now() + LIFE


class Challenge(models.Model):
    """One question, asked once: whoever answers it, rightly or wrongly, uses it up."""

    key = models.CharField(primary_key=True, max_length=40, default=new_key)
    kind = models.CharField(max_length=10, choices=Kind)
    task = models.CharField(max_length=10)  # the five letters, the six digits, or "7+4"
    browser = models.CharField(max_length=40, db_default="")  # that was asked; "": whoever has the key
    expires_at = models.DateTimeField(default=end_of_life, db_index=True)

    def __str__(self) -> str:
        return f"{self.kind} until {self.expires_at}"

    @classmethod
    def ask(cls, kind: str, browser: str = "") -> "Challenge":
        """Make a new question for a browser, and forget those whose time is over."""
        cls.objects.filter(expires_at__lt=timezone.now()).delete()
        if kind == Kind.SUM:
            task = f"{secrets.randbelow(9) + 1}+{secrets.randbelow(9) + 1}"
        elif kind == Kind.AUDIO:
            task = f"{secrets.randbelow(10**6):06}"
        else:
            task = "".join(secrets.choice(LETTERS) for _position in range(5))
        return cls.objects.create(kind=kind, task=task, browser=browser)

    @property
    def question(self) -> str:
        """The sum in words; "" for a picture and a sound, which must not be told."""
        if self.kind != Kind.SUM:
            return ""
        first, second = self.task.split("+")
        return _("How much is %(first)s plus %(second)s?") % {"first": first, "second": second}

    def answers(self, text: str) -> bool:
        if self.kind == Kind.SUM:
            return text == str(sum(int(number) for number in self.task.split("+")))
        return text.upper() == self.task

    @classmethod
    def answer(cls, key: str, text: str, browser: str = "") -> bool:
        """Whether `text` answers the question in the browser that was asked (A33).

        One statement is gate and reading: of many posts at once, one.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {cls._meta.db_table} "  # noqa: S608  a constant
                "WHERE key = %s AND browser IN ('', %s) AND expires_at > %s RETURNING kind, task",
                [key, browser, timezone.now()],
            )
            row = cursor.fetchone()
        return row is not None and cls(kind=row[0], task=row[1]).answers(text)
