"""Settings, from the environment only; a wrong value stops the start and names the variable.

With DATABASE_URL unset this is a development machine: an embedded PostgreSQL is started and a secret is made and kept
in `.data`. With it set this is a real installation: SECRET_KEY, and what only its operator can know, is demanded.
"""

import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_email_url
import phonenumbers
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from environs import Env, EnvError, validate

from entity_portal import logs, numbers, production, retention
from entity_portal.connecting import database
from entity_portal.postgres import data_dir, database_url, kept_secret, owner_url

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env(eager=False)
DEMANDED: Any = ...  # a default that says: there must be a value

# --- where this runs -------------------------------------------------------------------------------------------------

DEMO = env.bool("DEMO", False)  # the on-screen phone, demo logins on the sign-in page: never in production
DEVELOPMENT = DEMO or not production.has_database(env)
DEBUG = env.bool("DEBUG", False)

SECRET_KEY = kept_secret("secret_key") if DEVELOPMENT else env.str("SECRET_KEY")
# Key of the digests of one-time codes: someone who reads the database cannot try codes against it.
CODE_KEY = env.str("CODE_KEY", "") or SECRET_KEY
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"] if DEVELOPMENT else DEMANDED)
TLS = env.bool("TLS", not DEVELOPMENT)
# The address people reach us under. Links in texts are made from it, never from a request (A45).
PUBLIC_URL = env.str(
    "PUBLIC_URL",
    "http://127.0.0.1:8000" if DEVELOPMENT else DEMANDED,
    validate=validate.URL(
        require_tld=False,
        schemes={"https"} if TLS else {"http", "https"},
        error="Not an address that begins with https://, which TLS demands." if TLS else None,
    ),
)

# Hosts that are reached without TLS, over a network that nobody else is on; `entity_portal.production` demands it else.
WITHOUT_TLS: list[str] = env.list("WITHOUT_TLS", [])

# Who makes the `sub` of pairwise clients: a new value gives everybody another identity there.
OIDC_SUBJECT_KEY = kept_secret("oidc_subject_key") if DEVELOPMENT else env.str("OIDC_SUBJECT_KEY")
# Where the keys lie that sign ID tokens (`manage.py signing_keys`) and that encrypt personal data (`rotate_keys`).
OIDC_KEYS_DIR = env.str("OIDC_KEYS_DIR", str(data_dir() / "oidc_keys") if DEVELOPMENT else DEMANDED)
DATA_KEYS_DIR = env.str("DATA_KEYS_DIR", str(data_dir() / "data_keys") if DEVELOPMENT else DEMANDED)

# --- the house -------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "entity_portal",
    "entity_portal.audit",
    "entity_portal.messaging",
    "entity_portal.humancheck",
    "accounts",
    "staff",
    "activation",
    "accounts.applications",
    "services",
    "services.oidc",
    "services.api",
    "oauth2_provider",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "procrastinate.contrib.django",
    "csp",
    "django_linear_migrations",
    "django_htmx",
]
if DEMO:
    INSTALLED_APPS.append("services.oidc.sandbox")
