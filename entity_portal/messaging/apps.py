from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    name = "entity_portal.messaging"
    label = "messaging"
    verbose_name = _("Messages")

    def ready(self) -> None:
        from entity_portal.messaging import admin  # noqa: F401  registers the log of texts
