"""What must never break holds also for whoever goes past the operations, straight to the tables.

Each rule: what breaks it is refused by the constraint of that name; its allowed neighbour passes.
"""

import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.postgres.functions import TransactionNow
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models.expressions import RawSQL
from django.utils import timezone

from accounts.models import EntityStatus, LegalRepresentative, RegisterEntry
from activation.models import ActivationCode, TermsAcceptance, TermsVersion
from activation.terms import current
from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.audit.operations import record
from entity_portal.collation import CHINESE, LATIN, sort_key
from entity_portal.data_keys import writing_key
from entity_portal.messaging.models import SMS
from services.models import Assignment, Opening, OpeningStatus, ServiceAdministrator, ServiceGroup
from staff.models import EmailChange, ResetCode, StaffLogin, Status
from staff.models.login import DOCUMENT
from tests.cast import Cast, entity, group, login, member
from tests.database import owning
from tests.race import at_once

NOW = timezone.now()


def refused(name: str, write: Callable[[], Any]) -> None:
    """The database refuses a write, or the commit of it, and names the rule."""

    def commit() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            write()
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError) as error:
        commit()
    said = f"{error.value} {error.value.__cause__.diag.constraint_name}"  # type: ignore[union-attr]
    assert name in said


def change(row: Any, **fields: Any) -> None:
    for name, rules in (("name_zh", CHINESE), ("name_foreign", LATIN)):
        if isinstance(row, StaffLogin) and name in fields:  # without its key it is refused before all else
            fields[f"{name}_key"] = sort_key(fields[name], rules)
    if isinstance(row, StaffLogin) and isinstance(fields.get("document_number"), str):
        fields["document_index"] = writing_key().index(fields["document_number"], DOCUMENT)
    assert type(row)._default_manager.filter(pk=row.pk).update(**fields) == 1


# --- staff: what a row may say ---

PENDING: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("staff_username_form", {"username": "Ao.Hoi", "activated_at": NOW, "status": "active"}, {}),
    ("staff_username_form", {"username": "abc", "activated_at": NOW, "status": "active"}, {}),
    (
        "staff_username_form",
        {"username": "a" * 4 + "ñ", "activated_at": NOW, "status": "active"},
        {"username": "abcd", "activated_at": NOW, "status": "active"},
    ),
    ("staff_document_number_sealed", {"document_number": RawSQL("'12345678'", ())}, {"document_number": "12345678"}),
    ("staff_document_index_form", {"document_index": b"12345678"}, {"document_index": b"0123456789abcdef"}),
    ("staff_document_type_known", {"document_type": "library_card"}, {"document_type": "passport"}),
    ("staff_mobile_is_e164", {"mobile": "66123456"}, {"mobile": "+351912345678"}),
    ("staff_mobile_is_e164", {"mobile": "+053661234"}, {"mobile": "+85291234567"}),
    ("staff_has_a_name", {"name_foreign": ""}, {"name_foreign": "X", "name_zh": ""}),
    ("staff_activated_has_username_and_time", {"username": "abcd"}, {}),
    ("staff_pending_is_not_activated", {"username": "abcd", "activated_at": NOW}, {}),
    ("staff_pending_is_not_activated", {"status": "active"}, {}),
    ("staff_departed_has_time", {"status": "departed"}, {"status": "departed", "departed_at": NOW}),
    ("staff_departed_has_time", {"departed_at": NOW}, {}),
    ("staff_at_most_five_failed_attempts", {"failed_attempts": 6}, {"failed_attempts": 5}),
    (
        "staff_locked_after_five_failed_attempts",
        {"failed_attempts": 4, "locked_at": NOW},
        {"failed_attempts": 5, "locked_at": NOW},
    ),
    ("staff_administrator_power_not_taken", {"is_administrator": True}, {"is_administrator": False}),
    ("staff_euid_for_ever", {"euid": "CU0000000002"}, {}),
]


