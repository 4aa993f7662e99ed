from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ActivationConfig(AppConfig):
    name = "activation"

    def ready(self) -> None:
        from activation.operations import tell_of_failed_code
        from activation.terms import publish
        from entity_portal.messaging.signals import given_up

        post_migrate.connect(lambda **_: publish(), sender=self, weak=False)
        given_up.connect(lambda sms, **_: tell_of_failed_code(sms), weak=False, dispatch_uid="activation")
