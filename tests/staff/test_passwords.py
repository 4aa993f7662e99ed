"""What a password may be, and that it is the same password however a keyboard sends it."""

import unicodedata

import pytest
from django.contrib.auth.hashers import check_password, make_password

from staff import operations
from staff.forms import ChangePasswordForm, SignInForm
from staff.hashers import Argon2id
from tests.cast import PASSWORD, Cast, enter
from tests.pages import text_of

# --- one password, however it is sent ---

SPELLINGS = [
    ("Macau2026x", "Ｍａｃａｕ２０２６ｘ"),  # full-width letters and digits, as Chinese keyboards send them
    ("Atenção2026", unicodedata.normalize("NFD", "Atenção2026")),  # accents apart, as some keyboards send them
    ("ガギグA1b", "ｶﾞｷﾞｸﾞA1b"),  # half-width katakana
    ("Macau 2026 x", "Macau\u30002026\u00a0x"),  # the wide space and the one that does not break
]


@pytest.mark.parametrize(("one", "other"), [*SPELLINGS, *((other, one) for one, other in SPELLINGS)])
def test_a_password_set_in_one_spelling_is_right_in_the_other_S8_3(one: str, other: str) -> None:
    assert one != other
    assert check_password(other, make_password(one))


@pytest.mark.parametrize("password", ["🦊🐈‍⬛A1b", "𠮷野家Aa1", "  Macau2026x  ", "x" * 128, "澳" * 128])
def test_every_character_counts_and_none_is_lost(password: str) -> None:
    encoded = make_password(password)
    assert check_password(password, encoded)
    for other in (password[:-1], password[1:], password.strip(" ") + "?", password.swapcase() + "?"):
        assert not check_password(other, encoded)


def test_spaces_at_both_ends_belong_to_the_password() -> None:
    assert not check_password("Macau2026x", make_password(" Macau2026x "))


def test_the_door_and_the_page_take_either_spelling(company: Cast) -> None:
    wide = "Ｍａｃａｕ２０２６ｘ"
    came = operations.check_password(entity_number=company.entity.number, username="ao.hoiian", password=wide)
    assert came == company.staff
    new = {"new_password": "Segurança2026", "new_password_again": unicodedata.normalize("NFD", "Segurança2026")}
    changed = enter(company.staff).post("/account/password/", {"old_password": wide, **new})
    assert changed.status_code == 302, "typed twice on two keyboards is typed twice"


# --- how long (A18) ---


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of the passwords that were hashed or checked."""
    lengths: list[int] = []
    encode, verify = Argon2id.encode, Argon2id.verify
    monkeypatch.setattr(Argon2id, "encode", lambda self, pw, salt: lengths.append(len(pw)) or encode(self, pw, salt))  # type: ignore[func-returns-value]
    monkeypatch.setattr(Argon2id, "verify", lambda self, pw, kept: lengths.append(len(pw)) or verify(self, pw, kept))  # type: ignore[func-returns-value]
    return lengths


@pytest.mark.parametrize("character", ["x", "澳", "🦊"])
def test_128_characters_are_taken_and_one_more_is_not(character: str) -> None:
    most = "Aa1" + character * 125
    for password, errors in ((most, []), (most + character, ["new_password", "new_password_again"])):
        data = {"old_password": PASSWORD, "new_password": password, "new_password_again": password}
        assert sorted(ChangePasswordForm(data, login=None).errors) == errors


def test_a_megabyte_is_refused_before_it_is_hashed_A18(company: Cast, hashed: list[int]) -> None:
    door = {"entity_number": company.entity.number, "username": "ao.hoiian", "password": "x" * 1_000_000}
    assert "Use at most 128 characters." in text_of(enter().post("/login/", door))
    new = {"new_password": "Aa1" * 300_000, "new_password_again": "Aa1" * 300_000}
    assert "Use at most 128 characters." in text_of(
        enter(company.staff).post("/account/password/", {"old_password": PASSWORD, **new})
    )
    assert hashed == []
    enter().post("/login/", {**door, "password": PASSWORD})
    assert hashed == [len(PASSWORD)], "a password that fits is looked at"


def test_twenty_megabytes_are_refused_by_the_server_and_by_the_form_A18(company: Cast, hashed: list[int]) -> None:
    door = {"entity_number": company.entity.number, "username": "ao.hoiian", "password": "x" * 20_000_000}
    assert enter().post("/login/", door).status_code == 400
    assert not SignInForm(door).is_valid()
    assert hashed == []
    company.staff.refresh_from_db()
    assert company.staff.failed_attempts == 0
