"""政府服務列表, its services and groups, and who is in them."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from entity_portal import lists
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.sheets import download, lines
from entity_portal.text import number
from services import forms, operations, queries
from services.access import assigner_only
from services.models import Assignment, Opening, OpeningStatus, ServiceGroup
from services.two_lists import TwoLists
from staff.access import SignedIn, administrator_only, recently_proven
from staff.forms import SearchForm
from staff.queries import named

PER_PAGE = 25
MEMBERS_BY = "name"


def find_groups(request: SignedIn, service: str) -> tuple[Opening, QuerySet[Any]]:
    """The groups of an e-service that is opened to this entity and that this person may assign to; else 404."""
    opening = get_object_or_404(queries.openings_for(request.user), service__code=service)
    return opening, queries.groups_shown(request.user.entity, opening.service)


def find_group(request: SignedIn, service: str, group: str) -> tuple[Opening, Any]:
    """One of `find_groups`, with its `people`; else 404."""
    opening, groups = find_groups(request, service)
    found = get_object_or_404(groups, code=group)
    found.service = opening.service
    return opening, found


@assigner_only
@require_safe
def list_services(request: SignedIn) -> HttpResponse:
    """政府服務列表 (S14.1)"""
    login = request.user
    context = {
        "departments": queries.by_department(queries.openings_for(login)),
        "narrowed": not login.is_administrator and login.service_administration.narrowed,
    }
    return render(request, "services/list.html", context)


@assigner_only
@require_safe
def service(request: SignedIn, service: str) -> HttpResponse:
    """An e-service and its groups (S14.2)"""
    opening, groups = find_groups(request, service)
    context = {
        "service": opening.service,
        "opening": opening,
        "groups": groups,
    }
    return render(request, "services/service.html", context)


@assigner_only
@require_safe
def group(request: SignedIn, service: str, group: str) -> HttpResponse:
    """A service group: 總人數 and its members (S14.4)"""
    opening, groups = find_groups(request, service)
    found = next((each for each in groups if each.code == group), None)
    if found is None:
        raise Http404
    search = SearchForm.understood(request.GET)
    sort = _member_sort(request)
    if search.cleaned_data["q"]:
        pages = lists.Pages(_members(request, found), PER_PAGE)
    else:
        pages = queries.MemberPages(request.user.entity, found, PER_PAGE, sort=sort)
    page, n = pages.get_page(request.GET.get("page")), pages.count
    labels = {"euid": "EUID", "username": _("Username"), "name": _("Name"), "actions": _("Actions")}
    context = {
        "service": opening.service,
        "opening": opening,
        "group": found,
        "page": page,
        "found": ngettext("%(n)s person found", "%(n)s people found", n) % {"n": number(n)},
        "columns": lists.columns(request, labels, sorts=queries.MEMBER_SORTS, sort=sort, default=MEMBERS_BY),
        "filters": search,
        "can_edit": opening.standing == OpeningStatus.OPEN and found.takes_people,
        "other_groups": [other for other in groups if other != found],
    }
    return lists.draw(request, "services/group.html", context)


def _member_sort(request: SignedIn) -> str:
    return lists.understood(request.GET.get("sort", ""), queries.MEMBER_SORTS, MEMBERS_BY)


def _members(request: SignedIn, group: ServiceGroup) -> QuerySet[Assignment]:
    """The members that are looked for, in the order that is asked for."""
    rows = queries.members(request.user.entity, group, sort=_member_sort(request))
    q = SearchForm.understood(request.GET).cleaned_data["q"]
    return named(rows, request.user.entity, q, of="login__")


@assigner_only
@require_safe
@recently_proven(back="services:group")
def export_group(request: SignedIn, service: str, group: str) -> StreamingHttpResponse:
    """The members of a group as they are looked for, as CSV."""
    _opening, found = find_group(request, service, group)
    house, rows = request.user.entity, _members(request, found)
    asked: dict[str, Any] = {"what": "members", "service": service, "group": group, "rows": rows.count()}
    record(Action.LIST_DOWNLOADED, entity=house.number, actor=request.user, **asked)
    columns = ["EUID", _("Username"), _("Name in Chinese"), _("Name in Portuguese / foreign language"), _("Status")]
    cells = (
        [login.euid, login.username or "", login.name_zh, login.name_foreign, login.get_status_display(), *days]
        for login, days in (
            (row.login, [day.isoformat() if day else "" for day in (row.valid_from, row.valid_until)])
            for row in rows.iterator(chunk_size=2000)
        )
    )
    return download(f"{service}-{group}-{house.number}", lines([*columns, _("First day"), _("Last day")], cells))


@assigner_only
def edit_group(request: SignedIn, service: str, group: str) -> HttpResponse:
    """新增: tick who belongs to the group (S14.5, S14.6); 確定 applies this person's own additions and removals."""
    opening, found = find_group(request, service, group)
    two = TwoLists(queries.Choice.for_group(request.user.entity, found), request)
    typed = {name: request.POST.get(name, "") for name in forms.DaysForm.base_fields}
    form = forms.DaysForm(request.POST if two.to_save else None, initial=typed)
    if form.is_valid():
        try:
            change = operations.change_members(
                group=found, by=request.user, add=two.added, remove=two.removed, **form.cleaned_data
            )
        except operations.NotOpen:
            form.add_error(None, closed_sentence())
        else:
            messages.success(request, change_in_words(found, change))
            return redirect("services:group", opening.service.code, found.code)
    context = {"service": opening.service, "group": found, "form": form, "lists": two}
    return render(request, "services/edit_group.html", context)


