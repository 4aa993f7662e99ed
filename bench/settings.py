"""The portal's own settings; limits off, since a benchmark knocks more often than they allow."""

import os

os.environ.setdefault("DEMO", "1")

import dj_database_url

from entity_portal.settings import *  # noqa: F403

RATELIMIT_ENABLE = False
ALLOWED_HOSTS = ["testserver"]
# Databases are made and dropped here, as their owner.
OWNER = dj_database_url.parse(MIGRATE_DATABASE_URL or database_url())  # noqa: F405
DATABASES["default"] |= {name: OWNER[name] for name in ("USER", "PASSWORD")}  # noqa: F405
DATABASES["counters"] |= DATABASES["default"] | {"TEST": {"MIRROR": "default"}}  # noqa: F405
MIGRATE_DATABASE_URL = ""
DATABASES["default"]["TEST"] = {"NAME": f"bench_portal_{os.getpid()}"}  # noqa: F405
MIDDLEWARE = [each for each in MIDDLEWARE if "whitenoise" not in each]  # noqa: F405
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
