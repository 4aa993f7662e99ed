"""`docs/security.md` names a test for each row of the attack list, and the test carries the row's number."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# Of the list's numbers some were given up before the portal was begun.
ROWS = [
    *(1, 2, 3, 5, 7, 8, 9, *range(11, 24), *range(25, 31), 32, 33, 34, 36, 37, 38, *range(42, 47)),
    *(48, 49, 50, *range(53, 58), *range(59, 66), *range(68, 78), *range(80, 92), 93, 94, 95, 97),
    *(*range(100, 106), 107, 108, *range(110, 119), 120, 121, 122, *range(125, 129), 130, 131, 132),
]


def named_in_tests() -> dict[int, set[str]]:
    """Of each number, the modules with a test that carries it."""
    found: dict[int, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.M):
            for number in re.findall(r"_A(\d+)(?=_|$)", name):
                found.setdefault(int(number), set()).add(path.stem)
    return found


def rows() -> list[tuple[list[int], str, str]]:
    """`(numbers, test, what was broken)` of each row of the tables that says which attacks it is about."""
    found = []
    for line in (ROOT / "docs" / "security.md").read_text().splitlines():
        cells = [each.strip() for each in line.strip("|").split(" | ")]
        numbers = list(numbers_of(cells[0])) if line.startswith("| ") else []
        if numbers:
            found.append((numbers, cells[-2], cells[-1].strip("| ")))
    return found


def numbers_of(cell: str) -> Iterator[int]:
    """`A12, A13` and `A68 to A71`."""
    for first, last in re.findall(r"\bA(\d+)(?: to A(\d+))?\b", cell):
        yield from range(int(first), int(last or first) + 1)


@pytest.mark.parametrize("number", ROWS)
def test_each_row_of_the_list_has_a_test_and_a_line(number: int) -> None:
    tests = [told for numbers, told, _broken in rows() if number in numbers]
    assert tests, "docs/security.md does not name it"
    modules = named_in_tests().get(number, set())
    assert modules, "no test carries it"
    assert any(module in told or module.removeprefix("test_") in told for module in modules for told in tests)
