"""登入保安 and one's password: the second step, sessions, who came in; and what an entity demands of its people."""

from typing import Any

from django.contrib import auth, messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Entity, SecondFactor
from entity_portal.access import signed_in
from entity_portal.language import own_address
from entity_portal.overload import looks_at_a_password
from entity_portal.ratelimit import limited
from staff import forms, operations, queries, sessions
from staff.access import SignedIn, administrator_only, ask_for_proof, recently_proven
from staff.asking import asker, let_on
from staff.hashing import slot
from staff.models.session import device
from staff.qr import drawn
from staff.views.door import logged_out, slowed_down, wrong_code_sentence

VISITS_SHOWN = 20
# Why a login was refused, for the person whose login it is.
WHY = {
    "wrong password": gettext_lazy("wrong password"),
    "wrong code": gettext_lazy("wrong code"),
    "locked": gettext_lazy("the account is locked"),
}
SETTING_UP = "setting_up"  # session: the application that was begun here, and the one it replaces


@signed_in
@require_safe
def security(request: SignedIn) -> HttpResponse:
    """登入保安"""
    login = request.user
    sheet = queries.sheet_of(login)
    context = {
        "app": queries.app_of(login),
        "demanded": queries.factor_demanded(login),
        "recovery_left": sheet.left if sheet else 0,
        "sessions": login.sessions.order_by("-used_at"),
        "this_session": request.session.row_key,  # type: ignore[attr-defined]
        "visits": [
            {
                "at": event.at,
                "text": event.get_action_display(),
                "why": WHY.get(event.data.get("why", ""), ""),
                "refused": event.action.endswith((".refused", ".locked")),
                "device": device(event.data.get("agent", "")),
                "address": event.data.get("address", ""),
            }
            for event in queries.visits(login)[:VISITS_SHOWN]
        ],
    }
    return render(request, "staff/security.html", context)


# --- the password ---


@signed_in
@limited("20/m")
@sensitive_post_parameters("old_password", "new_password", "new_password_again")
@looks_at_a_password
def change_password(request: SignedIn) -> HttpResponse:
    """變更密碼 (section 八)"""
    form = forms.ChangePasswordForm(request.POST or None, login=request.user)
    if form.is_valid():
        data = form.cleaned_data
        row_key = request.session.row_key  # type: ignore[attr-defined]
        with slot():
            changed = operations.change_password(
                login=request.user, old=data["old_password"], new=data["new_password"], session=row_key
            )
        if changed:
            auth.update_session_auth_hash(request, request.user)
            sessions.remember_proof(request)
            messages.success(request, _("Your password has been changed. Your other sessions have ended."))
            return redirect("account")
        if locked := out_if_locked(request):
            return locked
        form.add_error("old_password", _("This is not your present password."))
    return render(request, "staff/change_password.html", {"form": form})


@signed_in
@limited("20/m")
@sensitive_post_parameters("password")
@looks_at_a_password
def confirm(request: SignedIn) -> HttpResponseBase:
    """The password again, before something that may do harm (ASVS 7.5.3)."""
    following = own_address(request, request.POST.get("next") or request.GET.get("next", ""))
    form = forms.ConfirmForm(request.POST or None)
    if form.is_valid():
        with slot():
            right = operations.prove_password(login=request.user, password=form.cleaned_data["password"])
        if right:
            sessions.remember_proof(request)
            messages.success(request, _("The password is right. Please go on with what you wanted to do."))
            return redirect(following)
        if locked := out_if_locked(request):
            return locked
        form.add_error("password", _("This is not your present password."))
    who = asker(following)
    return let_on(render(request, "staff/confirm.html", {"form": form, "next": following, "asker": who}), who)


def out_if_locked(request: SignedIn) -> HttpResponse | None:
    """Whoever guesses the password at an open screen until it locks is put out; other sessions go on (A8)."""
    request.user.refresh_from_db()
    if not request.user.is_locked:
        return None
    auth.logout(request)
    messages.error(
        request, _("Your account was locked after five wrong passwords. To unlock it, choose Reset password.")
    )
    return redirect("staff:sign_in")


# --- the application and its recovery codes ---


@signed_in
@require_POST
@recently_proven(back="staff:security")
def begin_app(request: SignedIn) -> HttpResponse:
    """Begin to set an application up, where there is none."""
    if queries.app_of(request.user):
        return redirect("staff:replace_app")
    return set_up(request, replaces=None)


def set_up(request: SignedIn, *, replaces: int | None) -> HttpResponse:
    """Begin an application in this session; no other sees its key, or can finish it."""
    begun = operations.begin_app(login=request.user)
    request.session[SETTING_UP] = {"begun": begun.pk, "replaces": replaces}
    return redirect("staff:app")


@signed_in
@recently_proven(back="staff:security")
@limited("20/m")
@sensitive_post_parameters("code")
def app(request: SignedIn) -> HttpResponse:
    """The picture to scan, and the first code of the new application."""
    kept = request.session.get(SETTING_UP, {"begun": 0, "replaces": None})
    begun = queries.app_begun(request.user, kept["begun"])
    if begun is None:
        return redirect("staff:security")
    form = forms.VerifyForm(request.POST or None)
    if form.is_valid() and not slowed_down(form, begun):
        recovery = operations.confirm_app(
            login=request.user,
            begun=begun,
            replaces=kept["replaces"],
            token=form.cleaned_data["code"],
            where=sessions.whereabouts(request),
        )
        if recovery:
            del request.session[SETTING_UP]
            sessions.show_for_a_while(request, recovery)
            messages.success(request, _("The authenticator app is set up."))
            return redirect("staff:recovery_codes")
        form.add_error("code", wrong_code_sentence("app"))
    return render(request, "staff/set_up_app.html", {"form": form, "at_the_door": False, **drawn(begun)})


