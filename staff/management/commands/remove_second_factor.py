"""`manage.py remove_second_factor EUID`: for a person who has lost telephone and recovery codes.

The authority has proved who the person is, as it does before it changes a mobile number (ASVS 6.4.4). The person is
told; where a code is demanded at login it comes by SMS from now on, and an officer sets up a new app at the next one.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations

from staff.models import StaffLogin
from staff.operations import take_app_away


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("euid", help="of a login with an authenticator app")

    @no_translations
    def handle(self, *args: Any, euid: str, **options: Any) -> None:
        login = StaffLogin.objects.select_related("entity").filter(euid=euid).first()
        if login is None or not take_app_away(login=login, by=None):
            raise CommandError(f"Nothing was changed: no login with an authenticator app has the EUID {euid!r}.")
        self.stdout.write("The authenticator app and its recovery codes are gone; the person has been told.")
