"""The staff list, and what administrators do with a login."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entity_portal import codes, lists, sought
from entity_portal.judging import judges, offer
from entity_portal.sheets import download
from entity_portal.text import number
from staff import exports, forms, operations, queries
from staff.access import SignedIn, administrator_only, recently_proven
from staff.history import SOMEBODY
from staff.models import EmailChange, StaffLogin, Status
from staff.views.email import link_sent, too_many_links

PER_PAGE = 25
JUDGED = ("name_zh", "name_foreign", "document_number", "birth_date", "mobile", "email")  # as soon as they are left


@administrator_only
@require_http_methods(["GET", "HEAD", "POST"])
def list_staff(request: SignedIn) -> HttpResponse:
    """工作人員列表 (S9.5, S9.6). What is looked for is posted, and stands in the address sealed."""
    if request.method == "POST":
        return redirect(_address(request))
    filters, by_document = _asked(request)
    sort = lists.understood(request.GET.get("sort", ""), queries.SORTS, queries.DEFAULT_SORT)
    found = queries.find(request.user.entity, **filters.cleaned_data, by_document=by_document, sort=sort)
    pending = filters.cleaned_data["status"] == Status.PENDING
    if pending:
        found = found.prefetch_related("activation_codes__sms")
    asked, heads = filters.cleaned_data, queries.heads(request.user.entity)
    is_known = not asked["q"] and asked["status"] != "locked"
    n = queries.how_many(heads, status=asked["status"], role=asked["role"]) if is_known else None
    person_at = reverse("person", args=[SOMEBODY])  # once, not for each row
    page = lists.Pages(found, PER_PAGE, count=n).get_page(request.GET.get("page"))
    n = page.paginator.count
    context = {
        "page": page,
        "found": ngettext("%(n)s person found", "%(n)s people found", n) % {"n": number(n)},
        "rows": [
            {
                "login": login,
                "url": person_at.replace(SOMEBODY, login.euid),
                "code": queries.latest_code(login) if pending else None,
            }
            for login in page
        ],
        "pending": pending,
        "filters": filters,
        "filters_active": any(filters.cleaned_data.values()),
        "total": queries.how_many(heads),
        "pending_total": queries.how_many(heads, status=Status.PENDING),
        "columns": _columns(request, sort, ticks=pending),
    }
    return lists.draw(request, "staff/list.html", context)


def _address(request: SignedIn) -> str:
    """Where the list is that the form asks for; nothing that was typed can be read in it (ASVS 14.2.1)."""
    asked = forms.FilterForm.understood(request.POST).cleaned_data
    words = asked.pop("q")
    sort = lists.understood(request.POST.get("sort", ""), queries.SORTS, "")
    seal = sought.sealed(request, words) if words else ""
    query = urlencode({name: value for name, value in {**asked, "sort": sort, "sought": seal}.items() if value})
    return f"{request.path}?{query}" if query else request.path


def _asked(request: SignedIn) -> tuple[forms.FilterForm, bool]:
    """What narrows the list, and whether a document number may be among it: words for all to read have none."""
    asked = request.GET.dict()
    if "sought" in asked:
        asked["q"] = sought.opened(request, asked["sought"])
    return forms.FilterForm.understood(asked), "sought" in asked


def _columns(request: HttpRequest, sort: str, *, ticks: bool) -> list[dict[str, Any]]:
    """The columns of S9.6. Where nobody has a username yet, its place is for ticks."""
    labels = {
        "username": _("Username"),
        "name_zh": _("Name in Chinese"),
        "name_foreign": _("Name in Portuguese / foreign language"),
        "document": _("Identification document no."),
        "phone": _("Phone"),
        "status": _("Status"),
        "role": _("Role"),
        "actions": _("Actions"),
    }
    if ticks:
        labels = {"tick": _("Select"), **{key: label for key, label in labels.items() if key != "username"}}
    return lists.columns(request, labels, sorts=queries.SORTS, sort=sort, default=queries.DEFAULT_SORT)


@administrator_only
@require_safe
@recently_proven(back="staff:list")
def export(request: SignedIn) -> StreamingHttpResponse:
    """The list as it is filtered, as CSV."""
    filters, by_document = _asked(request)
    sort = request.GET.get("sort", queries.DEFAULT_SORT)
    found = queries.find(request.user.entity, **filters.cleaned_data, by_document=by_document, sort=sort)
    operations.record_export(entity=request.user.entity, by=request.user, rows=found.count())
    return download(f"staff-{request.user.entity.number}", exports.staff_list(found.iterator(chunk_size=2000)))


@administrator_only
@judges(forms.PersonForm, JUDGED)
def new(request: SignedIn) -> HttpResponse:
    """新增工作人員登入號 (section 九). The button that also sends the code is `activation:create_and_send`."""
    form = forms.PersonForm(request.POST or None)
    offer(form, at=reverse("staff:new"), fields=JUDGED)
    if form.is_valid():
        try:
            login = operations.create_login(entity=request.user.entity, by=request.user, **form.cleaned_data)
        except operations.PersonExists:
            add_person_exists(form)
        else:
            messages.success(
                request,
                _("%(name)s has been added. Send the activation code when the person is ready.") % {"name": login.name},
            )
            return redirect("staff:list")
    return render(request, "staff/new.html", {"form": form})


def add_person_exists(form: forms.PersonForm) -> None:
    form.add_error("document_number", _("The entity has a staff login for this document already."))


@administrator_only
def edit(request: SignedIn, euid: str) -> HttpResponse:
    """編輯 (section 十)"""
    login = get_object_or_404(request.user.entity.logins, euid=euid)
    frozen = operations.frozen_fields(login)
    refused = "email" in frozen
    context: dict[str, Any] = {"login": login, "refused": refused, "email_only": bool(frozen)}
    if refused:
        return render(request, "staff/edit.html", context, status=403 if request.method == "POST" else 200)
    form = forms.PersonForm.of(login, request.POST or None)
    if form.is_valid():
        try:
            changed = operations.change_login(login=login, by=request.user, data=form.cleaned_data)
        except operations.PersonExists:
            add_person_exists(form)
        except operations.DataFrozen:
            form.add_error(None, _("The person has activated meanwhile: only the e-mail address can be changed now."))
        except (codes.TooSoon, codes.TooManyToday) as refusal:
            form.add_error("email", too_many_links(refusal))
        else:
            if isinstance(changed, EmailChange):
                messages.success(request, link_sent(changed.email))
            else:
                messages.success(request, _("The data have been updated.") if changed else _("Nothing was changed."))
            return redirect("person", euid)
    return render(request, "staff/edit.html", context | {"form": form})


@administrator_only
@recently_proven()
def remove_administrator(request: SignedIn, euid: str) -> HttpResponse:
    """Take the administrator power away, keep the login (Q5)."""
    login = get_object_or_404(request.user.entity.logins, euid=euid)
    form = forms.forms.Form(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            operations.remove_administrator(login=login, by=request.user)
        except operations.LastAdministrator:
            form.add_error(None, last_administrator_sentence())
        except operations.StatusNotAllowed:
            form.add_error(None, _("This login is not an administrator."))
        else:
            return leave_or_stay(request, login, _("%(name)s is no longer an administrator.") % {"name": login.name})
    return render(request, "staff/remove_administrator.html", {"login": login, "form": form})


def leave_or_stay(request: SignedIn, login: StaffLogin, done: str) -> HttpResponse:
    """Say what was done; whoever did it to themselves has no session any more and is sent to the door."""
    if login.pk == request.user.pk:
        auth.logout(request)
        messages.success(request, done)
        return redirect("staff:sign_in")
    messages.success(request, done)
    return redirect("person", login.euid)


def last_administrator_sentence() -> str:
    """S3.4, for people."""
    return _("An entity needs at least one administrator. Apply for another one first.")


@administrator_only
@require_POST
def reveal(request: SignedIn, euid: str) -> HttpResponse:
    """Show a masked number in full, once, and remember that it was shown (Q28)."""
    login = get_object_or_404(request.user.entity.logins, euid=euid)
    what = request.POST.get("what", "")
    if what in {"document", "mobile"}:
        operations.record_reveal(login=login, by=request.user, what=what)
        request.session["revealed"] = [euid, what]
    return redirect(f"{reverse('person', args=[euid])}#data")
