"""Entities, for officers: registrars and approvers change them, auditors read."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Entity, EntityStatus, FormerNumber, RegisterEntry
from accounts.officers import entities, searching
from accounts.officers.entity_forms import NamesForm, NumberForm, ReasonForm
from accounts.operations import EntityStatusNotAllowed, KeepsPortal
from activation.models import ActivationCode
from entity_portal.admin import Page, ReadOnlyAdmin, Task, has_role, site
from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.audit.operations import record
from entity_portal.messaging.admin import CheapPaginator
from entity_portal.roles import Role
from entity_portal.templatetags.portal import pt, zh
from entity_portal.text import alphanumeric
from staff.access import SignedIn
from staff.history import signatures
from staff.models import StaffLogin, Status
from staff.queries import ADMINISTRATOR, counts, latest_code

READERS = (Role.REGISTRAR, Role.APPROVER, Role.AUDITOR)
HISTORY_LINES = 20


@admin.register(Entity, site=site)
class EntityAdmin(ReadOnlyAdmin):
    """Every write goes through `accounts.officers.entities`, each on a page that says first what follows."""

    task = Task.PEOPLE
    explains = gettext_lazy("Find an entity; its official number, names and status.")
    icon = "building-2"
    readers = READERS
    list_display = ("number", "chinese_name", "portuguese_name", "kind", "standing", "registration_number")
    list_display_links = ("number", "chinese_name", "portuguese_name")
    list_filter = ("kind", "status")
    search_fields = ("number", "registration_number", "name_zh", "name_pt")  # see `get_search_results`
    search_help_text = gettext_lazy("A whole entity number or registration number, or part of a name")
    ordering = ("number",)
    sortable_by = ("number",)
    list_per_page = 50
    show_full_result_count = False
    paginator = CheapPaginator

    def pages(self) -> list[Page]:
        return [
            ("<path:object_id>/change/", self.entity_page, "change"),
            ("<path:object_id>/number/", self.number_page, "number"),
            ("<path:object_id>/names/", self.names_page, "names"),
            ("<path:object_id>/suspend/", self.suspend_page, "suspend"),
            ("<path:object_id>/reactivate/", self.reactivate_page, "reactivate"),
            ("<path:object_id>/close/", self.close_page, "close"),
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entity], search_term: str
    ) -> tuple[QuerySet[Entity], bool]:
        """By a number, the present one or an old one, exactly; by part of a name."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = searching.entities(term)
        if len(found) <= searching.MOST:
            return queryset.filter(pk__in=found), False
        number = alphanumeric(term)
        had_it = FormerNumber.objects.filter(entity=OuterRef("pk"), number=number)
        numbered = Q(number=number) | Exists(had_it) | Q(registration_number__iexact=term)
        return queryset.filter(numbered | Q(name_zh__icontains=term) | Q(name_pt__icontains=term)), False

    @admin.display(description=gettext_lazy("Chinese name of the entity"))
    def chinese_name(self, entity: Entity) -> str:
        return zh(entity.name_zh)

    @admin.display(description=gettext_lazy("Name in Portuguese"))
    def portuguese_name(self, entity: Entity) -> str:
        return pt(entity.name_pt)

    @admin.display(description=gettext_lazy("Status"))
    def standing(self, entity: Entity) -> str:
        return render_to_string("components/entity_status.html", {"entity": entity})

    # --- one entity ---

    def entity_page(self, request: SignedIn, object_id: str) -> HttpResponse:
        entity = self._find(request, object_id, *READERS)
        record(Action.OFFICER_READ, entity=entity.number, actor=request.user, target=entity.number, what="entity")
        administrators = list(entity.logins.filter(ADMINISTRATOR).prefetch_related("activation_codes__sms"))
        rows = [{"login": login, "code": latest_code(login)} for login in sorted(administrators, key=str)]
        tally = counts(entity)
        writer = has_role(request.user, *entities.WRITERS)
        may_change = writer and entity.status != EntityStatus.CLOSED
        context = {
            "numbers": entity.numbers[1:],
            "representatives": entity.legal_representatives.order_by("pk"),
            "rows": rows,
            "tally": tally,
            "openings": entity.openings.select_related("service__department").order_by(
                "service__department__code", "service__code"
            ),
            "attention": attention(entity, administrators),
            "history": history(entity, administrators),
            "may_change": may_change,
            "may_suspend": may_change and entity.status == EntityStatus.ACTIVE and not entity.keeps_portal,
            "may_reactivate": may_change and entity.status == EntityStatus.SUSPENDED,
            "may_close": may_change and not entity.keeps_portal and has_role(request.user, Role.APPROVER),
        }
        return render(request, "admin/accounts/entity/change_form.html", self._context(request, entity, **context))

    def number_page(self, request: SignedIn, object_id: str) -> HttpResponse:
        entity = self._find(request, object_id, *entities.WRITERS)
        initial = {"number": entity.number if entity.number_is_official else ""}
        form = NumberForm(request.POST or None, initial=initial)
        if form.is_valid():
            try:
                new = entities.set_number(entity=entity, by=request.user, **form.cleaned_data)
            except entities.NumberTaken:
                form.add_error("number", _("Another entity has this number, or had it once."))
            except EntityStatusNotAllowed:
                form.add_error(None, closed_sentence())
            else:
                done = _("The official entity number is set; the administrators have been told.")
                return self._done(request, entity, done if new else _("Nothing was changed."))
        ends, keeps = what_a_number_ends(entity)
        return self._act(
            request,
            entity,
            form,
            title=_("Set the official entity number"),
            button=_("Set the number"),
            ends=ends,
            keeps=keeps,
        )

    def names_page(self, request: SignedIn, object_id: str) -> HttpResponse:
        entity = self._find(request, object_id, *entities.WRITERS)
        form = NamesForm(request.POST or None, initial={"name_zh": entity.name_zh, "name_pt": entity.name_pt})
        if form.is_valid():
            try:
                new = entities.change_names(entity=entity, by=request.user, **form.cleaned_data)
            except EntityStatusNotAllowed:
                form.add_error(None, closed_sentence())
            else:
                return self._done(request, entity, _("The names are changed.") if new else _("Nothing was changed."))
        ends = [
            {
                "what": _("The names shown until now"),
                "detail": _("Everybody sees the new ones at once; e-services are told them at the next login."),
            }
        ]
        return self._act(request, entity, form, title=_("Change the names"), button=_("Save"), ends=ends, keeps=[])

    def suspend_page(self, request: SignedIn, object_id: str) -> HttpResponse:
        keeps = [{"what": _("Logins, powers and assignments"), "detail": _("They count again once it is reactivated.")}]
        return self._status_page(
            request,
            object_id,
            EntityStatus.SUSPENDED,
            title=_("Suspend the entity"),
            button=_("Suspend"),
            done=_("The entity is suspended; its administrators have been told."),
            ends=what_stops(),
            keeps=keeps,
        )

    def reactivate_page(self, request: SignedIn, object_id: str) -> HttpResponse:
        keeps = [
            {
                "what": _("Logging in, for everybody in the entity"),
                "detail": _("With the logins, powers and assignments of before; sessions that ended do not come back."),
            }
        ]
        return self._status_page(
            request,
            object_id,
            EntityStatus.ACTIVE,
            title=_("Reactivate the entity"),
            button=_("Reactivate"),
            done=_("The entity is active again; its administrators have been told."),
            ends=[],
            keeps=keeps,
        )

    def close_page(self, request: SignedIn, object_id: str) -> HttpResponse:
        ends = [
            {
                "what": _("The account of the entity, for good"),
                "detail": _("It cannot be opened again. Who comes back applies for a new account."),
            },
            *what_stops(),
        ]
        keeps = [
            {"what": _("The history, the EUIDs and the entity number"), "detail": _("Nobody else ever gets them.")}
        ]
        return self._status_page(
            request,
            object_id,
            EntityStatus.CLOSED,
            title=_("Close the entity for good"),
            button=_("Close for good"),
            done=_("The entity is closed; its administrators have been told."),
            ends=ends,
            keeps=keeps,
        )

    def _status_page(
        self, request: SignedIn, object_id: str, status: EntityStatus, *, done: str, **page: Any
    ) -> HttpResponse:
        entity = self._find(request, object_id, *entities.ROLES[status])
        if entity.keeps_portal:
            raise Http404
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            try:
                entities.change_status(
                    entity=entity, by=request.user, status=status, reason=form.cleaned_data["reason"]
                )
            except KeepsPortal:
                raise Http404 from None
            except EntityStatusNotAllowed as refusal:
                sentence = _("The entity is %(status)s: this cannot be done.")
                form.add_error(None, sentence % {"status": EntityStatus(refusal.args[0]).label})
            else:
                return self._done(request, entity, done)
        return self._act(request, entity, form, danger=status != EntityStatus.ACTIVE, **page)

    def _find(self, request: HttpRequest, object_id: str, *roles: Role) -> Entity:
        entity: Entity | None = self.get_object(request, object_id) if has_role(request.user, *roles) else None
        if entity is None:
            raise Http404
        return entity

    def _done(self, request: HttpRequest, entity: Entity, sentence: str) -> HttpResponse:
        messages.success(request, sentence)
        return redirect("admin:accounts_entity_change", entity.pk)

    def _act(self, request: HttpRequest, entity: Entity, form: Form, **page: Any) -> HttpResponse:
        return render(request, "admin/accounts/entity/act.html", self._context(request, entity, form=form, **page))

    def _context(self, request: HttpRequest, entity: Entity, **more: Any) -> dict[str, Any]:
        page = {"opts": self.opts, "entity": entity, "title": entity.name, **more}
        return {**self.admin_site.each_context(request), **page}


