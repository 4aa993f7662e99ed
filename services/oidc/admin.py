"""Registering clients of e-services, for officers. A secret is on one page, once, and nowhere else."""

from copy import copy
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from entity_portal.admin import site, yes_or_no
from services.catalogue import queries
from services.catalogue.admin.pages import CatalogueAdmin
from services.oidc import operations
from services.oidc.forms import ClientForm, NewClientForm
from services.oidc.models import Authentication, Client
from staff.access import SignedIn

ADDRESSES = ("redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri")
PROOF = ("authentication", "public_keys", "pkce_required", "par_required")
TOLD = ("scopes", "subject_type", "algorithm", "asks")


@admin.register(Client, site=site)
class ClientAdmin(CatalogueAdmin):
    """A catalogue manager finds the clients of their departments' e-services and no others; auditors read all."""

    explains = gettext_lazy("Programs that let people log in with this account, their addresses and secrets.")
    icon = "app-window"
    new = gettext_lazy("Register a program of an e-service")

    to_department = "service__department"
    related = ("service__department",)
    list_display = ("name", "service_name", "client_id", "state")
    list_select_related = ("service",)
    search_fields = ("name", "client_id", "service__code")
    search_help_text = gettext_lazy("Part of a name, a client_id or the code of an e-service")
    ordering = ("service__code", "name")
    sortable_by = ("name",)

    def pages(self) -> list[Any]:
        return [
            ("add/", self.add_page, "add"),
            ("<path:object_id>/change/", self.change_page, "change"),
            ("<path:object_id>/secret/", require_POST(self.make_secret), "secret"),
            ("<path:object_id>/disable/", require_POST(self.disable), "disable"),
            ("<path:object_id>/enable/", require_POST(self.enable), "enable"),
        ]

    @admin.display(description=gettext_lazy("E-service"), ordering="service__code")
    def service_name(self, client: Client) -> str:
        return client.service.name

    @admin.display(description=gettext_lazy("Enabled"))
    def state(self, client: Client) -> str:
        return yes_or_no(client.disabled_at is None)

    def add_page(self, request: SignedIn) -> HttpResponseBase:
        if not self.has_add_permission(request):
            raise Http404
        form = NewClientForm(request.POST or None, departments=queries.managed(request.user))
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
        client = self.find(request, object_id)
        managed = self.may_change(request, client)
        if request.method == "POST" and not managed:
            raise Http404
        form = ClientForm(request.POST or None, instance=copy(client))
        if not managed:
            form.look_only()
        elif form.is_valid():
            try:
                secret = operations.change_client(client=client, by=request.user, **form.settings)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return self._saved(request, client, secret)
        return self._form(request, form, client)

    def make_secret(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        client = self.find_to_change(request, object_id)
        try:
            secret = operations.new_secret(client=client, by=request.user)
        except operations.NoSecret:
            raise Http404 from None
        return self._show(request, client, secret)

    def disable(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        client = self.find_to_change(request, object_id)
        operations.disable_client(client=client, by=request.user)
        messages.success(request, _("Disabled: nobody logs in through it, and what it holds is worth nothing."))
        return redirect("admin:oidc_client_change", client.pk)

    def enable(self, request: SignedIn, object_id: str) -> HttpResponseBase:
        client = self.find_to_change(request, object_id)
        operations.enable_client(client=client, by=request.user)
        messages.success(request, _("Enabled again."))
        return redirect("admin:oidc_client_change", client.pk)

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
            may_change=client is None or self.may_change(request, client),
            facts=_facts(form) if client and not self.may_change(request, client) else [],
            has_secret=client is not None and client.authentication == Authentication.SECRET,
        )
        return render(request, "admin/oidc/client/change_form.html", context)

    def _context(self, request: HttpRequest, client: Client | None, **more: Any) -> dict[str, Any]:
        title = str(client) if client else _("Register a program of an e-service")
        return {**self.admin_site.each_context(request), "opts": self.opts, "client": client, "title": title, **more}


def _facts(form: ClientForm) -> list[dict[str, Any]]:
    """What a client is registered with, to read: a label, and either `words`, `lines`, `tags` or a `block`."""
    facts = []
    for name in ("name", *ADDRESSES, *PROOF, *TOLD):
        field, value = form.fields[name], form[name].value()
        fact: dict[str, Any] = {"label": field.label}
        if isinstance(value, bool):
            fact["words"] = yes_or_no(value)
        elif name == "scopes":
            fact["tags"] = value
        elif name == "public_keys":
            fact["block"] = value
        elif name in ADDRESSES:
            fact["lines"] = value.split()
        else:
            fact["words"] = dict(getattr(field, "choices", ())).get(value, value)
        facts.append(fact)
    return facts
