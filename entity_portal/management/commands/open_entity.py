"""`manage.py open_entity REGISTRATION_NUMBER`: open an entity from the register, with its first administrator.

The administrator is the legal representative unless --document-number names another person. Their activation code
leaves by SMS; entity, administrator and SMS are made together or not at all.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.db import transaction

from accounts.models import Entity, RegisterEntry
from accounts.operations import AlreadyOpen, open_from_register
from activation.operations import send_code
from entity_portal import text
from entity_portal.management.person import add_options, given, judged, option
from staff.models import StaffLogin
from staff.operations import create_login

# What the register knows about a representative: the option that says otherwise names another person.
IDENTITY = ("name_zh", "name_foreign", "document_type", "document_number", "birth_date")


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("registration_number", help="as it stands in the register")
        add_options(parser)

    @no_translations
    def handle(self, *args: Any, registration_number: str, **options: Any) -> None:
        try:
            entity, login = self.open(text.plain(registration_number), given(options))
        except RegisterEntry.DoesNotExist:
            raise CommandError(f"The register has no line {registration_number!r}.") from None
        except AlreadyOpen as there:
            raise CommandError(f"This entity is open already: its number is {there}.") from None
        self.stdout.write(f"Entity number: {entity.number}")
        self.stdout.write(f"Administrator: {login.euid}; the activation code goes to {login.masked_mobile}")

    @transaction.atomic
    def open(self, registration_number: str, said: dict[str, str]) -> tuple[Entity, StaffLogin]:
        entry = RegisterEntry.objects.current().get(registration_number=registration_number)
        entity = open_from_register(entry=entry)
        person = judged({**self.representative(entry, said), **said})
        login = create_login(entity=entity, by=None, is_administrator=True, **person)
        send_code(login=login, by=None)
        return entity, login

    def representative(self, entry: RegisterEntry, said: dict[str, str]) -> dict[str, str]:
        """What the register says about the representative; nothing if the options name another person."""
        if "document_number" in said:
            return {}
        known = {
            field: str(value)
            for field in (*IDENTITY, "mobile")
            if (value := getattr(entry, f"representative_{field}")) not in ("", None)
        }
        if others := [option(field) for field in IDENTITY if field in said and field in known]:
            raise CommandError(
                f"{', '.join(others)}: the register says this of the legal representative already. "
                "To name another person give --document-number as well."
            )
        return known
