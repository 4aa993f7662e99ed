"""Texts by SMS about applications, in the applicant's language: no name, no document number."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.applications.models import Application, Kind
from entity_portal.language import in_language_of


def track_link(asked: Application) -> str:
    """Where its applicant sees how it stands: on the host that the settings name, never the request's (A45)."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{track_path(asked)}"


def track_path(asked: Application) -> str:
    """A first application is looked up by its number; the others stand behind the door."""
    if asked.kind == Kind.FIRST:
        return reverse("applications:track")
    return reverse("applications:request", args=[asked.number])


@in_language_of
def return_code(application: Application, code: str) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _(
        "[Macao One Account] Code for application %(number)s: %(code)s. Valid for 10 minutes. Tell it to no one."
    ) % {
        "number": application.number,
        "code": code,
    }


@in_language_of
def consent_code(application: Application, code: str) -> str:
    """To the legal representative, who may know of nothing: what it is for stands first."""
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _(
        "[Macao One Account] Application %(number)s asks for your consent as legal representative to open an "
        "administrator's login. If you agree, tell the applicant this code: %(code)s (10 minutes). If not, ignore it."
    ) % {"number": application.number, "code": code}


@in_language_of
def submitted(application: Application) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] Application received. Application no.: %(number)s. Progress: %(link)s") % {
        "number": application.number,
        "link": track_link(application),
    }


@in_language_of
def asked(application: Application) -> str:
    """What exactly, and why, stands on the page: half a sentence in a text would not help."""
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _(
        "[Macao One Account] Application %(number)s: more information is needed. See what, and answer: %(link)s"
    ) % {"number": application.number, "link": track_link(application)}


@in_language_of
def approved(application: Application) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] Application %(number)s is approved.") % {"number": application.number}


@in_language_of
def refused(application: Application) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] Application %(number)s is not approved. The reason: %(link)s") % {
        "number": application.number,
        "link": track_link(application),
    }


@in_language_of
def withdrawn(application: Application) -> str:
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _("[Macao One Account] Application %(number)s is withdrawn.") % {"number": application.number}


@in_language_of
def corrected(application: Application) -> str:
    """Also to the number that was on record before."""
    # Translators: by SMS, two segments at most: see `manage.py sms_lengths`
    return _(
        "[Macao One Account] The data of your staff login were corrected by application %(number)s. "
        "If you know nothing of it, tell an administrator of your entity at once."
    ) % {"number": application.number}
