"""How many logins an entity has is kept, not counted; where each stands in the list too."""

from collections import Counter
from itertools import product

import pytest
from django.db import IntegrityError, connection, transaction

from entity_portal.demo.applications import empowered
from entity_portal.privileges import as_owner
from services.models import ServiceAdministrator
from services.operations import change_service_administrators
from staff import operations, queries
from staff.models import Headcount, StaffLogin, Status
from staff.operations import depart
from tests.cast import BIRTH_DATE, PASSWORD, Cast, crowd, login, service_administrator
from tests.database import owning
from tests.race import at_once

ROLES = ("", "administrator", "service_administrator")


def activate(person: StaffLogin) -> None:
    operations.activate(login=person, username="ho.chihin", password=PASSWORD, birth_date=BIRTH_DATE)


def agree() -> None:
    """What is kept is what a count finds; and nothing is kept twice."""
    counted = Counter(StaffLogin.objects.values_list("entity", "status", "is_administrator", "assigns"))
    kept = Headcount.objects.values_list("entity", "status", "is_administrator", "assigns", "n")
    assert {tuple(key): n for *key, n in kept if n} == dict(counted)
    powers = set(ServiceAdministrator.objects.values_list("login", flat=True))
    assert set(StaffLogin.objects.filter(assigns=True).values_list("pk", flat=True)) == powers


def test_what_is_kept_agrees_whatever_happens_to_the_logins_S9_5(company: Cast, other: Cast) -> None:
    agree()
    activate(company.pending)
    agree()
    change_service_administrators(by=company.administrator, add=[company.staff.euid, company.pending.euid])
    agree()
    change_service_administrators(by=company.administrator, remove=[company.pending.euid])
    agree()
    depart(login=company.staff, by=company.administrator)
    agree()
    with transaction.atomic():
        empowered(company.pending)
        StaffLogin.objects.filter(pk=company.pending.pk).update(is_administrator=True)
    agree()
    crowd(other.entity, 30)
    agree()
    assert queries.counts(other.entity)["total"] == 34


def test_it_adds_up_to_what_the_list_finds_with_each_filter_S9_5(company: Cast) -> None:
    service_administrator(company.staff)
    service_administrator(company.administrator)
    login(entity=company.entity, status=Status.DEPARTED, is_administrator=True)
    heads = queries.heads(company.entity)
    for status, role in product(("", *Status.values), ROLES):
        found = queries.find(company.entity, status=status, role=role).count()
        assert queries.how_many(heads, status=status, role=role) == found, (status, role)


def test_a_change_that_is_undone_is_not_kept(company: Cast) -> None:
    before = queries.counts(company.entity)
    with transaction.atomic():
        activate(company.pending)
        transaction.set_rollback(True)
    assert queries.counts(company.entity) == before


def test_a_power_is_never_handed_on(company: Cast) -> None:
    """Or the login would keep what the power has lost."""
    service_administrator(company.staff)
    with pytest.raises(IntegrityError, match="never handed on"), transaction.atomic():
        ServiceAdministrator.objects.update(login=company.pending)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_all_counted(company: Cast) -> None:
    people = [login(entity=company.entity) for _number in range(20)]

    def act(number: int) -> None:
        with transaction.atomic():
            if number % 2:
                depart(login=people[number], by=company.administrator)
            else:
                login(entity=company.entity, username=f"new.{number}")

    assert at_once(20, act) == [None] * 20
    agree()


def test_the_usual_order_is_read_from_its_index(company: Cast) -> None:
    """At a size where a sort would pay: the rows beyond the page are not touched."""
    crowd(company.entity, 3_000)
    with owning() as cursor:
        cursor.execute("ANALYZE staff_stafflogin")
    for sort in ("role", "name_zh", "name_foreign"):
        plan = queries.find(company.entity, sort=sort)[:25].explain()
        assert "Sort" not in plan, f"{sort}\n{plan}"
        assert "Index" in plan


@pytest.mark.django_db(transaction=True)
def test_a_search_reads_an_index_and_no_row_that_it_does_not_find(company: Cast) -> None:
    crowd(company.entity, 3_000)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE staff_stafflogin")
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")  # here the table is hardly more than the entity, row beside row
        cursor.execute("SET enable_bitmapscan = off")
    for q in ("陳", "TRABALHADOR 00017", "CU5000", "none"):
        plan = company.entity.logins.filter(queries._named(q, "", True)).values("pk").explain()
        assert "Index Only Scan using staff_by_words" in plan, f"{q}\n{plan}"
    with connection.cursor() as cursor:
        cursor.execute("RESET ALL")


@pytest.mark.parametrize("few", [0, 1, 2_000])
def test_a_search_finds_the_same_however_many_it_finds(
    company: Cast, other: Cast, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FEW", few)
    login(entity=company.entity, username="joao.silva", name_zh="", name_foreign="João da Silva")
    for q, found in {
        "": 5,
        "JOAO silva": 1,
        "joão": 1,
        "詠珊": 1,
        "o": 4,
        "chan\nweng": 1,
        company.staff.euid: 1,
        company.staff.document_number: 1,
        company.staff.document_number[:-1]: 0,
        "%": 0,
        "_": 0,
        "nobody": 0,
    }.items():
        assert queries.find(company.entity, q=q, by_document=True).count() == found, q
