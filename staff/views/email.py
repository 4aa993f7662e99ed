"""電子信箱: one's own address, and the link that proves it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from entity_portal import codes
from entity_portal.access import public, signed_in
from entity_portal.ratelimit import limited
from staff import operations
from staff.access import SignedIn, recently_proven
from staff.forms import EmailForm


@signed_in
@recently_proven()
def change_email(request: SignedIn) -> HttpResponse:
    """Ask for a link to another address, for it again, or not any more (Q11)."""
    login = request.user
    waiting = operations.email_change_of(login)
    if request.method == "POST" and "cancel" in request.POST:
        operations.cancel_email_change(login=login)
        messages.success(request, _("The e-mail address stays as it is."))
        return redirect("account")
    again = request.method == "POST" and "again" in request.POST and waiting
    form = EmailForm(
        {"email": waiting.email} if again and waiting else request.POST or None, initial={"email": login.email}
    )
    if form.is_valid():
        try:
            link = operations.ask_email_change(login=login, by=login, email=form.cleaned_data["email"])
        except (codes.TooSoon, codes.TooManyToday) as refusal:
            form.add_error("email", too_many_links(refusal))
        else:
            messages.success(request, link_sent(link.email) if link else _("The data have been updated."))
            return redirect("account")
    return render(request, "staff/email.html", {"form": form, "waiting": waiting})


@public
@limited("20/m", refused_only=True)
def confirm_email(request: HttpRequest, token: str) -> HttpResponse:
    """The link: a page with one button, since whatever reads mail opens links but presses nothing."""
    link = operations.find_email_change(token)
    if link and request.method == "POST":
        try:
            operations.confirm_email_change(token)
        except operations.LinkGone:
            link = None
        else:
            messages.success(request, _("The e-mail address has been confirmed."))
            return redirect("account" if request.user.is_authenticated else "staff:sign_in")
    return render(request, "staff/confirm_email.html", {"link": link}, status=200 if link else 410)


def link_sent(email: str) -> str:
    return _("A link has been sent to %(email)s. The address changes when it is opened, within 24 hours.") % {
        "email": email
    }


def too_many_links(refusal: codes.TooSoon | codes.TooManyToday) -> str:
    if isinstance(refusal, codes.TooSoon):
        seconds = max(1, round(refusal.wait.total_seconds()))
        return ngettext(
            "A link was sent a moment ago. You can send another in %(seconds)s second.",
            "A link was sent a moment ago. You can send another in %(seconds)s seconds.",
            seconds,
        ) % {"seconds": seconds}
    return _("No more links can be sent today. Try again tomorrow.")
