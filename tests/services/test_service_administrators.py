"""服務管理員 (section 十六): who gives the power and takes it, how far it reaches, and the pages where that is done."""

from typing import Any

import pytest

from entity_portal.audit.models import Event
from entity_portal.messaging.kinds import Kind
from entity_portal.messaging.models import Notification
from services import queries
from services.catalogue.openings import change_opening
from services.models import Assignment, Opening, ServiceAdministrator
from services.operations import (
    Change,
    NotOpen,
    NotServiceAdministrator,
    change_members,
    change_service_administrators,
    narrow_service_administrator,
)
from staff.models import StaffLogin
from staff.operations import NotAdministrator, depart
from tests.cast import Cast, enter, group, login, member, service_administrator
from tests.pages import text_of
from tests.race import at_once

POWERS = "/entity/service-admins/"


def holders(house: Cast) -> set[str]:
    return {power.login.euid for power in queries.service_administrators(house.entity)}


def anew(person: StaffLogin) -> StaffLogin:
    return StaffLogin.objects.select_related("entity").get(pk=person.pk)


def told(person: StaffLogin) -> list[str]:
    return list(Notification.objects.filter(recipient=person.euid).values_list("kind", flat=True))


def test_an_administrator_gives_the_power_and_takes_it_each_with_a_line_and_a_notice_S16_2(company: Cast) -> None:
    taken = service_administrator(login(entity=company.entity))
    change = change_service_administrators(
        by=company.administrator, add=[company.staff.euid, company.pending.euid], remove=[taken.euid]
    )
    assert change == Change(added=2, removed=1)
    assert holders(company) == {company.staff.euid, company.pending.euid}
    assert set(Event.objects.values_list("action", "target", "actor")) == {
        ("service.administrator_granted", company.staff.euid, company.administrator.euid),
        ("service.administrator_granted", company.pending.euid, company.administrator.euid),
        ("service.administrator_removed", taken.euid, company.administrator.euid),
    }
    assert told(company.staff) == told(taken) == [Kind.MY_POWERS]
    assert told(company.pending) == [], "who has not activated has no inbox"
    assert not anew(taken).can_assign
    assert not anew(company.pending).can_assign, "in advance: with the activation"
    assert anew(company.staff).can_assign


def test_nobody_but_an_administrator_of_the_entity_gives_or_takes_it_S16_2(company: Cast, other: Cast) -> None:
    holder = service_administrator(login(entity=company.entity))
    for stranger in (company.staff, holder, company.pending, company.departed):
        with pytest.raises(NotAdministrator):
            change_service_administrators(by=stranger, add=[company.staff.euid])
        with pytest.raises(NotAdministrator):
            narrow_service_administrator(login=holder, by=stranger, services=[])
    change = change_service_administrators(by=other.administrator, add=[company.staff.euid], remove=[holder.euid])
    assert change == Change(added=0, removed=0)
    with pytest.raises(NotServiceAdministrator):
        narrow_service_administrator(login=holder, by=other.administrator, services=[])
    assert holders(company) == {holder.euid}
    assert not Event.objects.exists()


def test_the_departed_the_unknown_and_those_who_have_it_already_are_passed_over_Q21(company: Cast) -> None:
    holder = service_administrator(company.staff)
    add = [company.departed.euid, "CU0000000000", "", holder.euid]
    assert change_service_administrators(by=company.administrator, add=add) == Change(added=0, removed=0)
    gone = [company.pending.euid, company.departed.euid]
    assert change_service_administrators(by=company.administrator, remove=gone) == Change(added=0, removed=0)
    assert not Event.objects.exists()


def test_whoever_has_the_power_assigns_also_themselves_and_does_nothing_else_S16_1_Q23(company: Cast) -> None:
    place = group(open_to=company.entity)
    change_service_administrators(by=company.administrator, add=[company.staff.euid])
    person = anew(company.staff)
    change_members(group=place, by=person, add=[person.euid, company.pending.euid])
    assert Kind.MEMBERS_ADDED in told(company.administrator)
    assert Event.objects.filter(action="service.assigned", actor=person.euid, target=person.euid).exists()
    browser = enter(person)
    for address in ("/staff/", "/staff/new/", "/entity/", POWERS, f"{POWERS}{person.euid}/"):
        assert browser.get(address).status_code == 404
    assert browser.post(POWERS, {"add": company.administrator.euid}).status_code == 404


