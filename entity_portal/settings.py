"""Settings, from the environment only; a wrong value stops the start and names the variable.

With DATABASE_URL unset this is a development machine: an embedded PostgreSQL is started and a secret is made and kept
in `.data`. With DATABASE_URL set this is a real installation: SECRET_KEY, ALLOWED_HOSTS and PUBLIC_URL are demanded.
"""

import logging
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from environs import Env, validate

from entity_portal.postgres import data_dir, database_url, kept_secret

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env(eager=False)
DEMANDED: Any = ...  # a default that says: there must be a value

# --- where this runs -------------------------------------------------------------------------------------------------

DEMO = env.bool("DEMO", False)  # the on-screen phone, demo logins on the sign-in page: never in production
DEVELOPMENT = DEMO or not env.str("DATABASE_URL", "")
DEBUG = env.bool("DEBUG", False)


SECRET_KEY = kept_secret("secret_key") if DEVELOPMENT else env.str("SECRET_KEY", validate=validate.Length(min=40))
# Key of the digests of one-time codes: someone who reads the database cannot try codes against it.
CODE_KEY = env.str("CODE_KEY", "") or SECRET_KEY
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"] if DEVELOPMENT else DEMANDED)
# The address people reach us under. Links in texts are made from it, never from a request (A45).
PUBLIC_URL = env.str(
    "PUBLIC_URL", "http://127.0.0.1:8000" if DEVELOPMENT else DEMANDED, validate=validate.URL(require_tld=False)
)
TLS = env.bool("TLS", not DEVELOPMENT)

# --- the house -------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "entity_portal",
    "entity_portal.audit",
    "entity_portal.messaging",
    "entity_portal.humancheck",
    "accounts",
    "staff",
    "activation",
    "services",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "procrastinate.contrib.django",
    "csp",
    "django_linear_migrations",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "entity_portal.middleware.reject_unreadable",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "entity_portal.middleware.keep_signed_in_pages_private",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
]
ROOT_URLCONF = "entity_portal.urls"
WSGI_APPLICATION = "entity_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "entity_portal.context.portal",
            ],
            "builtins": ["entity_portal.templatetags.portal", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "entity_portal.forms.PortalRenderer"

# --- database --------------------------------------------------------------------------------------------------------

DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(database_url(), conn_max_age=60, conn_health_checks=True),
}
# Counters of limits run in their own connection in autocommit: they neither roll back with a request nor hold its lock.
DATABASES["counters"] = DATABASES["default"] | {"TEST": {"MIRROR": "default"}}
DATABASE_ROUTERS = ["entity_portal.ratelimit.CounterRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "counters": {"BACKEND": "entity_portal.ratelimit.PostgresCounterCache"},
}
RATELIMIT_USE_CACHE = "counters"
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.W001"]  # it knows no PostgreSQL counter; tests prove ours is exact

# --- people ----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "staff.StaffLogin"
AUTHENTICATION_BACKENDS = ["staff.backends.EntityBackend"]
LOGIN_URL = "staff:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
PASSWORD_HASHERS = ["staff.hashers.Argon2id"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "staff.passwords.GuideRule"},
    {
        "NAME": "staff.passwords.NotPersonal",
        "OPTIONS": {"user_attributes": ("username", "name_foreign", "name_zh", "document_number", "email")},
    },
    {"NAME": "staff.passwords.NotCommon"},
]
SESSION_COOKIE_AGE = 30 * 60  # half an hour without a request ends a session
SESSION_SAVE_EVERY_REQUEST = True
DATA_UPLOAD_MAX_NUMBER_FIELDS = (
    50_000  # the tick list of a group posts two for each person; the body's size is the limit
)
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

# --- messages --------------------------------------------------------------------------------------------------------

SMS_BACKEND = env.str("SMS_BACKEND", "phone" if DEVELOPMENT else "twilio", validate=validate.OneOf(["phone", "twilio"]))
_twilio = SMS_BACKEND == "twilio"
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", DEMANDED if _twilio else "")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", DEMANDED if _twilio else "")
TWILIO_SENDER = env.str("TWILIO_SENDER", DEMANDED if _twilio else "")  # a number, a name, or a messaging service (MG…)
TWILIO_TIMEOUT = env.float("TWILIO_TIMEOUT", 5.0)  # seconds; the client's own default is none at all
TWILIO_API_URL = env.str("TWILIO_API_URL", "")  # only to point the real client at another server

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
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "entity_portal.errors.csrf_failure"
if TLS:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 63072000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"

# --- logs ------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": env.log_level("LOG_LEVEL", logging.WARNING)},
}

env.seal()  # every wrong variable is named at once
