"""What a password may be, and that it is the same password however a keyboard sends it."""

import re
import unicodedata

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.forms import Form
from django.utils import translation

from activation.forms import CredentialsForm
from entity_portal.demo.people import PASSWORD as DEMO_PASSWORD
from entity_portal.humancheck.models import Challenge
from staff import operations
from staff.forms import ChangePasswordForm, ResetCodeForm, SignInForm
from staff.hashers import Argon2id
from staff.models import StaffLogin
from tests.cast import PASSWORD, Cast, enter
from tests.pages import text_of

COMMON = "This password is too common."
PERSONAL = "The password is too similar to your personal data."
ENTITY = "The password is too similar to the number or the name of your entity."


def said(password: str, person: StaffLogin | None = None) -> list[str]:
    """What is said against a password."""
    with translation.override("en"):
        try:
            validate_password(password, person)
        except ValidationError as error:
            return error.messages
    return []


@pytest.fixture
def person(company: Cast) -> StaffLogin:
    company.staff.document_number, company.staff.email = "15290360", "hi.ao@tea.example.mo"
    return company.staff


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
    assert enter().post("/login/", door).status_code == 413
    assert not SignInForm(door).is_valid()
    assert hashed == []
    company.staff.refresh_from_db()
    assert company.staff.failed_attempts == 0


# --- what is refused ---


@pytest.mark.parametrize(
    ("password", "missing"),
    [
        ("Porta26", "8 characters"),
        ("macau2026xyz", "an upper-case letter"),
        ("MACAU2026XYZ", "a lower-case letter"),
        ("MacauTaipaX", "a digit"),
        ("澳門路環", "8 characters, an upper-case letter, a lower-case letter, a digit"),
        ("ÁÉÍÓÚãõç１", "an upper-case letter, a lower-case letter"),
        ("🦊🦊🦊🦊Aa1", "8 characters"),
        (unicodedata.normalize("NFD", "ÃéÍõAa1"), "8 characters"),
    ],
)
def test_the_rule_says_in_words_what_is_still_missing_S8_3(password: str, missing: str) -> None:
    assert said(password) == [f"Still missing: {missing}."]


@pytest.mark.parametrize("password", ["ｐorta２０２６Ｘ", "Aa1\n\t 4\u3000\u3000", "Aa1澳門半島🦊", "Aa1 Aa1 "])
def test_every_other_character_is_welcome_S8_3(password: str) -> None:
    assert said(password) == []


TRIED_FIRST = """
    Passw0rd Ｐａｓｓｗ０ｒｄ Qwerty123 Macau2026 Ｍａｃａｕ２０２６ MACAu!2026 20Macao26 Aomen1234 M-a-c-a-u-2-0-2-6
    Gov.mo2026 MacauGov2026 Entity2026 Senha12345 sEnha-12-34 Palavra-Passe1 AdminAdmin1 Welcome2026!
    PaSs商社通12 MO一戶通2026mo
"""


@pytest.mark.parametrize("password", TRIED_FIRST.split())
def test_what_everybody_tries_first_is_too_common_whatever_stands_around_it(password: str) -> None:
    assert said(password) == [COMMON]


@pytest.mark.parametrize(
    "password", [PASSWORD, DEMO_PASSWORD, "Macau2026abrigo", "Portas2026", "Governanta1", "Passarinho7", "Abcissa2026"]
)
def test_a_word_more_is_enough(password: str) -> None:
    assert said(password) == []


@pytest.mark.parametrize(
    "password",
    [
        "Ao.hoiian1",
        "AoHoiIan2026",
        "Aa15290360",
        "X15290360x",
        "Hi.ao2026",
        "Abcde66123456",
        "Tel+85366123456",
        "Ｈｏｉｉａｎ１２",
    ],
)
def test_a_password_like_the_persons_own_data_is_refused(person: StaffLogin, password: str) -> None:
    assert said(password, person) == [PERSONAL]
    assert said(password) == []


def test_a_long_name_in_chinese_is_refused_too(person: StaffLogin) -> None:
    person.name_zh = "歐陽凱欣娜達"
    assert said("歐陽凱欣娜達Aa1", person) == [PERSONAL]


