"""申請實體使用者帳戶, page by page; every page keeps what it has as soon as it is right (S2, S3.5, S3.6)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.applications import answers, forms, operations, rules
from accounts.applications.access import for_applicant, in_hand, take_in_hand
from accounts.applications.models import DOCUMENTS_AT_MOST, Application, DocumentKind, Kind, State
from accounts.applications.summary import name_of, subject_of
from activation import terms
from entity_portal.access import public
from entity_portal.humancheck.fields import browser_of
from entity_portal.ratelimit import limited

FILLED_IN = (State.DRAFT, State.ASKED)  # when the parts can be written
STEPS: tuple[tuple[str, str | Promise], ...] = (
    ("entity", gettext_lazy("Entity")),
    ("representative", gettext_lazy("Legal representative")),
    ("administrators", gettext_lazy("Administrators")),
    ("documents", gettext_lazy("Documents")),
    ("agreement", gettext_lazy("Agreement")),
    ("review", gettext_lazy("Check and submit")),
)
DOCUMENTS = (DocumentKind.REGISTRATION, DocumentKind.IDENTITY, DocumentKind.AGREEMENT, DocumentKind.OTHER)


def step(request: HttpRequest, name: str, application: Application | None, **context: Any) -> HttpResponse:
    """One page of the form, with all the steps above it."""
    kept = application.answers if application else {}
    steps = [
        {
            "name": each,
            "label": label,
            "address": reverse(f"applications:apply_{each}") if application else "",
            "done": each in kept or (each == "documents" and "agreement" in kept),
        }
        for each, label in STEPS
    ]
    number = [each for each, _label in STEPS].index(name) + 1
    context |= {"application": application, "step": name, "steps": steps, "number": number, "of": len(STEPS)}
    return render(request, f"applications/{context.pop('page', name)}.html", context)


def onward(application: Application, following: str) -> str:
    """Where it goes on from a page: to the next one; back, where all pages were filled in or an answer is prepared."""
    if application.state == State.ASKED:
        return "applications:apply_progress"
    parts_missing = set(answers.missing(application)) - {"mobile"}
    return f"applications:apply_{following}" if parts_missing else "applications:apply_review"


def keep(application: Application, parts: dict[str, Any], **fields: str) -> Application:
    return operations.keep(
        application=application, parts=parts, language=get_language() or application.language, **fields
    )


@public
def start(request: HttpRequest) -> HttpResponse:
    """What it is, who may, what it takes, how long: read before beginning."""
    days = rules.WORKING_DAYS[Kind.FIRST]
    return render(request, "applications/start.html", {"days": days, "application": in_hand(request)})


@public
@limited("20/m", "100/h")
def begin(request: HttpRequest) -> HttpResponse:
    """The first page, before there is anything to keep; a human check, as each one makes a draft."""
    if in_hand(request):
        return redirect("applications:apply_entity")
    form = forms.BeginForm(request.POST or None, browser=browser_of(request))
    if form.is_valid():
        data = dict(form.cleaned_data)
        data.pop("human", None)
        mobile, email = data.pop("mobile"), data.pop("email")
        application = operations.begin(kind=Kind.FIRST, language=get_language() or "zh-hant")
        application = keep_entity(application, data, mobile=mobile, email=email)
        take_in_hand(request, application)
        return redirect("applications:apply_representative")
    return step(request, "entity", None, form=form)


def keep_entity(application: Application, entity: dict[str, str], **fields: str) -> Application:
    subject, number = subject_of(entity), entity["registration_number"]
    return keep(application, {"entity": entity}, subject=subject, registration_number=number, **fields)


@public
@limited("60/m")
@for_applicant(*FILLED_IN)
def entity(request: HttpRequest, application: Application) -> HttpResponse:
    """The first page again; the applicant's number is asked there until the page about them has it."""
    kept = application.answers["entity"]
    if "administrators" in application.answers:
        form = forms.EntityForm(request.POST or None, initial=kept)
    else:
        reached = {"mobile": application.mobile, "email": application.email}
        form = forms.FirstPageForm(request.POST or None, initial=kept | reached)
    if form.is_valid():
        data = dict(form.cleaned_data)
        fields = {name: data.pop(name) for name in ("mobile", "email") if name in data}
        application = keep_entity(application, data, **fields)
        return redirect(onward(application, "representative"))
    return step(request, "entity", application, form=form)


@public
@limited("60/m")
@for_applicant(*FILLED_IN)
def representative(request: HttpRequest, application: Application) -> HttpResponse:
    kept = application.answers.get("representative")
    form = forms.RepresentativePageForm(request.POST or None, initial=answers.read(kept) if kept else None)
    if form.is_valid():
        data = dict(form.cleaned_data)
        is_applicant = data.pop("is_applicant")
        application = keep(application, {"representative": data})
        if is_applicant and "administrators" not in application.answers:
            return redirect(f"{reverse('applications:apply_administrator', args=[1])}?representative")
        return redirect(onward(application, "administrators"))
    return step(request, "representative", application, form=form)


