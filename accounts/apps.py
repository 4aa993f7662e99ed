from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Entities and the register")

    def ready(self) -> None:
        from accounts.officers import entity_admin, login_admin, register_admin  # noqa: F401  registers them
