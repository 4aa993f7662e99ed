"""E-services: what they are called, withdrawing and reopening them, opening them to entities."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.models import Entity
from entity_portal.admin import heading, site, yes_or_no
from services.catalogue import forms, openings, operations, queries
from services.catalogue.admin.pages import CatalogueAdmin, above_service, affected, list_of, page_of, saved, switching
from services.models import EService, OpeningStatus
from staff.access import SignedIn

NAMES = (gettext_lazy("Names"), operations.NAMES)
DESCRIPTIONS = (gettext_lazy("Descriptions"), operations.DESCRIPTIONS)
USE = (gettext_lazy("Use"), ("url", "platform_managed"))
SHOWN = 10  # of what the worker has done


@admin.register(EService, site=site)
class EServiceAdmin(CatalogueAdmin):
    explains = gettext_lazy("What departments offer; open it to entities, withdraw it, reopen it.")
    icon = "layout-grid"
    new = gettext_lazy("New e-service")
    to_department = "department"
    related = ("department",)
    list_display = ("code_of", "named", "owner", "offered")
    list_select_related = ("department",)
    search_fields = ("code", "name_zh", "name_pt", "name_en")
    ordering = ("code",)
    sortable_by = ("code_of",)

    def pages(self) -> list[Any]:
        return [
            ("add/", self.add_page, "add"),
            ("<path:object_id>/change/", self.change_page, "change"),
            ("<path:object_id>/withdraw/", self.withdraw_page, "withdraw"),
            ("<path:object_id>/reopen/", self.reopen_page, "reopen"),
            ("<path:object_id>/open/", self.open_page, "open"),
            ("<path:object_id>/open/kind/", require_POST(self.open_kind), "open_kind"),
            ("<path:object_id>/open/file/", require_POST(self.open_file), "open_file"),
        ]

    @admin.display(description=gettext_lazy("Official name"))
    def named(self, service: EService) -> str:
        return service.name

    @admin.display(description=gettext_lazy("Department"), ordering="department__code")
    def owner(self, service: EService) -> str:
        return service.department.name

    @admin.display(description=gettext_lazy("Offered"))
    def offered(self, service: EService) -> str:
        return yes_or_no(service.withdrawn_at is None)

    def add_page(self, request: SignedIn) -> HttpResponseBase:
        departments = queries.managed(request.user)
        if not departments.exists():
            raise Http404
        form = forms.NewServiceForm(request.POST or None, departments=departments)
        if form.is_valid():
            made = saved(form, operations.create_service, by=request.user)
            if made:
                messages.success(request, _("Saved. Entities can use it once it has a group and is opened to them."))
                return redirect("admin:services_eservice_change", made.pk)
        fields = self.drawn(form, (None, ("department", "code")), NAMES, DESCRIPTIONS, USE)
        above = [(list_of("eservice"), str(heading(self)))]
        return self.draw(request, "form", _("New e-service"), above, form=form, adminform=fields)

    def change_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        service = self.find(request, object_id)
        form, done = self.changing(request, service, forms.ServiceForm, operations.change_service, "service")
        if done:
            return redirect("admin:services_eservice_change", service.pk)
        return self.draw(
            request,
            "service",
            service.name,
            above_service(service)[:1],
            service=service,
            form=form,
            adminform=self.drawn(form, NAMES, DESCRIPTIONS, USE) if form else None,
            concerned=queries.concerned(service),
            groups=queries.groups_with_counts(service).select_related("merged_into"),
            errands=service.errands.exclude(confirmed_at=None).order_by("-confirmed_at")[:SHOWN],
        )

    # --- withdrawing and reopening ---

    def withdraw_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        service = self.find_to_change(request, object_id)
        if request.method == "POST":
            if operations.withdraw_service(service=service, by=request.user):
                messages.success(request, _("Withdrawn. The entities that have it are being told."))
            return redirect("admin:services_eservice_change", service.pk)
        title, words = _("Withdraw the e-service"), "withdraw_service"
        return self._switch(request, service, title, words)

    def reopen_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        service = self.find_to_change(request, object_id)
        if request.method == "POST":
            if operations.reopen_service(service=service, by=request.user):
                messages.success(request, _("Reopened. The entities that have it are being told."))
            return redirect("admin:services_eservice_change", service.pk)
        return self._switch(request, service, _("Reopen the e-service"), "reopen_service")

    def _switch(self, request: HttpRequest, service: EService, title: str, act: str) -> HttpResponseBase:
        back = page_of("eservice", service.pk)
        about = affected(request, service) | switching(act)
        return self.draw(request, "switch", title, above_service(service), row=service, back=back, **about)

    # --- opening to entities ---

    def open_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        """By entity number; the forms of the other ways lead to a preview."""
        service = self.find_to_change(request, object_id)
        form = forms.OpenOneForm(request.POST or None)
        if form.is_valid():
            entity = Entity.objects.filter(number=form.cleaned_data["entity_number"]).first()
            if entity is None:
                form.add_error("entity_number", _("There is no entity of this number."))
            else:
                had = entity.openings.filter(service=service).first()
                if had and had.status != OpeningStatus.OPEN:  # why it was closed stands there
                    messages.info(request, _("It was opened to this entity before and then closed: reopen it here."))
                    return redirect("admin:services_opening_change", had.pk)
                try:
                    opening = openings.open_service(entity=entity, service=service, by=request.user)
                except openings.EntityNotActive:
                    form.add_error("entity_number", _("This entity is suspended or closed."))
                else:
                    messages.success(request, _("Open to %(entity)s.") % {"entity": entity.name})
                    return redirect("admin:services_opening_change", opening.pk)
        return self._ways(request, service, one=form)

    def open_kind(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        service = self.find_to_change(request, object_id)
        form = forms.OpenKindForm(request.POST)
        if not form.is_valid():
            return self._ways(request, service, kind=form)
        errand = operations.prepare_opening(service=service, by=request.user, kind=form.cleaned_data["kind"])
        return redirect("admin:services_errand_change", errand.pk)

    def open_file(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        service = self.find_to_change(request, object_id)
        form = forms.OpenFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._ways(request, service, file=form)
        listed = form.cleaned_data["file"]
        errand = operations.prepare_opening(service=service, by=request.user, numbers=listed.numbers, bad=listed.bad)
        return redirect("admin:services_errand_change", errand.pk)

    def _ways(self, request: HttpRequest, service: EService, **bound: Any) -> HttpResponseBase:
        made = {"one": forms.OpenOneForm(), "kind": forms.OpenKindForm(), "file": forms.OpenFileForm(), **bound}
        drawn = {name: self.drawn(form) for name, form in made.items()}
        above = above_service(service)
        return self.draw(request, "open", _("Open to entities"), above, service=service, ways=drawn)
