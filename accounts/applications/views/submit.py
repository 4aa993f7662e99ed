"""The end of an application: the applicant's number, the last look, submitting; and the immediate flow (S5.1, Q40)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.applications import answers, forms, operations, rules, summary
from accounts.applications.access import for_applicant, let_go
from accounts.applications.models import QUEUE, Application, State
from accounts.applications.views.apply import FILLED_IN, STEPS, step
from activation.forms import CredentialsForm
from entity_portal import codes, phones, retention
from entity_portal.access import public
from entity_portal.messaging import reasons
from entity_portal.messaging.models import SMS
from entity_portal.messaging.models import Status as SMSStatus
from entity_portal.ratelimit import limited
from staff.forms import VerifyForm
from staff.hashing import slot
from staff.operations import UsernameTaken

ACTIVATED = "applicant_activated"  # session: what the last page shows


def code_form(request: HttpRequest) -> VerifyForm:
    return VerifyForm(request.POST or None, by="sms", autofocus=True)


def wrong_code() -> str:
    return _("The code is wrong or no longer valid. Check the SMS, or ask for a new code.")


# --- the applicant's number ---


@public
@for_applicant(*FILLED_IN)
def save(request: HttpRequest, application: Application) -> HttpResponse:
    """How to leave now and come back later."""
    days = retention.period("draft").days
    return render(request, "applications/save.html", {"application": application, "days": days} | reached(application))


@public
@require_POST
@limited("10/m", "30/h")
@for_applicant(*FILLED_IN)
def send_code(request: HttpRequest, application: Application) -> HttpResponse:
    """A code to the applicant's number."""
    say_sent(request, operations.send_return_code, application)
    return redirect("applications:apply_prove")


@public
@limited("20/m", "100/h")
@for_applicant(*FILLED_IN)
@sensitive_post_parameters("code")
def prove(request: HttpRequest, application: Application) -> HttpResponse:
    """The code that came to it."""
    form = code_form(request)
    if form.is_valid():
        if operations.return_code_is_right(application=application, code=form.cleaned_data["code"]):
            messages.success(request, _("Your number is confirmed."))
            parts_missing = set(answers.missing(application)) - {"mobile"}
            if parts_missing:
                return redirect("applications:apply_save")
            return redirect(f"{reverse('applications:apply_review')}#h-mobile")  # the button to submit is below
        form.add_error("code", wrong_code())
    return render(request, "applications/prove.html", {"application": application, "form": form} | reached(application))


def reached(application: Application) -> dict[str, str]:
    return {"mobile": phones.masked(application.mobile)}


def say_sent(request: HttpRequest, send: Callable[..., SMS], application: Application) -> None:
    """Send a code and say so, or why none was sent."""
    try:
        sms = send(application=application)
    except codes.TooSoon as refusal:
        seconds = max(1, round(refusal.wait.total_seconds()))
        sentence = ngettext(
            "A code was sent a moment ago. You can send another in %(seconds)s second.",
            "A code was sent a moment ago. You can send another in %(seconds)s seconds.",
            seconds,
        )
        messages.warning(request, sentence % {"seconds": seconds})
    except codes.TooManyToday:
        messages.warning(request, _("No more codes can be sent for this application today. Try again tomorrow."))
    else:
        if sms.status == SMSStatus.FAILED:
            messages.error(request, _("The code was not sent.") + f" {reasons.in_words(sms.reason)}")
        else:
            sentence = _("A code is on its way to %(mobile)s by SMS.")
            messages.success(request, sentence % {"mobile": phones.masked(sms.to)})


# --- the last look ---


@public
@for_applicant(State.DRAFT)
def review(request: HttpRequest, application: Application) -> HttpResponse:
    """Everything, each part with the way to change it; what is missing is named."""
    missing = answers.missing(application)
    context = reached(application) | {
        "missing": [{"label": label, "name": name} for name, label in STEPS if name in missing],
        "parts": parts(application),
        "documents": application.documents.all(),
    }
    return step(request, "review", application, **context)


