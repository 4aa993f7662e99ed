"""What axe finds on a page in the middle of a journey; tests/screens looks at every page by itself, and at more."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def faults_now(page: Page) -> list[str]:
    """What breaks WCAG 2.2 AA on a page, and whether it is wider than its screen."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    faults = [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found.response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append("wider than the screen")
    return faults
