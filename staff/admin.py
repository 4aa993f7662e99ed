"""Who the officers are, and what each may do (Q1). Administrators of the authority change it, auditors read it."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entity_portal.admin import Page, ReadOnlyAdmin, Task, has_role, heading, is_officer, site
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.roles import MEANINGS, Role
from staff import forms, queries, sessions
from staff.access import SignedIn, ask_for_proof
from staff.models import OfficerRole, StaffLogin, Status
from staff.operations import StatusNotAllowed
from staff.operations.officers import NotOfficer, change_roles

PER_PAGE = 50


@admin.register(OfficerRole, site=site)
class OfficersAdmin(ReadOnlyAdmin):
    """One line an officer, not one a role: both pages are our own, and an operation does every write."""

    heading = gettext_lazy("Officers and their roles")
    explains = gettext_lazy("Who may do what on these pages, and when they were here last.")
    icon = "user-round-cog"
    task = Task.OVERSIGHT

    def pages(self) -> list[Page]:
        return [("<str:euid>/change/", self.change_page, "change")]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, Role.AUDITOR) or self.has_change_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Officers are of the authority: whoever of them is an administrator is one of the authority."""
        return is_officer(request.user) and bool(getattr(request.user, "is_administrator", False))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return self._list(cast("SignedIn", request))

    def _list(self, request: SignedIn) -> HttpResponse:
        self._demand_reader(request)
        filters = forms.OfficerFilterForm.understood(request.GET)
        found = queries.officers(request.user.entity, **filters.cleaned_data)
        page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
        return self._page(request, "change_list", heading(self), page=page, filters=filters)

    def change_page(self, request: SignedIn, euid: str) -> HttpResponseBase:
        self._demand_reader(request)
        login = get_object_or_404(request.user.entity.logins.select_related("entity"), euid=euid)
        may_change = self.has_change_permission(request) and login.status != Status.DEPARTED
        is_self = login.pk == request.user.pk
        form = None
        if may_change and not is_self:
            if not sessions.proven(request):
                return ask_for_proof(request)
            form = forms.RolesForm(request.POST or None, initial={"roles": sorted(login.roles)})
            if request.method == "POST" and form.is_valid():
                return self._change(request, login, [Role(role) for role in form.cleaned_data["roles"]])
        record(Action.OFFICER_READ, entity=login.entity.number, actor=request.user, target=login.euid, what="officer")
        return self._page(
            request, "change_form", login.name, login=login, form=form, is_self=is_self, roles=_roles(login)
        )

    def _change(self, request: SignedIn, login: StaffLogin, roles: list[Role]) -> HttpResponse:
        try:
            changed = change_roles(login=login, by=request.user, roles=roles)
        except (NotOfficer, StatusNotAllowed):
            raise Http404 from None
        if changed:
            told = _("The roles of %(name)s are changed; their sessions have ended.")
            messages.success(request, told % {"name": login.name})
        else:
            messages.info(request, _("Nothing was changed."))
        return redirect("admin:staff_officerrole_changelist")

    def _demand_reader(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise Http404

    def _page(self, request: HttpRequest, name: str, title: Any, **more: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "heading": heading(self),
            "may_change": self.has_change_permission(request),
        }
        return render(request, f"admin/staff/officerrole/{name}.html", {**context, **more})


def _roles(login: StaffLogin) -> list[dict[str, Any]]:
    return [{"name": role.label, "explains": MEANINGS[role]} for role in Role if role in login.roles]
