"""啟動工作人員登入號, step by step; and sending the code."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from activation import forms, operations, terms
from activation.models import ActivationCode, TermsVersion
from entity_portal import codes
from entity_portal.access import public
from entity_portal.humancheck.fields import browser_of
from entity_portal.judging import judges, offer
from entity_portal.messaging import reasons
from entity_portal.messaging.models import Status as SMSStatus
from entity_portal.overload import looks_at_a_password
from entity_portal.ratelimit import limited, refuse_target
from staff import steps
from staff.access import SignedIn, administrator_only
from staff.forms import EUID, FilterForm, PersonForm
from staff.hashing import slot
from staff.models import StaffLogin, Status
from staff.operations import PersonExists, StatusNotAllowed, UsernameTaken, create_login
from staff.queries import find
from staff.steps import AtTheDoor, at_step
from staff.views.people import add_person_exists

JUDGED = ("document_number", "birth_date")  # by their form alone: nothing here says whom they belong to (A14)
IDENTIFIED = "activation"  # session: what step 1 found, for step 2
DONE = "activated"
AT_ONCE = 500  # codes sent by one press
NAMES_SHOWN = 5
PER_TARGET = "30/h"  # answered human checks about one person, from wherever
STEP_2_LASTS = timedelta(minutes=15)


@public
@judges(forms.IdentityForm, JUDGED)
@limited("20/m", "100/h")
@sensitive_post_parameters()
def start(request: HttpRequest) -> HttpResponse:
    """Step 1, 輸入個人資料: one sentence for every mismatch (A14)."""
    wording = terms.current(get_language() or "zh-hant")
    form = forms.IdentityForm(
        request.POST or None,
        initial={"entity_number": request.GET.get("entity", "")[:20]},
        browser=browser_of(request),
    )
    offer(form, at=request.path, fields=JUDGED)
    if form.is_valid():
        data = form.cleaned_data
        target = (data["entity_number"], data["document_type"], data["document_number"])
        if refusal := refuse_target(request, "activation", PER_TARGET, *target):
            return refusal
        row = operations.check_identity(
            entity_number=data["entity_number"],
            document_type=data["document_type"],
            document_number=data["document_number"],
            birth_date=data["birth_date"],
            code=data["code"],
        )
        if row:
            request.session.cycle_key()
            request.session[IDENTIFIED] = {
                "code": row.pk,
                "birth_date": data["birth_date"].isoformat(),
                "terms": wording.pk,
                "at": timezone.now().isoformat(),
            }
            return redirect("activation:credentials")
        form.add_error(
            None,
            _(
                "These data do not fit together, or the code is no longer valid. Check them against the SMS and your "
                "document. After five wrong tries in a day, your administrator can send a new code the next day."
            ),
        )
    return render(request, "activation/start.html", {"form": form, "terms": wording.text})


@public
@limited("20/m")
@sensitive_post_parameters()
@looks_at_a_password
def credentials(request: HttpRequest) -> HttpResponse:
    """Step 2, 設定用戶名稱和密碼; only after step 1, and for a quarter of an hour."""
    found: dict[str, Any] | None = request.session.get(IDENTIFIED)
    at = parse_datetime(found["at"]) if found else None
    row = ActivationCode.objects.select_related("login__entity").filter(pk=found["code"]).first() if found else None
    if found is None or at is None or row is None or row.state != "open" or timezone.now() > at + STEP_2_LASTS:
        return _start_again(request)
    form = forms.CredentialsForm(request.POST or None, login=row.login)
    if form.is_valid():
        try:
            with slot():
                login = operations.activate(
                    code=row,
                    username=form.cleaned_data["username"],
                    password=form.cleaned_data["password"],
                    birth_date=date.fromisoformat(found["birth_date"]),
                    terms=TermsVersion.objects.get(pk=found["terms"]),
                    accepted_at=at,
                )
        except UsernameTaken:
            form.add_error("username", _("Somebody else in the entity has this username. Choose another."))
        except operations.CodeGone:
            return _start_again(request)
        else:
            del request.session[IDENTIFIED]
            request.session[DONE] = {
                "euid": login.euid,
                "username": login.username,
                "entity_number": login.entity.number,
            }
            return redirect("activation:done")
    return render(request, "activation/credentials.html", {"form": form})


def _start_again(request: HttpRequest) -> HttpResponse:
    if request.session.pop(IDENTIFIED, None):
        messages.warning(request, _("Your time for this step is over, or the code has been used. Please begin again."))
    return redirect("activation:start")


@public
def done(request: HttpRequest) -> HttpResponse:
    """Step 3: activated, with the EUID (S7.1) and the way in."""
    if DONE not in request.session:
        return redirect("activation:start")
    return render(request, "activation/done.html", request.session[DONE])


@at_step("terms")
def accept_terms(request: AtTheDoor) -> HttpResponse:
    """The terms in a new version, before going in (Q6)."""
    wording = terms.current(get_language() or "zh-hant")
    form = forms.TermsForm(request.POST or None)
    if form.is_valid():
        operations.accept_terms(login=request.person, terms=wording)
        return steps.done(request)
    return render(request, "activation/accept_terms.html", {"form": form, "terms": wording.text})


@administrator_only
@require_POST
def send_code(request: SignedIn, euid: str) -> HttpResponse:
    """手機短訊 (S9.8)"""
    login = get_object_or_404(request.user.entity.logins, euid=euid)
    send_and_say(request, operations.send_code, login)
    return redirect("person", euid)


def send_and_say(request: SignedIn, send: Callable[..., ActivationCode], login: StaffLogin) -> None:
    """Send a login a code, and say that it is on its way or why it is not."""
    try:
        code = send(login=login, by=request.user)
    except (codes.TooSoon, codes.TooManyToday, StatusNotAllowed) as refusal:
        messages.warning(request, refusal_in_words(refusal))
    else:
        if why := withheld(code):
            messages.error(request, _("The activation code was not sent.") + f" {why}")
        else:
            sentence = _("The activation code is on its way to %(mobile)s by SMS.")
            messages.success(request, sentence % {"mobile": login.masked_mobile})


def withheld(code: ActivationCode) -> str:
    """Why a code's text will not even be tried, in words; "" if it will (A42, A43)."""
    return str(reasons.in_words(code.sms.reason)) if code.sms and code.sms.status == SMSStatus.FAILED else ""


