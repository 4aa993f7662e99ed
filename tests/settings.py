"""The portal's own settings, on a database that may be lost, with a password hash that takes no time."""

import os

from entity_portal.postgres import TESTER, database_url, owner_url

os.environ.setdefault("MIGRATE_DATABASE_URL", owner_url("pg-test", unsafe=True))
os.environ.setdefault("DATABASE_URL", database_url("pg-test", unsafe=True, role=TESTER))
if not os.environ["MIGRATE_DATABASE_URL"]:
    raise RuntimeError("Beside DATABASE_URL tests need MIGRATE_DATABASE_URL: a role that makes databases.")
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.setdefault("ALLOWED_HOSTS", "testserver,127.0.0.1,localhost")
os.environ.setdefault("PUBLIC_URL", "http://testserver")
os.environ.setdefault("SMS_BACKEND", "phone")
os.environ.setdefault("EMAIL_URL", "memory:")
os.environ.setdefault("EMAIL_FROM", "portal@example.mo")
os.environ.setdefault("DEMO", "1")
os.environ.setdefault("TLS", "0")
os.environ.setdefault("TRUSTED_HOPS", "0")
os.environ.setdefault("MAINTENANCE_FILE", f"{os.devnull}/none")  # whatever notice this machine has up

from entity_portal.settings import *  # noqa: F403

PASSWORD_HASHERS = ["tests.hashers.Quick"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
RATELIMIT_ENABLE = False  # tests of limits switch it on
PAGES_AT_ONCE = PASSWORDS_AT_ONCE = 100  # and tests of overload these; races are of more than a process serves
# Two runs at once have databases of their own; tests/conftest.py drops those of runs that were killed.
os.environ.setdefault("PORTAL_TEST_RUN", str(os.getpid()))
DATABASES["default"]["TEST"] = {"NAME": f"test_portal_{os.environ['PORTAL_TEST_RUN']}"}  # noqa: F405
# A query for each row of a list is an error in every page a test asks for.
INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]  # noqa: F405
ZEAL_RAISE = True
ZEAL_ALLOWLIST = [
    {"model": "accounts.Entity", "field": "logins"},  # an approval opens up to three logins, each by itself
    {"model": "staff.Session", "field": "*"},  # Django reads a session once more to end it
]
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *(each for each in MIDDLEWARE if "whitenoise" not in each)]  # noqa: F405  tests collect no static files
