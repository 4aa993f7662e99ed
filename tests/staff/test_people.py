"""People of an entity: opening a login, changing it, leaving; and that an administrator always stays."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError

from accounts.models import EntityStatus
from entity_portal.audit.models import Event
from entity_portal.messaging.models import SMS
from services.operations import NotAssigner, change_members
from services.queries import in_force, usable_services
from staff.models import StaffLogin, Status, of_document
from staff.operations import (
    DataFrozen,
    LastAdministrator,
    NotAdministrator,
    PersonExists,
    StatusNotAllowed,
    change_login,
    check_password,
    create_login,
    depart,
    remove_administrator,
)
from tests.cast import PASSWORD, Cast, group, login, member, service_administrator
from tests.race import at_once

PERSON: dict[str, Any] = {
    "name_zh": "李美玲",
    "name_foreign": "LEI MEI LENG",
    "document_type": "bir_permanent",
    "document_number": "50500505",
    "document_place": "MO",
    "birth_date": date(1995, 5, 5),
    "mobile": "+85366505505",
    "email": "",
}


def create(house: Cast, by: StaffLogin | None = None, **changes: Any) -> StaffLogin:
    return create_login(entity=house.entity, by=by or house.administrator, **{**PERSON, **changes})


def second_administrator(house: Cast, **fields: Any) -> StaffLogin:
    return login(entity=house.entity, is_administrator=True, mobile="+85366880013", **fields)


# --- opening ---


def test_a_new_login_is_not_activated_has_no_username_and_nothing_is_sent_S9_S9_8_Q41(company: Cast) -> None:
    made = create(company)
    made.refresh_from_db()
    assert (made.status, made.username, made.is_administrator, made.entity) == ("pending", None, False, company.entity)
    assert {name: getattr(made, name) for name in PERSON} == PERSON
    assert not SMS.objects.exists()
    event = Event.objects.get()
    assert (event.action, event.actor, event.target) == ("login.created", company.administrator.euid, made.euid)


def test_only_an_active_administrator_of_the_entity_opens_logins_S9_1(company: Cast, other: Cast) -> None:
    not_activated = second_administrator(company, status=Status.PENDING)
    gone = second_administrator(company, status=Status.DEPARTED)
    power = service_administrator(company.staff)
    for stranger in (company.staff, power, company.pending, other.administrator, other.staff, not_activated, gone):
        with pytest.raises(NotAdministrator):
            create(company, by=stranger)
    assert create(company, by=company.administrator)


def test_a_power_that_went_after_the_page_was_drawn_is_gone_S9_1(company: Cast) -> None:
    stale = StaffLogin.objects.select_related("entity").get(pk=second_administrator(company).pk)
    remove_administrator(login=StaffLogin.objects.get(pk=stale.pk), by=company.administrator)
    assert stale.is_administrator, "what the request still believes"
    with pytest.raises(NotAdministrator):
        create(company, by=stale)


def test_a_person_has_one_present_login_in_an_entity_Q25(company: Cast) -> None:
    create(company)
    with pytest.raises(PersonExists):
        create(company, name_foreign="SOMEBODY ELSE")
    assert create(company, document_type="passport"), "another type of document may have the same number"


def test_the_same_person_may_work_for_another_entity_Q45(company: Cast, other: Cast) -> None:
    create(company)
    assert create(other).entity == other.entity


def test_someone_who_left_comes_back_with_a_new_login_and_a_new_euid_Q25(company: Cast) -> None:
    first = create(company)
    depart(login=first, by=company.administrator)
    second = create(company)
    assert second.euid != first.euid
    assert StaffLogin.objects.filter(of_document("50500505")).count() == 2


def test_an_euid_that_somebody_has_is_drawn_again_Q26(company: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = [int(each.euid[2:11]) for each in (company.staff, company.pending)]
    drawn = iter([*theirs, theirs[0], 123456789])
    monkeypatch.setattr("staff.models.login.secrets", SimpleNamespace(randbelow=lambda _below: next(drawn)))
    made = create(company)
    assert made.euid == "CU1234567897"
    assert Event.objects.filter(action="login.created", target=made.euid).count() == 1


def test_a_login_that_breaks_another_rule_is_not_drawn_again(company: Cast) -> None:
    with pytest.raises(IntegrityError, match="staff_mobile_is_e164"):
        create(company, mobile="?")


# --- changing ---

CHANGES = {
    "name_zh": "李美玉",
    "name_foreign": "LEI MEI IOK",
    "document_type": "passport",
    "document_number": "P1234567",
    "document_place": "PT",
    "birth_date": date(1996, 6, 6),
    "mobile": "+85366606606",
    "email": "lei@example.mo",
}


@pytest.mark.parametrize("field", CHANGES)
def test_before_activation_every_field_can_be_changed_S10_1(company: Cast, field: str) -> None:
    assert change_login(login=company.pending, by=company.administrator, data={field: CHANGES[field]})
    company.pending.refresh_from_db()
    assert getattr(company.pending, field) == CHANGES[field]


@pytest.mark.parametrize("field", CHANGES)
def test_after_activation_only_the_email_can_be_changed_S10_2_Q10(company: Cast, field: str) -> None:
    before = getattr(company.staff, field)
    if field == "email":
        assert change_login(login=company.staff, by=company.administrator, data={field: CHANGES[field]})
        return
    with pytest.raises(DataFrozen) as refusal:
        change_login(login=company.staff, by=company.administrator, data={field: CHANGES[field], "email": "x@y.mo"})
    assert refusal.value.args[0] == {field}
    company.staff.refresh_from_db()
    assert (getattr(company.staff, field), company.staff.email) == (before, ""), "all or nothing"


@pytest.mark.parametrize("field", CHANGES)
@pytest.mark.parametrize("status", ["pending", "active"])
def test_an_administrators_data_are_never_changed_S10_3(company: Cast, status: str, field: str) -> None:
    administrator = second_administrator(company, status=status)
    with pytest.raises(DataFrozen):
        change_login(login=administrator, by=company.administrator, data={field: CHANGES[field]})


@pytest.mark.parametrize("field", CHANGES)
def test_the_data_of_someone_who_left_are_never_changed(company: Cast, field: str) -> None:
    with pytest.raises(DataFrozen):
        change_login(login=company.departed, by=company.administrator, data={field: CHANGES[field]})


def test_the_history_names_the_fields_and_keeps_no_value(company: Cast) -> None:
    change_login(login=company.pending, by=company.administrator, data=CHANGES)
    event = Event.objects.get()
    assert (event.action, event.target) == ("login.changed", company.pending.euid)
    assert event.data["changes"].keys() == CHANGES.keys()
    assert all("*" in new for _old, new in event.data["changes"].values() if new), "old and new, but masked"


def test_what_is_the_same_changes_nothing_and_is_not_recorded(company: Cast) -> None:
    same = {"name_foreign": company.pending.name_foreign, "mobile": company.pending.mobile}
    assert not change_login(login=company.pending, by=company.administrator, data=same)
    assert not Event.objects.exists()


def test_a_document_of_someone_else_in_the_entity_cannot_be_entered_Q25(company: Cast, other: Cast) -> None:
    taken = {"document_number": company.staff.document_number}
    with pytest.raises(PersonExists):
        change_login(login=company.pending, by=company.administrator, data=taken)
    foreign = {"document_number": other.staff.document_number}
    assert change_login(login=company.pending, by=company.administrator, data=foreign)


def test_only_an_administrator_of_the_entity_changes_data_S10_4(company: Cast, other: Cast) -> None:
    for stranger in (company.staff, other.administrator, company.departed):
        with pytest.raises(NotAdministrator):
            change_login(login=company.pending, by=stranger, data={"email": "x@y.mo"})


# --- leaving ---


@pytest.mark.parametrize("who", ["staff", "pending"])
def test_a_login_departs_for_good_and_the_row_stays_S3_10_S11(company: Cast, who: str) -> None:
    person: StaffLogin = getattr(company, who)
    was = person.status
    depart(login=person, by=company.administrator)
    person.refresh_from_db()
    assert person.status == "departed"
    assert person.departed_at
    event = Event.objects.get()
    assert (event.action, event.target, event.data) == ("login.departed", person.euid, {"was": was})


def test_departing_ends_the_door_the_groups_and_the_power_at_once_Q25_A63(company: Cast) -> None:
    place = member(group(open_to=company.entity), company.staff).group
    person = service_administrator(company.staff)
    assert usable_services(person)
    assert person.can_assign
    depart(login=person, by=company.administrator)
    gone = StaffLogin.objects.select_related("entity").get(pk=person.pk)
    assert not usable_services(gone)
    assert not in_force().filter(login=gone).exists()
    assert not gone.can_assign
    assert not gone.is_service_administrator
    assert check_password(entity_number=company.entity.number, username="ao.hoiian", password=PASSWORD) is None
    with pytest.raises(NotAssigner):
        change_members(group=place, by=gone, add=[company.pending.euid])


def test_nobody_departs_twice_and_nobody_comes_back_Q25_A62(company: Cast) -> None:
    with pytest.raises(StatusNotAllowed):
        depart(login=company.departed, by=company.administrator)


def test_only_an_administrator_of_the_entity_marks_someone_as_left_S11_1(company: Cast, other: Cast) -> None:
    for stranger in (company.pending, service_administrator(company.staff), other.administrator, company.departed):
        with pytest.raises(NotAdministrator):
            depart(login=company.staff, by=stranger)


def test_the_last_administrator_cannot_leave_S3_4_Q3_A60(company: Cast) -> None:
    with pytest.raises(LastAdministrator):
        depart(login=company.administrator, by=company.administrator)
    second = second_administrator(company)
    depart(login=company.administrator, by=company.administrator)
    with pytest.raises(LastAdministrator):
        depart(login=second, by=second)


def test_oneself_only_if_another_administrator_has_activated_Q3(company: Cast) -> None:
    waiting = second_administrator(company, status=Status.PENDING)
    with pytest.raises(LastAdministrator):
        depart(login=company.administrator, by=company.administrator)
    with pytest.raises(LastAdministrator):
        remove_administrator(login=company.administrator, by=company.administrator)
    depart(login=waiting, by=company.administrator)
    assert StaffLogin.objects.get(pk=company.administrator.pk).status == "active"


def test_an_administrator_of_another_entity_does_not_count_S3_4(company: Cast, other: Cast) -> None:
    with pytest.raises(LastAdministrator):
        depart(login=company.administrator, by=company.administrator)


# --- losing the power ---


def test_removing_the_power_keeps_the_login_Q4_Q5(company: Cast) -> None:
    second = second_administrator(company, username="lam.kaho")
    place = member(group(open_to=company.entity), second).group
    remove_administrator(login=second, by=company.administrator)
    kept = StaffLogin.objects.select_related("entity").get(pk=second.pk)
    assert (kept.status, kept.is_administrator, kept.euid, kept.username) == (
        "active",
        False,
        second.euid,
        "lam.kaho",
    )
    assert usable_services(kept)[0]["groups"] == [place]
    assert check_password(entity_number=company.entity.number, username="lam.kaho", password=PASSWORD) == kept
    assert Event.objects.get().action == "login.administrator_removed"
    with pytest.raises(NotAdministrator):
        create(company, by=second)


def test_the_last_administrator_keeps_the_power_S3_4(company: Cast) -> None:
    with pytest.raises(LastAdministrator):
        remove_administrator(login=company.administrator, by=company.administrator)
    second_administrator(company, status=Status.DEPARTED)
    with pytest.raises(LastAdministrator):
        remove_administrator(login=company.administrator, by=company.administrator)
    second_administrator(company)
    remove_administrator(login=company.administrator, by=company.administrator)


def test_only_an_administrators_power_can_be_removed_and_only_by_an_administrator(company: Cast, other: Cast) -> None:
    for nobody in (company.staff, company.pending, company.departed):
        with pytest.raises(StatusNotAllowed):
            remove_administrator(login=nobody, by=company.administrator)
    for stranger in (company.staff, other.administrator):
        with pytest.raises(NotAdministrator):
            remove_administrator(login=company.administrator, by=stranger)


# --- at once ---


def administrators(house: Cast) -> int:
    present = StaffLogin.objects.filter(entity=house.entity, is_administrator=True)
    return present.filter(status=Status.ACTIVE).count()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_marking_each_other_as_left_at_once_one_stays_S3_4_A61(company: Cast) -> None:
    pair = [company.administrator, second_administrator(company)]
    results = at_once(2, lambda n: depart(login=pair[1 - n], by=pair[n]))
    assert sorted(type(each).__name__ for each in results) == ["NoneType", "NotAdministrator"]
    assert administrators(company) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [depart, remove_administrator])
def test_of_two_administrators_removing_themselves_at_once_one_stays_S3_4_Q3(company: Cast, act: Any) -> None:
    pair = [company.administrator, second_administrator(company)]
    results = at_once(2, lambda n: act(login=pair[n], by=pair[n]))
    assert sorted(type(each).__name__ for each in results) == ["LastAdministrator", "NoneType"]
    assert administrators(company) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_same_person_created_by_ten_at_once_is_there_once_Q25(company: Cast) -> None:
    results = at_once(10, lambda _n: create(company))
    assert sorted({type(each).__name__ for each in results}) == ["PersonExists", "StaffLogin"]
    assert StaffLogin.objects.filter(of_document("50500505")).count() == 1
    assert Event.objects.filter(action="login.created").count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_login_marked_as_left_by_ten_at_once_departs_once(company: Cast) -> None:
    at_once(10, lambda _n: depart(login=StaffLogin.objects.get(pk=company.staff.pk), by=company.administrator))
    assert Event.objects.filter(action="login.departed").count() == 1


def test_a_suspended_entitys_login_may_do_nothing(company: Cast) -> None:
    company.entity.status = EntityStatus.SUSPENDED
    company.entity.save()
    person = StaffLogin.objects.select_related("entity").get(pk=company.administrator.pk)
    assert not person.is_active
    assert not person.can_assign
