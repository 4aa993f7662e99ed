"""What the worker does for the catalogue: the preview before it is confirmed, and how far it is."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.models import Kind
from entity_portal.admin import site
from entity_portal.text import moment
from services.catalogue import operations, queries
from services.catalogue.admin.pages import CatalogueAdmin, above_service
from services.models import Errand, ErrandKind
from staff.access import SignedIn

SHOWN = 100  # bad lines and unknown numbers


@admin.register(Errand, site=site)
class ErrandAdmin(CatalogueAdmin):
    explains = gettext_lazy("What the worker does for many entities at once, and how far it is.")
    icon = "list-checks"
    to_department = "service__department"
    related = ("service__department", "group__merged_into", "by")
    list_display = ("what", "of_service", "far", "ordered", "who")
    list_select_related = ("service", "by")
    ordering = ("-created_at",)
    sortable_by = ("ordered",)

    def pages(self) -> list[Any]:
        return [
            ("<path:object_id>/change/", self.change_page, "change"),
            ("<path:object_id>/confirm/", require_POST(self.confirm), "confirm"),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Errand]:
        return super().get_queryset(request).defer("told")  # thousands of numbers

    @admin.display(description=gettext_lazy("What is done"))
    def what(self, errand: Errand) -> str:
        return errand.get_kind_display()

    @admin.display(description=gettext_lazy("Officer"))
    def who(self, errand: Errand) -> str:
        return errand.by.name

    @admin.display(description=gettext_lazy("E-service"))
    def of_service(self, errand: Errand) -> str:
        return errand.service.name

    @admin.display(description=gettext_lazy("Progress"))
    def far(self, errand: Errand) -> str:
        return errand.progress

    @admin.display(description=gettext_lazy("Ordered"), ordering="created_at")
    def ordered(self, errand: Errand) -> str:
        return moment(errand.created_at)

    def change_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        errand = self.find(request, object_id)
        if request.method == "POST":
            raise Http404
        preview = errand.confirmed_at is None
        told = errand.told
        about: dict[str, Any] = {"which": Kind(told["kind"]).label if "kind" in told else ""}
        if preview:
            about["forecast"] = queries.forecast(
                errand.service, numbers=told.get("numbers", ()), kind=told.get("kind", "")
            )
            about["bad"] = told.get("bad", [])
            about["may_change"] = self.may_change(request, errand)
        return self.draw(
            request,
            "errand",
            str(ErrandKind(errand.kind).label),
            above_service(errand.service),
            errand=errand,
            preview=preview,
            shown=SHOWN,
            **about,
        )

    def confirm(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        errand = self.find_to_change(request, object_id)
        if operations.confirm_opening(errand=errand, by=request.user):
            messages.success(request, _("It is being done. This page shows how far it is."))
        return redirect("admin:services_errand_change", errand.pk)
