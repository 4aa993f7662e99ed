"""What the OpenID Connect provider remembers: clients of e-services, sign-ins at them, and the tokens of each sign-in.

django-oauth-toolkit's models, with what it does not know: a token belongs to a sign-in, and a sign-in to the session of
the portal it came from. Whether a token is worth something is asked when it is used (`queries.stands`), never stored.
"""

import hmac
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractApplication,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from services.models import EService
from services.oidc import rules
from staff.models import StaffLogin

API_SCOPES = ("authorizations", "changes")  # of an e-service itself, by client credentials
USER_SCOPES = ("openid", "profile", "email", "phone", "entity", "service_groups")

# Of `redirect_uris`, as the database sees it; `rules.addresses` says more.
ADDRESSES = r"^\s*(https?://[^\s#*@/?\\]+([/?][^\s#*\\]*)?(\s+|$))*$"


class SubjectType(models.TextChoices):
    PUBLIC = "public", _("public: the EUID")
    PAIRWISE = "pairwise", _("pairwise: another value at each e-service, and no EUID")


class Authentication(models.TextChoices):
    """How a client shows at the token endpoint that it is the one (OIDC Core 9)."""

    SECRET = "secret", _("secret (client_secret_basic, client_secret_post)")
    KEY = "key", _("key of its own (private_key_jwt)")
    NONE = "none", _("nothing: a public client, by PKCE alone")


class Algorithm(models.TextChoices):
    RS256 = "RS256", "RS256"
    ES256 = "ES256", "ES256"


def words(text: str) -> list[str]:
    return text.split()


