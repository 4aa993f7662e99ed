"""The history for auditors: who reads it, how it is searched, that reading and downloading stand in it (Q1, Q28)."""

import csv
import io
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as portal_settings
from django.db import transaction
from django.test import Client
from django.utils import translation

from entity_portal.admin import CheapPaginator
from entity_portal.audit import words
from entity_portal.audit.actions import Action
from entity_portal.audit.forms import SearchForm
from entity_portal.audit.models import Event
from entity_portal.audit.operations import record, record_many
from entity_portal.audit.queries import find
from entity_portal.messaging.models import Purpose
from entity_portal.messaging.operations import queue_sms
from entity_portal.roles import Role
from tests.cast import Cast, officer, officer_login
from tests.database import owning
from tests.pages import text_of

pytestmark = pytest.mark.django_db
HISTORY = "/admin/audit/event/"
EXPORT = f"{HISTORY}export.csv"


@transaction.atomic
def line(action: Action = Action.LOGIN_CREATED, *, entity: str = "80216453", **fields: Any) -> Event:
    record(action, entity=entity, **{"actor": None, "target": "CU1234567895", **fields})
    return Event.objects.latest("pk")


def about(client: Client, query: str = "") -> list[Event]:
    """The lines that a search shows, without those that say that somebody searched."""
    events = [each["event"] for each in client.get(f"{HISTORY}?{query}").context["lines"]]
    return [event for event in events if not event.action.startswith("officer.")]


def rows(client: Client, query: str = "") -> list[list[str]]:
    body = b"".join(client.get(f"{EXPORT}?{query}").streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(body.removeprefix("\ufeff"))))


# --- who ---


@pytest.mark.parametrize("page", [HISTORY, EXPORT])
def test_auditors_read_it_and_nobody_else_Q1(company: Cast, page: str) -> None:
    assert officer(Role.AUDITOR).get(page).status_code == 200
    others = [officer(Role.REGISTRAR, Role.APPROVER, Role.CATALOGUE), officer(Role.AUDITOR, code=False)]
    for other in others:
        assert other.get(page).status_code == 404
    assert HISTORY not in others[0].get("/admin/").content.decode()
    assert HISTORY in officer(Role.AUDITOR).get("/admin/").content.decode()


def test_it_changes_nothing(company: Cast) -> None:
    event = line()
    client = officer(Role.AUDITOR)
    for page in (HISTORY, EXPORT, f"{HISTORY}{event.pk}/change/", f"{HISTORY}{event.pk}/delete/", f"{HISTORY}add/"):
        assert client.post(page, {"post": "yes", "action": "delete_selected"}).status_code in {404, 405}
    assert Event.objects.filter(pk=event.pk).exists()


# --- searching ---


def test_it_is_searched_by_everything_a_line_has_the_newest_first(company: Cast) -> None:
    by = company.administrator
    first = line(actor=by)
    second = line(Action.LOGIN_DEPARTED, entity="10000007", target="CU0000000019")
    client = officer(Role.AUDITOR)
    assert about(client) == [second, first]
    for query, found in {
        "entity=80216453": [first],
        "entity=8021645": [],
        "entity=10000007": [second],
        "about=CU0000000019": [second],
        f"actor={by.euid}": [first],
        f"actor={by.euid.lower()}": [first],
        "action=login.departed": [second],
        "action=login.departed&entity=80216453": [],
    }.items():
        assert about(client, query) == found, query


def test_days_are_macaos_and_the_last_one_counts(company: Cast) -> None:
    event = line()
    day = event.at.astimezone(ZoneInfo("Asia/Macau")).date() if event.at else date.min
    assert find(since=day, until=day).filter(pk=event.pk).exists()
    assert not find(until=date(day.year - 1, 12, 31)).exists()
    assert not find(since=date(day.year + 1, 1, 1)).exists()
    (start,) = find(since=date(2026, 3, 1)).query.where.children
    assert start.rhs == datetime(2026, 3, 1, tzinfo=ZoneInfo("Asia/Macau"))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "query",
    [
        "since=0001-01-01",
        "until=9999-12-31",
        "since=x",
        "action=x",
        "page=x",
        "page=99999999999",
        "entity=%C3%A9%F0%9F%98%80",
    ],
)
def test_what_is_not_understood_narrows_nothing_and_is_no_fault(company: Cast, query: str) -> None:
    line()
    assert officer(Role.AUDITOR).get(f"{HISTORY}?{query}").status_code == 200
    assert officer(Role.AUDITOR).get(f"{EXPORT}?{query}").status_code == 200
    if not query.startswith("entity"):
        assert about(officer(Role.AUDITOR), query)


def test_a_line_says_what_was_before_and_what_is_now(company: Cast) -> None:
    line(Action.LOGIN_CHANGED, changes={"mobile": ["+85***56", "+85***57"]}, administrator=True)
    line(Action.OFFICER_ROLES_CHANGED, was=[], now=["auditor"])
    page = text_of(officer(Role.AUDITOR).get(HISTORY))
    assert "Mobile phone number Before +85***56 After +85***57" in page
    assert "Administrator Yes" in page
    assert "Roles of an officer changed Before — After auditor" in page
    assert "The system, or somebody not logged in" in page


