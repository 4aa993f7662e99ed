"""A person as a command is told of one: an option a field, judged by the page's own form (S9.3)."""

from argparse import ArgumentParser
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.core.management.base import CommandError
from phonenumbers import NumberParseException

from entity_portal.documents import DocumentType
from entity_portal.forms import MobileWidget
from staff.forms import PersonForm

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


def add_options(parser: ArgumentParser) -> None:
    for field, explanation in HELP.items():
        parser.add_argument(option(field), default="", help=explanation)


def given(options: Mapping[str, Any]) -> dict[str, str]:
    """What was said of the person."""
    return {field: options[field] for field in HELP if options[field]}


def judged(person: Mapping[str, str]) -> dict[str, Any]:
    """The cleaned data of the page's own form for a person.

    Raises:
        CommandError: naming each option that is wrong.
    """
    form = PersonForm({**person, **_mobile_cells(person.get("mobile", ""))})
    if not form.is_valid():
        wrong = [f"{option(field)}: {sentence}" for field, errors in form.errors.items() for sentence in errors]
        raise CommandError("\n".join(["Nothing was opened:", *wrong]))
    return form.cleaned_data


def _mobile_cells(mobile: str) -> dict[str, str]:
    """The two cells of the page's field: the region and the number in it."""
    region, number = "MO", mobile
    if mobile.startswith("+"):
        with suppress(NumberParseException):  # the form says what is wrong
            region, number = MobileWidget().decompress(mobile)
    return {"mobile_0": region, "mobile_1": number}
