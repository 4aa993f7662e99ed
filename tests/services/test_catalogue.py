"""Departments, e-services and groups: who may change them, what is refused, what is told and recorded (S13, Q24)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.messaging.models import Notification
from entity_portal.roles import Role
from services import queries
from services.catalogue import managers, operations
from services.models import Assignment, CatalogueManager, Department, EService, ServiceGroup
from staff.models import OfficerRole, StaffLogin
from staff.operations.officers import NotOfficer, OwnRoles
from tests.cast import Cast, department, group, login, member, officer_login
from tests.race import at_once
from tests.services.errands import work

pytestmark = pytest.mark.django_db
NAMES = {"name_zh": "新", "name_pt": "Novo", "name_en": "New"}


@pytest.fixture
def place(company: Cast) -> ServiceGroup:
    made = group(open_to=company.entity)
    member(made, company.staff)
    return made


@pytest.fixture
def manager() -> StaffLogin:
    return officer_login(Role.CATALOGUE)


def head() -> StaffLogin:
    return officer_login(Role.AUDITOR, is_administrator=True)


def lines(target: str) -> list[dict[str, Any]]:
    found = Event.objects.filter(entity_number="", action=Action.CATALOGUE_CHANGED, target=target)
    return list(found.order_by("pk").values_list("data", flat=True))


# --- who may ---

ACTS: dict[str, Callable[[ServiceGroup, StaffLogin], Any]] = {
    "change_department": lambda place, by: operations.change_department(
        department=place.service.department, by=by, **NAMES
    ),
    "create_service": lambda place, by: operations.create_service(
        department=place.service.department, by=by, code="new", **NAMES
    ),
    "change_service": lambda place, by: operations.change_service(service=place.service, by=by, **NAMES),
    "create_group": lambda place, by: operations.create_group(service=place.service, by=by, code="new", **NAMES),
    "change_group": lambda place, by: operations.change_group(group=place, by=by, **NAMES),
    "withdraw_service": lambda place, by: operations.withdraw_service(service=place.service, by=by),
    "reopen_service": lambda place, by: operations.reopen_service(service=place.service, by=by),
    "withdraw_group": lambda place, by: operations.withdraw_group(group=place, by=by),
    "reopen_group": lambda place, by: operations.reopen_group(group=place, by=by),
    "merge_group": lambda place, by: operations.merge_group(group=place, into=group(code="other"), by=by),
    "prepare_opening": lambda place, by: operations.prepare_opening(service=place.service, by=by, kind="company"),
}


@pytest.mark.parametrize("act", ACTS)
def test_only_who_looks_after_the_department_changes_its_catalogue_Q1(
    company: Cast, place: ServiceGroup, act: str
) -> None:
    strangers = [
        officer_login(Role.CATALOGUE, manages=[department("dsf")]),
        officer_login(Role.AUDITOR, Role.REGISTRAR, Role.APPROVER),
        company.administrator,
    ]
    demoted = officer_login(Role.CATALOGUE)
    demoted.officer_roles.all().delete()
    gone = officer_login(Role.CATALOGUE)
    StaffLogin.objects.filter(pk=gone.pk).update(status="departed", departed_at=timezone.now())
    before = list(ServiceGroup.objects.values()), list(EService.objects.values()), list(Department.objects.values())
    for by in (*strangers, demoted, gone):
        with pytest.raises(NotOfficer), transaction.atomic():
            ACTS[act](place, by)
    after = list(ServiceGroup.objects.values()), list(EService.objects.values()), list(Department.objects.values())
    assert before == after
    assert ACTS[act](place, officer_login(Role.CATALOGUE)) is not None


def test_who_looks_after_a_department_is_said_by_officers_who_administer_the_authority_Q1(company: Cast) -> None:
    person = officer_login(Role.CATALOGUE, manages=[])
    dsal = department()
    told = {"department": dsal, "login": person}
    for by in (person, officer_login(*Role), company.administrator, login(entity=person.entity, is_administrator=True)):
        for act in (managers.grant_department, managers.revoke_department):
            with pytest.raises(NotOfficer):
                act(**told, by=by)
        with pytest.raises(NotOfficer):
            operations.create_department(by=by, code="new", **NAMES)
    boss = head()
    assert managers.grant_department(**told, by=boss)
    assert not managers.grant_department(**told, by=boss)
    assert operations.change_department(department=dsal, by=person, **NAMES)
    assert managers.revoke_department(**told, by=boss)
    with pytest.raises(NotOfficer):
        operations.change_department(department=dsal, by=person, name_en="Other")
    history = Event.objects.filter(action=Action.OFFICER_ROLES_CHANGED, target=person.euid).order_by("pk")
    assert [line.data["departments"] for line in history] == [[[], ["dsal"]], [["dsal"], []]]
    assert Notification.objects.filter(recipient=person.euid, kind="my_powers").exists()
    with pytest.raises(managers.NoRole):
        managers.grant_department(department=dsal, login=officer_login(Role.AUDITOR), by=boss)


def test_the_database_lets_nobody_else_look_after_a_department_and_ends_it_with_the_role_Q1(company: Cast) -> None:
    for person in (company.staff, officer_login(Role.AUDITOR)):
        with pytest.raises(DatabaseError), transaction.atomic():
            CatalogueManager.objects.create(login=person, department=department())
    manager = officer_login(Role.CATALOGUE)
    assert manager.catalogues_managed.count() == 1
    OfficerRole.objects.filter(login=manager).delete()
    assert manager.catalogues_managed.count() == 0


# --- what they are called ---


def test_what_is_made_has_a_code_that_stays_and_names_in_three_languages_Q47(
    place: ServiceGroup, manager: StaffLogin
) -> None:
    service = operations.create_service(
        department=department(), by=manager, code="permits", url="https://permits.example.mo/", **NAMES
    )
    made = operations.create_group(service=service, by=manager, code="clerks", description_en="They type.", **NAMES)
    assert lines("permits/clerks")[0]["new"]["description_en"] == "They type."
    assert lines("permits")[0]["new"]["url"] == "https://permits.example.mo/"
    dsf = operations.create_department(by=head(), code="dsf", **NAMES)
    assert lines("dsf")[0]["new"] == NAMES
    with pytest.raises(operations.CodeTaken):
        operations.create_service(department=department(), by=manager, code="permits", **NAMES)
    for row in (service, made, dsf):
        for name in NAMES:
            with pytest.raises(DatabaseError), transaction.atomic():
                type(row).objects.filter(pk=row.pk).update(**{name: ""})
        with pytest.raises(DatabaseError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(code="other")
    with pytest.raises(DatabaseError), transaction.atomic():
        EService.objects.filter(pk=service.pk).update(department=dsf)
    with pytest.raises(DatabaseError), transaction.atomic():
        EService.objects.filter(pk=service.pk).update(url="javascript:alert(1)")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name_zh": ""},
        {"name_en": "x" * 151},
        {"description_pt": "x" * 301},
        {"url": "http://permits.example.mo/"},
        {"url": "/login/"},
        {"url": "javascript:alert(1)"},
    ],
)
def test_what_is_wrong_is_refused_by_field(place: ServiceGroup, manager: StaffLogin, wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        operations.change_service(service=place.service, by=manager, **wrong)
    assert set(refused.value.message_dict) == set(wrong)
    with pytest.raises(ValidationError):
        operations.create_service(department=department(), by=manager, code="a/b", **NAMES)


def test_a_change_is_recorded_with_old_and_new_and_the_same_again_is_none_Q47(
    place: ServiceGroup, manager: StaffLogin
) -> None:
    assert operations.change_group(group=place, by=manager, name_en="Clerks", name_zh="操作員")
    assert not operations.change_group(group=place, by=manager, name_en="Clerks")
    assert lines("entry-declaration/operators") == [{"name_en": ["Operators", "Clerks"]}]
    assert Event.objects.get(target="entry-declaration/operators").actor == manager.euid


# --- withdrawing and reopening ---


def may_use(person: StaffLogin, service: EService) -> bool:
    return queries.may_use(person, EService.objects.get(pk=service.pk))


def test_a_withdrawn_service_gives_no_right_and_reopening_brings_them_back_Q24(
    company: Cast, other: Cast, place: ServiceGroup, manager: StaffLogin
) -> None:
    group(open_to=other.entity)
    other.entity.openings.update(status="suspended")
    assert operations.withdraw_service(service=place.service, by=manager)
    assert not operations.withdraw_service(service=place.service, by=manager)
    assert not may_use(company.staff, place.service)
    assert Assignment.objects.get().ended_at is None
    assert not Notification.objects.exists(), "nothing is told in the request"
    assert work() == 1
    assert set(Notification.objects.values_list("recipient", "kind")) == {
        (company.administrator.euid, "service_closed")
    }
    told = Event.objects.filter(action=Action.CATALOGUE_CHANGED).exclude(entity_number="")
    assert list(told.values_list("entity_number", "data")) == [(company.entity.number, {"withdrawn": True})]
    assert operations.reopen_service(service=place.service, by=manager)
    assert may_use(company.staff, place.service)
    work()
    assert Notification.objects.filter(recipient=company.administrator.euid, kind="service_opened").count() == 1
    was, now = lines("entry-declaration")[0]["withdrawn_at"]
    assert (was is None, now is None) == (True, False)


def test_a_closed_group_rests_and_takes_nobody_Q24(company: Cast, place: ServiceGroup, manager: StaffLogin) -> None:
    stays = group(code="managers")
    assert operations.withdraw_group(group=place, by=manager)
    assert not may_use(company.staff, place.service)
    with pytest.raises(DatabaseError), transaction.atomic():
        member(place, company.administrator)
    member(stays, company.administrator)
    work()
    (told,) = Notification.objects.all()
    assert told.data["service"]["en"] == "Declaration of employment (Operators)"
    assert told.about == "entry-declaration/operators"
    assert operations.reopen_group(group=place, by=manager)
    assert may_use(company.staff, place.service)


def test_what_was_undone_meanwhile_is_not_told(place: ServiceGroup, manager: StaffLogin) -> None:
    operations.withdraw_service(service=place.service, by=manager)
    operations.reopen_service(service=place.service, by=manager)
    work()
    assert set(Notification.objects.values_list("kind", flat=True)) == {"service_opened"}


def test_withdrawing_asks_the_database_no_more_the_more_entities_have_it(
    place: ServiceGroup, manager: StaffLogin, django_assert_max_num_queries: Any
) -> None:
    """10,000 entities must not make the request slow: the worker tells them."""
    with django_assert_max_num_queries(16):
        operations.withdraw_service(service=place.service, by=manager)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_who_withdraw_at_once_one_does(company: Cast) -> None:
    place = group(open_to=company.entity)
    people = [officer_login(Role.CATALOGUE) for _each in range(6)]
    done = at_once(
        6, lambda n: operations.withdraw_service(service=EService.objects.get(pk=place.service_id), by=people[n])
    )
    assert sorted(map(str, done)) == ["False"] * 5 + ["True"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_department_that_is_taken_away_meanwhile_waits_or_wins_Q1(company: Cast) -> None:
    place = group(open_to=company.entity)
    manager, boss = officer_login(Role.CATALOGUE), head()

    def act(number: int) -> object:
        if number:
            return managers.revoke_department(
                department=department(), login=StaffLogin.objects.get(pk=manager.pk), by=boss
            )
        return operations.change_group(
            group=ServiceGroup.objects.get(pk=place.pk), by=StaffLogin.objects.get(pk=manager.pk), name_en="Clerks"
        )

    changed, revoked = at_once(2, act)
    assert revoked is True
    assert changed is True or isinstance(changed, NotOfficer)
    order = list(Event.objects.order_by("at", "pk").values_list("action", flat=True))
    assert order in (
        [Action.CATALOGUE_CHANGED, Action.OFFICER_ROLES_CHANGED],
        [Action.OFFICER_ROLES_CHANGED],
    )


def test_nobody_gives_themselves_a_department_Q1() -> None:
    both = officer_login(Role.CATALOGUE, is_administrator=True, manages=())
    with pytest.raises(OwnRoles):
        managers.grant_department(department=department("dsf"), login=both, by=both)
    assert not both.catalogues_managed.exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_who_give_each_other_departments_at_once_do_not_wait_in_a_circle() -> None:
    pair = [officer_login(Role.CATALOGUE, is_administrator=True, manages=()) for _each in range(2)]
    place = department("dsf")
    results = at_once(2, lambda n: managers.grant_department(department=place, login=pair[1 - n], by=pair[n]))
    assert results == [True, True]
