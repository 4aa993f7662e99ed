from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ServicesConfig(AppConfig):
    name = "services"
    verbose_name = _("Catalogue of e-services")

    def ready(self) -> None:
        from entity_portal.audit import words
        from services import queries
        from services.catalogue import admin  # noqa: F401  registers its pages

        words.directories.append(queries.names)
