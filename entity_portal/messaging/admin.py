"""The log of texts, for officers: who was sent what kind of text when and what became of it, never what it said."""

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin import DateFieldListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import DateTimeField, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from entity_portal import phones, sought
from entity_portal.admin import CheapPaginator, ReadOnlyAdmin, ShortList, site
from entity_portal.messaging import reasons
from entity_portal.messaging.models import SMS
from entity_portal.text import mask, moment


class Log(ShortList):
    """A list whose search is posted, and stands in the address sealed: it may be somebody's number (ASVS 14.2.1)."""

    posted = True

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.query = sought.opened(request, self.query) or self.query


class QueuedFilter(DateFieldListFilter):
    """Days that were typed into the address without a time zone are Macau's, as those of the links are."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        told: dict[str, Any] = self.used_parameters
        try:
            self.used_parameters = {name: [_moment(each) for each in typed] for name, typed in told.items()}
        except ValidationError as wrong:
            raise IncorrectLookupParameters(wrong) from wrong
        return super().queryset(request, queryset)


def _moment(told: str) -> datetime:
    moment = DateTimeField().to_python(told)
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


@admin.register(SMS, site=site)
class SMSAdmin(ReadOnlyAdmin):
    heading = _("SMS log")
    explains = _("Who was sent what kind of SMS when, and whether it arrived; never what it said.")
    icon = "message-square-more"
    list_display = ("queued", "number", "purpose", "entity_number", "state", "why", "finished", "attempts")
    list_filter = ("status", "purpose", ("created_at", QueuedFilter))
    fields = ("our_reference", *list_display, "provider_reference")
    readonly_fields = fields
    search_fields = ("to", "entity_number", "provider_reference")  # exactly, see `get_search_results`
    search_help_text = _("A whole mobile number with its country code, an entity number, or a reference")
    ordering = ("-created_at",)
    sortable_by = ("queued",)
    list_per_page = 50
    show_full_result_count = False
    paginator = CheapPaginator

    def get_queryset(self, request: HttpRequest) -> QuerySet[SMS]:
        return super().get_queryset(request).defer("body")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SMS], search_term: str
    ) -> tuple[QuerySet[SMS], bool]:
        words = sought.opened(request, search_term).strip()
        term = words or search_term.strip()
        if not term:
            return queryset, False
        found = Q(entity_number=term) | Q(provider_reference=term)
        if words:
            found |= Q(to=f"+{words.lstrip('+').replace(' ', '')}")
        with suppress(ValueError):
            found |= Q(pk=UUID(term))
        return queryset.filter(found), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Log

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; to what is posted, where it is of what was looked for."""
        if request.method != "POST":
            return super().changelist_view(request, extra_context)
        if not self.has_view_permission(request):
            raise PermissionDenied
        query, words = request.GET.copy(), request.POST.get(SEARCH_VAR, "").strip()
        for name in (SEARCH_VAR, PAGE_VAR):
            query.pop(name, None)
        if words:
            query[SEARCH_VAR] = sought.sealed(request, words)
        return redirect(f"{request.path}?{query.urlencode()}" if query else request.path)

    def asked(self, request: HttpRequest) -> str:
        query = request.GET.copy()
        if words := sought.opened(request, query.get(SEARCH_VAR, "")):
            query[SEARCH_VAR] = mask(words)
        return query.urlencode(safe="*")

    @admin.display(description=_("Our reference"))
    def our_reference(self, sms: SMS) -> str:
        return str(sms.pk)

    @admin.display(description=_("Queued"), ordering="created_at")
    def queued(self, sms: SMS) -> str:
        return moment(sms.created_at)

    @admin.display(description=_("Mobile phone number"))
    def number(self, sms: SMS) -> str:
        return phones.masked(sms.to)

    @admin.display(description=_("Status"))
    def state(self, sms: SMS) -> str:
        return render_to_string("components/sms_status.html", {"sms": sms})

    @admin.display(description=_("Reason"))
    def why(self, sms: SMS) -> str | Promise:
        return reasons.in_words(sms.reason)

    @admin.display(description=_("Finished"))
    def finished(self, sms: SMS) -> str:
        return moment(sms.finished_at) if sms.finished_at else ""
