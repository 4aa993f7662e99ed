"""A file of entity numbers, as officers upload it, and the list of openings that they download."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from entity_portal.sheets import lines
from entity_portal.text import alphanumeric, moment
from services.models import Opening

MOST_BYTES = 500_000
MOST_LINES = 10_000
LONGEST = 40  # of what is shown of a bad line
NUMBER = re.compile(r"[A-Z0-9]{4,20}")


@dataclass(frozen=True)
class Listed:
    """Entity numbers, each once, and the lines (number, what stands there) that have none."""

    numbers: list[str]
    bad: list[tuple[int, str]]


def read(file: UploadedFile) -> Listed:
    """Read a CSV file, UTF-8, whose first column is the entity number; the first line may be the column's name.

    Raises:
        ValidationError: it is too long, or no text at all.
    """
    if (file.size or 0) > MOST_BYTES:
        raise ValidationError(_("The file is too large: at most 500 kB."), code="bytes")
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text:
        raise ValidationError(_("This is not a CSV file in UTF-8."), code="text")
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise ValidationError(_("The file has too many lines: at most 10,000."), code="lines")
    numbers: dict[str, None] = {}
    bad: list[tuple[int, str]] = []
    for place, line in enumerate(lines, 1):
        cell = re.split("[,;\t]", line, maxsplit=1)[0].strip().strip('"')
        if not line.strip() or (place == 1 and not any(character.isdigit() for character in cell)):
            continue
        number = alphanumeric(cell)
        if NUMBER.fullmatch(number):
            numbers[number] = None
        else:
            bad.append((place, line[:LONGEST]))
    if not numbers:
        raise ValidationError(_("There is no entity number in the file."), code="none")
    return Listed(list(numbers), bad)


def openings_list(openings: Iterable[Opening]) -> Iterator[str]:
    """Openings as CSV, in the reader's language."""
    columns = [
        *(_("E-service"), _("Entity number"), _("Name in Chinese"), _("Name in Portuguese")),
        *(_("Status"), _("Opened"), _("Changed")),
    ]
    rows = (
        [
            *(opening.service.code, opening.entity.number, opening.entity.name_zh, opening.entity.name_pt),
            *(opening.get_status_display(), moment(opening.opened_at), moment(opening.changed_at)),
        ]
        for opening in openings
    )
    return lines(columns, rows)