def proved_by_code(request: SignedIn, form: forms.VerifyForm) -> bool:
    """The code is one of the application's or, in its form, a recovery code: the old factor, before it is changed."""
    if not form.is_valid():
        return False
    token = form.cleaned_data["code"]
    by = "app" if token.isdigit() else "recovery"
    held = queries.app_of(request.user) if by == "app" else queries.sheet_of(request.user)
    if slowed_down(form, held):
        return False
    if operations.verify(login=request.user, device=held, token=token, where=sessions.whereabouts(request)):
        return True
    form.add_error("code", wrong_code_sentence(by))
    return False


def with_code(request: SignedIn, what: str) -> tuple[forms.VerifyForm, dict[str, Any]]:
    form = forms.VerifyForm(request.POST or None, by="either")
    return form, {"form": form, "what": what, "demanded": queries.factor_demanded(request.user)}


@signed_in
@recently_proven(back="staff:security")
@limited("20/m")
@sensitive_post_parameters("code")
def replace_app(request: SignedIn) -> HttpResponse:
    """Another application: the old one, or a recovery code, lets it in."""
    form, context = with_code(request, "replace")
    present = queries.app_of(request.user)
    if present and proved_by_code(request, form):
        return set_up(request, replaces=present.pk)
    return render(request, "staff/prove_factor.html", context)


@signed_in
@recently_proven(back="staff:security")
@limited("20/m")
@sensitive_post_parameters("code")
def remove_app(request: SignedIn) -> HttpResponse:
    """No application any more."""
    form, context = with_code(request, "remove")
    if proved_by_code(request, form):
        if operations.remove_app(login=request.user, where=sessions.whereabouts(request)):
            messages.success(request, _("The authenticator app is turned off."))
            return redirect("staff:security")
        form.add_error(None, _("Officers need an authenticator app. Replace it instead."))
    return render(request, "staff/prove_factor.html", context)


@signed_in
@recently_proven(back="staff:security")
@limited("20/m")
@sensitive_post_parameters("code")
def new_recovery_codes(request: SignedIn) -> HttpResponse:
    """Ten new recovery codes."""
    form, context = with_code(request, "recovery")
    if proved_by_code(request, form):
        sessions.show_for_a_while(
            request, operations.new_recovery_codes(login=request.user, where=sessions.whereabouts(request))
        )
        return redirect("staff:recovery_codes")
    return render(request, "staff/prove_factor.html", context)


@signed_in
def recovery_codes(request: SignedIn) -> HttpResponse:
    """The recovery codes, until the person says that they are kept (POST), for ten minutes at most."""
    shown = sessions.shown_for_a_while(request)
    if request.method == "POST":
        request.session.pop(sessions.SHOWN, None)
    elif shown:
        codes = [f"{code[:5]}-{code[5:]}" for code in shown]
        return render(request, "staff/recovery_codes.html", {"codes": codes, "lines": "\n".join(codes)})
    else:
        messages.warning(
            request, _("The codes are no longer shown. If you did not keep them, make new recovery codes.")
        )
    return redirect("staff:security")


# --- sessions ---


@signed_in
@require_POST
def end_session(request: SignedIn, key: str) -> HttpResponse:
    """登出 of one session, with a password typed lately (ASVS 7.5.2); of this one, it is logging out."""
    row = get_object_or_404(request.user.sessions, session_key=key)
    if row.session_key == request.session.row_key:  # type: ignore[attr-defined]
        auth.logout(request)
        return logged_out(request)
    if not sessions.proven(request):
        return ask_for_proof(request, to=f"{reverse('staff:security')}#sessions")
    operations.end_sessions(login=request.user, sessions=[row])
    messages.success(request, _("The session has ended."))
    return redirect(f"{reverse('staff:security')}#sessions")


@signed_in
@require_POST
@recently_proven(back="staff:security")
def end_other_sessions(request: SignedIn) -> HttpResponse:
    """登出 everywhere else (ASVS 7.5.2)."""
    others = request.user.sessions.exclude(session_key=request.session.row_key)  # type: ignore[attr-defined]
    operations.end_sessions(login=request.user, sessions=list(others))
    messages.success(request, _("You are logged out everywhere else."))
    return redirect(f"{reverse('staff:security')}#sessions")


@signed_in
@sessions.passive
def session(request: SignedIn) -> JsonResponse:
    """For the page's script: how long this session lasts (GET), or go on with it (POST, the person said so)."""
    if request.method == "POST":
        sessions.touch(request)
    seconds, extendable = sessions.left(request)
    return JsonResponse({"seconds": seconds, "extendable": extendable})


# --- what an entity demands ---


def entity_now(entity: Entity) -> str:
    entity.refresh_from_db(fields=["second_factor"])
    return entity.get_second_factor_display()


@administrator_only
@recently_proven()
def entity_security(request: SignedIn) -> HttpResponse:
    """Of whom the entity demands a code at sign-in."""
    entity = request.user.entity
    form = forms.SecondFactorForm(request.POST or None, initial={"of": entity.second_factor})
    if form.is_valid():
        changed = operations.demand_second_factor(
            entity=entity, by=request.user, of=SecondFactor(form.cleaned_data["of"])
        )
        rule = _("Who must enter a code at login: %(who)s.") % {"who": entity_now(entity)}
        messages.success(request, rule if changed else _("Nothing was changed."))
        return redirect("entity")
    return render(request, "staff/entity_security.html", {"form": form})
