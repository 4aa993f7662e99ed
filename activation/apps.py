from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ActivationConfig(AppConfig):
    name = "activation"

    def ready(self) -> None:
        from activation.terms import publish

        post_migrate.connect(lambda **_: publish(), sender=self, weak=False)
