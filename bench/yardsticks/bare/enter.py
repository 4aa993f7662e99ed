"""`python -m bench.yardsticks.bare.enter ID`: a session of this login in the bare view; prints its key as JSON."""

import json
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.yardsticks.bare.settings"

import django

django.setup()


def main() -> None:
    from django.conf import settings as told
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from django.db import connection

    from bench.yardsticks.bare.models import Person
    from bench.yardsticks.bare.settings import SCHEMA

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")  # a constant of `settings`; a name is no parameter
    call_command("migrate", "sessions", verbosity=0)
    person = Person._default_manager.get(pk=sys.argv[1])
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = told.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    print(json.dumps(session.session_key))


main()