@pytest.mark.parametrize(("name", "wrong", "right"), PENDING)
def test_a_login_not_activated(company: Cast, name: str, wrong: dict[str, Any], right: dict[str, Any]) -> None:
    refused(name, lambda: change(company.pending, **wrong))
    if right:
        change(company.pending, **right)


def test_a_login_begins_in_a_status_that_is_known(company: Cast) -> None:
    """Two more constraints would refuse such a row: this one must stand without them."""
    with owning() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE staff_stafflogin DROP CONSTRAINT staff_pending_is_not_activated")
    refused("staff_status_known", lambda: login(entity=company.entity, status="asleep", username="some.body"))


@pytest.mark.parametrize("euid", ["CU123456789", "XX1234567891", "CU12345678901", "cu1234567891"])
def test_an_euid_has_its_form_Q26(company: Cast, euid: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        login(entity=company.entity, euid=euid)


def test_an_euid_has_its_check_digit_Q26(company: Cast) -> None:
    allowed = []
    for digit in "0123456789":
        try:
            with transaction.atomic():
                allowed.append(login(entity=company.entity, euid=f"CU123456789{digit}").euid)
        except IntegrityError as error:
            assert "staff_euid_has_check_digit" in str(error)  # noqa: PT017
    assert len(allowed) == 1


def test_an_euid_comes_once_in_all_entities_S7_1(company: Cast, other: Cast) -> None:
    refused("staff_stafflogin_euid", lambda: login(entity=other.entity, euid=company.departed.euid))


def test_a_login_is_never_deleted_so_that_its_euid_cannot_come_again_A64(company: Cast) -> None:
    sql = "DELETE FROM staff_stafflogin WHERE id = %s"
    for person in (company.pending, company.departed):
        with owning() as cursor:
            refused("staff_login_is_kept", partial(cursor.execute, sql, [person.pk]))


def test_a_username_comes_once_in_an_entity_Q16(company: Cast, other: Cast) -> None:
    refused("staff_username_unique_in_entity", lambda: login(entity=company.entity, username="ao.hoiian"))
    refused("staff_username_unique_in_entity", lambda: login(entity=company.entity, username="ieong.sutleng"))
    assert login(entity=company.entity, username="someone.new")


@pytest.mark.parametrize(("wrong", "right"), [("1234567(8)", "12345678"), ("ab12", "AB12"), ("A" * 21, "A" * 20)])
def test_no_number_is_encrypted_that_is_not_normalised_S5_7(company: Cast, wrong: str, right: str) -> None:
    """The database sees the number no more: the field looks at it, by whichever way it is written."""
    for write in (
        lambda number: login(entity=company.entity, document_number=number),
        lambda number: change(company.pending, document_number=number),
        lambda number: StaffLogin.objects.bulk_update(
            [StaffLogin(pk=company.pending.pk, document_number=number)], ["document_number"]
        ),
    ):
        with pytest.raises(ValueError, match="not normalised"), transaction.atomic():
            write(wrong)
    login(entity=company.entity, document_number=right)


def test_a_person_has_one_present_login_in_an_entity_Q25(company: Cast, other: Cast) -> None:
    same = {"document_number": company.staff.document_number}
    refused("staff_one_present_login_per_person", lambda: login(entity=company.entity, **same))
    login(entity=other.entity, **same)
    login(entity=company.entity, **same, document_type="passport")
    login(entity=company.entity, document_number=company.departed.document_number)


FROZEN = {
    "name_zh": "別名",
    "name_foreign": "OTHER",
    "document_type": "passport",
    "document_number": "99999999",
    "document_place": "PT",
    "birth_date": date(1970, 1, 1),
    "mobile": "+85366999999",
}


@pytest.mark.parametrize("field", FROZEN)
def test_activation_and_departure_freeze_the_identity_S10_2_T6(company: Cast, field: str) -> None:
    for person in (company.staff, company.departed):
        refused("staff_identity_frozen", lambda row=person: change(row, **{field: FROZEN[field]}))
    change(company.staff, language="pt")
    change(company.pending, **{field: FROZEN[field]})


def test_the_address_of_an_activated_login_changes_only_with_its_link(company: Cast) -> None:
    def with_link(email: str, **used: Any) -> None:
        digest = {"digest": "d", "expires_at": NOW, "email": email}
        EmailChange.objects.create(login=company.staff, **digest, **used)
        change(company.staff, email="new@example.mo")

    refused("staff_email_by_link", lambda: change(company.staff, email="new@example.mo"))
    refused("staff_email_by_link", lambda: with_link("new@example.mo"))
    refused("staff_email_by_link", lambda: with_link("other@example.mo", used_at=TransactionNow()))
    refused("staff_email_by_link", lambda: with_link("new@example.mo", used_at=NOW))
    with_link("new@example.mo", used_at=TransactionNow())
    change(company.staff, email="")
    change(company.pending, email="new@example.mo")


@pytest.mark.parametrize("who", ["staff", "departed"])
def test_a_username_once_set_stays_S5_15(company: Cast, who: str) -> None:
    for username in ("someone.else", None):
        refused("staff_username_once_set_stays", lambda name=username: change(getattr(company, who), username=name))


def test_a_login_never_moves_to_another_entity(company: Cast, other: Cast) -> None:
    refused("staff_euid_for_ever", lambda: change(company.pending, entity=other.entity))


STATUSES = ("pending", "active", "departed")
ALLOWED = {("pending", "active"), ("pending", "departed"), ("active", "departed")}


@pytest.mark.parametrize("was", STATUSES)
@pytest.mark.parametrize("now", STATUSES)
def test_a_status_only_moves_on_Q25_A62(company: Cast, was: str, now: str) -> None:
    person = login(entity=company.entity, status=was)
    fields: dict[str, Any] = {"status": now, "departed_at": None}
    if now == "active" and was == "pending":
        fields |= {"username": "some.body", "activated_at": NOW}
    if now == "departed":
        fields["departed_at"] = NOW if was != "departed" else person.departed_at
    if was == now or (was, now) in ALLOWED:
        change(person, **fields)
    else:
        refused("staff_status_moves_on", lambda: change(person, **fields))


def test_the_times_of_activation_and_departure_stay(company: Cast) -> None:
    refused("staff_times_stay", lambda: change(company.staff, activated_at=NOW - timedelta(1)))
    refused("staff_times_stay", lambda: change(company.departed, departed_at=NOW - timedelta(1)))


def test_power_is_given_at_creation_only_S3_5(company: Cast) -> None:
    refused("staff_administrator_power_not_taken", lambda: change(company.staff, is_administrator=True))
    assert login(entity=company.entity, is_administrator=True).is_administrator


# --- staff: an active entity keeps an administrator ---

KEEPS = "staff_entity_keeps_an_administrator"


def leave(person: StaffLogin) -> None:
    change(person, status=Status.DEPARTED, departed_at=NOW)


def test_the_last_administrator_neither_leaves_nor_loses_the_power_S3_4_A60(company: Cast, other: Cast) -> None:
    refused(KEEPS, lambda: leave(company.administrator))
    refused(KEEPS, lambda: change(company.administrator, is_administrator=False))
    second = login(entity=company.entity, is_administrator=True)
    leave(company.administrator)
    refused(KEEPS, lambda: leave(second))


def test_an_administrator_may_be_replaced_within_one_transaction(company: Cast) -> None:
    with transaction.atomic():
        leave(company.administrator)
        login(entity=company.entity, is_administrator=True)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_an_active_entity_is_not_made_without_an_administrator_S3_4(company: Cast) -> None:
    refused(KEEPS, entity)
    with transaction.atomic():
        login(entity=entity(), is_administrator=True)
    entity(status=EntityStatus.SUSPENDED)


def test_an_entity_without_administrator_does_not_become_active(company: Cast) -> None:
    house = entity(status=EntityStatus.SUSPENDED)
    refused(KEEPS, lambda: change(house, status=EntityStatus.ACTIVE))
    login(entity=house, is_administrator=True)
    change(house, status=EntityStatus.ACTIVE)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_plain_transactions_that_lock_nothing_one_is_refused_at_commit_S3_4_A61(company: Cast) -> None:
    """The one waits for the other where heads are counted, and is judged by what the other has left."""
    pair = [company.administrator, login(entity=company.entity, is_administrator=True)]

    def plain(number: int) -> str:
        with transaction.atomic(), connection.cursor() as cursor:
            leave(pair[number])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            time.sleep(0.3)
        return "left"

    results = at_once(2, plain)
    assert [each for each in results if each == "left"] == ["left"]
    refusal = next(each for each in results if isinstance(each, Exception))
    assert isinstance(refusal, IntegrityError)
    assert refusal.__cause__.diag.constraint_name == KEEPS  # type: ignore[union-attr]
    present = StaffLogin.objects.filter(entity=company.entity, is_administrator=True).exclude(status="departed")
    assert present.count() == 1


# --- accounts ---


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("accounts_entity_has_a_name", {"name_zh": "", "name_pt": ""}, {"name_zh": ""}),
        ("accounts_entity_kind_known", {"kind": "club"}, {"kind": "building"}),
        ("accounts_entity_status_known", {"status": "asleep"}, {"status": "suspended"}),
        ("accounts_entity_number_form", {"number": "12-4"}, {"number": "MO99", "number_is_official": True}),
        ("accounts_entity_number_has_check_digit", {"number": "80216450"}, {"number": "80216453"}),
    ],
)
def test_an_entity(company: Cast, name: str, wrong: dict[str, Any], right: dict[str, Any]) -> None:
    if "number" in right and "number_is_official" not in right:
        right = {"number": company.entity.number}
    refused(name, lambda: change(company.entity, **wrong))
    change(company.entity, **right)


