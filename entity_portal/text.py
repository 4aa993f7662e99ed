"""One spelling for what people type: normalised before it is checked, stored or compared."""

import unicodedata
from datetime import date, datetime, time

from babel.numbers import format_decimal
from django.utils import timezone
from django.utils.translation import get_language

from entity_portal.places import LOCALES


def plain(text: str) -> str:
    """NFKC (full-width digits and letters become ordinary ones), no spaces around."""
    return unicodedata.normalize("NFKC", text).strip()


def bare(text: str) -> str:
    """What is compared when people search: small letters, no accents, `João` as `joao`."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not "\u0300" <= character <= "\u036f").lower()


def alphanumeric(text: str) -> str:
    """Letters and digits only, in capitals: `1234567(8)` becomes `12345678` (S5.7), `k7rm-4xwq` becomes `K7RM4XWQ`."""
    capitals = plain(text).upper()
    return capitals if capitals.isalnum() else "".join(filter(str.isalnum, capitals))


def name(chinese: str, latin: str) -> str:
    """Of the two names of a person or an entity the one in the reader's script; the other where there is none."""
    return (chinese or latin) if get_language() == "zh-hant" else (latin or chinese)


def has_control_characters(text: str) -> bool:
    """True for line breaks, NUL, direction marks, zero width, lone surrogates: none belongs into a name (A46, A84)."""
    if text.isprintable():  # as good as always; that none of them is
        return False
    return any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in text)


def mask(text: str, *, head: int = 2, tail: int = 2) -> str:
    """`12345678` becomes `12****78` (Q28); short text shows less, none stays none."""
    if len(text) <= head + tail:
        return text[:1] + "*" * (len(text) - 1)
    return text[:head] + "*" * (len(text) - head - tail) + text[-tail:]


def moment(when: datetime) -> str:
    """`2026-03-11 10:42`, in Macau's time."""
    return timezone.localtime(when).strftime("%Y-%m-%d %H:%M")


def start_of(day: date) -> datetime:
    """Midnight in Macau, with which a day begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


def check_digit(digits: str) -> str:
    """The ISO/IEC 7064 MOD 11,10 check digit of decimal digits: finds every single wrong digit."""
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def number(count: int) -> str:
    """`12,480` by the rule of the reader's language (CLDR): in Portuguese with a space.

    For counts alone: what people quote, such as entity numbers, EUIDs, telephone numbers and dates, is never parted.
    """
    return format_decimal(count, locale=LOCALES[get_language() or "zh-hant"])
