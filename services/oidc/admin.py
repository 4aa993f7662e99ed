"""Registering clients of e-services, for officers. A secret is on one page, once, and nowhere else."""

from copy import copy
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from entity_portal.admin import ReadOnlyAdmin, Task, is_officer, site
from services.oidc import operations
from services.oidc.forms import ClientForm, NewClientForm
from services.oidc.models import Authentication, Client
from staff.access import SignedIn

ADDRESSES = ("redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri")
PROOF = ("authentication", "public_keys", "pkce_required", "par_required")
TOLD = ("scopes", "subject_type", "algorithm", "asks")


@admin.register(Client, site=site)
class ClientAdmin(ReadOnlyAdmin):
    """Every write goes through the operations, so Django's own pages for it are not there."""

    task = Task.CATALOGUE
    explains = gettext_lazy("Programs that let people log in with this account, their addresses and secrets.")
    icon = "app-window"

    list_display = ("name", "service_name", "client_id", "state")
    list_select_related = ("service",)
    search_fields = ("name", "client_id", "service__code")
    search_help_text = gettext_lazy("Part of a name, a client_id or the code of an e-service")
    ordering = ("service__code", "name")
    sortable_by = ("name",)

    def get_urls(self) -> list[URLPattern]:
        def page(address: str, view: Any, name: str) -> URLPattern:
            return path(address, self.admin_site.admin_view(view), name=f"oidc_client_{name}")

        return [
            page("", self.changelist_view, "changelist"),
            page("add/", self.add_page, "add"),
            page("<path:object_id>/change/", self.change_page, "change"),
            page("<path:object_id>/secret/", require_POST(self.make_secret), "secret"),
            page("<path:object_id>/disable/", require_POST(self.disable), "disable"),
            page("<path:object_id>/enable/", require_POST(self.enable), "enable"),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_officer(request.user)

    @admin.display(description=gettext_lazy("E-service"), ordering="service__code")
    def service_name(self, client: Client) -> str:
        return client.service.name

    @admin.display(description=gettext_lazy("Enabled"), boolean=True)
    def state(self, client: Client) -> bool:
        return client.disabled_at is None

    def add_page(self, request: SignedIn) -> HttpResponseBase:
        form = NewClientForm(request.POST or None)
        if form.is_valid():
            told = {name: form.cleaned_data[name] for name in ("service", "client_id")}
            try:
                client, secret = operations.register_client(by=request.user, **told, **form.settings)
            except operations.AlreadyRegistered:
                client, secret = Client.objects.get(client_id=told["client_id"]), ""
                messages.info(request, _("It has been registered. Its secret was shown once and can be made anew."))
                return redirect("admin:oidc_client_change", client.pk)
            return self._saved(request, client, secret)
        return self._form(request, form, None)

    def change_page(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        client = self._find(request, object_id)
        form = ClientForm(request.POST or None, instance=copy(client))
        if form.is_valid():
            try:
                secret = operations.change_client(client=client, by=request.user, **form.settings)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return self._saved(request, client, secret)
        return self._form(request, form, client)

    def make_secret(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        client = self._find(request, object_id)
        try:
            secret = operations.new_secret(client=client, by=request.user)
        except operations.NoSecret:
            raise Http404 from None
        return self._show(request, client, secret)

    def disable(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        client = self._find(request, object_id)
        operations.disable_client(client=client, by=request.user)
        messages.success(request, _("Disabled: nobody logs in through it, and what it holds is worth nothing."))
        return redirect("admin:oidc_client_change", client.pk)

    def enable(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        client = self._find(request, object_id)
        operations.enable_client(client=client, by=request.user)
        messages.success(request, _("Enabled again."))
        return redirect("admin:oidc_client_change", client.pk)

    def _find(self, request: HttpRequest, object_id: str) -> Client:
        client: Client | None = self.get_object(request, object_id)
        if client is None:
            raise Http404
        return client

    def _saved(self, request: SignedIn, client: Client, secret: str) -> HttpResponseBase:
        if secret:
            return self._show(request, client, secret)
        messages.success(request, _("Saved."))
        return redirect("admin:oidc_client_change", client.pk)

    def _show(self, request: SignedIn, client: Client, secret: str) -> HttpResponse:
        """The one answer that has a secret in it: it is not kept for another page."""
        return render(request, "admin/oidc/client/secret.html", self._context(request, client, secret=secret))

    def _form(self, request: SignedIn, form: ClientForm, client: Client | None) -> HttpResponse:
        first = ("name",) if client else ("client_id", "service", "name")
        fieldsets: list[Any] = [
            (None, {"fields": first}),
            (_("Addresses"), {"fields": ADDRESSES}),
            (_("How it proves itself"), {"fields": PROOF}),
            (_("What it is told"), {"fields": TOLD}),
        ]
        context = self._context(
            request,
            client,
            form=form,
            adminform=helpers.AdminForm(form, fieldsets, {}, model_admin=self),
            has_secret=client is not None and client.authentication == Authentication.SECRET,
        )
        return render(request, "admin/oidc/client/change_form.html", context)

    def _context(self, request: HttpRequest, client: Client | None, **more: Any) -> dict[str, Any]:
        title = str(client) if client else _("Register a program of an e-service")
        return {**self.admin_site.each_context(request), "opts": self.opts, "client": client, "title": title, **more}