def parts(application: Application) -> dict[str, Any]:
    """What was filled in, as rows of label and value."""
    kept = application.answers
    people = kept.get("administrators", [])
    return {
        "entity": summary.rows(forms.EntityForm(), kept.get("entity", {})),
        "representative": summary.rows(forms.RepresentativeForm(), kept.get("representative", {})),
        "administrators": [summary.rows(forms.AdministratorForm(), each) for each in people],
        "agreement": kept.get("agreement"),
    }


@public
@require_POST
@limited("10/m", "20/h")
@for_applicant(State.DRAFT)
def submit(request: HttpRequest, application: Application) -> HttpResponse:
    try:
        application = operations.submit(application=application)
    except operations.Incomplete:
        messages.warning(request, _("Something is still missing."))
        return redirect("applications:apply_review")
    if rules.obstacles(application):
        return redirect("applications:apply_progress")
    return redirect("applications:apply_consent")


# --- at once ---


@public
@limited("20/m", "60/h")
@for_applicant(*QUEUE)
@sensitive_post_parameters("code")
def consent(request: HttpRequest, application: Application) -> HttpResponse:
    """The code of the legal representative, sent to the phone on the register: with it the rules approve."""
    line = rules.register_line(application)
    if line is None or rules.obstacles(application):
        return redirect("applications:apply_progress")
    form = code_form(request)
    if form.is_valid():
        if operations.consent(application=application, code=form.cleaned_data["code"]):
            return redirect("applications:apply_credentials")
        form.add_error("code", wrong_code())
    context = {
        "application": application,
        "form": form,
        "mobile": phones.masked(line.representative_mobile),
        "sent": application.consent_codes.exists(),
        "promised": rules.promised(application),
    }
    return render(request, "applications/consent.html", context)


@public
@require_POST
@limited("5/m", "20/h")
@for_applicant(*QUEUE)
def send_consent(request: HttpRequest, application: Application) -> HttpResponse:
    say_sent(request, operations.send_consent_code, application)
    return redirect("applications:apply_consent")


@public
@limited("20/m")
@for_applicant(State.APPROVED)
@sensitive_post_parameters()
def credentials(request: HttpRequest, application: Application) -> HttpResponse:
    """設定用戶名稱和密碼, in the same flow."""
    login = operations.applicants_login(application)
    if login is None:
        return redirect("applications:apply_progress")
    form = CredentialsForm(request.POST or None, login=login)
    if form.is_valid():
        try:
            with slot():
                login = operations.activate_applicant(
                    application=application,
                    username=form.cleaned_data["username"],
                    password=form.cleaned_data["password"],
                )
        except UsernameTaken:
            form.add_error("username", _("Somebody else in the entity has this username. Choose another."))
        else:
            let_go(request)
            shown = {"euid": login.euid, "username": login.username, "entity_number": login.entity.number}
            request.session[ACTIVATED] = shown
            return redirect("applications:apply_done")
    return render(request, "applications/credentials.html", {"form": form, "application": application})


@public
def done(request: HttpRequest) -> HttpResponse:
    """Activated, with EUID and entity number (S7.1), and the way in."""
    if ACTIVATED not in request.session:
        return redirect("applications:apply")
    return render(request, "applications/done.html", request.session[ACTIVATED])


# --- taking back ---


@public
@limited("20/m")
@for_applicant(State.DRAFT)
def discard(request: HttpRequest, application: Application) -> HttpResponse:
    """Delete a draft, with what goes shown first."""
    if request.method == "POST":
        operations.discard(application=application)
        let_go(request)
        messages.success(request, _("What you had entered has been deleted."))
        return redirect("applications:apply")
    context = {"application": application, "documents": application.documents.count()}
    return render(request, "applications/discard.html", context)


@public
@limited("20/m")
@for_applicant(*QUEUE, State.ASKED)
def withdraw(request: HttpRequest, application: Application) -> HttpResponse:
    """Take an application back, with what follows shown first."""
    if request.method == "POST":
        operations.withdraw(application=application)
        messages.success(request, _("The application is withdrawn."))
        return redirect("applications:apply_progress")
    return render(request, "applications/withdraw.html", {"application": application})
