"""How long a text is on the air: GSM 03.38, and what a network charges for."""

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[~]|€\f")  # each takes two places


@dataclass(frozen=True)
class Length:
    """`units` are septets in GSM-7 and 16-bit words in UCS-2; `foreign` are the characters that force UCS-2."""

    encoding: str
    units: int
    segments: int
    foreign: str


def length(text: str) -> Length:
    """Measure a text: one segment of 160 or 70 units, or several of 153 or 67; no character is cut in two."""
    foreign = "".join(sorted(set(text) - BASIC - EXTENSION))
    if foreign:
        sizes = [len(character.encode("utf-16-be")) // 2 for character in text]
        return Length("UCS-2", sum(sizes), _segments(sizes, alone=70, each=67), foreign)
    sizes = [2 if character in EXTENSION else 1 for character in text]
    return Length("GSM-7", sum(sizes), _segments(sizes, alone=160, each=153), "")


def _segments(sizes: list[int], *, alone: int, each: int) -> int:
    if sum(sizes) <= alone:
        return 1
    segments, room = 1, each
    for size in sizes:
        if size > room:
            segments, room = segments + 1, each
        room -= size
    return segments
