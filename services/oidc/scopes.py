"""What may be asked for: a client's own list, as an officer registered it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from oauth2_provider.scopes import BaseScopes

from services.oidc.models import API_SCOPES, USER_SCOPES, words

# What a person reads before they let an e-service have it.
DESCRIPTIONS = {
    "openid": _("who you are: your EUID"),
    "profile": _("your name and username"),
    "email": _("your e-mail address"),
    "phone": _("your mobile number"),
    "entity": _("your entity: its number, kind and names"),
    "service_groups": _("your service groups in this e-service"),
}


class ClientScopes(BaseScopes):
    def get_all_scopes(self) -> dict[str, Any]:
        return dict.fromkeys(API_SCOPES, "") | DESCRIPTIONS

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """For a person those of persons, for the e-service itself those of e-services."""
        if application is None:
            return list(USER_SCOPES)
        own = request is not None and request.grant_type == "client_credentials"
        return [scope for scope in (API_SCOPES if own else USER_SCOPES) if scope in words(application.scopes)]

    def get_default_scopes(self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        available = self.get_available_scopes(application, request)
        return available if request is not None and request.grant_type == "client_credentials" else ["openid"]