# --- narrowing ---


def codes(person: StaffLogin) -> list[str]:
    return sorted(queries.openings_for(anew(person)).values_list("service__code", flat=True))


def test_the_power_is_narrowed_to_chosen_services_and_widened_again_Q23(company: Cast) -> None:
    wide, chosen = group(open_to=company.entity), group(open_to=company.entity, service="change-certificate")
    person = service_administrator(company.staff)
    by = company.administrator
    assert narrow_service_administrator(login=person, by=by, services=[chosen.service])
    assert codes(person) == ["change-certificate"]
    assert not narrow_service_administrator(login=person, by=by, services=[chosen.service])
    assert narrow_service_administrator(login=person, by=by, services=None)
    assert codes(person) == ["change-certificate", wide.service.code]
    lines = [event.data for event in Event.objects.filter(action="service.administrator_narrowed").order_by("seq")]
    assert lines == [
        {"was": "all", "now": ["change-certificate"]},
        {"was": ["change-certificate"], "now": "all"},
    ]
    assert told(person) == [Kind.MY_POWERS]


def test_a_narrowed_power_whose_last_service_goes_reaches_none_Q23(company: Cast) -> None:
    place = group(open_to=company.entity)
    person = service_administrator(company.staff, place.service)
    person.service_administration.services.clear()
    assert codes(person) == []
    page = text_of(enter(person).get("/services/"))
    assert "You assign people to no e-service now" in page
    change_opening(opening=Opening.objects.get(), status="suspended", by=None)
    assert Kind.SERVICE_CLOSED not in told(person)


def test_the_power_reaches_no_service_that_was_never_opened_to_the_entity(company: Cast, other: Cast) -> None:
    theirs = group(open_to=other.entity)
    person = service_administrator(company.staff)
    with pytest.raises(NotOpen):
        narrow_service_administrator(login=person, by=company.administrator, services=[theirs.service])
    assert not anew(person).service_administration.narrowed


def test_giving_the_power_again_begins_with_all_services(company: Cast) -> None:
    """What a power was narrowed to goes with it."""
    place = group(open_to=company.entity)
    group(open_to=company.entity, service="change-certificate")
    person = service_administrator(company.staff, place.service)
    change_service_administrators(by=company.administrator, remove=[person.euid])
    change_service_administrators(by=company.administrator, add=[person.euid])
    assert len(codes(person)) == 2


# --- the pages ---


def test_the_page_has_the_two_lists_and_the_button_update_S16_3(company: Cast) -> None:
    service_administrator(company.staff)
    browser = enter(company.administrator)
    page = browser.get(POWERS)
    for words in (
        "Service administration rights",
        "Selected (1/3)",
        "Update",
        "Administrator, can assign people already",
    ):
        assert words in text_of(page)
    assert company.departed.euid not in page.content.decode()
    assert f'href="{POWERS}"' in browser.get("/entity/").content.decode()
    data = {"was": [company.staff.euid], "login": [company.pending.euid]}
    page = browser.post(POWERS, data, follow=True)
    assert page.redirect_chain == [(POWERS, 302)]
    assert "Service administrators updated: 1 added, 1 removed." in text_of(page)
    assert holders(company) == {company.pending.euid}


def test_two_administrators_with_the_page_open_lose_nothing_of_each_others(company: Cast) -> None:
    here, there = login(entity=company.entity), login(entity=company.entity)
    second = enter(login(entity=company.entity, is_administrator=True))
    service_administrator(company.staff)
    enter(company.administrator).post(POWERS, {"was": [company.staff.euid], "login": [here.euid, company.staff.euid]})
    second.post(POWERS, {"was": [company.staff.euid], "login": [there.euid]})
    assert holders(company) == {here.euid, there.euid}


def test_the_page_of_one_narrows_with_ticks_of_the_entitys_services_Q23(company: Cast, other: Cast) -> None:
    place = group(open_to=company.entity)
    group(open_to=other.entity, service="another")
    person = service_administrator(company.staff)
    browser, address = enter(company.administrator), f"{POWERS}{person.euid}/"
    page = browser.get(address)
    assert "Declaration of employment" in text_of(page)
    assert 'value="another"' not in page.content.decode()
    for data, words in (
        ({"reach": "chosen"}, "Choose at least one e-service."),
        ({"reach": "x"}, "Please select this."),
        ({"reach": "chosen", "services": ["another"]}, "Please select this."),
        ({"reach": "chosen", "services": ["no-such\x01"]}, "Please select this."),
    ):
        assert words in text_of(browser.post(address, data))
    page = browser.post(address, {"reach": "chosen", "services": [place.service.code]}, follow=True)
    assert page.redirect_chain == [(POWERS, 302)]
    assert codes(person) == [place.service.code]
    assert "checked" in browser.get(address).content.decode().partition(f'value="{place.service.code}"')[2][:80]
    assert browser.get(f"{POWERS}{company.pending.euid}/").status_code == 404


