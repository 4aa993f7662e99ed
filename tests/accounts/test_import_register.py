"""The official register comes in whole or not at all, and says where a file is wrong."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation

from accounts import register
from accounts.models import Kind, RegisterEntry
from accounts.operations import Imported, import_register
from entity_portal.audit.models import Event
from tests.race import at_once

pytestmark = pytest.mark.django_db

SAMPLE = settings.BASE_DIR / "accounts" / "sample_register.csv"
HEADER = (
    "registration_number,kind,name_zh,name_pt,representative_name_zh,representative_name_foreign,"
    "representative_document_type,representative_document_number,representative_birth_date,representative_mobile"
)
GOOD = {
    "registration_number": "100 SO",
    "kind": "company",
    "name_zh": "濠灣茶餐飲有限公司",
    "name_pt": "Hou Wan Chá, Limitada",
    "representative_name_zh": "馮世傑",
    "representative_name_foreign": "FONG SAI KIT",
    "representative_document_type": "bir_permanent",
    "representative_document_number": "50917346",
    "representative_birth_date": "1958-06-03",
    "representative_mobile": "+85366812207",
}


def line(**cells: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow({**GOOD, **cells}.values())
    return out.getvalue().removesuffix("\n")


def file(*lines: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *lines, ""]).encode()


def problems(content: bytes) -> list[tuple[int, str]]:
    """(line, column) of everything that is wrong in a file."""
    with pytest.raises(register.BadRegister) as bad:
        register.read(content)
    return [(problem.line, problem.column) for problem in bad.value.args[0]]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is wrong in a file is said in the language of whoever reads it."""
    with translation.override("en"):
        yield


