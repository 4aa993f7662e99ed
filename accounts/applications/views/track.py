"""申請進度查詢 for whoever has an application number: a code to the mobile given in it opens it (A13, A15)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.applications import forms, operations, rules, tasks
from accounts.applications.access import applicants, for_applicant, let_go, take_in_hand
from accounts.applications.models import QUEUE, Application, State
from accounts.applications.rules import MAY_CHANGE_ONLINE
from accounts.applications.timeline import timeline
from accounts.applications.views.submit import code_form, parts, wrong_code
from entity_portal import phones
from entity_portal.access import public
from entity_portal.humancheck.fields import browser_of
from entity_portal.ratelimit import limited, refuse_target

LOOKED_FOR = "looked_for"  # session: number and mobile as typed, whether or not they belong together
PER_TARGET = "30/h"  # answered human checks about one application, from wherever


@public
@limited("20/m", "100/h")
def track(request: HttpRequest) -> HttpResponse:
    """Number and mobile: the same answer in the same time whether or not there is such an application."""
    form = forms.TrackForm(request.POST or None, browser=browser_of(request))
    if form.is_valid():
        looked_for = {name: form.cleaned_data[name] for name in ("number", "mobile")}
        if refusal := refuse_target(request, "track", PER_TARGET, looked_for["number"]):
            return refusal
        request.session[LOOKED_FOR] = looked_for
        tasks.send_return_code.defer(**looked_for)
        return redirect("applications:track_code")
    return render(request, "applications/track.html", {"form": form})


@public
@require_POST
@limited("5/m", "20/h")
def track_again(request: HttpRequest) -> HttpResponse:
    """Another code, for what was typed on the page before."""
    if LOOKED_FOR not in request.session:
        return redirect("applications:track")
    tasks.send_return_code.defer(**request.session[LOOKED_FOR])
    messages.success(request, _("If the data match, another code is on its way. One is sent a minute at most."))
    return redirect("applications:track_code")


@public
@limited("20/m", "100/h")
@sensitive_post_parameters("code")
def track_code(request: HttpRequest) -> HttpResponse:
    """The code from the SMS opens the application in this browser."""
    looked_for = request.session.get(LOOKED_FOR)
    if looked_for is None:
        return redirect("applications:track")
    form = code_form(request)
    if form.is_valid():
        found = applicants().filter(**looked_for).first()
        if operations.return_code_is_right(application=found, code=form.cleaned_data["code"]) and found:
            del request.session[LOOKED_FOR]
            take_in_hand(request, found)
            return redirect("applications:apply_progress")
        form.add_error("code", wrong_code())
    return render(request, "applications/track_code.html", {"form": form, "number": looked_for["number"]})


@public
@for_applicant(*State.values)
def progress(request: HttpRequest, application: Application) -> HttpResponse:
    """How it stands, and what its applicant can do now."""
    if application.state == State.DRAFT:
        return redirect("applications:apply_review")
    if operations.applicants_login(application):
        return redirect("applications:apply_credentials")
    return show_progress(request, application, forms.AnswerForm())


def show_progress(request: HttpRequest, application: Application, form: forms.AnswerForm) -> HttpResponse:
    asked = application.state == State.ASKED
    context = timeline(application) | {
        "form": form,
        "asked": application.moves.last() if asked else None,
        "parts": parts(application) if asked else None,
        "documents": application.documents.all() if asked else (),
        "mobile": phones.masked(application.mobile),
        "at_once": application.state in QUEUE and not rules.obstacles(application),
        "for_officers": application.answers["entity"]["kind"] not in MAY_CHANGE_ONLINE,
        "late": operations.waits_for_a_code(application),
    }
    return render(request, "applications/progress.html", context)


@public
@require_POST
@limited("20/m")
@for_applicant(State.ASKED)
def answer(request: HttpRequest, application: Application) -> HttpResponse:
    """Hand in again what was asked for."""
    form = forms.AnswerForm(request.POST)
    if form.is_valid():
        if not form.cleaned_data["text"] and not _changed(application):
            form.add_error("text", _("Write an answer, change something or add a document first."))
        else:
            operations.answer(application=application, text=form.cleaned_data["text"])
            messages.success(request, _("Your answer has been received."))
            return redirect("applications:apply_progress")
    return show_progress(request, application, form)


def _changed(application: Application) -> bool:
    """Something was filled in anew, or added, since more was asked."""
    asked = application.moves.last()
    return bool(
        asked and (application.changed_at > asked.at or application.documents.filter(added_at__gt=asked.at).exists())
    )


@public
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Close the application in this browser, for whoever sits at a computer that others use."""
    let_go(request)
    messages.success(request, _("The application is closed in this browser."))
    return redirect("applications:apply")
