"""Forms of a page, filled in as they came."""

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser

from bench.load import Wrong


class Forms(HTMLParser):
    """What a browser would send of each form of a page, as it came."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.select = ""

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        about: Mapping[str, str | None] = dict(attrs)
        if tag == "form":
            self.found.append({})
        elif tag == "select":
            self.select = about.get("name") or ""
        elif self.found and tag == "input" and about.get("name") and about.get("type") not in {"checkbox", "radio"}:
            self.found[-1][about["name"] or ""] = about.get("value") or ""
        elif self.found and tag == "input" and about.get("name") and "checked" in about:
            self.found[-1][about["name"] or ""] = about.get("value") or "on"
        elif self.found and tag == "option" and self.select and "selected" in about:
            self.found[-1][self.select] = about.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""


def form_with(field_name: str, page: str) -> dict[str, str]:
    """Raises:
    Wrong: no form of the page has that field.
    """
    forms = Forms()
    forms.feed(page)
    for form in forms.found:
        if field_name in form:
            return form
    raise Wrong(f"no form with {field_name}")