def test_somebody_whose_power_goes_while_the_page_of_one_is_open_gets_no_power_back(company: Cast) -> None:
    person = service_administrator(company.staff)
    with pytest.MonkeyPatch.context() as patch:
        from services import operations

        def gone(**_: Any) -> None:
            raise operations.NotServiceAdministrator

        patch.setattr(operations, "narrow_service_administrator", gone)
        page = enter(company.administrator).post(f"{POWERS}{person.euid}/", {"reach": "all"})
    assert "This person is no longer a service administrator." in text_of(page)


def test_the_powers_of_thirty_are_asked_for_as_often_as_those_of_three(
    company: Cast, django_assert_max_num_queries: Any
) -> None:
    place = group(open_to=company.entity)
    for _person in range(30):
        service_administrator(login(entity=company.entity), place.service)
    browser = enter(company.administrator)
    with django_assert_max_num_queries(15):
        page = browser.get(POWERS)
    assert "1–25 of 30 people" in text_of(page)


# --- at once ---


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_giving_and_taking_at_once_leaves_one_power_or_none_and_a_line_for_each_change_S16_2(company: Cast) -> None:
    boss = [company.administrator, login(entity=company.entity, is_administrator=True)]

    def change(number: int) -> Change:
        by = anew(boss[number % 2])
        which = {"add" if number % 2 else "remove": [company.staff.euid]}
        return change_service_administrators(by=by, **which)

    results = at_once(10, change)
    assert [each for each in results if not isinstance(each, Change)] == []
    changes = [each for each in results if isinstance(each, Change)]
    given, taken = sum(each.added for each in changes), sum(each.removed for each in changes)
    assert given - taken == ServiceAdministrator.objects.count() in {0, 1}
    assert Event.objects.filter(action="service.administrator_granted").count() == given
    assert Event.objects.filter(action="service.administrator_removed").count() == taken


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_power_taken_at_once_with_its_use_is_used_before_or_not_at_all(company: Cast) -> None:
    place = group(open_to=company.entity)
    holder = service_administrator(company.staff)

    def act(number: int) -> Any:
        if number == 0:
            return change_service_administrators(by=anew(company.administrator), remove=[holder.euid])
        return change_members(group=place, by=anew(holder), add=[login(entity=company.entity).euid])

    results = at_once(6, act)
    taken = Event.objects.get(action="service.administrator_removed").seq
    assert isinstance(results[0], Change)
    assert not Event.objects.filter(action="service.assigned", seq__gt=taken).exists()
    assert Assignment.objects.count() == sum(isinstance(each, Change) for each in results[1:])


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_who_departs_while_being_added_has_neither_power_nor_work_left_Q25(company: Cast) -> None:
    place = group(open_to=company.entity)
    people = [login(entity=company.entity) for _each in range(4)]

    def act(number: int) -> Any:
        person, by = people[number // 3], anew(company.administrator)
        if number % 3 == 0:
            return depart(login=anew(person), by=by)
        if number % 3 == 1:
            return change_members(group=place, by=by, add=[person.euid])
        return change_service_administrators(by=by, add=[person.euid])

    results = at_once(12, act)
    assert [each for each in results if isinstance(each, Exception)] == []
    assert holders(company) == set()
    assert not queries.members(company.entity, place).exists()


def test_a_slice_of_the_group_is_not_the_powers_slice(company: Cast) -> None:
    """The same component on two pages: each shows its own people on the right."""
    place = group(open_to=company.entity)
    member(place, company.staff)
    service_administrator(company.pending)
    browser = enter(company.administrator)
    for address, person in ((POWERS, company.pending), ("/services/entry-declaration/operators/edit/", company.staff)):
        page = browser.get(address)
        assert [row.euid for row in page.context["lists"].right] == [person.euid]
