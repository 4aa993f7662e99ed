"""申請進度查詢 of an entity: its applications, one of them with its timeline, and what one can still do about it."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.applications import operations, proof, shown
from accounts.applications.asking import FilterForm, document_form
from accounts.applications.forms import AnswerForm, DocumentForm
from accounts.applications.models import DOCUMENTS_AT_MOST, Application, Kind, State
from accounts.applications.timeline import timeline
from accounts.applications.views.documents import document_response
from entity_portal import lists
from entity_portal.access import signed_in
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.sheets import download, lines
from entity_portal.text import moment, number
from staff.access import SignedIn, administrator_only, recently_proven
from staff.models import StaffLogin

PER_PAGE = 20
# How a column orders.
SORTS = {"number": ("number",), "kind": ("kind",), "submitted": ("submitted_at",), "state": ("state",)}
DEFAULT_SORT = "-submitted"


def find(reader: StaffLogin) -> QuerySet[Application]:
    """The applications that somebody may read: an administrator those of the entity, others corrections of their own.

    What is still being filled in is read by whoever does so, and what was given up before it was submitted by nobody.
    """
    found = Application.objects.filter(entity=reader.entity).select_related("entity", "login__entity")
    if not reader.is_administrator:
        found = found.filter(kind=Kind.CORRECTION, login=reader)
    return found.filter(Q(submitted_at__isnull=False) | Q(state=State.DRAFT, entered_by=reader))


@administrator_only
@require_safe
def list_requests(request: SignedIn) -> HttpResponse:
    """Everything the entity has applied for, the newest first."""
    filters = FilterForm.understood(request.GET)
    sort = lists.understood(request.GET.get("sort", ""), SORTS, DEFAULT_SORT)
    page = Paginator(_sorted(request, filters), PER_PAGE).get_page(request.GET.get("page"))
    n = page.paginator.count
    labels = {
        "number": _("Application no."),
        "kind": _("Kind of application"),
        "about": _("About"),
        "submitted": _("Submitted"),
        "state": _("Status"),
        "actions": _("Actions"),
    }
    context = {
        "page": page,
        "found": ngettext("%(n)s application found", "%(n)s applications found", n) % {"n": number(n)},
        "columns": lists.columns(request, labels, sorts=SORTS, sort=sort, default=DEFAULT_SORT),
        "rows": [{"application": each, "about": shown.about(each)} for each in page],
        "filters": filters,
        "filtered": any(filters.cleaned_data.values()),
    }
    return lists.draw(request, "applications/requests/list.html", context)


def _sorted(request: SignedIn, filters: FilterForm) -> QuerySet[Application]:
    """The applications that fit, in the order that is asked for."""
    wanted = {name: value for name, value in filters.cleaned_data.items() if value}
    sort = lists.understood(request.GET.get("sort", ""), SORTS, DEFAULT_SORT)
    order = [*SORTS[sort.removeprefix("-")], "pk"]
    found = find(request.user).filter(submitted_at__isnull=False, **wanted)
    return found.order_by(*lists.directed(order, sort))


@administrator_only
@require_safe
@recently_proven(back="applications:requests")
def export(request: SignedIn) -> StreamingHttpResponse:
    """The list as it is filtered, as CSV."""
    house, found = request.user.entity, _sorted(request, FilterForm.understood(request.GET))
    record(Action.LIST_DOWNLOADED, entity=house.number, actor=request.user, what="applications", rows=found.count())
    columns = [_("Application no."), _("Kind of application"), _("About"), _("Submitted"), _("Status")]
    cells = (
        [each.number, each.get_kind_display(), shown.about(each), moment(each.submitted_at), each.get_state_display()]
        for each in found.iterator(chunk_size=2000)
        if each.submitted_at
    )
    return download(f"applications-{house.number}", lines(columns, cells))


@signed_in
@require_safe
def request_page(request: SignedIn, number: str) -> HttpResponse:
    """One application: where it stands, what was asked for, and what can be done."""
    application = get_object_or_404(find(request.user), number=number)
    if application.state == State.DRAFT:
        return redirect(_form_of(application))
    return _page(request, application)


def _page(request: SignedIn, application: Application, **forms: Any) -> HttpResponse:
    """The page of an application, with a form that was filled in wrongly in the place of an empty one."""
    asked = application.state == State.ASKED
    if asked:
        forms.setdefault("answer", AnswerForm(told=_told_since_asked(application)))
        forms.setdefault("document", document_form(application))
    context = {
        **timeline(application),
        "about": shown.about(application),
        "parts": shown.parts(application),
        "changes": shown.changes(application),
        "documents": application.documents.all(),
        "most": DOCUMENTS_AT_MOST,
        "asked": asked,
        "asked_at": _asked_at(application),
        "edits": _edits(application) if asked else [],
        "at_once": _may_prove(request.user, application),
        "proof": proof.label(application.proof) if application.proof else "",
        **forms,
    }
    return render(request, "applications/requests/one.html", context)


def _form_of(application: Application) -> str:
    """Where a draft is gone on with."""
    page = "correction_review" if application.kind == Kind.CORRECTION else "administrators_review"
    return reverse(f"applications:{page}", args=[application.number])


def _may_prove(reader: StaffLogin, application: Application) -> bool:
    """Whether the legal representative's proof could decide it at once, by an administrator."""
    if not reader.is_administrator or application.kind != Kind.ADMINISTRATORS or application.state != State.SUBMITTED:
        return False
    return any(each.at_once for each in proof.offered(application))


