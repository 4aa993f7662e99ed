"""Reading a file of the official register (CSV, UTF-8): every line is judged, and one bad line refuses the file."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Kind
from entity_portal import text
from entity_portal.documents import DocumentType, document_rule
from entity_portal.forms import BirthDateField, NameField, NumberField, PlainField
from entity_portal.phones import is_mobile


@dataclass(frozen=True)
class Problem:
    """What is wrong in a line (the header is line 1) and column ("" for the line as a whole), for the operator."""

    line: int
    column: str
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column or 'whole line'}: {self.sentence}"


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
    WRONG = "Give a mobile number that exists, as +85366123456, or as 8 digits if it is one of Macao."

    def tidy(self, value: str) -> str:
        value = text.plain(value).replace(" ", "")
        if not value:
            return ""
        try:
            number = phonenumbers.parse(value if self.FORM.fullmatch(value) else "", "MO")
        except phonenumbers.NumberParseException:
            raise ValidationError(self.WRONG, code="mobile") from None
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if not phonenumbers.is_valid_number(number) or not is_mobile(e164):
            raise ValidationError(self.WRONG, code="mobile")
        return e164


class OneOf(forms.ChoiceField):
    """One of a few values, named in the sentence; what stands there instead is not repeated."""

    def __init__(self, values: list[str]) -> None:
        sentence = f"Give one of: {', '.join(values)}."
        super().__init__(choices=[(value, value) for value in values], error_messages={"invalid_choice": sentence})


class LineForm(forms.Form):
    """A line of the register. Its fields are the columns of the file and the fields of `RegisterEntry`."""

    registration_number = PlainField(max_length=30)
    kind = OneOf(Kind.values)
    name_zh = OfficialNameField()
    name_pt = OfficialNameField()
    representative_name_zh = NameField(required=False)
    representative_name_foreign = NameField(required=False)
    representative_document_type = OneOf(DocumentType.values)
    representative_document_number = NumberField(max_length=20)
    representative_birth_date = BirthDateField(required=False)
    representative_mobile = MobileNumberField()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for chinese, other in (("name_zh", "name_pt"), ("representative_name_zh", "representative_name_foreign")):
            if data.get(chinese) == data.get(other) == "":
                self.add_error(chinese, ValidationError(f"Give this, {other}, or both.", code="name"))
        number, document_type = data.get("representative_document_number"), data.get("representative_document_type")
        if number and document_type:
            pattern, sentence = document_rule(document_type)
            if not pattern.fullmatch(number):
                self.add_error("representative_document_number", ValidationError(sentence, code="document_number"))
        return data


COLUMNS = list(LineForm.base_fields)


def read(file: bytes) -> list[dict[str, Any]]:
    """The lines of a file, each as the fields of a `RegisterEntry`, in the order of the file.

    Raises:
        BadRegister
    """
    rows = _rows(file.decode("utf-8-sig", errors="surrogateescape"))  # what is not UTF-8 is found cell by cell
    line, header = next(rows, (1, []))
    if isinstance(header, Problem):
        raise BadRegister([header])
    columns = [cell.strip() for cell in header]
    if problems := list(_judge_header(line, columns)):
        raise BadRegister(problems)
    lines: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for line, cells in rows:
        wrong, data = ([cells], {}) if isinstance(cells, Problem) else _judge(line, columns, cells)
        number = data.get("registration_number")
        if number and (first := seen.setdefault(number, line)) != line:
            wrong.append(Problem(line, "registration_number", f"This number stands in line {first} already."))
        problems += wrong
        lines.append(data)
    if not lines:
        problems.append(Problem(line + 1, "", "There is nothing below the header."))
    if problems:
        raise BadRegister(problems)
    return lines


def _rows(content: str) -> Iterator[tuple[int, list[str] | Problem]]:
    """(number of its first line, its cells or what is wrong with its quotes) of every row that is not empty."""
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells: list[str] | Problem = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells = Problem(line, "", f"Commas and quotes do not fit together; is a quote left open? ({error})")
        if cells:
            yield line, cells


def _judge_header(line: int, columns: list[str]) -> Iterator[Problem]:
    if not columns:
        yield Problem(line, "", "The file is empty.")
        return
    if unreadable := [sentence for cell in columns if (sentence := _unreadable(cell))]:
        yield Problem(line, "", unreadable[0])
        return
    for column in dict.fromkeys(columns):
        if column not in COLUMNS:
            yield Problem(line, "", f"Unknown column {column[:50]!r}.")
        elif columns.count(column) > 1:
            yield Problem(line, column, "This column is there more than once.")
    for column in COLUMNS:
        if column not in columns:
            yield Problem(line, column, f"This column is missing. The header is: {','.join(COLUMNS)}")


def _judge(line: int, columns: list[str], cells: list[str]) -> tuple[list[Problem], dict[str, Any]]:
    """(what is wrong, the cleaned fields) of a line."""
    if len(cells) != len(columns):
        return [Problem(line, "", f"There are {len(cells)} cells; the header has {len(columns)}.")], {}
    values = dict(zip(columns, cells, strict=True))
    if problems := [
        Problem(line, column, sentence) for column, cell in values.items() if (sentence := _unreadable(cell))
    ]:
        return problems, {}
    form = LineForm(values)
    problems = [Problem(line, column, str(sentence)) for column, wrong in form.errors.items() for sentence in wrong]
    return problems, form.cleaned_data


def _unreadable(cell: str) -> str:
    """What makes a cell no text at all; "" if it is text."""
    if "\0" in cell:
        return "There is a NUL byte here: this is not a text file, or it is damaged."
    if any("\ud800" <= character <= "\udfff" for character in cell):
        return "This is not UTF-8: save the file as CSV in UTF-8."
    return ""
