"""變更實體帳戶管理員 (section 十二): an administrator asks for another one, step by step."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.applications import operations, proof, rules, shown
from accounts.applications.answers import missing
from accounts.applications.asking import ChosenForm, ConsentForm, document_form
from accounts.applications.forms import AdministratorForm, AgreementForm, RepresentativeForm
from accounts.applications.models import DOCUMENTS_AT_MOST, Application, Kind, State
from accounts.applications.views.requests import add_document, find
from accounts.applications.views.submit import say_sent
from accounts.models import Entity
from activation import terms
from entity_portal import phones
from staff import sessions
from staff.access import SignedIn, administrator_only, ask_for_proof, recently_proven
from staff.forms import SearchForm
from staff.models import StaffLogin, Status
from staff.operations import PersonExists, StatusNotAllowed
from staff.queries import by_name, named
from staff.views.people import add_person_exists

PER_PAGE = 25
Step = Callable[..., HttpResponseBase]


def _render(
    request: SignedIn, template: str, step: str, application: Application | None = None, **context: Any
) -> HttpResponse:
    """A step's page: its heading and, unless more was asked, where in the five steps one is."""
    labels = {
        "person": _("New administrator"),
        "representative": _("Legal representative"),
        "documents": _("Documents"),
        "agreement": _("Agreement"),
        "review": _("Check and submit"),
    }
    names = list(labels)
    told = {
        "heading": labels[step],
        "application": application,
        "asked": application is not None and application.state == State.ASKED,
        "step": step,
        "number": names.index(step) + 1,
        "of": len(names),
        "steps": [
            {
                "name": name,
                "label": labels[name],
                "done": name in names[: names.index(step)],
                "address": _page_of(name, application) if application else "",
            }
            for name in names
        ],
    }
    return render(request, f"applications/administrators/{template}.html", told | context)


def step(view: Step) -> Step:
    """A page about one application of section 十二 of one's own entity that may still be filled in.

    Of one that was submitted meanwhile, by a second press or after going back, its own page is shown.
    """

    @administrator_only
    @recently_proven(long=True)
    @wraps(view)
    def guarded(request: SignedIn, number: str, **kwargs: Any) -> HttpResponseBase:
        application = get_object_or_404(find(request.user), number=number, kind=Kind.ADMINISTRATORS)
        if not application.takes_documents:
            return redirect("applications:request", number)
        try:
            return view(request, application, **kwargs)
        except operations.NotPossible:  # submitted in this moment
            return redirect("applications:request", number)

    return guarded


@administrator_only
@recently_proven()
@require_safe
def start(request: SignedIn) -> HttpResponse:
    """What it is, who has the power now, and how to go on; or why not online, and where then (S12.1, S12.2, Q31)."""
    entity = request.user.entity
    drafts = find(request.user).filter(kind=Kind.ADMINISTRATORS, state=State.DRAFT)
    context = {
        "administrators": administrators(entity),
        "may": rules.may_change_online(entity),
        "kind_may": entity.kind in rules.MAY_CHANGE_ONLINE,
        "draft": drafts.first(),
        "days": rules.WORKING_DAYS[Kind.ADMINISTRATORS],
    }
    return render(request, "applications/administrators/start.html", context)


def administrators(entity: Entity) -> QuerySet[StaffLogin]:
    """Who has the power of an administrator, by name."""
    present = entity.logins.filter(is_administrator=True).exclude(status=Status.DEPARTED)
    return present.order_by(*by_name())


@administrator_only
@recently_proven(long=True)
def choose(request: SignedIn) -> HttpResponse:
    """Step 1, a staff login that is there: a list to search."""
    entity = request.user.entity
    if not rules.may_change_online(entity):
        return redirect("applications:administrators")
    search = SearchForm(request.GET)
    q = search.cleaned_data["q"] if search.is_valid() else ""
    form = ChosenForm(request.POST or None)
    if form.is_valid():
        login = get_object_or_404(candidates(entity), euid=form.cleaned_data["login"])
        if application := _named(form, operations.begin_administrator, by=request.user, login=login):
            return _next(application, "representative")
    page = Paginator(candidates(entity, q), PER_PAGE).get_page(request.GET.get("page"))
    return _render(request, "choose", "person", form=form, search=search, q=q, page=page)


