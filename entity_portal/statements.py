"""What the portal states about itself: who can use it, and what it does with personal data.

A change of what it does with data changes the words too, and the day below.
"""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from entity_portal import retention
from entity_portal.access import public

ACCESSIBILITY_MADE = date(2026, 11, 29)
PRIVACY_MADE = date(2026, 11, 30)


@public
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Which standard, how it was checked, what is missing, and whom to tell."""
    return render(request, "statements/accessibility.html", {"made": ACCESSIBILITY_MADE})


@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Which data, what for, who sees them, how long, and one's rights (Law no. 8/2005)."""
    kept = {name: period.length.days for name, period in retention.periods(settings.RETENTION).items()}
    return render(request, "statements/privacy.html", {"made": PRIVACY_MADE, "cookies": cookies(), "kept": kept})


def cookies() -> list[dict[str, Any]]:
    """Every cookie that the portal sets: `{"name", "what", "life"}`."""
    return [
        {
            "name": settings.SESSION_COOKIE_NAME,
            "what": _("Knows who is logged in, or which form is being filled in."),
            "life": _("Until the browser is closed."),
        },
        {
            "name": settings.CSRF_COOKIE_NAME,
            "what": _("Keeps other websites from sending our forms in your name."),
            "life": _("For one year."),
        },
        {
            "name": settings.LANGUAGE_COOKIE_NAME,
            "what": _("The language you chose."),
            "life": _("For one year."),
        },
        {
            "name": settings.KNOWN_COOKIE_NAME,
            "what": _("Knows that somebody logged in here before, so that strangers' attempts do not hinder you."),
            "life": _("For 90 days."),
        },
    ]
