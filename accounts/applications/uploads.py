"""Judging an upload: what it is by what is in it, never by what it calls itself.

A file that passes is a whole PDF, JPEG or PNG that runs nothing and hides nothing. It is looked at in memory only.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image

from accounts.applications.models import LARGEST, MediaType
from entity_portal import text
from entity_portal.forms import Wanted

LONGEST_NAME = 120
PIXELS = 80_000_000  # of a picture; Pillow itself warns above 89 million
UNPACKED = 256 * 2**20  # bytes that a PDF may hold once unpacked
STREAMS = 20_000  # in a PDF
EXTENSIONS: dict[str, tuple[str, ...]] = {
    MediaType.PDF: ("pdf",),
    MediaType.JPEG: ("jpg", "jpeg", "jpe", "jfif"),
    MediaType.PNG: ("png",),
}
ACCEPT = ",".join([*MediaType.values, *(f".{each}" for extensions in EXTENSIONS.values() for each in extensions)])

TOO_LARGE = _("The file is larger than 10 MB. Save it smaller, for example with a lower resolution.")
EMPTY = _("The file is empty. Choose another one.")
UNKNOWN = _("This is not a PDF, JPEG or PNG file, whatever its name says. Save the document as one of these.")
HEIC = _("This is a HEIC picture. Save it as JPEG, or take a screenshot of it, and choose that.")
BROKEN = _("The file is damaged or not complete. Save it again and choose it once more.")
TOO_MANY_PIXELS = _("The picture has too many pixels. Save it with a lower resolution.")
ENCRYPTED = _("The PDF is protected by a password or encrypted. Save it without protection.")
ACTIVE = _(
    "The PDF has scripts, programs to start or other files in it, which are not accepted. Print it to a new PDF and "
    "choose that one."
)
PACKED = _("The PDF is packed in a way that cannot be looked at. Print it to a new PDF and choose that one.")
RENAME = _("The name does not fit what is in the file. Rename it so that it ends in .%(ending)s, and choose it again.")
MARKUP = _("The name of the file has signs that are not accepted (< or >). Rename it and choose it again.")


@dataclass(frozen=True)
class Judged:
    """An accepted file: as a person sees it again, what is in it, and what it is by that."""

    name: str
    media_type: MediaType
    content: bytes


class DocumentField(Wanted, forms.FileField):
    """A document as PDF, JPEG or PNG of at most 10 MB; cleans to `Judged`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("File"))
        kwargs.setdefault("help_text", _("PDF, JPEG or PNG, at most 10 MB"))
        super().__init__(
            widget=forms.FileInput({"accept": ACCEPT}),
            error_messages={"required": _("Choose a file."), "empty": EMPTY},
            **kwargs,
        )

    def to_python(self, data: Any) -> Any:
        file = super().to_python(data)
        if file is None:
            return None
        if (file.size or 0) > LARGEST:
            raise ValidationError(TOO_LARGE, code="too_large")
        content = file.read(LARGEST + 1)
        if not content:  # there were other files beside it, and they were too large together
            raise ValidationError(TOO_LARGE, code="too_large")
        media_type = judge(content)
        return Judged(name=display_name(file.name or "", media_type), media_type=media_type, content=content)


def judge(content: bytes) -> MediaType:
    """What a file is, by what is in it.

    Raises:
        ValidationError: in words for whoever chose it.
    """
    if content.startswith(b"%PDF-"):
        _judge_pdf(content)
        return MediaType.PDF
    for media_type, head in ((MediaType.JPEG, b"\xff\xd8\xff"), (MediaType.PNG, b"\x89PNG\r\n\x1a\n")):
        if content.startswith(head):
            _judge_picture(content)
            return media_type
    if content[4:8] == b"ftyp" and content[8:12] in {b"heic", b"heix", b"hevc", b"mif1", b"msf1"}:
        raise ValidationError(HEIC, code="heic")
    raise ValidationError(UNKNOWN, code="unknown")