def candidates(entity: Entity, q: str = "") -> QuerySet[StaffLogin]:
    """Who may be given the power: present, and no administrator yet; of those `q` finds."""
    people = entity.logins.filter(is_administrator=False).exclude(status=Status.DEPARTED)
    return named(people, entity, q).order_by(*by_name())


@administrator_only
@recently_proven(long=True)
def new_person(request: SignedIn) -> HttpResponse:
    """Step 1, somebody new."""
    if not rules.may_change_online(request.user.entity):
        return redirect("applications:administrators")
    form = AdministratorForm(request.POST or None)
    if form.is_valid():
        person = form.cleaned_data
        if application := _named(form, operations.begin_administrator, by=request.user, person=person):
            return _next(application, "representative")
    return _render(request, "new_administrator", "person", form=form)


def _named(form: Any, act: Callable[..., Application], **arguments: Any) -> Application | None:
    """What comes of naming a person; None where it cannot be, and then the form says why."""
    try:
        return act(**arguments)
    except PersonExists:
        add_person_exists(form)
    except operations.NotPossible:
        form.add_error(None, _("Your entity cannot do this online."))
    except StatusNotAllowed:
        form.add_error(None, _("This person has left, or is an administrator already."))
    except operations.AskedAlready as refusal:
        sentence = _(
            "An application for this person is open already: %(number)s. It is listed under “Application progress”."
        )
        form.add_error(None, sentence % {"number": refusal.args[0].number})
    return None


@step
def person(request: SignedIn, application: Application) -> HttpResponse:
    """The data of somebody new once more: gone back to, or because more was asked."""
    if not application.answers.get("person"):
        return redirect("applications:administrators_choose")
    form = AdministratorForm(request.POST or None, initial=application.answers["person"])
    named = {"application": application, "person": form.cleaned_data} if form.is_valid() else {}
    if named and _named(form, operations.choose_person, **named):
        return _next(application, "representative")
    return _render(request, "new_administrator", "person", application, form=form)


@step
def representative(request: SignedIn, application: Application) -> HttpResponse:
    """Step 2: who the legal representative is."""
    kept = application.answers.get("representative", {})
    form = RepresentativeForm(request.POST or None, initial=kept, mobile=False)
    if form.is_valid():
        operations.keep(application=application, parts={"representative": form.cleaned_data})
        return _next(application, "documents")
    return _render(request, "representative", "representative", application, form=form)


@step
def documents(request: SignedIn, application: Application) -> HttpResponse:
    """Step 3: documents, which may be left out."""
    form = document_form(application, request.POST or None, request.FILES or None)
    if form.is_valid() and add_document(application, form):
        messages.success(request, _("The document has been added."))
        return redirect("applications:administrators_documents", application.number)
    kept = list(application.documents.all())
    return _render(request, "documents", "documents", application, form=form, documents=kept, most=DOCUMENTS_AT_MOST)


@step
def agreement(request: SignedIn, application: Application) -> HttpResponse:
    """Step 4: the terms, and that the legal representative consents."""
    wording = terms.current(get_language() or "zh-hant")
    form = AgreementForm(request.POST or None)
    if form.is_valid():
        accepted = {"terms": str(wording), "accepted_at": timezone.now()}
        operations.keep(application=application, parts={"agreement": accepted})
        return _next(application, "review")
    return _render(request, "agreement", "agreement", application, form=form, terms=wording.text)


