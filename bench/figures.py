"""What is made of what was measured: medians, how far values spread, ratios round by round."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

NOISY = 2.0  # highest to lowest of a yardstick: beyond that nothing beside it can be trusted


@dataclass(frozen=True)
class Spread:
    """The median of some rounds, with the lowest and the highest."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def spread(values: Sequence[float]) -> Spread:
    """Raises:
    ValueError: nothing was measured.
    """
    if not values:
        raise ValueError("nothing was measured")
    return Spread(median(values), min(values), max(values))


def too_noisy(values: Sequence[float]) -> bool:
    """A yardstick does the same each time: here it was more than `NOISY` times as dear in one round as in another."""
    return min(values) <= 0 or max(values) / min(values) > NOISY


def ratios(ours: Sequence[float], yardstick: Sequence[float]) -> Spread:
    """How many times as dear, each round against the yardstick of the same round.

    Raises:
        ValueError: the two did not run in the same rounds.
    """
    return spread([one / other for one, other in zip(ours, yardstick, strict=True)])
