"""What can happen to an application: by applicants (`entering`), by codes (`confirming`), by officers (`deciding`)."""

from accounts.applications.operations.confirming import (
    consent,
    prove,
    return_code_is_right,
    send_consent_code,
    send_return_code,
)
from accounts.applications.operations.deciding import approve, ask, claim, is_claimed_by_another, refuse, release
from accounts.applications.operations.entering import (
    add_document,
    answer,
    begin,
    begin_administrator,
    choose_person,
    draft,
    keep,
    keep_correction,
    remove_document,
    submit,
    withdraw,
)
from accounts.applications.operations.refusals import (
    AskedAlready,
    Claimed,
    Incomplete,
    NotPossible,
    NotYours,
    OwnEntry,
    TooManyDocuments,
)

__all__ = [
    "AskedAlready",
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
    "begin_administrator",
    "choose_person",
    "claim",
    "consent",
    "draft",
    "is_claimed_by_another",
    "keep",
    "keep_correction",
    "prove",
    "refuse",
    "release",
    "remove_document",
    "return_code_is_right",
    "send_consent_code",
    "send_return_code",
    "submit",
    "withdraw",
]
