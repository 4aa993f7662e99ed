"""Each rule of docs/retention.toml: what is due goes, whole; what is not stays."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from procrastinate.contrib.django import app

from accounts.applications.models import Application, Kind
from activation import terms
from activation.models import TermsAcceptance
from entity_portal import retention, tasks
from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.audit.operations import record
from entity_portal.messaging.models import SMS, NotificationChoice, Purpose
from entity_portal.purge import purge
from entity_portal.retention import Rule
from services.models import Assignment, Errand, ErrandKind
from tests import cast
from tests.database import owning
from tests.retention import past
from tests.retention.made import MADE

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rule", retention.rules(), ids=str)
def test_what_is_due_goes_and_stays_a_day_before_ASVS_14_2_4(rule: Rule) -> None:
    length, now = retention.period(rule.after), timezone.now()
    day = timedelta(days=1) if length > timedelta(days=1) else timedelta(minutes=10)
    make = MADE[str(rule)]
    young, old = make(now - length + day), make(now - length - timedelta(seconds=1))
    (done,) = purge([rule], dry_run=True)
    assert (done.count, young(), old()) == (1, False, False), "a dry run counts, and changes nothing"
    (done,) = purge([rule])
    assert (done.count, done.left, young(), old()) == (1, 0, False, True)
    (done,) = purge([rule])
    assert done.count == 0, "once"


def test_everything_at_once_in_the_order_of_the_file_and_the_command_says_how_much() -> None:
    over = {
        str(rule): MADE[str(rule)](timezone.now() - retention.period(rule.after) - timedelta(seconds=1))
        for rule in retention.rules()
    }
    said = StringIO()
    call_command("purge", dry_run=True, stdout=said)
    assert not any(each() for each in over.values())
    said = StringIO()
    call_command("purge", stdout=said)
    assert [name for name, each in over.items() if not each()] == []
    assert "staff_session: over" in said.getvalue()
    again = StringIO()
    call_command("purge", stdout=again, verbosity=0)
    assert again.getvalue() == "0 rows done.\n"


def test_the_worker_does_it_each_night_in_macau() -> None:
    session = MADE["staff_session: over"](timezone.now() - timedelta(days=1))
    tasks.purge(0)
    assert session()
    (cron,) = {each.cron for each in app.periodic_registry.periodic_tasks.values() if each.task.name == "house.purge"}
    assert 0 <= (int(cron.split()[1]) + 8) % 24 < 6


def test_a_rule_that_fails_keeps_no_other_from_its_work_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    session = MADE["staff_session: over"](timezone.now() - timedelta(days=1))
    broken = Rule("staff_resetcode", "broken", event="it.nothing", after="over")
    kept = retention.rules()
    monkeypatch.setattr(retention, "rules", lambda: [broken, *kept])
    with pytest.raises(tasks.Unfinished, match="staff_resetcode: broken"):
        tasks.purge(0)
    assert session()


def test_a_row_that_the_database_refuses_is_named_and_the_others_go(caplog: pytest.LogCaptureFixture) -> None:
    long_ago = timezone.now() - timedelta(days=3650)
    rows = [past.withdrawn(long_ago)[0] for _each in range(12)]
    with owning() as cursor:  # as a rule does that has its say when the row goes
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("CREATE TABLE holding (application_id bigint REFERENCES applications_application NOT NULL)")
        cursor.execute("INSERT INTO holding VALUES (%s)", [rows[4].pk])
    session = MADE["staff_session: over"](long_ago)
    with pytest.raises(tasks.Unfinished, match="applications_application: not_approved"):
        tasks.purge(0)
    assert [each.pk for each in Application.objects.all()] == [rows[4].pk]
    assert rows[4].moves.count() == 1, "whole"
    assert session()
    (said,) = [each.getMessage() for each in caplog.records if each.name == "entity_portal.purge"]
    assert said.startswith(
        f"applications_application: not_approved: the database refuses the row {rows[4].pk:,}: 23503"
    )
    with pytest.raises(CommandError, match="refuses 1 rows; 0 are done"):
        call_command("purge", stdout=StringIO())


def test_only_the_named_tables_are_purged() -> None:
    past = timezone.now() - timedelta(days=3650)
    session, counter = MADE["staff_session: over"](past), MADE["entity_portal_counter: over"](past)
    call_command("purge", "staff_session", stdout=StringIO())
    assert (session(), counter()) == (True, False)


def test_what_still_has_its_use_stays_however_old_it_is_S3_10_Q25() -> None:
    long_ago, lately = timezone.now() - timedelta(days=7300), timezone.now() - timedelta(days=2)
    login, house = past.somebody(created_at=long_ago, activated_at=long_ago), past.entity()
    left = past.departed(long_ago)
    group = cast.group(open_to=login.entity)
    cast.group(open_to=left.entity)
    with transaction.atomic():
        there = cast.entity(number="10000007", number_is_official=True, registration_number="SO 77")
        cast.login(entity=there, is_administrator=True)
    waiting = past.submitted(long_ago, Kind.FIRST, past.ANSWERS)
    proven = past.draft(lately)
    Application.objects.filter(pk=proven.pk).update(mobile_proven_at=lately)
    TermsAcceptance.objects.create(login=left, terms=terms.current("en"), accepted_at=long_ago)
    stays = [
        past.RegisterEntry(**past.said()),
        past.RegisterEntry(gone_at=long_ago, **past.said() | {"registration_number": "SO 77"}),
        past.LegalRepresentative(
            entity=there, name_zh="王", document_number="12345678", mobile="+85366123456", holds_macao_resident_id=True
        ),
        past.RegisterTask(
            entity=there,
            kind=past.TaskKind.ENTITY_GONE,
            raised_by=past.held_import(long_ago, past.ImportState.DONE),
            raised_at=long_ago,
        ),
        past.ActivationCode(
            login=login, mobile=login.mobile, created_at=long_ago, expires_at=long_ago, used_at=long_ago, **past.CODE
        ),
        TOTPDevice(user=login, name="app", confirmed=True),
        Assignment(entity=login.entity, login=login, group=group, created_at=long_ago, ended_at=long_ago),
        Assignment(entity=left.entity, login=left, group=group, created_at=long_ago, ended_at=long_ago),
        SMS(to="+85366123456", purpose=Purpose.ACTIVATION, body="1", created_at=long_ago),
        Errand(kind=ErrandKind.OPEN, service=group.service, by=login, created_at=long_ago, confirmed_at=long_ago),
        NotificationChoice(recipient=login.euid, kind="locked", email="no"),
        past.Session(session_key="1", session_data="", expire_date=timezone.now()),
    ]
    for row in stays:
        row.save()
    TOTPDevice.objects.update(created_at=long_ago)
    record(Action.ENTITY_OPENED, entity=house.number, actor=None, target=house.number)
    with past.past_the_rules("audit_event"):
        Event.objects.update(at=long_ago)
    events = Event.objects.count()
    stays += [house, login, left, left.terms_acceptances.get(), waiting, waiting.moves.get(), proven]
    stays += [past.document(proven), past.approved(long_ago)]
    purge(retention.rules())
    assert [row for row in stays if past.gone(row)()] == []
    assert Event.objects.count() == events
    login.refresh_from_db()
    assert login.document_number
    assert login.password
    waiting.refresh_from_db()
    assert waiting.answers == past.ANSWERS
    left.refresh_from_db()
    assert (left.name_zh, left.name_foreign, left.status) == ("何梓軒", "HO CHI HIN", "departed")
    assert left.username
