"""The inbox: written with what it tells, grouped, read, chosen, and thrown away when it is old."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone, translation

from entity_portal.messaging import kinds, notifications
from entity_portal.messaging.kinds import Kind, Mail
from entity_portal.messaging.models import Notification
from entity_portal.messaging.notifications import Choice
from tests.purging import purge_tables
from tests.race import at_once

pytestmark = pytest.mark.django_db
ANN, BO = "CU0000000001", "CU0000000002"
DAILY, NEVER = Choice(Mail.DAILY, sms=False), Choice(Mail.NO, sms=False)
NAMES = {"zh-hant": "何梓軒", "pt": "HO CHI HIN", "en": "HO CHI HIN"}


def add(kind: Kind = Kind.ACTIVATED, *recipients: str, about: str = "P1", **fields: Any) -> dict[str, int]:
    told = dict.fromkeys(recipients or (ANN,), DAILY)
    with transaction.atomic():
        return notifications.add(kind, told, entity="80216453", about=about, **fields)


def lines(recipient: str = ANN) -> list[tuple[str, int]]:
    return [(line.about, line.count) for line in notifications.inbox(recipient)]


def test_what_happens_again_unread_on_the_same_day_is_one_line() -> None:
    assert set(add(Kind.ACTIVATED, ANN, BO)) == {ANN, BO}
    assert add(Kind.ACTIVATED, ANN, about="P2") == {}
    assert lines() == [("P2", 2)]
    assert lines(BO) == [("P1", 1)]


def test_what_was_read_grows_no_more() -> None:
    add()
    assert notifications.read(ANN) == 1
    assert ANN in add(about="P2")
    assert lines() == [("P2", 1), ("P1", 1)]


def test_another_day_another_kind_and_another_group_are_lines_of_their_own(time_machine: Any) -> None:
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    for fields in ({}, {"kind": Kind.LOCKED}, {"group": "S1/G1"}):
        assert ANN in add(**fields)
    time_machine.move_to(start + timedelta(days=1), tick=False)
    assert ANN in add()
    assert len(lines()) == 4


def test_the_same_person_twice_counts_once_and_members_of_a_group_all_count() -> None:
    add()
    add()
    assert lines() == [("P1", 1)]
    for number in (5, 7):
        add(Kind.MEMBERS_ADDED, BO, about="S1/G1", group="S1/G1", count=number)
    assert lines(BO) == [("S1/G1", 12)]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_written() -> None:
    with pytest.raises(RuntimeError):
        notifications.add(Kind.ACTIVATED, {ANN: DAILY}, entity="80216453")
    assert not Notification.objects.exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_operations_that_tell_the_same_people_at_once_lose_nothing_and_never_deadlock() -> None:
    people = [f"CU{number:010d}" for number in range(30)]

    def tell(turn: int) -> int:
        order = people if turn % 2 else people[::-1]
        return len(add(Kind.MEMBERS_ADDED, *order, about="S1/G1", group="S1/G1", count=1))

    results = at_once(12, tell)
    assert sum(result for result in results if isinstance(result, int)) == 30, results
    assert [lines(person) for person in people] == [[("S1/G1", 12)]] * 30


def test_however_many_are_told_it_is_one_statement(django_assert_num_queries: Any) -> None:
    with transaction.atomic(), django_assert_num_queries(1):
        notifications.add(Kind.ASSIGNED, {f"CU{n:010d}": DAILY for n in range(500)}, entity="80216453")
    assert Notification.objects.count() == 500


def test_unread_comes_first_then_the_newest() -> None:
    for about, kind in (("1", Kind.LOCKED), ("2", Kind.ACTIVATED), ("3", Kind.ENDING)):
        add(kind, about=about)
    assert notifications.unread(ANN) == 3
    second = Notification.objects.get(about="2")
    assert notifications.read(ANN, second.pk) == 1
    assert notifications.read(BO, Notification.objects.get(about="1").pk) == 0, "another's"
    assert [about for about, _count in lines()] == ["3", "1", "2"]
    second.refresh_from_db()
    notifications.unread_again(second)
    assert [about for about, _count in lines()] == ["3", "2", "1"]


def test_what_is_marked_unread_again_stands_beside_a_newer_line_of_its_group() -> None:
    add()
    notifications.read(ANN)
    add(about="P2")
    notifications.unread_again(Notification.objects.get(about="P1"))
    assert lines() == [("P2", 1), ("P1", 1)]
    assert notifications.unread(ANN) == 2


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("language", ["zh-hant", "pt", "en"])
@pytest.mark.parametrize("count", [1, 2, 12])
def test_every_kind_has_a_sentence_for_one_and_for_many_and_leads_somewhere(
    kind: Kind, language: str, count: int
) -> None:
    service = {"zh-hant": "入職申報", "pt": "Declaração", "en": "Declaration"}
    data = {"names": [NAMES, NAMES], "service": service, "group": service, "date": "2026-12-31", "dates": service}
    data |= {"number": "AP123456788", "state": service}
    with translation.override(language):
        words = kinds.sentence(kind, count=count, data=data)
        assert "%" not in words
        assert "{" not in words
        if kinds.MEANINGS[kind].grouped and count > 1:
            assert str(count) in words
        elif "%(names)s" in str(kinds.MEANINGS[kind].sentence):
            assert NAMES[language] in words
    about = "entry-declaration/operators" if "SERVICE" in kind.name or "MEMBERS" in kind.name else ANN
    assert kinds.link(kind, count=count, about=about if kind != Kind.ENDING else "a/b").startswith("/")


def test_one_leads_to_the_person_and_many_to_the_list() -> None:
    assert kinds.link(Kind.CODE_FAILED, count=1, about=ANN) == f"/staff/{ANN}/#activation"
    assert kinds.link(Kind.CODE_FAILED, count=2, about=ANN) == "/staff/?status=pending"
    assert kinds.link(Kind.MEMBERS_ADDED, count=2, about="s/g") == "/services/s/g/"
    assert kinds.link(Kind.SERVICE_OPENED, count=1, about="s") == "/services/s/"


def test_each_kind_has_its_default_until_somebody_chooses() -> None:
    assert notifications.choices(Kind.LOCKED, [ANN]) == {ANN: Choice(Mail.NOW, sms=False)}
    notifications.choose(ANN, {Kind.LOCKED: Choice(Mail.NO, sms=True)})
    notifications.choose(ANN, {Kind.LOCKED: Choice(Mail.DAILY, sms=True)})
    assert notifications.choices(Kind.LOCKED, [ANN, BO]) == {
        ANN: Choice(Mail.DAILY, sms=True),
        BO: Choice(Mail.NOW, sms=False),
    }
    assert notifications.choices_of(ANN)[Kind.LOCKED].sms
    assert set(notifications.choices_of(ANN)) == set(Kind)


def test_a_digest_is_taken_once_and_without_what_was_read() -> None:
    add()
    add(Kind.LOCKED)
    with transaction.atomic():
        notifications.add(Kind.ENDING, {ANN: NEVER}, entity="80216453")
    notifications.read(ANN, Notification.objects.get(kind=Kind.LOCKED).pk)
    assert [line.kind for line in notifications.take_digest(ANN)] == [Kind.ACTIVATED]
    assert notifications.take_digest(ANN) == []


def test_what_was_read_half_a_year_ago_is_forgotten() -> None:
    for about, kind in (("old", Kind.LOCKED), ("unread", Kind.ACTIVATED)):
        add(kind, about=about)
    notifications.read(ANN, Notification.objects.get(about="old").pk)
    old = Notification.objects.filter(about="old")
    old.update(read_at=timezone.now() - timedelta(days=179))
    purge_tables("messaging_notification")
    assert len(lines()) == 2
    old.update(read_at=timezone.now() - timedelta(days=181))
    purge_tables("messaging_notification")
    assert [about for about, _count in lines()] == ["unread"]
