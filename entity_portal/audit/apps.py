from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "entity_portal.audit"
    label = "audit"

    def ready(self) -> None:
        from entity_portal.audit import admin  # noqa: F401  registers the history
