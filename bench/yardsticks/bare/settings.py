"""As Django's guide to deployment has it: persistent connection, cached templates, no DEBUG."""

import os

import dj_database_url

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["127.0.0.1"]
SCHEMA = "bench_bare"
INSTALLED_APPS = [
    "bench.yardsticks.bare",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "bench.yardsticks.bare.urls"
WSGI_APPLICATION = "bench.yardsticks.bare.wsgi.application"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {
    "default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=60, conn_health_checks=True)
    | {"OPTIONS": {"options": f"-c search_path={SCHEMA}"}}
}
AUTH_USER_MODEL = "bare.Person"
PASSWORD_HASHERS = ["staff.hashers.Argon2id"]  # the portal's own
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
