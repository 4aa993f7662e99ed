"""Which numbers can receive a text, and how a number is written and masked."""

import pytest
from django.db import transaction

from entity_portal import phones
from entity_portal.messaging.models import Purpose
from entity_portal.messaging.operations import queue_sms

FIXED = {"MO": "+85328123456", "HK": "+85223456789", "CN": "+861068123456", "PT": "+351212345678"}
MOBILE = {"MO": "+85366123456", "HK": "+85291234567", "CN": "+8613812345678", "PT": "+351912345678"}


@pytest.mark.parametrize("region", MOBILE)
def test_a_mobile_number_is_told_from_a_fixed_one(region: str) -> None:
    assert phones.is_mobile(MOBILE[region])
    assert not phones.is_mobile(FIXED[region])
    assert phones.region(MOBILE[region]) == region


def test_where_numbers_do_not_tell_they_may_be_mobile() -> None:
    assert phones.is_mobile("+12015550123")


def test_mobile_numbers_of_macao_are_those_that_the_library_knows() -> None:
    numbers = [f"{digits:04}0123" for digits in range(10_000)]
    known = [number for number in numbers if phones.is_mobile(f"+853{number}")]
    assert [number for number in numbers if phones.OUR_MOBILE.fullmatch(number)] == known
    assert len(known) > 400
    assert [phones.OUR_MOBILE.fullmatch(f"+853{number}") is not None for number in ("66123456", "661234567")] == [1, 0]


@pytest.mark.parametrize("number", ["+8530000000", "+1", "nonsense", ""])
def test_what_is_no_number_is_not_mobile(number: str) -> None:
    assert not phones.is_mobile(number)


@pytest.mark.parametrize("region", FIXED)
def test_nothing_is_sent_to_a_fixed_line_wherever_the_number_came_from_A43(db: None, region: str) -> None:
    with transaction.atomic():
        fixed = queue_sms(to=FIXED[region], body="x", purpose=Purpose.ACTIVATION)
        mobile = queue_sms(to=MOBILE[region], body="x", purpose=Purpose.ACTIVATION)
    assert (fixed.status, fixed.reason, fixed.body) == ("failed", "not_mobile", "")
    assert mobile.status == "queued"


def test_a_number_is_masked_in_the_groups_people_write() -> None:
    assert phones.masked("+85366123456") == "+853 66** **56"
    assert phones.written("+351912345678") == "+351 912 345 678"
