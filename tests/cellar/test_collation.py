"""The order of names: Chinese ones by strokes, Latin ones by Portuguese rules, one key for each name."""

import random

import icu
import pytest

from entity_portal.collation import CHINESE, LATIN, sort_key


def in_order(names: list[str], rules: str) -> list[str]:
    """Sorted by their keys, from another order."""
    return sorted(random.sample(names, len(names)), key=lambda name: sort_key(name, rules))


CHINESE_NAMES = [
    "一",
    "丁小明",
    "王一",
    "王小明",
    "何梓軒",
    "李一",
    "李美玲",
    "梁一",
    "陳一",
    "陳詠珊",
    "歐凱欣",
    "龍一",
]
LATIN_NAMES = [
    *("Abel", "Ábaco de Sá", "ABREU", "Ana", "ANA PAULA", "António", "ANTÓNIO COSTA", "Antunes", "Ávila", "Azevedo"),
    *("Çá", "Costa", "da Costa", "DA SILVA", "de Sá", "De Sousa", "Desa", "dos Santos", "Nunes", "Ñunez", "Óscar"),
]


def test_chinese_names_stand_by_the_number_of_their_strokes() -> None:
    assert in_order(CHINESE_NAMES, CHINESE) == CHINESE_NAMES


def test_latin_names_stand_as_portuguese_has_it() -> None:
    by_eye = sorted(LATIN_NAMES, key=lambda name: LATIN_NAMES.index(name))
    by_eye[0], by_eye[1] = by_eye[1], by_eye[0]  # Ábaco, Abel: an accent decides last
    assert in_order(LATIN_NAMES, LATIN) == by_eye


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("A", "Á"),  # the accent decides where all else is equal
        ("Á", "B"),
        ("José", "JOSÉ"),
        ("JOSE", "José"),
        ("JOSÉ ALVES", "Jose Brito"),  # and only there
        ("de Sá", "De Sousa"),
        ("DE SOUSA", "Desa"),  # word by word: a space comes before any letter
    ],
)
def test_accents_and_capitals_decide_only_where_all_else_is_equal(first: str, second: str) -> None:
    assert sort_key(first, LATIN) < sort_key(second, LATIN)


def test_characters_of_hong_kong_and_macau_have_their_place_among_the_others() -> None:
    """冇 4, 𠝹 10, 𨳒 11, 嚟 18 strokes: of HKSCS, partly beyond the first plane (Extension B)."""
    assert in_order(["丁", "冇", "何", "𠝹", "𨳒", "嚟", "龘"], CHINESE) == ["丁", "冇", "何", "𠝹", "𨳒", "嚟", "龘"]
    characters = {
        character
        for head in range(0x87, 0xFF)
        for tail in range(0x40, 0xFF)
        for character in bytes([head, tail]).decode("big5hkscs", errors="ignore")
        if "\u4e00" <= character <= "\u9fff" or character > "\U00020000"
    }
    last = sort_key("\U0002a6a5", CHINESE)[:1]  # of 64 strokes, in no table
    beyond = {character for character in characters if sort_key(character, CHINESE)[:1] >= last}
    assert len(characters) > 17_000
    assert len(beyond) <= 1, beyond


def test_a_rare_character_without_a_known_number_of_strokes_comes_after_the_others() -> None:
    assert in_order(["龘", "𠮷"], CHINESE) == ["龘", "𠮷"]


def test_who_has_no_such_name_comes_last() -> None:
    assert in_order(["王", "龘", "𠮷", "Ana", ""], CHINESE)[-1] == ""


def test_different_names_have_different_keys_and_equal_names_equal_ones() -> None:
    same_to_the_eye = ["É", "E\u0301", "ana", "ana\u00ad"]
    assert len({sort_key(name, LATIN) for name in same_to_the_eye}) == 4
    assert sort_key("陳", CHINESE) == sort_key("陳", CHINESE)


@pytest.mark.parametrize("name", ["ﷺ" * 100, "𠮷" * 100, "ế" * 100])
def test_no_name_makes_a_key_that_an_index_cannot_take(name: str) -> None:
    assert max(len(sort_key(name, rules)) for rules in (CHINESE, LATIN)) <= 408


def test_a_new_version_of_the_tables_is_noticed() -> None:
    """Keys that are kept were made by this one: whoever raises it says in the release to run `sort_names`."""
    assert icu.ICU_VERSION == "77.1"
