"""Reading a file of the official register (CSV, UTF-8): every line is judged, and one bad line refuses the file.

Sentences are translated when they are shown: the command speaks English, officers' pages the reader's language.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Kind
from entity_portal import text
from entity_portal.documents import DocumentType, document_rule
from entity_portal.forms import BirthDateField, NameField, NumberField, PlainField, Wanted
from entity_portal.phones import OUR_MOBILE, is_mobile

LARGEST = 20 * 1024 * 1024  # bytes of a file
MOST_LINES = 100_000
HEADS = 100  # columns of a header that are read; a file of commas has millions


@dataclass(frozen=True)
class Problem:
    """What is wrong in a line (the header is line 1) and column ("" for the line as a whole)."""

    line: int
    column: str
    sentence: Any  # lazily translated, with places for `params`
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        sentence = str(self.sentence) % self.params if self.params else str(self.sentence)
        return f"line {self.line}, {self.column or 'whole line'}: {sentence}"


@dataclass(frozen=True)
class Judged:
    """A row of a file: the number of its first line, what is wrong in it, and its fields if nothing is."""

    line: int
    problems: list[Problem]
    data: dict[str, Any]


class BadRegister(Exception):
    """The file must not be imported; `args[0]` is the list of every `Problem` in it."""


class OfficialNameField(PlainField):
    """The name of an entity, every character kept as it stands in the register."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200, required=False, **kwargs)

    def tidy(self, value: str) -> str:
        return " ".join(value.split())


class MobileNumberField(PlainField):
    """A mobile number in one cell: E.164, or the 8 digits of a number of Macao. Cleans to E.164."""

    FORM = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{8}")
    WRONG = _("Give a mobile number that exists, as +85366123456, or as 8 digits if it is one of Macao.")

    def tidy(self, value: str) -> str:
        value = text.plain(value).replace(" ", "")
        if not value:
            return ""
        if ours := OUR_MOBILE.fullmatch(value):
            return f"+853{ours[1]}"
        try:
            number = phonenumbers.parse(value if self.FORM.fullmatch(value) else "", "MO")
        except phonenumbers.NumberParseException:
            raise ValidationError(self.WRONG, code="mobile") from None
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if not phonenumbers.is_valid_number(number) or not is_mobile(e164):
            raise ValidationError(self.WRONG, code="mobile")
        return e164


class OneOf(Wanted, forms.ChoiceField):
    """One of a few values, named in the sentence; what stands there instead is not repeated."""

    def __init__(self, values: list[str]) -> None:
        super().__init__(choices=[(value, value) for value in values])
        self.values = values

    def valid_value(self, value: str) -> bool:
        return value in self.values

    def validate(self, value: str) -> None:
        forms.Field.validate(self, value)
        if not self.valid_value(value):
            one_of = {"values": ", ".join(self.values)}
            raise ValidationError(_("Give one of: %(values)s."), code="invalid_choice", params=one_of)


# The columns of a file, which are the fields of `RegisterEntry`. A form around them would take as long again.
FIELDS: dict[str, forms.Field] = {
    "registration_number": PlainField(max_length=30),
    "kind": OneOf(Kind.values),
    "name_zh": OfficialNameField(),
    "name_pt": OfficialNameField(),
    "representative_name_zh": NameField(required=False),
    "representative_name_foreign": NameField(required=False),
    "representative_document_type": OneOf(DocumentType.values),
    "representative_document_number": NumberField(max_length=20),
    "representative_birth_date": BirthDateField(required=False),
    "representative_mobile": MobileNumberField(),
}
NAMES = (("name_zh", "name_pt"), ("representative_name_zh", "representative_name_foreign"))
COLUMNS = list(FIELDS)
TOO_MANY_LINES = _("There are more than %(n)s lines. Divide the file.")
NUL = _("There is a NUL byte here: this is not a text file, or it is damaged.")
NOT_UTF_8 = _("This is not UTF-8: save the file as CSV in UTF-8.")


def judge(file: bytes) -> Iterator[Judged]:
    """Every row of a file below its header, judged; a header that is wrong, or nothing below it, is the only one."""
    rows = _rows(file)
    line, columns, problems = _header(rows)
    if problems:
        yield Judged(line, problems, {})
        return
    seen: dict[str, int] = {}
    count = 0
    for count, (line, cells) in enumerate(rows, 1):
        if count > MOST_LINES:
            yield Judged(line, [Problem(line, "", TOO_MANY_LINES, {"n": MOST_LINES})], {})
            return
        problems, data = ([cells], {}) if isinstance(cells, Problem) else _judge(line, columns, cells)
        number = data.get("registration_number")
        if number and (first := seen.setdefault(number, line)) != line:
            again = _("This number stands in line %(first)s already.")
            problems.append(Problem(line, "registration_number", again, {"first": first}))
        yield Judged(line, problems, data)
    if not count:
        yield Judged(line + 1, [Problem(line + 1, "", _("There is nothing below the header."))], {})


