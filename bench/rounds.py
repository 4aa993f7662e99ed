"""Rounds: everything in turn, A B C A B C …, each for a slice of time; the first round warms up and is thrown away."""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bench.figures import Spread, ratios, spread, too_noisy
from bench.load import Slice, Wrong
from bench.servers import Server

FAILURES = (Wrong, OSError, subprocess.SubprocessError)
WARM, PATIENCE = 60, 20  # answers, or seconds, before anything counts
STILL = 0.02  # CPU seconds in a tenth of a second: nobody is asking any more
TRIES = 3  # runs until a yardstick holds still


@dataclass
class Item:
    """Something to measure: `ask` loads `server` for so many seconds."""

    name: str
    server: Server
    ask: Callable[[float], Slice]
    size: int = 0  # bytes of an answer
    yardstick: str = ""  # name of the item it is compared with
    before: Callable[[], object] | None = None  # what must be made ready, at nobody's cost
    seen: list[dict[str, float]] = field(default_factory=list)
    failed: str = ""  # why nothing more is asked of it

    def attempt(self, act: Callable[[], object]) -> None:
        """One page that goes wrong does not take the others with it; nothing it has shown before counts."""
        if self.failed:
            return
        try:
            act()
        except FAILURES as error:
            self.failed = str(error)
            self.seen.clear()

    def warm_up(self) -> None:
        """Until every thread has read its templates and words, and has its connection; nothing of it is kept."""
        until, good = time.monotonic() + PATIENCE, 0
        while good < WARM and time.monotonic() < until:
            if self.before:
                self.before()
            good += self.ask(1).good
        self.settle()

    def measure(self, seconds: float) -> dict[str, float]:
        """CPU milliseconds a right answer: `app` and `pg`; `rate` a second; `p50`, `p95`, `p99` in milliseconds."""
        if self.before:
            self.before()
        app, pg = self.server.cpu(), self.server.place.cpu()
        came = self.ask(seconds)
        self.settle()
        app, pg = self.server.cpu() - app, self.server.place.cpu() - pg
        figures = {"rate": came.rate, "p50": came.p50, "p95": came.p95, "p99": came.p99, "good": came.good}
        return figures | {"app": 1000 * app / came.begun, "pg": 1000 * pg / came.begun}

    def keep(self, seconds: float) -> None:
        self.seen.append(self.measure(seconds))

    def settle(self) -> None:
        """Until what is still under way is done, or else the next one would pay for it."""
        until, before = time.monotonic() + PATIENCE, -1.0
        while time.monotonic() < until:
            now = self.server.cpu() + self.server.place.cpu()
            if now - before < STILL:
                return
            before = now
            time.sleep(0.1)

    def row(self, name: str) -> list[float]:
        return [each[name] for each in self.seen]

    @property
    def cpu(self) -> list[float]:
        """Milliseconds of both trees, round by round."""
        return [each["app"] + each["pg"] for each in self.seen]

    @property
    def told(self) -> dict[str, Any]:
        """Spreads of everything, for the report."""
        spreads = {name: spread(self.row(name)) for name in ("rate", "p50", "p95", "p99", "app", "pg")}
        return spreads | {"cpu": spread(self.cpu), "good": sum(self.row("good")), "bytes": self.size}


def run(
    items: Sequence[Item],
    *,
    rounds: int,
    seconds: float,
    say: Callable[[str], object],
    begin: Callable[[], object] = lambda: None,
) -> list[str]:
    """Measure all; return the yardsticks that did not hold still in any of the tries. `begin` is called when warm."""
    noisy: list[str] = []
    for _try in range(TRIES):
        for item in items:
            item.seen.clear()
        for item in items:
            item.attempt(item.warm_up)
        say("warmed up")
        begin()
        for turn in range(rounds):
            for item in items:
                item.attempt(partial(item.keep, seconds))
            say(f"round {turn + 1} of {rounds}")
        names = {item.yardstick for item in items}
        noisy = [item.name for item in items if item.seen and item.name in names and too_noisy(item.cpu)]
        if not noisy:
            return []
        say(f"too noisy: {', '.join(noisy)}; again" if _try + 1 < TRIES else f"too noisy: {', '.join(noisy)}")
    return noisy


def compared(items: Sequence[Item], noisy: Sequence[str] = ()) -> dict[str, Spread]:
    """Each with its yardstick: `page/B` by CPU, `page/B p95` by time; none beside a yardstick that is too noisy."""
    named: Mapping[str, Item] = {item.name: item for item in items}
    found: dict[str, Spread] = {}
    for item in items:
        yardstick = named.get(item.yardstick)
        if yardstick is not None and item.yardstick not in noisy and item.seen and yardstick.seen:
            key = f"{item.name}/{item.yardstick}"
            found[key] = ratios(item.cpu, yardstick.cpu)
            found[f"{key} p95"] = ratios(item.row("p95"), yardstick.row("p95"))
    return found
