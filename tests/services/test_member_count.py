"""How many people are in a group is kept, not counted; who they are is found however many they are."""

import threading
import time
from collections import Counter
from itertools import chain

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from services import queries
from services.models import Assignment, MemberCount, ServiceGroup
from services.operations import change_members
from staff.models import StaffLogin
from staff.operations import depart
from tests.cast import Cast, enter, group, login, member
from tests.race import at_once
from tests.services.test_two_lists import EDIT, on_the_right

SORTS = ("name", "-name", "username", "-username", "euid", "-euid")


@pytest.fixture
def place(company: Cast) -> ServiceGroup:
    return group(open_to=company.entity)


def agree() -> None:
    """What is kept is what a count finds."""
    counted: Counter[tuple[int, int, int | None]] = Counter()
    people: set[tuple[int, int, int]] = set()
    for row in Assignment.objects.filter(ended_at=None).exclude(login__status="departed").select_related("group"):
        counted[row.entity_id, row.group.service_id, row.group_id] += 1
        people.add((row.entity_id, row.group.service_id, row.login_id))
    counted.update((entity, service, None) for entity, service, _login in people)
    kept = MemberCount.objects.values_list("entity", "service", "group", "n")
    assert {tuple(key): n for *key, n in kept if n} == dict(counted)


def change(by: StaffLogin, place: ServiceGroup, *, add: object = (), remove: object = ()) -> None:
    euids = {"add": [each.euid for each in add], "remove": [each.euid for each in remove]}  # type: ignore[attr-defined]
    change_members(group=place, by=by, **euids)


def test_what_is_kept_agrees_whoever_comes_and_goes_S14_4(company: Cast, other: Cast, place: ServiceGroup) -> None:
    second = group(code="viewers")
    elsewhere = group(service="another", open_to=company.entity)
    boss, staff, pending = company.administrator, company.staff, company.pending
    agree()
    change(boss, place, add=[boss, staff, pending])
    agree()
    change(boss, second, add=[staff, pending])  # in two groups of one e-service, and one person all the same
    change(boss, elsewhere, add=[staff])
    agree()
    assert {row.people for row in queries.groups_shown(company.entity, place.service)} == {3, 2}
    assert queries.by_department(queries.openings_for(boss))[0]["services"][0]["people"] in (1, 3)
    change(boss, place, add=[], remove=[staff])  # still in the other
    agree()
    change(boss, second, remove=[staff])
    agree()
    depart(login=pending, by=boss)  # from both at once
    agree()
    assert MemberCount.objects.get(entity=company.entity, service=place.service, group=None).n == 1
    Assignment.objects.filter(login=pending).update(ended_at=timezone.now())  # whose leaving was counted already
    agree()
    assert not MemberCount.objects.filter(entity=other.entity).exists()


def test_a_change_that_is_undone_is_not_kept(company: Cast, place: ServiceGroup) -> None:
    with transaction.atomic():
        change(company.administrator, place, add=[company.staff])
        transaction.set_rollback(True)
    agree()


def test_an_assignment_is_never_handed_on(company: Cast, place: ServiceGroup) -> None:
    """Or the counts, and the history, would speak of somebody else."""
    member(place, company.staff)
    for moved in ({"login": company.administrator}, {"group": group(code="viewers")}):
        with pytest.raises(IntegrityError, match="of one login in one group"), transaction.atomic():
            Assignment.objects.update(**moved)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_person_put_into_two_groups_at_once_is_one_person(company: Cast, place: ServiceGroup) -> None:
    """Past the operation, which holds the entity itself: of two at once the second sees what the first did."""
    groups = [place, group(code="viewers")]
    first_has_written, second_begins = threading.Event(), threading.Event()

    def act(number: int) -> None:
        with transaction.atomic():
            if number:
                assert first_has_written.wait(30)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")  # connected
                second_begins.set()
            Assignment.objects.create(entity=company.entity, login=company.staff, group=groups[number])
            if not number:
                first_has_written.set()
                assert second_begins.wait(30)
                while not somebody_waits():
                    time.sleep(0.01)

    assert at_once(2, act) == [None] * 2
    agree()
    assert MemberCount.objects.get(group=None).n == 1


def somebody_waits() -> bool:
    """For a lock that another connection to this database holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("sort", SORTS)
def test_members_are_the_same_however_many_there_are_S14_4(
    company: Cast, place: ServiceGroup, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(11):
        name = f"P {number % 4}"
        member(place, login(entity=company.entity, name_zh="", name_foreign=name, username=f"p.{number:04d}"))
    member(place, company.pending)  # without a username
    (shown,) = queries.groups_shown(company.entity, place.service)
    pages = {}
    for few in (0, 2_000):
        monkeypatch.setattr(queries, "MANY", few)
        turned = queries.MemberPages(company.entity, shown, 5, sort=sort)
        pages[few] = [[row.login.euid for row in turned.page(number)] for number in turned.page_range]
    assert pages[0] == pages[2_000]
    assert [len(page) for page in pages[0]] == [5, 5, 2]
    found = queries.members(company.entity, place, sort=sort)
    assert [*chain(*pages[0])] == list(found.values_list("login__euid", flat=True))


@pytest.mark.parametrize("few", [0, 2_000])
def test_the_right_list_is_turned_over_whole_with_those_who_are_new_first_S14_6(
    company: Cast, place: ServiceGroup, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MANY", few)
    people = [
        login(entity=company.entity, name_zh="", name_foreign=f"P {n:03d}", username=f"p.{n:04d}") for n in range(125)
    ]
    for person in people[3:]:
        member(place, person)
    new, gone = people[:3], people[10]
    form = {"add": ",".join(each.euid for each in new), "remove": gone.euid}
    client = enter(company.administrator)
    seen = [on_the_right(client.post(EDIT, {**form, "go": f"assigned-{page}"})) for page in (1, 2, 3, 4)]
    wanted = [each.euid for each in people if each != gone]
    assert [len(page) for page in seen] == [50, 50, 24, 24]  # there is no fourth
    assert [*chain(*seen[:3])] == wanted
