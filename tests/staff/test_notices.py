"""Who is told of what: each operation, the inbox page, choices, the e-mail and the daily summary (S1.3)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from activation.operations import activate, remind_administrators, send_code
from activation.terms import current
from entity_portal.demo.applications import empowered
from entity_portal.messaging import delivery, notifications
from entity_portal.messaging.kinds import Kind, Mail
from entity_portal.messaging.models import SMS, Notification, Purpose
from entity_portal.messaging.notifications import Choice
from entity_portal.messaging.operations import send_email
from services.catalogue.openings import change_opening, open_service
from services.models import Assignment, OpeningStatus, ServiceAdministrator
from services.operations import change_members, change_service_administrators
from services.tasks import tell_of_endings
from staff import operations, tasks
from staff.models import StaffLogin, Status
from staff.operations import notices
from tests.cast import BIRTH_DATE, PASSWORD, Cast, enter, group, login, member
from tests.pages import text_of
from tests.race import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(company: Cast) -> StaffLogin:
    """Another administrator, who reads English and has an address."""
    return login(entity=company.entity, is_administrator=True, language="en", email="second@example.mo")


def told(person: StaffLogin) -> list[tuple[str, int]]:
    return [(line.kind, line.count) for line in notifications.inbox(person.euid)]


def jobs() -> list[dict[str, Any]]:
    """What waits for the worker of notices and e-mail; done here, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE task_name = 'staff.tell_beside_the_inbox' RETURNING args->>'line'"
        )
        for (line,) in cursor.fetchall():
            tasks.tell_beside_the_inbox(int(line))
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'messaging.send_email' ORDER BY id")
        return [row[0] if isinstance(row[0], dict) else __import__("json").loads(row[0]) for row in cursor.fetchall()]


# --- who is told ---


def test_administrators_hear_of_an_activation(company: Cast) -> None:
    row = send_code(login=company.pending, by=company.administrator)
    activate(
        code=row,
        username="ho.chihin",
        password=PASSWORD,
        birth_date=BIRTH_DATE,
        terms=current("en"),
        accepted_at=timezone.now(),
    )
    assert told(company.administrator) == [(Kind.ACTIVATED, 1)]
    assert told(company.staff) == []


def test_administrators_hear_of_a_lock_and_the_person_locked_does_not_hear_it_twice_A7(company: Cast) -> None:
    for _strike in range(5):
        operations.check_password(
            entity_number=company.entity.number, username="chan.wengsan", password="wrong", where={}
        )
    assert told(company.administrator) == []
    for _strike in range(5):
        operations.check_password(entity_number=company.entity.number, username="ao.hoiian", password="wrong", where={})
    assert told(company.administrator) == [(Kind.LOCKED, 1)]


def test_many_locks_are_one_line_and_one_email_A7(company: Cast, second: StaffLogin) -> None:
    for number in range(4):
        person = login(entity=company.entity, username=f"person.{number}", failed_attempts=4)
        operations.check_password(
            entity_number=company.entity.number, username=person.username, password="wrong", where={}
        )
    assert told(second) == [(Kind.LOCKED, 4)]
    (email,) = [job for job in jobs() if job["to"] == "second@example.mo"]
    assert "4 logins are locked after five wrong passwords." in email["body"]
    assert "http://testserver/staff/?status=locked" in email["body"]


@pytest.mark.parametrize("how", ["departs", "loses the power"])
def test_the_other_administrators_hear_of_one_who_goes(company: Cast, second: StaffLogin, how: str) -> None:
    third = login(entity=company.entity, is_administrator=True)
    act = operations.depart if how == "departs" else operations.remove_administrator
    act(login=second, by=company.administrator)
    assert told(third) == [(Kind.ADMINISTRATOR_REMOVED, 1)]
    assert told(company.administrator) == [], "who did it knows"
    assert told(second) == ([] if how == "departs" else [(Kind.MY_POWERS, 1)])