def test_an_entity_number_comes_once_and_a_registration_number_too(company: Cast, other: Cast) -> None:
    refused("accounts_entity_number", lambda: change(other.entity, number=company.entity.number))
    change(company.entity, registration_number="SO1")
    refused("accounts_entity_registration_number", lambda: change(other.entity, registration_number="SO1"))


def test_every_single_wrong_digit_of_an_entity_number_is_found_Q27(company: Cast) -> None:
    number = company.entity.number
    for place in range(len(number)):
        for digit in set("0123456789") - {number[place]}:
            wrong = number[:place] + digit + number[place + 1 :]
            with connection.cursor() as cursor:
                cursor.execute("SELECT accounts_check_digit_fits(%s)", [wrong])
                assert cursor.fetchone() == (False,)


def test_a_legal_representative_has_a_name_and_stands_once(company: Cast) -> None:
    def make(**fields: Any) -> LegalRepresentative:
        given = {"name_zh": "王", "document_number": "1234", "mobile": "+85366123456", "holds_macao_resident_id": True}
        return LegalRepresentative.objects.create(entity=company.entity, **{**given, **fields})

    make()
    refused("accounts_legalrepresentative_once_per_entity", make)
    refused("accounts_legalrepresentative_has_a_name", lambda: make(name_zh="", document_number="5678"))
    make(name_zh="", name_foreign="WONG", document_number="5678")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("accounts_registerentry_has_a_name", {"name_zh": ""}),
        ("accounts_registerentry_representative_has_a_name", {"representative_name_zh": ""}),
        ("accounts_registerentry_kind_known", {"kind": "club"}),
        ("accounts_registerentry_mobile_is_e164", {"representative_mobile": "66123456"}),
    ],
)
def test_a_line_of_the_register(db: None, name: str, wrong: dict[str, Any]) -> None:
    line = {
        "name_zh": "某公司",
        "registration_number": "SO9",
        "kind": "company",
        "representative_name_zh": "王",
        "representative_document_type": "bir_permanent",
        "representative_document_number": "12345678",
        "representative_mobile": "+85366123456",
    }
    refused(name, lambda: RegisterEntry.objects.create(**{**line, **wrong}))
    RegisterEntry.objects.create(**line)
    refused("registration_number", lambda: RegisterEntry.objects.create(**line))


