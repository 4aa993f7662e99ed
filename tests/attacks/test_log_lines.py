"""What somebody sends makes no line of the log, and nothing secret stands in one (A132)."""

import pytest
from django.test import Client

from entity_portal.logs import WithoutArguments
from tests.cast import BIRTH_DATE, PASSWORD, Cast, enter

SECRET = "Lisboa2026xyz"


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


def test_what_is_typed_at_the_door_stands_in_no_line_of_the_log_A132(
    company: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    person = company.staff
    known = {"entity_number": company.entity.number, "username": person.username}
    caplog.set_level("INFO")
    caplog.handler.addFilter(WithoutArguments())  # as the handler of the settings has it
    for _try in range(6):
        enter().post("/login/", {**known, "password": SECRET})
    enter().post("/login/", {**known, "password": PASSWORD})
    enter().post("/help/reset-password/", known)
    enter().post(
        "/activate/",
        {
            "entity_number": company.entity.number,
            "document_type": person.document_type,
            "document_number": person.document_number,
            "birth_date": BIRTH_DATE.isoformat(),
            "code": "246810",
        },
    )
    enter(company.administrator).get("/staff/", {"q": person.name_zh})
    secrets = (SECRET, PASSWORD, person.document_number, person.name_zh, person.name_foreign, person.mobile, "246810")
    assert [each for each in secrets if each in caplog.text] == []
