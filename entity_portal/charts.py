"""Charts for the dashboard: from numbers to shapes, by a pure function; `components/chart.html` draws them as SVG.

A room adds a chart by a function without arguments that returns a `Chart`, named in `settings.DASHBOARD_CHARTS`. What
it asks the database must be cheap: an index, or a range that is bounded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

# In units of the drawing, which a page scales; letters are 24 high.
WIDTH = 720
LEFT, RIGHT = 90, 10  # beside the columns: numbers of the scale
COLUMNS_HIGH, TOP, BELOW = 280, 30, 50
ROW, BAR_HIGH, VALUE_WIDE = 84, 30, 110  # a bar lies below its label, its value stands behind it
MARKS = 5  # days named below the columns, at most
TICKS = 4  # lines of the scale, at most


@dataclass(frozen=True)
class Series:
    """One colour of a chart: a number for each label. `tone` is a class of `charts.css`."""

    name: str
    values: Sequence[int]
    tone: str = "plain"


@dataclass(frozen=True)
class Chart:
    """Numbers by label, in one or more series that are stacked."""

    key: str  # its id on the page
    title: str
    about: str  # what was counted
    column: str  # what a label is: a day, a kind
    labels: Sequence[str]
    series: Sequence[Series]
    upright: bool = False  # columns in a row, for days; else bars below each other, for names
    summed: bool = True  # whether the sum of a series means something

    @property
    def rows(self) -> list[tuple[str, list[int]]]:
        """The table: each label with its numbers."""
        return [(label, [each.values[row] for each in self.series]) for row, label in enumerate(self.labels)]

    @property
    def legend(self) -> list[dict[str, Any]]:
        return [{"name": each.name, "tone": each.tone, "sum": sum(each.values)} for each in self.series]

    @property
    def peak(self) -> int:
        """The highest stack."""
        return max((sum(numbers) for _label, numbers in self.rows), default=0)

    @property
    def drawing(self) -> "Drawing":
        return draw(self)


@dataclass(frozen=True)
class Shape:
    """A piece of a column or bar, and what it says when pointed at."""

    x: int
    y: int
    width: int
    height: int
    tone: str
    says: str


@dataclass(frozen=True)
class Word:
    x: int
    y: int
    text: str
    anchor: str  # start, middle or end


@dataclass(frozen=True)
class Drawing:
    """Whole numbers only: a decimal comma would be no SVG."""

    width: int
    height: int
    shapes: tuple[Shape, ...]
    words: tuple[Word, ...]
    lines: tuple[int, ...]  # y of the scale's lines
    left: int = LEFT


def draw(chart: Chart) -> Drawing:
    """The shapes of a chart; whatever is more than nothing can be seen."""
    return _columns(chart) if chart.upright else _bars(chart)


def _columns(chart: Chart) -> Drawing:
    top = scale(chart.peak)
    bottom = TOP + COLUMNS_HIGH
    wide = WIDTH - LEFT - RIGHT
    count = max(1, len(chart.labels))
    shapes: list[Shape] = []
    words: list[Word] = []
    for row, (label, numbers) in enumerate(chart.rows):
        x, end = LEFT + wide * row // count, LEFT + wide * (row + 1) // count
        gap = min(8, (end - x) // 4)
        for start, high, tone, says in _stacked(chart, label, numbers, COLUMNS_HIGH, top[-1]):
            shapes.append(Shape(x + gap, bottom - start - high, end - x - 2 * gap, high, tone, says))
    step = -(-count // MARKS)
    for row in range((count - 1) % step, len(chart.labels), step):  # the last one is always named
        middle = LEFT + wide * (2 * row + 1) // (2 * count)
        words.append(Word(min(middle, WIDTH - 34), bottom + 34, chart.labels[row][-5:], "middle"))
    lines = [bottom - COLUMNS_HIGH * tick // top[-1] for tick in top]
    words += [Word(LEFT - 12, y + 8, str(tick), "end") for tick, y in zip(top, lines, strict=True)]
    return Drawing(WIDTH, bottom + BELOW, tuple(shapes), tuple(words), tuple(lines))


def _bars(chart: Chart) -> Drawing:
    most = max(1, chart.peak)
    shapes: list[Shape] = []
    words: list[Word] = []
    for row, (label, numbers) in enumerate(chart.rows):
        y = ROW * row
        words.append(Word(0, y + 28, label, "start"))
        pieces = _stacked(chart, label, numbers, WIDTH - VALUE_WIDE, most)
        shapes += [Shape(start, y + 40, long, BAR_HIGH, tone, says) for start, long, tone, says in pieces]
        end = pieces[-1][0] + pieces[-1][1] + 12 if pieces else 0
        words.append(Word(end, y + 64, str(sum(numbers)), "start"))
    return Drawing(WIDTH, max(1, ROW * len(chart.labels)), tuple(shapes), tuple(words), ())


def _stacked(chart: Chart, label: str, numbers: Sequence[int], long: int, most: int) -> list[tuple[int, int, str, str]]:
    """(where it begins, how long it is, tone, what it says) of each number that is more than nothing."""
    ends = [long * end // most for end in accumulate(numbers)]
    pieces = []
    for each, number, end, start in zip(chart.series, numbers, ends, [0, *ends], strict=False):
        if number:
            says = _("%(label)s, %(name)s: %(n)d") % {"label": label, "name": each.name, "n": number}
            pieces.append((start, max(2, end - start), each.tone, says))
    return pieces


def scale(peak: int) -> list[int]:
    """The numbers of the scale, from 0 to one that is not below the peak: round ones, `TICKS` above 0 at most."""
    step = 1
    while step * TICKS < peak:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2  # 1, 2, 5, 10, 20, 50 …
    return [step * tick for tick in range(max(1, -(-peak // step)) + 1)]


# --- by day ---


def last_days(number: int) -> list[date]:
    """The last days in Macau, today's included."""
    today = timezone.localdate()
    return [today - timedelta(days=back) for back in range(number - 1, -1, -1)]


def by_day(counted: Mapping[tuple[date, str], int], days: Sequence[date], *states: str) -> list[int]:
    """The numbers of one state, or of several together, for these days; none is 0."""
    return [sum(counted.get((day, state), 0) for state in states) for day in days]


def dashboard() -> list[Chart]:
    """What the rooms show officers, in the order of the setting."""
    return [import_string(name)() for name in settings.DASHBOARD_CHARTS]
