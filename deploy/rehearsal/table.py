"""The table of a rehearsal, as Markdown for docs/reliability.md."""

from collections.abc import Sequence

from deploy.rehearsal.ledger import Row

HEADS = ("", "fault", "promise", "acknowledged", "lost", "doubled", "longest gap", "slowest answer", "also seen")


def markdown(rows: Sequence[Row], *, command: str, machine: str) -> str:
    """The table, and what made it; the last row is all together."""
    lines = [f"| {' | '.join(HEADS)} |", f"| --- | --- | --- {'| ---: ' * 5}| --- |"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows]
    kept = sum(row.kept for row in rows)
    *_faults, total = rows
    receipts, lost, doubled = total.acknowledged, total.lost, total.doubled
    said = f"{kept} of {len(rows)} promises kept; {receipts:,} actions acknowledged, {lost} lost, {doubled} doubled."
    return "\n".join([f"Made by `{command}`, {machine}.", "", *lines, "", said, ""])


def _cells(row: Row) -> list[str]:
    window = row.window
    seen = [f"{row.failed} failed" if row.failed else "", f"{row.shed} × 503" if row.shed else "", *window.notes]
    if not row.kept:
        seen.insert(0, "**broken**")
    return [
        window.id,
        window.fault,
        window.promise,
        f"{row.acknowledged:,}",
        str(row.lost),
        str(row.doubled),
        f"{row.gap:.1f} s",
        f"{row.slowest:.1f} s",
        "; ".join(filter(None, seen)),
    ]
