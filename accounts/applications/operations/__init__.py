"""What can happen to an application: by applicants (`entering`), by codes (`confirming`), by officers (`deciding`)."""

from accounts.applications.operations.confirming import (
    activate_applicant,
    applicants_login,
    consent,
    return_code_is_right,
    send_consent_code,
    send_return_code,
)
from accounts.applications.operations.deciding import approve, ask, claim, is_claimed_by_another, refuse, release
from accounts.applications.operations.entering import (
    add_document,
    answer,
    begin,
    discard,
    forget_drafts,
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
    "Claimed",
    "Incomplete",
    "NotPossible",
    "NotYours",
    "OwnEntry",
    "TooManyDocuments",
    "activate_applicant",
    "add_document",
    "answer",
    "applicants_login",
    "approve",
    "ask",
    "begin",
    "claim",
    "consent",
    "discard",
    "forget_drafts",
    "is_claimed_by_another",
    "keep",
    "refuse",
    "release",
    "remove_document",
    "return_code_is_right",
    "send_consent_code",
    "send_return_code",
    "submit",
    "withdraw",
]
