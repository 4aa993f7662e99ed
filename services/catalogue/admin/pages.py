"""What the pages of the catalogue have in common: whose rows they find, and how they are drawn."""

from collections.abc import Callable
from copy import copy
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entity_portal.admin import ReadOnlyAdmin, Task, has_role, is_officer
from entity_portal.roles import Role
from services.catalogue import operations, queries
from services.models import EService, ServiceGroup
from staff.access import SignedIn
from staff.models import StaffLogin

PER_PAGE = 25
Trail = list[tuple[str, str]]  # (address, words) of the pages above


class CatalogueAdmin(ReadOnlyAdmin):
    """Every write goes through the operations, so Django's own pages for it are not there.

    Rows of other departments do not exist: 404. Who may read and not change gets 404 where there is only that to do.
    """

    task = Task.CATALOGUE
    readers: tuple[Role, ...] = (Role.CATALOGUE, Role.AUDITOR)
    to_department = ""  # the way from a row to its department
    related: ClassVar[tuple[str, ...]] = ()
    new: str | Promise = ""  # the words of the button that leads to the page that makes one
    change_list_template = "admin/services/catalogued.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise Http404
        return super().changelist_view(request, extra_context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether the list has a link to the page that makes one."""
        return (
            bool(self.new) and is_officer(request.user) and queries.managed(cast("StaffLogin", request.user)).exists()
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.seen(cast("StaffLogin", request.user)).select_related(*self.related)

    def seen(self, officer: StaffLogin) -> QuerySet[Any]:
        return self._of(queries.shown(officer))

    def _of(self, departments: QuerySet[Any]) -> QuerySet[Any]:
        return self.model._default_manager.filter(**{f"{self.to_department}__in": departments})

    @admin.display(description=gettext_lazy("Code"), ordering="code")
    def code_of(self, row: Any) -> str:
        return row.code

    def find(self, request: HttpRequest, object_id: str) -> Any:
        """A row that this officer may see; else 404."""
        row = self.get_object(request, object_id)
        if row is None or not has_role(request.user, *self.readers):
            raise Http404
        return row

    def find_to_change(self, request: SignedIn, object_id: str) -> Any:
        """A row that this officer looks after; else 404."""
        row = self.find(request, object_id)
        if not self.may_change(request, row):
            raise Http404
        return row

    def changing(
        self, request: SignedIn, row: Any, make: Any, change: Callable[..., Any], name: str
    ) -> tuple[Form | None, bool]:
        """The form of a row, None for who only reads it, and whether `change`, which takes it by `name`, was done."""
        if not self.may_change(request, row):
            if request.method == "POST":
                raise Http404
            return None, False
        form = make.of(row, request.POST or None)
        done = form.is_valid() and saved(form, change, by=request.user, **{name: copy(row)}) is not None
        if done:
            messages.success(request, _("Saved."))
        return form, done

    def may_change(self, request: SignedIn, row: Any) -> bool:
        return self._of(queries.managed(request.user)).filter(pk=row.pk).exists()

    def draw(self, request: HttpRequest, page: str, title: str, trail: Trail, **context: Any) -> HttpResponse:
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "trail": trail,
            "back": trail[-1][0],
            **context,
        }
        return render(request, f"admin/services/{page}.html", shown)

    def drawn(self, form: Form, *fieldsets: tuple[Any, tuple[str, ...]]) -> helpers.AdminForm:
        """A form as the pages draw it, all fields in one set where nothing is said."""
        sets: list[Any] = [(name, {"fields": fields}) for name, fields in fieldsets]
        return helpers.AdminForm(form, sets or [(None, {"fields": tuple(form.fields)})], {}, model_admin=self)  # type: ignore[arg-type]


def saved(form: Form, act: Callable[..., Any], **known: Any) -> Any:
    """What an operation makes of a valid form; None where it complains, which then stands in the form."""
    try:
        return act(**known, **form.cleaned_data)
    except operations.CodeTaken:
        form.add_error("code", _("This code is taken."))
    except ValidationError as error:
        form.add_error(None, error)
    return None


def list_of(model: str) -> str:
    return reverse(f"admin:services_{model}_changelist")


def page_of(model: str, pk: Any, page: str = "change") -> str:
    return reverse(f"admin:services_{model}_{page}", args=[pk])


def above_service(service: EService) -> Trail:
    return [
        (list_of("eservice"), capfirst(str(EService._meta.verbose_name_plural))),
        (page_of("eservice", service.pk), service.name),
    ]


def switching(act: str) -> dict[str, Any]:
    """What withdrawing or reopening does, as `components/consequences.html` takes it, for a page that says it first."""
    nothing_lost = _("No assignment is lost: all of them come back when it is reopened.")
    ends = {
        "withdraw_service": _(
            "Nobody can use the e-service from now; whoever is logged in there loses the right at once."
        ),
        "withdraw_group": _("The group gives nobody a right from now, and nobody can be added to it."),
    }
    keeps = {
        "withdraw_service": nothing_lost,
        "withdraw_group": nothing_lost,
        "reopen_service": _(
            "Whoever is assigned in an open group, and whose entity has the e-service, can use it again at once."
        ),
        "reopen_group": _(
            "Whoever is assigned there has the right again at once. A group that was merged comes back empty."
        ),
    }
    told = _("The administrators of these entities are told, and it stands in their history.")
    return {
        "ends": [{"what": ends[act]}] if act in ends else [],
        "keeps": [{"what": words} for words in (keeps[act], told)],
        "danger": act in ends,
    }


def affected(request: HttpRequest, of: EService | ServiceGroup) -> dict[str, Any]:
    """Whom a change concerns, for a page that shows it before its button."""
    entities = Paginator(queries.entities_concerned(of), PER_PAGE).get_page(request.GET.get("page"))
    return {"concerned": queries.concerned(of), "entities": entities}
