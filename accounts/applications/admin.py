"""The officers' desk for applications: the queue, the page to work on one, and the counter."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.applications import queries
from accounts.applications.desk import counter, work
from accounts.applications.desk.pages import READERS
from accounts.applications.models import Application
from entity_portal.admin import Page, ReadOnlyAdmin, Task, site
from staff.access import SignedIn


@admin.register(Application, site=site)
class ApplicationAdmin(ReadOnlyAdmin):
    """Every page is our own, and operations do every write."""

    readers = READERS
    task = Task.APPLICATIONS
    heading = gettext_lazy("Applications")
    explains = gettext_lazy("What waits for a decision, oldest first; applications at the counter.")
    icon = "inbox"

    def note(self) -> str:
        """How much waits, for the index."""
        now = queries.waiting()
        if not now.waiting:
            return _("Nothing waits.")
        waiting = ngettext("%(n)d waits", "%(n)d wait", now.waiting) % {"n": now.waiting}
        late = ngettext("%(n)d is late", "%(n)d are late", now.late) % {"n": now.late}
        return f"{waiting}{_(', ')}{late}" if now.late else waiting

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return work.queue(cast("SignedIn", request))

    def pages(self) -> list[Page]:
        return [
            ("take/", work.take, "take"),
            ("counter/", counter.begin, "counter"),
            ("counter/<str:number>/", counter.fill_in, "fill_in"),
            ("counter/<str:number>/review/", counter.review, "review"),
            ("counter/<str:number>/discard/", counter.discard, "discard"),
            ("counter/<str:number>/documents/<int:pk>/", counter.document, "draft_document"),
            ("counter/<str:number>/documents/<int:pk>/remove/", counter.remove_document, "remove_document"),
            ("<str:number>/change/", work.change, "change"),
            ("<str:number>/claim/", work.claim, "claim"),
            ("<str:number>/release/", work.release, "release"),
            ("<str:number>/reveal/", work.reveal, "reveal"),
            ("<str:number>/documents/<int:pk>/", work.document, "document"),
            ("<str:number>/ask/", work.ask, "ask"),
            ("<str:number>/refuse/", work.refuse, "refuse"),
            ("<str:number>/approve/", work.approve, "approve"),
        ]
