"""Pages put together from several rooms: home, one's account, and a person as administrators see them."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.applications.models import OPEN, Application, Kind
from accounts.models import Entity
from activation.queries import activation_status
from entity_portal.access import public, signed_in
from entity_portal.waiting import Waiting
from services import queries as service_queries
from services.oidc import queries as oidc_queries
from staff import history as staff_history
from staff import operations, queries, sessions
from staff.access import SignedIn, administrator_only, ask_for_proof
from staff.forms import DepartForm
from staff.models import StaffLogin, Status
from staff.views.people import last_administrator_sentence, leave_or_stay

HISTORY_LINES = 20


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """首頁: signed out, the ways in; signed in, what needs me now and my e-services."""
    if not isinstance(request.user, StaffLogin):
        return render(request, "home_public.html")
    login = request.user
    here = Waiting(login)
    todo = here.to_do()
    context = {
        "todo": todo,
        "parts": [("todo", _("Waiting for you"), todo), ("goes-on", _("Going on"), here.goes_on())],
        "stats": statistics(here.counts) if login.is_administrator else [],
        "is_sole": login.is_administrator and is_sole(login, here.counts),
        "services": service_queries.usable_services(login),
        "openings": service_queries.openings_for(login).count() if login.is_service_administrator else 0,
        "administrators": [] if login.is_administrator else [each.name for each in administrators(login.entity)],
    }
    return render(request, "home.html", context)


def administrators(entity: Entity) -> QuerySet[StaffLogin]:
    found = entity.logins.filter(queries.ADMINISTRATOR, status=Status.ACTIVE)
    return found.order_by(*queries.by_name())


def is_sole(login: StaffLogin, counts: dict[str, int]) -> bool:
    """No other administrator can act now; those who are locked, or not activated, cannot."""
    if counts["administrators"] == 1:
        return True
    if counts["administrators_active"] > counts["locked"] + 1:
        return False
    return not administrators(login.entity).exclude(queries.LOCKED).exclude(pk=login.pk).exists()


def statistics(counts: dict[str, int]) -> list[dict[str, Any]]:
    labels = {
        "active": _("Active"),
        "pending": _("Not activated"),
        "locked": _("Locked"),
        "administrators": _("Administrators"),
        "service_administrators": _("Service administrators"),
    }
    return [{"label": label, "n": counts[key]} for key, label in labels.items()]


@signed_in
@require_safe
def account(request: SignedIn) -> HttpResponse:
    """帳戶資料 (section 七)"""
    context = {
        "login": request.user,
        "waiting": operations.email_change_of(request.user),
        "memberships": service_queries.memberships(request.user),
        "signed_in_at": oidc_queries.signed_in_at(request.user),
        "correction": Application.objects.filter(kind=Kind.CORRECTION, login=request.user, state__in=OPEN).first(),
    }
    return render(request, "account.html", context)


@administrator_only
@require_safe
def entity(request: SignedIn) -> HttpResponse:
    """實體資料: what is on record about the entity, who represents it, who manages it."""
    house = request.user.entity
    present = house.logins.filter(queries.ADMINISTRATOR)
    context = {
        "entity": house,
        "representatives": house.legal_representatives.order_by("pk"),
        "administrators": present.order_by(*queries.by_name()),
    }
    return render(request, "entity.html", context)


@administrator_only
@require_safe
def person(request: SignedIn, euid: str) -> HttpResponse:
    """One login, with all that belongs to it (S9.8, S11.3, S15)"""
    login = get_object_or_404(queries.not_alone(request.user.entity.logins.all()), euid=euid)
    shown = request.session.pop("revealed", None)
    frozen = operations.frozen_fields(login)
    is_administrator = login.is_administrator and login.status != Status.DEPARTED
    context = {
        "login": login,
        "waiting": operations.email_change_of(login),
        **activation_status(login),
        "send_url": reverse("activation:send_code", args=[euid]) if login.status == Status.PENDING else "",
        "may_edit": "email" not in frozen,
        "may_correct": bool(frozen) and login.status != Status.DEPARTED,
        "may_depart": login.status != Status.DEPARTED,
        "may_remove_administrator": is_administrator and login.not_alone,
        "revealed": {shown[1]} if shown and shown[0] == euid else set(),
        "memberships": service_queries.memberships(login),
        "history": staff_history.told(login.entity, staff_history.about(login)[:HISTORY_LINES]),
    }
    return render(request, "staff/person.html", context)


@administrator_only
def depart(request: SignedIn, euid: str) -> HttpResponse:
    """賬戶狀態 (S11.2): what ends and what stays is said before the button."""
    login = get_object_or_404(request.user.entity.logins.select_related("entity", "service_administration"), euid=euid)
    if login.is_administrator and login.status != Status.DEPARTED and not sessions.proven(request):
        return ask_for_proof(request)
    form = DepartForm(request.POST or None)
    if form.is_valid():
        try:
            operations.depart(login=login, by=request.user)
        except operations.LastAdministrator:
            form.add_error(None, last_administrator_sentence())
        except operations.StatusNotAllowed:
            form.add_error(None, _("This login was marked as left already."))
        else:
            return leave_or_stay(request, login, _("%(name)s has been marked as left.") % {"name": login.name})
    context = {"login": login, "form": form, "ends": what_ends(login), "keeps": what_stays()}
    return render(request, "staff/depart.html", context)


def what_ends(login: StaffLogin) -> list[dict[str, str]]:
    """Everything that 已離職 ends for a login."""
    groups = service_queries.memberships(login)
    ends = []
    if login.status == Status.PENDING:
        ends.append({"what": _("The activation code"), "detail": _("The login can no longer be activated.")})
    else:
        ends.append(
            {
                "what": _("Logging in"),
                "detail": _("Sessions that are open now end at once; the username cannot be used any more."),
            }
        )
    if login.is_administrator:
        ends.append(
            {
                "what": _("The power of an administrator"),
                "detail": _("The other administrators go on managing the staff logins."),
            }
        )
    if login.is_service_administrator:
        ends.append(
            {
                "what": _("The power of a service administrator"),
                "detail": _("Administrators and other service administrators go on assigning people."),
            }
        )
    if groups:
        title = ngettext("Assignment to %(n)s service group", "Assignments to %(n)s service groups", len(groups))
        names = [
            _("%(service)s (%(group)s)") % {"service": each.service.name, "group": each.group.name} for each in groups
        ]
        ends.append({"what": title % {"n": len(groups)}, "detail": _(", ").join(names)})
    return ends


def what_stays() -> list[dict[str, str]]:
    return [
        {
            "what": _("The history and the EUID"),
            "detail": _(
                "The list goes on showing this person, as left. Someone who comes back gets a new staff login."
            ),
        }
    ]
