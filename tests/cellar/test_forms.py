"""Fields that several pages ask for: what they take, what they refuse, and that they never break."""

import re
from datetime import date, datetime
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.forms import ChoiceField, Field, Form
from django.utils import translation

from entity_portal.forms import (
    BirthDateField,
    EntityNumberField,
    MobileField,
    NameField,
    NumberField,
    PasswordField,
    PlainField,
    UsernameField,
    username_rule,
)
from entity_portal.places import place_choices, telephone_choices
from staff.forms import PersonForm


def field(kind: str) -> Field:
    """A field with a limit, as pages ask for it."""
    if kind == "password":
        return PasswordField(label="x", autocomplete="off")
    kinds: dict[str, Any] = {
        "name": lambda: NameField(label="x"),
        "number": lambda: NumberField(label="x", max_length=40),
        "entity": EntityNumberField,
        "date": BirthDateField,
        "plain": lambda: PlainField(max_length=100),
        "username": lambda: UsernameField(validators=[username_rule]),
    }
    return kinds[kind]()


TEXT = ("name", "number", "entity", "plain", "username")


# --- mobile ---


@pytest.mark.parametrize(
    ("region", "number", "kept"),
    [
        ("MO", "66123456", "+85366123456"),
        ("MO", "6612 3456", "+85366123456"),
        ("MO", "６６１２３４５６", "+85366123456"),
        ("MO", "+853 6612-3456", "+85366123456"),
        ("HK", "9123 4567", "+85291234567"),
        ("CN", "138 0013 8000", "+8613800138000"),
        ("PT", "912 345 678", "+351912345678"),
        ("TW", "0912 345 678", "+886912345678"),
    ],
)
def test_mobile_numbers_become_international_Q37(region: str, number: str, kept: str) -> None:
    assert MobileField().clean([region, number]) == kept


@pytest.mark.parametrize(
    ("region", "number"),
    [
        ("MO", "28123456"),
        ("MO", "6612345"),
        ("MO", "661234567"),
        ("MO", "+85291234567"),
        ("MO", "letters"),
        ("HK", "2123 4567"),
        ("CN", "010 8888 8888"),
        ("PT", "212 345 678"),
        ("MO", "9" * 20),
        ("MO", "6" * 5000),
        ("MO", "66\x00123456"),
        ("MO", "\ud800"),
        ("XX", "66123456"),
        ("", "66123456"),
        ("MO", ""),
        ("MO", "110"),
    ],
)
def test_landlines_and_what_is_no_number_are_refused_A81_A87(region: str, number: str) -> None:
    with pytest.raises(ValidationError):
        MobileField().clean([region, number])


def test_macao_comes_first_then_the_neighbours_then_all_others_Q37() -> None:
    with translation.override("zh-hant"):
        choices = telephone_choices()
    assert [code for code, _name in choices[:4]] == ["MO", "HK", "CN", "PT"]
    assert len(choices) == len(dict(choices)) > 200
    assert choices[0][1] == "+853 澳門"


def test_places_of_issue_begin_with_the_near_ones_Q38() -> None:
    with translation.override("zh-hant"):
        places = place_choices()
    assert [name for _code, name in places[:5]] == ["澳門", "香港", "中國內地", "台灣", "葡萄牙"]
    assert len(places) == len({code for code, _name in places}) > 200


@pytest.mark.parametrize("stored", ["+85366123456", "+85291234567", "+8613800138000", "+351912345678", "+14155552671"])
def test_a_stored_number_is_shown_as_it_was_typed_and_cleans_to_itself(stored: str) -> None:
    mobile = MobileField()
    assert mobile.clean(mobile.widget.decompress(stored)) == stored


def test_an_empty_mobile_begins_in_macao() -> None:
    assert MobileField().widget.decompress(None) == ["MO", ""]


# --- lists ---


@pytest.mark.parametrize("language", ["zh-hant", "pt", "en"])
def test_a_long_list_is_drawn_whole_in_the_readers_language_with_one_chosen_Q37_Q38(language: str) -> None:
    with translation.override(language):
        drawn = MobileField(label="x").widget.render("mobile", "+351912345678", {"id": "id_mobile"})
        lines = re.findall(r'<option value="(\w\w)"( selected)?>([^<]+)</option>', drawn)
        assert [(code, unescape(words)) for code, _chosen, words in lines] == telephone_choices()
        assert [code for code, chosen, _words in lines if chosen] == ["PT"]
        places = PersonForm({"document_place": "HK"})["document_place"].as_widget()
        assert re.findall(r'value="(\w*)" selected', places) == ["HK"]
        assert len(re.findall("<option", places)) == 1 + len(place_choices())
        assert re.search(r"<select[^>]* required", places), "its first line means none"


