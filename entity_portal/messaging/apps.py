from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "entity_portal.messaging"
    label = "messaging"
