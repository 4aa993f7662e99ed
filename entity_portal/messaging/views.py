"""The demonstration phone, in demo mode only, and what a provider reports of a text."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from entity_portal.access import public
from entity_portal.messaging import delivery
from entity_portal.messaging.models import SMS, PhoneText


@csrf_exempt  # Twilio proves itself by its signature instead
@public
@require_POST
def twilio_status(request: HttpRequest, sms_id: UUID) -> HttpResponse:
    """Twilio's status callback: a report of a text, possibly twice, late or before our own worker has finished (T2).

    Signed with our token over the public address, which is not what the request says behind a proxy.
    """
    if settings.SMS_BACKEND != "twilio":
        raise Http404
    # Only where it is used: it weighs as much as a tenth of a worker.
    from twilio.request_validator import RequestValidator

    from entity_portal.messaging.backends import twilio

    validator = RequestValidator(settings.TWILIO_AUTH_TOKEN)
    signature = request.headers.get("X-Twilio-Signature", "")
    if not validator.validate(twilio.callback_url(sms_id), request.POST, signature):
        return HttpResponseForbidden("signature", content_type="text/plain")
    sid, code = request.POST.get("MessageSid", ""), request.POST.get("ErrorCode", "")
    receipt = twilio.receipt(sid, request.POST.get("MessageStatus"), code if code.isdecimal() else None)
    sms = SMS.objects.filter(pk=sms_id).first()
    if sms and sms.provider_reference in {"", sid}:
        delivery.take(sms, receipt)
    return HttpResponse(status=204)


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