def test_odd_data_are_shown_too(company: Cast) -> None:
    event = line(odd={"a": [1, {"b": None}]}, changes={"x": "y"}, was=None)
    with translation.override("en"):
        assert words.table(event, {}) == [("x", "—", "y"), ("odd", "", "a: 1, b: "), ("Before", "", "")]
    assert officer(Role.AUDITOR).get(HISTORY).status_code == 200


# --- what is written down ---


def test_searching_is_written_down_with_what_was_asked_for_A131(company: Cast) -> None:
    line()
    auditor = officer_login(Role.AUDITOR)
    officer(person=auditor).get(f"{HISTORY}?entity=80216453&since=2026-01-01")
    noted = Event.objects.get(action=Action.OFFICER_READ)
    assert (noted.entity_number, noted.actor, noted.target) == ("80216453", auditor.euid, "history")
    assert noted.data == {"what": "history", "asked": {"entity": "80216453", "since": "2026-01-01"}, "rows": 1}


def test_an_entity_that_is_not_there_gets_no_history_by_being_asked_for(company: Cast) -> None:
    officer(Role.AUDITOR).get(f"{HISTORY}?entity=NOSUCH")
    assert Event.objects.get(action=Action.OFFICER_READ).entity_number == ""


def test_a_download_is_written_down_with_how_much_it_was_A131(company: Cast) -> None:
    line()
    line(Action.LOGIN_DEPARTED)
    auditor = officer_login(Role.AUDITOR)
    rows(officer(person=auditor), "action=login.departed")
    noted = Event.objects.get(action=Action.OFFICER_EXPORTED)
    assert noted.actor == auditor.euid
    assert noted.data == {"what": "history", "asked": {"action": "login.departed"}, "rows": 1}


def test_every_page_of_one_thing_writes_down_who_looked_A131(company: Cast) -> None:
    with transaction.atomic():
        sms = queue_sms(to="+85366123456", body="x", purpose=Purpose.RESET, entity="80216453")
    reader = officer_login(Role.REGISTRAR)
    client = officer(person=reader)
    client.get(f"/admin/messaging/sms/{sms.pk}/change/")
    noted = Event.objects.get(action=Action.OFFICER_READ)
    assert (noted.entity_number, noted.actor) == ("80216453", reader.euid)
    assert noted.target == f"messaging.sms {sms.pk}"
    assert client.get("/admin/messaging/sms/none/change/").status_code == 404
    assert Event.objects.filter(action=Action.OFFICER_READ).count() == 1


# --- the download ---


def test_the_download_is_what_is_found_and_carries_no_formula_A93(company: Cast) -> None:
    line(target="=cmd|' /C calc'!A0")
    line(Action.LOGIN_DEPARTED, changes={"name_zh": ["何", "陳"]})
    found = rows(officer(Role.AUDITOR), "entity=80216453")
    assert found[0] == ["Time", "Entity number", "Line", "What happened", "Code", "By", "EUID", "About", "Details"]
    assert [row[4] for row in found[1:]] == ["officer.exported", "login.departed", "login.created"]
    assert found[2][8] == '{"changes": {"name_zh": ["何", "陳"]}}'
    assert found[3][7] == "'=cmd|' /C calc'!A0"


def test_it_is_not_made_in_memory(company: Cast) -> None:
    answer = officer(Role.AUDITOR).get(EXPORT)
    assert answer.streaming
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]


# --- a long history ---


@pytest.fixture
def long(db: None) -> None:
    with transaction.atomic():
        record_many(Action.ASSIGNED, entity="80216453", actor=None, targets=(f"CU{n:010}" for n in range(2000)))
    with owning() as cursor:
        cursor.execute("ANALYZE audit_event")


def test_a_long_history_takes_a_constant_number_of_queries_and_is_counted_no_further_than_it_must(
    company: Cast, long: None, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = officer(Role.AUDITOR)
    monkeypatch.setattr(CheapPaginator, "COUNTED", 100)
    with django_assert_max_num_queries(20):
        page = client.get(f"{HISTORY}?page=2")
    assert len(page.context["lines"]) == 50
    assert page.context["page"].paginator.count == 100
    assert "The newest 100 lines" in text_of(page)


@pytest.mark.parametrize(
    "wanted",
    [{"actor": "CU1234567895"}, {"about": "CU0000000007"}, {"action": "login.departed"}, {"entity": "x"}, {}],
    ids=str,
)
def test_every_search_has_an_index(company: Cast, long: None, wanted: dict[str, str]) -> None:
    plan = find(**wanted)[:50].explain()
    assert "Seq Scan" not in plan
    assert "Sort" not in plan.replace("Incremental Sort", "")


# --- languages ---


@pytest.mark.parametrize("language", ["zh-hant", "pt"])
def test_it_speaks_the_other_languages_too(company: Cast, language: str) -> None:
    line(Action.LOGIN_CHANGED, changes={"mobile": ["a", "b"]})
    client = officer(Role.AUDITOR)
    client.cookies[portal_settings.LANGUAGE_COOKIE_NAME] = language
    page = text_of(client.get(HISTORY))
    for english in ("What happened", "Entity number", "Details", "Search", "Before", "History", "Data changed"):
        assert english not in page


def test_the_form_offers_every_act() -> None:
    assert len(SearchForm().fields["action"].choices) == len(Action) + 1  # type: ignore[attr-defined]
