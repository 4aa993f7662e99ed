"""One way in for everything: (entity number, username, password), or nothing."""

from typing import Any

from django.http import HttpRequest

from entity_portal.messaging.notifications import with_unread
from entity_portal.rows import only
from staff import operations, sessions
from staff.hashing import slot
from staff.models import StaffLogin


class EntityBackend:
    def authenticate(
        self, request: HttpRequest | None, *, entity_number: str = "", username: str = "", password: str = "", **_: Any
    ) -> StaffLogin | None:
        """The login that these three open (S6.2), with a strike taken before the password is looked at (S6.3).

        Raises:
            staff.hashing.Busy: too many at once; no strike was taken (A19).
        """
        where = sessions.whereabouts(request) if request else {}
        with slot():
            return operations.check_password(
                entity_number=entity_number, username=username, password=password, where=where
            )

    def get_user(self, user_id: int) -> StaffLogin | None:
        """Asked with every request: a departed login, or one of a suspended entity, is no one at once (A68)."""
        login = sessions.read_with_session.get()
        if login is None or login.pk != user_id:
            login = only(with_unread(StaffLogin.objects.select_related("entity").filter(pk=user_id)))
        return login if login and login.is_active else None
