from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "entity_portal.audit"
    label = "audit"
