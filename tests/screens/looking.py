"""What is looked at on a page that a person has before them, and what is counted."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

from tests.screens.outside import Nu

LANGUAGES = ("zh-hant", "pt", "en")
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
NARROWEST = 320  # and what 1280 px become at 400 % (WCAG 1.4.10)
HEIGHT = 844
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
# All rules but the experimental ones. Style sheets are not fetched again: that would itself break the content policy.
EVERYTHING = {
    "resultTypes": ["violations"],
    "selectors": False,
    "preload": {"assets": ["media"]},
    "rules": {"target-size": {"enabled": True}, "color-contrast": {"enabled": False}},
}
COLOURS = EVERYTHING | {"rules": {}, "runOnly": ["color-contrast", "link-in-text-block"]}
HERE = Path(__file__).parent
RUN = (HERE / "look_with_axe.js").read_text()
FRESH = (HERE / "look_for_colours.js").read_text()
EMPTY = (HERE / "hand_in_nothing.js").read_text()
# Chromium knows Web Bluetooth on other systems only, where the policy keeps it off.
NOT_ON_LINUX = "Error with Permissions-Policy header: Unrecognized feature: 'bluetooth'."
# A specimen of the style guide is a field and no form.
SPECIMEN = re.compile(r"\[DOM\] Password (field is not contained in a form|forms should have .* username fields)\b")
WIDE = "document.documentElement.scrollWidth > innerWidth"


@dataclass
class Counts:
    """What was done, for the last lines of a run."""

    states: int = 0
    looks: int = 0  # page x width x scheme that axe has looked at
    documents: int = 0


@dataclass
class Eye:
    """A browser's page with one person's session, and what is heard while it is there."""

    context: BrowserContext
    url: str
    nu: Nu
    counts: Counts
    pictures: Path | None = None
    passed: set[str] = field(default_factory=set)  # how text is drawn, where axe had nothing against it
    page: Page | None = None
    heard: list[str] = field(default_factory=list)
    document: Response | None = None
    status: int = 200

    @contextmanager
    def opens(self) -> Iterator[Page]:
        """A page that is listened to: always the same, since a new one costs a second; a new one after a fault."""
        if self.page is None:
            self.page = self.context.new_page()
            self.sees(self.page)
        try:
            yield self.page
            self.page.goto("about:blank")
        except BaseException:
            self.page.close()
            self.page = None
            raise
        finally:
            self.heard.clear()
            self.document, self.status = None, 200

    def meets(self, client: Any, language: str) -> None:
        """From here on the session of a Django client, in one language."""
        self.context.clear_cookies()
        self.context.add_cookies(cookies(client, language, self.url))  # type: ignore[arg-type]

    def sees(self, page: Page) -> None:
        """Listen to a page before it is opened."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.heard.append(f"script: {error}"))
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.on("response", self._response)
        page.on("dialog", lambda dialog: dialog.accept())

    def _failed(self, request: Request) -> None:
        if request.failure == "net::ERR_ABORTED" and request.resource_type in {"xhr", "fetch"}:
            return  # a page that asks how far something is was left meanwhile
        self.heard.append(f"failed: {request.url} {request.failure}")

    def _console(self, message: ConsoleMessage) -> None:
        at = message.location["url"]
        if message.text.strip() == NOT_ON_LINUX or (at.endswith("/styleguide/") and SPECIMEN.match(message.text)):
            return
        is_document = self.document and at.split("#")[0] == self.document.url
        if self.status >= 400 and is_document and re.search(rf"status of {self.status}\b", message.text):
            return  # the browser says so of a page that says so itself
        self.heard.append(f"console {message.type}: {message.text} {at}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:", "blob:")):
            self.heard.append(f"leaves the server: {request.url}")

    def _response(self, response: Response) -> None:
        html = response.headers.get("content-type", "").startswith("text/html")
        if html and response.request.is_navigation_request() and not 300 <= response.status < 400:
            self.document, self.status = response, response.status

    def faults(self, page: Page, name: str) -> Iterator[str]:
        """Everything that is wrong with the page that is there, at every width and in both schemes."""
        assert self.document
        self.counts.documents += 1
        yield from (f"Nu: {each}" for each in self.nu.wrong(self.document.text()))
        page.evaluate(AXE)
        for width in (NARROWEST, *WIDTHS):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            if page.evaluate(WIDE):
                yield f"wider than {width} px"
            if width == NARROWEST:
                continue
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                self.counts.looks += 1
                yield from (f"axe {width} {scheme}: {each}" for each in self.axe(page, scheme))
                if self.pictures:
                    page.screenshot(path=self.pictures / f"{name} {width} {scheme}.png", full_page=True)
            page.emulate_media(color_scheme="light")
        yield from self.heard
        self.heard.clear()

    def axe(self, page: Page, scheme: str) -> Iterator[str]:
        """What axe finds: structure does not depend on the scheme; colours that it has let pass are not asked again."""
        if scheme == "light":
            yield from page.evaluate(RUN, [EVERYTHING, False])
        if fresh := page.evaluate(FRESH, list(self.passed)):
            found = page.evaluate(RUN, [COLOURS, True])
            yield from found
            if not found:
                self.passed.update(fresh)

    def hands_in_nothing(self, page: Page) -> bool:
        """The form on the page, if one demands something, comes back with what is wrong in it."""
        before = self.document
        if not page.evaluate(EMPTY):
            return False
        for _try in range(200):
            if self.document is not before:
                break
            page.wait_for_timeout(25)
        page.wait_for_load_state("load")
        return True


def cookies(client: Any, language: str, url: str) -> list[dict[str, str]]:
    """What a browser is to have: the session of a Django client, and the language."""
    kept = {name: morsel.value for name, morsel in client.cookies.items()} | {"django_language": language}
    return [{"name": name, "value": value, "url": url} for name, value in kept.items() if value]
