"""Correction of frozen data (Q11): asked for by the person, or by an administrator of their entity, with evidence."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.applications import operations, shown
from accounts.applications.asking import CorrectionForm
from accounts.applications.models import OPEN, Application, Kind, State
from accounts.applications.views.requests import find
from entity_portal.access import signed_in
from staff.access import SignedIn, administrator_only
from staff.models import StaffLogin, Status
from staff.operations import frozen_fields


@signed_in
def own(request: SignedIn) -> HttpResponse:
    """One's own data."""
    return _begin(request, request.user)


@administrator_only
def of_person(request: SignedIn, euid: str) -> HttpResponse:
    """Data of somebody of the entity, administrators included, who cannot be edited any more (S10.2, S10.3)."""
    login = get_object_or_404(request.user.entity.logins.exclude(status=Status.DEPARTED), euid=euid)
    if not frozen_fields(login):
        return redirect("staff:edit", euid)
    return _begin(request, login)


def _begin(request: SignedIn, login: StaffLogin) -> HttpResponse:
    """The form; where a correction is open already, a link to that one."""
    opened = Application.objects.filter(kind=Kind.CORRECTION, login=login, state__in=OPEN).first()
    if opened:
        return render(request, "applications/corrections/open.html", {"login": login, "application": opened})
    drafts = find(request.user).filter(kind=Kind.CORRECTION, login=login, state=State.DRAFT)
    return _fill_in(request, login, drafts.first())


@signed_in
def changes(request: SignedIn, number: str) -> HttpResponse:
    """What is to be corrected, once more: gone back to, or because more was asked."""
    application = get_object_or_404(find(request.user), number=number, kind=Kind.CORRECTION)
    if not application.takes_documents or application.login is None:
        return redirect("applications:request", number)
    return _fill_in(request, application.login, application)


def _fill_in(request: SignedIn, login: StaffLogin, application: Application | None) -> HttpResponse:
    kept = application.answers if application else {}
    form = CorrectionForm(
        request.POST or None,
        request.FILES or None,
        login=login,
        application=application,
        initial={**kept.get("changes", {}), "explanation": kept.get("explanation", "")},
    )
    if form.is_valid():
        application = application or operations.draft(
            kind=Kind.CORRECTION,
            by=request.user,
            login=login,
        )
        try:
            file = form.cleaned_data["file"]
            operations.keep_correction(
                application=application,
                changes=form.changes,
                explanation=form.cleaned_data["explanation"],
                evidence=asdict(file) if file else None,
            )
        except operations.TooManyDocuments:
            form.add_error("file", _("Ten documents are enough. Remove one first."))
        except operations.NotPossible:  # submitted meanwhile
            return redirect("applications:request", application.number)
        else:
            page = "request" if application.state == State.ASKED else "correction_review"
            return redirect(f"applications:{page}", application.number)
    context = {"form": form, "login": login, "application": application}
    return render(request, "applications/corrections/form.html", context)


@signed_in
def review(request: SignedIn, number: str) -> HttpResponse:
    """Old and new side by side, then it is submitted."""
    application = get_object_or_404(find(request.user), number=number, kind=Kind.CORRECTION)
    if application.state != State.DRAFT:
        return redirect("applications:request", number)
    if request.method == "POST":
        try:
            operations.submit(application=application, by=request.user)
        except operations.Incomplete:
            messages.info(request, _("Add evidence first."))
            return redirect("applications:correction_changes", number)
        except operations.AskedAlready as refusal:
            login = application.login
            return render(
                request, "applications/corrections/open.html", {"login": login, "application": refusal.args[0]}
            )
        except operations.NotPossible:  # pressed twice
            pass
        else:
            messages.success(request, _("The correction has been submitted. You are told by SMS what becomes of it."))
        return redirect("applications:request", number)
    context = {
        "application": application,
        "login": application.login,
        "changes": shown.changes(application, full=True),
        "documents": application.documents.all(),
    }
    return render(request, "applications/corrections/review.html", context)


@signed_in
@require_POST
def discard(request: SignedIn, number: str) -> HttpResponse:
    """Give up what was begun."""
    application = get_object_or_404(find(request.user), number=number, kind=Kind.CORRECTION, state=State.DRAFT)
    try:
        operations.discard(application=application)
    except operations.NotPossible:
        return redirect("applications:request", number)
    messages.success(request, _("What you had begun has been discarded."))
    if application.login is None or application.login == request.user:
        return redirect("account")
    return redirect("person", application.login.euid)
