"""Texts by SMS about activation."""

from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from entity_portal.language import in_language_of
from staff.models import StaffLogin


def activation_link(entity_number: str, code: str) -> str:
    """The address that fills in both. The code stands behind the `#`, which browsers keep from servers and logs."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('activation:start')}?entity={quote(entity_number)}#code={code}"


@in_language_of
def activation(login: StaffLogin, code: str) -> str:
    """S5.3: the activation code and the entity number."""
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _(
        "[Macao One Account] Your staff login is ready.\n"
        "Activation code: %(code)s\n"
        "Entity number: %(entity)s\n"
        "Activate it yourself within 72 hours: %(link)s\n"
        "Tell the code to no one."
    ) % {"code": code, "entity": login.entity.number, "link": activation_link(login.entity.number, code)}


@in_language_of
def activated(login: StaffLogin) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _(
        "[Macao One Account] Your staff login is active. "
        "If it was not you, tell an administrator of your entity at once."
    )
