"""Countries and territories: names in three languages, telephone codes, and the order in which people look for them."""

from functools import cache

import phonenumbers
from babel import Locale
from django.utils.translation import get_language

NEAR = ("MO", "HK", "CN", "TW", "PT")  # Q38: these first, then all others by name
NEAR_BY_PHONE = ("MO", "HK", "CN", "PT")  # Q37

# Where Macau's own usage differs from the Unicode Consortium's list.
NAMES = {
    "zh-hant": {"MO": "澳門", "HK": "香港", "CN": "中國內地", "TW": "台灣"},
    "pt": {"MO": "Macau", "HK": "Hong Kong", "CN": "Interior da China", "TW": "Taiwan"},
    "en": {"MO": "Macao", "HK": "Hong Kong", "CN": "Mainland China", "TW": "Taiwan"},
}
# In the list of codes, but no place that issues documents: unions, unknown, test locales, parts of other countries.
NOT_PLACES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
LOCALES = {"zh-hant": "zh_Hant_MO", "pt": "pt_PT", "en": "en_GB"}


@cache
def _names(language: str) -> dict[str, str]:
    """Code (ISO 3166-1, two letters) to name, ordered by name."""
    territories: dict[str, str] = dict(Locale.parse(LOCALES[language]).territories)
    countries = (code for code in territories if len(code) == 2 and code.isalpha() and code not in NOT_PLACES)
    names = {code: NAMES[language].get(code, territories[code]) for code in countries}
    return dict(sorted(names.items(), key=lambda item: item[1]))


def place_name(code: str) -> str:
    """The name of a place in the reader's language; the code itself where there is none."""
    return _names(get_language() or "zh-hant").get(code, code)


def place_choices() -> list[tuple[str, str]]:
    """(code, name) of every place of issue."""
    return _places(get_language() or "zh-hant")


def telephone_choices() -> list[tuple[str, str]]:
    """(code of the place, "+853 Macau") of every place with a telephone code."""
    return _telephones(get_language() or "zh-hant")


@cache
def _places(language: str) -> list[tuple[str, str]]:
    names = _names(language)
    return [(code, names[code]) for code in NEAR] + [item for item in names.items() if item[0] not in NEAR]


@cache
def _telephones(language: str) -> list[tuple[str, str]]:
    names = _names(language)
    codes = [*NEAR_BY_PHONE, *(code for code in names if code not in NEAR_BY_PHONE)]
    return [
        (code, f"+{prefix} {names[code]}") for code in codes if (prefix := phonenumbers.country_code_for_region(code))
    ]
