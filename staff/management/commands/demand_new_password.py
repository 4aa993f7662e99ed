"""`manage.py demand_new_password EUID [EUID ...]`: these logins choose a new password when they next log in.

For the day when a password may have become known. Their sessions end at once; the old password still opens the door,
and nothing behind it.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.db import transaction

from staff.models import StaffLogin, Status
from staff.operations import demand_new_password


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("euid", nargs="+", help="of an activated login")

    @no_translations
    @transaction.atomic
    def handle(self, *args: Any, euid: list[str], **options: Any) -> None:
        found = {login.euid: login for login in StaffLogin.objects.filter(euid__in=euid, status=Status.ACTIVE)}
        if missing := [each for each in euid if each not in found]:
            raise CommandError(f"Nothing was changed: no activated login has the EUID {', '.join(missing)}.")
        for each in sorted(found):
            demand_new_password(login=found[each], by=None)
        self.stdout.write(f"{len(found)} will be asked for a new password at the next login.")
