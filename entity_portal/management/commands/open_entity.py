"""`manage.py open_entity REGISTRATION_NUMBER`: open an entity from the register, with its first administrator.

The administrator is the legal representative unless --document-number names another person. Their activation code
leaves by SMS; entity, administrator and SMS are made together or not at all.
"""

from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.db import transaction
from phonenumbers import NumberParseException

from accounts.models import Entity, RegisterEntry
from accounts.operations import AlreadyOpen, open_from_register
from activation.operations import send_code
from entity_portal import text
from entity_portal.documents import DocumentType
from entity_portal.forms import MobileWidget
from staff.forms import PersonForm
from staff.models import StaffLogin
from staff.operations import create_login

# What the register knows about a representative: the option that says otherwise names another person.
IDENTITY = ("name_zh", "name_foreign", "document_type", "document_number", "birth_date")
HELP = {
    "name_zh": "name in Chinese",
    "name_foreign": "name in Portuguese or another foreign language",
    "document_type": f"one of {', '.join(DocumentType.values)}",
    "document_number": "number of the identification document, without symbols",
    "document_place": "where the document was issued, two letters of ISO 3166-1 as MO; the register does not say it",
    "birth_date": "as 1990-01-01; where nobody says it, what the person enters when activating is kept",
    "mobile": "as +85366123456, or 8 digits for a number of Macao; the activation code goes there",
    "email": "e-mail address",
}


def option(field: str) -> str:
    return f"--{field.replace('_', '-')}"


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("registration_number", help="as it stands in the register")
        for field, explanation in HELP.items():
            parser.add_argument(option(field), default="", help=explanation)

    @no_translations
    def handle(self, *args: Any, registration_number: str, **options: Any) -> None:
        given = {field: options[field] for field in HELP if options[field]}
        try:
            entity, login = self.open(text.plain(registration_number), given)
        except RegisterEntry.DoesNotExist:
            raise CommandError(f"The register has no line {registration_number!r}.") from None
        except AlreadyOpen as there:
            raise CommandError(f"This entity is open already: its number is {there}.") from None
        self.stdout.write(f"Entity number: {entity.number}")
        self.stdout.write(f"Administrator: {login.euid}; the activation code goes to {login.masked_mobile}")

    @transaction.atomic
    def open(self, registration_number: str, given: dict[str, str]) -> tuple[Entity, StaffLogin]:
        entry = RegisterEntry.objects.current().get(registration_number=registration_number)
        entity = open_from_register(entry=entry)
        person = self.judged({**self.representative(entry, given), **given})
        login = create_login(entity=entity, by=None, is_administrator=True, **person)
        send_code(login=login, by=None)
        return entity, login

    def representative(self, entry: RegisterEntry, given: dict[str, str]) -> dict[str, str]:
        """What the register says about the representative; nothing if the options name another person."""
        if "document_number" in given:
            return {}
        known = {
            field: str(value)
            for field in (*IDENTITY, "mobile")
            if (value := getattr(entry, f"representative_{field}")) not in ("", None)
        }
        if others := [option(field) for field in IDENTITY if field in given and field in known]:
            raise CommandError(
                f"{', '.join(others)}: the register says this of the legal representative already. "
                "To name another person give --document-number as well."
            )
        return known

    def judged(self, person: dict[str, str]) -> dict[str, Any]:
        """The cleaned data of the page's own form for a person."""
        form = PersonForm({**person, **self.mobile_cells(person.get("mobile", ""))})
        if not form.is_valid():
            wrong = [f"{option(field)}: {sentence}" for field, errors in form.errors.items() for sentence in errors]
            raise CommandError("\n".join(["Nothing was opened:", *wrong]))
        return form.cleaned_data

    def mobile_cells(self, mobile: str) -> dict[str, str]:
        """The two cells of the page's field: the region and the number in it."""
        region, number = "MO", mobile
        if mobile.startswith("+"):
            with suppress(NumberParseException):  # the form says what is wrong
                region, number = MobileWidget().decompress(mobile)
        return {"mobile_0": region, "mobile_1": number}