# --- services ---


def test_an_assignment_is_of_a_present_login_of_the_entity(company: Cast, other: Cast) -> None:
    place = group(open_to=company.entity)
    group(open_to=other.entity)
    name = "services_assignment_login_of_entity"
    refused(name, lambda: Assignment.objects.create(entity=company.entity, login=other.staff, group=place))
    refused(name, lambda: Assignment.objects.create(entity=other.entity, login=company.staff, group=place))
    refused(name, lambda: member(place, company.departed))
    member(place, company.departed, ended_at=NOW)
    member(place, company.pending)
    row = member(place, company.staff)
    refused(name, lambda: change(row, login=other.staff))


def test_an_assignment_is_to_a_service_that_was_opened_to_the_entity_S13_1(company: Cast, other: Cast) -> None:
    place = group(open_to=other.entity)
    refused("services_assignment_opened_to_entity", lambda: member(place, company.staff))
    Opening.objects.create(entity=company.entity, service=place.service, status=OpeningStatus.WITHDRAWN)
    member(place, company.staff)


def test_an_assignment_lasts_once_and_stays_ended(company: Cast) -> None:
    place = group(open_to=company.entity)
    row = member(place, company.staff)
    refused("services_assignment_unique_while_it_lasts", lambda: member(place, company.staff))
    change(row, ended_at=NOW)
    refused("services_assignment_stays_ended", lambda: change(row, ended_at=None))
    refused("services_assignment_stays_ended", lambda: change(row, valid_until=date(2030, 1, 1)))
    member(place, company.staff)


