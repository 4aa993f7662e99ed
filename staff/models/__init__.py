from staff.models.login import NEXT_STATUSES, DocumentType, StaffLogin, Status
from staff.models.reset import ResetCode

__all__ = ["NEXT_STATUSES", "DocumentType", "ResetCode", "StaffLogin", "Status"]
