"""How far a long command is, in one line of a terminal that changes."""

import time
from types import TracebackType
from typing import Protocol, Self

EVERY = 0.2  # seconds


class Screen(Protocol):
    def write(self, msg: str, *, ending: str) -> object: ...

    def flush(self) -> None: ...


class Progress:
    """Counts up to about `total`; without a screen it only counts."""

    def __init__(self, screen: Screen | None, total: int) -> None:
        self.screen, self.total, self.done = screen, total, 0
        self.began = time.monotonic()
        self.told = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.screen and self.told:
            self._tell(self.screen, "\n")

    def add(self, some: int) -> None:
        self.done += some
        if self.screen and time.monotonic() - self.told >= EVERY:
            self.told = time.monotonic()
            self._tell(self.screen, "")

    def _tell(self, screen: Screen, ending: str) -> None:
        share = min(100, 100 * self.done // self.total) if self.total else 100
        bar = "#" * (share // 5) + "." * (20 - share // 5)
        seconds = time.monotonic() - self.began
        screen.write(f"\r{bar} {share:3} % {self.done:>12,} of {self.total:,} {seconds:7.1f} s", ending=ending)
        screen.flush()