def test_the_administrators_hear_of_a_new_one(company: Cast) -> None:
    person = {"name_foreign": "LEI", "document_number": "55555555", "document_place": "MO", "mobile": "+85366000001"}
    new = operations.create_login(
        entity=company.entity, by=None, is_administrator=True, document_type="bir_permanent", **person
    )
    empowered(new)
    assert told(company.administrator) == [(Kind.ADMINISTRATOR_ADDED, 1)]


def test_who_is_assigned_or_taken_out_hears_it_and_the_other_administrators_too_Q23(
    company: Cast, second: StaffLogin
) -> None:
    operators = group(open_to=company.entity)
    change_members(group=operators, by=company.administrator, add=[company.staff.euid, company.pending.euid])
    assert told(company.staff) == [(Kind.ASSIGNED, 1)]
    assert told(company.pending) == [], "who has not activated has no inbox"
    assert told(second) == [(Kind.MEMBERS_ADDED, 2)]
    assert told(company.administrator) == []
    change_members(group=operators, by=company.administrator, remove=[company.staff.euid])
    assert told(company.staff) == [(Kind.UNASSIGNED, 1), (Kind.ASSIGNED, 1)]
    assert told(second) == [(Kind.MEMBERS_REMOVED, 1), (Kind.MEMBERS_ADDED, 2)]


def test_the_administrators_hear_of_who_assigns_themselves_Q23(company: Cast) -> None:
    power = ServiceAdministrator.objects.create(entity=company.entity, login=company.staff)
    person = StaffLogin.objects.select_related("entity").get(pk=power.login_id)
    change_members(group=group(open_to=company.entity), by=person, add=[person.euid])
    assert told(company.administrator) == [(Kind.MEMBERS_ADDED, 1)]


def test_telling_five_hundred_people_takes_as_many_statements_as_telling_five(
    company: Cast, second: StaffLogin, django_assert_max_num_queries: Any
) -> None:
    people = [login(entity=company.entity, username=f"many.{number}") for number in range(40)]
    operators = group(open_to=company.entity)
    values = {"service": operators.service.names, "group": operators.names}
    with transaction.atomic(), django_assert_max_num_queries(2):
        notices.notify(people, Kind.ASSIGNED, about="a/b", grouped_by="a/b", values=values)
    assert Notification.objects.filter(kind=Kind.ASSIGNED).count() == 40


def test_who_can_assign_hears_what_becomes_of_an_e_service(company: Cast) -> None:
    narrowed = login(entity=company.entity)
    power = ServiceAdministrator.objects.create(entity=company.entity, login=narrowed, narrowed=True)
    power.services.add(group(service="another", open_to=company.entity).service)
    ServiceAdministrator.objects.create(entity=company.entity, login=company.staff)
    operators = group()
    opening = open_service(entity=company.entity, service=operators.service, by=None)
    change_opening(opening=opening, status=OpeningStatus.SUSPENDED, by=None)
    notifications.read(company.administrator.euid)
    change_opening(opening=opening, status=OpeningStatus.SUSPENDED, by=None)
    assert notifications.unread(company.administrator.euid) == 0, "nothing has changed"
    change_opening(opening=opening, status=OpeningStatus.OPEN, by=None)
    for person in (company.administrator, company.staff):
        assert {kind for kind, _count in told(person)} == {Kind.SERVICE_CLOSED, Kind.SERVICE_OPENED}
    assert told(narrowed) == []


def test_who_becomes_service_administrator_hears_it(company: Cast) -> None:
    change_service_administrators(by=company.administrator, add=[company.staff.euid])
    assert told(company.staff) == [(Kind.MY_POWERS, 1)]


@pytest.mark.parametrize(("days", "heard"), [(31, 0), (30, 1), (7, 1), (6, 0), (0, 0)])
def test_an_end_is_told_thirty_and_seven_days_before_once(company: Cast, days: int, heard: int) -> None:
    operators = group(open_to=company.entity)
    member(operators, company.staff, valid_until=timezone.localdate() + timedelta(days=days))
    for _twice in range(2):
        tell_of_endings(0)
    assert told(company.staff) == [(Kind.MY_ENDING, 1)] * heard
    assert told(company.administrator) == [(Kind.ENDING, 1)] * heard


