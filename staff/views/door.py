"""The way in and out: sign-in and its steps, a new password, a forgotten username, the language of the pages."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django_otp.models import Device

from entity_portal import codes, demo
from entity_portal.access import public
from entity_portal.humancheck.fields import browser_of
from entity_portal.language import own_address, set_language_cookie
from entity_portal.overload import looks_at_a_password
from entity_portal.ratelimit import client_address, forget, limited, network, refuse_target, take_back, tallied, tally
from staff import forms, operations, queries, sessions, steps, tasks
from staff.asking import asker, let_on
from staff.hashing import Busy, slot
from staff.models import MobilePhone, ResetCode, StaffLogin
from staff.qr import drawn
from staff.steps import AtTheDoor, at_step

PENDING_RESET = "pending_reset"  # session: by what the code that was asked for is found
RESET_FOR = "reset_for"  # session: what was typed, whether or not it belongs to anyone
FREE_TRIES = 2  # wrong passwords for one name before the human check is asked (A7)
FREE_TRIES_HERE = 10  # wrong ones from one place within an hour, whatever the names
FREE_TRIES_ENTITY = 30  # wrong ones for one entity within an hour, whatever the names and places
NAMES_REMEMBERED = timedelta(days=30)
PER_TARGET = "30/h"  # answered human checks about one login, from wherever
KNOWN = timedelta(days=90)  # how long a browser in which somebody came in is known to have been theirs


# --- sign-in ---


@public
@limited("30/m", "300/h", refused_only=True)
@sensitive_post_parameters("password")
@looks_at_a_password
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """登入 (section 六): one sentence for every reason it may fail for."""
    following = request.POST.get("next") or request.GET.get("next", "")
    if request.user.is_authenticated:
        return redirect(own_address(request, following))
    form = forms.SignInForm(
        request.POST or None,
        initial={"entity_number": request.GET.get("entity", "")[:20]},
        browser=browser_of(request),
    )
    if form.is_valid():
        entity_number, _username = name = (form.cleaned_data["entity_number"], form.cleaned_data["username"])
        counted = ("sign-in", *name, known_browser(request, name))
        tries = tally(*counted, life=NAMES_REMEMBERED)
        if human_wanted(request, entity_number, tries) and not form.human_answered:
            form.ask_human(_("For your safety, answer this too and enter your password again."))
        else:
            try:
                login = auth.authenticate(request, **form.credentials)
            except Busy:
                take_back(*counted)
                raise
            if isinstance(login, StaffLogin):
                take_back(*counted)
                chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
                language = (translation.get_language() if chosen else "") or login.language
                response = steps.begin(
                    request,
                    login,
                    password=form.credentials["password"],
                    following=own_address(request, following),
                    language=language,
                )
                remember_browser(response, name)
                return response
            note_refusal(request, entity_number)
            form.refuse()
            if human_wanted(request, entity_number, tries + 1):
                form.ask_human()
    elif not form.is_bound and human_wanted(request, "", 0):
        form.ask_human()
    elif "human" in form.errors:  # a browser is not given the password back
        form.add_error("password", _("Please enter the password again."))
    ended = "ended" in request.GET and request.method == "GET"
    who = asker(following)
    context = {
        "form": form,
        "next": following,
        "asker": who,
        "ended": ended,
        "demo_logins": demo.logins() if settings.DEMO else [],
        "demo_officers": demo.officers() if settings.DEMO else [],
    }
    return let_on(render(request, "staff/sign_in.html", context), who)


def human_wanted(request: HttpRequest, entity_number: str, tries: int) -> bool:
    """Whether the human check is asked: counted the same for names that exist and names that do not (A7, A11)."""
    here, entity = tallied(("refused here", network(client_address(request))), ("refused entity", entity_number))
    return tries > FREE_TRIES or here >= FREE_TRIES_HERE or entity >= FREE_TRIES_ENTITY


# Whoever came in once in a browser has a count of tries of their own there. So a success need not wipe out the count
# that strangers share, which would tell them that the name exists and when its owner comes in (A11).


def known_browser(request: HttpRequest, name: tuple[str, str]) -> str:
    """Which of the browsers in which this name came in it is; "" for all others together."""
    nonce, _colon, signature = request.COOKIES.get(settings.KNOWN_COOKIE_NAME, "").partition(":")
    fits = constant_time_compare(signature, signed(nonce, name))
    return nonce if fits else ""


def signed(nonce: str, name: tuple[str, str]) -> str:
    return salted_hmac("staff.known_browser", "|".join((nonce, *name)), algorithm="sha256").hexdigest()


def remember_browser(response: HttpResponse, name: tuple[str, str]) -> None:
    """The right password was given here: a new count, known by a cookie that names nobody."""
    nonce = secrets.token_hex(8)
    response.set_cookie(
        settings.KNOWN_COOKIE_NAME,
        f"{nonce}:{signed(nonce, name)}",
        max_age=KNOWN,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def note_refusal(request: HttpRequest, entity_number: str) -> None:
    tally("refused here", network(client_address(request)), life=timedelta(hours=1))
    tally("refused entity", entity_number, life=timedelta(hours=1))


@at_step("code")
@limited("20/m")
@sensitive_post_parameters("code")
def verify(request: AtTheDoor) -> HttpResponse:
    """驗證碼: the second step, by application, SMS or recovery code."""
    login = request.person
    ways = ways_to_verify(login)
    by = request.POST.get("by") or request.GET.get("by", "")
    if by not in ways:
        by = next(iter(ways))
    form = forms.VerifyForm(request.POST or None, by=by, autofocus=True)
    if form.is_valid():
        device = ways[by]
        if slowed_down(form, device):
            pass
        elif operations.verify(
            login=login, device=device, token=form.cleaned_data["code"], where=sessions.whereabouts(request)
        ):
            return steps.done(request, method="sms" if by == "sms" else "otp", device=device)
        else:
            form.add_error("code", wrong_code_sentence(by))
    context = {"form": form, "by": by, "ways": list(ways), "login": login}
    return render(request, "staff/verify.html", context | (queries.sms_state(login) if by == "sms" else {}))


def slowed_down(form: forms.VerifyForm, device: Device | None) -> bool:
    """Too many wrong codes have been entered for another to be looked at now; the form says when it will be."""
    allowed, why = device.verify_is_allowed() if device else (True, None)
    if not allowed and why:
        until = timezone.localtime(why["locked_until"] + timedelta(seconds=1)).strftime("%H:%M:%S")
        form.add_error("code", _("Too many wrong codes. Enter a new one after %(time)s.") % {"time": until})
    return not allowed


def ways_to_verify(login: StaffLogin) -> dict[str, Device | None]:
    """By what a login may take the second step now, the usual way first."""
    app, sheet = queries.app_of(login), queries.sheet_of(login)
    ways: dict[str, Device | None] = {}
    if app:
        ways["app"] = app
    if queries.sms_accepted(login):
        ways["sms"] = MobilePhone.objects.filter(user=login).first()
    if sheet and sheet.left:
        ways["recovery"] = sheet
    return ways


def wrong_code_sentence(by: str) -> str:
    if by == "app":
        return _("This code is wrong or was used already. Wait until the app shows a new one.")
    if by == "recovery":
        return _("This recovery code is wrong or was used already.")
    return _("The code is wrong or no longer valid. Check the SMS, or ask for a new code.")


@at_step("code")
@require_POST
@limited("10/m")
def verify_send(request: AtTheDoor) -> HttpResponse:
    """Send the code by SMS, or another one."""
    try:
        operations.send_sign_in_code(login=request.person)
    except codes.TooSoon:
        messages.warning(request, _("A code was sent less than a minute ago. Please wait for it."))
    except codes.TooManyToday:
        messages.warning(request, _("No more codes can be sent to you today."))
    except operations.SMSNotAccepted:
        messages.warning(request, _("A code by SMS is not accepted for this login now."))
    else:
        messages.success(request, _("A new code is on its way by SMS."))
    return redirect(f"{reverse('staff:verify')}?by=sms")


@at_step("app")
@limited("20/m")
@sensitive_post_parameters("code")
def set_up_app(request: AtTheDoor) -> HttpResponse:
    """Officers set their application up before they go in."""
    login = request.person
    begun = queries.app_begun(login, request.entry.begun)
    if begun is None or queries.app_of(login):
        return steps.again(request)
    form = forms.VerifyForm(request.POST or None)
    if form.is_valid() and not slowed_down(form, begun):
        recovery = operations.confirm_app(
            login=login,
            begun=begun,
            replaces=None,
            token=form.cleaned_data["code"],
            where=sessions.whereabouts(request),
        )
        if recovery:
            request.entry.following, request.entry.recovery = reverse("staff:recovery_codes"), recovery
            return steps.done(request, method="otp", device=queries.app_of(login))
        form.add_error("code", wrong_code_sentence("app"))
    return render(request, "staff/set_up_app.html", {"form": form, "at_the_door": True, **drawn(begun)})


@at_step("password")
@limited("20/m")
@sensitive_post_parameters("new_password", "new_password_again")
@looks_at_a_password
def new_password(request: AtTheDoor) -> HttpResponse:
    """A password that must be changed before going in (NIST SP 800-63B-4, 3.1.1.2)."""
    login = request.person
    form = forms.DemandedPasswordForm(request.POST or None, login=login)
    if form.is_bound:
        with slot():  # to compare it with the old one is a hash too
            changed = form.is_valid() and operations.set_password(login=login, new=form.cleaned_data["new_password"])
        if changed:
            messages.success(request, _("Your password has been changed. Your other sessions have ended."))
            return steps.done(request)
    return render(request, "staff/new_password.html", {"form": form, "login": login})


@public
def set_language(request: HttpRequest, code: str) -> HttpResponse:
    """The switch in the header: keeps the choice in a cookie and on the login, and goes back to the page."""
    response = redirect(own_address(request, request.GET.get("next", "")))
    if code in dict(settings.LANGUAGES):
        set_language_cookie(response, code)
        if isinstance(request.user, StaffLogin):
            operations.remember_language(login=request.user, language=code)
    return response


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return logged_out(request)


def logged_out(request: HttpRequest) -> HttpResponse:
    """The browser forgets what was seen, also what it keeps for its "back" (ASVS 14.3.1); the language stays."""
    messages.success(request, _("You have logged out."))
    response = redirect("home")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


# --- 需要幫助 ---


@public
@limited("20/m", "100/h")
def reset_password(request: HttpRequest) -> HttpResponse:
    """重設密碼, step 1: the same answer in the same time whether or not the data belong to someone (A13, A15)."""
    form = forms.ResetPasswordForm(request.POST or None, browser=browser_of(request))
    if form.is_valid():
        data = form.cleaned_data
        if refusal := refuse_target(request, "reset", PER_TARGET, data["entity_number"], data["username"]):
            return refusal
        request.session.setdefault(PENDING_RESET, str(uuid4()))
        names = ("entity_number", "username", "birth_date")
        request.session[RESET_FOR] = {name: str(data[name]) for name in names}
        note_reset(request)
        return redirect("staff:reset_password_code")
    return render(request, "staff/reset_password.html", {"form": form})


def note_reset(request: HttpRequest) -> None:
    """Leave it to the worker to find out whether what was typed belongs to someone (A13, A15)."""
    tasks.send_reset_code.defer(request=request.session[PENDING_RESET], **request.session[RESET_FOR])


@public
@require_POST
@limited("5/m", "20/h")
def reset_password_again(request: HttpRequest) -> HttpResponse:
    """Another code, for what was typed on the page before."""
    if PENDING_RESET not in request.session:
        return redirect("staff:reset_password")
    note_reset(request)
    messages.success(request, _("If the data match, another code is on its way. One is sent a minute at most."))
    return redirect("staff:reset_password_code")


@public
@limited("20/m", "100/h")
@sensitive_post_parameters("code", "new_password", "new_password_again")
@looks_at_a_password
def reset_password_code(request: HttpRequest) -> HttpResponse:
    """重設密碼, step 2: the code from the SMS and the new password."""
    if PENDING_RESET not in request.session:
        return redirect("staff:reset_password")
    asked = ResetCode.objects.filter(request=UUID(request.session[PENDING_RESET]))
    row = asked.select_related("login__entity").order_by("-created_at").first()
    form = forms.ResetCodeForm(request.POST or None, login=None)
    if form.is_valid():
        right = operations.reset_code_is_right(row=row, code=form.cleaned_data["code"])
        # Only now is the password compared with the person: before, the answer would tell who exists (A13).
        fits = bool(row and right and form.fits(row.login))
        with slot():
            changed = fits and row and operations.reset_password(row=row, new=form.cleaned_data["new_password"])
        if row and changed:
            forget("sign-in", row.login.entity.number, row.login.username or "", "")
            del request.session[PENDING_RESET]
            request.session.pop(RESET_FOR, None)
            messages.success(request, _("Your password has been reset. You can log in now."))
            return redirect("staff:sign_in")
        if not (right and not fits):
            form.add_error("code", _("The code is wrong or no longer valid. Check the SMS, or ask for a new code."))
            form.add_error("new_password", _("Please enter the password again."))
    context = {"form": form, "username": request.session[RESET_FOR]["username"]}
    return render(request, "staff/reset_password_code.html", context)


@public
@limited("20/m", "100/h")
def remind_username(request: HttpRequest) -> HttpResponse:
    """忘記用戶名稱: by SMS to the number on record; the page says the same to everyone."""
    form = forms.RemindUsernameForm(request.POST or None, browser=browser_of(request))
    if form.is_valid():
        data: dict[str, Any] = {key: value for key, value in form.cleaned_data.items() if key != "human"}
        target = (data["entity_number"], data["document_type"], data["document_number"])
        if refusal := refuse_target(request, "remind", PER_TARGET, *target):
            return refusal
        tasks.defer_reminder(**data)
        return redirect(f"{reverse('staff:remind_username')}?sent")
    return render(request, "staff/remind_username.html", {"form": form, "sent": "sent" in request.GET})
