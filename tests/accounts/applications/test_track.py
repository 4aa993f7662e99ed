"""申請進度查詢 with application number and mobile: who knows only one of them learns nothing (A13, A15)."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.applications import operations
from accounts.applications.models import Application, Kind, Reason, ReturnCode, State
from entity_portal.messaging.models import SMS
from entity_portal.roles import Role
from staff.models import Session
from tests import cast
from tests.accounts.applications.asking import ON_THE_REGISTER, line
from tests.accounts.applications.filling_in import (
    APPLICANT,
    MOBILE,
    add,
    begin,
    come_back,
    fill_in,
    human,
    last_code,
    prove,
    submitted,
    the_one,
)
from tests.attacks.test_door import kinds, without_secrets
from tests.cast import PASSWORD, enter, worker
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def test_a_number_that_another_application_has_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    there = operations.begin(kind=Kind.FIRST, language="en")
    drawn = iter([int(there.number[2:10]), 12345678])
    monkeypatch.setattr("accounts.applications.models.secrets", SimpleNamespace(randbelow=lambda _below: next(drawn)))
    assert operations.begin(kind=Kind.FIRST, language="en").number[:10] == "AP12345678"


def look(number: str, mobile: str = MOBILE, client: Client | None = None) -> Any:
    client = client or enter()
    return client.post("/apply/track/", {"number": number, "mobile_0": "MO", "mobile_1": mobile} | human())


# --- coming back ---


def test_a_draft_goes_on_in_another_browser_where_it_was_left() -> None:
    begin()
    client = come_back(the_one().number)
    assert client.get("/apply/progress/")["Location"] == "/apply/review/"
    assert client.get("/apply/entity/").status_code == 200
    assert the_one().mobile_proven_at, "the code that came back proves the number too"


def test_what_was_asked_is_answered_after_coming_back() -> None:
    submitted()
    operations.ask(application=the_one(), by=cast.officer_login(Role.REGISTRAR), reason=Reason.OTHER, text="Which?")
    ReturnCode.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    client = come_back(the_one().number.lower())
    assert "Which?" in text_of(client.get("/apply/progress/"))
    client.post("/apply/answer/", {"text": "That one."})
    assert the_one().moves.last().text == "That one."  # type: ignore[union-attr]


def test_whoever_left_before_the_password_goes_on_there_within_72_hours_Q40() -> None:
    line()
    client = submitted()
    client.post("/apply/consent/send/")
    client.post("/apply/consent/", {"code": last_code(ON_THE_REGISTER)})
    SMS.objects.update(created_at=timezone.now() - timedelta(hours=2))
    ReturnCode.objects.update(created_at=timezone.now() - timedelta(hours=2))
    again = come_back(the_one().number)
    assert again.get("/apply/progress/")["Location"] == "/apply/credentials/"
    data = {"username": "fong.chikin", "password": PASSWORD, "password_again": PASSWORD}
    assert again.post("/apply/credentials/", data)["Location"] == "/apply/done/"
    assert client.get("/apply/credentials/")["Location"] == "/apply/progress/"


def test_the_session_has_another_key_afterwards_and_ends_after_half_an_hour(time_machine: Any) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    begin()
    client = enter()
    look(the_one().number, client=client)
    before = client.cookies["sessionid"].value
    come_back(the_one().number, client=client)
    assert client.cookies["sessionid"].value != before
    time_machine.shift(30 * 60 - 1)
    assert client.get("/apply/review/").status_code == 200
    time_machine.shift(30 * 60 + 1)
    assert client.get("/apply/review/")["Location"] == "/apply/"
    assert Session.objects.filter(expire_date__gt=timezone.now()).count() <= 1


# --- attacks ---


def test_asking_for_an_application_and_for_none_is_the_same_work_and_the_same_page_A13_A15() -> None:
    begin()
    number = the_one().number
    there = SMS.objects.count()
    work, pages = [], []
    for asked, mobile in ((number, MOBILE), ("AP000000001", MOBILE), (number, "66500009")):
        client = enter()
        with CaptureQueriesContext(connection) as queries:
            answer = look(asked, mobile, client)
        assert answer["Location"] == "/apply/track/code/"
        work.append(kinds(queries))
        pages.append(without_secrets(client.get("/apply/track/code/")).replace(asked, "AP"))
        assert SMS.objects.count() == there, "the page itself sends nothing"
    assert work[0] == work[1] == work[2]
    assert pages[0] == pages[1] == pages[2]
    assert worker() == ["applications.send_return_code"] * 3
    (sms,) = SMS.objects.filter(purpose="confirmation")
    assert sms.to == f"+853{MOBILE}"


def test_a_wrong_code_is_the_same_answer_whether_or_not_there_is_an_application_A13_A15() -> None:
    begin()
    answers = []
    for asked in (the_one().number, "AP000000001"):
        client = enter()
        look(asked, client=client)
        worker()
        answer = client.post("/apply/track/code/", {"code": "000000"})
        answers.append(without_secrets(answer).replace(asked, "AP"))
        assert client.get("/apply/progress/")["Location"] == "/apply/"
    assert answers[0] == answers[1]


def test_the_number_alone_and_a_code_for_another_application_open_nothing() -> None:
    begin()
    mine = the_one()
    begin(mobile_1="66500007")
    number = Application.objects.exclude(pk=mine.pk).get().number
    client = enter()
    look(mine.number, client=client)
    worker()
    code = last_code(f"+853{MOBILE}")
    stranger = enter()
    look(number, "66500007", client=stranger)
    assert stranger.post("/apply/track/code/", {"code": code}).status_code == 200
    assert stranger.get("/apply/progress/")["Location"] == "/apply/"
    assert enter().post("/apply/track/code/", {"code": code})["Location"] == "/apply/track/"


def test_a_code_opens_an_application_once_and_five_wrong_ones_burn_it() -> None:
    begin()
    client = come_back(the_one().number)
    code = last_code(f"+853{MOBILE}")
    again = enter()
    look(the_one().number, client=again)
    assert again.post("/apply/track/code/", {"code": code}).status_code == 200, "a replay"
    ReturnCode.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    worker()
    right = last_code(f"+853{MOBILE}")
    for _try in range(5):
        again.post("/apply/track/code/", {"code": "000000"})
    assert again.post("/apply/track/code/", {"code": right}).status_code == 200
    assert client.get("/apply/review/").status_code == 200


def test_without_the_human_check_nothing_is_looked_for() -> None:
    begin()
    answer = enter().post("/apply/track/", {"number": the_one().number, "mobile_0": "MO", "mobile_1": MOBILE})
    assert answer.context["form"].errors.keys() == {"human"}
    assert worker() == []


def test_one_application_is_looked_for_thirty_times_an_hour_at_most(settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    begin()
    caches["counters"].clear()
    answers = []
    for place in range(31):
        client = enter()
        client.defaults["REMOTE_ADDR"] = f"203.0.113.{place + 1}"
        answers.append(look("AP000000001", client=client).status_code)
    caches["counters"].clear()
    assert answers == [302] * 30 + [429]


def test_another_applicants_documents_and_people_are_out_of_reach() -> None:
    mine = fill_in()
    add(mine)
    document = the_one().documents.get()
    thief = fill_in(mobile_1="66500008")
    assert thief.post(f"/apply/documents/{document.pk}/remove/").status_code == 404
    assert "registo.pdf" not in text_of(thief.get("/apply/documents/"))
    assert document.application.documents.count() == 1


def test_what_no_form_asks_for_changes_nothing() -> None:
    client = fill_in()
    smuggled = {
        "state": "approved",
        "mobile_proven_at": "2026-01-01",
        "proof": "sms",
        "is_administrator": "on",
        "is_staff": "on",
        "at_once": "1",
        "entity": "1",
        "number": "AP000000001",
    }
    number = the_one().number
    client.post("/apply/agreement/", {"agree": "on"} | smuggled)
    client.post("/apply/administrators/1/", APPLICANT | smuggled)
    client.post("/apply/submit/", smuggled)
    application = the_one()
    assert (application.state, application.number, application.mobile_proven_at) == (State.DRAFT, number, None)
    assert smuggled.keys().isdisjoint(application.answers["administrators"][0])


def test_a_consent_code_is_worth_nothing_for_another_application_or_twice() -> None:
    line()
    first = submitted()
    first.post("/apply/consent/send/")
    code = last_code(ON_THE_REGISTER)
    other = fill_in(mobile_1="66500006")
    other.post("/apply/administrators/1/", APPLICANT | {"mobile_1": "66500006"})
    other.post("/apply/save/send/")
    other.post("/apply/save/code/", {"code": last_code("+85366500006")})
    other.post("/apply/submit/")
    assert other.get("/apply/consent/").status_code == 200
    assert other.post("/apply/consent/", {"code": code}).status_code == 200
    assert first.post("/apply/consent/", {"code": code})["Location"] == "/apply/credentials/"
    assert first.post("/apply/consent/", {"code": code})["Location"] == "/apply/progress/"
    assert other.get("/apply/consent/")["Location"] == "/apply/progress/", "the account is open"


@pytest.mark.parametrize("value", ["\0", "９" * 300, "x" * 100_000, "'; DROP TABLE x", "<b>"])
def test_odd_input_is_refused_and_is_never_a_fault(value: str) -> None:
    client = fill_in()
    prove(client)
    for address, field in (
        ("/apply/entity/", "registration_number"),
        ("/apply/entity/", "name_zh"),
        ("/apply/representative/", "document_number"),
        ("/apply/administrators/1/", "mobile_1"),
        ("/apply/documents/", "kind"),
        ("/apply/save/code/", "code"),
        ("/apply/track/", "number"),
        ("/apply/begin/", "name_pt"),
    ):
        assert client.post(address, {field: value}).status_code in {200, 302, 400}, (address, field)
    for address in ("/apply/administrators/99999999999999999999/", "/apply/administrators/0/"):
        assert client.get(address).status_code == 404
    assert client.post("/apply/documents/99999999999999999999/remove/").status_code == 404
