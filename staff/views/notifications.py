"""通知: the inbox, and how somebody wants to be told."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from entity_portal.access import signed_in
from entity_portal.messaging import kinds, notifications
from staff.access import SignedIn
from staff.forms import NotificationChoicesForm
from staff.operations.notices import said

PER_PAGE = 25


@signed_in
@require_safe
def inbox(request: SignedIn) -> HttpResponse:
    """Unread first, then the newest; each line leads to what it is about (S1.3)."""
    page = Paginator(notifications.inbox(request.user.euid), PER_PAGE).get_page(request.GET.get("page"))
    lines = [{"line": line, "words": said(line)} for line in page]
    return render(request, "staff/notifications.html", {"page": page, "lines": lines})


@signed_in
@require_safe
def follow(request: SignedIn, pk: int) -> HttpResponse:
    """Go to what a line is about, which reads it; a browser that only fetches ahead reads nothing."""
    line = get_object_or_404(notifications.inbox(request.user.euid), pk=pk)
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        raise Http404
    notifications.read(request.user.euid, line.pk)
    return redirect(kinds.link(line.kind, count=line.count, about=line.about))


@signed_in
@require_POST
def read_all(request: SignedIn) -> HttpResponse:
    count = notifications.read(request.user.euid)
    words = ngettext("%(n)d notification marked as read.", "%(n)d notifications marked as read.", count)
    messages.success(request, words % {"n": count})
    return redirect("staff:notifications")


@signed_in
@require_POST
def toggle(request: SignedIn, pk: int) -> HttpResponse:
    """Mark a line as read, or as unread again."""
    line = get_object_or_404(notifications.inbox(request.user.euid), pk=pk)
    if line.read_at:
        notifications.unread_again(line)
    else:
        notifications.read(request.user.euid, line.pk)
    page = request.POST.get("page", "")
    return redirect(f"{reverse('staff:notifications')}{f'?page={page}' if page.isdecimal() else ''}")


@signed_in
def choices(request: SignedIn) -> HttpResponse:
    """Which kinds also come by e-mail or SMS; the inbox has them always."""
    login = request.user
    form = NotificationChoicesForm(login, request.POST or None)
    if form.is_valid():
        notifications.choose(login.euid, form.chosen())
        messages.success(request, _("Your choices have been saved."))
        return redirect("staff:notification_choices")
    context: dict[str, Any] = {"form": form, "rows": form.rows()}
    return render(request, "staff/notification_choices.html", context)