def test_a_list_escapes_what_it_shows_and_keeps_its_groups() -> None:
    field = ChoiceField(choices=[("", "—"), ("Ilhas & Taipa", [("<1>", "<b>"), (2, "two")])])
    drawn = str(type("F", (Form,), {"place": field})({"place": "2"})["place"])
    assert '<optgroup label="Ilhas &amp; Taipa"><option value="&lt;1&gt;">&lt;b&gt;</option>' in drawn
    assert re.findall(r'value="(\w*)" selected', drawn) == ["2"]


# --- dates ---


@pytest.mark.parametrize(
    "typed", ["1990-01-01", "1990/01/01", "19900101", " 1990-01-01 ", "１９９０－０１－０１", "1990-1-1"]
)
def test_a_birth_date_may_be_typed_in_three_ways_S5_9_A85(typed: str) -> None:
    assert BirthDateField().clean(typed) == date(1990, 1, 1)


@pytest.mark.parametrize(
    "typed",
    [
        "0000-00-00",
        "1990-02-30",
        "1990-13-01",
        "9999-12-31",
        "10000-01-01",
        "1850-01-01",
        "0001-01-01",
        "01-01-1990",
        "1990",
        "yesterday",
        "1990-01-01T00:00",
        "-1990-01-01",
        "1990\x00-01-01",
        "\ud800",
        "1" * 5000,
    ],
)
def test_what_is_no_birth_date_is_refused_A81_A86(typed: str) -> None:
    with pytest.raises(ValidationError):
        BirthDateField().clean(typed)


def test_today_is_taken_and_tomorrow_is_not_and_days_are_macaus_A86(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 3, 11, 0, 30, tzinfo=ZoneInfo("Asia/Macau")), tick=False)
    assert BirthDateField().clean("2026-03-11") == date(2026, 3, 11)
    with pytest.raises(ValidationError):
        BirthDateField().clean("2026-03-12")
    assert BirthDateField().clean("1906-01-01") == date(1906, 1, 1)
    with pytest.raises(ValidationError):
        BirthDateField().clean("1905-12-31")


# --- text ---


@pytest.mark.parametrize("kind", TEXT)
@pytest.mark.parametrize(
    "value", ["a\x00bcd", "abc\u202ed", "abc\u200bd", "ab\ncd", "ab\rcd", "\ud800abc", "abc\ufeffd", "abc\u2028d"]
)
def test_hidden_characters_are_a_clear_error_A81_A82_A84(kind: str, value: str) -> None:
    with pytest.raises(ValidationError) as error:
        field(kind).clean(value)
    assert error.value.messages


@pytest.mark.parametrize("kind", [*TEXT, "password", "date"])
def test_five_thousand_characters_are_a_clear_error_A87(kind: str) -> None:
    with pytest.raises(ValidationError) as error:
        field(kind).clean("x" * 5000)
    assert error.value.messages


@pytest.mark.parametrize("name", ["𠮷田", "陳𠝹", "䨻", "Zoë d'Óra-Nuñez", "Ｆｕｌｌ", "㈱", "ﾊﾝｶｸ", "\uf9dc"])
def test_names_are_kept_as_they_are_typed_A88(name: str) -> None:
    assert NameField(label="x").clean(name) == name


def test_spaces_in_names_become_single_ones() -> None:
    assert NameField(label="x").clean("  LEI   MEI\u3000LENG ") == "LEI MEI LENG"
    for nothing in ("", "   ", "\u3000"):
        with pytest.raises(ValidationError):
            NameField(label="x").clean(nothing)


def test_a_hundred_characters_are_a_name_and_one_more_is_not() -> None:
    assert NameField(label="x").clean("𠮷" * 100)
    with pytest.raises(ValidationError):
        NameField(label="x").clean("𠮷" * 101)


def test_numbers_lose_their_symbols_and_must_have_something_left_S5_7() -> None:
    assert field("number").clean("1234567(8)") == "12345678"
    with pytest.raises(ValidationError):
        field("number").clean("()--()")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Ao.HoiIan", "ao.hoiian"), ("ａｏ．ｈｏｉ", "ao.hoi"), ("a_b-c.9", "a_b-c.9"), ("x" * 30, "x" * 30)],
)
def test_usernames_are_one_in_any_case_and_width_Q16(typed: str, kept: str) -> None:
    assert field("username").clean(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["abc", "x" * 31, "two words", "naïve", "сhan.san", "a/bcd", "a@bcd", "陳大文文", "abcd\u0301", "ABCDİ", "éabcd"],
)
def test_other_usernames_are_refused_Q16_A83_A84(typed: str) -> None:
    with pytest.raises(ValidationError):
        field("username").clean(typed)


def test_a_password_is_taken_as_typed_spaces_and_all() -> None:
    for typed in ("  Macau 2026 𠮷 ", "x" * 128):
        assert field("password").clean(typed) == typed
    with pytest.raises(ValidationError):
        field("password").clean("x" * 129)


def test_a_browser_neither_cuts_nor_corrects_nor_capitalises_a_password() -> None:
    attrs = field("password").widget.attrs
    assert "maxlength" not in attrs
    assert (attrs["autocapitalize"], attrs["spellcheck"]) == ("none", "false")
