"""One field judged while the rest is being filled in: says what the field knows, and does nothing."""

import pytest
from django.test import Client

from activation.models import ActivationCode
from entity_portal.audit.models import Event
from entity_portal.humancheck.models import Challenge
from staff.models import StaffLogin
from tests.cast import Cast, enter
from tests.pages import text_of

NEW = "/staff/new/"


def judge(client: Client, address: str, field: str, **typed: str) -> str:
    """What is said of a field, as words."""
    response = client.post(address, typed, headers={"HX-Request": "true", "HX-Target": f"told-id_{field}"})
    assert response.status_code == 200
    return text_of(response).strip()


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("birth_date", {"birth_date": "1990-13-01"}, "Enter the date as year-month-day, for example 1990-01-01."),
        ("birth_date", {"birth_date": "1990-12-01"}, ""),
        ("mobile", {"mobile_0": "MO", "mobile_1": "2812 3456"}, "begins with 6"),
        ("mobile", {"mobile_0": "MO", "mobile_1": "6612 3456"}, ""),
        ("email", {"email": "nobody"}, "Enter a valid e-mail address."),
        ("document_number", {"document_number": "12", "document_type": "bir_permanent"}, "8 digits"),
        ("document_number", {"document_number": "12345678", "document_type": "bir_permanent"}, ""),
        ("document_number", {"document_number": "", "document_type": "bir_permanent"}, ""),
        ("name_foreign", {"name_foreign": ""}, ""),  # what is empty still is not wrong yet
    ],
)
def test_a_field_that_is_left_says_what_is_wrong_with_it(
    company: Cast, field: str, typed: dict[str, str], said: str
) -> None:
    answer = judge(enter(company.administrator), NEW, field, **typed)
    assert said in answer
    assert bool(said) == bool(answer)


def test_judging_changes_nothing_however_complete_the_form(company: Cast) -> None:
    before, events = StaffLogin.objects.count(), Event.objects.count()
    whole = {
        "name_foreign": "LEI MEI LENG",
        "document_type": "bir_permanent",
        "document_number": "50500505",
        "document_place": "MO",
        "mobile_0": "MO",
        "mobile_1": "6650 5505",
    }
    assert judge(enter(company.administrator), NEW, "document_number", **whole) == ""
    assert (StaffLogin.objects.count(), Event.objects.count()) == (before, events)


def test_a_number_that_is_known_is_not_given_away_by_judging(company: Cast) -> None:
    """Whether somebody has a login is said to nobody who has not proven anything (A14)."""
    typed = {"document_number": company.pending.document_number, "document_type": "bir_permanent"}
    wrong = {"document_number": "99999999", "document_type": "bir_permanent"}
    assert judge(enter(), "/activate/", "document_number", **typed) == ""
    assert judge(enter(), "/activate/", "document_number", **wrong) == ""


def test_judging_at_the_activation_looks_at_no_code_and_uses_up_no_human_check(company: Cast) -> None:
    client = enter()
    client.get("/activate/")
    questions = Challenge.objects.count()
    judge(client, "/activate/", "birth_date", birth_date="1990-01-01", code="AAAA2222", human_0="x", human_1="ABCDE")
    assert Challenge.objects.count() == questions
    assert not ActivationCode.objects.filter(tries__gt=0).exists()


@pytest.mark.parametrize("field", ["code", "entity_number", "human", "agree", "document_type", "nonsense"])
def test_only_named_fields_are_judged(company: Cast, field: str) -> None:
    answer = enter().post("/activate/", headers={"HX-Request": "true", "HX-Target": f"told-id_{field}"})
    assert answer.status_code == 404


def test_who_may_not_open_the_page_is_told_nothing(company: Cast) -> None:
    asked = {"HX-Request": "true", "HX-Target": "told-id_birth_date"}
    assert enter(company.staff).post(NEW, headers=asked).status_code == 404
    assert enter().post(NEW, headers=asked).status_code == 302


def test_a_page_without_judging_asks_for_none(company: Cast) -> None:
    page = enter(company.administrator).get(f"/staff/{company.pending.euid}/edit/").content.decode()
    assert "hx-post" not in page
    assert "htmx-config" not in enter().get("/login/").content.decode()