def closed_sentence() -> str:
    return _("The entity is closed: nothing about it can be changed.")


def what_a_number_ends(entity: Entity) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """(what ends with the old number, what stays)"""
    tally = counts(entity)
    people, administrators = tally["active"], entity.logins.filter(ADMINISTRATOR, status=Status.ACTIVE).count()
    open_codes = ActivationCode.objects.filter(login__entity=entity, used_at=None, voided_at=None)
    codes = open_codes.filter(login__status=Status.PENDING).count()
    ends = [
        {
            "what": _("Logging in with the number %(number)s") % {"number": entity.number},
            "detail": ngettext(
                "%(n)d person logs in with the new number from now on.",
                "%(n)d people log in with the new number from now on.",
                people,
            )
            % {"n": people},
        },
        {
            "what": _("The number that e-services know"),
            "detail": _("They are told the new one at the next login. Who keeps cases by the number must be told."),
        },
    ]
    if codes:
        ends.append(
            {
                "what": _("What activation texts say"),
                "detail": ngettext(
                    "%(n)d text that was sent names the old number: send that code anew.",
                    "%(n)d texts that were sent name the old number: send those codes anew.",
                    codes,
                )
                % {"n": codes},
            }
        )
    told = ngettext(
        "%(n)d administrator is told by SMS and e-mail.",
        "%(n)d administrators are told by SMS and e-mail.",
        administrators,
    )
    keeps = [
        {"what": _("Sessions, logins and powers"), "detail": told % {"n": administrators}},
        {"what": _("The old number, in the history"), "detail": _("No other entity ever gets it.")},
    ]
    return ends, keeps


