from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ServicesConfig(AppConfig):
    name = "services"
    verbose_name = _("Catalogue of e-services")

    def ready(self) -> None:
        from services.catalogue import admin  # noqa: F401  registers its pages
