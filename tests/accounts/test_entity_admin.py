"""Entities in the officers' pages: who sees and changes what, what each change leaves behind, and what stays final."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.models import Entity, EntityStatus, FormerNumber, LegalRepresentative, RegisterEntry
from accounts.officers import entities
from accounts.operations import EntityStatusNotAllowed, KeepsPortal, change_status
from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.messaging.models import SMS, Purpose
from entity_portal.roles import Role
from staff.models import Session, StaffLogin
from staff.operations.officers import NotOfficer
from tests import cast
from tests.cast import Cast
from tests.pages import text_of
from tests.race import at_once

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/entity/"
ACTS = ("number", "names", "suspend", "reactivate", "close")
REASON = "Letter 12/2026"
FILLED = {"reason": REASON, "number": "SO28114", "name_zh": "新名有限公司", "name_pt": "Nome Novo, Limitada"}


def of(entity: Entity, page: str = "change") -> str:
    return f"{LIST}{entity.pk}/{page}/"


def lines(action: Action) -> list[Event]:
    return list(Event.objects.filter(action=action).order_by("pk"))


def rows() -> list[Any]:
    tables = (Entity, FormerNumber, StaffLogin, SMS)
    return [list(table.objects.order_by("pk").values()) for table in tables]


# --- who may ---


@pytest.mark.parametrize(
    ("role", "reads", "changes", "closes"),
    [
        (Role.REGISTRAR, 200, 200, 404),
        (Role.APPROVER, 200, 200, 200),
        (Role.AUDITOR, 200, 404, 404),
        (Role.CATALOGUE, 404, 404, 404),
    ],
)
def test_each_role_sees_the_pages_of_its_work_Q1(
    company: Cast, role: Role, reads: int, changes: int, closes: int
) -> None:
    client = cast.officer(role)
    assert client.get(LIST).status_code == reads
    assert client.get(of(company.entity)).status_code == reads
    for act in ("number", "names", "suspend", "reactivate"):
        assert client.get(of(company.entity, act)).status_code == changes, act
    assert client.get(of(company.entity, "close")).status_code == closes


@pytest.mark.parametrize("act", ACTS)
def test_an_auditor_changes_nothing_Q1(company: Cast, act: str) -> None:
    client = cast.officer(Role.AUDITOR)
    before = rows()
    page = client.get(of(company.entity))
    assert f"/{act}/" not in page.content.decode()
    assert client.post(of(company.entity, act), FILLED).status_code == 404
    assert rows() == before


def test_a_registrar_does_not_close_Q1(company: Cast) -> None:
    client = cast.officer(Role.REGISTRAR)
    assert client.post(of(company.entity, "close"), FILLED).status_code == 404
    company.entity.refresh_from_db()
    assert company.entity.status == EntityStatus.ACTIVE


@pytest.mark.parametrize(
    "act",
    [
        lambda house, by: entities.set_number(entity=house, by=by, number="SO28114", reason=REASON),
        lambda house, by: entities.change_names(entity=house, by=by, name_zh="新", name_pt="N", reason=REASON),
        lambda house, by: entities.change_status(entity=house, by=by, status=EntityStatus.SUSPENDED, reason=REASON),
        lambda house, by: entities.change_status(entity=house, by=by, status=EntityStatus.CLOSED, reason=REASON),
    ],
)
def test_the_operations_ask_for_the_role_themselves_Q1(company: Cast, act: Callable[[Entity, StaffLogin], Any]) -> None:
    for by in (company.administrator, cast.officer_login(Role.AUDITOR, Role.CATALOGUE)):
        with pytest.raises(NotOfficer):
            act(company.entity, by)
    act(company.entity, cast.officer_login(Role.APPROVER))


def test_closing_takes_an_approver_in_the_operation_too_Q1(company: Cast) -> None:
    by = cast.officer_login(Role.REGISTRAR)
    with pytest.raises(NotOfficer):
        entities.change_status(entity=company.entity, by=by, status=EntityStatus.CLOSED, reason=REASON)
    entities.change_status(entity=company.entity, by=by, status=EntityStatus.SUSPENDED, reason=REASON)


@pytest.mark.parametrize("page", ["0/change/", "x/number/", "99999999999999999999999/close/", "%C3%A9/names/"])
def test_what_does_not_exist_is_404(company: Cast, page: str) -> None:
    assert cast.officer().get(LIST + page).status_code == 404


# --- the list and the page ---


def found(client: Client, query: str) -> list[str]:
    return [each.number for each in client.get(f"{LIST}?{query}").context["cl"].result_list]


def test_the_list_is_searched_by_a_whole_number_or_part_of_a_name_S2_4(company: Cast, other: Cast) -> None:
    Entity.objects.filter(pk=company.entity.pk).update(registration_number="28114 SO")
    client = cast.officer(Role.AUDITOR)
    mine = company.entity.number
    for query in (f"q={mine}", "q=28114+so", "q=hou+wan", "q=濠灣", "q=濠灣&status__exact=active"):
        assert mine in found(client, query), query
    assert found(client, f"q={mine}") == [mine]
    assert found(client, f"q={mine[:-1]}") == []
    assert found(client, "q=%20%E2%80%8B") == []
    assert found(client, "q=濠灣&status__exact=closed") == []
    assert mine not in found(client, "kind__exact=building")


def test_the_page_of_an_entity_shows_what_an_officer_needs_and_is_remembered_Q28(company: Cast) -> None:
    LegalRepresentative.objects.create(
        entity=company.entity,
        name_zh="馮世傑",
        document_number="50917346",
        mobile="+85366812207",
        holds_macao_resident_id=True,
    )
    cast.group(open_to=company.entity)
    client = cast.officer(Role.AUDITOR)
    page = client.get(of(company.entity))
    words = text_of(page)
    for wanted in (company.entity.number, "馮世傑", "50****46", "CHAN WENG SAN", "Declaration of employment", "All 4"):
        assert wanted in words, wanted
    for hidden in ("50917346", "66812207", company.administrator.document_number, company.administrator.mobile):
        assert hidden not in page.content.decode()
    assert f"/admin/staff/administratorlogin/{company.administrator.pk}/change/" in page.content.decode()
    (line,) = lines(Action.OFFICER_READ)
    assert (line.entity_number, line.target) == (company.entity.number, company.entity.number)
    assert line.actor


def test_the_page_says_what_needs_attention(company: Cast) -> None:
    Entity.objects.filter(pk=company.entity.pk).update(registration_number="28114 SO")
    RegisterEntry.objects.create(
        registration_number="28114 SO",
        kind="company",
        name_zh="濠灣茶餐飲集團有限公司",
        representative_name_foreign="FONG SAI KIT",
        representative_document_type="bir_permanent",
        representative_document_number="50917346",
        representative_mobile="+85366812207",
    )
    cast.login(entity=company.entity, status="pending", is_administrator=True, name_zh="歐陽靖")
    StaffLogin.objects.filter(pk=company.administrator.pk).update(failed_attempts=5)
    words = text_of(cast.officer().get(of(company.entity)))
    assert "CHAN WENG SAN is locked after five wrong passwords." in words
    assert "HO CHI HIN has not been sent an activation code." in words
    assert "No legal representative is on record." in words
    assert "The register has another name: 濠灣茶餐飲集團有限公司." in words


def test_a_page_with_many_administrators_takes_a_constant_number_of_queries(
    company: Cast, django_assert_max_num_queries: Any
) -> None:
    for _each in range(10):
        cast.login(entity=company.entity, is_administrator=True)
    client = cast.officer()
    with django_assert_max_num_queries(27):
        assert client.get(of(company.entity)).status_code == 200


# --- the official number ---


def test_the_official_number_replaces_the_old_one_at_the_door_and_everybody_is_told_Q27(company: Cast) -> None:
    StaffLogin.objects.update(language="en")
    cast.login(
        entity=company.entity, is_administrator=True, mobile="+85366880011", language="en", email="lei@example.mo"
    )
    was = company.entity.number
    client = cast.officer(Role.REGISTRAR)
    page = text_of(client.get(of(company.entity, "number")))
    assert f"Logging in with the number {was}" in page
    assert "3 people log in with the new number from now on." in page
    assert "2 administrators are told by SMS and e-mail." in page
    assert client.post(of(company.entity, "number"), {"number": "so-28114", "reason": REASON}).status_code == 302
    company.entity.refresh_from_db()
    assert (company.entity.number, company.entity.number_is_official) == ("SO28114", True)
    for number, opens in ((was, False), ("SO28114", True)):
        found = StaffLogin.objects.find(entity_number=number, username="ao.hoiian")
        assert bool(found) is opens
    texts = list(SMS.objects.filter(purpose=Purpose.NOTICE).order_by("created_at"))
    assert [(sms.to, sms.entity_number) for sms in texts] == [("+85366880011", "SO28114"), ("+85366880012", "SO28114")]
    assert all("is now SO28114" in sms.body and "the old one no longer works" in sms.body for sms in texts)
    old, new = lines(Action.ENTITY_CHANGED)
    assert [old.entity_number, new.entity_number] == [was, "SO28114"]
    assert old.data == new.data == {"number": [was, "SO28114"], "official": [False, True], "reason": REASON}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%send_email'")
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize("number", ["", "ABC", "X" * 21, "實體編號", "A\0BC", "12 3", "x" * 5000])
def test_what_is_no_entity_number_is_refused_beside_the_field_Q27(company: Cast, number: str) -> None:
    client = cast.officer(Role.REGISTRAR)
    before = rows()
    answer = client.post(of(company.entity, "number"), {"number": number, "reason": REASON})
    assert answer.context["form"].errors.keys() == {"number"}
    assert rows() == before


def test_each_change_says_why(company: Cast) -> None:
    client = cast.officer()
    before = rows()
    for act in ("number", "names", "suspend", "close"):
        answer = client.post(of(company.entity, act), {**FILLED, "reason": ""})
        assert answer.context["form"].errors.keys() == {"reason"}, act
    assert rows() == before


def test_a_number_of_another_entity_now_or_before_is_not_given_again_Q27(company: Cast, other: Cast) -> None:
    by = cast.officer_login(Role.REGISTRAR)
    was = other.entity.number
    entities.set_number(entity=other.entity, by=by, number="ANOTHER1", reason=REASON)
    for number in ("ANOTHER1", was):
        with pytest.raises(entities.NumberTaken):
            entities.set_number(entity=company.entity, by=by, number=number, reason=REASON)
        answer = cast.officer().post(of(company.entity, "number"), {"number": number, "reason": REASON})
        assert "Another entity has this number, or had it once." in text_of(answer)
        with pytest.raises(IntegrityError), transaction.atomic():
            Entity.objects.filter(pk=company.entity.pk).update(number=number, number_is_official=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        cast.entity(number=was, number_is_official=True)
    assert entities.set_number(entity=other.entity, by=by, number=was, reason="it was right"), "but to the same"
    assert not entities.set_number(entity=other.entity, by=by, number=was, reason=REASON), "nothing new"


def test_the_history_of_an_entity_is_whole_under_its_new_number_Q27(company: Cast) -> None:
    by = cast.officer_login(Role.REGISTRAR)
    with transaction.atomic():
        cast_line = {"entity_number": company.entity.number, "action": Action.LOGIN_CHANGED}
        Event.objects.create(target=company.staff.euid, **cast_line)
    entities.set_number(entity=company.entity, by=by, number="SO28114", reason=REASON)
    assert "Data changed" in text_of(cast.enter(company.administrator).get(f"/staff/{company.staff.euid}/"))
    page = text_of(cast.officer().get(of(company.entity)))
    assert "Data changed" in page
    assert "Former numbers" in page
    assert found(cast.officer(), f"q={cast_line['entity_number']}") == ["SO28114"]


# --- names ---


def test_names_are_changed_with_old_and_new_in_the_history(company: Cast) -> None:
    client = cast.officer(Role.REGISTRAR)
    was = company.entity.name_zh
    new = {"name_zh": "新名有限公司", "name_pt": company.entity.name_pt, "reason": REASON}
    assert client.post(of(company.entity, "names"), new).status_code == 302
    company.entity.refresh_from_db()
    assert company.entity.name_zh == "新名有限公司"
    (line,) = lines(Action.ENTITY_CHANGED)
    assert line.data == {"reason": REASON, "name_zh": [was, "新名有限公司"]}
    client.post(of(company.entity, "names"), new)
    assert len(lines(Action.ENTITY_CHANGED)) == 1, "the same again is nothing new"
    answer = client.post(of(company.entity, "names"), {"reason": REASON})
    assert answer.context["form"].errors.keys() == {"name_zh"}


# --- status ---


def test_suspended_nobody_comes_in_and_reactivated_they_do(company: Cast) -> None:
    StaffLogin.objects.update(language="en")
    person, client = cast.enter(company.staff), cast.officer(Role.REGISTRAR)
    assert person.get("/account/").status_code == 200
    assert "Sessions that are open now end at once" in text_of(client.get(of(company.entity, "suspend")))
    assert client.post(of(company.entity, "suspend"), {"reason": REASON}).status_code == 302
    assert person.get("/account/").status_code == 302
    assert not Session.objects.filter(login__entity=company.entity).exists()
    assert client.post(of(company.entity, "suspend"), {"reason": REASON}).status_code == 200, "it is already"
    client.post(of(company.entity, "reactivate"), {"reason": REASON})
    company.entity.refresh_from_db()
    assert company.entity.status == EntityStatus.ACTIVE
    assert [(line.data["was"], line.data["now"]) for line in lines(Action.ENTITY_STATUS_CHANGED)] == [
        ("active", "suspended"),
        ("suspended", "active"),
    ]
    assert all(line.data["reason"] == REASON and line.actor for line in lines(Action.ENTITY_STATUS_CHANGED))
    texts = list(SMS.objects.filter(purpose=Purpose.NOTICE).order_by("created_at").values_list("to", "body"))
    assert [to for to, _body in texts] == [company.administrator.mobile] * 2
    assert "has been suspended" in texts[0][1]
    assert "active again" in texts[1][1]


def test_closed_is_final_in_operation_and_database(company: Cast) -> None:
    client = cast.officer(Role.APPROVER)
    assert "It cannot be opened again." in text_of(client.get(of(company.entity, "close")))
    assert client.post(of(company.entity, "close"), {"reason": REASON}).status_code == 302
    before = rows()
    by = cast.officer_login(Role.APPROVER)
    for status in EntityStatus:
        with pytest.raises(EntityStatusNotAllowed):
            entities.change_status(entity=company.entity, by=by, status=status, reason=REASON)
    for act in ("number", "names", "reactivate", "suspend"):
        answer = client.post(of(company.entity, act), FILLED)
        assert answer.context["form"].non_field_errors(), act
    assert [rows()[0], rows()[1]] == [before[0], before[1]]
    for status in (EntityStatus.ACTIVE, EntityStatus.SUSPENDED):
        with pytest.raises(IntegrityError, match="stays closed"), transaction.atomic():
            Entity.objects.filter(pk=company.entity.pk).update(status=status)
    assert "/reactivate/" not in client.get(of(company.entity)).content.decode()


def test_the_entity_that_keeps_the_portal_stays_in_operation_and_database_Q1(company: Cast) -> None:
    house, by = cast.authority(), cast.officer_login(Role.APPROVER)
    for status in (EntityStatus.SUSPENDED, EntityStatus.CLOSED):
        with pytest.raises(KeepsPortal):
            change_status(entity=house, by=by, status=status, reason=REASON)
        with pytest.raises(IntegrityError), transaction.atomic():
            Entity.objects.filter(pk=house.pk).update(status=status)
    client = cast.officer(Role.APPROVER)
    for act in ("suspend", "close"):
        assert client.get(of(house, act)).status_code == 404
        assert client.post(of(house, act), {"reason": REASON}).status_code == 404
        assert f"/{act}/" not in client.get(of(house)).content.decode()


# --- at once ---


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_status_changes_at_once_one_is_done() -> None:
    house = cast.company().entity
    officers = [cast.officer_login(Role.APPROVER) for _each in range(4)]

    def close(number: int) -> None:
        entities.change_status(entity=house, by=officers[number], status=EntityStatus.CLOSED, reason=str(number))

    answers = at_once(4, close)
    assert answers.count(None) == 1
    assert sum(isinstance(answer, EntityStatusNotAllowed) for answer in answers) == 3
    assert len(lines(Action.ENTITY_STATUS_CHANGED)) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_who_logs_in_while_the_entity_is_closed_is_not_in_afterwards() -> None:
    company = cast.company()
    by = cast.officer_login(Role.APPROVER)
    browser = Client()
    door = {"entity_number": company.entity.number, "username": "ao.hoiian", "password": cast.PASSWORD}

    def act(number: int) -> None:
        if number:
            browser.post("/login/", door)
        else:
            entities.change_status(entity=company.entity, by=by, status=EntityStatus.CLOSED, reason=REASON)

    assert at_once(2, act) == [None, None]
    assert browser.get("/account/").status_code == 302


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_entities_that_want_one_number_at_once_one_gets_it_Q27() -> None:
    houses = [cast.company().entity, cast.company(number="10000007", official=True).entity]
    officers = [cast.officer_login(Role.REGISTRAR) for _each in houses]

    def give(number: int) -> bool:
        return entities.set_number(entity=houses[number], by=officers[number], number="SO28114", reason=REASON)

    answers = at_once(2, give)
    assert answers.count(True) == 1
    assert sum(isinstance(answer, entities.NumberTaken) for answer in answers) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_number_that_is_being_given_up_is_not_snatched_Q27() -> None:
    """Its old owner has not committed yet: whoever wants it waits in the index and is refused afterwards."""
    house, other = cast.company().entity, cast.company(number="10000007", official=True).entity
    by = [cast.officer_login(Role.REGISTRAR) for _each in range(2)]
    was = house.number

    def act(number: int) -> bool:
        if number:
            return entities.set_number(entity=other, by=by[1], number=was, reason=REASON)
        return entities.set_number(entity=house, by=by[0], number="SO28114", reason=REASON)

    done, refused = at_once(2, act)
    assert done is True
    assert isinstance(refused, entities.NumberTaken)