def test_an_end_whose_day_the_worker_missed_is_told_late_and_once(company: Cast) -> None:
    operators = group(open_to=company.entity)
    row = member(operators, company.staff, valid_until=timezone.localdate() + timedelta(days=28))
    Assignment.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=60))
    for _twice in range(2):
        tell_of_endings(0)
    assert told(company.staff) == [(Kind.MY_ENDING, 1)]


def test_nobody_hears_of_what_was_rolled_back(company: Cast) -> None:
    with transaction.atomic():
        change_members(group=group(open_to=company.entity), by=company.administrator, add=[company.staff.euid])
        transaction.set_rollback(True)
    assert told(company.staff) == []


# --- codes that fail, and people who do not activate ---


def test_administrators_hear_of_a_code_that_failed_while_it_was_being_sent(company: Cast) -> None:
    row = send_code(login=company.pending, by=company.administrator)
    SMS.objects.filter(pk=row.sms_id).update(status="sending", claimed_at=timezone.now())
    delivery.finish(SMS.objects.get(pk=row.sms_id), delivery.Status.FAILED, reason="not_mobile")
    assert told(company.administrator) == [(Kind.CODE_FAILED, 1)]
    page = enter(company.administrator).get("/notifications/")
    assert f'href="/notifications/{Notification.objects.get().pk}/"' in page.content.decode()


def test_a_code_that_was_replaced_is_not_reported_when_it_fails(company: Cast, time_machine: Any) -> None:
    row = send_code(login=company.pending, by=company.administrator)
    time_machine.move_to(timezone.now() + timedelta(minutes=2), tick=False)
    send_code(login=company.pending, by=company.administrator)
    SMS.objects.filter(pk=row.sms_id).update(status="sending", claimed_at=timezone.now())
    delivery.finish(SMS.objects.get(pk=row.sms_id), delivery.Status.FAILED)
    assert told(company.administrator) == []


@pytest.mark.parametrize(("after", "reminded"), [(timedelta(days=2, hours=23), 0), (timedelta(days=3), 1)])
def test_administrators_are_reminded_after_three_days_once_and_the_person_never(
    company: Cast, time_machine: Any, after: timedelta, reminded: int
) -> None:
    send_code(login=company.pending, by=company.administrator)
    texts = SMS.objects.count()
    time_machine.move_to(timezone.now() + after, tick=False)
    for _twice in range(2):
        remind_administrators()
    assert told(company.administrator) == [(Kind.NOT_ACTIVATED, 1)] * reminded
    assert SMS.objects.count() == texts


def test_several_who_have_not_activated_are_one_line(company: Cast, time_machine: Any) -> None:
    people = [company.pending, *(login(entity=company.entity, status=Status.PENDING) for _n in range(2))]
    for person in people:
        send_code(login=person, by=company.administrator)
    time_machine.move_to(timezone.now() + timedelta(days=4), tick=False)
    operations.depart(login=people[2], by=company.administrator)
    remind_administrators()
    assert told(company.administrator) == [(Kind.NOT_ACTIVATED, 2)]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_workers_remind_once(company: Cast, time_machine: Any) -> None:
    send_code(login=company.pending, by=company.administrator)
    time_machine.move_to(timezone.now() + timedelta(days=4), tick=False)
    assert at_once(4, lambda _n: remind_administrators()) == [None] * 4
    assert told(company.administrator) == [(Kind.NOT_ACTIVATED, 1)]


# --- e-mail and SMS, as chosen ---


def tell(person: StaffLogin, kind: Kind = Kind.LOCKED) -> None:
    with transaction.atomic():
        notices.notify([person], kind, about=person.euid, who=[person])


