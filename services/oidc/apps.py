from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OIDCConfig(AppConfig):
    name = "services.oidc"
    label = "oidc"
    verbose_name = _("Signing in at e-services")
