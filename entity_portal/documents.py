"""Identification documents: their types, and what the number of each looks like once normalised."""

import re
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentType(models.TextChoices):
    """身份證明文件類別 (Q39), the guide's default first (Q14)."""

    BIR_PERMANENT = "bir_permanent", _("Macao SAR Permanent Resident Identity Card")
    BIR_NON_PERMANENT = "bir_non_permanent", _("Macao SAR Non-permanent Resident Identity Card")
    WORKER_CARD = "worker_card", _("Non-resident Worker's Identification Card")
    STAY_PERMIT = "stay_permit", _("Special Stay Permit")
    HK_ID = "hk_id", _("Hong Kong Identity Card")
    PRC_ID = "prc_id", _("Resident Identity Card of the People's Republic of China")
    EXIT_ENTRY_PERMIT = "exit_entry_permit", _("Exit-entry Permit for Travelling to and from Hong Kong and Macao")
    PRC_PASSPORT = "prc_passport", _("Passport of the People's Republic of China")
    PASSPORT = "passport", _("Passport")


MACAO_RESIDENT_IDS = frozenset({DocumentType.BIR_PERMANENT, DocumentType.BIR_NON_PERMANENT})  # S12.2

_EIGHT_DIGITS = (
    re.compile(r"[0-9]{8}"),
    _("Enter the number of the identification document: 8 digits, without symbols."),
)
_ANY_NUMBER = (
    re.compile(r"[A-Z0-9]{4,20}"),
    _("Enter the number of the identification document: 4 to 20 letters and digits."),
)
# What a normalised number looks like, and how to say so.
DOCUMENT_NUMBERS: dict[str, tuple[re.Pattern[str], Any]] = {
    DocumentType.BIR_PERMANENT: _EIGHT_DIGITS,
    DocumentType.BIR_NON_PERMANENT: _EIGHT_DIGITS,
    DocumentType.HK_ID: (
        re.compile(r"[A-Z]{1,2}[0-9]{6}[0-9A]"),
        _("Enter one or two letters, six digits and the check digit, without symbols."),
    ),
    DocumentType.PRC_ID: (re.compile(r"[0-9]{17}[0-9X]"), _("Enter the 18 characters of the card's number.")),
}


def document_rule(document_type: str) -> tuple[re.Pattern[str], Any]:
    """(pattern a number must match in full, sentence that says so) for a type of document."""
    return DOCUMENT_NUMBERS.get(document_type, _ANY_NUMBER)