def read(file: bytes) -> list[dict[str, Any]]:
    """The lines of a file, each as the fields of a `RegisterEntry`, in the order of the file.

    Raises:
        BadRegister
    """
    judged = list(judge(file))
    if problems := [problem for each in judged for problem in each.problems]:
        raise BadRegister(problems)
    return [each.data for each in judged]


def clean(values: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, ValidationError]]:
    """(the fields that are right, what is wrong by column) of a line that has every column."""
    data: dict[str, Any] = {}
    wrong: dict[str, ValidationError] = {}
    for column, field_ in FIELDS.items():
        try:
            data[column] = field_.clean(values[column])
        except ValidationError as error:
            wrong[column] = error
    for chinese, other in NAMES:
        if data.get(chinese) == data.get(other) == "":
            wrong[chinese] = ValidationError(_("Give this, %(other)s, or both."), code="name", params={"other": other})
    number, document_type = data.get("representative_document_number"), data.get("representative_document_type")
    if number and document_type:
        pattern, sentence = document_rule(document_type)
        if not pattern.fullmatch(number):
            wrong["representative_document_number"] = ValidationError(sentence, code="document_number")
    return data, wrong


def header_problems(file: bytes) -> list[Problem]:
    """What is wrong with the first row of a file, which then is no register at all."""
    return _header(_rows(file))[2]


Row = tuple[int, list[str] | Problem]


def _rows(file: bytes) -> Iterator[Row]:
    """(number of its first line, its cells or what is wrong with its quotes) of every row that is not empty."""
    content = file.decode("utf-8-sig", errors="surrogateescape")  # what is not UTF-8 is found cell by cell
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells: list[str] | Problem = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            quotes = _("Commas and quotes do not fit together; is a quote left open? (%(error)s)")
            cells = Problem(line, "", quotes, {"error": str(error)})
        if cells:
            yield line, cells


def _header(rows: Iterator[Row]) -> tuple[int, list[str], list[Problem]]:
    """(line, columns, what is wrong) of the first row."""
    line, cells = next(rows, (1, []))
    if isinstance(cells, Problem):
        return line, [], [cells]
    columns = [cell.strip() for cell in cells[:HEADS]]
    return line, columns, _judge_header(line, columns)


def _judge_header(line: int, columns: list[str]) -> list[Problem]:
    if not columns:
        return [Problem(line, "", _("The file is empty."))]
    if unreadable := [sentence for cell in columns if (sentence := _unreadable(cell))]:
        return [Problem(line, "", unreadable[0])]
    problems = []
    for column in dict.fromkeys(columns):
        if column not in COLUMNS:
            problems.append(Problem(line, "", _("Unknown column %(column)s."), {"column": repr(column[:50])}))
        elif columns.count(column) > 1:
            problems.append(Problem(line, column, _("This column is there more than once.")))
    missing = _("This column is missing. The header is: %(columns)s")
    columns_wanted = {"columns": ",".join(COLUMNS)}
    return problems + [Problem(line, column, missing, columns_wanted) for column in COLUMNS if column not in columns]


def _judge(line: int, columns: Sequence[str], cells: Sequence[str]) -> tuple[list[Problem], dict[str, Any]]:
    """(what is wrong, the cleaned fields) of a line."""
    if len(cells) != len(columns):
        wrong = _("There are %(cells)s cells; the header has %(columns)s.")
        return [Problem(line, "", wrong, {"cells": len(cells), "columns": len(columns)})], {}
    values = dict(zip(columns, cells, strict=True))
    if problems := [
        Problem(line, column, sentence) for column, cell in values.items() if (sentence := _unreadable(cell))
    ]:
        return problems, {}
    data, errors = clean(values)
    problems = [
        Problem(line, column, each.message, each.params or {})
        for column, error in errors.items()
        for each in error.error_list
    ]
    return problems, data


def _unreadable(cell: str) -> Any:
    """What makes a cell no text at all; None if it is text."""
    if cell.isprintable():
        return None
    if "\0" in cell:
        return NUL
    if any("\ud800" <= character <= "\udfff" for character in cell):
        return NOT_UTF_8
    return None
