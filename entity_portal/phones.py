"""Telephone numbers, by libphonenumber's data: which can receive a text, and how they are written."""

import re
from typing import Any

import phonenumbers

# In some countries a number does not tell whether it is mobile.
MOBILE_TYPES = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
OURS = re.compile(r"\+853[0-9]{8}")  # written in two groups of four
# A mobile number of Macao, by libphonenumber's own pattern: most are, and all it does otherwise takes far longer.
_MACAO: Any = phonenumbers.PhoneMetadata.metadata_for_region("MO")
OUR_MOBILE = re.compile(rf"(?:\+853)?({_MACAO.mobile.national_number_pattern})")


def region(number: str) -> str | None:
    """The ISO 3166 code of the region an E.164 number belongs to; None where there is none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None


def is_mobile(number: str) -> bool:
    """Whether an E.164 number is of a kind that can receive a text."""
    try:
        return phonenumbers.number_type(phonenumbers.parse(number)) in MOBILE_TYPES
    except phonenumbers.NumberParseException:
        return False


def written(number: str) -> str:
    """An E.164 number as people write it: `+853 6612 3456`."""
    return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _parts(number: str) -> tuple[str, str]:
    if OURS.fullmatch(number):  # most are, and a list has many of them
        return number[:4], f"{number[4:8]} {number[8:]}"
    country, _space, national = written(number).partition(" ")
    return country, national


def masked(number: str) -> str:
    """`+853 66** **56`: the country, two digits at either end, and the groups as people write them (Q28)."""
    if not number:  # of whoever left long ago
        return ""
    country, national = _parts(number)
    shown = [index for index, character in enumerate(national) if character.isdigit()]
    hidden = set(shown[2:-2])
    return f"{country} " + "".join("*" if index in hidden else digit for index, digit in enumerate(national))
