"""What the sandbox remembers of browsers: as every e-service, it keeps its sessions on its own side."""

import secrets
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

LASTS = timedelta(hours=8)


def new_key() -> str:
    return secrets.token_urlsafe(32)


class Visit(models.Model):
    """A browser that signs in (`pending`: what must come back) or has (`tokens`, and what they say)."""

    key = models.CharField(max_length=64, primary_key=True, default=new_key)  # the browser's cookie
    pending = models.JSONField(default=dict)
    tokens = models.JSONField(default=dict)
    claims = models.JSONField(default=dict)  # of the ID token
    userinfo = models.JSONField(default=dict)
    sub = models.CharField(max_length=64, default="", db_index=True)
    sid = models.CharField(max_length=64, default="", db_index=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.sub or "not yet"

    @classmethod
    def of(cls, key: str) -> "Visit | None":
        return cls.objects.filter(key=key, created_at__gt=timezone.now() - LASTS).first()

    @classmethod
    def forget(cls) -> None:
        """Delete what is over."""
        cls.objects.filter(created_at__lte=timezone.now() - LASTS).delete()

    @classmethod
    def end(cls, told: dict[str, Any]) -> None:
        """The portal says that a session, or everything of a person, is over (Back-Channel Logout 1.0 2.7)."""
        by = {"sid": told["sid"]} if "sid" in told else {"sub": told["sub"]}
        cls.objects.filter(**by).delete()
