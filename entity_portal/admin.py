"""The officers' side: Django admin behind the portal's own door and a one-time code."""

from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from entity_portal import charts
from entity_portal.access import View, only
from entity_portal.messaging import budget
from entity_portal.roles import Role


def is_officer(user: Any) -> bool:
    """An active login that may enter admin and has shown a code of its application in this session (Q1)."""
    return bool(user.is_active and getattr(user, "is_staff", False) and user.is_verified())


def has_role(user: Any, *roles: Role) -> bool:
    """Is an officer, here and now, with one of these roles (Q1)."""
    return is_officer(user) and not user.roles.isdisjoint(roles)


officer_only = only("officer_only", is_officer)


class PortalAdminSite(AdminSite):
    """No way in of its own: who is not signed in comes to the portal's door, who is no officer finds nothing here."""

    site_title = site_header = _("Common Access to Public Services of the Macao SAR")
    index_title = _("Officers' pages")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return is_officer(request.user)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page may show: `day`, today's texts, so that a budget that runs out is seen."""
        return {**super().each_context(request), "day": SimpleLazyObject(budget.today)}

    def admin_view(self, view: View, cacheable: bool = False) -> Any:
        return officer_only(super().admin_view(view, cacheable))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """The index and the pages of what is registered; the rest of Django's is not needed and not there."""
        urls: list[URLResolver | URLPattern] = [
            path("", self.admin_view(self.index), name="index"),
            path("dashboard/", self.admin_view(require_safe(self.dashboard)), name="dashboard"),
            path("<slug:app_label>/", self.admin_view(self.app_index), name="app_list"),
        ]
        for model, pages in self._registry.items():
            urls.insert(0, path(f"{model._meta.app_label}/{model._meta.model_name}/", include(pages.urls)))
        return urls

    def dashboard(self, request: HttpRequest) -> HttpResponse:
        """How much there is and what happens day by day, for every officer: numbers, and nothing about a person."""
        if not has_role(request.user, *Role):
            raise Http404
        context = {**self.each_context(request), "title": _("Dashboard"), "charts": charts.dashboard()}
        return render(request, "admin/dashboard.html", context)


class ReadOnlyAdmin(ModelAdmin):
    """Pages that show and change nothing, for officers with one of the roles `readers`."""

    actions = None
    readers: tuple[Role, ...] = tuple(Role)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("", self.admin_site.admin_view(self.changelist_view), name=f"{name}_changelist"),
            path("<path:object_id>/change/", self.admin_site.admin_view(self.change_view), name=f"{name}_change"),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, *self.readers)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, *self.readers)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


# Only what rooms register here by name: packages would bring the keys of applications and what jobs were told.
site = PortalAdminSite(name="admin")
