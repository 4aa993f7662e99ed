"""Administrators' logins in the officers' pages: masked, each look written down, and what officers do for people."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.officers import logins
from activation.models import ActivationCode
from activation.operations import send_code_as_officer
from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.messaging.models import SMS, Purpose
from entity_portal.roles import Role
from staff.models import Session, StaffLogin, Status
from staff.operations import StatusNotAllowed
from staff.operations.officers import NotOfficer
from tests import cast
from tests.cast import Cast
from tests.pages import text_of
from tests.race import at_once

pytestmark = pytest.mark.django_db
LIST = "/admin/staff/administratorlogin/"
POSTED = ("reveal", "send-code", "new-password", "second-factor")
FILLED = {"reason": "Seen at the counter", "what": "document", "document_number": "10000000"}


def of(login: StaffLogin, page: str = "change") -> str:
    return f"{LIST}{login.pk}/{page}/"


def lines(action: Action) -> list[Event]:
    return list(Event.objects.filter(action=action).order_by("pk"))


def rows() -> list[Any]:
    return [list(table.objects.order_by("pk").values()) for table in (StaffLogin, SMS, ActivationCode, TOTPDevice)]


@pytest.fixture
def waiting(company: Cast) -> StaffLogin:
    """An administrator who has not activated."""
    return cast.login(
        entity=company.entity,
        status=Status.PENDING,
        is_administrator=True,
        name_foreign="LEI KAM FAI",
        document_number="50917346",
        mobile="+85366812207",
    )


def test_an_active_login_has_a_password_also_where_nobody_knows_since_when(company: Cast, waiting: StaffLogin) -> None:
    client = cast.officer(Role.AUDITOR)
    StaffLogin.objects.filter(pk=company.administrator.pk).update(password_set_at=None)
    words = text_of(client.get(of(company.administrator)))
    assert "Password Set " in words
    assert "Password Not set yet" in text_of(client.get(of(waiting)))


def test_where_nobody_has_a_document_the_next_step_stands_above_the_form(company: Cast) -> None:
    way = 'href="/admin/applications/application/counter/"'
    page = cast.officer(Role.REGISTRAR).post(f"{LIST}find/", {"document_number": "99999999"}).content.decode()
    assert page.index("No administrator has this document.") < page.index(way) < page.index('id="id_document_number"')
    assert way not in cast.officer(Role.APPROVER).post(f"{LIST}find/", {"document_number": "99999999"}).content.decode()


# --- who may ---


@pytest.mark.parametrize(
    ("role", "reads", "helps", "decides"),
    [
        (Role.REGISTRAR, 200, 302, 404),
        (Role.APPROVER, 200, 302, 200),
        (Role.AUDITOR, 200, 404, 404),
        (Role.CATALOGUE, 404, 404, 404),
    ],
)
def test_each_role_sees_the_pages_of_its_work_Q1(
    company: Cast, waiting: StaffLogin, role: Role, reads: int, helps: int, decides: int
) -> None:
    client = cast.officer(role)
    assert client.get(LIST).status_code == reads
    assert client.get(of(waiting)).status_code == reads
    assert client.post(of(waiting, "send-code")).status_code == helps
    assert client.post(of(waiting, "reveal"), FILLED).status_code == helps
    for page in ("new-password", "second-factor"):
        assert client.get(of(company.administrator, page)).status_code == decides


@pytest.mark.parametrize("page", POSTED)
def test_an_auditor_changes_nothing_and_reveals_nothing_Q1(company: Cast, waiting: StaffLogin, page: str) -> None:
    client = cast.officer(Role.AUDITOR)
    before = rows(), Event.objects.count()
    for person in (waiting, company.administrator):
        assert client.post(of(person, page), FILLED).status_code == 404
    assert client.post(f"{LIST}find/", FILLED).status_code == 404
    assert (rows(), Event.objects.count()) == before
    assert '<form method="post" action="/admin/staff/' not in client.get(of(waiting)).content.decode()
    assert "find/" not in client.get(LIST).content.decode()


@pytest.mark.parametrize("page", ["reveal", "send-code"])
def test_what_is_done_at_once_is_a_post(waiting: StaffLogin, page: str) -> None:
    assert cast.officer().get(of(waiting, page)).status_code == 405
    assert cast.officer().get(f"{LIST}find/").status_code == 405


@pytest.mark.parametrize(
    "act",
    [
        lambda login, by: send_code_as_officer(login=login, by=by),
        lambda login, by: logins.reveal(login=login, by=by, what="mobile"),
        lambda login, by: logins.find_by_document(number=login.document_number, by=by),
    ],
)
def test_the_operations_ask_for_the_role_themselves_Q1(
    company: Cast, waiting: StaffLogin, act: Callable[[StaffLogin, StaffLogin], Any]
) -> None:
    for by in (company.administrator, cast.officer_login(Role.AUDITOR, Role.CATALOGUE)):
        with pytest.raises(NotOfficer):
            act(waiting, by)
    act(waiting, cast.officer_login(Role.REGISTRAR))


@pytest.mark.parametrize("act", [logins.demand_new_password, logins.remove_second_factor])
def test_password_and_second_factor_take_an_approver_other_than_themselves_Q1(
    company: Cast, waiting: StaffLogin, act: Callable[..., Any]
) -> None:
    for by in (company.administrator, cast.officer_login(Role.REGISTRAR, Role.AUDITOR)):
        with pytest.raises(NotOfficer):
            act(login=company.administrator, by=by, reason="x")
    approver = cast.officer_login(Role.APPROVER, is_administrator=True)
    with pytest.raises(logins.OwnLogin):
        act(login=approver, by=approver, reason="x")
    for nobodys in (waiting, company.staff):
        with pytest.raises(StatusNotAllowed):
            act(login=nobodys, by=approver, reason="x")
    act(login=company.administrator, by=approver, reason="x")


@pytest.mark.parametrize(
    "page", ["0/change/", "x/reveal/", "99999999999999999999999/send-code/", "%C3%A9/new-password/"]
)
def test_what_does_not_exist_is_404(company: Cast, page: str) -> None:
    client = cast.officer()
    assert client.post(LIST + page, FILLED).status_code == 404


def test_staff_who_are_no_administrators_are_not_here_Q4(company: Cast) -> None:
    client = cast.officer()
    for person in (company.staff, company.pending, company.departed):
        assert client.get(of(person)).status_code == 404
        assert client.post(of(person, "send-code")).status_code == 404
    with pytest.raises(StatusNotAllowed):
        send_code_as_officer(login=company.pending, by=cast.officer_login(Role.APPROVER))
    assert not SMS.objects.exists()


# --- looking ---


def found(client: Client, query: str) -> set[str]:
    return {each.euid for each in client.get(f"{LIST}?{query}").context["cl"].result_list}


def test_the_list_is_searched_exactly_and_shows_masked_numbers_Q28(company: Cast, waiting: StaffLogin) -> None:
    client = cast.officer(Role.AUDITOR)
    chan = company.administrator
    assert found(client, f"q={chan.euid}") == {chan.euid}
    assert found(client, f"q={company.entity.number}") == {chan.euid, waiting.euid}
    assert found(client, "q=CHAN.wengsan") == {chan.euid}
    assert found(client, "status__exact=pending") == {waiting.euid}
    assert found(client, "q=chan") == found(client, "q=50917346") == set()
    html = client.get(LIST).content.decode()
    assert "50****46" in html
    assert "50917346" not in html
    assert "66812207" not in html


def test_a_document_number_is_posted_and_the_search_is_remembered_without_it_ASVS_14_2_1(
    company: Cast, other: Cast, waiting: StaffLogin
) -> None:
    twin = cast.login(entity=other.entity, is_administrator=True, document_number="50917346")
    cast.login(entity=other.entity, document_number="50917347", is_administrator=True)
    client = cast.officer(Role.REGISTRAR)
    answer = client.post(f"{LIST}find/", {"document_number": "5091734(6)"})
    assert {login.pk for login in answer.context["found"]} == {waiting.pk, twin.pk}
    (line,) = lines(Action.OFFICER_READ)
    assert (line.entity_number, line.target, line.data) == ("", "50****46", {"what": "search by document", "found": 2})
    assert line.actor
    assert "No administrator has this document." in text_of(client.post(f"{LIST}find/", {"document_number": "5091"}))
    for wrong in ("", "A\0B", "9" * 9999):
        assert client.post(f"{LIST}find/", {"document_number": wrong}).context["form"].errors, wrong[:9]


def test_the_page_is_masked_and_looking_at_it_is_remembered_Q28(company: Cast, waiting: StaffLogin) -> None:
    client = cast.officer(Role.AUDITOR)
    page = client.get(of(waiting))
    assert "50917346" not in page.content.decode()
    assert "6681 2207" not in text_of(page)
    (line,) = lines(Action.OFFICER_READ)
    assert (line.entity_number, line.target) == (company.entity.number, waiting.euid)


@pytest.mark.parametrize(("what", "number"), [("document", "50917346"), ("mobile", "6681 2207")])
def test_a_number_is_shown_once_and_that_is_remembered_Q28(
    company: Cast, waiting: StaffLogin, what: str, number: str
) -> None:
    person = cast.officer_login(Role.REGISTRAR)
    client = cast.officer(person=person)
    assert number in text_of(client.post(of(waiting, "reveal"), {"what": what}, follow=True))
    assert number not in text_of(client.get(of(waiting)))
    (line,) = lines(Action.DATA_REVEALED)
    assert (line.entity_number, line.target, line.actor, line.data) == (
        company.entity.number,
        waiting.euid,
        person.euid,
        {"what": what},
    )
    client.post(of(waiting, "reveal"), {"what": "password"})
    assert len(lines(Action.DATA_REVEALED)) == 1


def test_what_was_asked_to_see_of_one_is_not_shown_of_another(company: Cast, waiting: StaffLogin) -> None:
    client = cast.officer()
    client.post(of(waiting, "reveal"), {"what": "mobile"})
    assert "6688 0012" not in text_of(client.get(of(company.administrator)))


# --- helping ---


def test_an_officer_sends_the_code_and_stands_in_the_history_S9_8(company: Cast, waiting: StaffLogin) -> None:
    person = cast.officer_login(Role.REGISTRAR)
    client = cast.officer(person=person)
    assert "Not sent yet" in text_of(client.get(of(waiting)))
    page = text_of(client.post(of(waiting, "send-code"), follow=True))
    assert "The activation code is on its way to +853 66** **07 by SMS." in page
    assert "Not used, valid until" in page
    assert "Waiting to be sent" in page
    sms = SMS.objects.get(purpose=Purpose.ACTIVATION)
    assert (sms.to, sms.entity_number) == (waiting.mobile, company.entity.number)
    (line,) = lines(Action.CODE_SENT)
    assert (line.actor, line.target) == (person.euid, waiting.euid)
    assert "A code was sent a moment ago." in text_of(client.post(of(waiting, "send-code"), follow=True))
    assert SMS.objects.count() == 1
    client.post(of(company.administrator, "send-code"))
    assert SMS.objects.count() == 1, "who is activated needs none (Q43)"


def test_a_new_password_is_demanded_and_the_sessions_end(company: Cast) -> None:
    chan = company.administrator
    browser, approver = cast.enter(chan), cast.officer_login(Role.APPROVER)
    client = cast.officer(person=approver)
    assert "They end at once." in text_of(client.get(of(chan, "new-password")))
    assert client.post(of(chan, "new-password"), {"reason": ""}).context["form"].errors.keys() == {"reason"}
    assert browser.get("/account/").status_code == 200
    assert "A new one is demanded" in text_of(client.post(of(chan, "new-password"), FILLED, follow=True))
    assert browser.get("/account/").status_code == 302
    assert not Session.objects.filter(login=chan).exists()
    (line,) = lines(Action.NEW_PASSWORD_DEMANDED)
    assert (line.actor, line.data) == (approver.euid, {"reason": FILLED["reason"]})


def test_a_second_factor_is_removed_and_the_person_is_told_ASVS_6_4_4(company: Cast) -> None:
    chan = company.administrator
    TOTPDevice.objects.create(user=chan, name="app", confirmed=True)
    approver = cast.officer_login(Role.APPROVER)
    client = cast.officer(person=approver)
    assert "Prove first who the person is" in text_of(client.get(of(chan, "second-factor")))
    client.post(of(chan, "second-factor"), FILLED)
    assert not TOTPDevice.objects.filter(user=chan).exists()
    assert SMS.objects.get(purpose=Purpose.SECOND_FACTOR).to == chan.mobile
    (line,) = lines(Action.SECOND_FACTOR_REMOVED)
    assert (line.actor, line.data) == (approver.euid, {"reason": FILLED["reason"]})
    page = text_of(client.post(of(chan, "second-factor"), FILLED, follow=True))
    assert "This login has no authenticator app." in page
    assert len(lines(Action.SECOND_FACTOR_REMOVED)) == 1


def test_nobody_does_it_to_their_own_login(company: Cast) -> None:
    person = cast.officer_login(Role.APPROVER, is_administrator=True)
    client = cast.officer(person=person)
    for page in ("new-password", "second-factor"):
        assert f"/{page}/" not in client.get(of(person)).content.decode()
        assert "This is your own login" in text_of(client.post(of(person, page), FILLED))
    assert TOTPDevice.objects.filter(user=person).exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_officers_who_act_on_each_other_do_not_wait_for_each_other_for_ever() -> None:
    """Both locks of logins are taken under the entity's."""
    officers = [cast.officer_login(Role.APPROVER, is_administrator=True) for _each in range(2)]

    def act(number: int) -> None:
        by, login = (StaffLogin.objects.get(pk=officers[each].pk) for each in (number, 1 - number))
        logins.demand_new_password(login=login, by=by, reason="x")

    assert at_once(2, act) == [None, None]
