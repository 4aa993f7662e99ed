"""`python -m bench.yardsticks.toolkit.enter BACK`: a program, four people with a session each; prints them as JSON."""

import json
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.yardsticks.toolkit.settings"

import django

django.setup()

PEOPLE = 4


def main() -> None:
    from django.conf import settings as told
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from django.db import connection
    from oauth2_provider.models import Application

    from bench.yardsticks.toolkit.settings import SCHEMA

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")  # a constant of `settings`; a name is no parameter
    call_command("migrate", verbosity=0)
    program, _made = Application.objects.update_or_create(
        client_id="bench",
        defaults={
            "client_secret": "bench-secret-that-is-long-enough",
            "hash_client_secret": False,
            "client_type": "confidential",
            "authorization_grant_type": "authorization-code",
            "redirect_uris": sys.argv[1],
            "skip_authorization": True,
            "algorithm": "RS256",
        },
    )
    sessions = []
    for number in range(PEOPLE):
        person, _made = User.objects.get_or_create(username=f"person{number}")
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = told.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.create()
        sessions.append(session.session_key)
    print(json.dumps({"client": program.client_id, "secret": "bench-secret-that-is-long-enough", "sessions": sessions}))


main()
