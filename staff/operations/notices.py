"""Telling people, beyond the SMS: by e-mail, where they have an address."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from entity_portal.messaging.operations import queue_email
from entity_portal.ratelimit import tally
from staff import texts
from staff.models import StaffLogin, Status


def tell_by_email(login: StaffLogin, text: Callable[..., str], *args: str) -> None:
    """Send a text, written as for SMS in the person's language, to their e-mail address if there is one."""
    if login.email:
        with translation.override(login.language):
            subject = _("Macao One Account: your login")
        queue_email(to=login.email, subject=subject, body=text(login, *args))


def tell_administrators_of_lock(login: StaffLogin) -> None:
    """A notice to the entity's administrators that a login was locked: one an hour, however many were (A7).

    The home page of administrators shows how many are locked now; this is for those who are not looking.
    """
    administrators = login.entity.logins.filter(is_administrator=True, status=Status.ACTIVE).exclude(email="")
    if tally("lock notice", login.entity.number, life=timedelta(hours=1)) > 1:
        return
    for administrator in administrators.exclude(pk=login.pk):
        tell_by_email(administrator, texts.locked_in_entity)
