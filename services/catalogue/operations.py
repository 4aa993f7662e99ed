"""What can happen to departments, e-services and service groups (S13.1, S13.3), by whoever looks after them.

Lock order: the officer, then rows of the catalogue. What many entities have to hear, or do, the worker does: `errands`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from services.catalogue import errands
from services.catalogue.managers import demand_grantor, demand_manager
from services.models import Catalogued, Department, Errand, ErrandKind, EService, ServiceGroup
from staff.models import StaffLogin

NAMES = ("name_zh", "name_pt", "name_en")
DESCRIPTIONS = ("description_zh", "description_pt", "description_en")
OF_SERVICE = (*NAMES, *DESCRIPTIONS, "url", "platform_managed")
OF_GROUP = (*NAMES, *DESCRIPTIONS)


class CodeTaken(Exception):
    """There is one of this code."""


class GroupClosed(Exception):
    """The group, or the one it should be merged into, is closed or closing."""


class Merging(Exception):
    """Members are being moved into this group: it cannot be closed meanwhile."""


@transaction.atomic
def create_department(*, by: StaffLogin, code: str, **names: str) -> Department:
    """Raises:
    NotOfficer: `by` is no officer who is administrator of the authority.
    CodeTaken
    ValidationError: by field.
    """
    demand_grantor(by)
    return _create(Department(code=code), NAMES, names, by)


@transaction.atomic
def change_department(*, department: Department, by: StaffLogin, **names: str) -> bool:
    """Give a department other names; False if they are so already.

    Raises:
        NotOfficer: `by` does not look after it.
        ValidationError: by field.
    """
    demand_manager(by, department)
    return _change(department, NAMES, names, by)


@transaction.atomic
def create_service(*, department: Department, by: StaffLogin, code: str, **told: Any) -> EService:
    """`told` are some of `OF_SERVICE`.

    Raises:
        NotOfficer: `by` does not look after the department.
        CodeTaken
        ValidationError: by field.
    """
    demand_manager(by, department)
    return _create(EService(department=department, code=code), OF_SERVICE, told, by)


@transaction.atomic
def change_service(*, service: EService, by: StaffLogin, **told: Any) -> bool:
    """Change some of `OF_SERVICE`; False if it is so already.

    Raises:
        NotOfficer: `by` does not look after its department.
        ValidationError: by field.
    """
    demand_manager(by, service.department)
    return _change(service, OF_SERVICE, told, by)


@transaction.atomic
def create_group(*, service: EService, by: StaffLogin, code: str, **told: str) -> ServiceGroup:
    """`told` are some of `OF_GROUP`.

    Raises:
        NotOfficer: `by` does not look after the department of the e-service.
        CodeTaken
        ValidationError: by field.
    """
    demand_manager(by, service.department)
    return _create(ServiceGroup(service=service, code=code), OF_GROUP, told, by)


@transaction.atomic
def change_group(*, group: ServiceGroup, by: StaffLogin, **told: str) -> bool:
    """Change some of `OF_GROUP`; False if it is so already.

    Raises:
        NotOfficer: `by` does not look after the department of its e-service.
        ValidationError: by field.
    """
    demand_manager(by, group.service.department)
    return _change(group, OF_GROUP, told, by)


def _set(row: Catalogued, fields: tuple[str, ...], told: Mapping[str, Any]) -> None:
    for name, value in told.items():
        if name not in fields:
            raise TypeError(f"{name} is not for an officer to decide")
        setattr(row, name, value)
    others = {field.name for field in row._meta.fields} - {"code", *fields}
    row.full_clean(exclude=others, validate_unique=False, validate_constraints=False)  # the database says that better


def _create(row: Any, fields: tuple[str, ...], told: Mapping[str, Any], by: StaffLogin) -> Any:
    _set(row, fields, told)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise CodeTaken from error
    new = {name: getattr(row, name) for name in fields}
    record(Action.CATALOGUE_CHANGED, entity="", actor=by, target=row.path, new=new)
    return row


def _change(row: Any, fields: tuple[str, ...], told: Mapping[str, Any], by: StaffLogin) -> bool:
    held = type(row).objects.select_for_update(no_key=True).get(pk=row.pk)
    was = {name: getattr(held, name) for name in fields}
    _set(row, fields, told)
    changed = {name: [was[name], getattr(row, name)] for name in told if getattr(row, name) != was[name]}
    if not changed:
        return False
    row.save(update_fields=list(changed))
    record(Action.CATALOGUE_CHANGED, entity="", actor=by, target=row.path, **changed)
    return True


# --- withdrawing, reopening, merging ---


@transaction.atomic
def withdraw_service(*, service: EService, by: StaffLogin) -> bool:
    """From now nobody may use the e-service; assignments stay and rest (Q24). False if it is so already.

    Raises:
        NotOfficer: `by` does not look after its department.
    """
    demand_manager(by, service.department)
    return _switch(service, timezone.now(), by)


@transaction.atomic
def reopen_service(*, service: EService, by: StaffLogin) -> bool:
    """Undo `withdraw_service`: the assignments give their rights again (Q24). False if it is so already.

    Raises:
        NotOfficer: `by` does not look after its department.
    """
    demand_manager(by, service.department)
    return _switch(service, None, by)


@transaction.atomic
def withdraw_group(*, group: ServiceGroup, by: StaffLogin) -> bool:
    """Close a group; who is in it stays there without a right (Q24). False if it is so already.

    Raises:
        NotOfficer: `by` does not look after the department of its e-service.
        Merging: members are being moved out of it, or into it.
    """
    demand_manager(by, group.service.department)
    _hold(group)
    if _is_merging(group):
        raise Merging
    return _switch(group, timezone.now(), by)


@transaction.atomic
def reopen_group(*, group: ServiceGroup, by: StaffLogin) -> bool:
    """Undo `withdraw_group`; a group that was merged into another comes back empty. False if it is so already.

    Raises:
        NotOfficer: `by` does not look after the department of its e-service.
    """
    demand_manager(by, group.service.department)
    _hold(group)
    if not _switch(group, None, by):
        return False
    ServiceGroup.objects.filter(pk=group.pk).update(merged_into=None)
    return True


@transaction.atomic
def merge_group(*, group: ServiceGroup, into: ServiceGroup, by: StaffLogin) -> Errand:
    """Close a group for good: its members become members of another one of the e-service, with the days they had.

    From now nobody is added to it; the worker moves the members, who keep their rights until their entity's turn.

    Raises:
        NotOfficer: `by` does not look after the department of its e-service.
        GroupClosed
        Merging: members are being moved into `group`.
    """
    demand_manager(by, group.service.department)
    _hold(group, into)
    if group == into or group.service_id != into.service_id or not (group.takes_people and into.takes_people):
        raise GroupClosed
    if _is_merging(group):
        raise Merging
    group.merged_into = into
    group.save(update_fields=["merged_into"])
    errand = errands.order(ErrandKind.MERGE, service=group.service, by=by, group=group)
    record(Action.CATALOGUE_CHANGED, entity="", actor=by, target=group.path, merged_into=[None, into.code])
    return errand


def _hold(*groups: ServiceGroup) -> None:
    """Hold groups FOR UPDATE: this waits for those who are adding people to them, and the next see what was done."""
    rows = ServiceGroup.objects.select_for_update().filter(pk__in=[group.pk for group in groups])
    held = {row.pk: row for row in rows.order_by("pk")}
    for group in groups:
        group.withdrawn_at, group.merged_into_id = held[group.pk].withdrawn_at, held[group.pk].merged_into_id


def _is_merging(group: ServiceGroup) -> bool:
    """Members are being moved out of the group or into it."""
    about = Q(pk=group.pk, merged_into__isnull=False) | Q(merged_into=group)
    return ServiceGroup.objects.filter(about, withdrawn_at=None).exists()


def _switch(row: EService | ServiceGroup, withdrawn_at: datetime | None, by: StaffLogin) -> bool:
    held = type(row).objects.select_for_update(no_key=True).get(pk=row.pk)
    if (held.withdrawn_at is None) == (withdrawn_at is None):
        return False
    row.withdrawn_at = withdrawn_at
    row.save(update_fields=["withdrawn_at"])
    service, group = (row, None) if isinstance(row, EService) else (row.service, row)
    errands.order(ErrandKind.TELL, service=service, group=group, by=by, withdrawn=withdrawn_at is not None)
    told = [moment and moment.isoformat(timespec="seconds") for moment in (held.withdrawn_at, withdrawn_at)]
    record(Action.CATALOGUE_CHANGED, entity="", actor=by, target=row.path, withdrawn_at=told)
    return True


# --- opening to many ---


@transaction.atomic
def prepare_opening(*, service: EService, by: StaffLogin, **which: Any) -> Errand:
    """Keep to which entities an e-service is to be opened, so that it can be looked at and confirmed.

    `which` is a `kind` of entities, or `numbers` and the `bad` lines of the file they came from. What waits for one's
    own confirmation already is looked at again: sent twice it is one.

    Raises:
        NotOfficer: `by` does not look after its department.
    """
    demand_manager(by, service.department)
    waiting = Errand.objects.filter(kind=ErrandKind.OPEN, service=service, by=by, told=which, confirmed_at=None)
    return waiting.first() or Errand.objects.create(kind=ErrandKind.OPEN, service=service, by=by, told=which)


@transaction.atomic
def confirm_opening(*, errand: Errand, by: StaffLogin) -> bool:
    """Have it done; False if it was confirmed already.

    Raises:
        NotOfficer: `by` does not look after its department.
    """
    demand_manager(by, errand.service.department)
    held = Errand.objects.select_for_update().get(pk=errand.pk)
    if held.confirmed_at:
        return False
    held.by = by
    held.save(update_fields=["by"])
    errands.confirm(held)
    told = {"entities": held.total, "source": held.told.get("kind", "file")}
    record(Action.CATALOGUE_CHANGED, entity="", actor=by, target=errand.service.path, opening_to_many=told)
    return True
