"""One spelling for what people type."""

import itertools

import pytest
from django.utils import translation

from accounts.models import new_entity_number
from entity_portal.text import alphanumeric, check_digit, has_control_characters, mask, name, number, plain
from staff.models.login import new_euid


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1234567(8)", "12345678"),
        ("１２３４５６７（８）", "12345678"),
        ("k7rm-4xwq", "K7RM4XWQ"),
        (" a 1 . b_2 ", "A1B2"),
        ("", ""),
        ("()-/", ""),
    ],
)
def test_symbols_are_dropped_and_letters_become_capitals_S5_7(typed: str, kept: str) -> None:
    assert alphanumeric(typed) == kept
    assert alphanumeric(kept) == kept


def test_full_width_becomes_ordinary_and_the_edges_are_trimmed_A85() -> None:
    assert plain("　ａｂｃ－１２３　") == "abc-123"


@pytest.mark.parametrize(
    "text", ["a\x00b", "a\nb", "a\tb", "a\u200bb", "a\u202eb", "a\u2028b", "a\ufeffb", "\ud800", "a\x7fb", "a\x85b"]
)
def test_hidden_characters_are_found_A82_A84(text: str) -> None:
    assert has_control_characters(text)


@pytest.mark.parametrize(
    "text", ["", "何梓軒", "𠮷𠝹", "Zoë d'Óra-Nuñez", "LEI MEI LENG", "\u3000", "a\xa0b", "\ue000", "é"]
)
def test_letters_of_any_script_are_not_hidden_A88(text: str) -> None:
    assert not has_control_characters(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("12345678", "12****78"),
        ("110105194912310021", "11**************21"),
        ("12345", "12*45"),
        ("1234", "1***"),
        ("12", "1*"),
        ("1", "1"),
        ("", ""),
    ],
)
def test_masked_text_keeps_its_length_and_little_else_Q28(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(("digits", "check"), [("0794", "5"), ("3657426180", "9"), ("3339200596", "1")])
def test_check_digits_are_those_of_the_standard(digits: str, check: str) -> None:
    """ISO/IEC 7064 MOD 11,10: its own example, a German tax number and a Croatian OIB as published."""
    assert check_digit(digits) == check


def test_one_wrong_digit_never_goes_unnoticed_Q27() -> None:
    for digits in ("8021645", "000000000", "123456789", "999999999"):
        whole = digits + check_digit(digits)
        for place, digit in itertools.product(range(len(whole)), "0123456789"):
            if digit != whole[place]:
                wrong = whole[:place] + digit + whole[place + 1 :]
                assert check_digit(wrong[:-1]) != wrong[-1]


def test_new_numbers_have_their_form_and_are_random_Q26_Q27_A64() -> None:
    numbers = {new_entity_number() for _turn in range(500)}
    euids = {new_euid() for _turn in range(500)}
    assert len(numbers) > 490
    assert len(euids) == 500
    for each in numbers:
        assert len(each) == 8
        assert each[0] != "0"
        assert check_digit(each[:-1]) == each[-1]
    for euid in euids:
        assert (euid[:2], len(euid)) == ("CU", 12)
        assert check_digit(euid[2:-1]) == euid[-1]


@pytest.mark.parametrize(
    ("language", "grouped"),
    [
        ("en", ("999", "1,000", "12,480", "1,234,567")),
        ("zh-hant", ("999", "1,000", "12,480", "1,234,567")),
        ("pt", ("999", "1\u00a0000", "12\u00a0480", "1\u00a0234\u00a0567")),
    ],
)
def test_numbers_are_parted_as_the_language_does(language: str, grouped: tuple[str, ...]) -> None:
    with translation.override(language):
        assert tuple(number(n) for n in (999, 1000, 12480, 1234567)) == grouped


@pytest.mark.parametrize(
    ("language", "chinese", "latin", "shown"),
    [
        ("zh-hant", "陳詠珊", "CHAN WENG SAN", "陳詠珊"),
        ("zh-hant", "", "CHAN WENG SAN", "CHAN WENG SAN"),
        ("pt", "陳詠珊", "CHAN WENG SAN", "CHAN WENG SAN"),
        ("en", "陳詠珊", "", "陳詠珊"),
    ],
)
def test_a_name_is_in_the_readers_script_where_there_is_one(
    language: str, chinese: str, latin: str, shown: str
) -> None:
    with translation.override(language):
        assert name(chinese, latin) == shown