def test_an_assignment_ends_after_it_begins(company: Cast) -> None:
    row = member(group(open_to=company.entity), company.staff)
    day = date(2026, 3, 11)
    name = "services_assignment_ends_after_it_begins"
    refused(name, lambda: change(row, valid_from=day, valid_until=day - timedelta(1)))
    change(row, valid_from=day, valid_until=day)


def test_a_service_is_opened_once_and_its_status_is_known(company: Cast) -> None:
    place = group(open_to=company.entity)
    opening = Opening.objects.get()
    again = {"entity": company.entity, "service": place.service}
    refused("services_opening_once_per_entity", lambda: Opening.objects.create(**again))
    refused("services_opening_status_known", lambda: change(opening, status="ajar"))
    change(opening, status="suspended")


def test_a_group_stands_once_in_a_service(company: Cast) -> None:
    place = group()
    twin = {
        "service": place.service,
        "code": place.code,
        "name_zh": "操作員",
        "name_pt": "Operador",
        "name_en": "Operators",
    }
    refused("services_servicegroup_unique_in_service", lambda: ServiceGroup.objects.create(**twin))
    assert group(code="managers").service == place.service


def test_the_power_to_assign_is_of_a_login_of_the_entity(company: Cast, other: Cast) -> None:
    mixed = {"entity": company.entity, "login": other.staff}
    refused("services_power_login_of_entity", lambda: ServiceAdministrator.objects.create(**mixed))
    power = ServiceAdministrator.objects.create(entity=company.entity, login=company.staff)
    refused("services_power_login_of_entity", lambda: change(power, login=other.staff))


def test_nobody_who_has_departed_is_given_the_power_Q21(company: Cast) -> None:
    departed = {"entity": company.entity, "login": company.departed}
    refused("services_power_login_present", lambda: ServiceAdministrator.objects.create(**departed))
    assert ServiceAdministrator.objects.create(entity=company.entity, login=company.pending).pk


