"""The door: who comes in, and what five wrong passwords do."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import Entity, EntityStatus
from entity_portal.audit.models import Event
from entity_portal.messaging.models import SMS, Purpose
from staff import operations
from staff.models import ResetCode, StaffLogin, Status
from staff.operations import door
from tests.cast import BIRTH_DATE, PASSWORD, Cast, login
from tests.race import at_once

BROWSER = UUID(int=1)


def knock(person: StaffLogin, password: str = PASSWORD) -> StaffLogin | None:
    return operations.check_password(
        entity_number=person.entity.number, username=person.username or "", password=password
    )


def test_entity_number_username_and_password_open_the_door_S6_2(company: Cast) -> None:
    assert knock(company.staff) == company.staff
    assert knock(company.staff, "wrong") is None
    stranger = operations.check_password(entity_number="99999999", username="ao.hoiian", password=PASSWORD)
    assert stranger is None


def test_the_same_username_in_another_entity_is_someone_else_Q16(company: Cast, other: Cast) -> None:
    assert knock(other.staff) == other.staff
    assert knock(company.staff) != other.staff


def test_someone_not_activated_departed_or_of_a_suspended_entity_does_not_come_in(company: Cast) -> None:
    assert knock(company.departed) is None
    assert knock(company.pending) is None
    Entity.objects.filter(pk=company.entity.pk).update(status=EntityStatus.SUSPENDED)
    assert knock(company.staff) is None


def test_the_fifth_wrong_password_in_a_row_locks_S6_3(company: Cast) -> None:
    for _strike in range(4):
        knock(company.staff, "wrong")
    company.staff.refresh_from_db()
    assert not company.staff.is_locked
    knock(company.staff, "wrong")
    company.staff.refresh_from_db()
    assert company.staff.is_locked
    assert company.staff.locked_at
    assert knock(company.staff) is None, "the right password must not open a locked login"


def test_a_right_password_begins_the_count_anew_S6_3(company: Cast) -> None:
    for _round in range(3):
        for _strike in range(4):
            knock(company.staff, "wrong")
        assert knock(company.staff) == company.staff


def test_whoever_is_locked_is_told_by_sms_once_and_the_history_says_it_Q17(company: Cast) -> None:
    for _strike in range(8):
        knock(company.staff, "wrong")
    assert SMS.objects.filter(to=company.staff.mobile, purpose=Purpose.LOCKED).count() == 1
    actions = Event.objects.filter(target=company.staff.euid).values_list("action", flat=True)
    assert list(actions).count("door.locked") == 1
    assert "door.refused" in actions


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_fifty_wrong_passwords_at_once_are_five_strikes_and_a_lock_S6_3(company: Cast) -> None:
    looked_at = CountedVerify(company.staff)
    with looked_at:
        at_once(50, lambda _n: knock(company.staff, "wrong"))
    company.staff.refresh_from_db()
    assert company.staff.failed_attempts == 5
    assert company.staff.is_locked
    assert looked_at.count == 5
    assert SMS.objects.filter(purpose=Purpose.LOCKED).count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_right_password_behind_seven_wrong_ones_still_being_hashed_is_refused_A1(company: Cast) -> None:
    """A counter that is raised after the hash stays green above and lets this one in (CVE-2024-4629)."""
    held = threading.Event()

    def slow(password: str, encoded: str) -> bool:
        held.wait(10)
        return operations_verify(password, encoded)

    operations_verify: Callable[..., bool] = door.verify
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(8) as pool:
        patch.setattr(door, "verify", slow)
        wrong = [pool.submit(closing, knock, company.staff, "wrong") for _guess in range(7)]
        wait_for(lambda: StaffLogin.objects.get(pk=company.staff.pk).failed_attempts == 5)
        right = pool.submit(closing, knock, company.staff)
        held.set()
        assert right.result(20) is None
        assert [guess.result(20) for guess in wrong] == [None] * 7
    assert StaffLogin.objects.get(pk=company.staff.pk).is_locked


class CountedVerify:
    """Counts how many passwords are really compared with the person's hash, and not with nobody's."""

    def __init__(self, person: StaffLogin) -> None:
        self.hash = person.password

    def __enter__(self) -> None:
        self.count, self.counting, self.real = 0, threading.Lock(), door.verify
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(door, "verify", self)

    def __call__(self, password: str, encoded: str) -> bool:
        with self.counting:
            self.count += encoded == self.hash
        return self.real(password, encoded)

    def __exit__(self, *_: object) -> None:
        self.patch.undo()


def closing(call: Callable[..., Any], *args: Any) -> Any:
    try:
        return call(*args)
    finally:
        connections.close_all()


def wait_for(true: Callable[[], bool]) -> None:
    for _try in range(400):
        if true():
            return
        threading.Event().wait(0.025)
    raise AssertionError("it did not happen")


# --- password reset ---


def ask(person: StaffLogin, **changes: Any) -> ResetCode | None:
    data = {
        "entity_number": person.entity.number,
        "username": person.username,
        "birth_date": BIRTH_DATE,
        "request": BROWSER,
    }
    return operations.send_reset_code(**{**data, **changes})


def sent_code(person: StaffLogin) -> str:
    body = SMS.objects.filter(to=person.mobile, purpose=Purpose.RESET).latest("created_at").body
    return next(word for word in body.replace("。", " ").replace(".", " ").replace("：", " ").split() if word.isdigit())


def test_reset_password_unlocks_and_sets_the_new_password_S6_4(company: Cast) -> None:
    for _strike in range(5):
        knock(company.staff, "wrong")
    row = ask(company.staff)
    assert row
    assert operations.reset_code_is_right(row=row, code=sent_code(company.staff))
    assert operations.reset_password(row=row, new="Another2026x")
    assert knock(company.staff, "Another2026x") == company.staff
    assert knock(company.staff) is None


def test_a_reset_code_works_once_A36(company: Cast) -> None:
    row = ask(company.staff)
    assert row
    assert operations.reset_password(row=row, new="Another2026x")
    assert not operations.reset_password(row=row, new="Third2026x")


def test_five_wrong_reset_codes_burn_it_A37(company: Cast) -> None:
    row = ask(company.staff)
    for _try in range(5):
        assert not operations.reset_code_is_right(row=row, code="000000x")
    assert not operations.reset_code_is_right(row=row, code=sent_code(company.staff))


def test_an_empty_code_is_never_right_A38(company: Cast) -> None:
    assert not operations.reset_code_is_right(row=ask(company.staff), code="")
    assert not operations.reset_code_is_right(row=None, code="")


@pytest.mark.parametrize(
    "changes", [{"entity_number": "99999999"}, {"username": "nobody"}, {"birth_date": BIRTH_DATE - timedelta(1)}]
)
def test_a_reset_sends_nothing_unless_the_three_belong_together_Q18(company: Cast, changes: dict[str, Any]) -> None:
    assert ask(company.staff, **changes) is None
    assert not SMS.objects.exists()


def test_someone_departed_or_not_activated_gets_no_reset_code(company: Cast) -> None:
    assert ask(company.departed) is None
    assert ask(company.pending, username="") is None
    assert not SMS.objects.exists()


def test_one_reset_code_a_minute_Q15(company: Cast) -> None:
    assert ask(company.staff)
    assert ask(company.staff) is None, "who asks twice goes on with the code that was sent"
    assert SMS.objects.filter(purpose=Purpose.RESET).count() == 1


def test_a_new_reset_code_gives_no_new_tries_and_five_a_day_is_all(company: Cast, time_machine: Any) -> None:
    noon = timezone.localtime().replace(hour=12)
    time_machine.move_to(noon)
    first = ask(company.staff)
    for _try in range(3):
        operations.reset_code_is_right(row=first, code="wrong")
    time_machine.move_to(noon + timedelta(minutes=1, seconds=1))
    second = ask(company.staff)
    assert second
    assert second.tries == 3
    for hours in (2, 4, 6):
        time_machine.move_to(noon + timedelta(hours=hours))
        assert ask(company.staff)
    time_machine.move_to(noon + timedelta(hours=8))
    ask(company.staff)
    assert SMS.objects.filter(purpose=Purpose.RESET).count() == 5
    time_machine.move_to(noon + timedelta(days=1))
    tomorrow = ask(company.staff)
    assert tomorrow
    assert tomorrow.tries == 0


def test_a_fourth_text_from_the_door_to_a_number_is_not_sent_and_nobody_is_told_A43(company: Cast) -> None:
    """Several logins may have the same telephone; who has a code already keeps it."""
    people = [login(entity=company.entity, mobile="+85366000001") for _person in range(4)]
    rows = [ask(person) for person in people]
    assert [row is None for row in rows] == [False, False, False, True]
    assert SMS.objects.filter(to="+85366000001", status="queued").count() == 3
    withheld = Event.objects.get(action="door.text_withheld")
    assert (withheld.target, withheld.data["why"]) == (people[3].euid, "number_limit")
    assert rows[0]
    assert ResetCode.objects.get(pk=rows[0].pk).voided_at is None


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_ten_people_with_one_telephone_who_ask_at_once_do_not_block_each_other_A43(company: Cast) -> None:
    people = [login(entity=company.entity, mobile="+85366000001") for _person in range(10)]
    assert {type(answer) for answer in at_once(10, lambda n: ask(people[n]))} == {ResetCode, type(None)}
    assert SMS.objects.filter(to="+85366000001", status="queued").count() == 3


def test_every_text_of_the_door_is_on_the_entitys_budget_A42(company: Cast) -> None:
    row = ask(company.staff)
    assert row
    assert operations.reset_code_is_right(row=row, code=sent_code(company.staff))
    assert operations.reset_password(row=row, new="Another2026x")
    for _strike in range(5):
        knock(company.staff, "wrong")
    operations.remind_username(
        entity_number=company.entity.number,
        document_type=company.administrator.document_type,
        document_number=company.administrator.document_number,
        birth_date=BIRTH_DATE,
    )
    sent = set(SMS.objects.values_list("purpose", "entity_number"))
    assert sent == {(purpose, company.entity.number) for purpose in ("reset", "password", "locked", "username")}


def test_a_reset_code_lives_ten_minutes(company: Cast, time_machine: Any) -> None:
    now = timezone.localtime().replace(hour=12)
    time_machine.move_to(now, tick=False)
    row = ask(company.staff)
    code = sent_code(company.staff)
    time_machine.move_to(now + timedelta(minutes=10) - timedelta(seconds=1), tick=False)
    assert operations.reset_code_is_right(row=row, code=code)
    time_machine.move_to(now + timedelta(minutes=10), tick=False)
    assert not operations.reset_code_is_right(row=row, code=code)


def test_the_username_goes_to_the_number_on_record_and_nowhere_else(company: Cast) -> None:
    person = company.staff
    data = {
        "entity_number": person.entity.number,
        "document_type": person.document_type,
        "document_number": person.document_number,
        "birth_date": BIRTH_DATE,
    }
    assert operations.remind_username(**{**data, "birth_date": BIRTH_DATE + timedelta(1)}) is None
    sms = operations.remind_username(**data)
    assert sms
    assert sms.to == person.mobile
    assert "ao.hoiian" in sms.body
    assert operations.remind_username(**data) is None, "one a minute"


# --- changing it ---


def test_changing_the_password_asks_for_the_old_one_and_a_wrong_one_counts_as_at_the_door_S8(company: Cast) -> None:
    person = company.staff
    assert not operations.change_password(login=person, old="wrong", new="Another2026x")
    person.refresh_from_db()
    assert person.failed_attempts == 1
    assert operations.change_password(login=person, old=PASSWORD, new="Another2026x")
    assert knock(person, "Another2026x") == person


def test_a_login_of_a_pending_person_has_no_password_that_opens_it(company: Cast) -> None:
    blank = login(entity=company.entity, status=Status.PENDING)
    assert operations.check_password(entity_number=company.entity.number, username="", password="") is None
    assert not blank.has_usable_password() or not blank.password
