"""Pages of this room: the door, one's password, the staff list."""

from typing import Any

from django.conf import settings
from django.contrib import auth, messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from entity_portal import demo
from entity_portal.access import public, signed_in
from entity_portal.ratelimit import limited
from staff import exports, forms, operations, queries
from staff.access import administrator_only
from staff.models import ResetCode, StaffLogin

PER_PAGE = 25
PENDING_RESET = "pending_reset"  # session: the code that was sent, or None where nothing was
RESET_FOR = "reset_for"  # session: the username as it was typed, whether or not anyone has it


class SignedIn(HttpRequest):
    """A request behind the door: its user is a login."""

    user: StaffLogin


# --- the door ---


@public
@limited("30/m")
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """登入 (section 六): one sentence for every reason it may fail for."""
    following = request.POST.get("next") or request.GET.get("next", "")
    if request.user.is_authenticated:
        return redirect(_own_address(request, following))
    form = forms.SignInForm(request.POST or None, initial={"entity_number": request.GET.get("entity", "")[:20]})
    if form.is_valid():
        login = auth.authenticate(request, **form.cleaned_data)
        if isinstance(login, StaffLogin):
            chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
            language = translation.get_language() if chosen else login.language
            operations.record_sign_in(login=login, language=language or login.language)
            auth.login(request, login)
            response = redirect(_own_address(request, following))
            set_language_cookie(response, login.language)
            return response
        form.add_error(
            None,
            _(
                "Entity number, username and password do not fit together, or the account cannot be used. "
                "If you have forgotten your password or the account is locked, choose Reset password below."
            ),
        )
    context = {"form": form, "next": following, "demo_logins": demo.logins() if settings.DEMO else []}
    return render(request, "staff/sign_in.html", context)


def _own_address(request: HttpRequest, address: str) -> str:
    """`address` if it is a page of ours, else the home page (A74)."""
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if ours else reverse("home")


@public
def set_language(request: HttpRequest, code: str) -> HttpResponse:
    """The switch in the header: keeps the choice in a cookie and on the login, and goes back to the page."""
    response = redirect(_own_address(request, request.GET.get("next", "")))
    if code in dict(settings.LANGUAGES):
        set_language_cookie(response, code)
        if isinstance(request.user, StaffLogin):
            operations.remember_language(login=request.user, language=code)
    return response


