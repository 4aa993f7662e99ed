"""`manage.py create_officer --role ROLE … --name-foreign …`: a login of the authority for an officer, with roles.

Where the portal has no authority yet its entity is opened, and the first officer is its administrator too (S3.4). The
activation code leaves by SMS; whoever activates sets up an authenticator app when first logging in. With --euid a login
that the authority has already gets these roles and no others. All is made together or not at all.
"""

import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.db import transaction

from accounts.operations import NumberTaken, open_authority
from activation.operations import send_code
from entity_portal import text
from entity_portal.management.person import add_options, given, judged, option
from entity_portal.roles import Role
from staff.models import StaffLogin
from staff.operations import PersonExists, StatusNotAllowed, create_login
from staff.operations.officers import NotOfAuthority, change_roles

ENTITY_NUMBER = re.compile(r"[A-Z0-9]{4,20}", re.ASCII)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--role", action="append", required=True, choices=Role.values, help="again for each further one"
        )
        parser.add_argument("--euid", default="", help="of a login of the authority, instead of a new person")
        parser.add_argument("--entity-number", default="", help="official number of the authority, if it is opened now")
        add_options(parser)

    @no_translations
    def handle(self, *args: Any, role: list[str], euid: str, entity_number: str, **options: Any) -> None:
        roles = [Role(each) for each in role]
        person = given(options)
        if euid:
            if person or entity_number:
                others = [*map(option, person), *(["--entity-number"] if entity_number else [])]
                raise CommandError(f"With --euid nothing else is said of a person or an entity: {', '.join(others)}.")
            login = self.give(euid, roles)
        else:
            login = self.open(entity_number, judged(person), roles)
        self.stdout.write(f"Entity number: {login.entity.number}")
        self.stdout.write(f"Officer: {login.euid}; {', '.join(sorted(roles))}")

    @transaction.atomic
    def open(self, entity_number: str, person: dict[str, Any], roles: list[Role]) -> StaffLogin:
        number = text.alphanumeric(entity_number)
        if number and not ENTITY_NUMBER.fullmatch(number):
            raise CommandError("--entity-number: 4 to 20 letters and digits.")
        try:
            entity = open_authority(number=number)
            if number not in {"", entity.number}:
                raise CommandError(f"The authority is there already: its number is {entity.number}.")
            first = not entity.logins.exists()
            login = create_login(entity=entity, by=None, is_administrator=first, **person)
        except NumberTaken:
            raise CommandError(f"--entity-number: another entity has the number {number}.") from None
        except PersonExists:
            raise CommandError("The authority has a login for this document already: give its --euid.") from None
        change_roles(login=login, by=None, roles=roles)
        send_code(login=login, by=None)
        self.stdout.write(f"The activation code goes to {login.masked_mobile}.")
        return login

    def give(self, euid: str, roles: list[Role]) -> StaffLogin:
        login = StaffLogin.objects.select_related("entity").filter(euid=euid).first()
        try:
            if login is None:
                raise NotOfAuthority
            changed = change_roles(login=login, by=None, roles=roles)
        except NotOfAuthority:
            raise CommandError(f"No login of the authority has the EUID {euid!r}.") from None
        except StatusNotAllowed:
            raise CommandError("This login has left; somebody who comes back gets a new one.") from None
        self.stdout.write("The roles are changed." if changed else "These are its roles already.")
        return login
