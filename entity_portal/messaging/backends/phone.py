"""The demonstration phone: a text arrives on a page instead of in a pocket."""

from entity_portal.messaging.backends import Receipt
from entity_portal.messaging.models import SMS, PhoneText, Status


def send(sms: SMS) -> Receipt:
    PhoneText.objects.create(sms_id=sms.pk, to=sms.to, body=sms.body)
    return _receipt(sms)


def look_up(sms: SMS) -> Receipt | None:
    return _receipt(sms) if PhoneText.objects.filter(sms_id=sms.pk).exists() else None


def _receipt(sms: SMS) -> Receipt:
    return Receipt(f"phone-{sms.pk}", Status.DELIVERED)