def set_language_cookie(response: HttpResponse, code: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    messages.success(request, _("You have logged out."))
    return redirect("home")


@public
@never_cache
@limited("20/m")
def reset_password(request: HttpRequest) -> HttpResponse:
    """重設密碼, step 1: the answer is the same whether or not the data belong to someone (A13)."""
    form = forms.ResetPasswordForm(request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        row = operations.send_reset_code(
            entity_number=data["entity_number"], username=data["username"], birth_date=data["birth_date"]
        )
        request.session[PENDING_RESET] = row.pk if row else None
        request.session[RESET_FOR] = data["username"]
        return redirect("staff:reset_password_code")
    return render(request, "staff/reset_password.html", {"form": form})


@public
@never_cache
@limited("20/m")
@sensitive_post_parameters("code", "new_password", "new_password_again")
def reset_password_code(request: HttpRequest) -> HttpResponse:
    """重設密碼, step 2: the code from the SMS and the new password."""
    if PENDING_RESET not in request.session:
        return redirect("staff:reset_password")
    row = ResetCode.objects.select_related("login__entity").filter(pk=request.session[PENDING_RESET]).first()
    form = forms.ResetCodeForm(request.POST or None, login=None)
    context = {"form": form, "username": request.session.get(RESET_FOR)}
    if form.is_valid():
        right = operations.reset_code_is_right(row=row, code=form.cleaned_data["code"])
        # Only now is the password compared with the person: before, the answer would tell who exists (A13).
        if row and right and not form.fits(row.login):
            return render(request, "staff/reset_password_code.html", context)
        if row and right and operations.reset_password(row=row, new=form.cleaned_data["new_password"]):
            del request.session[PENDING_RESET]
            request.session.pop(RESET_FOR, None)
            messages.success(request, _("Your password has been reset. You can log in now."))
            return redirect("staff:sign_in")
        form.add_error("code", _("The code is wrong or no longer valid. Check the SMS, or ask for a new code."))
    return render(request, "staff/reset_password_code.html", context)


@public
@never_cache
@limited("20/m")
def remind_username(request: HttpRequest) -> HttpResponse:
    """忘記用戶名稱: by SMS to the number on record; the page says the same to everyone."""
    form = forms.RemindUsernameForm(request.POST or None)
    sent = form.is_valid()
    if sent:
        operations.remind_username(**{key: value for key, value in form.cleaned_data.items() if key != "human"})
    return render(request, "staff/remind_username.html", {"form": form, "sent": sent})


@signed_in
@sensitive_post_parameters("old_password", "new_password", "new_password_again")
def change_password(request: SignedIn) -> HttpResponse:
    """變更密碼 (section 八)"""
    form = forms.ChangePasswordForm(request.POST or None, login=request.user)
    if form.is_valid():
        data = form.cleaned_data
        if operations.change_password(login=request.user, old=data["old_password"], new=data["new_password"]):
            auth.update_session_auth_hash(request, request.user)
            messages.success(request, _("Your password has been changed. Your other sessions have ended."))
            return redirect("account")
        form.add_error("old_password", _("This is not your present password."))
    return render(request, "staff/change_password.html", {"form": form})


# --- the staff list ---


@administrator_only
@require_safe
def list_staff(request: SignedIn) -> HttpResponse:
    """工作人員列表 (S9.5, S9.6)"""
    filters = forms.FilterForm.understood(request.GET)
    sort = request.GET.get("sort", queries.DEFAULT_SORT)
    found = queries.find(request.user.entity, **filters.cleaned_data, sort=sort)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    counts = queries.counts(request.user.entity)
    context = {
        "page": page,
        "filters": filters,
        "filters_active": any(filters.cleaned_data.values()),
        "total": counts["total"],
        "pending_total": counts["pending"],
        "sort": sort,
        "columns": _columns(request, sort),
    }
    return render(request, "staff/list.html", context)


def _columns(request: HttpRequest, sort: str) -> list[dict[str, Any]]:
    """The columns of S9.6, each with the address that sorts by it, and how it is sorted now."""
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
    columns = []
    for key, label in labels.items():
        query = request.GET.copy()
        query.pop("page", None)
        query["sort"] = f"-{key}" if sort == key else key
        columns.append(
            {
                "key": key,
                "label": label,
                "sort_url": f"?{query.urlencode()}" if key in queries.SORTS else None,
                "aria_sort": {key: "ascending", f"-{key}": "descending"}.get(sort),
            }
        )
    return columns


@administrator_only
@require_safe
def export(request: SignedIn) -> StreamingHttpResponse:
    """The list as it is filtered, as CSV."""
    asked = forms.FilterForm.understood(request.GET).cleaned_data
    found = queries.find(request.user.entity, **asked, sort=request.GET.get("sort", queries.DEFAULT_SORT))
    operations.record_export(entity=request.user.entity, by=request.user, rows=found.count())
    return StreamingHttpResponse(
        exports.staff_list(found.iterator(chunk_size=2000)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="staff-{request.user.entity.number}.csv"'},
    )


@administrator_only
def new(request: SignedIn) -> HttpResponse:
    """新增工作人員登入號 (section 九). The button that also sends the code is `activation:create_and_send`."""
    form = forms.PersonForm(request.POST or None)
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
        else:
            messages.success(request, _("The data have been updated.") if changed else _("Nothing was changed."))
            return redirect("person", euid)
    return render(request, "staff/edit.html", context | {"form": form})


@administrator_only
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
            messages.success(request, _("%(name)s is no longer an administrator.") % {"name": login.name})
            return redirect("home" if login.pk == request.user.pk else reverse("person", args=[euid]))
    return render(request, "staff/remove_administrator.html", {"login": login, "form": form})


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
