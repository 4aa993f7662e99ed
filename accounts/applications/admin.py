"""The officers' desk for applications: the queue, the page to work on one, and the counter."""

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.applications import queries
from accounts.applications.desk import counter, work
from accounts.applications.desk.pages import READERS
from accounts.applications.models import Application
from entity_portal.admin import ReadOnlyAdmin, Task, site


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

    def get_urls(self) -> list[URLPattern]:
        def page(address: str, view: Any, name: str) -> URLPattern:
            return path(address, self.admin_site.admin_view(view), name=f"applications_application_{name}")

        return [
            page("", work.queue, "changelist"),
            page("take/", work.take, "take"),
            page("counter/", counter.begin, "counter"),
            page("counter/<str:number>/", counter.fill_in, "fill_in"),
            page("counter/<str:number>/review/", counter.review, "review"),
            page("counter/<str:number>/discard/", counter.discard, "discard"),
            page("counter/<str:number>/documents/<int:pk>/", counter.document, "draft_document"),
            page("counter/<str:number>/documents/<int:pk>/remove/", counter.remove_document, "remove_document"),
            page("<str:number>/change/", work.change, "change"),
            page("<str:number>/claim/", work.claim, "claim"),
            page("<str:number>/release/", work.release, "release"),
            page("<str:number>/reveal/", work.reveal, "reveal"),
            page("<str:number>/documents/<int:pk>/", work.document, "document"),
            page("<str:number>/ask/", work.ask, "ask"),
            page("<str:number>/refuse/", work.refuse, "refuse"),
            page("<str:number>/approve/", work.approve, "approve"),
        ]
