from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "entity_portal.messaging"
    label = "messaging"

    def ready(self) -> None:
        from entity_portal.messaging import admin  # noqa: F401  registers the log of texts
