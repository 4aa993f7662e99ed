"""What pages draw that Django has no tag for: icons, Chinese on other pages, moments, days, numbers of pages."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache
from typing import Any
from xml.etree import ElementTree

from django.core.paginator import Page
from django.forms.utils import flatatt
from django.template import Context, Library, Node, NodeList
from django.template.base import FilterExpression, Parser, Token
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from lucide.templatetags.lucide import lucide

from entity_portal import text as spelling

register = Library()

OPTION = '<option value="{}"{}>{}</option>'
OPTGROUP = '<optgroup label="{}">{}</optgroup>'

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
CHINESE = re.compile(f"[{HAN}]")
IN_CHINESE = re.compile(f"[{HAN}][{HAN}\u3000-\u303f\uff00-\uffef\u00b7]*")  # with its own punctuation
# An address ends where ASCII does: Chinese goes on without a space. A code stands alone between other characters.
IN_TEXT_MESSAGE = re.compile(
    r"(?P<address>https?://[\w\-.~:/?#\[\]@!$&'()*+,;=%]*[\w\-/#=])"
    r"|(?<![A-Z0-9])(?P<code>\d{6}|(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{8})(?![A-Z0-9])",
    re.ASCII,
)


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """An icon of lucide.dev by its name there. It says nothing aloud: the word stands beside it.

    Only the shapes are kept: size, colour and stroke are `.icon` in base.css, and a list has a hundred of them.
    """
    shapes = ElementTree.fromstring(lucide(name, size=None))  # noqa: S314  the package's own drawing
    drawn = format_html_join("", "<{}{}/>", ((shape.tag, flatatt(dict(shape.attrib))) for shape in shapes))
    return format_html('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', drawn)


@register.simple_tag
def attributes(named: dict[str, Any]) -> SafeString:
    """Of a tag, by name: True is the name alone, False nothing."""
    return flatatt(named)


@register.simple_tag
def options(groups: Iterable[tuple[str | None, list[dict[str, Any]], int]]) -> SafeString:
    """The options of a list, as `widget.optgroups` of Django's forms gives them."""
    drawn = (
        (
            group,
            format_html_join("\n", OPTION, ((each["value"], flatatt(each["attrs"]), each["label"]) for each in lines)),
        )
        for group, lines, _index in groups
    )
    return format_html_join("\n", "{}", ((format_html(OPTGROUP, *part) if part[0] else part[1],) for part in drawn))


class Alike(Node):
    def __init__(self, keys: list[FilterExpression], nodelist: NodeList) -> None:
        self.keys, self.nodelist = keys, nodelist

    def render(self, context: Context) -> SafeString:
        kept: Any = context.render_context.dicts[0]
        drawn: dict[tuple[Any, ...], SafeString] = kept.setdefault(self, {})
        values = [each.resolve(context) for each in self.keys]
        key = (*values, *map(type, values))  # HTML and the same as a text, 1 and True: equal, and drawn in two ways
        if key not in drawn:
            drawn[key] = self.nodelist.render(context)
        return drawn[key]


@register.tag
def alike(parser: Parser, token: Token) -> Alike:
    """Draw once in a page what rows with the same values have alike: `{% alike login.status %}…{% endalike %}`.

    What stands between may depend on these values, and on what does not change from row to row.
    """
    keys = [parser.compile_filter(each) for each in token.split_contents()[1:]]
    nodelist = parser.parse(("endalike",))
    parser.delete_first_token()
    return Alike(keys, nodelist)


@register.filter
def zh(value: str | None) -> SafeString:
    """Mark Chinese as such on a page in another language, for voices and the forms of its characters (WCAG 3.1.2).

    In a sentence only the Chinese words; what is HTML already is marked as a whole.
    """
    words = conditional_escape(value or "")
    if (get_language() or "").startswith("zh") or not CHINESE.search(words):
        return words
    marked = '<span lang="zh-Hant-MO">{}</span>'
    if hasattr(value, "__html__"):
        return format_html(marked, words)
    parts: list[SafeString] = []
    end = 0
    text = str(value)
    for found in IN_CHINESE.finditer(text):
        parts += [conditional_escape(text[end : found.start()]), format_html(marked, found[0])]
        end = found.end()
    parts.append(conditional_escape(text[end:]))
    return format_html_join("", "{}", ((part,) for part in parts))


@register.filter
def pt(value: str | None) -> SafeString:
    """Mark a name in Portuguese as such on a page in another language (WCAG 3.1.2)."""
    words = conditional_escape(value or "")
    if not words or get_language() == "pt":
        return words
    return format_html('<span lang="pt">{}</span>', words)


@register.filter
def moment(when: datetime | None) -> SafeString | str:
    """`2026-03-11 10:42`, in Macau's time; nothing for None."""
    if not when:
        return ""
    machine = timezone.localtime(when).isoformat(timespec="seconds")
    return format_html('<time datetime="{}">{}</time>', machine, spelling.moment(when))


@register.filter
def clock(when: datetime | None) -> SafeString | str:
    """`10:42`, in Macau's time; nothing for None."""
    return format_html("<time>{}</time>", timezone.localtime(when).strftime("%H:%M")) if when else ""


@register.filter
def clock_seconds(when: datetime) -> SafeString:
    """`10:42:30`, in Macau's time."""
    return format_html("<time>{}</time>", timezone.localtime(when).strftime("%H:%M:%S"))


@register.filter
def day(date_: date | None) -> SafeString | str:
    """`1990-01-01`; nothing for None."""
    return format_html("<time>{}</time>", date_.isoformat()) if date_ else ""


@register.filter
def number(count: int) -> str:
    """`12,480` by the rule of the reader's language."""
    return spelling.number(count)


@register.filter
def nearby(page: Page) -> Iterator[int | str]:
    """The numbers of the pages around `page`, with the first, the last and … between."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.filter
def text_message(body: str) -> SafeString:
    """An SMS as the demonstration phone shows it: addresses are links, codes stand out."""
    parts: list[SafeString] = []
    end = 0
    for found in IN_TEXT_MESSAGE.finditer(body):
        parts.append(conditional_escape(body[end : found.start()]))
        parts.append(
            format_html('<a href="{0}">{0}</a>', found["address"])
            if found["address"]
            else format_html('<span class="code">{}</span>', found["code"])
        )
        end = found.end()
    parts.append(conditional_escape(body[end:]))
    return format_html_join("", "{}", ((part,) for part in parts))