@administrator_only
@require_POST
def send_codes(request: SignedIn) -> HttpResponse:
    """手機短訊 to many that are 未啟動: those ticked, or everyone found; each by itself, with a summary."""
    asked = FilterForm.understood(request.POST).cleaned_data
    pending = find(request.user.entity, q=asked["q"], by_document=True, status=Status.PENDING)
    if "everyone" not in request.POST:
        ticked = [euid for euid in request.POST.getlist("euid") if EUID.fullmatch(euid)]
        pending = pending.filter(euid__in=ticked)
    sent, kept = 0, dict[str, list[StaffLogin]]()
    for login in pending.select_related("entity")[:AT_ONCE]:
        try:
            why = withheld(operations.send_code(login=login, by=request.user))
        except (codes.TooSoon, codes.TooManyToday, StatusNotAllowed) as refusal:
            why = in_short(refusal)
        if why:
            kept.setdefault(why, []).append(login)
        else:
            sent += 1
    if sent:
        sentence = ngettext(
            "An activation code was sent to %(n)d person.", "Activation codes were sent to %(n)d people.", sent
        )
        messages.success(request, sentence % {"n": sent})
    elif not kept:
        messages.warning(request, _("Nobody was selected."))
    for why, people in kept.items():
        sentence = ngettext("Not sent to %(n)d person: %(names)s.", "Not sent to %(n)d people: %(names)s.", len(people))
        names = str(_(", ")).join(login.name for login in people[:NAMES_SHOWN]) + ("…" if people[NAMES_SHOWN:] else "")
        messages.warning(request, f"{sentence % {'n': len(people), 'names': names}} {why}")
    return redirect(f"{reverse('staff:list')}?status=pending")


def in_short(refusal: Exception) -> str:
    """As `refusal_in_words`, for several people at once."""
    if isinstance(refusal, codes.TooSoon):
        return _("A code was sent less than a minute ago.")
    return refusal_in_words(refusal)


def refusal_in_words(refusal: Exception) -> str:
    """Why no code was sent, and when one can be."""
    if isinstance(refusal, codes.TooSoon):
        seconds = max(1, round(refusal.wait.total_seconds()))
        return ngettext(
            "A code was sent a moment ago. You can send another in %(seconds)s second.",
            "A code was sent a moment ago. You can send another in %(seconds)s seconds.",
            seconds,
        ) % {"seconds": seconds}
    if isinstance(refusal, codes.TooManyToday):
        return _("No more codes can be sent to this login today. Try again tomorrow.")
    return _("This login has been activated, or the person has left: no code is needed.")


@administrator_only
@require_POST
def create_and_send(request: SignedIn) -> HttpResponse:
    """提交並發送啟動碼 (Q41): the form of `staff:new`; login and SMS are made together or not at all."""
    form = PersonForm(request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():
                login = create_login(entity=request.user.entity, by=request.user, **form.cleaned_data)
                code = operations.send_code(login=login, by=request.user)
        except PersonExists:
            add_person_exists(form)
        else:
            if why := withheld(code):
                sentence = _("%(name)s has been added, but the activation code was not sent.")
                messages.warning(request, f"{sentence % {'name': login.name}} {why}")
            else:
                sentence = _("%(name)s has been added; the activation code is on its way by SMS.")
                messages.success(request, sentence % {"name": login.name})
            return redirect("staff:list")
    return render(request, "staff/new.html", {"form": form})
