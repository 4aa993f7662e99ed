"""From a draft to a decision: at once by the rules, or by officers, and what the decision does (S3.5, S12.4, Q1)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.applications import operations, rules
from accounts.applications.access import applicants
from accounts.applications.models import (
    DECIDED,
    NEXT_STATES,
    Application,
    Channel,
    ConsentCode,
    DocumentKind,
    Kind,
    MediaType,
    Move,
    Power,
    Reason,
    State,
)
from accounts.applications.rules import Obstacle
from accounts.models import Entity, RegisterEntry
from entity_portal import codes
from entity_portal.audit.models import Event
from entity_portal.messaging.models import SMS, Notification, Purpose
from entity_portal.messaging.operations import queue_sms
from entity_portal.roles import Role
from staff.models import StaffLogin, Status, of_document
from staff.operations import PersonExists
from staff.operations.officers import NotOfficer
from tests import cast
from tests.accounts.applications.asking import (
    NUMBER,
    ON_THE_REGISTER,
    PDF,
    REPRESENTATIVE,
    correction,
    first,
    known,
    line,
    more_administrators,
    person,
    represented,
    with_paper,
)
from tests.cast import Cast
from tests.database import owning
from tests.purging import purge_tables
from tests.race import at_once
from tests.staff.test_rules_in_the_database import change, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def approver(db: None) -> StaffLogin:
    return cast.officer_login(Role.APPROVER)


@pytest.fixture
def registrar(db: None) -> StaffLogin:
    return cast.officer_login(Role.REGISTRAR)


def submitted(application: Application) -> Application:
    return operations.submit(application=application, by=application.entered_by)


# --- at once ---


def test_what_fits_the_register_and_has_consent_is_approved_at_once_S5_1_S12_4() -> None:
    line()
    application = submitted(first(people=2))
    operations.send_consent_code(application=application)
    assert SMS.objects.get(to=ON_THE_REGISTER).purpose == "confirmation"
    done = operations.consent(application=application, code=known(ConsentCode, application))
    assert done
    assert (done.state, done.at_once, done.proof, done.decided_by) == (State.APPROVED, True, "sms", None)
    entity = Entity.objects.get(registration_number=NUMBER)
    assert done.entity == entity
    assert entity.name_pt == "Fábrica de Vestuário Tin Seng, Limitada", "the register's, not what was left out"
    applicant, other = entity.logins.order_by("pk")
    assert applicant.is_administrator
    assert other.is_administrator
    assert not applicant.activation_codes.exists(), "sets username and password in the same flow (Q40)"
    assert other.activation_codes.count() == 1, "is sent a code (S5.2)"
    assert [move.now for move in done.moves.all()] == ["submitted", "approved"]


def test_a_wrong_code_costs_a_try_and_the_sixth_right_one_is_refused() -> None:
    line()
    application = submitted(first())
    operations.send_consent_code(application=application)
    right = known(ConsentCode, application)
    for _try in range(5):
        assert operations.consent(application=application, code="x") is None
    assert operations.consent(application=application, code=right) is None
    assert not Entity.objects.filter(registration_number=NUMBER).exists()


@pytest.mark.parametrize(
    ("change", "obstacle"),
    [
        ({"representative": {**REPRESENTATIVE, "document_number": "11351285"}}, Obstacle.DIFFERENT),
        ({"representative": {**REPRESENTATIVE, "birth_date": date(1991, 1, 1)}}, Obstacle.DIFFERENT),
        ({"representative": {**REPRESENTATIVE, "name_foreign": "PANG UT KUNG"}}, Obstacle.DIFFERENT),
        (
            {
                "entity": {
                    "kind": "association",
                    "name_zh": "天成製衣有限公司",
                    "name_pt": "",
                    "registration_number": NUMBER,
                }
            },
            Obstacle.DIFFERENT,
        ),
        (
            {"entity": {"kind": "company", "name_zh": "別家", "name_pt": "", "registration_number": NUMBER}},
            Obstacle.DIFFERENT,
        ),
        (
            {
                "entity": {
                    "kind": "company",
                    "name_zh": "天成製衣有限公司",
                    "name_pt": "",
                    "registration_number": "1 SO",
                }
            },
            Obstacle.NOT_REGISTERED,
        ),
    ],
)
def test_what_differs_from_the_register_waits_for_an_officer(change: dict[str, Any], obstacle: Obstacle) -> None:
    line()
    application = submitted(first(**change))
    assert rules.obstacles(application) == [obstacle]
    with pytest.raises(operations.NotPossible):
        operations.send_consent_code(application=application)


def test_spaces_capitals_and_accents_are_no_difference() -> None:
    entry = line()
    changes = {"name_foreign": "Pang  Ut Kun"}
    application = first(representative={**REPRESENTATIVE, **changes})
    assert rules.differences(application, entry) == []


def test_what_changed_since_the_code_was_sent_is_asked_again() -> None:
    entry = line()
    application = submitted(first())
    operations.send_consent_code(application=application)
    entry.representative_mobile = "+85366999999"
    entry.save()
    with pytest.raises(operations.NotPossible):
        operations.consent(application=application, code=known(ConsentCode, application))
    application.refresh_from_db()
    assert application.state == State.SUBMITTED


@pytest.mark.django_db(transaction=True)
def test_one_consent_used_many_times_at_once_opens_one_entity() -> None:
    cast.authority()
    line()
    application = submitted(first())
    operations.send_consent_code(application=application)
    code = known(ConsentCode, application)

    def use(_n: int) -> str:
        try:
            done = operations.consent(application=application, code=code)
        except operations.NotPossible:
            return "late"
        return "done" if done else "wrong"

    assert sorted(at_once(8, use)).count("done") == 1
    assert Entity.objects.filter(registration_number=NUMBER).count() == 1
    assert Move.objects.filter(application=application, now=State.APPROVED).count() == 1


# --- by officers ---


def test_an_officer_asks_and_approves_what_the_rules_could_not(registrar: StaffLogin, approver: StaffLogin) -> None:
    application = submitted(first(people=3))
    operations.claim(application=application, by=registrar)
    operations.ask(application=application, by=registrar, reason=Reason.DOCUMENT_MISSING, text="The certificate.")
    with pytest.raises(operations.NotPossible):
        operations.approve(application=application, by=approver)
    operations.answer(application=application, text="Here it is.")
    done = operations.approve(application=application, by=approver)
    assert done.decided_by == approver
    assert done.entity
    assert done.entity.legal_representatives.get().document_number == "11351284"
    assert done.entity.logins.filter(is_administrator=True).count() == 3
    sent = SMS.objects.filter(purpose="activation").values_list("to", flat=True)
    assert set(sent) == {person(each)["mobile"] for each in range(3)}
    events = Event.objects.filter(target=application.number).order_by("pk")
    assert [event.action for event in events] == [
        "application.code_sent",
        "application.submitted",
        "application.claimed",
        "application.moved",
        "application.moved",
        "application.moved",
    ]
    assert events[5].actor == approver.euid


def test_the_applicant_is_told_the_reason_in_their_language_by_sms(approver: StaffLogin) -> None:
    application = submitted(first())
    operations.refuse(application=application, by=approver, reason=Reason.NOT_ELIGIBLE)
    body = SMS.objects.filter(purpose="application").latest("created_at").body
    assert application.number in body
    assert "is not approved" in body


def test_nobody_approves_what_they_entered_Q1(registrar: StaffLogin) -> None:
    both = cast.officer_login(Role.REGISTRAR, Role.APPROVER)
    application = operations.begin(kind=Kind.FIRST, language="pt", by=both, channel=Channel.COUNTER)
    parts = first().answers
    application = operations.keep(application=application, parts=parts, subject="天成", registration_number=NUMBER)
    with pytest.raises(operations.Incomplete, match="signed"):  # the agreement on paper (Q32)
        operations.submit(application=application, by=both)
    operations.submit(application=with_paper(application), by=both)
    for decide in (
        lambda: operations.approve(application=application, by=both),
        lambda: operations.refuse(application=application, by=both, reason=Reason.NOT_ELIGIBLE),
    ):
        with pytest.raises(operations.OwnEntry):
            decide()
    with pytest.raises(NotOfficer):
        operations.approve(application=application, by=registrar)
    with pytest.raises(IntegrityError, match="applications_never_decided_by_who_entered"), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(
            state=State.APPROVED, decided_at=timezone.now(), decided_by=both, entity=cast.authority()
        )
    assert operations.approve(application=application, by=cast.officer_login(Role.APPROVER)).entity


def test_nobody_decides_about_themselves_Q1() -> None:
    approver = cast.officer_login(Role.APPROVER)
    administrator = approver.entity.logins.get(username="authority.admin")
    application = submitted(correction(approver, administrator, name_zh="陳大文"))
    with pytest.raises(operations.OwnEntry):
        operations.approve(application=application, by=approver)


def test_a_claimed_application_is_one_officers_for_eight_hours(
    registrar: StaffLogin, approver: StaffLogin, time_machine: Any
) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    application = submitted(first())
    operations.claim(application=application, by=registrar)
    for act in (operations.claim, operations.approve, operations.release):
        with pytest.raises(operations.Claimed):
            act(application=application, by=approver)
    time_machine.shift(8 * 3600 + 1)
    assert operations.claim(application=application, by=approver).claimed_by == approver


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_who_claim_at_once_one_has_it() -> None:
    officers = [cast.officer_login(Role.REGISTRAR) for _each in range(4)]
    application = submitted(first())

    def claim(n: int) -> bool:
        try:
            operations.claim(application=application, by=officers[n])
        except operations.Claimed:
            return False
        return True

    assert sorted(at_once(4, claim)) == [False, False, False, True]


def test_approved_twice_is_refused_before_anything_is_opened(approver: StaffLogin) -> None:
    application = submitted(first())
    operations.approve(application=application, by=approver)
    with pytest.raises(operations.NotPossible):
        operations.approve(application=application, by=approver)


@pytest.mark.django_db(transaction=True)
def test_approved_and_refused_at_once_is_decided_once() -> None:
    officers = [cast.officer_login(Role.APPROVER) for _each in range(4)]
    application = submitted(first())

    def decide(n: int) -> str:
        try:
            if n % 2:
                return operations.approve(application=application, by=officers[n]).state
            return operations.refuse(application=application, by=officers[n], reason=Reason.NOT_ELIGIBLE).state
        except operations.NotPossible:
            return "late"

    assert sorted(at_once(4, decide)).count("late") == 3
    assert Move.objects.filter(application=application).count() == 2


def test_an_approval_that_cannot_be_done_changes_nothing(company: Cast, approver: StaffLogin) -> None:
    administrator = company.administrator
    application = more_administrators(administrator, person=person(1, document_number=company.staff.document_number))
    submitted(application)
    with pytest.raises(PersonExists):
        operations.approve(application=application, by=approver)
    application.refresh_from_db()
    assert (application.state, application.moves.count()) == (State.SUBMITTED, 1)


# --- section 十二, and corrections ---


def test_the_power_is_given_at_once_by_the_representatives_code_S12_4(company: Cast) -> None:
    represented(company.administrator)
    application = submitted(more_administrators(company.administrator, login=company.staff))
    operations.send_consent_code(application=application)
    operations.consent(application=application, code=known(ConsentCode, application))
    company.staff.refresh_from_db()
    assert company.staff.is_administrator
    assert company.staff.status == Status.ACTIVE
    told = Notification.objects.filter(recipient=company.staff.euid).values_list("kind", flat=True)
    assert set(told) == {"my_powers", "application_moved"}
    assert SMS.objects.filter(to=company.administrator.mobile, purpose="application").count() == 2, "and the result"


def test_somebody_new_becomes_an_administrator_and_is_sent_a_code(company: Cast, approver: StaffLogin) -> None:
    application = submitted(more_administrators(company.administrator))
    operations.approve(application=application, by=approver)
    login = company.entity.logins.get(of_document(person(7)["document_number"]))
    assert (login.is_administrator, login.status, login.activation_codes.count()) == (True, Status.PENDING, 1)


@pytest.mark.parametrize("kind", ["organisation", "building"])
def test_section_12_is_not_for_organisations_without_legal_personality_S12_1(company: Cast, kind: str) -> None:
    represented(company.administrator)
    assert rules.may_change_online(company.entity)
    Entity.objects.filter(pk=company.entity.pk).update(kind=kind)
    company.entity.refresh_from_db()
    assert not rules.may_change_online(company.entity)
    application = submitted(more_administrators(company.administrator))
    assert Obstacle.KIND in rules.obstacles(application)


def test_section_12_needs_a_representative_with_a_macao_id_S12_2(company: Cast) -> None:
    represented(company.administrator)
    company.entity.legal_representatives.update(holds_macao_resident_id=False)
    assert not rules.may_change_online(company.entity)


def test_frozen_data_are_corrected_by_an_approved_application_Q11(company: Cast, approver: StaffLogin) -> None:
    was = company.staff.mobile
    application = submitted(correction(company.staff, company.staff, name_foreign="AO HOI YAN", mobile="+85366777777"))
    operations.approve(application=application, by=approver)
    company.staff.refresh_from_db()
    assert (company.staff.name_foreign, company.staff.mobile) == ("AO HOI YAN", "+85366777777")
    event = Event.objects.get(action="login.corrected")
    assert event.data["changes"]["name_foreign"] == ["AO******AN", "AO******AN"]
    assert event.data["application"] == application.number
    told = SMS.objects.filter(purpose="application", body__contains="corrected").values_list("to", flat=True)
    assert set(told) == {was, "+85366777777"}


def test_one_correction_at_a_time(company: Cast) -> None:
    submitted(correction(company.staff, company.staff, name_zh="歐海欣"))
    second = correction(company.staff, company.administrator, name_zh="歐海忻")
    with pytest.raises(operations.AskedAlready):
        submitted(second)
    with pytest.raises(IntegrityError, match="applications_one_open_correction"), transaction.atomic():
        Application.objects.filter(pk=second.pk).update(state=State.SUBMITTED, submitted_at=timezone.now())


def test_others_cannot_ask_for_a_correction_or_act_for_it(company: Cast, other: Cast) -> None:
    for stranger in (other.administrator, other.staff, company.pending):
        with pytest.raises(operations.NotYours):
            correction(company.staff, stranger, name_zh="歐海欣")
    application = submitted(correction(company.staff, company.staff, name_zh="歐海欣"))
    for stranger in (other.administrator, cast.login(entity=company.entity)):
        with pytest.raises(operations.NotYours):
            operations.withdraw(application=application, by=stranger)
    assert operations.withdraw(application=application, by=company.administrator).state == State.WITHDRAWN


# --- what the database keeps ---


@pytest.mark.parametrize("was", State)
def test_states_move_as_the_table_says(was: State, approver: StaffLogin) -> None:
    decided = {"decided_at": timezone.now(), "decided_by": approver}
    fields: dict[str, Any] = {
        "entity": approver.entity,
        "kind": Kind.ADMINISTRATORS,
        "answers": {"representative": {}, "person": {}, "agreement": {}},
    }
    if was != State.DRAFT:
        fields["submitted_at"] = timezone.now()
    if was in DECIDED:
        fields |= decided
    application = Application.objects.create(state=was, **fields)
    if was != State.DRAFT:
        Move.objects.create(application=application, was=State.DRAFT, now=was, reason=Reason.OTHER, text="x")
    for now in State:
        change = {"state": now, "submitted_at": fields.get("submitted_at") or timezone.now()}
        change |= decided if now in DECIDED and was not in DECIDED else {}
        refused = False
        try:
            with transaction.atomic():
                Application.objects.filter(pk=application.pk).update(**change)
                transaction.set_rollback(True)
        except IntegrityError as error:
            refused = error.__cause__.diag.constraint_name == "applications_state_moves_on"  # type: ignore[union-attr]
        assert refused == (now != was and now not in NEXT_STATES[was]), now


# --- handing in ---


def test_what_is_missing_is_named_and_nothing_is_handed_in() -> None:
    application = operations.begin(kind=Kind.FIRST, language="en")
    with pytest.raises(operations.Incomplete) as missing:
        operations.submit(application=application)
    assert missing.value.args[0] == ["entity", "representative", "administrators", "agreement", "mobile"]


@pytest.mark.parametrize("people", [0, 4])
def test_a_first_application_names_one_to_three_administrators_Q2(people: int) -> None:
    full = first()
    application = operations.keep(application=full, parts={"administrators": [person(each) for each in range(people)]})
    with pytest.raises(operations.Incomplete):
        operations.submit(application=application)
    with pytest.raises(IntegrityError, match="one_to_three"), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(state=State.SUBMITTED, submitted_at=timezone.now())


def test_another_number_is_another_to_prove() -> None:
    application = operations.keep(application=first(), parts={}, mobile="+85366111222")
    with pytest.raises(operations.Incomplete) as missing:
        operations.submit(application=application)
    assert missing.value.args[0] == ["mobile"]
    with pytest.raises(IntegrityError, match="proven_mobile"), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(state=State.SUBMITTED, submitted_at=timezone.now())


def test_a_correction_comes_with_evidence_Q11(company: Cast) -> None:
    application = correction(company.staff, company.staff, name_zh="歐海欣")
    application.documents.get().delete()
    with pytest.raises(operations.Incomplete):
        operations.submit(application=application, by=company.staff)
    with pytest.raises(IntegrityError, match="with evidence"), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(state=State.SUBMITTED, submitted_at=timezone.now())


def test_what_was_submitted_stays_as_it_was() -> None:
    application = submitted(first())
    with pytest.raises(operations.NotPossible):
        operations.keep(application=application, parts={"entity": {}})
    with pytest.raises(IntegrityError, match="what was submitted stays"), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(answers={})
    with pytest.raises(IntegrityError, match="a move stays"), owning():
        application.moves.update(text="another")


def paper(application: Application, number: int = 0) -> None:
    operations.add_document(
        application=application, kind=DocumentKind.OTHER, name=f"{number}.pdf", media_type=MediaType.PDF, content=PDF
    )


def test_documents_come_and_go_until_it_is_handed_in_and_again_when_more_is_asked(registrar: StaffLogin) -> None:
    application = first()
    paper(application)
    paper(application, 1)
    operations.remove_document(document=application.documents.first())  # type: ignore[arg-type]
    submitted(application)
    kept = application.documents.get()
    for act in (lambda: paper(application), lambda: operations.remove_document(document=kept)):
        with pytest.raises(operations.NotPossible):
            act()
    with pytest.raises(IntegrityError, match="documents come and go"), transaction.atomic():
        kept.delete()
    operations.ask(application=application, by=registrar, reason=Reason.DOCUMENT_MISSING)
    paper(application)
    with pytest.raises(operations.NotPossible):
        operations.remove_document(document=kept)
    new = application.documents.last()
    assert new
    operations.remove_document(document=new)
    assert application.documents.get() == kept


@pytest.mark.django_db(transaction=True)
def test_a_document_that_is_sent_twice_or_ten_times_at_once_is_there_once() -> None:
    application = first()
    at_once(10, lambda _number: paper(application))
    paper(application)
    assert application.documents.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_application_begun_at_the_counter_by_a_double_click_is_one(registrar: StaffLogin) -> None:
    def begin(number: int = 0) -> Application:
        return operations.begin(kind=Kind.FIRST, language="en", by=registrar, channel=Channel.COUNTER)

    assert len({each.pk for each in at_once(5, begin) if isinstance(each, Application)}) == 1
    operations.keep(application=begin(), parts={"entity": first().answers["entity"]})
    assert begin().answers == {}, "for the next one who stands there"


@pytest.mark.django_db(transaction=True)
def test_of_many_documents_at_once_ten_are_kept() -> None:
    application = first()
    results = at_once(14, lambda number: paper(application, number))
    assert sum(isinstance(each, operations.TooManyDocuments) for each in results) == 4
    assert application.documents.count() == 10
    with pytest.raises(IntegrityError, match="ten documents"), transaction.atomic():
        application.documents.create(kind="other", name="x", media_type="image/png", size=1, sha256="")


@pytest.mark.django_db(transaction=True)
def test_handed_in_many_times_at_once_is_handed_in_once() -> None:
    application = first()
    results = at_once(6, lambda _n: operations.submit(application=application).state)
    assert results.count(State.SUBMITTED) == 1
    assert SMS.objects.filter(purpose="application").count() == 1


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_nothing_is_approved_for_an_entity_that_rests(company: Cast, approver: StaffLogin, status: str) -> None:
    application = submitted(more_administrators(company.administrator))
    Entity.objects.filter(pk=company.entity.pk).update(status=status)
    with pytest.raises(operations.NotPossible):
        operations.approve(application=application, by=approver)


# --- until when ---


@pytest.mark.parametrize(
    ("day", "number", "expected"),
    [
        (date(2026, 11, 25), 1, date(2026, 11, 26)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 12, 4), 3, date(2026, 12, 10)),  # 8 December is a holiday
        (date(2026, 2, 13), 1, date(2026, 2, 20)),  # the Chinese New Year
    ],
)
def test_working_days_are_macaus(day: date, number: int, expected: date) -> None:
    assert rules.add_working_days(day, number) == expected


def test_the_promise_begins_anew_with_the_answer(registrar: StaffLogin, time_machine: Any) -> None:
    time_machine.move_to("2026-11-25 10:00+08:00", tick=False)
    application = submitted(first())
    assert rules.promised(application) == date(2026, 12, 10)
    operations.ask(application=application, by=registrar, reason=Reason.DOCUMENT_MISSING)
    time_machine.move_to("2026-12-01 10:00+08:00", tick=False)
    application = operations.answer(application=application)
    assert rules.promised(application) == date(2026, 12, 16)


# --- what officers must not do, by any way ---


@pytest.mark.parametrize("part", ["representative", "administrators"])
def test_nobody_decides_what_names_them_without_their_login_Q1(approver: StaffLogin, part: str) -> None:
    """Filed without signing in, or from another entity: by the document it is still about themselves."""
    document = {"document_type": approver.document_type, "document_number": approver.document_number}
    named = {**REPRESENTATIVE, **document} if part == "representative" else [person(1), person(2, **document)]
    application = submitted(first(**{part: named}))
    with pytest.raises(operations.OwnEntry):
        operations.approve(application=application, by=approver)
    assert operations.approve(application=application, by=cast.officer_login(Role.APPROVER)).entity


def test_what_changed_since_the_page_was_drawn_is_not_approved(registrar: StaffLogin, approver: StaffLogin) -> None:
    application = submitted(first())
    seen = operations.last_move(application)
    operations.ask(application=application, by=registrar, reason=Reason.DOCUMENT_MISSING)
    operations.keep(application=application, parts={"administrators": [person(5)]})
    operations.answer(application=application)
    with pytest.raises(operations.NotPossible):
        operations.approve(application=application, by=approver, seen=seen)
    now = operations.last_move(application)
    assert operations.approve(application=application, by=approver, seen=now).entity


def test_consent_is_not_guessed_over_many_applications(company: Cast) -> None:
    """Withdrawing and asking again gives no new tries: they count for the representative."""
    represented(company.administrator)
    for _again in range(4):
        application = submitted(more_administrators(company.administrator, login=company.staff))
        try:
            operations.send_consent_code(application=application)
        except codes.TooManyToday:
            break
        code = known(ConsentCode, application)
        for _try in range(4):
            operations.consent(application=application, code="000000")
        operations.withdraw(application=application, by=company.administrator)
    else:
        pytest.fail("nobody stopped it")
    assert operations.consent(application=application, code=code) is None
    company.staff.refresh_from_db()
    assert not company.staff.is_administrator


def test_a_code_that_nobody_was_sent_is_worth_nothing(settings: Any) -> None:
    line()
    application = submitted(first())
    settings.SMS_A_DAY = 0
    operations.send_consent_code(application=application)
    assert not ConsentCode.objects.get(application=application).is_open


def test_section_12_asks_the_representative_of_the_register_S12_2(company: Cast) -> None:
    represented(company.administrator)
    application = submitted(more_administrators(company.administrator))
    assert rules.obstacles(application) == []
    RegisterEntry.objects.update(representative_document_type="passport")
    assert Obstacle.KIND in rules.obstacles(application)


def test_strangers_do_not_stop_who_is_right_from_being_approved_at_once() -> None:
    line()
    for number in range(rules.AT_ONCE_A_DAY):
        stranger = person(number + 3)
        submitted(first(administrators=[stranger], representative={**REPRESENTATIVE, "document_number": "99999999"}))
    assert rules.obstacles(submitted(first())) == []


def test_a_code_to_a_number_that_anybody_named_takes_nothing_from_its_owner_A43(company: Cast) -> None:
    for _each in range(10):
        with transaction.atomic():
            queue_sms(to=company.staff.mobile, body="x", purpose=Purpose.CONFIRMATION)
    assert SMS.objects.filter(purpose=Purpose.CONFIRMATION).exclude(status="failed").count() == 3
    with transaction.atomic():
        assert queue_sms(to=company.staff.mobile, body="x", purpose=Purpose.RESET).status == "queued"


def test_a_draft_that_is_gone_is_gone_once() -> None:
    application = operations.begin(kind=Kind.FIRST, language="en")
    operations.discard(application=application)
    with pytest.raises(operations.NotPossible):
        operations.discard(application=application)
    assert operations.forget_drafts([application.pk]) == 0


def test_files_of_somebody_unproven_are_forgotten_after_a_day() -> None:
    unproven, proven = operations.begin(kind=Kind.FIRST, language="en"), first()
    paper(unproven)
    paper(proven)
    Application.objects.update(changed_at=timezone.now() - timedelta(hours=23))
    assert purge_tables("applications_application") == 0
    Application.objects.update(changed_at=timezone.now() - timedelta(hours=25))
    assert purge_tables("applications_application") == 1
    assert list(Application.objects.all()) == [proven]


def test_who_is_told_of_the_counter_can_come_back_and_answer(registrar: StaffLogin) -> None:
    application = operations.begin(kind=Kind.FIRST, language="en", by=registrar, channel=Channel.COUNTER)
    assert application not in applicants()
    operations.keep(application=application, parts=first().answers, mobile="+85366500000")
    operations.add_document(
        application=application, kind=DocumentKind.AGREEMENT, name="a.pdf", media_type=MediaType.PDF, content=PDF
    )
    operations.submit(application=application, by=registrar)
    other = cast.officer_login(Role.REGISTRAR)
    operations.ask(application=application, by=other, reason=Reason.DOCUMENT_MISSING)
    assert application in applicants()
    assert operations.answer(application=application).state == State.ANSWERED


# --- what only an approval does, for whoever goes past the operations ---


def test_another_administrator_without_an_application_is_refused_on_commit_S3_5(company: Cast) -> None:
    person_fields = {"name_foreign": "X Y", "document_number": "55555555", "document_place": "MO"}

    def begin_as_administrator() -> None:
        StaffLogin.objects.create(entity=company.entity, is_administrator=True, mobile="+85366123456", **person_fields)

    refused("staff_administrator_by_application", begin_as_administrator)


def test_an_application_approved_yesterday_gives_nothing_today_Q4(company: Cast) -> None:
    """The power comes in the very transaction of the approval, and only to whom it names."""
    made = cast.empowered(company.administrator)
    with owning() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE applications_application DISABLE TRIGGER applications_keep_facts")
        Application.objects.filter(pk=made.pk).update(decided_at=timezone.now() - timedelta(days=1))
        cursor.execute("ALTER TABLE applications_application ENABLE TRIGGER applications_keep_facts")
    Power.objects.create(application=made, login=company.staff)
    refused("staff_administrator_power_not_taken", lambda: change(company.staff, is_administrator=True))
    refused("staff_identity_frozen", lambda: change(company.staff, name_foreign="ANOTHER"))


def test_what_became_different_after_the_code_was_sent_is_not_approved_at_once_S12_4() -> None:
    """The same telephone, but another representative: the obstacles are asked again under the lock."""
    entry = line()
    application = submitted(first())
    operations.send_consent_code(application=application)
    entry.representative_document_number = "99999999"
    entry.save()
    with pytest.raises(operations.NotPossible) as why:
        operations.consent(application=application, code=known(ConsentCode, application))
    assert why.value.args[0] == [Obstacle.DIFFERENT]
    assert not Entity.objects.filter(registration_number=NUMBER).exists()
