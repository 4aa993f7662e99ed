from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApplicationsConfig(AppConfig):
    name = "accounts.applications"
    label = "applications"
    verbose_name = _("Applications")

    def ready(self) -> None:
        from accounts.applications import admin, proof  # noqa: F401  registers the officers' desk, and a check