def test_a_power_is_narrowed_to_services_opened_to_its_entity_Q23(company: Cast, other: Cast) -> None:
    power = ServiceAdministrator.objects.create(entity=company.entity, login=company.staff, narrowed=True)
    theirs, ours = group(open_to=other.entity, service="theirs"), group(open_to=company.entity)
    sql = "INSERT INTO services_serviceadministrator_services (serviceadministrator_id, eservice_id) VALUES (%s, %s)"

    def choose(place: ServiceGroup) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, [power.pk, place.service_id])

    refused("services_power_service_opened_to_entity", lambda: choose(theirs))
    choose(ours)
    assert list(power.services.all()) == [ours.service]


# --- codes ---


def code(model: Any, person: StaffLogin, **fields: Any) -> Any:
    given = {"digest": "0" * 64, "expires_at": NOW + timedelta(hours=1)}
    if model is ActivationCode:
        given["mobile"] = person.mobile
    return model.objects.create(login=person, **{**given, **fields})


@pytest.mark.parametrize(
    ("model", "prefix"), [(ActivationCode, "activation_activationcode"), (ResetCode, "staff_resetcode")]
)
def test_a_code(company: Cast, model: Any, prefix: str) -> None:
    row = code(model, company.pending)
    refused(f"{prefix}_one_open_per_login", lambda: code(model, company.pending))
    refused(f"{prefix}_at_most_five_tries", lambda: change(row, tries=6))
    refused(f"{prefix}_used_or_voided_never_both", lambda: change(row, used_at=NOW, voided_at=NOW))
    change(row, tries=5, voided_at=NOW)
    code(model, company.pending)
    code(model, company.staff)


def test_terms_stand_once_per_language_and_are_accepted_once_Q6(company: Cast) -> None:
    terms = current("pt")
    twin = {"version": terms.version, "language": "pt", "text": []}
    refused("activation_termsversion_once_per_language", lambda: TermsVersion.objects.create(**twin))
    accepted = {"login": company.staff, "terms": terms, "accepted_at": NOW}
    TermsAcceptance.objects.create(**accepted)
    refused("activation_termsacceptance_once", lambda: TermsAcceptance.objects.create(**accepted))
    TermsAcceptance.objects.create(**{**accepted, "terms": current("zh-hant")})


# --- history ---


def lines(number: str, times: int = 3) -> None:
    for turn in range(times):
        record(Action.LOGIN_CHANGED, entity=number, actor=None, target="CU1", turn=turn, words="何")


def checked() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT entity_number, seq, follows, unchanged FROM audit_check ORDER BY entity_number, seq")
        return cursor.fetchall()


def test_history_is_numbered_and_chained_within_an_entity(db: None) -> None:
    lines("1111")
    lines("2222", 2)
    numbers = [("1111", 1), ("1111", 2), ("1111", 3), ("2222", 1), ("2222", 2)]
    assert checked() == [(*each, True, True) for each in numbers]
    assert Event.objects.filter(entity_number="1111", seq=1).get().prev_hash is None


def test_numbers_times_and_hashes_are_the_databases_own(db: None) -> None:
    Event.objects.create(entity_number="1111", action="login.changed", seq=77, hash=b"x", prev_hash=b"y", at=NOW)
    assert checked() == [("1111", 1, True, True)]
    assert Event.objects.get().at > NOW


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_event SET target = 'CU2'",
        "UPDATE audit_event SET data = '{}' WHERE seq = 2",
        "DELETE FROM audit_event",
        "DELETE FROM audit_event WHERE seq = 3",
    ],
)
def test_history_is_neither_changed_nor_deleted(db: None, sql: str) -> None:
    lines("1111")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    with pytest.raises(DatabaseError, match="append-only"), owning() as cursor:
        cursor.execute(sql)
    assert checked() == [("1111", seq, True, True) for seq in (1, 2, 3)]


