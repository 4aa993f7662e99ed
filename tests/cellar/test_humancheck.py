"""A question for people: asked once, answered once, for five minutes."""

import re
import wave
from collections import Counter
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone, translation

from entity_portal.humancheck.fields import AsksHuman
from entity_portal.humancheck.models import LETTERS, Challenge
from entity_portal.humancheck.sound import OURS, VOICES, read_aloud, voice
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
    ("asked", "kind"),
    [("picture", "picture"), ("audio", "audio"), ("sum", "sum"), ("nonsense", "picture"), ("", "picture")],
)
def test_another_question_comes_without_its_answer_A33(asked: str, kind: str) -> None:
    told = enter().post("/human-check/", {"kind": asked}).json()
    question = Challenge.objects.get(key=told["key"])
    assert question.kind == told["kind"] == kind
    assert set(told) == {"key", "kind", "image_url", "audio_url", "question"}
    assert question.task not in str(told)
    assert told["image_url"] == (f"/human-check/{question.key}.png" if kind == "picture" else "")
    assert told["audio_url"] == (f"/human-check/{question.key}.wav" if kind == "audio" else "")
    assert bool(told["question"]) is (kind == "sum")


# --- the sound ---


def heard(wav: bytes) -> bytes:
    """The samples of a WAV file, if it is one that every browser plays."""
    with wave.open(BytesIO(wav)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 1, 8000)
        samples = file.readframes(-1)
        assert len(samples) == file.getnframes()
    return samples


def loudness(samples: bytes) -> float:
    return float((sum((sample - 128) ** 2 for sample in samples) / len(samples)) ** 0.5)


def test_six_digits_are_asked_for_whoever_cannot_see_the_picture_Q7() -> None:
    tasks = [Challenge.ask("audio").task for _question in range(30)]
    assert all(len(task) == 6 and set(task) <= set("0123456789") for task in tasks)
    assert len(set(tasks)) == 30
    question = Challenge.ask("audio")
    assert question.question == ""
    assert Challenge.answer(question.key, question.task)
    assert not Challenge.answer(question.key, question.task)


def test_the_sound_is_a_sound_is_kept_nowhere_and_does_not_tell_the_digits_A33() -> None:
    question = Challenge.ask("audio")
    answer = enter().get(f"/human-check/{question.key}.wav")
    assert answer["Content-Type"] == "audio/wav"
    assert "no-store" in answer["Cache-Control"]
    assert 8 < len(heard(answer.content)) / 8000 < 22, "seconds"
    assert question.task.encode() not in answer.content + str(answer.headers).encode()
    assert Challenge.objects.filter(pk=question.pk).exists(), "listening is not answering"


@pytest.mark.parametrize("kind", ["picture", "sum"])
def test_what_is_no_sound_is_not_played_A33(kind: str) -> None:
    assert enter().get(f"/human-check/{Challenge.ask(kind).key}.wav").status_code == 404
    assert enter().get(f"/human-check/{Challenge.ask('audio').key}.png").status_code == 404
    assert enter().get("/human-check/none.wav").status_code == 404


def test_a_sound_is_not_played_after_its_time_or_its_answer(time_machine: Any) -> None:
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    answered, late = Challenge.ask("audio"), Challenge.ask("audio")
    Challenge.answer(answered.key, "wrong")
    assert enter().get(f"/human-check/{answered.key}.wav").status_code == 404
    time_machine.move_to(now + timedelta(minutes=5) - timedelta(seconds=1), tick=False)
    assert enter().get(f"/human-check/{late.key}.wav").status_code == 200
    time_machine.move_to(now + timedelta(minutes=5), tick=False)
    assert enter().get(f"/human-check/{late.key}.wav").status_code == 404


def test_no_two_sounds_are_the_same_A32_A33() -> None:
    one, two = Challenge.ask("audio"), Challenge.ask("audio")
    Challenge.objects.update(task="395170")
    first, again, other = (enter().get(f"/human-check/{each.key}.wav").content for each in (one, one, two))
    assert first != again, "the hiss is new each time"
    assert len(first) == len(again), "but the speech stands where it stood"
    assert len(first) != len(other), "and elsewhere for another question with the same digits"


def test_pieces_asked_for_one_by_one_fit_together_as_Safari_needs_Q7() -> None:
    address = f"/human-check/{Challenge.ask('audio').key}.wav"
    probe = enter().get(address, headers={"Range": "bytes=0-1"})
    assert (probe.status_code, probe.content) == (206, b"RI")
    size = int(probe["Content-Range"].removeprefix("bytes 0-1/"))
    middle = size // 2
    head = enter().get(address, headers={"Range": f"bytes=0-{middle - 1}"})
    tail = enter().get(address, headers={"Range": f"bytes={middle}-"})
    assert (head["Content-Range"], tail["Content-Range"]) == (
        f"bytes 0-{middle - 1}/{size}",
        f"bytes {middle}-{size - 1}/{size}",
    )
    whole = enter().get(address)
    assert (whole.status_code, whole["Accept-Ranges"]) == (200, "bytes")
    joined = heard(head.content + tail.content)
    assert max(abs(a - b) for a, b in zip(joined, heard(whole.content), strict=True)) <= 3, "but for the hiss"