@public
@for_applicant(*FILLED_IN)
def administrators(request: HttpRequest, application: Application) -> HttpResponse:
    """Who is named, with the way to name another; the applicant comes first."""
    people = answers.people(application)
    if not people:
        return redirect("applications:apply_administrator", 1)
    more = len(people) < answers.ADMINISTRATORS_AT_MOST
    following = onward(application, "documents")
    context = {"people": [name_of(each) for each in people], "following": following, "more": more}
    return step(request, "administrators", application, **context)


@public
@limited("60/m")
@for_applicant(*FILLED_IN)
def administrator(request: HttpRequest, application: Application, place: int) -> HttpResponse:
    """One of them, by the place in the list; a new one at its end."""
    people = answers.people(application)
    if not 1 <= place <= min(len(people) + 1, answers.ADMINISTRATORS_AT_MOST):
        raise Http404
    is_applicant = place == 1
    initial = people[place - 1] if place <= len(people) else {}
    if is_applicant and not initial:
        initial = {"mobile": application.mobile, "email": application.email}
    if is_applicant and "representative" in request.GET:
        initial |= _as_representative(application)
    others = [each for at, each in enumerate(people, start=1) if at != place]
    form = forms.AdministratorForm(request.POST or None, initial=initial, others=others)
    if form.is_valid():
        people[place - 1 : place] = [form.cleaned_data]
        keep(application, {"administrators": people}, **_reached(application, people[0]))
        return redirect("applications:apply_administrators")
    context = {"form": form, "place": place, "is_applicant": is_applicant, "page": "administrator"}
    return step(request, "administrators", application, **context)


def _reached(application: Application, applicant: dict[str, Any]) -> dict[str, str]:
    """Where the applicant is told of the application: what they give, but no other number once it was submitted."""
    number = applicant["mobile"] if application.state == State.DRAFT else application.mobile
    return {"mobile": number, "email": applicant["email"]}


def _as_representative(application: Application) -> dict[str, Any]:
    """What is known of the legal representative, for the page about the applicant; the number stays the applicant's."""
    known = answers.read(application.answers.get("representative", {}))
    known.pop("mobile", None)
    return known


@public
@require_POST
@limited("60/m")
@for_applicant(*FILLED_IN)
def remove_administrator(request: HttpRequest, application: Application, place: int) -> HttpResponse:
    """The second or the third; the first is the applicant."""
    people = answers.people(application)
    if not 2 <= place <= len(people):
        raise Http404
    gone = people.pop(place - 1)
    keep(application, {"administrators": people})
    messages.success(request, _("%(name)s is no longer named.") % {"name": name_of(gone)})
    return redirect("applications:apply_administrators")


@public
@limited("20/m", "60/h")
@for_applicant(*FILLED_IN)
def documents(request: HttpRequest, application: Application) -> HttpResponse:
    """One after another; what is wrong with a file stands beside it, and nothing of it is kept.

    Next takes along a file that was chosen: nobody loses one for not having pressed the other button first.
    """
    going_on, following = "go" in request.POST, onward(application, "agreement")
    if going_on and not request.FILES:
        return redirect(following)
    form = forms.DocumentForm(request.POST or None, request.FILES or None, kinds=DOCUMENTS)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            operations.add_document(
                application=application,
                kind=form.cleaned_data["kind"],
                name=file.name,
                media_type=file.media_type,
                content=file.content,
            )
        except operations.TooManyDocuments:
            form.add_error("file", _("Ten documents are enough; remove one first."))
        else:
            messages.success(request, _("%(name)s has been added.") % {"name": file.name})
            return redirect(following if going_on else "applications:apply_documents")
    kind = application.answers["entity"]["kind"]
    context = {
        "form": form,
        "documents": application.documents.all(),
        "full": application.documents.count() >= DOCUMENTS_AT_MOST,
        "unregistered": kind in forms.UNREGISTERED,
        "following": following,
    }
    return step(request, "documents", application, **context)


@public
@require_POST
@limited("60/m")
@for_applicant(*FILLED_IN)
def remove_document(request: HttpRequest, application: Application, pk: int) -> HttpResponse:
    document = get_object_or_404(application.documents, pk=pk)
    try:
        operations.remove_document(document=document)
    except operations.NotPossible:  # an officer has seen it
        messages.warning(request, _("What was submitted before stays."))
    else:
        messages.success(request, _("%(name)s has been removed.") % {"name": document.name})
    return redirect("applications:apply_documents")


@public
@limited("60/m")
@for_applicant(*FILLED_IN)
def agreement(request: HttpRequest, application: Application) -> HttpResponse:
    """What the applicant declares, and the six terms (S5.13) in the reader's language."""
    wording = terms.current(get_language() or "zh-hant")
    form = forms.AgreementForm(request.POST or None)
    if form.is_valid():
        accepted = {"terms": str(wording), "accepted_at": timezone.now()}
        application = keep(application, {"agreement": accepted})
        return redirect(onward(application, "review"))
    return step(request, "agreement", application, form=form, terms=wording.text)
