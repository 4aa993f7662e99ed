"""Why a text did not arrive, in words for the person who has to do something about it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, str | Promise] = {
    "no_such_number": _("This number does not exist. Correct it and send again."),
    "not_mobile": _("This number cannot receive SMS. Enter a mobile number and send again."),
    "country_not_allowed": _("SMS cannot be sent to this country or region."),
    "number_limit": _("Too many texts have gone to this number. Send again later."),
    "entity_limit": _("No more texts can be sent for this entity today. Send again tomorrow."),
    "budget": _("No more texts can be sent today. Send again tomorrow."),
    "recipient_opted_out": _("The recipient has blocked SMS from this sender."),
    "cannot_reach": _("This number cannot be reached at present. Check it and send again."),
    "expired": _("It could not be sent in time. Send again."),
    "gave_up": _("The SMS provider did not answer. Send again later."),
    "refused": _("The SMS provider refused it. Check the number and send again."),
}


def in_words(reason: str) -> str | Promise:
    """The sentence for a reason; "" for none."""
    return REASONS.get(reason, "")
