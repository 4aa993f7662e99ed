from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


def nothing_more(**_kwargs: Any) -> None:
    """In the place of Django's `update_last_login`."""


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = _("Staff logins")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from staff import admin  # noqa: F401  registers the officers' page of officers

        # `record_sign_in` keeps the time with the language. Django, which comes later, adds none under a name in use.
        user_logged_in.connect(nothing_more, dispatch_uid="update_last_login")