@pytest.mark.parametrize("wanted", ["bytes=9-3", "bytes=99999999-", "bytes=-5", "bytes=a-b", "bytes=0-1,4-5", "x", "²"])
def test_a_piece_that_cannot_be_given_is_answered_with_the_whole(wanted: str) -> None:
    answer = enter().get(f"/human-check/{Challenge.ask('audio').key}.wav", headers={"Range": wanted})
    assert answer.status_code == 200
    heard(answer.content)


@pytest.mark.parametrize("language", ["zh-hant", "pt", "en"])
def test_the_digits_are_spoken_in_the_language_of_the_page_Q7(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spoken: list[tuple[str, str]] = []

    def listen(digits: str, language: str, seed: bytes) -> bytes:
        spoken.append((digits, language))
        return read_aloud(digits, language, seed)

    monkeypatch.setattr("entity_portal.humancheck.views.read_aloud", listen)
    question = Challenge.ask("audio")
    client = enter()
    client.cookies["django_language"] = language
    assert client.get(f"/human-check/{question.key}.wav").status_code == 200
    assert spoken == [(question.task, language)]


def test_every_language_of_the_portal_has_its_own_ten_voices_Q7() -> None:
    assert set(VOICES) == dict(settings.LANGUAGES).keys()
    samples = [bytes(voice(language)[digit]) for language in VOICES for digit in "0123456789"]
    assert len(set(samples)) == 30


@pytest.mark.parametrize("language", ["zh-hant", "pt"])
def test_the_voices_are_small_loud_and_without_silence_around_Q7(language: str) -> None:
    files = sorted((OURS / language).rglob("*.wav"))
    assert [file.parent.name for file in files] == list("0123456789")
    for file in files:
        assert file.stat().st_size < 6_000
        samples = heard(file.read_bytes())
        assert 0.25 < len(samples) / 8000 < 0.7, file
        assert 100 <= max(abs(sample - 128) for sample in samples) <= 120, file
        assert loudness(samples) > 15, file
        assert loudness(samples[:800]) > 1 < loudness(samples[-800:]), file


@pytest.mark.parametrize("language", ["zh-hant", "pt", "en"])
def test_the_digits_stand_out_of_what_murmurs_around_them_Q7(language: str) -> None:
    speech = heard(read_aloud("8" * 6, language, b"seed"))
    windows = sorted(loudness(speech[start : start + 800]) for start in range(8000, len(speech) - 8000, 800))
    assert windows[-6] > 3 * windows[len(windows) // 2]


# --- the field ---


class Asked(AsksHuman):
    name = forms.CharField(required=False)


def posted(**data: str) -> Asked:
    query = QueryDict(mutable=True)
    query.update(data)
    return Asked(query)


@pytest.mark.parametrize("kind", ["picture", "audio", "sum"])
def test_the_field_asks_in_one_of_three_ways_with_ways_to_the_others_and_never_tells_Q7_A33(kind: str) -> None:
    with translation.override("en"):
        html = str(posted(human_change=kind)["human"])
    question = Challenge.objects.get()
    assert question.kind == kind
    assert question.task not in html
    shown = {
        "picture": (f'src="/human-check/{question.key}.png"', "Enter the letters shown in the picture"),
        "audio": (f'src="/human-check/{question.key}.wav"', "Enter the digits you hear"),
        "sum": ("How much is ", "plus"),
    }
    assert [each for each in shown if all(words in html for words in shown[each][:1])] == [kind]
    assert ('inputmode="numeric"' in html) is (kind != "picture")
    assert set(visible_buttons(html)) == {"picture", "audio", "sum"}
    for words in shown[kind]:
        assert words in html
    assert '<audio data-kind="audio" controls preload="none"' in html


def visible_buttons(html: str) -> list[str]:
    """What the buttons that are shown ask for."""
    groups = re.findall(r'<div data-kind="\w+"( hidden)?>(.*?)</div>', html, re.S)
    return [value for hidden, body in groups if not hidden for value in re.findall(r'_change" value="(\w+)"', body)]


@pytest.mark.parametrize("typed", ["{}", " {} ", "{0[0]} {0[1]} {0[2]} {0[3]} {0[4]} {0[5]}"])
@pytest.mark.parametrize("width", ["ordinary", "full"])
def test_digits_are_taken_with_spaces_and_in_full_width_Q7(typed: str, width: str) -> None:
    question = Challenge.ask("audio")
    answer = typed.format(question.task)
    if width == "full":
        answer = answer.translate({ord("0") + n: 0xFF10 + n for n in range(10)} | {ord(" "): 0x3000})
    assert posted(human_0=question.key, human_1=answer).is_valid()


@pytest.mark.parametrize("missing", ["human_0", "human_1", "both"])
@pytest.mark.parametrize("left", ["", None])
def test_without_the_key_or_the_answer_nothing_passes_A33(missing: str, left: str | None) -> None:
    question = Challenge.ask("audio")
    data = {"human_0": question.key, "human_1": question.task}
    for name in ("human_0", "human_1") if missing == "both" else (missing,):
        data.pop(name)
        if left is not None:
            data[name] = left
    form = posted(**data)
    assert not form.is_valid()
    assert list(form.errors) == ["human"]


def test_asking_for_another_question_beside_a_right_answer_passes_nothing_A33() -> None:
    question = Challenge.ask("audio")
    assert not posted(human_0=question.key, human_1=question.task, human_change="audio").is_valid()
    assert not posted(human_0=question.key, human_1=question.task, human_change="nonsense").is_valid()


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
