"""The queue, and one application to work on: read, take on, ask, refuse, approve."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.applications import operations, queries, rules
from accounts.applications.desk import history, sheet, words
from accounts.applications.desk.forms import ApprovalForm, QueueForm, ReasonForm
from accounts.applications.desk.pages import (
    READERS,
    WORKERS,
    attempt,
    draw,
    find,
    for_roles,
    note_document,
    note_reading,
    to_page,
)
from accounts.applications.models import NEXT_STATES, QUEUE, Application, Kind, State
from accounts.applications.views.documents import document_response
from entity_portal.admin import CheapPaginator, has_role
from entity_portal.context import language_named
from entity_portal.roles import Role
from staff.access import SignedIn
from staff.models import Status

PER_PAGE = 50
TITLES = {
    "ask": gettext_lazy("Ask for more information"),
    "refuse": gettext_lazy("Refuse the application"),
    "approve": gettext_lazy("Approve the application"),
}


# --- the queue ---


@for_roles(*READERS)
@require_safe
def queue(request: SignedIn) -> HttpResponse:
    """What waits, oldest first; and whatever else is searched for."""
    filters = QueueForm.understood(request.GET)
    asked = filters.cleaned_data
    page = CheapPaginator(queries.find(request.user, **asked), PER_PAGE).get_page(request.GET.get("page"))
    total = page.paginator.count
    return draw(
        request,
        "queue",
        _("Applications"),
        filters=filters,
        page=page,
        lines=[queries.line(each) for each in page],
        found=ngettext("%(n)d application", "%(n)d applications", total) % {"n": total},
        narrowed=any(asked[name] for name in ("q", "kind", "channel", "who")) or asked["state"] not in ("", "waiting"),
        waiting=queries.waiting(request.user),
        may_work=has_role(request.user, *WORKERS),
        may_enter=has_role(request.user, Role.REGISTRAR),
    )


@for_roles(*WORKERS)
@require_POST
def take(request: SignedIn) -> HttpResponse:
    """The oldest that nobody has."""
    held = operations.take_oldest(by=request.user)
    if held is None:
        messages.info(request, _("Nothing waits that nobody works on."))
        return redirect("admin:applications_application_changelist")
    messages.success(request, _("You work on application %(number)s now.") % {"number": held.number})
    return to_page(held)


# --- one application ---


@for_roles(*READERS)
@require_safe
def change(request: SignedIn, number: str) -> HttpResponse:
    """One application; numbers in full where that has just been asked for (Q28)."""
    application = find(number)
    full = request.session.pop("shown_in_full", None) == number
    note_reading(request, application, what="application, numbers in full" if full else "application")
    return draw(request, "work", number, **_work(request, application, full=full))


def _work(request: SignedIn, application: Application, *, full: bool) -> dict[str, Any]:
    other = operations.is_claimed_by_another(application, request.user)
    mine = application.claimed_by_id == request.user.pk
    claimed = application.claimed_at if other or mine else None
    promised = rules.promised(application) if application.is_open else None
    return {
        "application": application,
        "full": full,
        "promised": promised,
        "late": application.state in QUEUE and promised is not None and promised < timezone.localdate(),
        "comparisons": sheet.comparisons(application, full=full),
        "people": sheet.people(application, full=full),
        "agreement": sheet.agreement(application),
        "mobile": sheet.shown("mobile", application.mobile, full=full),
        "language": language_named(application.language),
        "obstacles": words.obstacles(application, rules.obstacles(application)) if application.is_open else (),
        "administrators": _administrators(application),
        "others": queries.others(application),
        "documents": application.documents.all(),
        "history": history.lines(application),
        "claimed_until": claimed + operations.CLAIM_LASTS if claimed else None,
        "claimed_by_another": other,
        "mine": mine,
        "may_work": has_role(request.user, *WORKERS) and application.is_open,
        "may_reveal": has_role(request.user, *WORKERS) and not full,
        "acts": [(act, TITLES[act]) for act in _acts(request, application)],
        "why_not": words.why_not(application, request.user) if has_role(request.user, Role.APPROVER) else "",
    }


def _administrators(application: Application) -> Any:
    """Who has the power in the entity now."""
    if application.entity is None:
        return ()
    return application.entity.logins.filter(is_administrator=True).exclude(status=Status.DEPARTED).order_by("pk")


def _acts(request: SignedIn, application: Application) -> list[str]:
    """What this officer can do with it now."""
    next_states = NEXT_STATES[application.state]
    may_decide = has_role(request.user, Role.APPROVER) and not rules.concerns(application, request.user)
    if not has_role(request.user, *WORKERS) or operations.is_claimed_by_another(application, request.user):
        return []
    leads = {"approve": State.APPROVED, "ask": State.ASKED, "refuse": State.REFUSED}
    return [act for act, state in leads.items() if state in next_states and (act == "ask" or may_decide)]


@for_roles(*WORKERS)
@require_POST
def claim(request: SignedIn, number: str) -> HttpResponse:
    application = find(number)
    attempt(
        request,
        lambda: operations.claim(application=application, by=request.user),
        _("You work on this application now."),
    )
    return to_page(application)


@for_roles(*WORKERS)
@require_POST
def release(request: SignedIn, number: str) -> HttpResponse:
    application = find(number)
    attempt(
        request,
        lambda: operations.release(application=application, by=request.user),
        _("The application is handed back: others can take it on."),
    )
    return to_page(application)


@for_roles(*WORKERS)
@require_POST
def reveal(request: SignedIn, number: str) -> HttpResponse:
    """Show the next page of it with numbers in full, once."""
    application = find(number)
    request.session["shown_in_full"] = number
    return to_page(application)


@for_roles(*READERS)
@require_safe
def document(request: SignedIn, number: str, pk: int) -> HttpResponse:
    """One document of this application and no other; each opening is remembered."""
    application = find(number)
    found = get_object_or_404(application.documents, pk=pk)
    note_document(request, application, found)
    return document_response(found)


# --- asking and deciding ---


@for_roles(*WORKERS)
def ask(request: SignedIn, number: str) -> HttpResponse:
    done = _("The applicant is asked; the promised time rests until they answer.")
    return _decide(request, number, "ask", operations.ask, done)


@for_roles(Role.APPROVER)
def refuse(request: SignedIn, number: str) -> HttpResponse:
    return _decide(request, number, "refuse", operations.refuse, _("Not approved; the applicant is told."))


@for_roles(Role.APPROVER)
def approve(request: SignedIn, number: str) -> HttpResponse:
    return _decide(request, number, "approve", operations.approve, _("Approved: what was applied for is done."))


def _decide(request: SignedIn, number: str, act: str, operation: Callable[..., Any], done: str) -> HttpResponse:
    """The page of an act: first what follows, then the words for it; a refusal leaves what was typed."""
    application = find(number)
    posted = request.POST if request.method == "POST" else None
    if act == "approve":
        form: ApprovalForm | ReasonForm = ApprovalForm(posted, initial={"seen": operations.last_move(application)})
    else:
        form = ReasonForm(posted, language=application.language)
    if form.is_valid():
        try:
            operation(application=application, by=request.user, **form.cleaned_data)
        except words.REFUSALS as error:
            form.add_error(None, words.refused(error))
        else:
            messages.success(request, done)
            return to_page(application)
    elif posted is None and act not in _acts(request, application):
        messages.error(request, words.why_not(application, request.user) or _("This is not possible now."))
        return to_page(application)
    note_reading(request, application, what=act)
    return draw(
        request,
        act,
        TITLES[act],
        application=application,
        form=form,
        language=language_named(application.language),
        effects=sheet.effects(application, full=False) if act == "approve" else (),
        proven=bool(application.proof) or application.kind == Kind.CORRECTION,
    )
