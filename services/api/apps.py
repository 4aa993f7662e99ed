from django.apps import AppConfig
from django.db.models.signals import post_save


class APIConfig(AppConfig):
    name = "services.api"
    label = "api"

    def ready(self) -> None:
        from services.api.operations import remember_sign_in

        post_save.connect(remember_sign_in, sender="oidc.SignIn", dispatch_uid="api.remember_sign_in")
