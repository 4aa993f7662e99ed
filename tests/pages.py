"""A test client that reads every page it gets as a careful person would.

A rule is a function that looks at a `Page` and yields what it finds wrong, in words; `RULES` has them all.
"""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from entity_portal.templatetags.portal import CHINESE

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
LEFTOVERS = ("{{", "{%", "None</", "object at 0x")
LANGUAGES = {"zh-Hant-MO", "pt", "en"}
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# What a browser can fill in for the person it belongs to (WCAG 1.3.5); of somebody else, "off" says so.
PERSONAL = re.compile(
    r"(?:^|[-_])(username|(?:old_|new_)?password\d?|email|mobile_1|birth_date|entity_number|name_foreign)$"
)
WITH_WORDS = ("title", "alt", "aria-label", "placeholder", "label", "data-label")


class Element:
    """A tag with what is in it. `order` has all elements of its page as they come: those in it follow it there."""

    def __init__(self, tag: str, attrs: dict[str, str], parent: "Element | None", order: "list[Element]") -> None:
        self.tag, self.attrs, self.parent = tag, attrs, parent
        self.children: list[Element | str] = []
        self.language: str = attrs.get("lang", parent.language if parent else "")
        hidden = attrs.get("aria-hidden") == "true" or "hidden" in attrs
        self.is_silent: bool = hidden or bool(parent and parent.is_silent)  # nobody hears or meets it
        self.order, self.start = order, len(order)
        self.end: int | None = None  # until it is closed

    def __getitem__(self, name: str) -> str:
        return self.attrs.get(name, "")

    def __contains__(self, name: str) -> bool:
        return name in self.attrs

    def __repr__(self) -> str:
        told = "".join(f' {name}="{self[name]}"' for name in ("id", "class", "name", "href") if name in self)
        return f"<{self.tag}{told}>"

    @property
    def classes(self) -> list[str]:
        return self["class"].split()

    def all(self, *tags: str) -> "Iterator[Element]":
        """The elements in it with these tags, in order; with none, all."""
        within = self.order[self.start : self.end]
        return (each for each in within if each.tag in tags) if tags else iter(within)

    def up(self) -> "Iterator[Element]":
        """It, and what it stands in, from the inside outwards."""
        here: Element | None = self
        while here:
            yield here
            here = here.parent

    @property
    def text(self) -> str:
        return " ".join("".join(self._text()).split())

    def _text(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in {"script", "style", "template"}:
                yield from child._text()

    @property
    def said(self) -> str:
        """What a voice calls it: its label, its words, or those of a picture in it."""
        pictures = " ".join(picture["alt"] for picture in self.all("img"))
        return self["aria-label"] or self["aria-labelledby"] or self.text or pictures


class Page(HTMLParser):
    """A page as a tree, with the faults of its own writing."""

    def __init__(self, html: str, *, path: str = "", status: int = 200) -> None:
        super().__init__()
        self.html, self.path, self.status = html, path, status
        self.root = self.here = Element("", {}, None, [])
        self.problems: list[str] = []
        self.feed(html)
        self.close()
        if self.here is not self.root:
            self.problems.append(f"never closed: {[each.tag for each in self.here.up()][:-1]}")
        self.ids = {each["id"]: each for each in self.all() if "id" in each}

    def all(self, *tags: str) -> Iterator[Element]:
        return self.root.all(*tags)

    def first(self, tag: str) -> Element:
        """The first element with a tag; one without anything in it where there is none."""
        return next(self.all(tag), Element(tag, {}, None, []))

    @property
    def language(self) -> str:
        return self.first("html")["lang"]

    @property
    def is_signed_in(self) -> bool:
        return any("menu" in each.classes for each in self.all("details"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        order = self.root.order
        made = Element(tag, {name: value or "" for name, value in attrs}, self.here, order)
        self.here.children.append(made)
        order.append(made)
        made.start += 1
        if any(name.startswith("on") or name == "style" for name in made.attrs):
            self.problems.append(f"inline handler or style on <{tag}>")
        if tag in VOID:
            made.end = made.start
        else:
            self.here = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._leave()

    def handle_endtag(self, tag: str) -> None:
        if self.here.tag != tag:
            self.problems.append(f"</{tag}> closes <{self.here.tag or 'nothing'}>")
        elif self.here.parent:
            self._leave()

    def _leave(self) -> None:
        assert self.here.parent
        self.here.end = len(self.root.order)
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def one_heading_that_is_the_title(page: Page) -> Iterator[str]:
    """The title of the window is the heading, of a step with its name too, and the product's name (screens.md)."""
    headings = list(page.all("h1"))
    if len(headings) != 1:
        yield f"{len(headings)} h1"
    heading, product = page.first("title").text.rpartition(" - ")[::2]
    if not heading or not product:
        yield f"title {page.first('title').text!r}"
    elif headings and not heading.startswith(headings[0].text):
        yield f"title {heading!r}, heading {headings[0].text!r}"


def ids_are_unique_and_meant_ones_exist(page: Page) -> Iterator[str]:
    ids = [each["id"] for each in page.all() if "id" in each]
    yield from (f"id {each!r} twice" for each in sorted({each for each in ids if ids.count(each) > 1}))
    for name in ("aria-describedby", "aria-labelledby", "aria-controls"):
        meant = {each for element in page.all() for each in element[name].split()}
        yield from (f"nothing has the id {each!r}" for each in sorted(meant - set(ids)))
    targets = {each["href"][1:] for each in page.all("a") if each["href"].startswith("#")}
    yield from (f"a link to #{each}, which is nowhere" for each in sorted(targets - set(ids)))


def fields_have_labels(page: Page) -> Iterator[str]:
    labelled = {each["for"] for each in page.all("label")}
    for field in page.all("input", "select", "textarea"):
        named = field["id"] in labelled or field["aria-label"] or field["aria-labelledby"]
        inside = any(each.tag == "label" for each in field.up())
        if field["type"] not in {"hidden", "submit"} and not named and not inside:
            yield f"field {field['name']!r} has no label"


def language_and_landmarks(page: Page) -> Iterator[str]:
    if page.language not in LANGUAGES:
        yield f"<html lang={page.language!r}>"
    for tag in ("main", "footer"):
        if len(list(page.all(tag))) != 1:
            yield f"not one <{tag}>"
    if not any("bar" in each.classes for each in page.all("header")):
        yield "no <header>"
    if page.first("main")["id"] != "main":
        yield "no #main"
    first = next((each for each in page.first("body").all("a", "button", "input", "select", "textarea")), None)
    if first is None or first["href"] != "#main":
        yield "does not begin with a link to #main"
    labels = [each.said if "aria-label" in each else page.ids[each["aria-labelledby"]].text for each in page.all("nav")
              if "aria-label" in each or each["aria-labelledby"] in page.ids]  # fmt: skip
    if len(labels) != len(list(page.all("nav"))):
        yield "a <nav> without a label"
    yield from (f"two <nav> called {each!r}" for each in sorted({each for each in labels if labels.count(each) > 1}))


def a_breadcrumb_ends_with_the_page(page: Page) -> Iterator[str]:
    """On every signed-in page, Home and refusals apart (screens.md)."""
    crumbs = [each for each in page.all("nav") if "crumbs" in each.classes]
    if page.is_signed_in and not crumbs and page.status < 400 and page.path != "/":
        yield "no breadcrumb"
    for nav in crumbs:
        items = list(nav.all("li"))
        current = [each for each in items if each["aria-current"] == "page"]
        if not items or current != items[-1:]:
            yield "the last of the breadcrumb, and it alone, is the page"
        elif list(current[0].all("a")):
            yield "the breadcrumb links to the page one is on"


def headings_are_steps(page: Page) -> Iterator[str]:
    last = 0
    for heading in page.all(*HEADINGS):
        level = int(heading.tag[1])
        if level > last + 1 and last:
            yield f"h{last} is followed by h{level} {heading.text!r}"
        if not heading.said:
            yield f"{heading!r} says nothing"
        last = level
    for each in page.all("a", "button"):
        if not each.said and not each.is_silent:
            yield f"{each!r} says nothing"


def base(field: Element) -> str:
    """The name of a field without the number of its part."""
    return re.sub(r"_\d$", "", field["name"])


def what_is_wrong_stands_above_and_beside(page: Page) -> Iterator[str]:
    """A summary with a link to each field, the reason beside the field, and the field says that it is its own."""
    wrong = [each for each in page.all("input", "select", "textarea") if each["aria-invalid"] == "true"]
    summaries = [each for each in page.all("div") if "errors" in each.classes]
    if not wrong or page.path == "/styleguide/":  # there everything is shown at once
        return
    if len(summaries) != 1 or summaries[0]["role"] != "alert":
        yield "a field is wrong, and no summary says so"
        return
    linked = {each["href"][1:] for each in summaries[0].all("a")}
    names = {base(page.ids[each]) for each in linked & set(page.ids)}
    for field in wrong:
        if field["id"] not in linked and base(field) not in names:
            yield f"the summary has no link to {field['name']!r}"
        described = [each for holder in field.up() for each in holder["aria-describedby"].split()]
        if not any(each.endswith("_error") and each in page.ids for each in described):
            yield f"{field['name']!r} does not say what is wrong with it"


def the_star_is_explained_once(page: Page) -> Iterator[str]:
    for form in page.all("form"):
        stars = [each for each in form.all("span") if "req" in each.classes]
        beside = [each for each in stars if any(holder.tag in {"label", "legend"} for holder in each.up())]
        explained = len(stars) - len(beside)
        if explained != bool(beside):
            yield f"{len(beside)} stars, explained {explained} times"


def tables_are_named_and_their_heads_too(page: Page) -> Iterator[str]:
    for table in page.all("table"):
        if not (table["aria-label"] or table["aria-labelledby"] or any(each.text for each in table.all("caption"))):
            yield f"{table!r} has no name"
        heads = list(table.all("th"))
        # Django admin gives none to the head of a line; there HTML's own rule finds it.
        lines = [each for each in heads if "scope" not in each and each.parent and each.parent.children[0] is each]
        scopes = {each["scope"] for each in heads if each not in lines}
        if not heads or not scopes <= {"col", "row", "colgroup", "rowgroup"}:
            yield f"{table!r}: a th without a scope, or none"


def pictures_say_what_they_show(page: Page) -> Iterator[str]:
    yield from (f"no alt: {each!r}" for each in page.all("img") if "alt" not in each)
    for each in page.all("svg"):
        if not each.is_silent and not (each["role"] == "img" and each["aria-label"] + each["aria-labelledby"]):
            yield f"{each!r} in {each.parent!r} is neither silent nor named"
    keys = [each["accesskey"] for each in page.all() if "accesskey" in each]
    yield from (f"accesskey {each!r} twice" for each in sorted({each for each in keys if keys.count(each) > 1}))


def personal_fields_say_what_they_are(page: Page) -> Iterator[str]:
    for field in page.all("input"):
        typed = field["type"] not in {"hidden", "checkbox", "radio"}
        if typed and PERSONAL.search(field["name"]) and not field["autocomplete"]:
            yield f"field {field['name']!r} has no autocomplete"


def chinese_says_that_it_is(page: Page) -> Iterator[str]:
    """On a page in another language: without, voices spell it and its characters come out Japanese (WCAG 3.1.2).

    The title of the window can hold no tag; nor can what a person typed be told apart in a field.
    """
    if page.language.startswith("zh") or not CHINESE.search(page.html):
        return
    for each in page.all():
        if each.language.startswith("zh") or each.tag in {"title", "textarea", "script"}:
            continue
        words = [child for child in each.children if isinstance(child, str)]
        words += [each[name] for name in WITH_WORDS]
        for found in words:
            if CHINESE.search(found):
                yield f"{found.strip()!r} in {each!r} of {each.parent!r} is Chinese and does not say so"


def nothing_is_left_over(page: Page) -> Iterator[str]:
    yield from (f"leftover {each!r}" for each in LEFTOVERS if each in page.html)


RULES: tuple[Callable[[Page], Iterator[str]], ...] = (
    one_heading_that_is_the_title,
    ids_are_unique_and_meant_ones_exist,
    fields_have_labels,
    language_and_landmarks,
    a_breadcrumb_ends_with_the_page,
    headings_are_steps,
    what_is_wrong_stands_above_and_beside,
    the_star_is_explained_once,
    tables_are_named_and_their_heads_too,
    pictures_say_what_they_show,
    personal_fields_say_what_they_are,
    chinese_says_that_it_is,
    nothing_is_left_over,
)


def problems(html: str, *, path: str = "", status: int = 200) -> list[str]:
    """Everything wrong with a page; an empty list for a good one."""
    page = Page(html, path=path, status=status)
    return page.problems + [each for rule in RULES for each in rule(page)]


def read(request: dict[str, Any], response: Any) -> list[str]:
    """What is wrong with an answer, where it is a page; htmx is given parts of pages."""
    is_html = response.get("Content-Type", "").startswith("text/html") and response.content
    if not is_html or "HTTP_HX_REQUEST" in request:
        return []
    return problems(response.content.decode(), path=request.get("PATH_INFO", ""), status=response.status_code)


class ReadingClient(Client):
    """Fails the test on a page that breaks a rule of every page, or is not finished."""

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        assert not (wrong := read(request, response)), f"{request.get('PATH_INFO')}: {wrong}"
        return response


def text_of(response: Any) -> str:
    """The words of a page, for a test that looks for a sentence."""
    html = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.S)
    html = re.sub(r'<span lang="[\w-]+">(.*?)</span>', r"\1", html)  # a word of another language parts no sentence
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
