"""Texts by SMS, in the recipient's language: who sends it, what to do, and neither a name nor a document number."""

from django.utils.translation import gettext as _

from entity_portal.language import in_language_of
from staff.models import StaffLogin

LONGEST = 100  # characters of a notification


@in_language_of
def reset_code(login: StaffLogin, code: str) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] Code to reset your password: %(code)s. Valid for 10 minutes. Tell it to no one.") % {
        "code": code
    }


@in_language_of
def username_reminder(login: StaffLogin) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] Your username is %(username)s.") % {"username": login.username}


@in_language_of
def locked(login: StaffLogin) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _(
        "[Macao One Account] Your account was locked after five wrong passwords. "
        "To unlock it, choose Reset password under Need help? on the login page."
    )


@in_language_of
def sign_in_code(login: StaffLogin, code: str) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] Code to log in: %(code)s. Valid for 10 minutes. Tell it to no one.") % {"code": code}


@in_language_of
def second_factor_changed(login: StaffLogin) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _(
        "[Macao One Account] The code at login was set anew or turned off, or a recovery code was used. "
        "If it was not you, reset your password at once."
    )


@in_language_of
def password_changed(login: StaffLogin) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] Your password has been changed. If it was not you, reset your password at once.")


@in_language_of
def password_reset(login: StaffLogin) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _(
        "[Macao One Account] Your password has been reset. "
        "If it was not you, tell an administrator of your entity at once."
    )


@in_language_of
def notice(login: StaffLogin, sentence: str) -> str:
    """A notification, its sentence cut to a length that fits two parts in any alphabet; what is left is as it was."""
    if len(sentence) > LONGEST:
        sentence = f"{sentence[: LONGEST - 1]}…"
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] %(sentence)s") % {"sentence": sentence}
