"""Openings of e-services to entities: the list with search and CSV, and what happens to one of them."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entity_portal.admin import has_role, heading, site
from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.audit.operations import record
from entity_portal.messaging.admin import CheapPaginator
from entity_portal.roles import Role
from entity_portal.text import moment
from services.catalogue import files, forms, openings, queries
from services.catalogue.admin.pages import CatalogueAdmin, list_of
from services.models import EService, Opening, OpeningStatus
from services.queries import in_force
from staff.access import SignedIn
from staff.history import signatures
from staff.models import StaffLogin

KEPT = 50  # lines of history on the page of one opening


class OfService(admin.SimpleListFilter):
    """One e-service of those that the officer's openings are of; any other is not there: 404."""

    title = gettext_lazy("e-service")
    parameter_name = "service"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        departments = queries.openings_shown_of(cast("StaffLogin", request.user))
        services = EService.objects.filter(department__in=departments).order_by("code")
        found = [(service.code, service.name) for service in services]
        if self.value() is not None and self.value() not in dict(found):
            raise Http404
        return found

    def queryset(self, request: HttpRequest, queryset: QuerySet[Opening]) -> QuerySet[Opening]:
        return queryset.filter(service__code=self.value()) if self.value() else queryset


@admin.register(Opening, site=site)
class OpeningAdmin(CatalogueAdmin):
    explains = gettext_lazy("Which e-service is open to which entity.")
    icon = "door-open"
    to_department = "service__department"
    related = ("service__department", "entity")
    readers = tuple(Role)
    list_display = ("number", "named", "of_service", "status", "opened", "changed")
    list_select_related = ("service__department", "entity")
    list_filter = (OfService, "status")
    search_fields = ("^entity__number", "entity__name_zh", "entity__name_pt")
    search_help_text = gettext_lazy("The beginning of an entity number, or part of a name")
    ordering = ("entity__number", "service__code")
    sortable_by = ("number", "of_service")
    list_per_page = 50
    show_full_result_count = False
    paginator = CheapPaginator
    change_list_template = "admin/services/openings.html"

    def pages(self) -> list[Any]:
        return [
            ("csv/", self.csv_page, "csv"),
            ("<path:object_id>/change/", self.change_page, "change"),
        ]

    def seen(self, officer: StaffLogin) -> QuerySet[Opening]:
        return self._of(queries.openings_shown_of(officer))

    @admin.display(description=gettext_lazy("Entity number"), ordering="entity__number")
    def number(self, opening: Opening) -> str:
        return opening.entity.number

    @admin.display(description=gettext_lazy("Entity"))
    def named(self, opening: Opening) -> str:
        return opening.entity.name

    @admin.display(description=gettext_lazy("E-service"), ordering="service__code")
    def of_service(self, opening: Opening) -> str:
        return opening.service.name

    @admin.display(description=gettext_lazy("Opened"))
    def opened(self, opening: Opening) -> str:
        return moment(opening.opened_at)

    @admin.display(description=gettext_lazy("Changed"))
    def changed(self, opening: Opening) -> str:
        return moment(opening.changed_at)

    def csv_page(self, request: SignedIn) -> HttpResponseBase:
        """The list as it is filtered."""
        if not has_role(request.user, *self.readers):
            raise Http404
        try:
            found = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            raise Http404 from None
        asked = request.GET.dict()
        record(Action.OFFICER_EXPORTED, entity="", actor=request.user, what="openings", rows=found.count(), asked=asked)
        return StreamingHttpResponse(
            files.openings_list(found.iterator(chunk_size=2000)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="openings.csv"'},
        )

    def change_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        opening = self.find(request, object_id)
        form = None
        if self.may_change(request, opening):
            form = forms.ChangeOpeningForm(request.POST or None, initial={"status": opening.status})
            if form.is_valid():
                self._change(request, opening, **form.cleaned_data)
                return redirect("admin:services_opening_change", opening.pk)
        elif request.method == "POST":
            raise Http404
        acts = (Action.SERVICE_OPENED, Action.OPENING_CHANGED)
        lines = Event.objects.filter(entity_number=opening.entity.number, target=opening.service.code, action__in=acts)
        rights = in_force().filter(entity=opening.entity, group__service=opening.service)
        return self.draw(
            request,
            "opening",
            opening.entity.name,
            [(f"{list_of('opening')}?service={opening.service.code}", str(heading(self)))],
            opening=opening,
            people=rights.values("login").distinct().count(),
            history=_said(lines.order_by("-pk")[:KEPT]),
            form=form,
            adminform=self.drawn(form) if form else None,
        )

    def _change(self, request: SignedIn, opening: Opening, status: str, reason: str) -> None:
        wanted = OpeningStatus(status)
        if openings.change_opening(opening=opening, status=wanted, by=request.user, reason=reason):
            messages.success(request, _("Saved. The entity's administrators have been told."))
        else:
            messages.info(request, _("Nothing was changed."))


def _said(lines: Iterable[Event]) -> list[dict[str, Any]]:
    """Lines of history: when, who, what it became and why."""
    events = list(lines)
    people = signatures(events)
    return [
        {
            "at": event.at,
            "who": people.get(event.actor, event.actor_label),
            "status": OpeningStatus(event.data.get("now", OpeningStatus.OPEN)).label,
            "reason": event.data.get("reason", ""),
        }
        for event in events
    ]
