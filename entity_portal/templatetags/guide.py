"""What the guide's pages say in the words of the screens: labels, headings, pictures.

A label is written in English, as in the code, and read out of the catalogue: a label that changes on its screen changes
here too.
"""

from typing import Any

from django.template import Context, Library
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, pgettext

from entity_portal.guide.contents import BY_SLUG
from entity_portal.guide.pictures import WIDE, pictures

register = Library()


@register.simple_tag
def label(words: str, context: str = "") -> SafeString:
    """A button, link, field or heading of a screen, as the screen shows it; in Chinese between 「 and 」."""
    shown = (pgettext(context, words) if context else gettext(words)).rstrip("：:")
    marks = ("「", "」") if (get_language() or "").startswith("zh") else ("", "")
    return format_html("{}<b>{}</b>{}", marks[0], shown, marks[1])


@register.simple_tag(takes_context=True)
def heading(context: Context, slug: str) -> SafeString:
    """A link to another heading of the guide; on the page that holds them all, within it."""
    address = f"#{slug}" if context.get("whole") else reverse("guide:heading", args=[slug])
    return format_html('<a href="{}">{}</a>', address, BY_SLUG[slug].numbered)


@register.simple_tag(takes_context=True)
def subheading(context: Context, words: str) -> SafeString:
    """A heading below one of the sixteen, at the depth that the page has there."""
    return format_html("<h{0}>{1}</h{0}>", context["level"], words)


@register.inclusion_tag("guide/picture.html", takes_context=True)
def picture(context: Context, name: str, alt: str) -> dict[str, Any]:
    """A real screen in the reader's language; `alt` says what is to be seen there."""
    key = f"{get_language()}/{name}"
    found = pictures()
    return {"narrow": found.get(key), "wide": found.get(key + WIDE), "alt": alt, "whole": context.get("whole")}
