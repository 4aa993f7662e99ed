from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = _("Staff logins")

    def ready(self) -> None:
        from staff import admin  # noqa: F401  registers the officers' page of officers
