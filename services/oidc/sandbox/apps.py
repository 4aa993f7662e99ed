from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """An e-service of nobody, in the demonstration only. It knows of the portal what any e-service knows."""

    name = "services.oidc.sandbox"
    label = "sandbox"
