"""The e-mail address of a login: it changes when a link that was sent there is opened (Q11, S10.2)."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Entity
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.text import mask
from staff import letters
from staff.models import EmailChange, StaffLogin, Status
from staff.operations.notices import send_letter
from staff.operations.refusals import DataFrozen, NotAdministrator, StatusNotAllowed


class LinkGone(Exception):
    """The link was used, voided, has expired or never existed, or its login can change nothing any more."""


@transaction.atomic
def ask_email_change(*, login: StaffLogin, by: StaffLogin, email: str) -> EmailChange | None:
    """Send a link to an address that is to become an activated login's; an earlier link no longer works.

    Without an address (`email` empty) the old one is removed at once: there is nowhere to send a link to. None is
    returned then, and where nothing would change. The address until now hears of a removal.

    Raises:
        StatusNotAllowed: the login is not active.
        NotAdministrator, DataFrozen: it is somebody else's, and not an administrator's to change (S10.2, S10.3).
        codes.TooSoon, codes.TooManyToday: one a minute, five a day.
    """
    Entity.objects.lock(login.entity)
    if by.pk != login.pk and not by.acts_for(login.entity):
        raise NotAdministrator
    login.lock()
    if login.status != Status.ACTIVE:
        raise StatusNotAllowed(login.status, Status.ACTIVE)
    if by.pk != login.pk and login.is_administrator:
        raise DataFrozen(frozenset({"email"}))
    if email == login.email:
        return None
    if not email:
        _forget_links(login)
        _change(login, "", by)
        return None
    link, token = EmailChange.issue(login=login, email=email)
    path = reverse("staff:confirm_email", args=[token])
    send_letter(login, [letters.confirm_email(login)], path=path, to=email)
    record(Action.EMAIL_LINK_SENT, entity=login.entity.number, actor=by, target=login.euid, to=mask(email))
    return link


def find_email_change(token: str) -> EmailChange | None:
    """The link of a token, if it can still be opened."""
    links = EmailChange.objects.select_related("login__entity").filter(digest=EmailChange.digest_of(token))
    link = links.filter(used_at=None, voided_at=None, expires_at__gt=timezone.now()).first()
    return link if link and link.login.is_active else None


@transaction.atomic
def confirm_email_change(token: str) -> StaffLogin:
    """Make the address the login's, once. The address until now hears of it.

    Raises:
        LinkGone
    """
    link = find_email_change(token)
    if link is None:
        raise LinkGone
    login = link.login
    Entity.objects.lock(login.entity)
    login.lock()
    if not login.is_active or not link.use():
        raise LinkGone
    _change(login, link.email, login)
    return login


@transaction.atomic
def cancel_email_change(*, login: StaffLogin) -> None:
    """Void the link that waits, if one does."""
    login.lock()
    _forget_links(login)


def email_change_of(login: StaffLogin) -> EmailChange | None:
    """The link that waits to be opened."""
    return login.email_changes.filter(used_at=None, voided_at=None, expires_at__gt=timezone.now()).first()


def _forget_links(login: StaffLogin) -> None:
    login.email_changes.filter(used_at=None, voided_at=None).update(voided_at=timezone.now())


def _change(login: StaffLogin, email: str, by: StaffLogin) -> None:
    was, login.email = login.email, email
    login.save(update_fields=["email"])
    if was:
        send_letter(login, [letters.email_changed(login)], to=was)
    changes = {"email": [mask(was), mask(email)]}
    record(Action.LOGIN_CHANGED, entity=login.entity.number, actor=by, target=login.euid, changes=changes)