@pytest.mark.parametrize(
    "password", ["Aa80216453", "80216453Abcd", "HouWanLimitada1", "Limitada1", "濠灣茶餐飲有限公司Aa1"]
)
def test_a_password_like_the_entitys_number_or_name_is_refused(person: StaffLogin, password: str) -> None:
    person.entity.number = "80216453"
    assert said(password, person) == [ENTITY]
    assert said(password) == []


@pytest.mark.parametrize(
    "password",
    ["O comboio da Taipa chega sempre adiantado 3 minutos", "Sopa de fitas e limonada na Rua da Felicidade 1"],
)
def test_a_sentence_is_a_good_password_beside_the_longest_name(person: StaffLogin, password: str) -> None:
    person.entity.name_pt = "Associação de Beneficência dos Moradores da Taipa"
    person.name_foreign = "MARIA DE FATIMA RODRIGUES DOS SANTOS DA SILVA"
    assert said(password, person) == []
    assert said("Associação de Beneficência dos Moradores 1", person) == [ENTITY]


def test_a_login_that_is_being_filled_in_is_compared_with_what_it_has() -> None:
    assert said("Ao.hoiian1", StaffLogin(username="ao.hoiian")) == [PERSONAL]
    assert said("Ao.hoiian1", StaffLogin()) == []


# --- the page ---


@pytest.mark.parametrize(
    ("form", "autocomplete"),
    [
        (SignInForm(), {"password": "current-password"}),
        (
            ChangePasswordForm(login=None),
            {"old_password": "current-password", "new_password": "new-password", "new_password_again": "new-password"},
        ),
        (ResetCodeForm(login=None), {"new_password": "new-password", "new_password_again": "new-password"}),
        (CredentialsForm(login=StaffLogin()), {"password": "new-password", "password_again": "new-password"}),
    ],
    ids=lambda each: type(each).__name__,
)
def test_every_password_can_be_shown_and_tells_password_managers_what_it_is(
    form: Form, autocomplete: dict[str, str]
) -> None:
    drawn = {bound.name: bound.as_field_group() for bound in form if bound.widget_type == "password"}
    assert drawn.keys() == autocomplete.keys()
    for name, html in drawn.items():
        assert f'autocomplete="{autocomplete[name]}"' in html
        assert "maxlength" not in html
        assert f'<button class="button" type="button" aria-controls="id_{name}" hidden>' in html
        assert "js/password.js" in html


def test_the_four_parts_stand_beside_a_new_password_in_the_words_of_the_refusal_S8_3(company: Cast) -> None:
    page = enter(company.staff).post(
        "/account/password/", {"old_password": PASSWORD, "new_password": "澳", "new_password_again": "澳"}
    )
    html = page.content.decode()
    parts = re.findall(r'<li data-part="([^"]+)">.*?<span data-words>([^<]+)</span>', html)
    assert parts == [
        (".{8}", "8 characters"),
        ("[A-Z]", "an upper-case letter"),
        ("[a-z]", "a lower-case letter"),
        ("[0-9]", "a digit"),
    ]
    assert "Still missing: 8 characters, an upper-case letter, a lower-case letter, a digit." in text_of(page)
    assert 'data-missing="Still missing: {what}."' in html
    assert '<ul class="parts" hidden' in html, "without its script the list would never change"
    assert "At least 8 characters with upper-case letters, lower-case letters and digits" in text_of(page)
    assert "15 or more characters are better." in text_of(page)


WHOSE = '<input id="whose" autocomplete="username" value="{}" readonly tabindex="-1">'


def test_password_managers_learn_whose_password_is_changed(company: Cast) -> None:
    html = enter(company.staff).get("/account/password/").content.decode()
    assert WHOSE.format("ao.hoiian") in html


@pytest.mark.parametrize("username", ["ao.hoiian", "nobody.here"])
def test_they_learn_on_the_reset_page_what_was_typed_there_whether_or_not_it_exists_A13(
    company: Cast, username: str
) -> None:
    visitor = enter()
    question = Challenge.ask("picture")
    typed = {"entity_number": company.entity.number, "username": username, "birth_date": "1990-01-01"}
    page = visitor.post(
        "/help/reset-password/", {**typed, "human_0": question.key, "human_1": question.task}, follow=True
    )
    assert WHOSE.format(username) in page.content.decode()
