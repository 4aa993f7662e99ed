"""Texts by SMS to the administrators of an entity, about what officers have done with it."""

from django.utils.translation import gettext as _

from entity_portal.language import in_language_of
from staff.models import StaffLogin


@in_language_of
def entity_number(login: StaffLogin) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _(
        "[Macao One Account] The number of your entity is now %(number)s. "
        "Use it to log in; the old one no longer works."
    ) % {"number": login.entity.number}


@in_language_of
def entity_suspended(login: StaffLogin) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] The account of your entity has been suspended: nobody can log in. Please ask SAFP.")


@in_language_of
def entity_reactivated(login: StaffLogin) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] The account of your entity is active again: you can log in.")


@in_language_of
def entity_closed(login: StaffLogin) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] The account of your entity has been closed for good. Please ask SAFP.")
