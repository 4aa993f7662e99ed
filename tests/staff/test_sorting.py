"""Every login is kept with the keys of its names; lists stand in their order."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import translation

from entity_portal.collation import CHINESE, LATIN, sort_key
from staff import operations, queries
from staff.models import StaffLogin
from staff.sorting import sort_names
from staff.tasks import sort_names as at_night
from tests import cast
from tests.cast import Cast
from tests.race import at_once


def keys(login: StaffLogin) -> tuple[bytes, bytes]:
    row = StaffLogin.objects.get(pk=login.pk)
    return bytes(row.name_zh_key), bytes(row.name_foreign_key)


def made(zh: str, foreign: str) -> tuple[bytes, bytes]:
    return sort_key(zh, CHINESE), sort_key(foreign, LATIN)


def test_a_login_that_is_opened_has_the_keys_of_its_names(company: Cast) -> None:
    person = {"document_type": "passport", "document_number": "P1234567", "document_place": "PT"}
    opened = operations.create_login(
        entity=company.entity,
        by=company.administrator,
        name_zh="",
        name_foreign="Ângela de Sá",
        mobile="+85366123456",
        **person,
    )
    assert keys(opened) == made("", "Ângela de Sá")


def test_whoever_changes_a_name_changes_its_key(company: Cast) -> None:
    operations.change_login(login=company.pending, by=company.administrator, data={"name_zh": "丁一"})
    assert keys(company.pending) == made("丁一", "HO CHI HIN")


def test_rows_written_many_at_once_have_their_keys(company: Cast) -> None:
    names = {"name_zh": "王一", "name_foreign": "WONG IAT"}
    row = StaffLogin(
        entity=company.entity, document_number="70707070", document_place="MO", mobile="+85366123456", **names
    )
    StaffLogin.objects.bulk_create([row])
    assert keys(row) == made("王一", "WONG IAT")


@pytest.mark.parametrize("field", ["name_zh", "name_foreign"])
def test_the_database_refuses_a_name_without_its_key(company: Cast, field: str) -> None:
    with pytest.raises(IntegrityError, match="staff_sort_keys_belong"), transaction.atomic():
        StaffLogin.objects.filter(pk=company.pending.pk).update(**{field: "OTHER"})
    with pytest.raises(IntegrityError, match="staff_sort_keys_belong"), transaction.atomic():
        StaffLogin.objects.filter(pk=company.pending.pk).update(**{f"{field}_key": b""})


@pytest.mark.parametrize("way", ["command", "night"])
def test_after_a_new_version_of_the_tables_all_keys_are_made_anew(company: Cast, way: str) -> None:
    was = keys(company.departed)
    for login in company.entity.logins.all():
        older = {key: b"\x01" + bytes(getattr(login, key))[-8:] for key in ("name_zh_key", "name_foreign_key")}
        StaffLogin.objects.filter(pk=login.pk).update(**older)
    assert keys(company.departed) != was
    call_command("sort_names", verbosity=0, stdout=__import__("io").StringIO()) if way == "command" else at_night(0)
    assert keys(company.departed) == was, "also of whoever has departed and whose data stay"
    assert sort_names() == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_name_that_changes_while_keys_are_made_anew_keeps_its_own_key() -> None:
    company = cast.company()
    older = b"\x01" + keys(company.pending)[0][-8:]
    StaffLogin.objects.filter(pk=company.pending.pk).update(name_zh_key=older)

    def either(number: int) -> object:
        if number % 2:
            return sort_names()
        login = StaffLogin.objects.select_related("entity").get(pk=company.pending.pk)
        data = {"name_zh": f"王{number}"}
        return operations.change_login(login=login, by=company.administrator, data=data)

    failed = [result for result in at_once(8, either) if isinstance(result, Exception)]
    assert not failed
    row = StaffLogin.objects.get(pk=company.pending.pk)
    assert keys(row) == made(row.name_zh, row.name_foreign)


def some(company: Cast) -> None:
    names = [("陳一", "Álvaro"), ("王一", "Ana"), ("李一", "Brito"), ("丁一", "ALMEIDA"), ("", "Abreu"), ("", "Zé")]
    for number, (zh, foreign) in enumerate(names):
        cast.login(entity=company.entity, name_zh=zh, name_foreign=foreign, username=f"sorted.{number}")


def shown(company: Cast, field: str, sort: str) -> list[str]:
    found = queries.find(company.entity, q="sorted.", sort=sort)
    return [getattr(login, field) for login in found]


def test_the_list_by_chinese_name_stands_by_strokes_with_those_last_who_have_none(company: Cast) -> None:
    some(company)
    assert shown(company, "name_zh", "name_zh") == ["丁一", "王一", "李一", "陳一", "", ""]
    assert shown(company, "name_foreign", "name_zh")[-2:] == ["Abreu", "Zé"]
    assert shown(company, "name_zh", "-name_zh")[2:] == ["陳一", "李一", "王一", "丁一"]


def test_the_list_by_foreign_name_puts_an_accent_beside_its_letter(company: Cast) -> None:
    some(company)
    assert shown(company, "name_foreign", "name_foreign") == ["Abreu", "ALMEIDA", "Álvaro", "Ana", "Brito", "Zé"]


def test_namesakes_stand_in_the_same_order_each_time(company: Cast) -> None:
    people = [cast.login(entity=company.entity, name_foreign="SAME", username=f"same.{n}") for n in range(5)]
    found = queries.find(company.entity, q="same.", sort="name_zh")
    assert [login.euid for login in found] == sorted(login.euid for login in people)


@pytest.mark.parametrize(("language", "first"), [("zh-hant", "丁一"), ("pt", ""), ("en", "")])
def test_lists_by_name_stand_by_the_name_that_the_reader_sees(company: Cast, language: str, first: str) -> None:
    some(company)
    with translation.override(language):
        found = list(company.entity.logins.filter(username__startswith="sorted.").order_by(*queries.by_name()))
    assert found[0].name_zh == first


def test_the_list_by_name_is_read_from_an_index(company: Cast) -> None:
    """An order the database would have to make for each page does not stay quick with 20,000 people."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
    for sort, index in (("name_zh", "staff_by_chinese_name"), ("name_foreign", "staff_by_foreign_name")):
        for direction in ("", "-"):
            found = company.entity.logins.order_by(*(f"{direction}{key}" for key in (*queries.SORTS[sort], "euid")))[
                :25
            ]
            assert index in found.explain(), (sort, direction)