def _edits(application: Application) -> list[dict[str, str]]:
    """The parts that can be filled in anew once more was asked."""
    number = [application.number]
    if application.kind == Kind.CORRECTION:
        return [{"label": _("Data to be corrected"), "url": reverse("applications:correction_changes", args=number)}]
    edits = []
    if application.login is None:
        edits.append(
            {"label": _("New administrator"), "url": reverse("applications:administrators_person", args=number)}
        )
    url = reverse("applications:administrators_representative", args=number)
    return [*edits, {"label": _("Legal representative"), "url": url}]


def _asked_at(application: Application) -> Any:
    """When more was asked last; None where nothing is asked now."""
    if application.state != State.ASKED:
        return None
    return application.moves.order_by("-id").values_list("at", flat=True).first()


def _told_since_asked(application: Application) -> bool:
    at = _asked_at(application)
    return bool(at) and (application.changed_at > at or application.documents.filter(added_at__gt=at).exists())


# --- what can be done ---


@signed_in
@require_POST
def answer(request: SignedIn, number: str) -> HttpResponse:
    """Answer what was asked: in words, or by what was added or changed."""
    application = get_object_or_404(find(request.user), number=number)
    form = AnswerForm(request.POST, told=_told_since_asked(application))
    if not form.is_valid() and application.state == State.ASKED:
        return _page(request, application, answer=form)
    try:
        operations.answer(application=application, by=request.user, text=form.cleaned_data.get("text", ""))
    except operations.NotPossible:
        messages.info(request, _("This application waits for no answer."))
    else:
        messages.success(request, _("Your answer has been sent. An officer goes on with the application."))
    return redirect("applications:request", number)


@signed_in
@require_POST
def new_document(request: SignedIn, number: str) -> HttpResponse:
    """Add a document to what was asked for more."""
    application = get_object_or_404(find(request.user), number=number)
    if not application.takes_documents:
        return redirect("applications:request", number)
    form = document_form(application, request.POST, request.FILES)
    if form.is_valid() and add_document(application, form):
        messages.success(request, _("The document has been added."))
        return redirect("applications:request", number)
    return _page(request, application, document=form)


def add_document(application: Application, form: DocumentForm) -> bool:
    """Keep the file of a valid form; False where it cannot be, and then the form says why."""
    kind, file = form.cleaned_data["kind"], form.cleaned_data["file"]
    try:
        operations.add_document(application=application, kind=kind, **asdict(file))
    except operations.TooManyDocuments:
        form.add_error("file", _("Ten documents are enough. Remove one first."))
    except operations.NotPossible:
        form.add_error(None, _("No documents can be added any more."))
    else:
        return True
    return False


@signed_in
@require_safe
def document(request: SignedIn, number: str, pk: int) -> HttpResponse:
    """A document, as a download; that it was read is remembered."""
    application = get_object_or_404(find(request.user), number=number)
    found = get_object_or_404(application.documents.select_related("content"), pk=pk)
    record(
        Action.DOCUMENT_READ,
        entity=request.user.entity.number,
        actor=request.user,
        target=application.number,
        what=found.name,
        document=found.pk,
    )
    return document_response(found)


@signed_in
@require_POST
def remove_document(request: SignedIn, number: str, pk: int) -> HttpResponse:
    """Take a document away again that was added while it may be."""
    application = get_object_or_404(find(request.user), number=number)
    found = get_object_or_404(application.documents, pk=pk)
    try:
        operations.remove_document(document=found)
    except operations.NotPossible:
        messages.info(request, _("This document can no longer be removed."))
    else:
        messages.success(request, _("The document has been removed."))
    if application.state == State.DRAFT and application.kind == Kind.ADMINISTRATORS:
        return redirect("applications:administrators_documents", number)
    return redirect("applications:request", number)


@signed_in
def withdraw(request: SignedIn, number: str) -> HttpResponse:
    """Take an application back: what that means is said before the button."""
    application = get_object_or_404(find(request.user), number=number)
    if not application.is_open:
        return redirect("applications:request", number)
    if request.method == "POST":
        try:
            operations.withdraw(application=application, by=request.user)
        except operations.NotPossible:
            messages.info(request, _("The application has been decided meanwhile."))
        else:
            messages.success(request, _("The application has been withdrawn."))
        return redirect("applications:request", number)
    return render(
        request, "applications/requests/withdraw.html", {"application": application, "about": shown.about(application)}
    )
