"""What everybody may know of the provider, and keep for a while."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from entity_portal.access import public
from services.oidc import asked, keys, queries
from services.oidc.claims import SUPPORTED
from services.oidc.models import USER_SCOPES, Algorithm, SubjectType
from services.oidc.views.programs import GRANTS


def for_everybody(data: dict[str, Any]) -> JsonResponse:
    """An answer that others may keep for an hour, and that scripts of other sites may read."""
    response = JsonResponse(data)
    response["Cache-Control"] = f"public, max-age={int(keys.MAX_AGE.total_seconds())}"
    response["Access-Control-Allow-Origin"] = "*"
    response.for_everybody = True  # type: ignore[attr-defined]
    return response


@public
@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    return for_everybody(keys.published())


@public
@require_safe
def discovery(request: HttpRequest) -> HttpResponse:
    """OpenID Connect Discovery 1.0 and RFC 8414 in one document."""
    issuer = settings.PUBLIC_URL
    proofs = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
    return for_everybody(
        {
            "issuer": issuer,
            "authorization_endpoint": issuer + reverse("oidc:authorize"),
            "token_endpoint": issuer + reverse("oidc:token"),
            "userinfo_endpoint": issuer + reverse("oidc:userinfo"),
            "jwks_uri": issuer + reverse("oidc:jwks"),
            "end_session_endpoint": issuer + reverse("oidc:end_session"),
            "introspection_endpoint": issuer + reverse("oidc:introspect"),
            "revocation_endpoint": issuer + reverse("oidc:revoke"),
            "pushed_authorization_request_endpoint": issuer + reverse("oidc:par"),
            "require_pushed_authorization_requests": False,
            "scopes_supported": list(USER_SCOPES),
            "claims_supported": SUPPORTED,
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": list(GRANTS),
            "subject_types_supported": SubjectType.values,
            "id_token_signing_alg_values_supported": Algorithm.values,
            "token_endpoint_auth_methods_supported": [*proofs, "none"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256"],
            "introspection_endpoint_auth_methods_supported": proofs,
            "revocation_endpoint_auth_methods_supported": [*proofs, "none"],
            "code_challenge_methods_supported": ["S256"],
            "prompt_values_supported": sorted(asked.PROMPTS),
            "acr_values_supported": queries.ACR_VALUES,
            "ui_locales_supported": ["zh-Hant", "pt", "en"],
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
            "service_documentation": issuer + "/api/v1/schema/",
        }
    )
