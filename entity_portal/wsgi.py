"""The door for web servers: `gunicorn entity_portal.wsgi`. What stops `check` and `migrate` stops this start too."""

import os

from django.core.management.base import BaseCommand
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entity_portal.settings")
application = get_wsgi_application()
BaseCommand().check()
