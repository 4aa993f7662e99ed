"""電子信箱: an address changes when the link that was sent there is opened, within 24 hours, once (Q11, S10.2)."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import EntityStatus
from entity_portal import codes
from entity_portal.audit.models import Event
from staff import operations
from staff.models import EmailChange, StaffLogin
from staff.operations import LinkGone, ask_email_change, confirm_email_change
from tests.cast import Cast, enter, login
from tests.pages import text_of
from tests.race import at_once

pytestmark = pytest.mark.django_db
NEW = "ao.hoiian@example.mo"


def emails() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs WHERE task_name = 'messaging.send_email' ORDER BY id")
        return [json.loads(args) for (args,) in cursor.fetchall()]


def token(to: str = NEW) -> str:
    """What stands in the newest link that was sent to an address."""
    (*_older, body) = [each["body"] for each in emails() if each["to"] == to]
    return re.search(r"http://testserver/account/email/(\w+)/", body)[1]  # type: ignore[index]


def address(person: StaffLogin) -> str:
    return StaffLogin.objects.get(pk=person.pk).email


def test_a_link_goes_to_the_new_address_and_only_opening_it_changes_anything(company: Cast) -> None:
    ask_email_change(login=company.staff, by=company.staff, email=NEW)
    assert [each["to"] for each in emails()] == [NEW]
    assert address(company.staff) == ""
    assert confirm_email_change(token()).pk == company.staff.pk
    assert address(company.staff) == NEW
    link = EmailChange.objects.get()
    assert token() not in link.digest, "a keyed digest is kept"
    assert len(token()) == 32


def test_a_link_works_once(company: Cast) -> None:
    ask_email_change(login=company.staff, by=company.staff, email=NEW)
    confirm_email_change(token())
    with pytest.raises(LinkGone):
        confirm_email_change(token())


@pytest.mark.parametrize(("after", "works"), [(timedelta(hours=24, seconds=-1), True), (timedelta(hours=24), False)])
def test_a_link_works_for_a_day(company: Cast, time_machine: Any, after: timedelta, works: bool) -> None:
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    ask_email_change(login=company.staff, by=company.staff, email=NEW)
    time_machine.move_to(start + after, tick=False)
    if works:
        confirm_email_change(token())
    else:
        with pytest.raises(LinkGone):
            confirm_email_change(token())
    assert address(company.staff) == (NEW if works else "")


def test_a_newer_link_voids_the_older_and_they_are_counted(company: Cast, time_machine: Any) -> None:
    start = timezone.now().replace(hour=4)
    time_machine.move_to(start, tick=False)
    ask_email_change(login=company.staff, by=company.staff, email=NEW)
    first = token()
    with pytest.raises(codes.TooSoon):
        ask_email_change(login=company.staff, by=company.staff, email="other@example.mo")
    for minute in range(1, 5):
        time_machine.move_to(start + timedelta(minutes=minute), tick=False)
        ask_email_change(login=company.staff, by=company.staff, email="other@example.mo")
    time_machine.move_to(start + timedelta(minutes=9), tick=False)
    with pytest.raises(codes.TooManyToday):
        ask_email_change(login=company.staff, by=company.staff, email=NEW)
    with pytest.raises(LinkGone):
        confirm_email_change(first)
    confirm_email_change(token("other@example.mo"))
    assert address(company.staff) == "other@example.mo"


@pytest.mark.parametrize("how", ["cancelled", "departed", "suspended", "nothing like it"])
def test_a_link_that_means_nothing_any_more_changes_nothing(company: Cast, how: str) -> None:
    ask_email_change(login=company.staff, by=company.staff, email=NEW)
    opened = token()
    if how == "cancelled":
        operations.cancel_email_change(login=company.staff)
    elif how == "departed":
        operations.depart(login=company.staff, by=company.administrator)
    elif how == "suspended":
        company.entity.status = EntityStatus.SUSPENDED
        company.entity.save()
    else:
        opened = "A" * 32
    with pytest.raises(LinkGone):
        confirm_email_change(opened)
    assert address(company.staff) == ""
    assert enter().get(f"/account/email/{opened}/").status_code == 410


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_link_opened_twenty_times_at_once_is_used_once(company: Cast) -> None:
    ask_email_change(login=company.staff, by=company.staff, email=NEW)
    opened = token()
    results = at_once(20, lambda _n: confirm_email_change(opened))
    assert sum(isinstance(result, StaffLogin) for result in results) == 1
    assert sum(isinstance(result, LinkGone) for result in results) == 19


def test_the_address_until_now_hears_of_it_and_the_history_has_it_masked(company: Cast) -> None:
    person = login(entity=company.entity, email="old@example.mo", language="en")
    ask_email_change(login=person, by=person, email=NEW)
    confirm_email_change(token())
    told = [each for each in emails() if each["to"] == "old@example.mo"]
    assert len(told) == 1
    assert "was changed or removed" in told[0]["body"]
    lines = Event.objects.filter(target=person.euid).order_by("id")
    assert [line.action for line in lines] == ["login.email_link_sent", "login.changed"]
    assert NEW not in str([line.data for line in lines])


def test_an_address_is_removed_at_once_and_its_link_with_it(company: Cast) -> None:
    person = login(entity=company.entity, email="old@example.mo")
    ask_email_change(login=person, by=person, email=NEW)
    assert ask_email_change(login=person, by=person, email="") is None
    assert address(person) == ""
    assert [each["to"] for each in emails()] == [NEW, "old@example.mo"]
    with pytest.raises(LinkGone):
        confirm_email_change(token())


def test_who_may_ask_for_whom(company: Cast, other: Cast) -> None:
    second = login(entity=company.entity, is_administrator=True)
    assert ask_email_change(login=company.staff, by=company.administrator, email=NEW)
    assert ask_email_change(login=company.administrator, by=company.administrator, email=NEW), "one's own (Q11)"
    with pytest.raises(operations.DataFrozen):  # S10.3
        ask_email_change(login=second, by=company.administrator, email=NEW)
    for stranger in (other.administrator, second_staff := login(entity=company.entity)):
        with pytest.raises(operations.NotAdministrator):
            ask_email_change(login=company.staff, by=stranger, email=NEW)
    for person in (company.pending, company.departed):
        with pytest.raises(operations.StatusNotAllowed):
            ask_email_change(login=person, by=company.administrator, email=NEW)
    assert second_staff


def test_before_activation_an_administrator_corrects_the_address_like_all_data_S10_1(company: Cast) -> None:
    data = {"email": NEW}
    assert operations.change_login(login=company.pending, by=company.administrator, data=data) is True
    assert address(company.pending) == NEW
    assert emails() == []


# --- the pages ---


@pytest.fixture
def person(company: Cast) -> Client:
    return enter(company.staff)


def test_one_changes_ones_own_address_by_a_link_that_has_a_button(company: Cast, person: Client) -> None:
    page = person.post("/account/email/", {"email": NEW}, follow=True)
    assert f"A link has been sent to {NEW}." in text_of(page)
    assert f"{NEW} waits to be confirmed" in text_of(page)
    stranger = enter()
    link = f"/account/email/{token()}/"
    page = stranger.get(link)
    assert NEW in text_of(page)
    assert address(company.staff) == "", "whatever reads mail opens links"
    assert "The e-mail address has been confirmed." in text_of(stranger.post(link, follow=True))
    assert address(company.staff) == NEW
    for answer in (stranger.get(link), stranger.post(link)):
        assert answer.status_code == 410
        assert "This link no longer works." in text_of(answer)


def test_the_link_is_asked_for_again_or_not_any_more(company: Cast, person: Client, time_machine: Any) -> None:
    person.post("/account/email/", {"email": NEW})
    assert "A link was sent a moment ago." in text_of(person.post("/account/email/", {"again": "1"}))
    time_machine.move_to(timezone.now() + timedelta(minutes=2), tick=False)
    assert f"A link has been sent to {NEW}." in text_of(person.post("/account/email/", {"again": "1"}, follow=True))
    page = person.post("/account/email/", {"cancel": "1"}, follow=True)
    assert "The e-mail address stays as it is." in text_of(page)
    assert "waits to be confirmed" not in text_of(person.get("/account/"))


@pytest.mark.parametrize(
    "bad", ["nonsense", "a@b@c.mo", "x" * 250 + "@example.mo", "a@example.mo\r\nBcc: b@example.mo"]
)
def test_what_is_no_address_is_said_beside_the_field(company: Cast, person: Client, bad: str) -> None:
    page = person.post("/account/email/", {"email": bad})
    assert page.context["form"].errors["email"]
    assert emails() == []


def test_the_password_is_asked_for_again_before_an_address_is_changed(company: Cast) -> None:
    client = Client()
    client.force_login(company.staff)
    assert client.post("/account/email/", {"email": NEW})["Location"].startswith("/account/confirm/")
    assert emails() == []


def test_the_links_host_is_the_setting_whatever_the_request_says_A45(
    company: Cast, person: Client, settings: Any
) -> None:
    settings.ALLOWED_HOSTS, settings.PUBLIC_URL = ["*"], "https://portal.example"
    person.post("/account/email/", {"email": NEW}, headers={"Host": "evil.example"})
    (email,) = emails()
    assert "https://portal.example/account/email/" in email["body"]
    assert "evil" not in email["body"] + email["html"]


def test_guessing_links_is_limited(company: Cast, settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    stranger = enter()
    answers = (stranger.post(f"/account/email/{'A' * 31}{n % 10}/").status_code for n in range(45))
    assert 429 in answers
