"""Telephone numbers, by libphonenumber's data: which can receive a text, and how they are written."""

import phonenumbers

# In some countries a number does not tell whether it is mobile.
MOBILE_TYPES = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}


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


def masked(number: str) -> str:
    """`+853 66** **56`: the country, two digits at either end, and the groups as people write them (Q28)."""
    country, _space, national = written(number).partition(" ")
    shown = [index for index, character in enumerate(national) if character.isdigit()]
    hidden = set(shown[2:-2])
    return f"{country} " + "".join("*" if index in hidden else digit for index, digit in enumerate(national))
