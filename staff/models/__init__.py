from staff.models.email import EmailChange
from staff.models.factor import MobilePhone, RecoveryCode, RecoverySheet, SignInCode
from staff.models.login import (
    NEXT_STATUSES,
    NOBODY,
    AdministratorLogin,
    DocumentType,
    Headcount,
    StaffLogin,
    Status,
    of_document,
)
from staff.models.officer import OfficerRole
from staff.models.reset import ResetCode
from staff.models.session import Session

__all__ = [
    "NEXT_STATUSES",
    "NOBODY",
    "AdministratorLogin",
    "DocumentType",
    "EmailChange",
    "Headcount",
    "MobilePhone",
    "OfficerRole",
    "RecoveryCode",
    "RecoverySheet",
    "ResetCode",
    "Session",
    "SignInCode",
    "StaffLogin",
    "Status",
    "of_document",
]
