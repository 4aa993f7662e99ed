import sys

from django.apps import AppConfig
from django.conf import settings


class EntityPortalConfig(AppConfig):
    name = "entity_portal"

    def ready(self) -> None:
        from entity_portal import checks, logs  # noqa: F401  checks registers them

        if not settings.DEVELOPMENT:
            sys.excepthook = logs.last_words
