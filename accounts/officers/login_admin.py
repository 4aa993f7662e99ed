"""Logins of administrators across entities, for officers: masked, each look written down; what helps them from here."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.officers import logins
from accounts.officers.entity_forms import DocumentForm, ReasonForm
from activation.operations import send_code_as_officer
from activation.queries import activation_status
from activation.views import send_and_say
from entity_portal.admin import Page, ReadOnlyAdmin, Task, has_role, site
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from entity_portal.messaging.admin import CheapPaginator
from entity_portal.roles import Role
from entity_portal.text import alphanumeric, plain
from staff.access import SignedIn
from staff.models import AdministratorLogin, StaffLogin, Status
from staff.operations import StatusNotAllowed
from staff.queries import ADMINISTRATOR, app_of

READERS = (Role.REGISTRAR, Role.APPROVER, Role.AUDITOR)
REVEALED = "revealed_to_officer"  # session: whose what, for the next page


@admin.register(AdministratorLogin, site=site)
class AdministratorLoginAdmin(ReadOnlyAdmin):
    task = Task.PEOPLE
    explains = gettext_lazy("Find an administrator; send the activation code, help with password and code at login.")
    icon = "user-cog"
    readers = READERS
    list_display = (
        "euid",
        "whose",
        "entity_number",
        "entity_name",
        "username",
        "standing",
        "document",
        "mobile_masked",
    )
    list_display_links = ("euid", "whose")
    list_select_related = ("entity",)
    list_filter = ("status",)
    search_fields = ("euid", "entity__number", "username")  # exactly, see `get_search_results`
    search_help_text = gettext_lazy("A whole EUID, entity number or username")
    ordering = ("entity__number", "euid")
    sortable_by = ()
    list_per_page = 50
    show_full_result_count = False
    paginator = CheapPaginator
    change_list_template = "admin/staff/administratorlogin/change_list.html"

    def pages(self) -> list[Page]:
        return [
            ("find/", require_POST(sensitive_post_parameters()(self.find_by_document)), "find"),
            ("<path:object_id>/change/", self.login_page, "change"),
            ("<path:object_id>/reveal/", require_POST(self.reveal), "reveal"),
            ("<path:object_id>/send-code/", require_POST(self.send_code), "send_code"),
            ("<path:object_id>/new-password/", self.new_password_page, "new_password"),
            ("<path:object_id>/second-factor/", self.second_factor_page, "second_factor"),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AdministratorLogin]:
        return super().get_queryset(request).filter(ADMINISTRATOR).defer("password")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AdministratorLogin], search_term: str
    ) -> tuple[QuerySet[AdministratorLogin], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        number = alphanumeric(term)
        return queryset.filter(Q(euid=number) | Q(entity__number=number) | Q(username=plain(term).casefold())), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        by_document = DocumentForm() if has_role(request.user, *logins.WRITERS) else None
        return super().changelist_view(request, {"by_document": by_document, **(extra_context or {})})

    @admin.display(description=gettext_lazy("Name"))
    def whose(self, login: StaffLogin) -> str:
        return login.name

    @admin.display(description=gettext_lazy("Entity number"))
    def entity_number(self, login: StaffLogin) -> str:
        return login.entity.number

    @admin.display(description=gettext_lazy("Entity"))
    def entity_name(self, login: StaffLogin) -> str:
        return login.entity.name

    @admin.display(description=gettext_lazy("Status"))
    def standing(self, login: StaffLogin) -> str:
        return render_to_string("components/status_tag.html", {"login": login})

    @admin.display(description=gettext_lazy("Identification document no."))
    def document(self, login: StaffLogin) -> str:
        return login.masked_document

    @admin.display(description=gettext_lazy("Phone"))
    def mobile_masked(self, login: StaffLogin) -> str:
        return login.masked_mobile

    # --- looking ---

    def find_by_document(self, request: SignedIn) -> HttpResponse:
        """The answer to a POST is the list itself: an address with what was found would say what was asked."""
        self._demand(request, *logins.WRITERS)
        form = DocumentForm(request.POST)
        found = []
        if form.is_valid():
            found = logins.find_by_document(number=form.cleaned_data["document_number"], by=request.user)
        context = self._context(request, title=_("Search by document"), form=form, found=found)
        context["may_enter"] = has_role(request.user, Role.REGISTRAR)
        return render(request, "admin/staff/administratorlogin/find.html", context)

    def login_page(self, request: SignedIn, object_id: str) -> HttpResponse:
        login = self._find(request, object_id, *READERS)
        record(
            Action.OFFICER_READ, entity=login.entity.number, actor=request.user, target=login.euid, what="administrator"
        )
        shown = request.session.pop(REVEALED, None)
        writer, approver = has_role(request.user, *logins.WRITERS), has_role(request.user, Role.APPROVER)
        others = approver and login.status == Status.ACTIVE and login.pk != request.user.pk
        can_send = writer and login.status == Status.PENDING
        context = {
            **activation_status(login),
            "send_url": reverse("admin:staff_administratorlogin_send_code", args=[login.pk]) if can_send else "",
            "may_edit": False,
            "revealed": {shown[1]} if shown and shown[0] == login.euid else set(),
            "may_reveal": writer,
            "has_app": app_of(login) is not None,
            "may_demand_password": others,
            "may_remove_factor": others,
        }
        return render(
            request, "admin/staff/administratorlogin/change_form.html", self._context(request, login, **context)
        )

    def reveal(self, request: SignedIn, object_id: str) -> HttpResponse:
        """Show a masked number in full, once, and remember that it was shown (Q28)."""
        login = self._find(request, object_id, *logins.WRITERS)
        what = request.POST.get("what", "")
        if what in {"document", "mobile"}:
            logins.reveal(login=login, by=request.user, what=what)
            request.session[REVEALED] = [login.euid, what]
        return redirect(f"{reverse('admin:staff_administratorlogin_change', args=[login.pk])}#data")

    # --- helping ---

    def send_code(self, request: SignedIn, object_id: str) -> HttpResponse:
        """手機短訊 (S9.8)"""
        login = self._find(request, object_id, *logins.WRITERS)
        send_and_say(request, send_code_as_officer, login)
        return redirect("admin:staff_administratorlogin_change", login.pk)

    def new_password_page(self, request: SignedIn, object_id: str) -> HttpResponse:
        login = self._find(request, object_id, Role.APPROVER)
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            try:
                logins.demand_new_password(login=login, by=request.user, reason=form.cleaned_data["reason"])
            except (StatusNotAllowed, logins.OwnLogin) as refusal:
                form.add_error(None, not_allowed(refusal))
            else:
                messages.success(request, _("A new password is demanded at the next login."))
                return redirect("admin:staff_administratorlogin_change", login.pk)
        ends = [
            {"what": _("The sessions of this login"), "detail": _("They end at once.")},
            {
                "what": _("The password, at the next login"),
                "detail": _("It opens the page that asks for a new one, and nothing behind it."),
            },
        ]
        keeps = [{"what": _("Powers, assignments and the second factor"), "detail": ""}]
        return self._act(
            request, login, form, title=_("Demand a new password"), button=_("Demand"), ends=ends, keeps=keeps
        )

    def second_factor_page(self, request: SignedIn, object_id: str) -> HttpResponse:
        login = self._find(request, object_id, Role.APPROVER)
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            try:
                gone = logins.remove_second_factor(login=login, by=request.user, reason=form.cleaned_data["reason"])
            except (StatusNotAllowed, logins.OwnLogin) as refusal:
                form.add_error(None, not_allowed(refusal))
            else:
                done = _("The authenticator app and its recovery codes are gone; the person has been told.")
                messages.success(request, done if gone else _("This login has no authenticator app."))
                return redirect("admin:staff_administratorlogin_change", login.pk)
        ends = [
            {
                "what": _("The authenticator app and the recovery codes"),
                "detail": _("Prove first who the person is, as before a mobile phone number is changed."),
            }
        ]
        keeps = [
            {
                "what": _("The password and the demand for a code"),
                "detail": _(
                    "Where a code is demanded at login it comes by SMS from now on. "
                    "The person is told by SMS and e-mail."
                ),
            }
        ]
        return self._act(
            request, login, form, title=_("Remove the second factor"), button=_("Remove"), ends=ends, keeps=keeps
        )

    # --- what the pages have in common ---

    def _demand(self, request: HttpRequest, *roles: Role) -> None:
        if not has_role(request.user, *roles):
            raise Http404

    def _find(self, request: HttpRequest, object_id: str, *roles: Role) -> StaffLogin:
        """As a `StaffLogin`, which operations and components know."""
        self._demand(request, *roles)
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return StaffLogin.objects.select_related("entity", "service_administration").get(pk=found.pk)

    def _act(self, request: HttpRequest, login: StaffLogin, form: Form, **page: Any) -> HttpResponse:
        context = self._context(request, login, form=form, danger=True, **page)
        return render(request, "admin/staff/administratorlogin/act.html", context)

    def _context(self, request: HttpRequest, login: StaffLogin | None = None, **more: Any) -> dict[str, Any]:
        page = {"opts": self.opts, "login": login, "title": login.name if login else "", **more}
        return {**self.admin_site.each_context(request), **page}


def not_allowed(refusal: Exception) -> str:
    if isinstance(refusal, logins.OwnLogin):
        return _("This is your own login: ask another officer.")
    return _("This login is not active, or no longer an administrator: nothing was changed.")
