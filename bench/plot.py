"""How the targets went, run by run: `bench/plot [history.jsonl] > targets.svg`.

A small field for each target: each run's figure as a share of its limit, the limit as a line at one. Below is within.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from bench.report import HISTORY
from bench.targets import GOALS

WIDE, HIGH, GAP, TITLE, FOOT, COLUMNS = 320, 110, 24, 20, 16, 3
CEILING = 2.0  # shares above are drawn at it
GOOD, BAD, GRID, INK = "#1a7f4b", "#b3261e", "#c9ced6", "#1d2733"


def main() -> int:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else HISTORY
    if not path.exists():
        print(f"{path} is not there: `bench/run --record` begins it.", file=sys.stderr)
        return 1
    print(draw([json.loads(line) for line in path.read_text().splitlines() if line]))
    return 0


FLOORS = {(goal.name, check.limit) for goal in GOALS for check in goal.checks if check.kind == "at least"}


def share(name: str, target: Mapping[str, Any]) -> float:
    """The figure as a share of its limit; of a floor, the limit as a share of the figure. Above one is not met."""
    ratio, limit = target["ratio"], target["limit"]
    if not ratio or not limit:
        return 0.0 if target["met"] else CEILING
    return float(limit / ratio if (name, limit) in FLOORS else ratio / limit)


def draw(runs: Sequence[Mapping[str, Any]]) -> str:
    """SVG of the targets that were ever measured."""
    names = dict.fromkeys(
        name for run in runs for name, target in run["targets"].items() if target["ratio"] is not None
    )
    rows = -(-len(names) // COLUMNS)
    width = COLUMNS * (WIDE + GAP) + GAP
    height = rows * (TITLE + HIGH + FOOT + GAP) + GAP
    fields = [
        _field(runs, name, GAP + place % COLUMNS * (WIDE + GAP), GAP + place // COLUMNS * (TITLE + HIGH + FOOT + GAP))
        for place, name in enumerate(names)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
            f' font-family="sans-serif" font-size="12" fill="{INK}" role="img" aria-label="Targets over time">',
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            *fields,
            "</svg>",
        ]
    )


def _field(runs: Sequence[Mapping[str, Any]], name: str, left: float, top: float) -> str:
    seen = [(run, run["targets"].get(name)) for run in runs]
    seen = [(run, target) for run, target in seen if target and target["ratio"] is not None]
    base, step = top + TITLE + HIGH, WIDE / max(1, len(seen) - 1)

    def height(value: float) -> float:
        return base - min(value, CEILING) / CEILING * HIGH

    points = [
        (left + place * step, height(share(name, target)), run, target) for place, (run, target) in enumerate(seen)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, *_ in points)
    last = seen[-1][1]
    said = f"{last['ratio']:g} of {last['limit']:g}"
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{GOOD if target["met"] else BAD}">'
        f"<title>{escape(run['commit'])} {escape(run['date'][:10])}: {target['ratio']:g}</title></circle>"
        for x, y, run, target in points
    )
    return (
        f'<g><text x="{left}" y="{top + 12}">{escape(name)}: {said}</text>'
        f'<path d="M{left} {base}h{WIDE}M{left} {top + TITLE}h{WIDE}" stroke="{GRID}"/>'
        f'<path d="M{left} {height(1)}h{WIDE}" stroke="{BAD}" stroke-dasharray="4 3"/>'
        f'<polyline points="{line}" fill="none" stroke="{INK}" stroke-width="1.5"/>{dots}'
        f'<text x="{left}" y="{base + 14}" font-size="10">{escape(seen[0][0]["date"][:10])}</text>'
        f'<text x="{left + WIDE}" y="{base + 14}" font-size="10" text-anchor="end">'
        f"{escape(seen[-1][0]['date'][:10])}</text></g>"
    )


if __name__ == "__main__":
    sys.exit(main())
