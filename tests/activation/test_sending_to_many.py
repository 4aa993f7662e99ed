"""The list of who is 未啟動: when each was sent a code, and codes for many at once; what became of a text."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from activation.models import ActivationCode
from activation.operations import send_code
from entity_portal.messaging import delivery
from entity_portal.messaging.models import SMS
from staff.models import StaffLogin, Status
from tests.cast import Cast, enter, login
from tests.pages import text_of

pytestmark = pytest.mark.django_db
LIST = "/staff/?status=pending"


@pytest.fixture
def administrator(company: Cast) -> Client:
    return enter(company.administrator)


def pending(company: Cast, number: int, **fields: Any) -> list[StaffLogin]:
    made = []
    for each in range(number):
        names = {"name_zh": "", "name_foreign": f"PERSON {each}", "mobile": f"+853662000{each:02d}"}
        made.append(login(entity=company.entity, status=Status.PENDING, **{**names, **fields}))
    return made


def became(row: ActivationCode, status: str, **fields: Any) -> None:
    SMS.objects.filter(pk=row.sms_id).update(status="sending", claimed_at=timezone.now())
    delivery.finish(SMS.objects.get(pk=row.sms_id), delivery.Status(status), **fields)


def test_the_list_says_when_each_was_sent_a_code(company: Cast, administrator: Client, time_machine: Any) -> None:
    sent, failed, never, today = pending(company, 4)
    send_code(login=sent, by=company.administrator)
    became(send_code(login=failed, by=company.administrator), "failed", reason="not_mobile")
    time_machine.move_to(timezone.now() + timedelta(days=5), tick=False)
    send_code(login=today, by=company.administrator)
    rows = {row["login"].pk: row["code"] for row in enter(company.administrator).get(LIST).context["rows"]}
    assert rows[never.pk] is None
    page = text_of(enter(company.administrator).get(LIST))
    for words in ("Sent 5 days ago", "Not delivered", "Not sent yet", "Sent today"):
        assert words in page
    assert rows[sent.pk]["days"] == 5
    assert "Sent" not in text_of(enter(company.administrator).get("/staff/?status=active"))


def test_the_list_takes_a_constant_number_of_queries(
    company: Cast, administrator: Client, django_assert_max_num_queries: Any
) -> None:
    for person in pending(company, 24):
        send_code(login=person, by=company.administrator)
    with django_assert_max_num_queries(14):
        administrator.get(LIST)


def test_codes_go_to_those_ticked_and_a_summary_says_who_got_none_and_why(
    company: Cast, administrator: Client, settings: Any
) -> None:
    first, second, just_sent, abroad = pending(company, 4)
    StaffLogin.objects.filter(pk=abroad.pk).update(mobile="+81312345678")
    send_code(login=just_sent, by=company.administrator)
    ticked = [person.euid for person in (first, second, just_sent, abroad)]
    page = text_of(administrator.post("/staff/send-codes/", {"euid": ticked}, follow=True))
    assert "Activation codes were sent to 2 people." in page
    assert "Not sent to 1 person: PERSON 2. A code was sent less than a minute ago." in page
    assert "Not sent to 1 person: PERSON 3. SMS cannot be sent to this country or region." in page
    assert ActivationCode.objects.filter(login=company.pending).count() == 0


def test_codes_go_to_everyone_found(company: Cast, administrator: Client) -> None:
    people = pending(company, 30)
    page = text_of(administrator.post("/staff/send-codes/", {"everyone": "1", "q": "PERSON"}, follow=True))
    assert "Activation codes were sent to 30 people." in page
    assert ActivationCode.objects.filter(login__in=people).count() == 30
    assert not ActivationCode.objects.filter(login=company.pending).exists()
    by_number = {"everyone": "1", "q": company.pending.document_number}
    page = text_of(administrator.post("/staff/send-codes/", by_number, follow=True))
    assert "An activation code was sent to 1 person." in page


def test_nobody_ticked_is_said(administrator: Client) -> None:
    assert "Nobody was selected." in text_of(administrator.post("/staff/send-codes/", {}, follow=True))


def test_who_is_foreign_activated_or_gone_gets_no_code_A48(company: Cast, other: Cast, administrator: Client) -> None:
    people = (other.pending, company.staff, company.departed)
    page = administrator.post("/staff/send-codes/", {"euid": [person.euid for person in people]}, follow=True)
    assert "Nobody was selected." in text_of(page)
    assert not ActivationCode.objects.exists()


@pytest.mark.parametrize("bad", ["\x00", "CU\x00", "x" * 5000, "𨋢", "\u202e"])
def test_what_no_page_of_ours_sends_gets_no_code_and_no_error_of_ours_A81(administrator: Client, bad: str) -> None:
    for data in ({"euid": [bad]}, {"everyone": "1", "q": bad}):
        assert administrator.post("/staff/send-codes/", data).status_code == 302


# --- 啟動狀況 ---


def status(company: Cast) -> str:
    return text_of(enter(company.administrator).get(f"/staff/{company.pending.euid}/"))


def test_what_became_of_a_text_is_said_and_what_to_do(company: Cast, time_machine: Any) -> None:
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    row = send_code(login=company.pending, by=company.administrator)
    assert "Waiting to be sent" in status(company)
    assert "Look again" in status(company)
    became(row, "sent")
    time_machine.move_to(start + timedelta(minutes=14), tick=False)
    assert "No receipt" not in status(company)
    time_machine.move_to(start + timedelta(minutes=16), tick=False)
    assert "No receipt has come for the text yet." in status(company)
    delivery.finish(SMS.objects.get(pk=row.sms_id), delivery.Status.DELIVERED)
    assert "Delivered" in status(company)
    assert "No receipt" not in status(company)


def test_of_a_text_of_unknown_fate_the_person_is_to_be_asked(company: Cast) -> None:
    became(send_code(login=company.pending, by=company.administrator), "unknown")
    assert "Ask the person whether it has arrived; if not, send again." in status(company)


def test_a_text_that_failed_leads_to_the_number(company: Cast) -> None:
    became(send_code(login=company.pending, by=company.administrator), "failed", reason="not_mobile")
    assert "This number cannot receive SMS." in status(company)
    assert "Correct the mobile phone number" in status(company)


def test_a_new_person_whose_text_is_withheld_is_there_and_it_is_said_A42(
    company: Cast, administrator: Client, settings: Any
) -> None:
    settings.SMS_A_DAY = 0
    data = {
        "name_foreign": "LEI",
        "document_type": "bir_permanent",
        "document_number": "12345678",
        "document_place": "MO",
        "mobile_0": "MO",
        "mobile_1": "66123456",
    }
    page = administrator.post("/staff/new/send/", data, follow=True)
    assert "LEI has been added, but the activation code was not sent." in text_of(page)
