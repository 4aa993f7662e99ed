"""What every template may use."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from entity_portal.guide.contents import EXPLAINED_BY

# name in its own language, `lang` of a page in it (the region decides between Hong Kong's and Taiwan's glyphs)
LANGUAGES = {"zh-hant": ("繁體中文", "zh-Hant-MO"), "pt": ("Português", "pt"), "en": ("English", "en")}


def language_named(code: str) -> SafeString:
    """A language by its own name, which says in which language it is."""
    name, html_lang = LANGUAGES[code]
    return format_html('<span lang="{}">{}</span>', html_lang, name)


def portal(request: HttpRequest) -> dict[str, Any]:
    here = request.get_full_path() if request.method == "GET" else request.path
    screen = request.resolver_match.view_name if request.resolver_match else ""
    return {
        "demo": settings.DEMO,
        "explained_by": EXPLAINED_BY.get(screen),  # the guide's heading about this screen
        "product_name": _("Common Access to Public Services of the Macao SAR"),
        "html_lang": LANGUAGES[get_language() or settings.LANGUAGE_CODE][1],
        "language_links": [
            {
                "code": code,
                "name": name,
                "html_lang": html_lang,
                "url": f"{reverse('language', args=[code])}?{urlencode({'next': here})}",
                "current": code == get_language(),
            }
            for code, (name, html_lang) in LANGUAGES.items()
        ],
    }
