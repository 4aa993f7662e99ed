"""The history for auditors: searched, read, downloaded; each of it stands in the history too."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from entity_portal import sheets
from entity_portal.admin import CheapPaginator, Page, ReadOnlyAdmin, heading, site
from entity_portal.audit import queries, words
from entity_portal.audit.actions import Action
from entity_portal.audit.forms import SearchForm
from entity_portal.audit.models import Event
from entity_portal.audit.operations import record
from entity_portal.roles import Role

PER_PAGE = 50


@admin.register(Event, site=site)
class HistoryAdmin(ReadOnlyAdmin):
    readers = (Role.AUDITOR,)
    heading = gettext_lazy("History")
    explains = gettext_lazy("Who did what to whom and when, in every entity; to search and to download.")
    icon = "history"

    notes_list = False

    def pages(self) -> list[Page]:
        return [("export.csv", require_safe(self.export), "export")]

    @method_decorator(require_safe)
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        form = self._asked(request)
        page = CheapPaginator(queries.find(**form.cleaned_data), PER_PAGE).get_page(request.GET.get("page"))
        known = words.names(page)
        lines = [
            {"event": event, "who": words.who(event.actor_label), "table": words.table(event, known)} for event in page
        ]
        self._note(Action.OFFICER_READ, request, form, shown=len(lines))
        context = {
            **self.admin_site.each_context(request),
            "title": heading(self),
            "page": page,
            "lines": lines,
            "filters": form,
            "found": _how_many(page.paginator.count),
        }
        return render(request, "admin/audit/event/change_list.html", context)

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """What is found, all of it, as CSV."""
        form = self._asked(request)
        found = queries.find(**form.cleaned_data)
        self._note(Action.OFFICER_EXPORTED, request, form, shown=found.count())
        return sheets.download("history", sheets.lines(_columns(), _cells(found.iterator(chunk_size=2000))))

    def _asked(self, request: HttpRequest) -> SearchForm:
        if not self.has_view_permission(request):
            raise Http404
        return SearchForm.understood(request.GET)

    def _note(self, action: Action, request: HttpRequest, form: SearchForm, *, shown: int) -> None:
        """In the history of the entity that was asked for, where there is anything of it; else of none."""
        entity = form.cleaned_data["entity"] if shown else ""
        actor = cast("Any", request.user)
        record(action, entity=entity, actor=actor, target="history", what="history", asked=form.asked, rows=shown)


def _how_many(count: int) -> str:
    if count >= CheapPaginator.COUNTED:
        return _("The newest %(n)d lines; the download has all of them") % {"n": count}
    return ngettext("%(n)d line", "%(n)d lines", count) % {"n": count}


def _columns() -> list[str]:
    told = [_("Time"), _("Entity number"), _("Line"), _("What happened"), _("Code"), _("By"), _("EUID"), _("About")]
    return [*told, _("Details")]


def _cells(events: Iterable[Event]) -> Iterator[list[str]]:
    for event in events:
        at = timezone.localtime(event.at).isoformat(timespec="seconds") if event.at else ""
        what = [event.get_action_display(), event.action]
        yield [
            at,
            event.entity_number,
            str(event.seq),
            *what,
            words.who(event.actor_label),
            event.actor,
            event.target,
            words.plain(event),
        ]
