"""The officers' log of texts: who may read it, what it shows, and that it never shows what a text said (Q42)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as portal_settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from entity_portal.audit.models import Event
from entity_portal.messaging import delivery
from entity_portal.messaging.models import SMS, Purpose
from entity_portal.messaging.operations import queue_sms
from staff.models import StaffLogin
from tests.cast import Cast, officer
from tests.pages import text_of

pytestmark = pytest.mark.django_db
LOG = "/admin/messaging/sms/"
BODY = "the code is K7RM4XWQ"


def text(number: int = 0, **fields: Any) -> SMS:
    told = {"to": f"+8536612{number:04d}", "body": BODY, "purpose": Purpose.ACTIVATION, "entity": "80216453", **fields}
    with transaction.atomic():
        return queue_sms(**told)


def test_only_an_officer_who_has_shown_a_code_may_look_A65(company: Cast) -> None:
    sms = text()
    pages = ("/admin/", LOG, f"{LOG}{sms.pk}/change/")
    for page in pages:
        assert officer().get(page).status_code == 200, page
        assert officer(code=False).get(page).status_code == 404
        assert officer(person=company.administrator).get(page).status_code == 404, "a code makes no officer"
        assert Client().get(page)["Location"].startswith("/login/?next=/admin/")
        for person in (company.staff, company.administrator):
            client = Client()
            client.force_login(person)
            assert client.get(page).status_code == 404


def test_an_officer_who_leaves_looks_no_more(company: Cast) -> None:
    client = officer()
    assert client.get(LOG).status_code == 200
    StaffLogin.objects.filter(is_staff=True).update(is_staff=False)
    assert client.get(LOG).status_code == 302, "and the session has ended"


def test_what_a_text_said_is_nowhere_Q42(company: Cast) -> None:
    waiting, sent = text(1), text(2)
    SMS.objects.filter(pk=sent.pk).update(status="sending", claimed_at=timezone.now())
    client = officer()
    for page in (LOG, f"{LOG}{waiting.pk}/change/", f"{LOG}{sent.pk}/change/", f"{LOG}?q={waiting.pk}"):
        html = client.get(page).content.decode()
        assert "K7RM" not in html
        assert waiting.to not in html
        assert "+853 66** **0" in html or "+853 66** **" in html
    assert "Nothing is found" in text_of(client.get(f"{LOG}?q=K7RM4XWQ"))


def test_it_changes_nothing(company: Cast) -> None:
    sms = text()
    client = officer()
    before = SMS.objects.values().get()
    data = {
        "action": "delete_selected",
        "_selected_action": str(sms.pk),
        "body": "x",
        "status": "failed",
        "post": "yes",
    }
    for page in (LOG, f"{LOG}{sms.pk}/change/", f"{LOG}add/", f"{LOG}{sms.pk}/delete/"):
        assert client.post(page, data).status_code in {200, 302, 403, 404}
    assert SMS.objects.values().get() == before
    assert client.get(f"{LOG}{sms.pk}/delete/").status_code == 404


def test_it_says_what_became_of_each_and_why(company: Cast) -> None:
    sms = text()
    SMS.objects.filter(pk=sms.pk).update(status="sending", claimed_at=timezone.now())
    delivery.finish(sms, delivery.Status.FAILED, reason="not_mobile")
    page = text_of(officer().get(LOG))
    assert "This number cannot receive SMS." in page
    assert "Not delivered today 1" in page


def found(client: Client, query: str) -> int:
    return len(client.get(f"{LOG}?{query}").context["cl"].result_list)


def found_by(client: Client, words: str) -> int:
    return len(client.post(LOG, {"q": words}, follow=True).context["cl"].result_list)


def test_it_is_searched_exactly_and_filtered(company: Cast) -> None:
    first, second = text(1), text(2, entity="10000007", purpose=Purpose.RESET)
    SMS.objects.filter(pk=first.pk).update(provider_reference="SM1")
    client = officer()
    for query in ("q=80216453", "q=SM1", f"q={first.pk}", "purpose=activation"):
        assert found(client, query) == 1, query
    for words in ("+85366120001", " +853 6612 0001", "85366120001", "80216453", "SM1", str(first.pk)):
        assert found_by(client, words) == 1, words
    assert found(client, "q=8021645") == found_by(client, "8021645") == found_by(client, "+8536612") == 0
    assert found(client, "status__exact=queued") == 2
    assert found(client, "status__exact=sent") == 0
    assert second


def test_a_number_is_posted_and_stands_neither_in_the_address_nor_in_the_history_ASVS_14_2_1(company: Cast) -> None:
    text(1)
    client = officer()
    answer = client.post(f"{LOG}?purpose=activation&p=2&q=x", {"q": "+853 6612 0001", "purpose": "reset"})
    assert re.fullmatch(rf"{LOG}\?purpose=activation&q=[\w-]+", answer["Location"])
    page = client.get(answer["Location"])
    assert len(page.context["cl"].result_list) == 1
    assert 'value="+853 6612 0001"' in page.content.decode(), "it is still in the box"
    line = Event.objects.filter(action="officer.read").latest("id")
    assert line.data["asked"] == "purpose=activation&q=%2B8**********01"
    for query in ("q=%2B85366120001", "q=85366120001"):
        assert found(client, query) == 0, "no number is taken from what can be read"
    assert client.post(f"{LOG}?q=x&p=2", {"q": " "})["Location"] == LOG


def test_a_long_log_takes_a_constant_number_of_queries_and_counts_no_more_than_it_must(
    company: Cast, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    SMS.objects.bulk_create(SMS(to=f"+8536612{n:04d}", purpose="reset", body="x") for n in range(120))
    client = officer()
    with django_assert_max_num_queries(20):
        assert found(client, "p=2") == 50
    monkeypatch.setattr("entity_portal.admin.CheapPaginator.COUNTED", 100)
    assert client.get(LOG).context["cl"].paginator.count == 100


@pytest.mark.parametrize(
    ("budget", "said"),
    [(100, ""), (5, "4 of the 5 texts of today's budget are used."), (4, "All 4 texts of today's budget are used")],
)
def test_officers_are_warned_at_eighty_percent_of_the_days_budget_A42(
    company: Cast, settings: Any, budget: int, said: str
) -> None:
    for number in range(4):
        text(number)
    settings.SMS_A_DAY = budget
    for address in (LOG, "/admin/"):
        page = text_of(officer().get(address))
        assert said in page
        assert ("today's budget are used" in page) == bool(said)
    page = text_of(officer().get(LOG))
    assert f"Used of today's budget 4 / {budget}" in page


def test_what_waits_is_shown_with_since_when(company: Cast, time_machine: Any) -> None:
    time_machine.move_to(timezone.now().replace(hour=3), tick=False)
    text()
    time_machine.move_to(timezone.now() + timedelta(minutes=30), tick=False)
    assert "Waiting to be sent 1 (the oldest since" in text_of(officer().get(LOG))


@pytest.mark.parametrize("language", ["zh-hant", "pt"])
def test_it_speaks_the_other_languages_too(company: Cast, language: str) -> None:
    client = officer()
    client.cookies[portal_settings.LANGUAGE_COOKIE_NAME] = language
    page = text_of(client.get(LOG))
    assert {"zh-hant": "今日限額已用", "pt": "Utilizado do limite de hoje"}[language] in page
    for english in ("Purpose", "Status", "Entity number", "Attempts", "Created at", "Messaging"):
        assert english.casefold() not in page.casefold()


@pytest.mark.parametrize(
    ("typed", "shown"), [("0001-01-01", True), ("2999-12-31", False), ("１９９０-０１-０１", True), ("x", None)]
)
def test_a_day_that_is_typed_into_the_address_is_macaus_or_none_A91(typed: str, shown: bool | None) -> None:
    sms = text()
    page = officer().get(LOG, {"created_at__gte": typed})
    if shown is None:
        assert page.url.endswith("?e=1"), "not taken"
    else:
        assert (f"{LOG}{sms.pk}/change/" in page.content.decode()) is shown
