"""What a run says: lines to read, JSON to keep, one line of history."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.figures import Spread
from bench.targets import Verdict

HISTORY = Path(__file__).with_name("history.jsonl")


def line(verdict: Verdict) -> str:
    """A goal in a line: `1 met  staff list of 20,000 people: staff_list/B 1.61 × (at most 2 ×)`."""
    said = f"{verdict.goal.number or '+':>2}  {verdict.said:<12}  {verdict.goal.name}"
    if verdict.check is not None and verdict.value is not None:
        check = verdict.check
        said += f": {check.figure} {verdict.value:.2f} {check.unit} ({check.kind} {check.limit:g} {check.unit})"
    if verdict.missing:
        said += f"; missing: {', '.join(verdict.missing)}"
    return said


def measured_lines(measured: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The table of everything that was under load: a line each."""
    head = f"{'':<28}{'req/s':>9}{'p50 ms':>9}{'p95':>9}{'p99':>9}{'app CPU ms':>13}{'pg CPU ms':>12}{'bytes':>9}"
    lines = [head]
    for name, each in measured.items():
        lines.append(
            f"{name:<28}{each['rate'].median:>9.1f}{each['p50'].median:>9.2f}{each['p95'].median:>9.2f}"
            f"{each['p99'].median:>9.2f}{each['app'].median:>13.3f}{each['pg'].median:>12.3f}{each['bytes']:>9}"
        )
    return lines


def plain(value: Any) -> Any:
    """As JSON has it: spreads as objects, infinity as nothing."""
    if isinstance(value, Spread):
        return asdict(value)
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_json(
    *, commit: str, about: Mapping[str, Any], measured: Mapping[str, Any], figures: Mapping[str, Any],
    verdicts: Sequence[Verdict], also: Sequence[Verdict] = (),
) -> dict[str, Any]:  # fmt: skip
    """Everything of a run: `{"commit", "date", "about", "measured", "figures", "targets", "also"}`."""
    return plain(
        {
            "commit": commit,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "about": about,
            "measured": measured,
            "figures": figures,
            "targets": targets(verdicts),
            "also": targets(also),
        }
    )


def targets(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """`{name: {ratio, limit, met}}`, of the check that strains its limit most; nothing where none was measured."""
    return plain(
        {
            each.goal.name: {
                "ratio": None if each.value is None else round(each.value, 4),
                "limit": each.check.limit if each.check else None,
                "met": each.met,
            }
            for each in verdicts
        }
    )


def remember(*, commit: str, verdicts: Sequence[Verdict], path: Path = HISTORY) -> None:
    """Append a run to the history."""
    kept = {"commit": commit, "date": datetime.now(UTC).isoformat(timespec="seconds"), "targets": targets(verdicts)}
    with path.open("a") as file:
        file.write(json.dumps(kept, ensure_ascii=False) + "\n")
