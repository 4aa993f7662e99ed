"""`open_entity`: a line of the register becomes an entity whose first administrator has been sent a code."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Entity, LegalRepresentative, RegisterEntry
from activation.models import ActivationCode
from entity_portal.audit.models import Event
from entity_portal.messaging.models import SMS, Purpose
from entity_portal.text import check_digit
from staff.models import StaffLogin, Status
from tests.cast import company
from tests.race import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(db: None) -> RegisterEntry:
    return make_entry()


def make_entry(**fields: Any) -> RegisterEntry:
    defaults: dict[str, Any] = {
        "registration_number": "100 SO",
        "kind": "company",
        "name_zh": "濠灣茶餐飲有限公司",
        "name_pt": "Hou Wan Chá, Limitada",
        "representative_name_zh": "馮世傑",
        "representative_name_foreign": "FONG SAI KIT",
        "representative_document_type": "bir_permanent",
        "representative_document_number": "50917346",
        "representative_birth_date": date(1958, 6, 3),
        "representative_mobile": "+85366812207",
    }
    return RegisterEntry.objects.create(**{**defaults, **fields})


ANOTHER = {
    "document_number": "1234567(8)",
    "document_type": "bir_non_permanent",
    "document_place": "MO",
    "name_foreign": "CHAN WENG SAN",
    "mobile": "66880012",
}


def refused(**options: str) -> str:
    """What the command says when it refuses; nothing may have been made."""
    with pytest.raises(CommandError) as refusal:
        call_command("open_entity", "100 SO", **options)
    assert not Entity.objects.exists()
    assert not SMS.objects.exists()
    assert not Event.objects.exists()
    return str(refusal.value)


def test_the_entity_has_one_pending_administrator_the_legal_representative_S3_4(entry: RegisterEntry) -> None:
    call_command("open_entity", "100 SO", document_place="MO")
    entity = Entity.objects.get(registration_number="100 SO")
    assert (entity.name_zh, entity.kind) == ("濠灣茶餐飲有限公司", "company")
    assert entity.number[-1] == check_digit(entity.number[:-1])
    login = entity.logins.get()
    assert (login.status, login.is_administrator) == (Status.PENDING, True)
    assert (login.name_zh, login.name_foreign) == ("馮世傑", "FONG SAI KIT")
    assert (login.document_number, login.birth_date) == ("50917346", date(1958, 6, 3))


def test_exactly_one_SMS_is_queued_with_code_and_entity_number_S5_2_S5_3(entry: RegisterEntry) -> None:
    call_command("open_entity", "100 SO", document_place="MO")
    sms = SMS.objects.get()
    assert (sms.to, sms.purpose) == ("+85366812207", Purpose.ACTIVATION)
    assert Entity.objects.get().number in sms.body
    assert ActivationCode.objects.get().sms == sms


def test_what_was_done_stands_in_the_history_of_the_entity(entry: RegisterEntry) -> None:
    call_command("open_entity", "100 SO", document_place="MO")
    events = Event.objects.filter(entity_number=Entity.objects.get().number).order_by("id")
    assert [event.action for event in events] == ["entity.opened", "login.created", "code.sent"]


def test_entity_number_and_EUID_are_printed(entry: RegisterEntry, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("open_entity", "100 SO", document_place="MO")
    said = capsys.readouterr().out
    assert Entity.objects.get().number in said
    assert StaffLogin.objects.get().euid in said
    assert "66812207" not in said.replace(" ", ""), "a mobile number is not printed whole"


@pytest.mark.parametrize(("document_type", "holds"), [("bir_non_permanent", True), ("passport", False)])
def test_whether_the_representative_holds_a_macao_resident_ID_is_kept_S12_2(document_type: str, holds: bool) -> None:
    make_entry(representative_document_type=document_type)
    call_command("open_entity", "100 SO", document_place="MO")
    assert LegalRepresentative.objects.get().holds_macao_resident_id is holds


def test_an_entity_number_that_another_has_is_drawn_again_Q27(
    entry: RegisterEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = company().entity
    drawn = iter([int(there.number[:7]) - 1_000_000, 1_345_678])
    monkeypatch.setattr("accounts.models.entity.secrets", SimpleNamespace(randbelow=lambda _below: next(drawn)))
    call_command("open_entity", "100 SO", document_place="MO")
    assert Entity.objects.get(registration_number="100 SO").number[:7] == "2345678"


def test_another_person_can_be_the_administrator_S3_5(entry: RegisterEntry) -> None:
    call_command("open_entity", "100 SO", **ANOTHER)
    login = StaffLogin.objects.get()
    assert (login.name_zh, login.name_foreign, login.document_number) == ("", "CHAN WENG SAN", "12345678")
    assert login.birth_date is None, "nothing of the representative may be mixed in"
    assert SMS.objects.get().to == "+85366880012"
    assert LegalRepresentative.objects.get().name_zh == "馮世傑"


def test_the_code_can_go_to_another_number_of_the_representative(entry: RegisterEntry) -> None:
    call_command("open_entity", "100 SO", document_place="MO", mobile="+852 9102 0034")
    assert SMS.objects.get().to == "+85291020034"


def test_what_the_register_leaves_empty_can_be_given() -> None:
    make_entry(representative_name_foreign="", representative_birth_date=None)
    assert "--name-foreign: " in refused(document_place="MO")
    call_command("open_entity", "100 SO", document_place="MO", name_foreign="FONG SAI KIT", birth_date="1958-06-03")
    assert StaffLogin.objects.get().birth_date == date(1958, 6, 3)


# --- refusals ---


def test_the_place_of_issue_must_be_given(entry: RegisterEntry) -> None:
    assert "--document-place: " in refused()


def test_a_number_that_is_not_in_the_register_is_refused() -> None:
    assert "The register has no line '100 SO'." in refused()


def test_an_entity_is_opened_once(entry: RegisterEntry) -> None:
    call_command("open_entity", "100 SO", document_place="MO")
    with pytest.raises(CommandError, match=f"open already: its number is {Entity.objects.get().number}"):
        call_command("open_entity", "100 SO", document_place="MO")
    assert Entity.objects.count() == SMS.objects.count() == 1


def test_another_name_without_another_document_is_refused(entry: RegisterEntry) -> None:
    assert "--name-foreign" in refused(document_place="MO", name_foreign="CHAN WENG SAN")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("document_number", "123"),
        ("document_type", "library_card"),
        ("document_place", "XX"),
        ("name_foreign", ""),
        ("birth_date", "2999-01-01"),
        ("mobile", "28820000"),
        ("mobile", "+1"),
        ("mobile", ""),
        ("email", "nobody"),
    ],
)
def test_another_person_is_judged_as_on_the_page_S9_3(entry: RegisterEntry, field: str, value: str) -> None:
    assert f"--{field.replace('_', '-')}:" in refused(**{**ANOTHER, field: value})


# --- two at once ---


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_line_opened_by_many_at_once_becomes_one_entity() -> None:
    make_entry()
    results = at_once(4, lambda _: call_command("open_entity", "100 SO", document_place="MO"))
    refusals = [result for result in results if result is not None]
    assert len(refusals) == 3
    assert all("open already" in str(refusal) for refusal in refusals), refusals
    assert Entity.objects.count() == SMS.objects.count() == 1