def display_name(name: str, media_type: MediaType) -> str:
    """What a person sees of a name: no folders, nothing hidden, at most 120 characters, and an ending that fits.

    Raises:
        ValidationError
    """
    name = name.replace("\\", "/").rpartition("/")[2]
    name = " ".join("".join(each for each in name if not text.has_control_characters(each)).split())
    if "<" in name or ">" in name:
        raise ValidationError(MARKUP, code="markup")
    endings = EXTENSIONS[media_type]
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, endings[0]
    elif ending.lower() not in endings:
        raise ValidationError(RENAME, code="rename", params={"ending": endings[0]})
    return f"{stem[: LONGEST_NAME - len(ending) - 1] or '-'}.{ending}"


# --- pictures ---


def _judge_picture(content: bytes) -> None:
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as picture:
            width, height = picture.size
            if width * height > PIXELS:
                raise ValidationError(TOO_MANY_PIXELS, code="pixels")
            picture.verify()
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as picture:  # `verify` asks little of a JPEG
            picture.draft("L", (256, 256))
            picture.load()
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValidationError(TOO_MANY_PIXELS, code="pixels") from None
    except Exception as error:  # Pillow raises whatever a damaged file makes of its readers
        raise ValidationError(BROKEN, code="broken") from error


# --- PDF ---

# Long names alone: pictures are full of bytes that look like short ones. A script needs /JavaScript, whatever /JS says.
_ACTIVE = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|Rendition|RichMedia|XFA)(?![A-Za-z0-9])")
_ENCRYPTED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
# As a name may be written: /J#61vaScript. Names alone are looked at, as pictures are full of this sign.
_ESCAPED = re.compile(rb"/[A-Za-z0-9]{0,20}#[0-9A-Fa-f]{2}[A-Za-z0-9#]{0,60}")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream[ \t]*(?:\r\n|\n|\r)")
_AT_A_TIME = 2**20  # bytes
_OVERLAP = 64  # bytes looked at again, so that no name is cut in two


def _judge_pdf(content: bytes) -> None:
    if b"%%EOF" not in content[-1024:]:
        raise ValidationError(BROKEN, code="broken")
    _look_for_actions(content)
    left, at = UNPACKED, 0
    for _number in range(STREAMS):
        found = _STREAM.search(content, at)
        if found is None:
            return
        at, seen = found.end(), b""
        for piece, consumed in _unpacked(content, found.end()):
            left, at = left - len(piece), at + consumed
            if left < 0:
                raise ValidationError(PACKED, code="packed")
            _look_for_actions(seen[-_OVERLAP:] + piece)
            seen = piece or seen
        if _holds_objects(content[max(0, found.start() - 1024) : found.start()], unpacked=bool(seen)):
            raise ValidationError(PACKED, code="packed")
    raise ValidationError(PACKED, code="packed")


def _look_for_actions(part: bytes) -> None:
    for name in _ESCAPED.findall(part):
        _look_at(_ESCAPE.sub(_plain_letter, name))
    _look_at(part)


def _look_at(part: bytes) -> None:
    if _ENCRYPTED.search(part):
        raise ValidationError(ENCRYPTED, code="encrypted")
    if _ACTIVE.search(part):
        raise ValidationError(ACTIVE, code="active")


def _plain_letter(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)])


def _unpacked(content: bytes, start: int) -> Iterator[tuple[bytes, int]]:
    """What a stream holds that is packed as most are, by pieces, each with how many packed bytes it took.

    Nothing where it is packed otherwise, or not at all. What was taken is not looked at again by whoever asks, so that
    the whole costs no more than the file is long.
    """
    unpacking, view = zlib.decompressobj(), memoryview(content)
    try:
        for at in range(start, len(content), _AT_A_TIME):
            packed: bytes | memoryview = view[at : at + _AT_A_TIME]
            while packed and not unpacking.eof:
                piece = unpacking.decompress(packed, _AT_A_TIME)
                rest = unpacking.unconsumed_tail
                yield piece, len(packed) - len(rest) - len(unpacking.unused_data)
                packed = rest
            if unpacking.eof:
                return
    except zlib.error:
        return


def _holds_objects(head: bytes, *, unpacked: bool) -> bool:
    """Whether a stream, by what stands before it, has objects in it that only unpacking in another way would show."""
    head = _ESCAPE.sub(_plain_letter, head.rpartition(b"endobj")[2])
    if b"/ObjStm" not in head or b"/Filter" not in head:
        return False
    filters = re.findall(rb"/\w+Decode", head.partition(b"/Filter")[2])
    return not unpacked or filters != [b"/FlateDecode"]
