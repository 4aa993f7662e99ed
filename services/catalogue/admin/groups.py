"""Service groups: what they are called, closing, reopening and merging them; each page shows whom it concerns first."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entity_portal.admin import heading, site, yes_or_no
from services.catalogue import forms, operations, queries
from services.catalogue.admin.pages import (
    CatalogueAdmin,
    Trail,
    above_service,
    affected,
    list_of,
    page_of,
    saved,
    switching,
)
from services.catalogue.admin.services import DESCRIPTIONS, NAMES
from services.models import EService, ServiceGroup
from staff.access import SignedIn


@admin.register(ServiceGroup, site=site)
class ServiceGroupAdmin(CatalogueAdmin):
    explains = gettext_lazy("Kinds of work within an e-service; close, rename and merge them.")
    icon = "users"
    new = gettext_lazy("New service group")
    to_department = "service__department"
    related = ("service__department", "merged_into")
    list_display = ("code_of", "named", "of_service", "open")
    list_select_related = ("service",)
    search_fields = ("code", "name_zh", "name_pt", "name_en", "service__code")
    ordering = ("service__code", "code")
    sortable_by = ("code_of",)

    def pages(self) -> list[Any]:
        return [
            ("add/", self.add_page, "add"),
            ("<path:object_id>/change/", self.change_page, "change"),
            ("<path:object_id>/withdraw/", self.withdraw_page, "withdraw"),
            ("<path:object_id>/reopen/", self.reopen_page, "reopen"),
            ("<path:object_id>/merge/", self.merge_page, "merge"),
        ]

    @admin.display(description=gettext_lazy("Official name"))
    def named(self, group: ServiceGroup) -> str:
        return group.name

    @admin.display(description=gettext_lazy("E-service"), ordering="service__code")
    def of_service(self, group: ServiceGroup) -> str:
        return group.service.name

    @admin.display(description=gettext_lazy("Group open"))
    def open(self, group: ServiceGroup) -> str:
        return yes_or_no(group.takes_people)

    def add_page(self, request: SignedIn) -> HttpResponseBase:
        services = EService.objects.filter(department__in=queries.managed(request.user))
        if not services.exists():
            raise Http404
        form = forms.NewGroupForm(request.POST or None, services=services, chosen=request.GET.get("service", ""))
        if form.is_valid():
            made = saved(form, operations.create_group, by=request.user)
            if made:
                messages.success(request, _("Saved. Entities can put people into it now."))
                return redirect("admin:services_servicegroup_change", made.pk)
        fields = self.drawn(form, (None, ("service", "code")), NAMES, DESCRIPTIONS)
        above = [(list_of("servicegroup"), str(heading(self)))]
        return self.draw(request, "form", _("New service group"), above, form=form, adminform=fields)

    def change_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        group = self.find(request, object_id)
        form, done = self.changing(request, group, forms.DescribedForm, operations.change_group, "group")
        if done:
            return redirect("admin:services_servicegroup_change", group.pk)
        return self.draw(
            request,
            "group",
            group.name,
            above_service(group.service),
            group=group,
            form=form,
            adminform=self.drawn(form, NAMES, DESCRIPTIONS) if form else None,
            **affected(request, group),
        )

    def withdraw_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        group = self.find_to_change(request, object_id)
        if request.method == "POST":
            try:
                if operations.withdraw_group(group=group, by=request.user):
                    messages.success(request, _("Closed. The entities that have people in it are being told."))
            except operations.Merging:
                messages.error(request, _merging())
            return redirect("admin:services_servicegroup_change", group.pk)
        return self._switch(request, group, _("Close the service group"), "withdraw_group")

    def reopen_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        group = self.find_to_change(request, object_id)
        if request.method == "POST":
            if operations.reopen_group(group=group, by=request.user):
                messages.success(request, _("Reopened. The entities that have people in it are being told."))
            return redirect("admin:services_servicegroup_change", group.pk)
        return self._switch(request, group, _("Reopen the service group"), "reopen_group")

    def _switch(self, request: HttpRequest, group: ServiceGroup, title: str, act: str) -> HttpResponseBase:
        back, about = page_of("servicegroup", group.pk), affected(request, group) | switching(act)
        return self.draw(request, "switch", title, _above(group), row=group, back=back, **about)

    def merge_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        """Choose the other group, look at what will happen, then do it."""
        group = self.find_to_change(request, object_id)
        asked = request.POST if request.method == "POST" else request.GET
        form = forms.MergeForm(asked if "into" in asked else None, group=group)
        into = form.cleaned_data["into"] if form.is_valid() else None
        if into and request.method == "POST":
            try:
                errand = operations.merge_group(group=group, into=into, by=request.user)
            except operations.GroupClosed:
                form.add_error(None, _("One of the two groups is closed or closing."))
            except operations.Merging:
                form.add_error(None, _merging())
            else:
                return redirect("admin:services_errand_change", errand.pk)
        return self.draw(
            request,
            "merge",
            _("Merge into another group"),
            _above(group),
            group=group,
            form=form,
            adminform=self.drawn(form),
            into=into,
            in_both=queries.in_both(group, into) if into else 0,
            **affected(request, group),
        )


def _above(group: ServiceGroup) -> Trail:
    return [*above_service(group.service), (page_of("servicegroup", group.pk), group.name)]


def _merging() -> str:
    return _("People are being moved into this group, or out of it. Wait until that is done.")
