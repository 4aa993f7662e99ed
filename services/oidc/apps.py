from django.apps import AppConfig


class OIDCConfig(AppConfig):
    name = "services.oidc"
    label = "oidc"
