"""How much comes over the network on a first visit, and what Lighthouse says of a telephone on a slow one."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Request

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.screens.looking import cookies
from tests.screens.outside import NODE, packages
from tests.screens.world import World

MOST_BYTES = 60_000
LEAST = 95
TRIES = 3
CATEGORIES = ("accessibility", "best-practices", "performance")
PAGES = {
    "login": ("nobody", "/login/"),
    "staff list": ("administrator", "/staff/"),
    "activation": ("nobody", "/activate/"),
    "home": ("nobody", "/"),
    "home of an administrator": ("administrator", "/"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_first_visit_takes_at_most_60_kilobytes(
    name: str, world: World, server: str, browser: Browser, record_property: Any
) -> None:
    who, address = PAGES[name]
    context = browser.new_context()
    context.add_cookies(cookies(world.enter(who), "zh-hant", server))  # type: ignore[arg-type]
    page = context.new_page()
    sizes: list[int] = []

    def count(request: Request) -> None:
        found = request.sizes()
        sizes.append(found["responseBodySize"] + found["responseHeadersSize"])

    page.on("requestfinished", count)
    page.goto(server + address, wait_until="networkidle")
    context.close()
    record_property(f"screens first visit to {name}, bytes", sum(sizes))
    assert 0 < sum(sizes) <= MOST_BYTES, f"{sum(sizes)} bytes in {len(sizes)} answers"


def lighthouse(url: str, headers: dict[str, str], folder: Path) -> dict[str, Any]:
    """One report: an emulated telephone, its network and processor simulated."""
    (folder / "headers.json").write_text(json.dumps(headers))
    command = [NODE, str(packages() / "lighthouse" / "cli" / "index.js"), url, "--quiet", "--output=json"]
    command += [f"--output-path={folder / 'report.json'}", f"--only-categories={','.join(CATEGORIES)}"]
    command += [f"--extra-headers={folder / 'headers.json'}", "--no-enable-error-reporting"]
    command += [f"--chrome-flags=--headless=new {' '.join(ARGUMENTS)}", "--throttling-method=simulate"]
    told = os.environ | {"CHROME_PATH": CHROMIUM or ""}
    for _try in range(TRIES):  # on a busy machine its trace may miss the beginning, and it asks to be run again
        done = subprocess.run(command, capture_output=True, text=True, env=told, cwd=folder)
        if "NO_NAVSTART" not in done.stderr:
            break
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads((folder / "report.json").read_text())


def scores(report: dict[str, Any]) -> dict[str, int]:
    return {name: round(100 * report["categories"][name]["score"]) for name in CATEGORIES}


def weak(report: dict[str, Any]) -> list[str]:
    """What cost points."""
    audits = report["audits"].values()
    return [f"{each['id']}: {each.get('displayValue', '')}" for each in audits if each["score"] not in (None, 1)]


@pytest.mark.alone
@pytest.mark.parametrize("name", ["login", "staff list", "activation"])
def test_lighthouse_gives_at_least_95_for_accessibility_best_practices_and_performance(
    name: str, world: World, server: str, browser: Browser, tmp_path: Path, record_property: Any
) -> None:
    """The best of three at most: what else the machine does can only take points away, never give any."""
    who, address = PAGES[name]
    kept = {each["name"]: each["value"] for each in cookies(world.enter(who), "zh-hant", server)}
    headers = {"Cookie": "; ".join(f"{cookie}={value}" for cookie, value in kept.items())}
    reports: list[dict[str, Any]] = []
    while len(reports) < TRIES and not (reports and scores(reports[-1])["performance"] >= LEAST):
        reports.append(lighthouse(server + address, headers, tmp_path))
    best = max(reports, key=lambda report: scores(report)["performance"])
    assert best["finalDisplayedUrl"] == server + address
    found = scores(best)
    record_property(f"screens Lighthouse of {name}", found)
    assert min(found.values()) >= LEAST, (found, weak(best))
