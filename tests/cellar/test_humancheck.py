"""A question for people: asked once, answered once, for five minutes."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from entity_portal.humancheck.models import LETTERS, Challenge
from tests.cast import enter
from tests.race import at_once

pytestmark = pytest.mark.django_db


def test_five_letters_without_look_alikes_in_any_case_Q7_S5_12() -> None:
    question = Challenge.ask("picture")
    assert len(question.task) == 5
    assert set(question.task) <= set(LETTERS)
    assert not set(LETTERS) & set("IOQ")
    assert Challenge.answer(question.key, question.task.lower())


@pytest.mark.parametrize("wrong", ["", "AAAA", "ABCDEF", "0"])
def test_a_wrong_answer_uses_the_question_up_A32(wrong: str) -> None:
    question = Challenge.ask("picture")
    assert not Challenge.answer(question.key, wrong)
    assert not Challenge.answer(question.key, question.task)


def test_a_right_answer_is_taken_once_A32() -> None:
    question = Challenge.ask("picture")
    assert Challenge.answer(question.key, question.task)
    assert not Challenge.answer(question.key, question.task)
    assert not Challenge.objects.exists()


def test_the_answer_to_one_question_is_none_to_another_A33() -> None:
    one, two = Challenge.ask("picture"), Challenge.ask("picture")
    assert one.key != two.key
    assert not Challenge.answer(one.key, two.task if two.task != one.task else "x")
    assert not Challenge.answer("no-such-key", one.task)
    assert not Challenge.answer("", "")


def test_a_question_lives_five_minutes_Q7(time_machine: Any) -> None:
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    early, late = Challenge.ask("picture"), Challenge.ask("picture")
    time_machine.move_to(now + timedelta(minutes=5) - timedelta(seconds=1), tick=False)
    assert Challenge.answer(early.key, early.task)
    time_machine.move_to(now + timedelta(minutes=5), tick=False)
    assert not Challenge.answer(late.key, late.task)


def test_old_questions_are_forgotten_when_a_new_one_is_asked(time_machine: Any) -> None:
    Challenge.ask("picture")
    time_machine.move_to(timezone.now() + timedelta(minutes=6))
    Challenge.ask("sum")
    assert Challenge.objects.get().kind == "sum"


def test_a_sum_is_asked_in_words_and_a_picture_is_not_told_A33() -> None:
    question = Challenge.ask("sum")
    first, second = question.task.split("+")
    with translation.override("en"):
        assert question.question == f"How much is {first} plus {second}?"
        assert Challenge.ask("picture").question == ""
    assert not Challenge.answer(question.key, question.task)
    again = Challenge.ask("sum")
    assert Challenge.answer(again.key, str(sum(int(number) for number in again.task.split("+"))))


def test_the_picture_is_a_picture_and_is_kept_nowhere() -> None:
    question = Challenge.ask("picture")
    answer = enter().get(f"/human-check/{question.key}.png")
    assert answer["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert question.task.encode() not in answer.content
    assert "no-store" in answer["Cache-Control"]
    assert enter().get(f"/human-check/{Challenge.ask('sum').key}.png").status_code == 404
    assert enter().get("/human-check/none.png").status_code == 404


def test_a_picture_is_not_shown_after_its_time(time_machine: Any) -> None:
    question = Challenge.ask("picture")
    time_machine.move_to(timezone.now() + timedelta(minutes=5, seconds=1))
    assert enter().get(f"/human-check/{question.key}.png").status_code == 404


@pytest.mark.parametrize(
    ("asked", "kind"), [("picture", "picture"), ("sum", "sum"), ("nonsense", "picture"), ("", "picture")]
)
def test_another_question_comes_without_its_answer_A33(asked: str, kind: str) -> None:
    told = enter().post("/human-check/", {"kind": asked}).json()
    question = Challenge.objects.get(key=told["key"])
    assert question.kind == told["kind"] == kind
    assert set(told) == {"key", "kind", "image_url", "question"}
    assert question.task not in str(told)
    assert bool(told["image_url"]) is (kind == "picture")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_fifty_posts_of_one_answer_at_once_one_is_accepted_A32() -> None:
    question = Challenge.ask("picture")
    assert Counter(at_once(50, lambda _n: Challenge.answer(question.key, question.task))) == {True: 1, False: 49}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_right_answer_among_fifty_at_once_counts_only_when_it_comes_first_A32() -> None:
    question = Challenge.ask("picture")
    answers = Counter(at_once(50, lambda n: Challenge.answer(question.key, question.task if n % 2 else "wrong")))
    assert answers in ({True: 1, False: 49}, {False: 50})
    assert not Challenge.objects.exists()