def test_an_email_says_it_in_the_readers_language_as_text_and_html_with_a_link_on_our_host_A45(
    company: Cast, second: StaffLogin
) -> None:
    tell(second)
    (job,) = jobs()
    send_email(**job | {"queued_at": timezone.now()})
    (email,) = mail.outbox
    assert email.to == ["second@example.mo"]
    html = email.alternatives[0].content  # type: ignore[attr-defined]
    for body in (email.body, html):
        assert "The login of HO CHI HIN is locked after five wrong passwords." in str(body)
        assert f"http://testserver/staff/{second.euid}/" in str(body)
        assert "http://testserver/notifications/choices/" in str(body)
        assert second.document_number not in str(body)
    assert '<html lang="en">' in str(html)
    assert "<img" not in str(html)


def test_a_name_brings_no_markup_into_an_email_A77(company: Cast, second: StaffLogin) -> None:
    with transaction.atomic():
        values = {"names": [{"zh-hant": "x", "pt": "x", "en": "<b>& Co</b>"}]}
        notices.notify([second], Kind.LOCKED, about=second.euid, values=values)
    (job,) = jobs()
    assert "<b>& Co</b>" in job["body"]
    assert "&lt;b&gt;&amp; Co&lt;/b&gt;" in job["html"]


@pytest.mark.parametrize("email", Mail)
@pytest.mark.parametrize("sms", [True, False])
def test_each_kind_comes_as_the_person_has_chosen_and_is_in_the_inbox_always(
    company: Cast, second: StaffLogin, email: Mail, sms: bool
) -> None:
    notifications.choose(second.euid, {Kind.LOCKED: Choice(email, sms)})
    tell(second)
    tell(company.administrator, Kind.ACTIVATED)
    assert told(second) == [(Kind.LOCKED, 1)]
    assert len(jobs()) == (email == Mail.NOW)
    texts = SMS.objects.filter(purpose=Purpose.NOTICE, to=second.mobile, entity_number=company.entity.number)
    assert texts.count() == sms
    assert Notification.objects.get(recipient=second.euid).in_digest == (email == Mail.DAILY)


def test_what_was_read_meanwhile_is_not_mailed(company: Cast, second: StaffLogin) -> None:
    tell(second)
    notifications.read(second.euid)
    assert jobs() == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_job_that_runs_again_after_its_worker_was_killed_tells_nobody_twice(company: Cast) -> None:
    person = login(entity=company.entity, email="someone@example.mo")
    notifications.choose(person.euid, {Kind.LOCKED: Choice(Mail.NOW, sms=True)})
    tell(person)
    line = Notification.objects.get()
    assert at_once(4, lambda _n: tasks.tell_beside_the_inbox(line.pk)) == [None] * 4
    tasks.tell_beside_the_inbox(line.pk)
    assert SMS.objects.filter(purpose=Purpose.NOTICE).count() == 1
    assert len(jobs()) == 1


def test_without_an_address_nothing_is_mailed(company: Cast) -> None:
    tell(company.administrator)
    assert jobs() == []


