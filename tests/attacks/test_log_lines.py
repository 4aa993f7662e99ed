"""What somebody sends makes no line of the log (A132)."""

import pytest
from django.test import Client


@pytest.mark.parametrize("odd", ["%0D%0A", "%0A", "%E2%80%A8", "%C2%85", "%1B%5B31m", "%00"])
def test_a_line_break_in_an_address_makes_no_line_of_the_log_A132(
    db: None, odd: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG", "django.request"):
        for path in (f"/nowhere{odd}ERROR forged", f"/staff/{odd}ERROR forged/"):
            Client().get(path)
    told = [record.getMessage() for record in caplog.records]
    assert told
    assert [each for each in told if not each.isprintable()] == []
