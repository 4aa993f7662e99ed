"""What django-oauth-toolkit asks of the portal, and where it is stricter than the toolkit.

Every call runs in the transaction of its view, which holds the row of the code or token that is used: of many uses at
once one succeeds, and the others are known as second uses, which end the sign-in (RFC 9700 4.14.2, RFC 6749 4.1.2).
"""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK, JWKSet
from jwcrypto.jwt import JWT
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError

from entity_portal.rows import only
from services.oidc import operations
from services.oidc.claims import claims_of
from services.oidc.models import AccessToken, Authentication, Client, Code, RefreshToken, SignIn, UsedAssertion
from services.oidc.queries import acr, authenticated_at, client_named, stands
from services.oidc.tokens import checksum, signed

CODE_LASTS = timedelta(seconds=60)
BEARER_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LASTS = timedelta(hours=1, minutes=1)  # at most; clients' libraries make them for an hour
ASSERTION_ALGORITHMS = ["RS256", "PS256", "ES256"]


class Validator(OAuth2Validator):
    known: Client | None = None  # the client of this request, where it has been looked up already

    # --- who the client is ---

    def _load_application(self, client_id: str | None, request: Any) -> Client | None:
        """The client of that name, unless it is disabled; looked up once per request."""
        seen: dict[str | None, Client | None] = vars(request).setdefault("seen", {})
        if client_id not in seen:
            known = self.known if self.known and self.known.client_id == client_id else None
            found = known or client_named(client_id or "")
            seen[client_id] = found if found and found.is_usable(request) else None
        request.client = seen[client_id] or request.client
        return seen[client_id]

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        client = self._load_application(client_id, request)
        return client is None or client.pkce_required

    def client_authentication_required(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        return has_assertion(request) or super().client_authentication_required(request, *args, **kwargs)

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """By the way it was registered for, and no other."""
        if has_assertion(request):
            return self._authenticate_assertion(request)
        return super().authenticate_client(request, *args, **kwargs)

    def _extract_basic_auth(self, request: Any) -> str | None:
        """Base64 is ASCII; anything else the toolkit does not survive."""
        found: str | None = super()._extract_basic_auth(request)
        return found if found and found.isascii() else None

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        return constant_time_compare(operations.secret_digest(provided_secret), stored_secret)

    def _authenticate_assertion(self, request: Any) -> bool:
        """`private_key_jwt` (OIDC Core 9, RFC 7523): signed by a registered key, for us, in time, never seen before."""
        if getattr(request, "client_assertion_type", "") != BEARER_ASSERTION:
            return False
        assertion = getattr(request, "client_assertion", "") or ""
        client = self._client_of(assertion, request)
        if client is None or (request.client_id or client.client_id) != client.client_id:
            return False
        required = {"iss": client.client_id, "sub": client.client_id, "exp": None, "jti": None, "aud": None}
        registered = JWKSet()
        for key in client.public_keys:
            registered.add(JWK(**key))
        try:
            token = JWT(algs=ASSERTION_ALGORITHMS, check_claims=required)
            token.leeway = 10
            token.deserialize(assertion, registered)
            claims = json.loads(token.claims)
        except (JWException, ValueError, TypeError, KeyError, RecursionError):
            return False
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        expires = timezone.now() + ASSERTION_LASTS
        if not ({*map(str, audience)} & our_addresses()) or claims["exp"] > expires.timestamp():
            return False
        with suppress(IntegrityError), transaction.atomic():
            UsedAssertion.objects.create(client=client, digest=checksum(str(claims["jti"])), expires=expires)
            request.client = client
            request.client_id = client.client_id
            return True
        return False

    def _client_of(self, assertion: str, request: Any) -> Client | None:
        """The client that an assertion claims to be, if it is one that proves itself so."""
        try:
            claims = json.loads(JWT(jwt=assertion).token.objects["payload"])
            name = str(claims["sub"])
        except (JWException, ValueError, TypeError, KeyError, RecursionError):
            return None
        client = self._load_application(name, request)
        return client if client and client.authentication == Authentication.KEY else None

    # --- codes ---

    def save_authorization_code(self, client_id: str, code: dict[str, str], request: Any, *a: Any, **k: Any) -> None:
        expires = timezone.now() + CODE_LASTS
        request.sign_in.save(force_insert=True)
        Code.objects.create(
            sign_in=request.sign_in,
            application=request.client,
            user=request.user,
            code=code["code"],
            expires=expires,
            redirect_uri=request.redirect_uri,
            scope=" ".join(request.scopes),
            code_challenge=request.code_challenge or "",
            code_challenge_method=request.code_challenge_method or "",
            nonce=request.nonce or "",
        )

    def validate_code(self, client_id: str, code: str, client: Client, request: Any, *a: Any, **k: Any) -> bool:
        rows = Code.objects.select_for_update(of=("self",)).filter(application=client, code=code)
        found = only(rows.select_related("sign_in__login__entity"))
        if found is None:
            return False
        of_the_same(found, client)
        if found.used_at is not None:
            operations.end(found.sign_in)
            return False
        downgraded = bool(request.code_verifier) and not found.code_challenge  # RFC 9700 4.8.2
        if found.is_expired() or downgraded or not stands(found.sign_in):
            return False
        request.held, request.sign_in, request.user = found, found.sign_in, found.sign_in.login
        request.scopes, request.nonce = found.scope.split(), found.nonce or None
        return True

    def get_authorization_code_scopes(self, client_id: str, code: str, redirect_uri: str, request: Any) -> list[str]:
        """Every code of ours is one of OpenID Connect; which scopes it has is looked at once it is held."""
        return ["openid"]

    def get_authorization_code_nonce(self, client_id: str, code: str, redirect_uri: str, request: Any) -> str | None:
        return request.held.nonce or None

    def get_code_challenge(self, code: str, request: Any) -> str | None:
        return request.held.code_challenge or None

    def get_code_challenge_method(self, code: str, request: Any) -> str | None:
        return request.held.code_challenge_method or None

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Client, request: Any, *a: Any, **k: Any
    ) -> bool:
        return bool(request.held.redirect_uri == redirect_uri)

    def invalidate_authorization_code(self, client_id: str, code: str, request: Any, *a: Any, **k: Any) -> None:
        if not Code.objects.filter(pk=request.held.pk, used_at=None).update(used_at=timezone.now()):
            raise InvalidGrantError(request=request)

    # --- tokens ---

    def validate_refresh_token(self, refresh_token: str, client: Client, request: Any, *a: Any, **k: Any) -> bool:
        rows = RefreshToken.objects.select_for_update(of=("self",)).filter(token_checksum=checksum(refresh_token))
        row = only(rows.filter(application=client).select_related("sign_in__login__entity"))
        if row is None:
            return False
        of_the_same(row, client)
        if row.revoked is not None:
            operations.end(row.sign_in)
            return False
        request.sign_in, request.nonce = row.sign_in, None
        return stands(row.sign_in) and super().validate_refresh_token(refresh_token, client, request, *a, **k)

    def validate_bearer_token(self, token: str, scopes: list[str], request: Any) -> bool:
        if not super().validate_bearer_token(token, scopes, request):
            return False
        if request.access_token.sign_in is None or stands(request.access_token.sign_in):
            return True
        request.oauth2_error = {"error": "invalid_token", "error_description": "The person may not use this e-service."}
        return False

    def _check_and_set_request_resource(self, request: Any) -> None:
        """Every token is for the portal itself: `resource` (RFC 8707) is ignored like any other unknown parameter."""
        request.resource = []

    def _load_access_token(self, token: str) -> AccessToken | None:
        """With its client and, of a person's, the sign-in: whose user and client are the token's."""
        rows = AccessToken.objects.select_related("application__service", "sign_in__login__entity")
        row = only(rows.filter(token_checksum=checksum(token)))
        if row is not None and row.application is not None:
            of_the_same(row, row.application)
        return row

    def validate_jwt_bearer_token(self, token: str, scopes: list[str], request: Any) -> bool:
        """An ID token opens nothing."""
        return False

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        """In the transaction of the view, without a savepoint in it."""
        self._save_bearer_token(token, request, *args, **kwargs)

    def _create_access_token(
        self, expires: Any, request: Any, token: Any, source_refresh_token: Any = None
    ) -> AccessToken:
        row = AccessToken(
            sign_in=vars(request).get("sign_in"),  # of an e-service for itself there is none; never what was posted
            user=request.user,
            scope=token["scope"],
            expires=expires,
            application=request.client,
            source_refresh_token=source_refresh_token,
        )
        self._set_token_value(row, token["access_token"])
        row.save()
        return row

    def _create_refresh_token(self, request: Any, refresh_token_code: str, access_token: Any, previous: Any) -> Any:
        row = RefreshToken(
            sign_in=request.sign_in,
            user=request.user,
            application=request.client,
            access_token=access_token,
            token_family=request.sign_in.pk,
        )
        self._set_token_value(row, refresh_token_code)
        row.save()
        return row

    def revoke_token(self, token: str, token_type_hint: str, request: Any, *args: Any, **kwargs: Any) -> None:
        """End the sign-in a token of this client belongs to (RFC 7009); somebody else's token stays as it is."""
        own = {"token_checksum": checksum(token), "application": request.client}
        for kind in (RefreshToken, AccessToken):
            for row in kind.objects.select_related("sign_in").filter(**own):
                if row.sign_in is None:
                    row.revoke()
                else:
                    operations.end(row.sign_in, known=True)

    # --- what is told ---

    def finalize_id_token(self, id_token: dict[str, Any], token: Any, token_handler: Any, request: Any) -> str:
        sign_in: SignIn = request.sign_in
        id_token |= claims_of(sign_in, request.scopes) | {
            "iss": settings.PUBLIC_URL,
            "exp": id_token["iat"] + settings.OAUTH2_PROVIDER["ID_TOKEN_EXPIRE_SECONDS"],
            "sid": sign_in.sid,
            "auth_time": authenticated_at(sign_in),
            "amr": sign_in.methods,
            "acr": acr(sign_in.methods),
        }
        if request.nonce:
            id_token["nonce"] = request.nonce
        return signed(sign_in.client, id_token)

    def get_userinfo_claims(self, request: Any) -> dict[str, Any]:
        return claims_of(request.access_token.sign_in, request.scopes)


def of_the_same(row: Code | AccessToken | RefreshToken, client: Client) -> None:
    """Spare the look-up of client and user of a row's sign-in, which are those of the row."""
    sign_in = row.sign_in
    if sign_in is not None and sign_in.client_id == client.pk and sign_in.login_id == row.user_id:
        sign_in.client, row.user = client, sign_in.login


def has_assertion(request: Any) -> bool:
    """The client proves itself by a signed assertion."""
    return any(getattr(request, name, "") for name in ("client_assertion", "client_assertion_type"))


def our_addresses() -> set[str]:
    """What an assertion for us may name as its audience."""
    issuer = settings.PUBLIC_URL
    return {issuer, f"{issuer}/", *(f"{issuer}/oidc/{name}" for name in ("token", "par", "introspect", "revoke"))}
