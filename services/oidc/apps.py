from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OIDCConfig(AppConfig):
    name = "services.oidc"
    label = "oidc"
    verbose_name = _("Logging in at e-services")

    def ready(self) -> None:
        from services.oidc import admin, checks  # noqa: F401  registers them
