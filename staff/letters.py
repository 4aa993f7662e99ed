"""What stands in e-mails only, in the recipient's language; `operations.notices` sends them."""

from django.utils.translation import gettext as _

from entity_portal.language import in_language_of
from staff.models import StaffLogin


@in_language_of
def confirm_email(login: StaffLogin) -> str:
    """To an address that may be a stranger's: it names nobody."""
    return _(
        "Somebody wants to use this e-mail address for a staff login. To confirm it, open the page and press the "
        "button there, within 24 hours. If it was not you, do nothing: nothing will change."
    )


@in_language_of
def email_changed(login: StaffLogin) -> str:
    """To the address until now."""
    return _(
        "The e-mail address of your staff login was changed or removed: from now on nothing is sent to this one. "
        "If it was not you, change your password and tell an administrator of your entity."
    )
