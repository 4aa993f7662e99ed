"""Sending an activation code, and activating with it: who gets what, how often, and what it opens."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Entity, EntityStatus
from activation import operations, terms
from activation.forms import IdentityForm
from activation.models import ActivationCode, TermsAcceptance
from entity_portal import codes
from entity_portal.audit.models import Event
from entity_portal.humancheck.models import Challenge
from entity_portal.messaging.models import SMS, Purpose
from staff.models import StaffLogin, Status
from staff.operations import NotAdministrator, StatusNotAllowed, UsernameTaken, change_login, check_password, depart
from tests.cast import BIRTH_DATE, PASSWORD, Cast, login
from tests.race import at_once

NOON = datetime(2026, 3, 11, 12, 0, tzinfo=ZoneInfo("Asia/Macau"))
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def send(house: Cast, person: StaffLogin | None = None) -> str:
    """Send a code; the code, as its receiver reads it."""
    operations.send_code(login=person or house.pending, by=house.administrator)
    return received(person or house.pending)


def received(person: StaffLogin) -> str:
    body = SMS.objects.filter(to=person.mobile, purpose=Purpose.ACTIVATION).latest("created_at").body
    return re.findall(r"#code=([A-Z0-9]+)", body)[0]


def identify(person: StaffLogin, code: str, **changes: Any) -> ActivationCode | None:
    data: dict[str, Any] = {
        "entity_number": person.entity.number,
        "document_type": "bir_permanent",
        "document_number": person.document_number,
        "birth_date": BIRTH_DATE,
        "code": code,
    }
    return operations.check_identity(**{**data, **changes})


def activate(row: ActivationCode, username: str = "ho.chihin", **changes: Any) -> StaffLogin:
    data: dict[str, Any] = {
        "password": PASSWORD,
        "birth_date": BIRTH_DATE,
        "terms": terms.current("pt"),
        "accepted_at": NOON,
    }
    return operations.activate(code=row, username=username, **{**data, **changes})


def tries(person: StaffLogin) -> int:
    return ActivationCode.objects.filter(login=person).latest("created_at").tries


# --- sending ---


def test_the_sms_goes_to_the_persons_mobile_with_code_entity_number_and_link_S5_2_S5_3(company: Cast) -> None:
    code = send(company)
    sms = SMS.objects.get()
    assert sms.to == "+85363124558"
    assert company.entity.number in sms.body
    assert re.search(rf"\b{code}\b", sms.body.partition("http")[0]), "the code can be read without following the link"
    link = f"http://testserver/activate/?entity={company.entity.number}#code={code}"
    assert link in sms.body, "what stands behind # reaches no server and no log"


def test_both_texts_are_on_the_entitys_budget_A42(company: Cast) -> None:
    row = identify(company.pending, send(company))
    assert row
    activate(row)
    sent = set(SMS.objects.values_list("purpose", "entity_number"))
    assert sent == {("activation", company.entity.number), ("activated", company.entity.number)}


def test_the_sms_is_in_the_receivers_language_and_names_nobody_A46(company: Cast) -> None:
    StaffLogin.objects.filter(pk=company.pending.pk).update(language="en")
    company.pending.refresh_from_db()
    send(company)
    body = SMS.objects.get().body
    assert "Your staff login is ready" in body
    for datum in ("何梓軒", "HO CHI HIN", company.pending.document_number):
        assert datum not in body


def test_a_code_has_eight_characters_without_look_alikes_and_only_its_digest_is_kept_Q15_Q42(company: Cast) -> None:
    code = send(company)
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{8}", code)
    row = ActivationCode.objects.values().get()
    assert not any(code in str(value) for value in row.values())
    assert len(row["digest"]) == 64
    assert not any(code in str(event) for event in Event.objects.values()), "the history must not know it either"


def test_the_same_code_has_another_digest_with_another_key(company: Cast, settings: Any) -> None:
    before = ActivationCode.digest_of("K7RM4XWQ")
    settings.CODE_KEY = "another key"
    assert ActivationCode.digest_of("K7RM4XWQ") != before


def test_a_new_code_voids_the_one_before_Q15_A27(company: Cast, time_machine: Any) -> None:
    time_machine.move_to(NOON)
    old = send(company)
    time_machine.move_to(NOON + 2 * MINUTE)
    new = send(company)
    assert ActivationCode.objects.filter(used_at=None, voided_at=None).count() == 1
    assert identify(company.pending, old) is None
    assert identify(company.pending, new)


def test_one_code_a_minute_Q15_A44(company: Cast, time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)
    send(company)
    time_machine.move_to(NOON + MINUTE - SECOND, tick=False)
    with pytest.raises(codes.TooSoon) as refusal:
        send(company)
    assert refusal.value.wait == SECOND
    assert SMS.objects.count() == 1
    time_machine.move_to(NOON + MINUTE, tick=False)
    send(company)
    assert SMS.objects.count() == 2


def test_five_codes_a_day_and_the_day_ends_at_midnight_in_macau_Q15_A44(company: Cast, time_machine: Any) -> None:
    for number in range(5):
        time_machine.move_to(NOON + number * 2 * MINUTE)
        send(company)
    midnight = NOON + timedelta(hours=12)
    time_machine.move_to(midnight - SECOND, tick=False)
    with pytest.raises(codes.TooManyToday):
        send(company)
    assert SMS.objects.count() == 5
    time_machine.move_to(midnight, tick=False)
    send(company)
    assert SMS.objects.count() == 6


def test_limits_are_each_persons_own(company: Cast) -> None:
    somebody_else = login(entity=company.entity, status=Status.PENDING, mobile="+85366000001")
    send(company)
    send(company, somebody_else)


def test_no_code_for_someone_activated_or_departed_Q43_A34(company: Cast) -> None:
    for person in (company.staff, company.departed):
        with pytest.raises(StatusNotAllowed):
            operations.send_code(login=person, by=company.administrator)
    assert not SMS.objects.exists()
    assert not ActivationCode.objects.exists()


def test_only_an_administrator_of_the_entity_sends_S9_8(company: Cast, other: Cast) -> None:
    for stranger in (company.staff, other.administrator, company.departed):
        with pytest.raises(NotAdministrator):
            operations.send_code(login=company.pending, by=stranger)
    assert not SMS.objects.exists()
    send(company)


def test_sending_is_one_line_of_history(company: Cast) -> None:
    send(company)
    event = Event.objects.get()
    assert (event.action, event.actor, event.target) == (
        "code.sent",
        company.administrator.euid,
        company.pending.euid,
    )


def test_sms_and_code_expire_together(company: Cast) -> None:
    send(company)
    assert SMS.objects.get().not_after == ActivationCode.objects.get().expires_at


# --- matching ---

WRONG = {
    "entity_number": "99999999",
    "document_type": "passport",
    "document_number": "00000001",
    "birth_date": BIRTH_DATE - timedelta(days=1),
    "code": "AAAAAAA2",
}


@pytest.mark.parametrize("name", WRONG)
def test_each_of_the_five_must_be_right_Q13_A14_A21(company: Cast, name: str) -> None:
    code = send(company)
    assert identify(company.pending, **{"code": code, name: WRONG[name]}) is None
    assert identify(company.pending, code), "with nothing changed it is right"


@pytest.mark.parametrize(("name", "cost"), [("birth_date", 1), ("code", 1), ("document_number", 0)])
def test_a_wrong_date_or_code_costs_one_try_and_stands_in_the_history_A20(company: Cast, name: str, cost: int) -> None:
    code = send(company)
    identify(company.pending, **{"code": code, name: WRONG[name]})
    assert tries(company.pending) == cost
    assert Event.objects.filter(action="code.refused", target=company.pending.euid).count() == cost


def test_right_data_cost_no_try(company: Cast) -> None:
    code = send(company)
    for _time in range(7):
        assert identify(company.pending, code)
    assert tries(company.pending) == 0


def test_the_code_of_one_person_does_not_fit_the_data_of_another_A20(company: Cast) -> None:
    other_person = login(entity=company.entity, status=Status.PENDING, mobile="+85366000001")
    mine, theirs = send(company), send(company, other_person)
    assert identify(other_person, mine) is None
    assert (tries(company.pending), tries(other_person)) == (0, 1)
    assert identify(other_person, theirs)


def test_the_fifth_wrong_try_burns_the_code_A22(company: Cast) -> None:
    code = send(company)
    for _try in range(4):
        identify(company.pending, WRONG["code"])
    assert identify(company.pending, code), "four wrong ones leave one"
    identify(company.pending, WRONG["code"])
    assert identify(company.pending, code) is None
    assert ActivationCode.objects.get().state == "burnt"


def test_a_new_code_gives_no_new_tries_that_day_A23(company: Cast, time_machine: Any) -> None:
    time_machine.move_to(NOON)
    send(company)
    for _try in range(3):
        identify(company.pending, WRONG["code"])
    time_machine.move_to(NOON + 2 * MINUTE)
    send(company)
    assert tries(company.pending) == 3
    for _try in range(2):
        identify(company.pending, WRONG["code"])
    assert identify(company.pending, received(company.pending)) is None
    time_machine.move_to(NOON + 4 * MINUTE)
    with pytest.raises(codes.TooManyToday):
        send(company)
    time_machine.move_to(NOON + timedelta(hours=12))
    assert identify(company.pending, send(company)), "tomorrow begins anew"


def test_a_code_lives_seventy_two_hours_Q15_A26(company: Cast, time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)
    code = send(company)
    time_machine.move_to(NOON + timedelta(hours=72) - SECOND, tick=False)
    assert identify(company.pending, code)
    time_machine.move_to(NOON + timedelta(hours=72), tick=False)
    assert identify(company.pending, code) is None
    assert ActivationCode.objects.get().state == "expired"


def test_a_code_that_expires_between_the_steps_activates_nobody_A26(company: Cast, time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)
    row = identify(company.pending, send(company))
    assert row
    time_machine.move_to(NOON + timedelta(hours=72), tick=False)
    with pytest.raises(operations.CodeGone):
        activate(row)


def test_a_code_sent_to_a_number_that_was_corrected_since_is_worthless(company: Cast) -> None:
    code = send(company)
    row = identify(company.pending, code)
    assert row
    change_login(login=company.pending, by=company.administrator, data={"mobile": "+85366999999"})
    assert identify(company.pending, code) is None
    with pytest.raises(operations.CodeGone):
        activate(row)
    assert ActivationCode.objects.select_related("login").get().state == "void"


def test_a_birth_date_that_is_not_stored_is_taken_and_kept_Q12(company: Cast) -> None:
    person = login(entity=company.entity, status=Status.PENDING, birth_date=None, mobile="+85366000001")
    typed = date(1985, 6, 7)
    row = identify(person, send(company, person), birth_date=typed)
    assert row
    assert activate(row, birth_date=typed).birth_date == typed


def test_a_birth_date_stored_between_the_steps_is_not_overwritten_Q12(company: Cast) -> None:
    person = login(entity=company.entity, status=Status.PENDING, birth_date=None, mobile="+85366000001")
    row = identify(person, send(company, person), birth_date=date(1985, 6, 7))
    assert row
    change_login(login=person, by=company.administrator, data={"birth_date": BIRTH_DATE})
    with pytest.raises(operations.CodeGone):
        activate(row, birth_date=date(1985, 6, 7))
    person.refresh_from_db()
    assert (person.status, person.birth_date) == ("pending", BIRTH_DATE)


def test_nobody_activates_for_a_suspended_or_closed_entity_A34(company: Cast) -> None:
    code = send(company)
    row = identify(company.pending, code)
    assert row
    for status in (EntityStatus.SUSPENDED, EntityStatus.CLOSED):
        Entity.objects.filter(pk=company.entity.pk).update(status=status)
        assert identify(company.pending, code) is None
        with pytest.raises((operations.CodeGone, StatusNotAllowed)):
            activate(row)


def test_someone_departed_cannot_activate_with_a_code_sent_before_A34(company: Cast) -> None:
    code = send(company)
    row = identify(company.pending, code)
    assert row
    depart(login=company.pending, by=company.administrator)
    assert identify(company.pending, code) is None
    with pytest.raises(operations.CodeGone):
        activate(row)


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("document_number", "1234567(8)", "12345678"),
        ("document_number", " １２３４５６７８ ", "12345678"),
        ("code", "k7rm-4xwq", "K7RM4XWQ"),
        ("code", "Ｋ７ＲＭ ４ＸＷＱ", "K7RM4XWQ"),
        ("entity_number", "8021 645-3", "80216453"),
        ("birth_date", "1990/01/01", date(1990, 1, 1)),
        ("birth_date", "１９９００１０１", date(1990, 1, 1)),
    ],
)
def test_case_width_and_symbols_do_not_matter_S5_7_A85(db: None, field: str, typed: str, kept: Any) -> None:
    challenge = Challenge.ask("picture")
    data = {
        "document_number": "12345678",
        "document_type": "bir_permanent",
        "birth_date": "1990-01-01",
        "entity_number": "80216453",
        "code": "K7RM4XWQ",
        "human_0": challenge.key,
        "human_1": challenge.task.lower(),
        "agree": "on",
    }
    form = IdentityForm({**data, field: typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data[field] == kept


# --- activating ---


def ready(house: Cast, person: StaffLogin | None = None) -> ActivationCode:
    row = identify(person or house.pending, send(house, person))
    assert row
    return row


def test_activation_sets_username_password_and_status_and_the_person_comes_in_S5_5_S9_10(company: Cast) -> None:
    done = activate(ready(company))
    done.refresh_from_db()
    assert (done.username, done.status) == ("ho.chihin", "active")
    assert done.activated_at
    assert done.euid == company.pending.euid
    came_in = check_password(entity_number=company.entity.number, username="ho.chihin", password=PASSWORD)
    assert came_in == done


def test_the_accepted_terms_are_kept_with_version_language_and_time_Q6(company: Cast) -> None:
    done = activate(ready(company))
    kept = TermsAcceptance.objects.select_related("terms").get(login=company.pending)
    assert kept.login == done
    assert (kept.terms.version, kept.terms.language) == ("2026-11", "pt")
    assert kept.accepted_at == NOON
    event = Event.objects.get(action="login.activated")
    assert (event.actor, event.target) == (done.euid, done.euid)
    assert event.data == {"terms": "2026-11 pt", "at": "2026-03-11T12:00:00+08:00"}


def test_the_language_of_the_terms_becomes_the_persons(company: Cast) -> None:
    assert activate(ready(company)).language == "pt"


def test_every_language_has_all_six_terms_S5_13(db: None) -> None:
    for language in ("zh-hant", "pt", "en"):
        text = terms.current(language).text
        assert [len(term["parts"]) for term in text] == [0, 0, 2, 0, 0, 0]
        assert all(term["text"] for term in text)


def test_the_person_is_told_by_sms(company: Cast) -> None:
    activate(ready(company))
    sms = SMS.objects.get(purpose=Purpose.ACTIVATED)
    assert sms.to == company.pending.mobile
    assert PASSWORD not in sms.body


def test_a_code_activates_once_A25(company: Cast) -> None:
    row = ready(company)
    code = received(company.pending)
    activate(row)
    with pytest.raises(operations.CodeGone):
        activate(row, username="somebody.else")
    assert identify(company.pending, code) is None
    assert TermsAcceptance.objects.filter(login=company.pending).count() == 1


def test_a_username_of_the_entity_cannot_be_had_again_not_even_a_departed_persons_Q16(company: Cast) -> None:
    row = ready(company)
    for taken in ("ao.hoiian", "ieong.sutleng"):
        with pytest.raises(UsernameTaken):
            activate(row, username=taken)
    company.pending.refresh_from_db()
    assert company.pending.status == "pending"
    assert activate(row, username="free.name").status == "active", "the code stays good"


def test_the_same_username_in_another_entity_is_free_Q16(company: Cast, other: Cast) -> None:
    somebody = login(entity=other.entity, username="ho.chihin")
    assert activate(ready(company), username="ho.chihin").username == somebody.username


def test_a_refused_activation_leaves_nothing_behind(company: Cast) -> None:
    row = ready(company)
    before = (Event.objects.count(), SMS.objects.count())
    with pytest.raises(UsernameTaken):
        activate(row, username="ao.hoiian")
    row.refresh_from_db()
    assert row.used_at is None
    assert not TermsAcceptance.objects.filter(login=company.pending).exists()
    assert (Event.objects.count(), SMS.objects.count()) == before


# --- at once ---


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_code_used_fifty_times_at_once_activates_once_A28(company: Cast) -> None:
    row = ready(company)
    results = at_once(50, lambda n: activate(ActivationCode.objects.get(pk=row.pk), username=f"user.{n:02}"))
    done = [each for each in results if isinstance(each, StaffLogin)]
    assert len(done) == 1
    assert {type(each) for each in results if each is not done[0]} == {operations.CodeGone}
    assert TermsAcceptance.objects.filter(login=company.pending).count() == 1
    assert Event.objects.filter(action="login.activated").count() == 1
    assert StaffLogin.objects.get(pk=company.pending.pk).username == done[0].username


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_fifty_people_choosing_one_username_at_once_one_gets_it_A29(company: Cast) -> None:
    people = [login(entity=company.entity, status=Status.PENDING, mobile=f"+853660000{n:02}") for n in range(50)]
    rows = [ready(company, person) for person in people]
    results = at_once(50, lambda n: activate(rows[n], username="ca00"))
    assert sorted(type(each).__name__ for each in results) == ["StaffLogin"] + ["UsernameTaken"] * 49
    assert StaffLogin.objects.filter(username="ca00").count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_fifty_wrong_codes_at_once_are_five_tries_A22(company: Cast) -> None:
    looked_at: list[str] = []
    real = ActivationCode.matches
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ActivationCode, "matches", lambda row, code: looked_at.append(code) or real(row, code))
        code = send(company)
        assert at_once(50, lambda _n: identify(company.pending, WRONG["code"])) == [None] * 50
    assert len(looked_at) == 5
    assert tries(company.pending) == 5
    refused = Event.objects.filter(action="code.refused").values_list("data__tried", flat=True)
    assert sorted(refused) == [False] * 45 + [True] * 5
    assert identify(company.pending, code) is None


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_ten_codes_asked_for_at_once_one_is_sent_Q15(company: Cast) -> None:
    results = at_once(10, lambda _n: operations.send_code(login=company.pending, by=company.administrator))
    assert sum(isinstance(each, ActivationCode) for each in results) == 1
    assert sum(isinstance(each, codes.TooSoon) for each in results) == 9
    assert SMS.objects.count() == 1
