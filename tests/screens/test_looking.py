"""The eye sees what it is there to see: one page on which everything is wrong, one on which nothing is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.screens.looking import Counts, Eye
from tests.screens.outside import Nu

ADDRESS = "http://portal.example"
GOOD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Good</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"></head>
<body><main><h1>Good</h1><p>Nothing is wrong here. <button>Press</button></p></main></body></html>"""
BAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bad</title>
<style>@media (prefers-color-scheme: dark) { .pale { color: #777; background: #666 } }
button { outline: none }</style></head>
<body><main><h1>Bad</h1><img src="https://elsewhere.example/a.png"><p class="pale">pale</p>
<div style="width: 400px">wide</div><center>old</center><button>Press</button>
<script>console.warn("hm"); fetch("/none/")</script></main></body></html>"""
FOCUS = (Path(__file__).parent / "look_at_focus.js").read_text()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    pages = {f"{ADDRESS}/good/": GOOD, f"{ADDRESS}/bad/": BAD}
    context.route("**/*", lambda route: serve(route, pages.get(route.request.url)))
    yield context
    context.close()


def serve(route, html: str | None) -> None:  # type: ignore[no-untyped-def]
    route.fulfill(body=html, content_type="text/html; charset=utf-8") if html else route.abort()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("good", []),
        (
            "bad",
            [
                "Nu: error",
                "wider than 320 px",
                "wider than 390 px",
                "axe 390 light: image-alt",
                "axe 390 dark: color-contrast",
                "axe 1280 light: image-alt",
                "axe 1280 dark: color-contrast",
                "console warning: hm",
                "leaves the server: https://elsewhere.example/a.png",
                f"failed: {ADDRESS}/none/",
            ],
        ),
    ],
)
def test_what_is_wrong_with_a_page_is_found(
    address: str, expected: list[str], context: BrowserContext, checker: Nu
) -> None:
    eye = Eye(context, ADDRESS, checker, Counts())
    page = context.new_page()
    eye.sees(page)
    page.goto(f"{ADDRESS}/{address}/", wait_until="networkidle")
    found = list(eye.faults(page, address))
    assert [each for each in expected if not any(fault.startswith(each) for fault in found)] == [], found
    assert bool(found) == bool(expected), found


@pytest.mark.parametrize(("address", "expected"), [("good", ""), ("bad", "has no mark")])
def test_a_focus_without_a_mark_is_seen(address: str, expected: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{ADDRESS}/{address}/")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS).startswith(expected)
    assert bool(page.evaluate(FOCUS)) == bool(expected)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"position: fixed; inset: 0\">over</p>')")
    assert page.evaluate(FOCUS), "something lies over it"
