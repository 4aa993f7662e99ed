"""Sessions, as rows that say whose they are, where from and when used last (ASVS 7.5.2).

The row's key is a digest of the key in the cookie: whoever reads the database cannot enter with it, and pages may name
a session by it.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import DatabaseError, models
from django.utils import timezone
from django.utils.crypto import get_random_string
from ua_parser import parse

from entity_portal.messaging.notifications import with_unread
from entity_portal.rows import only

IDLE = timedelta(seconds=settings.SESSION_COOKIE_AGE)
ABSOLUTE = timedelta(hours=8)  # however busy
AT_MOST = 5  # of one login at a time; the one used longest ago ends (ASVS 7.1.2)


def digest(key: str | None) -> str:
    return sha256((key or "").encode()).hexdigest()[:40]


class Session(AbstractBaseSession):
    sid = models.UUIDField(null=True)  # names the session to rooms above; stays when the key changes
    login = models.ForeignKey("staff.StaffLogin", on_delete=models.CASCADE, null=True, related_name="sessions")
    since = models.DateTimeField(null=True)  # signed in
    used_at = models.DateTimeField(null=True)  # to the minute
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)  # what the browser says it is

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        constraints = (
            models.CheckConstraint(
                condition=models.Q(login=None) | models.Q(since__isnull=False, used_at__isnull=False),
                name="staff_session_signed_in_has_times",
            ),
        )
        indexes = (
            models.Index(fields=["login", "-used_at"], name="staff_session_by_login"),
            models.Index(fields=["sid"], name="staff_session_by_sid"),
        )

    @classmethod
    def get_session_store_class(cls) -> type["SessionStore"]:
        return SessionStore

    @property
    def device(self) -> str:
        """`Chrome, Windows`: the browser and the system it runs on, as far as it says so; "" where it says nothing."""
        return device(self.agent)


def device(agent: str) -> str:
    """The browser and the system that a User-Agent header names: `Firefox, Android`."""
    found = parse(agent)
    parts = [part.family for part in (found.user_agent, found.os) if part]
    return ", ".join(parts)


class SessionStore(DatabaseStore):
    """Django's sessions in the database, in rows of `Session`; half an hour idle, eight hours in all (A71).

    Whose session it is comes with it, as `login`: one statement of each page less.
    """

    login: Any = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    @property
    def row_key(self) -> str:
        """The key of this session's row, which pages may show."""
        return digest(self.session_key)

    def _get_session_from_db(self) -> Session | None:
        rows = Session.objects.filter(session_key=self.row_key, expire_date__gt=timezone.now())
        row = only(with_unread(rows.select_related("login__entity"), of="login__"))
        if row is None:
            self._session_key = None
        elif row.login:
            self.login, row.login.unread = row.login, row.unread
        return row

    def save(self, must_create: bool = False) -> None:
        """Django takes every fault of the database for a session that was ended: only no row to change is that (P1).

        Raises:
            UpdateError: somebody ended it meanwhile.
            DatabaseError: PostgreSQL was away, or refused.
        """
        try:
            super().save(must_create)
        except UpdateError as error:
            cause = error.__context__
            if isinstance(cause, DatabaseError) and type(cause) is not DatabaseError:
                raise cause from cause.__cause__
            raise

    def exists(self, session_key: str) -> bool:
        return self.model.objects.filter(session_key=digest(session_key)).exists()

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            self.model.objects.filter(session_key=digest(key)).delete()

    def cycle_key(self) -> None:
        """A new key for the same session, unless somebody has ended it meanwhile: then it does not come back.

        What has no row yet gets key and row when it is saved, at the end of the request: one statement and not two.
        """
        data, key = self._session, self.session_key  # type: ignore[attr-defined]
        new = self._get_new_session_key()
        if key and self.model.objects.filter(session_key=digest(key)).update(session_key=digest(new)):
            self._session_key, self.modified = new, True
            return
        if key and SESSION_KEY in data:
            raise SessionInterrupted("ended while it was used")
        self._session_key, self.modified = None, True

    def _get_new_session_key(self) -> str:
        """165 random bits. Whether a row has them already is not asked: its insert would say so (`create`)."""
        return get_random_string(32, VALID_KEY_CHARS)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        assert isinstance(row, Session)  # noqa: S101  get_model_class() says so
        row.session_key = self.row_key
        if SESSION_KEY in data:
            row.login_id, row.sid = int(data[SESSION_KEY]), UUID(data["sid"]) if "sid" in data else None
            row.since, row.used_at = moment(data, "since"), moment(data, "used_at")
            row.address, row.agent = data.get("address", ""), data.get("agent", "")
            row.expire_date = min(row.used_at + IDLE, row.since + ABSOLUTE)
        return row


def moment(data: Any, name: str) -> datetime:
    """A moment kept in session data; now where there is none (someone signed in past the door, as tests do)."""
    return datetime.fromisoformat(data[name]) if name in data else timezone.now()
