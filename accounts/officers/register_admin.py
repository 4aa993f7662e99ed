"""Officers' pages of the register: its lines, the imports that bring it in, the tasks these leave. Operations write."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import display
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.models import (
    Fate,
    ImportState,
    MoveNotAllowed,
    Outcome,
    RegisterEntry,
    RegisterImport,
    RegisterTask,
)
from accounts.officers import register, register_queries
from accounts.officers.register_forms import SettleForm, UploadForm
from entity_portal.admin import CheapPaginator, Page, ReadOnlyAdmin, Task, has_role, site, yes_or_no
from entity_portal.roles import Role
from entity_portal.templatetags.portal import pt, zh
from entity_portal.text import moment
from staff.access import SignedIn

A_PAGE = 50  # lines
SHOWN_FIRST = (Fate.CHANGED, Fate.GONE, Fate.NEW, Fate.UNCHANGED)


class RegisterAdmin(ReadOnlyAdmin):
    """What the pages here have in common."""

    readers: tuple[Role, ...] = (Role.REGISTRAR, Role.APPROVER, Role.AUDITOR)
    task = Task.APPLICATIONS
    list_per_page = A_PAGE
    paginator = CheapPaginator
    show_full_result_count = False

    def find(self, request: HttpRequest, object_id: str) -> Any:
        """What the address is about; 404 for officers without the role, and for what does not exist."""
        found = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if found is None:
            raise Http404
        return found

    def context(self, request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **more}


class YetFilter(admin.SimpleListFilter):
    """Whether something has happened yet; its time says so."""

    parameter_name: str
    words: tuple[Any, Any]  # not yet, and since

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", self.words[0]), ("yes", self.words[1])]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("no", "yes"):
            return queryset.filter(**{f"{self.parameter_name}__isnull": self.value() == "no"})
        return queryset


class GoneFilter(YetFilter):
    title = gettext_lazy("In the register")
    parameter_name = "gone_at"
    words = (gettext_lazy("Yes"), gettext_lazy("Gone"))


class DoneFilter(YetFilter):
    title = gettext_lazy("Status")
    parameter_name = "done_at"
    words = (gettext_lazy("To do"), gettext_lazy("Done"))


@admin.register(RegisterEntry, site=site)
class RegisterEntryAdmin(RegisterAdmin):
    explains = gettext_lazy("What the official register says about an entity; to search, with numbers masked.")
    icon = "book-open-text"
    list_display = ("registration_number", "both_names", "kind", "gone")
    list_filter = (GoneFilter, "kind")
    search_fields = ("registration_number", "name_zh", "name_pt")  # see `get_search_results`
    search_help_text = gettext_lazy("A whole registration number, or part of a name")
    ordering = ("registration_number",)
    sortable_by = ("registration_number",)

    def pages(self) -> list[Page]:
        return [("<path:object_id>/change/", self.change_page, "change")]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[RegisterEntry], search_term: str
    ) -> tuple[QuerySet[RegisterEntry], bool]:
        term = search_term.strip()
        found = Q(registration_number=term) | Q(name_zh__icontains=term) | Q(name_pt__icontains=term)
        return queryset.filter(found) if term else queryset, False

    @display(description=gettext_lazy("Official name"))
    def both_names(self, entry: RegisterEntry) -> str:
        return format_html_join(" / ", "{}", ((each,) for each in (zh(entry.name_zh), pt(entry.name_pt)) if each))

    @display(description=gettext_lazy("Gone from the register"))
    def gone(self, entry: RegisterEntry) -> str:
        return moment(entry.gone_at) if entry.gone_at else ""

    def change_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        entry: RegisterEntry = self.find(request, object_id)
        self.note_reading(request, entry)
        more = {"entry": entry, "facts": register_queries.facts(entry)}
        return render(
            request, "admin/accounts/registerentry/change_form.html", self.context(request, str(entry), **more)
        )


@admin.register(RegisterImport, site=site)
class RegisterImportAdmin(RegisterAdmin):
    explains = gettext_lazy("Files of the register: look at what would change, then confirm it.")
    icon = "file-up"
    readers = (Role.REGISTRAR, Role.APPROVER, Role.AUDITOR)
    list_display = ("file", "uploaded", "state", "all_of_it", "new", "changed", "gone", "bad")
    list_filter = ("state",)
    ordering = ("-pk",)
    sortable_by = ()

    def pages(self) -> list[Page]:
        return [
            ("add/", self.add_page, "add"),
            ("<path:object_id>/change/", self.change_page, "change"),
            ("<path:object_id>/confirm/", require_POST(self.confirm), "confirm"),
            ("<path:object_id>/cancel/", require_POST(self.cancel), "cancel"),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegisterImport]:
        return super().get_queryset(request).defer("content")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, Role.REGISTRAR)

    @display(description=gettext_lazy("File"))
    def file(self, each: RegisterImport) -> str:
        return each.name or _("Command on the server")

    @display(description=gettext_lazy("The whole register"))
    def all_of_it(self, each: RegisterImport) -> str:
        return yes_or_no(each.whole)

    @display(description=gettext_lazy("Uploaded"))
    def uploaded(self, each: RegisterImport) -> str:
        return moment(each.uploaded_at)

    def add_page(self, request: SignedIn) -> HttpResponseBase:
        if not self.has_add_permission(request):
            raise Http404
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if form.is_valid():
            given = form.cleaned_data
            try:
                found = register.upload(by=request.user, whole=given["whole"], **given["file"])
            except register.AlreadyUploaded as already:
                (found,) = already.args
                messages.info(request, _("This file is on its way already."))
            return redirect("admin:accounts_registerimport_change", found.pk)
        context = self.context(request, _("Import the register"), form=form)
        return render(request, "admin/accounts/registerimport/add_form.html", context)

    def change_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        held: RegisterImport = self.find(request, object_id)
        if not held.is_working:
            self.note_reading(request, held)
        title = self.file(held)
        context = self.context(
            request,
            title,
            held=held,
            moves=held.moves.order_by("pk"),
            may_cancel=self.has_add_permission(request),
            may_confirm=has_role(request.user, *register.CONFIRMERS),
            own=register.is_uploader(held, request.user),
        )
        return render(
            request, "admin/accounts/registerimport/change_form.html", context | self._lines(held, request.GET)
        )

    def confirm(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        held: RegisterImport = self.find(request, object_id)
        try:
            register.confirm(pk=held.pk, by=request.user, preview=_number(request.POST.get("preview")))
        except register.AnotherPreview:
            messages.error(request, _("The register has changed meanwhile. Look at what would be done now."))
        except register.OwnUpload:
            messages.error(request, _("You uploaded this file: another officer confirms it."))
        except MoveNotAllowed:
            messages.error(request, _("Somebody has confirmed or cancelled it meanwhile."))
        return redirect("admin:accounts_registerimport_change", held.pk)

    def cancel(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        held: RegisterImport = self.find(request, object_id)
        try:
            register.cancel(pk=held.pk, by=request.user)
        except MoveNotAllowed:
            messages.error(request, _("Somebody has confirmed or cancelled it meanwhile."))
        else:
            messages.success(request, _("Cancelled: nothing has been imported."))
        return redirect("admin:accounts_registerimport_change", held.pk)

    def _lines(self, held: RegisterImport, asked: Any) -> dict[str, Any]:
        """A page of the preview, or of what is wrong."""
        if held.state == ImportState.REFUSED:
            return {"page": Paginator(held.problems.order_by("pk"), A_PAGE).get_page(asked.get("page"))}
        counts = [(fate, getattr(held, fate)) for fate in SHOWN_FIRST]
        first = next((fate for fate, count in counts if count), Fate.NEW)
        fate = asked["show"] if asked.get("show") in Fate else first
        page = Paginator(held.lines.filter(fate=fate).order_by("line", "pk"), A_PAGE).get_page(asked.get("page"))
        rows = [{"line": line, "differences": register_queries.differences(line)} for line in page]
        return {"counts": counts, "fate": fate, "page": page, "rows": rows}


@admin.register(RegisterTask, site=site)
class RegisterTaskAdmin(RegisterAdmin):
    explains = gettext_lazy("Entities that are gone or have another legal representative since an import.")
    icon = "list-todo"
    list_display = ("what", "entity_name", "since", "settled", "outcome")
    list_filter = (DoneFilter, "kind")
    list_select_related = ("entity",)
    search_fields = ("entity__number", "entity__registration_number")  # see `get_search_results`
    search_help_text = gettext_lazy("A whole entity number or registration number")
    ordering = (F("done_at").desc(nulls_first=True), "raised_at", "pk")  # what is open, the oldest first
    sortable_by = ()

    def pages(self) -> list[Page]:
        return [("<path:object_id>/change/", self.change_page, "change")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegisterTask]:
        return super().get_queryset(request).select_related("entity")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[RegisterTask], search_term: str
    ) -> tuple[QuerySet[RegisterTask], bool]:
        term = search_term.strip()
        found = Q(entity__number=term) | Q(entity__registration_number=term)
        return queryset.filter(found) if term else queryset, False

    @display(description=gettext_lazy("What happened"))
    def what(self, task: RegisterTask) -> str:
        return task.get_kind_display()

    @display(description=gettext_lazy("Entity"))
    def entity_name(self, task: RegisterTask) -> str:
        return f"{task.entity.name} ({task.entity.number})"

    @display(description=gettext_lazy("Since"))
    def since(self, task: RegisterTask) -> str:
        return moment(task.raised_at)

    @display(description=gettext_lazy("Done"))
    def settled(self, task: RegisterTask) -> str:
        return moment(task.done_at) if task.done_at else ""

    def change_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        task: RegisterTask = self.find(request, object_id)
        entry = RegisterEntry.objects.get(registration_number=task.entity.registration_number)
        may_act = has_role(request.user, *register.SETTLERS)
        if request.method == "POST" and not may_act:
            raise Http404
        given = request.POST if request.method == "POST" else None
        form = SettleForm(
            given,
            offered=register_queries.outcomes(task, entry, request.user),
            initial={"seen": register_queries.seen(entry)},
        )
        if form.is_valid():
            return self._settle(request, task, form.cleaned_data)
        self.note_reading(request, task)
        context = self.context(
            request,
            task.get_kind_display(),
            task=task,
            entry=entry,
            form=form if may_act and not task.done_at else None,
            pairs=list(register_queries.comparison(task, entry)),
            representatives=task.entity.legal_representatives.order_by("pk"),
        )
        return render(request, "admin/accounts/registertask/change_form.html", context)

    def _settle(self, request: SignedIn, task: RegisterTask, given: dict[str, Any]) -> HttpResponse:
        outcome = Outcome(given["outcome"])
        try:
            register.settle(task=task, by=request.user, outcome=outcome, note=given["note"], seen=given["seen"])
        except register.AlreadySettled:
            messages.error(request, _("Somebody has settled this task meanwhile."))
        except (register.AnotherPreview, register.NotOffered):
            messages.error(request, _("The register or the entity has changed meanwhile. Look at both again."))
        else:
            messages.success(request, _("Done."))
            return redirect("admin:accounts_registertask_changelist")
        return redirect("admin:accounts_registertask_change", task.pk)


def _number(text: str | None) -> int:
    """The number of a preview as a page sent it; 0, which none has, for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0
