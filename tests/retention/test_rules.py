"""Each rule of docs/retention.toml: what is due goes, whole; what is not stays."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from procrastinate.contrib.django import app

from entity_portal import retention, tasks
from entity_portal.purge import purge
from entity_portal.retention import Rule
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


def test_only_the_named_tables_are_purged() -> None:
    past = timezone.now() - timedelta(days=3650)
    session, counter = MADE["staff_session: over"](past), MADE["entity_portal_counter: over"](past)
    call_command("purge", "staff_session", stdout=StringIO())
    assert (session(), counter()) == (True, False)
