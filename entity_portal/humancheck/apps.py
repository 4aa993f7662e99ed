from django.apps import AppConfig


class HumanCheckConfig(AppConfig):
    name = "entity_portal.humancheck"
    label = "humancheck"
