"""The guide's pages: its contents, each heading, and the whole of it as one document."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from entity_portal.access import public
from entity_portal.guide.contents import BY_SLUG, HEADINGS, PARTS, Heading


@public
@require_safe
def contents(request: HttpRequest) -> HttpResponse:
    """使用說明: the sixteen headings, one line on each."""
    return render(request, "guide/contents.html", {"parts": PARTS.items()})


@public
@require_safe
def heading(request: HttpRequest, slug: str) -> HttpResponse:
    """What one heading explains, in steps."""
    shown = BY_SLUG.get(slug)
    if not shown:
        raise Http404
    place = HEADINGS.index(shown)
    context = {
        "heading": shown,
        "text": text_of(shown),
        "headings": HEADINGS,
        "before": HEADINGS[place - 1] if place else None,
        "after": HEADINGS[place + 1] if place + 1 < len(HEADINGS) else None,
        "opens": shown.who is not None and shown.who.includes(request.user),
        "level": 2,
    }
    return render(request, "guide/heading.html", context)


@public
@require_safe
def whole(request: HttpRequest) -> HttpResponse:
    """All headings on one page, for paper or PDF."""
    parts: list[dict[str, Any]] = [
        {"title": title, "headings": [{"heading": each, "text": text_of(each)} for each in headings]}
        for title, headings in PARTS.items()
    ]
    return render(request, "guide/whole.html", {"parts": parts, "level": 4, "whole": True})


def text_of(heading: Heading) -> str:
    """The template with a heading's words in the reader's language."""
    return f"guide/{get_language()}/{heading.slug}.html"
