"""Departments, and who looks after their catalogues."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from entity_portal.admin import heading, is_officer, site
from entity_portal.roles import Role
from services.catalogue import forms, managers, operations, queries
from services.catalogue.admin.pages import CatalogueAdmin, Trail, list_of, page_of, saved
from services.models import Department
from staff.access import SignedIn
from staff.models import StaffLogin
from staff.queries import by_name


def _is_head(request: HttpRequest) -> bool:
    """Says who looks after which department, and so sees them all; of e-services they see nothing by that."""
    return is_officer(request.user) and queries.may_grant(cast("StaffLogin", request.user))


@admin.register(Department, site=site)
class DepartmentAdmin(CatalogueAdmin):
    explains = gettext_lazy("Owners of e-services, and who looks after them.")
    icon = "landmark"
    new = gettext_lazy("New department")
    to_department = "pk"
    readers = tuple(Role)  # of whom `seen` finds nothing unless they look after one, read all or give them out
    list_display = ("code_of", "named", "services")
    search_fields = ("code", "name_zh", "name_pt", "name_en")
    ordering = ("code",)
    sortable_by = ("code_of",)

    def pages(self) -> list[Any]:
        return [
            ("add/", self.add_page, "add"),
            ("<path:object_id>/change/", self.change_page, "change"),
            ("<path:object_id>/managers/", self.managers_page, "managers"),
            ("<path:object_id>/managers/revoke/", require_POST(self.revoke), "revoke"),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_officer(request.user) and self.seen(cast("StaffLogin", request.user)).exists()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_head(request)

    def seen(self, officer: StaffLogin) -> QuerySet[Department]:
        return Department.objects.all() if queries.may_grant(officer) else queries.shown(officer)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Department]:
        return super().get_queryset(request).annotate(offered=Count("services"))

    @admin.display(description=gettext_lazy("Official name"))
    def named(self, department: Department) -> str:
        return department.name

    @admin.display(description=gettext_lazy("E-services"))
    def services(self, department: Department) -> int:
        return department.offered  # type: ignore[attr-defined]

    def add_page(self, request: SignedIn) -> HttpResponseBase:
        if not _is_head(request):
            raise Http404
        form = forms.NewDepartmentForm(request.POST or None)
        if form.is_valid():
            made = saved(form, operations.create_department, by=request.user)
            if made:
                messages.success(request, _("Saved. Now say who looks after it."))
                return redirect("admin:services_department_managers", made.pk)
        fields = self.drawn(form, (None, ("code", "name_zh", "name_pt", "name_en")))
        return self.draw(request, "form", _("New department"), self._above(), form=form, adminform=fields)

    def change_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        department = self.find(request, object_id)
        form, done = self.changing(request, department, forms.NamesForm, operations.change_department, "department")
        if done:
            return redirect("admin:services_department_change", department.pk)
        whose = queries.shown(request.user).filter(pk=department.pk).exists()
        return self.draw(
            request,
            "department",
            department.name,
            self._above(),
            department=department,
            form=form,
            adminform=self.drawn(form) if form else None,
            concerned=queries.concerned(department) if whose else None,
            services=department.services.order_by("code") if whose else [],
        )

    def managers_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        department = self.find(request, object_id)
        form = None
        if _is_head(request):
            form = forms.GrantForm(request.POST or None, department=department, by=request.user)
            if form.is_valid():
                login = form.cleaned_data["login"]
                try:
                    managers.grant_department(department=department, login=login, by=request.user)
                except managers.NoRole:
                    form.add_error("login", _("This person is not, or no longer, a catalogue manager."))
                else:
                    messages.success(request, _("%(name)s looks after it now.") % {"name": login.name})
                    return redirect("admin:services_department_managers", department.pk)
        elif request.method == "POST":
            raise Http404
        return self.draw(
            request,
            "managers",
            _("Who looks after it"),
            [*self._above(), (page_of("department", department.pk), department.name)],
            department=department,
            managers=department.managers.select_related("login").order_by(*by_name(of="login__")),
            form=form,
            adminform=self.drawn(form) if form else None,
        )

    def revoke(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        department = self.find(request, object_id)
        if not _is_head(request):
            raise Http404
        found = StaffLogin.objects.filter(catalogues_managed__department=department)
        login = get_object_or_404(found, euid=request.POST.get("login", "").replace("\x00", ""))
        managers.revoke_department(department=department, login=login, by=request.user)
        messages.success(request, _("%(name)s no longer looks after it.") % {"name": login.name})
        return redirect("admin:services_department_managers", department.pk)

    def _above(self) -> Trail:
        return [(list_of("department"), str(heading(self)))]
