"""Few or many, a page and an act ask the database equally often: a statement for each row would be found here.

Each test does the same twice, the second time with ten or a hundred times as many rows. The ceilings are what was
counted, and a little.
"""

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone

from activation.models import ActivationCode
from bench.queries import Heard
from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.audit.operations import record, record_many
from entity_portal.messaging.kinds import Kind
from entity_portal.messaging.models import SMS, Mail, Notification, NotificationChoice, Purpose
from entity_portal.messaging.models import Status as SMSStatus
from services.models import Assignment, ServiceAdministrator
from staff.models import StaffLogin, Status
from tests.attacks.test_activation import typed
from tests.cast import Cast, crowd, enter, group, login, member, service_administrator

FEW, MANY = 5, 50
OPERATORS = {"service": "entry-declaration", "group": "operators"}
EDIT, POWERS = "/services/entry-declaration/operators/edit/", "/entity/service-admins/"


def statements(act: Callable[[], object]) -> list[str]:
    """What `act` asks of the database, in order, on every connection; a list of values in short."""
    with Heard() as heard:
        act()
    return [re.sub(r"\([^()]*%s[^()]*\)(, \([^()]*%s[^()]*\))*", "(...)", sql) for sql, _params in heard.statements]


def assert_constant(few: list[str], many: list[str], *, ceiling: int, of: str = "") -> None:
    n_few, n_many = len(few), len(many)
    more = "\n".join((Counter(many) - Counter(few)).elements())
    assert n_few == n_many, f"{of}: {n_few} statements for few, {n_many} for many, among them {more}"
    assert n_many <= ceiling, f"{of}: {n_many} statements"


# --- activation (五) ---


@pytest.mark.parametrize("is_right", [True, False])
def test_step_1_of_the_activation_S5_5(company: Cast, is_right: bool) -> None:
    """Among many people, former logins of the same person, and codes sent before."""
    pending = company.pending
    same = {"document_type": pending.document_type, "document_number": pending.document_number}
    found = []
    for start, end in ((0, FEW), (FEW, MANY)):
        crowd(company.entity, end - start, start)
        for each in range(start, end):
            login(entity=company.entity, status=Status.DEPARTED, **same)
            row, _code = ActivationCode.issue(login=pending, mobile=pending.mobile)
            long_ago = timezone.now() - timedelta(days=each + 2)
            ActivationCode.objects.filter(pk=row.pk).update(created_at=long_ago, voided_at=timezone.now())
        row, code = ActivationCode.issue(login=pending, mobile=pending.mobile)
        browser = enter()
        browser.get("/activate/")
        caches["counters"].clear()
        data = typed(company, code=code if is_right else "AAAAAAA2")
        found.append(statements(lambda: browser.post("/activate/", data)))  # noqa: B023
        yesterday = timezone.now() - timedelta(days=1)
        ActivationCode.objects.filter(pk=row.pk).update(created_at=yesterday)
    assert Event.objects.filter(action=Action.CODE_REFUSED, target=pending.euid).count() == (0 if is_right else 2)
    assert_constant(*found, ceiling=12)


# --- the two lists (S14.6, S16.3) ---


def wants_mail(people: list[StaffLogin]) -> None:
    """Then each notice is a job of the worker's too."""
    kinds = (Kind.ASSIGNED, Kind.UNASSIGNED, Kind.MEMBERS_ADDED, Kind.MEMBERS_REMOVED, Kind.MY_POWERS)
    NotificationChoice.objects.bulk_create(
        NotificationChoice(recipient=person.euid, kind=kind, email=Mail.NOW) for person in people for kind in kinds
    )


@pytest.mark.parametrize("address", [EDIT, POWERS])
def test_saving_500_changes_of_the_two_lists_S14_5_S16_3(company: Cast, address: str) -> None:
    """Half of them come, half of them go; each is told, and the other administrator."""
    place = group(open_to=company.entity)
    second = login(entity=company.entity, is_administrator=True)
    people = crowd(company.entity, 500 + 2 * FEW)
    wants_mail([second, *people])
    browser = enter(company.administrator)
    browser.get(address)
    found = []
    for some in (people[: 2 * FEW], people[2 * FEW :]):
        comes, goes = some[::2], some[1::2]
        if address == EDIT:
            Assignment.objects.bulk_create(
                Assignment(entity=company.entity, login=person, group=place) for person in goes
            )
        else:
            ServiceAdministrator.objects.bulk_create(
                ServiceAdministrator(entity=company.entity, login=person) for person in goes
            )
        before = Event.objects.count()
        euids = {name: ",".join(each.euid for each in who) for name, who in (("add", comes), ("remove", goes))}
        found.append(statements(lambda: browser.post(address, euids)))  # noqa: B023
        assert Event.objects.count() == before + len(some)
        Notification.objects.all().delete()
    assert_constant(*found, ceiling=34)


