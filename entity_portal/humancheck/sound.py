"""Digits read aloud in the reader's language, for those who cannot see the picture (Q7).

Beeps, mixing and the English voice are those of `captcha.audio`. Its own class is not used: one sound takes it a
quarter of a second of the processor, and no two sounds of one question fit together, while Safari asks for pieces.
"""

import os
import random
import wave
from functools import cache
from pathlib import Path

from captcha import audio

SECOND = audio.WAVE_SAMPLE_RATE  # one byte each
OURS = Path(__file__).parent / "voices"
VOICES = {"zh-hant": OURS / "zh-hant", "pt": OURS / "pt", "en": Path(audio.DATA_DIR)}
LOW_BITS = bytes(byte & 3 for byte in range(256))


@cache
def voice(language: str) -> dict[str, bytearray]:
    """The ten digits, as samples of 8 bits."""
    spoken = {}
    for digit in "0123456789":
        with wave.open(str(next((VOICES[language] / digit).glob("*.wav")))) as file:
            spoken[digit] = bytearray(file.readframes(-1))
    return spoken


@cache
def murmurs(language: str) -> list[bytearray]:
    """Speech that says nothing: the digits backwards, quiet, at three speeds."""
    backwards = [audio.change_sound(samples[::-1], 0.2) for samples in voice(language).values()]
    return [audio.change_speed(samples, speed) for samples in backwards for speed in (0.8, 1.1, 1.4)]


def read_aloud(digits: str, language: str, seed: bytes) -> bytes:
    """A WAV file: three beeps, the digits with pauses among murmurs, a beep.

    All that is spoken follows from `seed`, so that pieces of two files with one seed fit together. The hiss is new each
    time, so that no two files are the same.
    """
    chance = random.Random(seed)  # noqa: S311  whoever does not know the seed cannot repeat it
    said = [audio.change_speed(voice(language)[digit], chance.uniform(0.95, 1.2)) for digit in digits]
    pauses = [chance.randrange(SECOND, 2 * SECOND) for _digit in digits]
    track = audio.create_silence(sum(map(len, said)) + sum(pauses) + SECOND)
    position = 0
    while (position := position + chance.randrange(SECOND // 10, SECOND // 2)) < len(track):
        murmur = chance.choice(murmurs(language))[: len(track) - position]
        track[position : position + len(murmur)] = murmur
        position += len(murmur)
    position = 0
    for pause, samples in zip(pauses, said, strict=True):
        start, position = position + pause, position + pause + len(samples)
        track[start:position] = audio.mix_wave(samples, track[start:position])
    pip = audio.BEEP + audio.SILENCE
    return bytes(audio.patch_wave_header(hissing(pip + pip + audio.BEEP + track + audio.END_BEEP)))


def hissing(track: bytearray) -> bytearray:
    """The two lowest bits of each sample turned at random, all samples in one step."""
    noise = os.urandom(len(track)).translate(LOW_BITS)
    return bytearray((int.from_bytes(track) ^ int.from_bytes(noise)).to_bytes(len(track)))
