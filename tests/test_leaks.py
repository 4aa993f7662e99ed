"""The net that catches what logs must not carry: each kind of secret is caught, each kind of logger heard."""

import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from entity_portal import codes
from staff.operations import check_password
from tests import leaks
from tests.cast import PASSWORD, Cast


@pytest.fixture
def caught() -> Iterator[list[str]]:
    """What the net has caught at the end of the test, which may be caught here and nowhere else."""
    seen: list[str] = []
    yield seen
    leaks.keeper.begin()


def look() -> list[str]:
    return [each.partition(" in ")[0].strip("'") for each in leaks.found(leaks.keeper.lines, leaks.keeper.secrets)]


@pytest.mark.parametrize("logger", ["", "django.request", "entity_portal", "a.library", "asyncio"])
def test_each_kind_of_secret_is_caught_in_each_logger_A132(company: Cast, logger: str, caught: list[str]) -> None:
    person = company.staff
    check_password(entity_number=company.entity.number, username=str(person.username), password=PASSWORD)
    secrets = {person.name_zh, person.name_foreign, PASSWORD, codes.random_code("ABCDEFGH", 8)}
    for secret in secrets:
        logging.getLogger(logger or None).warning("of %s", secret)
    assert set(look()) == secrets


def test_a_number_of_a_document_or_telephone_is_cut_out_before_it_is_written_A132(company: Cast) -> None:
    for secret in (company.staff.document_number, company.staff.mobile):
        assert secret in leaks.keeper.secrets
        logging.getLogger("x").debug("of %s", secret)
    assert look() == []


def test_what_an_exception_says_is_looked_at_A132(company: Cast, caught: list[str]) -> None:
    try:
        raise ValueError(company.staff.name_zh)
    except ValueError:
        logging.getLogger("x").debug("failed", exc_info=True)
    assert look() == [company.staff.name_zh]


def test_part_of_a_longer_word_is_no_leak() -> None:
    assert leaks.found(["request 0a123456ff"], {"123456"}) == []
    assert len(leaks.found(["code 123456."], {"123456"})) == 1


def test_a_test_that_leaks_fails_and_is_named(tmp_path: Path) -> None:
    """The real thing, in a process of its own as the suite runs."""
    test = tmp_path / "test_leaking.py"
    test.write_text(
        "import logging\n"
        "from tests.leaks import keeper, all_logs_are_kept, nothing_secret_is_logged\n"
        "def test_loose():\n    keeper.learn('Macau2026x')\n    logging.getLogger('x').debug('it is Macau2026x')\n"
        "def test_tight():\n    keeper.learn('Macau2026x')\n    logging.getLogger('x').debug('it is not told')\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n2",
        "-p",
        "no:randomly",
        "--rootdir",
        str(tmp_path),
        "-c",
        "/dev/null",
    ]
    command += ["--ds", "tests.settings", "-rE", str(test)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert re.search(r"^ERROR \S*test_leaking\.py::test_loose\b", done.stdout, re.M), done.stdout + done.stderr
    assert "test_tight" not in done.stdout
    assert "2 passed, 1 error" in done.stdout
