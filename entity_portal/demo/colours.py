"""The colours of tokens.css as numbers: which stand on which, and how far apart they are (WCAG 1.4.3, 1.4.11)."""

import math
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

TOKEN = re.compile(
    r"--(?P<name>[\w-]+): var\(--light, (?P<light>oklch\([^)]*\))\) var\(--dark, (?P<dark>oklch\([^)]*\))\);"
)
SIZE = re.compile(r"--(t-[\w-]+|s\d):")
OKLCH = re.compile(r"oklch\((?P<lightness>[\d.]+)% (?P<chroma>[\d.]+) (?P<hue>[\d.]+)\)")
SCHEMES = ("light", "dark")

TEXT, EDGE = 4.5, 3.0  # the least that WCAG 2.2 AA asks for


class Pair(NamedTuple):
    """What is drawn, on what, and the least contrast it needs."""

    front: str
    ground: str
    least: float


GROUNDS = ("paper", "surface", "sunken", "brand-tint", "ok-tint", "wait-tint", "bad-tint")
# Every pair that a rule in static/css draws: text, then edges. Signs and the focus ring have the colour of a text.
PAIRS = (
    *(Pair(front, ground, TEXT) for front in ("ink", "ink-2", "brand") for ground in GROUNDS),
    *(Pair("brand-strong", ground, TEXT) for ground in ("paper", "surface", "sunken")),
    *(Pair("bad", ground, TEXT) for ground in ("paper", "surface", "bad-tint")),
    *(Pair("ok", ground, TEXT) for ground in ("paper", "surface", "ok-tint")),
    *(Pair("wait", ground, TEXT) for ground in ("surface", "wait-tint")),
    *(Pair("on-brand", ground, TEXT) for ground in ("brand", "brand-strong")),
    *(Pair("surface", ground, TEXT) for ground in ("bad", "ink")),
    Pair("paper", "ink", TEXT),
    *(Pair("line-strong", ground, EDGE) for ground in GROUNDS),
)


def css() -> str:
    return (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()


@cache
def tokens() -> dict[str, dict[str, str]]:
    """The colours by name and scheme, as tokens.css has them."""
    return {found["name"]: {scheme: found[scheme] for scheme in SCHEMES} for found in TOKEN.finditer(css())}


@cache
def sizes() -> list[str]:
    """The names of the sizes of letters (`t-…`) and of the spaces (`s…`)."""
    return SIZE.findall(css())


def luminance(colour: str) -> float:
    """Relative luminance of an `oklch(…)`, 0 to 1 (WCAG 2.2), as a screen of sRGB shows it."""
    if not (found := OKLCH.fullmatch(colour)):
        raise ValueError(colour)
    lightness, chroma, hue = (float(each) for each in found.groups())
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    lightness /= 100
    # Björn Ottosson, "A perceptual color space for image processing": OKLab to cone responses to linear sRGB.
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    red, green, blue = (min(1.0, max(0.0, each)) for each in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """1 (alike) to 21 (black and white)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def measured(pair: Pair) -> dict[str, float]:
    """The contrast of a pair in each scheme."""
    found = tokens()
    return {scheme: contrast(found[pair.front][scheme], found[pair.ground][scheme]) for scheme in SCHEMES}
