"""`manage.py send_activation_code EUID`: a new code for an administrator whom nobody in the entity can send one.

Where an entity has an active administrator, that is who sends codes (S9.8); this is for its first one.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations

from activation.operations import send_code
from entity_portal import codes
from staff.models import StaffLogin, Status
from staff.operations import StatusNotAllowed


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("euid", help="of an administrator who has not activated yet")

    @no_translations
    def handle(self, *args: Any, euid: str, **options: Any) -> None:
        login = StaffLogin.objects.select_related("entity").filter(euid=euid, is_administrator=True).first()
        if login is None:
            raise CommandError(f"No administrator has the EUID {euid!r}.")
        if login.entity.logins.filter(is_administrator=True, status=Status.ACTIVE).exists():
            raise CommandError("The entity has an active administrator, who can send the code.")
        try:
            send_code(login=login, by=None)
        except StatusNotAllowed as refusal:
            raise CommandError(f"This login is {refusal.args[0]}, not pending.") from None
        except codes.TooSoon as refusal:
            raise CommandError(f"Wait {refusal.wait.seconds + 1} seconds: one code a minute.") from None
        except codes.TooManyToday:
            raise CommandError("No more codes can be sent to this login today.") from None
        self.stdout.write(f"A new activation code goes to {login.masked_mobile}.")
