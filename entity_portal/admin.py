"""The officers' side: Django admin behind the portal's own door and a one-time code."""

from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus
from typing import Any, cast

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet, TextChoices
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from entity_portal import charts
from entity_portal.access import View, only
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.messaging import budget
from entity_portal.roles import Role

# The address of a page below its model's, its view, and its name after the model's.
Page = tuple[str, Callable[..., HttpResponseBase], str]
LONGEST_ASKED = 200  # characters of a query that are kept


def is_officer(user: Any) -> bool:
    """An active login that may enter admin and has shown a code of its application in this session (Q1)."""
    return bool(user.is_active and getattr(user, "is_staff", False) and user.is_verified())


def has_role(user: Any, *roles: Role) -> bool:
    """Is an officer, here and now, with one of these roles (Q1)."""
    return is_officer(user) and not user.roles.isdisjoint(roles)


def yes_or_no(fact: bool) -> str:
    """A fact in a list, as a word: Django draws a coloured sign of its own."""
    return gettext("Yes") if fact else gettext("No")


officer_only = only("officer_only", is_officer)


class Task(TextChoices):
    """What officers come for: the headings of the index, in this order."""

    APPLICATIONS = "applications", _("Applications and register")
    PEOPLE = "people", _("Entities and their people")
    CATALOGUE = "catalogue", _("E-services")
    OVERSIGHT = "oversight", _("Oversight")


class PortalAdminSite(AdminSite):
    """No way in of its own: who is not signed in comes to the portal's door, who is no officer finds nothing here."""

    site_title = site_header = _("Common Access to Public Services of the Macao SAR")
    index_title = _("Officers' pages")
    enable_nav_sidebar = False
    empty_value_display = "—"

    def has_permission(self, request: HttpRequest) -> bool:
        return is_officer(request.user)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page may show: `day`, today's texts, so that a budget that runs out is seen."""
        return {**super().each_context(request), "day": SimpleLazyObject(budget.today)}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """What this officer may open, by task: `{"task": …, "pages": [{"name", "url", "explains", "icon"}, …]}`."""
        places: dict[str, list[dict[str, Any]]] = {}
        for model, pages in self._registry.items():
            if pages.has_module_permission(request):
                url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
                place = {"name": heading(pages), "url": url, "current": request.path.startswith(url)}
                about = {name: getattr(pages, name, "") for name in ("explains", "icon", "note")}
                places.setdefault(getattr(pages, "task", Task.OVERSIGHT), []).append(place | about)
        if has_role(request.user, *Role):
            url = reverse("admin:dashboard")
            dashboard = {
                "name": _("Dashboard"),
                "explains": _("Numbers and charts, day by day."),
                "icon": "chart-column",
            }
            current = {"url": url, "current": request.path == url}
            places.setdefault(Task.OVERSIGHT, []).append(dashboard | current)
        return [{"task": task, "pages": places[task]} for task in Task if task in places]

    def admin_view(self, view: View, cacheable: bool = False) -> Any:
        return officer_only(super().admin_view(view, cacheable))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """The index and the pages of what is registered; the rest of Django's is not needed and not there."""
        urls: list[URLResolver | URLPattern] = [
            path("", self.admin_view(self.index), name="index"),
            path("dashboard/", self.admin_view(require_safe(self.dashboard)), name="dashboard"),
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


def heading(pages: ModelAdmin) -> str | Promise:
    """What the pages of a model are called, on the index and above their list."""
    return getattr(pages, "heading", "") or capfirst(pages.opts.verbose_name_plural or "")


class CheapPaginator(Paginator):
    """Counts to `COUNTED` and no further: of more, nobody waits to hear how many."""

    COUNTED = 10_000

    @cached_property
    def count(self) -> int:
        counted = cast("QuerySet[Any]", self.object_list)[: self.COUNTED]
        return len(counted) if isinstance(counted, list) else counted.count()  # a list of what has been read already


class ShortList(ChangeList):
    """A list that ends on its first page is read at once, and not counted apart."""

    def get_results(self, request: HttpRequest) -> None:
        if self.page_num > 1 or self.show_all:
            super().get_results(request)
            return
        found, first = self.queryset, self.queryset[: self.list_per_page + 1]
        self.queryset = first if len(first) <= self.list_per_page else found
        super().get_results(request)
        self.queryset, self.result_list = found, first[: self.list_per_page]


class ReadOnlyAdmin(ModelAdmin):
    """Pages that show and change nothing, for officers with one of the roles `readers`.

    Where they stand on the index: under `task`, as `heading`, with the sentence `explains` and an `icon` of lucide.dev;
    what a method `note` says of now, where there is one, stands with them.
    Who looks at one thing is written down by `change_view`; a page of one's own instead of it, among `pages`, calls
    `note_reading`. A list of one's own is another `changelist_view`.
    """

    actions = None
    readers: tuple[Role, ...] = tuple(Role)
    task: Task = Task.OVERSIGHT
    heading: str | Promise = ""  # without: the model's name in the plural
    explains: str | Promise = ""
    icon = "folder-open"
    notes_list = True  # else the page itself writes down what it has shown

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        pages = [("", self.list_view, "changelist"), *self.pages()]
        return [path(address, self.admin_site.admin_view(view), name=f"{name}_{page}") for address, view, page in pages]

    def pages(self) -> list[Page]:
        """The pages besides the list."""
        return [("<path:object_id>/change/", self.change_view, "change")]

    def list_view(self, request: HttpRequest) -> HttpResponse:
        """The list; that it was shown, and what was asked of it, stands in the history."""
        response = self.changelist_view(request)
        if self.notes_list and response.status_code == HTTPStatus.OK:
            what, asked = f"{self.opts.label_lower} list", self.asked(request)[:LONGEST_ASKED]
            actor = cast("Any", request.user)
            record(Action.OFFICER_READ, entity="", actor=actor, target=what[:60], what=what, asked=asked)
        return response

    def asked(self, request: HttpRequest) -> str:
        """What was asked of the list, for the history."""
        return str(request.META.get("QUERY_STRING", ""))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ShortList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": heading(self), **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        found = self.get_object(request, unquote(object_id))
        if found is None or not self.has_view_permission(request, found):
            raise Http404
        self.note_reading(request, found)
        about = {"title": capfirst(self.opts.verbose_name), "subtitle": None}
        return super().change_view(request, object_id, form_url, about | (extra_context or {}))

    def note_reading(self, request: HttpRequest, found: Any) -> None:
        """Write down that this officer was shown this thing."""
        entity = getattr(found, "entity_number", "")
        what = f"{self.opts.label_lower} {found.pk}"
        record(Action.OFFICER_READ, entity=entity, actor=cast("Any", request.user), target=what[:60], what=what)

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
