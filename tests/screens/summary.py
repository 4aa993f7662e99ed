"""What was looked at, at the end of a run: counts for people to read, and a sheet of the pictures."""

import html
import os
from pathlib import Path
from typing import Any

import pytest

MARK = "screens "
WORDS = {
    "states": "states of pages",
    "looks": "looks of axe (state x language x width x scheme)",
    "documents": "HTML documents that the Nu checker read",
    "keyboard stops": "stops of the keyboard",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    help_text = "a folder for pictures of every state in tests/screens (or PORTAL_PICTURES)"
    parser.addoption("--pictures", metavar="DIR", help=help_text)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    counts: dict[str, Any] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") != "teardown":
                continue
            for name, value in report.user_properties:
                if name.startswith(MARK):
                    name = name.removeprefix(MARK)
                    counts[name] = counts.get(name, 0) + value if isinstance(value, int) else value
    if not counts:
        return
    terminalreporter.section("screens")
    for name, value in counts.items():
        said = ", ".join(f"{each} {n}" for each, n in value.items()) if isinstance(value, dict) else value
        terminalreporter.write_line(f"{WORDS.get(name, name)}: {said}")
    told = config.getoption("--pictures") or os.environ.get("PORTAL_PICTURES")
    if told:
        sheet(Path(told))


def sheet(folder: Path) -> None:
    """One page with all pictures, small, each leading to itself."""
    pictures = sorted(path.name for path in folder.glob("*.png"))
    figures = "\n".join(
        f'<figure><a href="{html.escape(name, quote=True)}"><img loading="lazy" src="{html.escape(name, quote=True)}" '
        f'alt=""></a><figcaption>{html.escape(name.removesuffix(".png"))}</figcaption></figure>'
        for name in pictures
    )
    style = "body{display:flex;flex-wrap:wrap;gap:1rem;font:12px sans-serif}figure{margin:0;width:220px}img{width:100%}"
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>Screens</title><style>{style}</style>{figures}"
    (folder / "index.html").write_text(page, encoding="utf-8")
