"""What the pages of the desk have in common: who may open them, which applications there are, how they are drawn."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.applications import queries
from accounts.applications.desk import words
from accounts.applications.models import Application, Document
from entity_portal.admin import has_role, site
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.roles import Role
from staff.access import SignedIn

READERS = (Role.REGISTRAR, Role.APPROVER, Role.AUDITOR)
WORKERS = (Role.REGISTRAR, Role.APPROVER)
View = Callable[..., HttpResponse]


def for_roles(*roles: Role) -> Callable[[View], View]:
    """For officers with one of these roles; for everybody else there is nothing here (Q1)."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not has_role(request.user, *roles):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return mark


def find(number: str) -> Application:
    """An application that was handed in; what is still being filled in is nobody's business."""
    rows = queries.submitted().select_related("entity", "login__entity", "entered_by", "claimed_by", "decided_by")
    found = rows.filter(number=number).first()
    if found is None:
        raise Http404
    return found


def draw(request: HttpRequest, name: str, title: Any, **more: Any) -> HttpResponse:
    context = {**site.each_context(request), "title": title, **more}
    return render(request, f"admin/applications/{name}.html", context)


def to_page(application: Application) -> HttpResponse:
    return redirect("admin:applications_application_change", application.number)


def note_reading(request: SignedIn, application: Application, *, what: str) -> None:
    """What an officer sees of a person is remembered."""
    entity = application.entity_number
    record(Action.OFFICER_READ, entity=entity, actor=request.user, target=application.number, what=what)


def note_document(request: SignedIn, application: Application, document: Document) -> None:
    """Each opening of a document is remembered."""
    entity = application.entity_number
    record(
        Action.DOCUMENT_READ,
        entity=entity,
        actor=request.user,
        target=application.number,
        what=document.name,
        document=document.pk,
    )


def attempt(request: SignedIn, act: Callable[[], Any], done: str) -> bool:
    """Do what one button is for; say in words what became of it."""
    try:
        act()
    except words.REFUSALS as error:
        messages.error(request, words.refused(error))
        return False
    messages.success(request, done)
    return True
