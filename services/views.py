"""政府服務列表, its services and groups, and who is in them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from services import forms, operations, queries
from services.access import assigner_only
from services.models import Opening, OpeningStatus, ServiceGroup
from staff.access import SignedIn
from staff.models import Status

PER_PAGE = 25


def find_group(request: SignedIn, service: str, group: str) -> tuple[Opening, ServiceGroup]:
    """A group of an e-service that is opened to this entity and that this person may assign to; else 404."""
    opening = get_object_or_404(queries.openings_for(request.user), service__code=service)
    found = get_object_or_404(opening.service.groups.filter(withdrawn_at=None), code=group)
    found.service = opening.service
    return opening, found


@assigner_only
@require_safe
def list_services(request: SignedIn) -> HttpResponse:
    """政府服務列表 (S14.1)"""
    departments = queries.by_department(queries.openings_for(request.user))
    return render(request, "services/list.html", {"departments": departments})


@assigner_only
@require_safe
def service(request: SignedIn, service: str) -> HttpResponse:
    """An e-service and its groups (S14.2)"""
    opening = get_object_or_404(queries.openings_for(request.user), service__code=service)
    context = {
        "service": opening.service,
        "opening": opening,
        "groups": queries.groups_with_people(request.user.entity, opening.service),
    }
    return render(request, "services/service.html", context)


@assigner_only
@require_safe
def group(request: SignedIn, service: str, group: str) -> HttpResponse:
    """A service group: 總人數 and its members (S14.4)"""
    opening, found = find_group(request, service, group)
    rows = queries.members(request.user.entity, found)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    groups = queries.groups_with_people(request.user.entity, opening.service)
    context = {
        "service": opening.service,
        "opening": opening,
        "group": found,
        "members": page,
        "total": page.paginator.count,
        "can_edit": opening.status == OpeningStatus.OPEN and not opening.service.withdrawn_at,
        "other_groups": [other for other in groups if other["group"] != found],
    }
    return render(request, "services/group.html", context)


@assigner_only
def edit_group(request: SignedIn, service: str, group: str) -> HttpResponse:
    """新增: tick who belongs to the group (S14.5, S14.6); 確定 applies this person's own additions and removals."""
    opening, found = find_group(request, service, group)
    search = forms.SearchForm(request.GET)
    q = search.cleaned_data["q"] if search.is_valid() else ""
    everyone = queries.candidates(request.user.entity)
    shown = (
        everyone.filter(Q(username__icontains=q) | Q(name_zh__icontains=q) | Q(name_foreign__icontains=q))
        if q
        else everyone
    )
    present = set(queries.members(request.user.entity, found).values_list("login__euid", flat=True))
    people = [
        {
            "login": login,
            "was": login.euid in present,
            "checked": login.euid in present,
            "pending": login.status == Status.PENDING,
        }
        for login in shown
    ]
    form = forms.MembersForm(request.POST if request.method == "POST" else None, people)
    if form.is_valid():
        try:
            change = operations.change_members(group=found, by=request.user, add=form.added, remove=form.removed)
        except operations.NotOpen:
            form.add_error(
                None, _("The department has suspended or withdrawn this e-service: nothing can be changed now.")
            )
        else:
            messages.success(request, change_in_words(found, change))
            return redirect("services:group", opening.service.code, found.code)
    context = {
        "service": opening.service,
        "group": found,
        "form": form,
        "search": search,
        "q": q,
        "present": queries.members(request.user.entity, found),
    }
    return render(request, "services/edit_group.html", context)


def change_in_words(group: ServiceGroup, change: operations.Change) -> str:
    """What saving did, for the status line."""
    sentence = _("Group %(group)s updated: %(added)s added, %(removed)s removed.")
    return sentence % {"group": group.name, "added": change.added, "removed": change.removed}
