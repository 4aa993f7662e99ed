"""What became of an activation code, for 啟動狀況 (S9.9)."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from entity_portal.messaging import reasons
from entity_portal.messaging.models import SMS, Status
from staff.models import StaffLogin

RECEIPT_AFTER = timedelta(minutes=15)  # most arrive within seconds (T2)


def activation_status(login: StaffLogin) -> dict[str, Any]:
    """`code`, the activation code sent last or None, and `sms`, what became of its text."""
    code = login.activation_codes.select_related("login", "sms").order_by("-created_at").first()
    return {"code": code, "sms": _delivery(code.sms) if code and code.sms else None}


def _delivery(sms: SMS) -> dict[str, Any]:
    overdue = sms.status == Status.SENT and bool(sms.finished_at and timezone.now() > sms.finished_at + RECEIPT_AFTER)
    return {
        "status": sms.status,
        "label": sms.get_status_display(),
        "at": sms.finished_at or sms.created_at,
        "reason": reasons.in_words(sms.reason),
        "overdue": overdue,
    }
