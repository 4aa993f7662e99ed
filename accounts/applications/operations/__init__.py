"""What can happen to an application: by applicants (`entering`), by codes (`confirming`), by officers (`deciding`)."""

from accounts.applications.operations.confirming import (
    consent,
    return_code_is_right,
    send_consent_code,
    send_return_code,
)
from accounts.applications.operations.deciding import (
    CLAIM_LASTS,
    approve,
    ask,
    claim,
    is_claimed_by_another,
    refuse,
    release,
    take_oldest,
)
from accounts.applications.operations.entering import (
    add_document,
    answer,
    begin,
    keep,
    remove_document,
    submit,
    withdraw,
)
from accounts.applications.operations.refusals import (
    Claimed,
    Incomplete,
    NotPossible,
    NotYours,
    OwnEntry,
    TooManyDocuments,
)

__all__ = [
    "CLAIM_LASTS",
    "Claimed",
    "Incomplete",
    "NotPossible",
    "NotYours",
    "OwnEntry",
    "TooManyDocuments",
    "add_document",
    "answer",
    "approve",
    "ask",
    "begin",
    "claim",
    "consent",
    "is_claimed_by_another",
    "keep",
    "refuse",
    "release",
    "remove_document",
    "return_code_is_right",
    "send_consent_code",
    "send_return_code",
    "submit",
    "take_oldest",
    "withdraw",
]