def sentences(content: bytes) -> str:
    with pytest.raises(register.BadRegister) as bad:
        register.read(content)
    return "\n".join(str(problem) for problem in bad.value.args[0])


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Imports a file and gives back what the command says."""

    def run(content: bytes) -> str:
        path = tmp_path / "register.csv"
        path.write_bytes(content)
        call_command("import_register", str(path))
        return capsys.readouterr().out.strip()

    return run


# --- what comes in ---


def test_a_good_line_comes_in_as_it_stands(command: Any) -> None:
    assert command(file(line())) == "1 new, 0 changed, 0 unchanged."
    entry = RegisterEntry.objects.get()
    assert {field: str(getattr(entry, field)) for field in GOOD} == GOOD
    assert entry.representative_birth_date == date(1958, 6, 3)


def test_a_known_number_is_changed_or_left_as_it_was(command: Any) -> None:
    command(file(line(), line(registration_number="200 SO")))
    before = RegisterEntry.objects.get(registration_number="200 SO").imported_at
    said = command(
        file(
            line(name_zh="濠灣茶餐飲一人有限公司", representative_birth_date=""),
            line(registration_number="200 SO"),
            line(registration_number="300 SO"),
        )
    )
    assert said == "1 new, 1 changed, 1 unchanged."
    changed = RegisterEntry.objects.get(registration_number="100 SO")
    assert (changed.name_zh, changed.representative_birth_date) == ("濠灣茶餐飲一人有限公司", None)
    assert RegisterEntry.objects.get(registration_number="200 SO").imported_at == before


def test_what_a_file_does_not_name_stays(command: Any) -> None:
    command(file(line()))
    command(file(line(registration_number="200 SO")))
    assert RegisterEntry.objects.count() == 2


def test_an_import_is_one_line_of_history_with_its_counts(command: Any) -> None:
    command(file(line()))
    event = Event.objects.get(action="register.imported")
    assert event.entity_number == ""
    assert event.data == {"new": 1, "changed": 0, "unchanged": 0, "gone": 0}


def test_a_byte_order_mark_and_windows_line_ends_are_welcome(command: Any) -> None:
    content = b"\xef\xbb\xbf" + file(line(), line(registration_number="200 SO")).replace(b"\n", b"\r\n")
    assert command(content) == "2 new, 0 changed, 0 unchanged."


def test_columns_may_stand_in_any_order() -> None:
    columns = HEADER.split(",")[::-1]
    cells = ",".join(f'"{GOOD[column]}"' for column in columns)
    assert register.read(file(cells, header=",".join(columns))) == register.read(file(line()))


@pytest.mark.parametrize("typed", ["+85366812207", "66812207", "+853 6681 2207", "６６８１２２０７"])
def test_a_mobile_number_is_kept_as_E164(typed: str) -> None:
    assert register.read(file(line(representative_mobile=typed)))[0]["representative_mobile"] == "+85366812207"


def test_rare_characters_stay_as_they_are_in_the_register() -> None:
    (entry,) = register.read(file(line(representative_name_zh="吳𤒹\U0002f8a6", name_zh="\U0002f8a6記")))
    assert (entry["representative_name_zh"], entry["name_zh"]) == ("吳𤒹\U0002f8a6", "\U0002f8a6記")


def test_one_name_is_enough_in_either_language() -> None:
    lines = register.read(
        file(
            line(name_zh="", representative_name_zh=""),
            line(registration_number="200 SO", name_pt="", representative_name_foreign=""),
        )
    )
    assert len(lines) == 2


# --- what does not ---


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_bad_line_anywhere_imports_nothing(command: Any, place: int) -> None:
    lines = [line(registration_number=f"{number} SO") for number in (1, 2)]
    lines.insert(place, line(kind="circus"))
    with pytest.raises(CommandError) as refusal:
        command(file(*lines))
    assert refusal.value.returncode == 1
    assert f"line {place + 2}, kind: Give one of: company, association," in str(refusal.value)
    assert not RegisterEntry.objects.exists()
    assert not Event.objects.exists()


def test_every_bad_line_is_named_not_only_the_first() -> None:
    content = file(
        line(kind="circus", representative_mobile="28820000"),
        line(registration_number="200 SO"),
        line(registration_number=""),
    )
    assert problems(content) == [(2, "kind"), (2, "representative_mobile"), (4, "registration_number")]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("registration_number", ""),
        ("registration_number", "9" * 31),
        ("kind", ""),
        ("kind", "Company"),
        ("name_zh", "茶" * 201),
        ("name_zh", "濠灣\u202e茶"),
        ("name_pt", "two\nlines"),
        ("representative_name_zh", "馮" * 101),
        ("representative_name_foreign", "FONG\tSAI KIT"),
        ("representative_document_type", "library_card"),
        ("representative_document_number", ""),
        ("representative_document_number", "1234567"),
        ("representative_document_number", "A1234567"),
        ("representative_birth_date", "03/06/1958"),
        ("representative_birth_date", "1958-02-30"),
        ("representative_birth_date", "1758-06-03"),
        ("representative_birth_date", "2999-01-01"),
        ("representative_mobile", ""),
        ("representative_mobile", "28820000"),  # a landline
        ("representative_mobile", "6681220"),
        ("representative_mobile", "+85312345678"),
        ("representative_mobile", "0085366812207"),
        ("representative_mobile", "+85366812207;ext=1"),
    ],
)
def test_a_wrong_cell_is_named_by_line_and_column(column: str, cell: str) -> None:
    content = file(line(registration_number="1 SO"), line(**{column: cell}))
    assert problems(content) == [(3, column)]


@pytest.mark.parametrize(
    ("column", "without"),
    [
        ("name_zh", {"name_zh": "", "name_pt": ""}),
        ("representative_name_zh", {"representative_name_zh": " ", "representative_name_foreign": ""}),
    ],
)
def test_no_name_at_all_is_refused(column: str, without: dict[str, str]) -> None:
    assert problems(file(line(**without))) == [(2, column)]


def test_a_registration_number_stands_once_in_a_file() -> None:
    content = file(line(), line(registration_number="200 SO"), line(registration_number=" 100 SO"))
    assert problems(content) == [(4, "registration_number")]
    assert "This number stands in line 2 already." in sentences(content)


@pytest.mark.parametrize("cells", [line() + ",", line().rsplit(",", 1)[0], " ", "100 SO"])
def test_a_wrong_number_of_cells_is_refused(cells: str) -> None:
    assert problems(file(line(registration_number="1 SO"), cells)) == [(3, "")]


def test_line_numbers_count_the_lines_of_the_file_not_the_rows() -> None:
    two_lines = line(registration_number="1 SO", name_pt="two\nlines")
    assert problems(file("", two_lines, "", line(kind="circus"))) == [(3, "name_pt"), (6, "kind")]


@pytest.mark.parametrize(
    ("header", "wrong"),
    [
        (HEADER.replace("kind,", ""), [(1, "kind")]),
        (HEADER + ",fax", [(1, "")]),
        (HEADER + ",kind", [(1, "kind")]),
        (HEADER.replace("kind", "Kind"), [(1, ""), (1, "kind")]),
    ],
)
def test_unknown_missing_and_repeated_columns_are_named(header: str, wrong: list[tuple[int, str]]) -> None:
    assert problems(file(line(), header=header)) == wrong


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", HEADER.encode(), file()])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert len(problems(content)) == 1


def test_a_NUL_byte_is_named_by_line_and_column() -> None:
    content = file(line(registration_number="1 SO"), line(kind="company\0"))
    assert problems(content) == [(3, "kind")]
    assert "NUL byte" in sentences(content)


def test_what_is_not_UTF_8_is_named_by_line_and_column() -> None:
    content = file(line(registration_number="1 SO")) + line(name_pt="").encode("big5hkscs")
    assert problems(content) == [(3, "name_zh"), (3, "representative_name_zh")]
    assert "This is not UTF-8" in sentences(content)


def test_a_file_in_UTF_16_is_refused_in_one_sentence() -> None:
    assert problems(file(line()).decode().encode("utf-16")) == [(1, "")]


def test_a_quote_left_open_is_named_by_the_line_where_it_opens() -> None:
    open_quote = line(registration_number="2 SO").replace("濠灣茶", '"濠灣茶', 1)
    content = file(line(registration_number="1 SO"), open_quote, line(registration_number="3 SO", name_pt="Ho, Lda"))
    assert problems(content)[0] == (3, "")
    assert "is a quote left open?" in sentences(content)


def test_a_file_that_is_not_there_is_a_sentence_too() -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_register", "/nowhere/register.csv")


# --- two at once ---


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_same_file_imported_by_many_at_once_is_new_to_one() -> None:
    lines = register.read(SAMPLE.read_bytes())
    results = at_once(4, lambda _: import_register(lines=lines))
    assert sorted(map(repr, results)) == sorted(
        map(repr, [Imported(200, 0, 0), Imported(0, 0, 200), Imported(0, 0, 200), Imported(0, 0, 200)])
    )


# --- the sample ---


def test_the_sample_file_brings_in_200_lines(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_register", str(SAMPLE))
    assert capsys.readouterr().out == "200 new, 0 changed, 0 unchanged.\n"
    assert set(RegisterEntry.objects.values_list("kind", flat=True)) == set(Kind.values) - {"authority"}


def test_the_sample_has_people_with_a_foreign_name_only_and_rare_characters() -> None:
    lines = register.read(SAMPLE.read_bytes())
    assert sum(not each["representative_name_zh"] for each in lines) >= 5
    assert any(max(each["representative_name_zh"], default="") > "\uffff" for each in lines)
    for each in lines:
        assert phonenumbers.is_valid_number(phonenumbers.parse(each["representative_mobile"]))
