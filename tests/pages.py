"""A test client that reads every page it gets as a careful person would."""

import re
from html.parser import HTMLParser
from typing import Any

from django.test import Client

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
LEFTOVERS = ("{{", "{%", "None</", "object at 0x")


class Page(HTMLParser):
    """What has to be right on every page, gathered in one pass."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.h1 = 0
        self.labelled: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.referenced: set[str] = set()
        self.open: list[str] = []
        self.problems: list[str] = []
        self.title = ""
        self._in_label = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if "id" in found:
            self.ids.append(found["id"] or "")
        if tag == "h1":
            self.h1 += 1
        if tag == "label":
            self._in_label += 1
            self.labelled.add(found.get("for") or "")
        if tag in {"input", "select", "textarea"} and found.get("type") not in {"hidden", "submit"}:
            self.fields.append(found | {"inside": "label" if self._in_label else None})
        for name in ("aria-describedby", "aria-labelledby"):
            self.referenced.update((found.get(name) or "").split())
        if any(name.startswith("on") or name == "style" for name in found):
            self.problems.append(f"inline handler or style on <{tag}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._in_label -= 1
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> closes <{self.open[-1] if self.open else 'nothing'}>")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["title"]:
            self.title += data


def problems(html: str) -> list[str]:
    """Everything wrong with a page; an empty list for a good one."""
    page = Page(html)
    wrong = list(page.problems)
    if page.open:
        wrong.append(f"never closed: {page.open}")
    if page.h1 != 1:
        wrong.append(f"{page.h1} h1")
    if " - " not in page.title or page.title.strip().startswith("-"):
        wrong.append(f"title {page.title!r}")
    wrong += [f"id {each!r} twice" for each in set(page.ids) if page.ids.count(each) > 1]
    wrong += [f"nothing has the id {each!r}" for each in page.referenced - set(page.ids)]
    for field in page.fields:
        named = field.get("id") in page.labelled or field.get("aria-label") or field.get("aria-labelledby")
        if not named and not field["inside"]:
            wrong.append(f"field {field.get('name')!r} has no label")
    wrong += [f"leftover {each!r}" for each in LEFTOVERS if each in html]
    return wrong


class ReadingClient(Client):
    """Fails the test on a page that is not well-formed, not labelled, or not finished."""

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        whole = "HTTP_HX_REQUEST" not in request  # htmx is given parts of pages
        if whole and response.get("Content-Type", "").startswith("text/html") and response.content:
            html = response.content.decode()
            assert not (wrong := problems(html)), f"{request.get('PATH_INFO')}: {wrong}"
        return response


def text_of(response: Any) -> str:
    """The words of a page, for a test that looks for a sentence."""
    html = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