def what_stops() -> list[dict[str, str]]:
    """What nobody in an entity can do that is not active."""
    return [
        {
            "what": _("Logging in, for everybody in the entity"),
            "detail": _("Sessions that are open now end at once, also at e-services."),
        },
        {
            "what": _("Every right at e-services, and activation"),
            "detail": _("E-services learn it from the portal; activation codes open nothing."),
        },
    ]


def attention(entity: Entity, administrators: list[StaffLogin]) -> list[str]:
    """What an officer should look into, in order of harm. The administrators come with their codes and texts."""
    found = []
    if entity.status == EntityStatus.ACTIVE and not any(login.status == Status.ACTIVE for login in administrators):
        found.append(_("No administrator has activated: nobody can manage this entity."))
    for login in administrators:
        code = latest_code(login)
        if login.is_locked:
            found.append(_("%(name)s is locked after five wrong passwords.") % {"name": login.name})
        elif login.status == Status.PENDING and not code:
            found.append(_("%(name)s has not been sent an activation code.") % {"name": login.name})
        elif login.status == Status.PENDING and code["sms"] and code["sms"].status in {"failed", "unknown"}:
            found.append(_("The activation code did not reach %(names)s.") % {"names": login.name})
    if not entity.legal_representatives.exists():
        found.append(_("No legal representative is on record."))
    line = RegisterEntry.objects.filter(registration_number=entity.registration_number).first()
    if line and (line.name_zh, line.name_pt) != (entity.name_zh, entity.name_pt):
        found.append(
            _("The register has another name: %(name)s.")
            % {"name": " · ".join(filter(None, (line.name_zh, line.name_pt)))}
        )
    return found


def history(entity: Entity, administrators: list[StaffLogin]) -> list[dict[str, Any]]:
    """The newest lines of the entity, without who looked; `login` where it is about an administrator."""
    logins = {login.euid: login for login in administrators}
    lines = Event.objects.filter(entity_number__in=entity.numbers).exclude(action=Action.OFFICER_READ)
    events = list(lines.order_by("-at", "-id")[:HISTORY_LINES])
    people = signatures(events)
    return [
        {
            "at": event.at,
            "text": event.get_action_display(),
            "actor": people.get(event.actor, event.actor_label),
            "target": event.target,
            "login": logins.get(event.target),
        }
        for event in events
    ]