@step
def review(request: SignedIn, application: Application) -> HttpResponse:
    """Step 5: everything once more, then it is submitted."""
    if application.state != State.DRAFT:
        return redirect("applications:request", application.number)
    if lacking := missing(application):
        messages.info(request, _("Please fill in this part first."))
        return redirect(_page_of(lacking[0], application))
    refused = ""
    if request.method == "POST":
        try:
            operations.submit(application=application, by=request.user)
        except operations.AskedAlready as refusal:
            refused = refusal.args[0].number
        else:
            return redirect("applications:administrators_proof", application.number)
    parts = shown.parts(application, full=True)
    for part in parts:
        part["url"] = _page_of(part["name"], application)
    documents = application.documents.all()
    return _render(request, "review", "review", application, parts=parts, documents=documents, refused=refused)


def _next(application: Application, page: str) -> HttpResponse:
    """On to the page of the next step; back to the application's own where more was asked."""
    if application.state == State.ASKED:
        return redirect("applications:request", application.number)
    return redirect(f"applications:administrators_{page}", application.number)


def _page_of(part: str, application: Application) -> str:
    """Where a part is filled in."""
    if part != "person":
        return reverse(f"applications:administrators_{part}", args=[application.number])
    if application.answers.get("person"):
        return reverse("applications:administrators_person", args=[application.number])
    return reverse("applications:administrators_choose")


@administrator_only
@require_POST
def discard(request: SignedIn, number: str) -> HttpResponse:
    """Give up what was begun."""
    application = get_object_or_404(find(request.user), number=number, kind=Kind.ADMINISTRATORS, state=State.DRAFT)
    try:
        operations.discard(application=application)
    except operations.NotPossible:
        return redirect("applications:request", number)
    messages.success(request, _("What you had begun has been discarded."))
    return redirect("applications:administrators")


# --- proof of identity and consent ---


def _submitted(request: SignedIn, number: str) -> Application:
    return get_object_or_404(find(request.user), number=number, kind=Kind.ADMINISTRATORS, submitted_at__isnull=False)


@administrator_only
@recently_proven()
@require_safe
def choose_proof(request: SignedIn, number: str) -> HttpResponse:
    """Who makes sure of the legal representative's identity and consent (S12.3, S12.4, Q30)."""
    application = _submitted(request, number)
    offered = proof.offered(application)
    if application.state != State.SUBMITTED or not any(each.at_once for each in offered):
        return redirect("applications:request", number)
    ways = [{"provider": each, "address": each.address(application)} for each in offered]
    return render(request, "applications/administrators/proof.html", {"application": application, "ways": ways})


@administrator_only
@recently_proven()
def consent(request: SignedIn, number: str) -> HttpResponse:
    """The code of the legal representative: with it the application is decided at once (S12.4)."""
    application = _submitted(request, number)
    line = rules.register_line(application)
    if line is None or rules.obstacles(application):
        return redirect("applications:request", number)
    form = ConsentForm(request.POST or None)
    if form.is_valid():
        try:
            done = operations.consent(application=application, code=form.cleaned_data["code"])
        except operations.NotPossible:
            messages.warning(
                request, _("It could not be decided at once. An officer decides, and you are told by SMS.")
            )
            return redirect("applications:request", number)
        if done:
            messages.success(request, _("The application is approved and has taken effect."))
            return redirect("applications:request", number)
        form.add_error("code", _("This code is wrong, or no longer valid. Check the SMS, or send another code."))
    sent = application.consent_codes.order_by("-created_at").first()
    context = {
        "application": application,
        "form": form,
        "sent": sent if sent and sent.is_open else None,
        "mobile": phones.masked(line.representative_mobile),
    }
    return render(request, "applications/administrators/consent.html", context)


@administrator_only
@require_POST
def send_consent(request: SignedIn, number: str) -> HttpResponse:
    """Send the legal representative a code, to the phone on the register."""
    application = _submitted(request, number)
    back = redirect("applications:administrators_consent", number)
    if not sessions.proven(request):
        return ask_for_proof(request, to=back.url)
    try:
        say_sent(request, operations.send_consent_code, application)
    except operations.NotPossible:
        return redirect("applications:request", number)
    return back
