"""Texts by SMS, in the recipient's language: who sends it, what to do, and neither a name nor a document number."""

from collections.abc import Callable
from functools import wraps

from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from staff.models import StaffLogin


def in_language_of_login(text: Callable[..., str]) -> Callable[..., str]:
    """Write a text to a login, its first argument, in that person's language."""

    @wraps(text)
    def written(login: StaffLogin, *args: str) -> str:
        with translation.override(login.language):
            return text(login, *args)

    return written


@in_language_of_login
def reset_code(login: StaffLogin, code: str) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] Code to reset your password: %(code)s. Valid for 10 minutes. Tell it to no one.") % {
        "code": code
    }


@in_language_of_login
def username_reminder(login: StaffLogin) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] Your username is %(username)s.") % {"username": login.username}


@in_language_of_login
def locked(login: StaffLogin) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _(
        "[Macao One Account] Your account was locked after five wrong passwords. "
        "To unlock it, choose Reset password under Need help? on the login page."
    )


@in_language_of_login
def sign_in_code(login: StaffLogin, code: str) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] Code to log in: %(code)s. Valid for 10 minutes. Tell it to no one.") % {"code": code}


@in_language_of_login
def second_factor_changed(login: StaffLogin) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _(
        "[Macao One Account] The code at login was set anew or turned off, or a recovery code was used. "
        "If it was not you, reset your password at once."
    )


@in_language_of_login
def password_changed(login: StaffLogin) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] Your password has been changed. If it was not you, reset your password at once.")


@in_language_of_login
def password_reset(login: StaffLogin) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _(
        "[Macao One Account] Your password has been reset. "
        "If it was not you, tell an administrator of your entity at once."
    )


@in_language_of_login
def notice(login: StaffLogin, sentence: str) -> str:
    """A notification, its sentence cut to a length that fits two parts in any alphabet."""
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] %(sentence)s") % {"sentence": Truncator(sentence).chars(100)}
