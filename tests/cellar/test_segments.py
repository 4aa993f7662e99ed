"""GSM 03.38: what a text costs on the air."""

import pytest

from entity_portal.messaging.segments import BASIC, EXTENSION, length


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("[" * 80, "GSM-7", 160, 1),
        ("a" * 152 + "[" + "a" * 10, "GSM-7", 164, 2),
        ("a" * 152 + "[" + "a" * 151, "GSM-7", 305, 2),
        ("a" * 152 + "[" + "a" * 152, "GSM-7", 306, 3),  # the bracket's two halves stay together
        ("澳" * 70, "UCS-2", 70, 1),
        ("澳" * 71, "UCS-2", 71, 2),
        ("澳" * 134, "UCS-2", 134, 2),
        ("澳" * 135, "UCS-2", 135, 3),
        ("𨋢" * 35, "UCS-2", 70, 1),  # HKSCS beyond the BMP: two words each
        ("𨋢" * 66, "UCS-2", 132, 2),
        ("𨋢" * 67, "UCS-2", 134, 3),  # 33 fit into a segment of 67
    ],
)
def test_lengths_at_the_edges(text: str, encoding: str, units: int, segments: int) -> None:
    found = length(text)
    assert (found.encoding, found.units, found.segments) == (encoding, units, segments)


def test_what_forces_ucs_2_is_named() -> None:
    assert length("Não, ação").foreign == "ãç"
    assert length("é à ò Ç").foreign == ""


def test_the_alphabet_has_127_characters_and_ten_more() -> None:
    assert len(BASIC) == 127  # and the escape
    assert len(EXTENSION) == 10