@pytest.mark.parametrize(
    ("sql", "wrong"),
    [
        ("UPDATE audit_event SET data = '{\"turn\": 9}' WHERE seq = 2", ("1111", 2, True, False)),
        ("UPDATE audit_event SET actor = 'CU9' WHERE seq = 1", ("1111", 1, True, False)),
        ("DELETE FROM audit_event WHERE seq = 2", ("1111", 3, False, True)),
    ],
)
def test_whoever_switches_the_trigger_off_and_changes_history_is_found_out(
    db: None, sql: str, wrong: tuple[Any, ...]
) -> None:
    lines("1111")
    with owning() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_2_deny")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_2_deny")
    assert [line for line in checked() if not (line[2] and line[3])] == [wrong]


def test_what_must_stand_in_a_transaction_is_not_recorded_outside_one() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transaction, "get_connection", lambda: type("Outside", (), {"in_atomic_block": False}))
        with pytest.raises(RuntimeError):
            record(Action.LOGIN_CREATED, entity="1111", actor=None)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twenty_lines_written_at_once_are_one_chain() -> None:
    def write(_number: int) -> None:
        with transaction.atomic():
            lines("1111", 1)

    assert at_once(20, write) == [None] * 20
    assert checked() == [("1111", seq, True, True) for seq in range(1, 21)]


# --- texts ---

SMS_STATUSES = ("queued", "sending", "sent", "delivered", "failed", "unknown")
FORWARD = {
    ("queued", "sending"),
    ("queued", "failed"),
    ("sending", "queued"),
    ("sending", "sent"),
    ("sending", "delivered"),
    ("sending", "failed"),
    ("sending", "unknown"),
    ("unknown", "sent"),
    ("unknown", "delivered"),
    ("unknown", "failed"),
    ("sent", "delivered"),
    ("sent", "failed"),
}


def sms(status: str, **fields: Any) -> SMS:
    waiting = status in {"queued", "sending"}
    given = {"body": "words" if waiting else "", "finished_at": None if waiting else NOW, "claimed_at": NOW}
    return SMS.objects.create(**{"to": "+85366123456", "purpose": "activation", "status": status, **given, **fields})


@pytest.mark.parametrize("was", SMS_STATUSES)
@pytest.mark.parametrize("now", SMS_STATUSES)
def test_an_sms_only_moves_forward(db: None, was: str, now: str) -> None:
    row = sms(was)
    waiting = now in {"queued", "sending"}
    fields = {"status": now, "body": "words" if waiting else "", "finished_at": None if waiting else NOW}
    if was == now or (was, now) in FORWARD:
        change(row, **fields)
    else:
        refused("messaging_sms_forward_only", lambda: change(row, **fields))


@pytest.mark.parametrize("status", ["sent", "delivered", "failed", "unknown"])
def test_the_body_of_an_sms_is_emptied_once_it_is_out_of_hand_Q42(db: None, status: str) -> None:
    refused("messaging_sms_body_emptied_once_out_of_hand", lambda: sms(status, body="code 123"))
    refused("messaging_sms_finished_has_time", lambda: sms(status, finished_at=None))
    sms(status)


def test_an_sms_goes_to_a_number_and_is_not_finished_while_it_waits(db: None) -> None:
    refused("messaging_sms_to_is_e164", lambda: sms("queued", to="66123456"))
    refused("messaging_sms_finished_has_time", lambda: sms("queued", finished_at=NOW))
    refused("messaging_sms_claimed_has_time", lambda: sms("sending", claimed_at=None))
    sms("queued")


def test_every_rule_that_has_a_name_is_in_the_database(db: None) -> None:
    """A migration that forgets one of these is found here, whatever the models say."""
    functions = {
        "accounts_check_digit_fits",
        "audit_chain",
        "audit_deny",
        "messaging_sms_forward_only",
        "services_assignment_belongs",
        "services_assignment_stays_ended",
        "services_power_belongs",
        "staff_entity_has_administrator",
        "staff_keep_facts",
        "staff_keep_login",
        "staff_login_leaves_administrator",
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE proname = ANY(%s)", [sorted(functions)])
        assert {name for (name,) in cursor.fetchall()} == functions
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'")
        assert cursor.fetchone() == (1,), "only TRUNCATE of the history is allowed, to tests"