# --- 已離職 (十一) ---


def belongs(house: Cast, person: StaffLogin, numbers: range) -> None:
    """Put a person into a group of each of so many e-services, which are open to their entity."""
    for number in numbers:
        member(group(open_to=house.entity, service=f"service-{number}"), person)


@pytest.mark.parametrize("method", ["get", "post"])
def test_marking_somebody_as_left_who_has_50_assignments_S11_2(company: Cast, method: str) -> None:
    """The page that says what ends, and the act itself."""
    browser = enter(company.administrator)
    found = []
    for person, number in ((company.staff, FEW), (login(entity=company.entity), MANY)):
        belongs(company, person, range(number))
        address = f"/staff/{person.euid}/status/"
        browser.get(address)
        found.append(statements(lambda: getattr(browser, method)(address, {"status": "departed"})))  # noqa: B023
        assert StaffLogin.objects.get(pk=person.pk).status == Status.DEPARTED or method == "get"
    assert_constant(*found, ceiling=12)


# --- pages ---

PAGES = {  # and how many statements they may take
    "/": 12,
    "/account/": 8,
    "/entity/": 5,
    "/history/": 8,
    "/history/?q=HOI": 11,
    "/notifications/": 5,
    "/staff/": 5,
    "/staff/?q=TRABALHADOR": 7,
    "/staff/?status=pending": 7,
    "/staff/{staff}/": 11,
    "/services/": 5,
    "/services/entry-declaration/": 5,
    "/services/entry-declaration/operators/": 9,
    EDIT: 10,
    POWERS: 11,
}


def grow(house: Cast, numbers: range) -> None:
    """More of everything that pages show: people in each status, with all that is theirs, and lines of history."""
    entity, digits = house.entity, {"mobile": "+85366200000"}
    people = crowd(entity, len(numbers), numbers.start)
    for _number in numbers:
        login(entity=entity, is_administrator=True)
        login(entity=entity, status=Status.DEPARTED)
        login(entity=entity, failed_attempts=5, locked_at=timezone.now())
        service_administrator(login(entity=entity))
        lost = SMS.objects.create(
            to="+85366200000", purpose=Purpose.ACTIVATION, status=SMSStatus.FAILED, finished_at=timezone.now()
        )
        for hours, sms in ((2, None), (72, lost)):
            row, _code = ActivationCode.issue(login=login(entity=entity, status=Status.PENDING, **digits), **digits)
            row.sms, row.expires_at = sms, timezone.now() + timedelta(hours=hours)
            row.save()
    place = group(open_to=entity)
    Assignment.objects.bulk_create(Assignment(entity=entity, login=each, group=place) for each in people)
    euids = [each.euid for each in people]
    for number in numbers:
        group(open_to=entity, code=f"group-{number}")
        group(open_to=entity, service=f"nobodys-{number}")
        what = {"service": f"service-{number}", "group": "operators"}
        record(Action.ASSIGNED, entity=entity.number, actor=house.administrator, target=house.staff.euid, **what)
        Notification.objects.create(
            recipient=house.administrator.euid,
            entity_number=entity.number,
            kind=Kind.MY_POWERS,
            group_key=str(number),
            day=timezone.localdate(),
        )
    for person in (house.administrator, house.staff):
        belongs(house, person, numbers)
        record_many(Action.ASSIGNED, entity=entity.number, actor=person, targets=euids, **OPERATORS)


def test_pages_of_many_S9_6_S14_2_S14_4_S15_2(company: Cast) -> None:
    """Both times the history has more than a page, which is counted."""
    number, by, staff = company.entity.number, company.administrator, company.staff.euid
    record_many(Action.ASSIGNED, entity=number, actor=by, targets=[staff] * 60, **OPERATORS)
    browser = enter(by)
    grow(company, range(FEW))
    for page in PAGES:
        browser.get(page.format(staff=staff))  # what is kept in memory is there
    few = {page: statements(lambda page=page: browser.get(page.format(staff=staff))) for page in PAGES}
    grow(company, range(FEW, 30))
    many = {page: statements(lambda page=page: browser.get(page.format(staff=staff))) for page in PAGES}
    for page, ceiling in PAGES.items():
        assert_constant(few[page], many[page], ceiling=ceiling, of=page)