MIDDLEWARE = [
    "entity_portal.middleware.number_and_count",
    # These set headers, and stand outermost: so no answer goes without, not even what those below refuse.
    "entity_portal.middleware.keep_to_ourselves",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "entity_portal.middleware.refuse_programs_without_tls",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads by chance, against BREACH; files are compressed beforehand
    "entity_portal.middleware.show_the_notice",
    "entity_portal.middleware.reject_other_methods",
    "entity_portal.middleware.reject_far_too_much",
    "entity_portal.middleware.reject_unreadable",
    "entity_portal.middleware.answer_about_the_process",
    "entity_portal.overload.Places",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "staff.sessions.Authentication",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "staff.sessions.KeepAlive",
    "staff.hashing.Overload",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "entity_portal.urls"
WSGI_APPLICATION = "entity_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": ["entity_portal.folding.Loader"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "entity_portal.context.portal",
                "staff.sessions.context",
            ],
            "builtins": ["entity_portal.templatetags.portal", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "entity_portal.forms.PortalRenderer"

# --- what is kept how long -------------------------------------------------------------------------------------------


@env.parser_for("days")
def days(text: str) -> dict[str, int]:
    """`departed=3650,documents=730`"""
    try:
        chosen = {name.strip(): int(number) for name, number in (each.split("=") for each in text.split(",") if each)}
        retention.periods(chosen)
    except ValueError:
        raise EnvError("Not periods of docs/retention.toml in days, as in departed=3650,documents=730.") from None
    except retention.WrongPolicy as wrong:
        raise EnvError(str(wrong)) from None
    return chosen


RETENTION = env.days("RETENTION", "")  # in the place of the periods that docs/retention.toml proposes

# --- database --------------------------------------------------------------------------------------------------------

DATABASES: dict[str, Any] = {"default": database(database_url())}
# A pool by transaction (PgBouncer) has forgotten a cursor of the server when more is fetched from it.
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = env.bool("DATABASE_POOLED", False)
# Counters of limits run in their own connection in autocommit: they neither roll back with a request nor hold its lock.
DATABASES["counters"] = DATABASES["default"] | {"TEST": {"MIRROR": "default"}}
DATABASE_ROUTERS = ["entity_portal.ratelimit.CounterRouter"]
MIGRATE_DATABASE_URL = owner_url()  # who owns the tables, for `migrate` alone: no web process or worker is told it
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "counters": {"BACKEND": "entity_portal.ratelimit.PostgresCounterCache"},
}
RATELIMIT_USE_CACHE = "counters"
SILENCED_SYSTEM_CHECKS = [
    "django_ratelimit.W001",  # it knows no PostgreSQL counter; tests prove ours is exact
    "security.W021",  # HSTS preload: a promise about the whole domain, which only its owner can make
]

# --- people ----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "staff.StaffLogin"
AUTHENTICATION_BACKENDS = ["staff.backends.EntityBackend"]
LOGIN_URL = "staff:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
# One kind only, so that time does not tell whose hash is old; other parameters are made anew at the next sign-in.
PASSWORD_HASHERS = ["staff.hashers.Argon2id"]
# Looked at in one moment by one process, as many may wait; other requests have places of their own (`overload`).
# The web server's threads are counted from these two (`gunicorn.conf.py`).
PASSWORDS_AT_ONCE = env.int("PASSWORDS_AT_ONCE", 2, validate=validate.Range(min=1))
PAGES_AT_ONCE = env.int("PAGES_AT_ONCE", 8, validate=validate.Range(min=2))
# What follows the password, in this order.
SIGN_IN_STEPS = [
    "staff.steps.SecondStep",
    "staff.steps.SetUpApp",
    "staff.steps.NewPassword",
    "activation.steps.NewTerms",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "staff.passwords.GuideRule"},
    {"NAME": "staff.passwords.NotPersonal"},
    {"NAME": "staff.passwords.NotCommon"},
]
# What officers see on the dashboard, in this order; each is a function that returns a `charts.Chart`.
DASHBOARD_CHARTS = [
    "entity_portal.messaging.charts.deliveries",
    "staff.charts.sign_ins",
    "staff.charts.logins",
    "accounts.charts.entities",
    "accounts.applications.charts.waiting",
    "accounts.applications.charts.decided",
    "accounts.applications.charts.time_to_decision",
]
KNOWN_COOKIE_NAME = "known"  # a browser in which somebody came in before
SESSION_ENGINE = "staff.sessions"
# Half an hour without a request ends a session; staff.sessions writes the last one down by the minute.
SESSION_COOKIE_AGE = 30 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- language and time -----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hant"
LANGUAGES = [("zh-hant", _("Traditional Chinese")), ("pt", _("Portuguese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "entity_portal" / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_HTTPONLY = True
TIME_ZONE = "Asia/Macau"
USE_TZ = True

# --- static files ----------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = data_dir() / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "entity_portal.staticfiles.JoinedStaticFilesStorage"},
}

# --- files that people send ---

FILE_UPLOAD_HANDLERS = ["entity_portal.uploads.CountedUploadHandler"]

# --- jobs ---

PROCRASTINATE_ON_APP_READY = "entity_portal.jobs.use"
PROCRASTINATE_WORKER_DEFAULTS = {
    "delete_jobs": "successful",  # a job may name a person or a telephone number
    "concurrency": env.int("WORKER_CONCURRENCY", 4, validate=validate.Range(min=1)),  # jobs at once in one worker
    "worker_middleware": [numbers.of_job],
}

# --- applications ---

# Who can prove the identity and the consent of a legal representative, as they are offered: classes by their paths.
IDENTITY_PROOFS = env.list(
    "IDENTITY_PROOFS", ["accounts.applications.proof.ByCode", "accounts.applications.proof.ByOfficer"]
)

# --- messages --------------------------------------------------------------------------------------------------------

SMS_BACKEND = env.str(
    "SMS_BACKEND",
    "phone" if DEVELOPMENT else "twilio",
    validate=validate.OneOf(["phone", "twilio", "http_json"]),
)
_twilio, _http = SMS_BACKEND == "twilio", SMS_BACKEND == "http_json"
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", DEMANDED if _twilio else "")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", DEMANDED if _twilio else "")
TWILIO_SENDER = env.str("TWILIO_SENDER", DEMANDED if _twilio else "")  # a number, a name, or a messaging service (MG…)
TWILIO_TIMEOUT = env.float("TWILIO_TIMEOUT", 5.0, validate=validate.Range(min=0.1))  # seconds; Twilio's own: none
TWILIO_API_URL = env.str("TWILIO_API_URL", "")  # only to point the real client at another server


@env.parser_for("json_object")
def json_object(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise EnvError("Not a JSON object.")
    return told


# A provider that takes JSON (`backends.http_json`): {to}, {body} and {id} stand for number, text and our reference.
SMS_HTTP_URL = env.str("SMS_HTTP_URL", DEMANDED if _http else "")
SMS_HTTP_HEADERS = env.json_object("SMS_HTTP_HEADERS", "{}")
SMS_HTTP_FIELDS = env.json_object("SMS_HTTP_FIELDS", DEMANDED if _http else "{}")
SMS_HTTP_REFERENCE = env.str("SMS_HTTP_REFERENCE", "id")  # where the answer has the provider's reference: message.id
SMS_HTTP_LOOK_UP_URL = env.str("SMS_HTTP_LOOK_UP_URL", "")
SMS_HTTP_TIMEOUT = env.float("SMS_HTTP_TIMEOUT", 5.0, validate=validate.Range(min=0.1))  # seconds
# Seconds after which no call about a text is under way any more, so that it can be looked up: above the time-out.
_called = ((TWILIO_TIMEOUT if _twilio else SMS_HTTP_TIMEOUT) or 0) + 1
SMS_SETTLE = env.float("SMS_SETTLE", max(30.0, _called), validate=validate.Range(min=_called))

# The rules of these three stand in `messaging.budget`.
SMS_REGIONS = env.list(
    "SMS_REGIONS", ["MO", "HK", "CN", "PT"], validate=validate.ContainsOnly(sorted(phonenumbers.SUPPORTED_REGIONS))
)
SMS_PER_ENTITY_A_DAY = env.int("SMS_PER_ENTITY_A_DAY", 500, validate=validate.Range(min=0))
SMS_A_DAY = env.int("SMS_A_DAY", 20_000, validate=validate.Range(min=0))


@env.parser_for("mail_server")
def mail_server(url: str) -> dict[str, Any]:
    """Django's EMAIL_… settings from one address. dj-email-url lets a scheme it does not know pass."""
    try:
        told = dj_email_url.parse(url)
    except ValueError:
        told = {}
    if "EMAIL_BACKEND" not in told:
        raise EnvError("Not an address of a mail server.")
    return told


globals().update(env.mail_server("EMAIL_URL", "console:" if DEVELOPMENT else DEMANDED) or {})
EMAIL_TIMEOUT = 5  # seconds; Django's own default is none at all
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "portal@localhost" if DEVELOPMENT else DEMANDED, validate=validate.Email())

# While this file is there, every page is the maintenance notice; machines may share it.
MAINTENANCE_FILE = env.str("MAINTENANCE_FILE", str(data_dir() / "maintenance"))
# While this file is there, `/readyz` says no: a load balancer sends nobody here any more, and pages go on answering.
DRAINING_FILE = env.str("DRAINING_FILE", str(data_dir() / "draining"))
METRICS_TOKEN = env.str("METRICS_TOKEN", "")  # whoever shows it as a bearer reads /metrics; without one nobody does

# Proxies in front that each append to X-Forwarded-For; the client's address is counted from the right by this number.
TRUSTED_HOPS = env.int("TRUSTED_HOPS", 0 if DEVELOPMENT else DEMANDED, validate=validate.Range(min=0))

# --- headers ---------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
# What no page needs; of what a page may ask of a device, only writing to the clipboard is left.
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        *("accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "clipboard-read"),
        *("compute-pressure", "digital-credentials-get", "display-capture", "encrypted-media", "fullscreen"),
        *("gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection"),
        *("keyboard-map", "local-fonts", "local-network-access", "magnetometer", "microphone", "midi"),
        *("otp-credentials", "payment", "picture-in-picture", "publickey-credentials-create"),
        *("publickey-credentials-get", "screen-wake-lock", "serial", "storage-access", "sync-xhr", "usb"),
        *("window-management", "xr-spatial-tracking"),
    )
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"  # no-referrer would send forms with "Origin: null", which CSRF refuses (A72)
WHITENOISE_ALLOW_ALL_ORIGINS = False  # static files are for our own pages too
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "entity_portal.errors.csrf_failure"
# Addresses, without the first slash, that programs ask and no person opens: they are answered in JSON, never by a page.
PROGRAMS = (
    r"^(?:api/|messages/|oidc/(?:jwks|par|token|userinfo|introspect|revoke)$"
    r"|\.well-known/(?:openid-configuration|oauth-authorization-server)$)"
)
if TLS:
    SECURE_SSL_REDIRECT = True
    # Whoever watches the process comes from inside; programs are refused instead (ASVS 4.1.2).
    SECURE_REDIRECT_EXEMPT = ["^(healthz|readyz|metrics)$", PROGRAMS]
    SECURE_SSL_HOST = urlsplit(PUBLIC_URL).netloc  # never the Host of a request
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 63072000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    # __Host-: browsers take them over TLS only, and no other host of the domain can write or read them.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    LANGUAGE_COOKIE_NAME, KNOWN_COOKIE_NAME = "__Host-language", "__Host-known"

# --- e-services that sign people in with us ---------------------------------------------------------------------------

WHO_ASKS = "services.oidc.asked.who_asks"  # the e-service that a sign-in goes on to, for the pages of the door
OAUTH2_PROVIDER_APPLICATION_MODEL = "oidc.Client"
OAUTH2_PROVIDER_GRANT_MODEL = "oidc.Code"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oidc.AccessToken"  # noqa: S105
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "oidc.RefreshToken"  # noqa: S105
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "oidc.IDToken"  # noqa: S105
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": PUBLIC_URL,
    "OAUTH2_VALIDATOR_CLASS": "services.oidc.validator.Validator",
    "SCOPES_BACKEND_CLASS": "services.oidc.scopes.ClientScopes",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 10 * 60,
    "ID_TOKEN_EXPIRE_SECONDS": 10 * 60,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 8 * 3600,  # as long as a session of ours at most
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "OIDC_RESPONSE_TYPES_SUPPORTED": ["code"],
    "ALLOWED_REDIRECT_URI_SCHEMES": ["http", "https"] if DEVELOPMENT else ["https"],
    # RFC 9700, whole
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
}

# --- logs ------------------------------------------------------------------------------------------------------------

LOG_LEVEL = env.log_level("LOG_LEVEL", logging.WARNING) or logging.WARNING
LOGGING = logs.configuration(LOG_LEVEL, json_lines=not DEVELOPMENT)

production.stop_where_unsafe(env, globals())  # every wrong variable is named at once
