from django.apps import AppConfig


class EntityPortalConfig(AppConfig):
    name = "entity_portal"

    def ready(self) -> None:
        from entity_portal import checks  # noqa: F401  registers them