def change_in_words(group: ServiceGroup, change: operations.Change) -> str:
    """What saving did, for the status line."""
    sentence = _("Group %(group)s updated: %(added)s added, %(removed)s removed.")
    return sentence % {"group": group.name, "added": change.added, "removed": change.removed}


def closed_sentence() -> str:
    return _("The department has suspended or withdrawn this e-service: nothing can be changed now.")


@assigner_only
def dates(request: SignedIn, service: str, group: str, euid: str) -> HttpResponse:
    """指派日期: from when until when a person is in a group."""
    opening, found = find_group(request, service, group)
    row = get_object_or_404(queries.members(request.user.entity, found), login__euid=euid)
    form = forms.DaysForm.of(row, request.POST or None)
    if form.is_valid():
        try:
            operations.change_dates(group=found, login=row.login, by=request.user, **form.cleaned_data)
        except operations.NotOpen:
            form.add_error(None, closed_sentence())
        except operations.NotMember:
            form.add_error(None, _("This person is no longer in the group."))
        else:
            messages.success(request, _("The dates of %(name)s have been updated.") % {"name": row.login.name})
            return redirect("services:group", opening.service.code, found.code)
    context = {"service": opening.service, "group": found, "row": row, "form": form}
    return render(request, "services/dates.html", context)


@administrator_only
def service_administrators(request: SignedIn) -> HttpResponse:
    """服務管理權: who assigns people to e-services (S16.2, S16.3); 更新 applies one's own additions and removals."""
    house = request.user.entity
    two = TwoLists(queries.Choice.for_power(house), request)
    if two.to_save:
        change = operations.change_service_administrators(by=request.user, add=two.added, remove=two.removed)
        sentence = _("Service administrators updated: %(added)s added, %(removed)s removed.")
        messages.success(request, sentence % {"added": change.added, "removed": change.removed})
        return redirect("services:administrators")
    pages = lists.Pages(queries.service_administrators(house), PER_PAGE, count=two.choice.there)
    powers = pages.get_page(request.GET.get("page"))
    return render(request, "services/administrators.html", {"lists": two, "powers": powers})


@administrator_only
def service_administrator(request: SignedIn, euid: str) -> HttpResponse:
    """What one service administrator assigns people to: all e-services, or chosen ones (Q23)."""
    house = request.user.entity
    power = get_object_or_404(queries.service_administrators(house), login__euid=euid)
    initial = {
        "reach": forms.ReachForm.CHOSEN if power.narrowed else forms.ReachForm.ALL,
        "services": [service.code for service in power.services.all()],
    }
    form = forms.ReachForm(request.POST or None, initial=initial, opened=queries.services_opened(house))
    if form.is_valid():
        try:
            operations.narrow_service_administrator(login=power.login, by=request.user, services=form.chosen)
        except operations.NotServiceAdministrator:
            form.add_error(None, _("This person is no longer a service administrator."))
        else:
            done = _("The e-services of %(name)s have been updated.") % {"name": power.login.name}
            messages.success(request, done)
            return redirect("services:administrators")
    return render(request, "services/administrator.html", {"power": power, "login": power.login, "form": form})