def test_the_daily_summary_has_what_is_unread_once(company: Cast, second: StaffLogin) -> None:
    for kind in (Kind.ACTIVATED, Kind.NOT_ACTIVATED):
        tell(second, kind)
    for _twice in range(2):
        tasks.send_digests(0)
    (job,) = jobs()
    assert job["to"] == "second@example.mo"
    assert "has activated the staff login." in job["body"]
    assert "has not activated, three days after" in job["body"]
    assert "http://testserver/notifications/" in job["body"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_summary(company: Cast) -> None:
    person = login(entity=company.entity, email="someone@example.mo", language="en")
    tell(person, Kind.ACTIVATED)
    assert sorted(map(bool, at_once(4, lambda _n: notices.send_digest(person)))) == [False, False, False, True]


# --- the pages ---


@pytest.fixture
def reader(second: StaffLogin) -> Client:
    return enter(second)


def test_the_inbox_says_it_in_words_and_the_bell_counts(second: StaffLogin, reader: Client) -> None:
    assert "Nothing yet" in text_of(reader.get("/notifications/"))
    assert 'aria-label="Notifications"' in reader.get("/").content.decode()
    tell(second)
    tell(second, Kind.ACTIVATED)
    page = reader.get("/notifications/")
    assert "2 are unread." in text_of(page)
    assert "HO CHI HIN has activated the staff login." in text_of(page)
    assert 'aria-label="Notifications, 2 unread"' in page.content.decode()


def test_opening_a_line_reads_it_and_goes_where_it_leads(second: StaffLogin, reader: Client) -> None:
    tell(second)
    line = Notification.objects.get()
    assert reader.get(f"/notifications/{line.pk}/", headers={"Sec-Purpose": "prefetch"}).status_code == 404
    assert notifications.unread(second.euid) == 1
    assert reader.get(f"/notifications/{line.pk}/")["Location"] == f"/staff/{second.euid}/"
    assert notifications.unread(second.euid) == 0


def test_lines_are_marked_read_and_unread(second: StaffLogin, reader: Client) -> None:
    tell(second)
    line = Notification.objects.get()
    reader.post(f"/notifications/{line.pk}/read/")
    assert notifications.unread(second.euid) == 0
    assert reader.post(f"/notifications/{line.pk}/read/", {"page": "3"})["Location"] == "/notifications/?page=3"
    assert notifications.unread(second.euid) == 1
    assert "1 notification marked as read." in text_of(reader.post("/notifications/read/", follow=True))
    assert notifications.unread(second.euid) == 0


def test_anothers_line_does_not_exist_A48(company: Cast, second: StaffLogin, reader: Client) -> None:
    tell(company.administrator)
    line = Notification.objects.get()
    assert reader.get(f"/notifications/{line.pk}/").status_code == 404
    assert reader.post(f"/notifications/{line.pk}/read/").status_code == 404
    assert reader.post("/notifications/read/").status_code == 302
    assert notifications.unread(company.administrator.euid) == 1
    assert "HO CHI HIN" not in text_of(reader.get("/notifications/"))


def test_a_long_inbox_has_pages_and_a_constant_number_of_queries(
    second: StaffLogin, reader: Client, django_assert_max_num_queries: Any
) -> None:
    with transaction.atomic():
        for number in range(60):
            notices.notify([second], Kind.LOCKED, about=second.euid, grouped_by=str(number), who=[second])
    with django_assert_max_num_queries(12):
        page = reader.get("/notifications/?page=3")
    assert "51–60 of 60 notifications" in text_of(page)


def test_choices_are_kept_and_only_what_can_concern_somebody_is_asked(
    company: Cast, second: StaffLogin, reader: Client
) -> None:
    form = reader.get("/notifications/choices/").context["form"]
    assert set(form.kinds) == set(Kind)
    data = {name: field.initial for name, field in form.fields.items() if name.startswith("email_")}
    data |= {"email_locked": "no", "sms_activated": "on"}
    assert "Your choices have been saved." in text_of(reader.post("/notifications/choices/", data, follow=True))
    assert notifications.choices_of(second.euid)[Kind.LOCKED] == Choice(Mail.NO, sms=False)
    assert notifications.choices_of(second.euid)[Kind.ACTIVATED].sms
    page = enter(company.staff).get("/notifications/choices/")
    mine = {Kind.ASSIGNED, Kind.UNASSIGNED, Kind.MY_DATES, Kind.MY_ENDING, Kind.MY_POWERS, Kind.APPLICATION_MOVED}
    assert set(page.context["form"].kinds) == mine
    assert "nothing is e-mailed" in text_of(page)


def test_a_forged_choice_changes_nothing(second: StaffLogin, reader: Client) -> None:
    page = reader.post("/notifications/choices/", {"email_locked": "hourly"})
    assert "Please select this." in text_of(page)
    assert notifications.choices_of(second.euid)[Kind.LOCKED].email == Mail.NOW
