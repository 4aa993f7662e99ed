"""One-time codes, whatever they are for: tries are counted first, a code is used once."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from activation.models import ActivationCode
from entity_portal.codes import MAX_TRIES, digest, random_code
from staff.models import ResetCode
from tests.cast import Cast
from tests.race import at_once


def issue(house: Cast) -> tuple[ResetCode, str]:
    return ResetCode.issue(login=house.staff)


def fresh(row: ResetCode) -> ResetCode:
    return ResetCode.objects.get(pk=row.pk)


def test_a_digest_depends_on_purpose_code_and_key(settings: Any) -> None:
    one = digest("a", "123456")
    assert one == digest("a", "123456")
    assert len({one, digest("b", "123456"), digest("a", "123457")}) == 3
    settings.CODE_KEY = "another key"
    assert digest("a", "123456") != one


def test_the_same_digits_as_another_kind_of_code_are_not_the_same(company: Cast) -> None:
    assert ResetCode.digest_of("123456") != ActivationCode.digest_of("123456")


def test_codes_are_drawn_evenly_from_their_alphabet() -> None:
    seen = Counter(random_code("ABCD", 4000))
    assert set(seen) == set("ABCD")
    assert min(seen.values()) > 800
    assert len({random_code("0123456789", 6) for _turn in range(100)}) > 95


def test_the_right_code_matches_and_no_other(company: Cast) -> None:
    row, code = issue(company)
    assert row.matches(code)
    for wrong in ("", code[:-1], f"{code}0", code[::-1] + "x", f" {code}", "何"):
        assert not row.matches(wrong)


def test_a_code_has_five_tries_and_a_right_one_is_handed_back_Q15(company: Cast) -> None:
    row, _code = issue(company)
    assert [row.take_try() for _try in range(6)] == [True] * 5 + [False]
    row.give_try_back()
    assert fresh(row).tries == 4
    assert row.take_try()
    assert not row.take_try()


def test_no_try_is_handed_back_that_was_not_taken(company: Cast) -> None:
    row, _code = issue(company)
    row.give_try_back()
    assert fresh(row).tries == 0


def test_a_used_a_voided_and_an_expired_code_have_no_tries(company: Cast) -> None:
    row, _code = issue(company)
    for closed in (
        {"used_at": timezone.now()},
        {"voided_at": timezone.now()},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
    ):
        before = {name: getattr(row, name) for name in closed}
        ResetCode.objects.filter(pk=row.pk).update(**closed)
        assert not fresh(row).is_open
        assert not row.take_try()
        assert not row.use()
        ResetCode.objects.filter(pk=row.pk).update(**before)
        assert fresh(row).is_open
    assert row.take_try()


def test_a_code_is_open_to_the_last_second(company: Cast, time_machine: Any) -> None:
    row, _code = issue(company)
    time_machine.move_to(row.expires_at - timedelta(seconds=1), tick=False)
    assert row.is_open
    assert row.take_try()
    time_machine.move_to(row.expires_at, tick=False)
    assert not row.is_open
    assert not row.take_try()
    assert not row.use()


def test_a_code_is_used_once(company: Cast) -> None:
    row, _code = issue(company)
    assert row.use()
    assert not row.use()
    assert fresh(row).used_at


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_twenty_uses_at_once_one_succeeds(company: Cast) -> None:
    row, _code = issue(company)
    assert Counter(at_once(20, lambda _n: fresh(row).use())) == {True: 1, False: 19}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_fifty_tries_at_once_five_are_taken_Q15(company: Cast) -> None:
    row, _code = issue(company)
    assert Counter(at_once(50, lambda _n: row.take_try())) == {True: MAX_TRIES, False: 45}
    assert fresh(row).tries == 5