class Client(AbstractApplication):
    """A program of an e-service that signs people in through the portal, registered by an officer.

    `redirect_uris`, `post_logout_redirect_uris` and `scopes` are separated by white space; addresses match exactly
    (RFC 9700 2.1).
    """

    service = models.ForeignKey(EService, on_delete=models.PROTECT, related_name="clients")
    authentication = models.CharField(max_length=6, choices=Authentication, default=Authentication.SECRET)
    client_secret = models.CharField(max_length=64, blank=True)  # SHA-256 of 256 random bits (`operations.new_secret`)
    public_keys = models.JSONField(default=list, blank=True)  # JWKs of private_key_jwt
    algorithm = models.CharField(max_length=5, choices=Algorithm, default=Algorithm.RS256)  # of ID tokens
    subject_type = models.CharField(max_length=8, choices=SubjectType, default=SubjectType.PUBLIC)
    scopes = models.CharField(max_length=200, default=" ".join(USER_SCOPES))
    backchannel_logout_uri = models.CharField(max_length=200, blank=True)
    pkce_required = models.BooleanField(default=True)
    par_required = models.BooleanField(default=False)
    disabled_at = models.DateTimeField(null=True, blank=True)
    first_sign_in_at = models.DateTimeField(null=True, blank=True, editable=False)  # set by migration 0003's trigger

    class Meta:
        verbose_name = _("program of an e-service")
        verbose_name_plural = _("programs of e-services")
        constraints = (
            models.CheckConstraint(condition=Q(algorithm__in=Algorithm.values), name="oidc_client_algorithm_known"),
            models.CheckConstraint(
                condition=Q(subject_type__in=SubjectType.values), name="oidc_client_subject_type_known"
            ),
            models.CheckConstraint(
                condition=Q(authentication=Authentication.NONE, client_type="public", pkce_required=True)
                | Q(authentication__in=[Authentication.SECRET, Authentication.KEY], client_type="confidential"),
                name="oidc_public_client_has_pkce",  # only a confidential one can be freed from it
            ),
            models.CheckConstraint(
                condition=Q(authorization_grant_type="authorization-code"), name="oidc_client_code_flow_only"
            ),
            models.CheckConstraint(
                condition=Q(client_secret__regex=r"^[0-9a-f]{64}$") | Q(client_secret=""),  # noqa: S106
                name="oidc_client_secret_hashed",
            ),
            models.CheckConstraint(
                condition=Q(client_secret="") | Q(authentication=Authentication.SECRET),
                name="oidc_client_secret_only_where_asked",
            ),
            models.CheckConstraint(
                condition=Q(redirect_uris__regex=ADDRESSES) & Q(post_logout_redirect_uris__regex=ADDRESSES),
                name="oidc_client_addresses_whole",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.client_id

    def clean(self) -> None:
        """What holds for every client; the toolkit's own rules, which allow more, are left out.

        The secret goes with the proof by it.

        Raises:
            ValidationError: by field.
        """
        if self.authentication != Authentication.SECRET:
            self.client_secret = ""
        wrong: dict[str, Any] = {}
        for field, rule, value in (
            ("redirect_uris", rules.addresses, self.redirect_uris),
            ("post_logout_redirect_uris", rules.addresses, self.post_logout_redirect_uris),
            ("backchannel_logout_uri", rules.listener, self.backchannel_logout_uri),
            ("public_keys", rules.public_keys, self.public_keys),
        ):
            try:
                rule(value)
            except ValidationError as error:
                wrong[field] = error
        if not words(self.redirect_uris):
            wrong.setdefault("redirect_uris", ValidationError(_("Please enter this."), code="required"))
        if self.authentication == Authentication.KEY and not self.public_keys:
            wrong.setdefault("public_keys", ValidationError(_("Please enter this."), code="required"))
        if self.authentication == Authentication.NONE and not self.pkce_required:
            wrong["pkce_required"] = ValidationError(_("A public client has nothing but PKCE."), code="pkce")
        scopes = {*words(self.scopes)}
        if "openid" not in scopes or not scopes <= {*USER_SCOPES, *API_SCOPES}:
            wrong["scopes"] = ValidationError(_("Every client needs openid, and may have only these."), code="scopes")
        elif self.authentication == Authentication.NONE and scopes & {*API_SCOPES}:
            wrong["scopes"] = ValidationError(_("A public client cannot prove itself to the API."), code="public")
        if not self.name.strip():
            wrong["name"] = ValidationError(_("Please enter this."), code="required")
        if wrong:
            raise ValidationError(wrong)

    def lock(self) -> None:
        """Hold the row until the transaction ends, and see it as it is now."""
        self.refresh_from_db(from_queryset=Client.objects.select_for_update(no_key=True, of=("self",)))

    def redirect_uri_allowed(self, uri: str) -> bool:
        return uri in words(self.redirect_uris)

    def post_logout_redirect_uri_allowed(self, uri: str) -> bool:
        return uri in words(self.post_logout_redirect_uris)

    def allows_grant_type(self, *grant_types: str) -> bool:
        """The code flow; and client credentials where the client can prove itself and has a scope of its own."""
        own = self.GRANT_CLIENT_CREDENTIALS in grant_types and self.client_type == self.CLIENT_CONFIDENTIAL
        return self.GRANT_AUTHORIZATION_CODE in grant_types or (own and bool({*API_SCOPES} & {*words(self.scopes)}))

    def is_usable(self, request: Any) -> bool:
        return self.disabled_at is None and self.service.withdrawn_at is None

    def subject_of(self, login: StaffLogin) -> str:
        """`sub` of a login: its EUID, or for `pairwise` another value at each e-service, never the same for two."""
        if self.subject_type == SubjectType.PUBLIC:
            return login.euid
        return digest(f"sub|{self.service.code}|{login.euid}")

    def session_of(self, session: UUID) -> str:
        """`sid`: a session of the portal as this client knows it, so that two clients cannot compare."""
        return digest(f"sid|{self.client_id}|{session}")[:32]


def digest(text: str) -> str:
    """A value that whoever lacks the portal's key can neither make nor take back."""
    return hmac.new(settings.OIDC_SUBJECT_KEY.encode(), text.encode(), sha256).hexdigest()


class SignIn(models.Model):  # type: ignore[django-manager-missing]  # of the toolkit's tables
    """A login signed in at a client: one authorization code, and every token that came of it.

    Ends with the session of the portal (the migration's triggers), or when one of its codes or tokens is used twice.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="sign_ins")
    login = models.ForeignKey(StaffLogin, on_delete=models.PROTECT, related_name="sign_ins")
    session = models.UUIDField()  # `Session.sid` of the portal
    sid = models.CharField(max_length=32)  # the same as the client knows it
    authenticated_at = models.DateTimeField()  # the password was typed in that session
    methods = models.JSONField(default=list)  # RFC 8176
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # the client knows of the end

    class Meta:
        indexes = (
            models.Index(fields=["session"], condition=Q(ended_at=None), name="oidc_signin_of_session"),
            models.Index(fields=["client", "sid"], condition=Q(ended_at=None), name="oidc_signin_of_client"),
            models.Index(fields=["login"], condition=Q(ended_at=None), name="oidc_signin_of_login"),
        )

    def __str__(self) -> str:
        return f"{self.login_id} at {self.client_id}"


class Code(AbstractGrant):
    """An authorization code. A used one is kept, so that a second use is known for what it is (RFC 6749 4.1.2)."""

    sign_in = models.OneToOneField(SignIn, on_delete=models.CASCADE, related_name="code")
    used_at = models.DateTimeField(null=True)


class AccessToken(AbstractAccessToken):
    """`sign_in` is empty for a token that an e-service has for itself."""

    sign_in = models.ForeignKey(SignIn, on_delete=models.CASCADE, null=True, related_name="access_tokens")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(token=""), name="oidc_access_token_digest_only"),
            models.CheckConstraint(
                condition=Q(user=None, sign_in=None) | Q(user__isnull=False, sign_in__isnull=False),
                name="oidc_access_token_of_sign_in",
            ),
        )


class RefreshToken(AbstractRefreshToken):
    sign_in = models.ForeignKey(SignIn, on_delete=models.CASCADE, related_name="refresh_tokens")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(token=""), name="oidc_refresh_token_digest_only"),
            models.UniqueConstraint(fields=["token_checksum"], name="oidc_refresh_token_once"),
        )


class IDToken(AbstractIDToken):
    """Never a row: an ID token is verified by its signature. The toolkit's other tables point here."""


class PushedRequest(models.Model):
    """An authorization request sent ahead by its client (RFC 9126), found by the digest of its `request_uri`."""

    digest = models.CharField(max_length=64, primary_key=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="pushed_requests")
    query = models.TextField()
    expires = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)  # by a browser; from then on it lasts as long as a person signs in

    def __str__(self) -> str:
        return f"{self.client_id}: {self.digest[:8]}"


class UsedAssertion(models.Model):
    """A client's signed proof of itself, which is good once (RFC 7523 3)."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    expires = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["client", "digest"], name="oidc_assertion_used_once"),)

    def __str__(self) -> str:
        return f"{self.client_id}: {self.digest[:8]}"


class Consent(models.Model):
    """A person has let a client have what these scopes hold; asked only where the client says so."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="consents")
    login = models.ForeignKey(StaffLogin, on_delete=models.CASCADE, related_name="consents")
    scopes = models.CharField(max_length=200)
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["client", "login"], name="oidc_consent_once"),)

    def __str__(self) -> str:
        return f"{self.login_id} to {self.client_id}: {self.scopes}"
