"""What can happen to a staff login. Every write goes through here: one transaction, one rule under a lock, one line.

Lock order everywhere: entity, then login, then device or code, then the number of a text, then the history.
"""

from staff.operations.door import (
    change_password,
    check_password,
    demand_new_password,
    end_sessions,
    prove_password,
    record_sign_in,
    remember_language,
    set_password,
)
from staff.operations.email import (
    LinkGone,
    ask_email_change,
    cancel_email_change,
    confirm_email_change,
    email_change_of,
    find_email_change,
)
from staff.operations.factors import (
    SMSNotAccepted,
    begin_app,
    confirm_app,
    demand_second_factor,
    new_recovery_codes,
    remove_app,
    send_sign_in_code,
    take_app_away,
    verify,
)
from staff.operations.people import (
    activate,
    change_login,
    create_login,
    depart,
    frozen_fields,
    record_export,
    record_reveal,
    remove_administrator,
)
from staff.operations.refusals import (
    DataFrozen,
    LastAdministrator,
    NotAdministrator,
    PersonExists,
    StatusNotAllowed,
    UsernameTaken,
)
from staff.operations.reset import (
    remind_username,
    reset_code_is_right,
    reset_password,
    send_reset_code,
)

__all__ = [
    "DataFrozen",
    "LastAdministrator",
    "LinkGone",
    "NotAdministrator",
    "PersonExists",
    "SMSNotAccepted",
    "StatusNotAllowed",
    "UsernameTaken",
    "activate",
    "ask_email_change",
    "begin_app",
    "cancel_email_change",
    "change_login",
    "change_password",
    "check_password",
    "confirm_app",
    "confirm_email_change",
    "create_login",
    "demand_new_password",
    "demand_second_factor",
    "depart",
    "email_change_of",
    "end_sessions",
    "find_email_change",
    "frozen_fields",
    "new_recovery_codes",
    "prove_password",
    "record_export",
    "record_reveal",
    "record_sign_in",
    "remember_language",
    "remind_username",
    "remove_administrator",
    "remove_app",
    "reset_code_is_right",
    "reset_password",
    "send_reset_code",
    "send_sign_in_code",
    "set_password",
    "take_app_away",
    "verify",
]
