"""The demonstration phone. Exists in demo mode only."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from entity_portal.access import public
from entity_portal.messaging.models import PhoneText


@public
def phone(request: HttpRequest) -> HttpResponse:
    """Show what one number received, newest last; the number that received the last text unless another is chosen."""
    numbers = _newest_first()
    number = request.GET.get("number", "")
    if number not in numbers:
        number = numbers[0] if numbers else ""
    context = {
        "number": number,
        "numbers": [{"number": each, "label": each} for each in numbers],
        "texts": PhoneText.objects.filter(to=number).order_by("received_at", "pk") if number else [],
    }
    return render(request, "messaging/phone.html", context)


def _newest_first() -> list[str]:
    """Every number that received a text, the latest first."""
    latest: dict[str, None] = {}
    for number in PhoneText.objects.order_by("-received_at", "-pk").values_list("to", flat=True)[:2000]:
        latest.setdefault(number)
    return list(latest)
