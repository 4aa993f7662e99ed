"""The door for web servers: `gunicorn entity_portal.wsgi`. What stops `check` and `migrate` stops this start too."""

import gc
import os

from django.core.management.base import BaseCommand
from django.core.wsgi import get_wsgi_application

from entity_portal import limits

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entity_portal.settings")
application = get_wsgi_application()
limits.tell(limits.PAGES)
BaseCommand().check()

# What is loaded stays: the collector need not walk it in each worker, and what nobody touches they share (--preload).
gc.collect()
gc.freeze()
