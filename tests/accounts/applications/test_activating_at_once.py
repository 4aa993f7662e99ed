"""The immediate flow: approved at once, the applicant sets username and password without a code (S5.1, Q40)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.applications import operations, rules
from accounts.applications.models import Application, ConsentCode, Reason, State
from accounts.applications.rules import Obstacle
from accounts.models import Entity
from activation import terms
from activation.models import TermsAcceptance
from activation.operations import send_code
from entity_portal.audit.models import Event
from entity_portal.roles import Role
from staff.models import Status
from staff.operations import UsernameTaken
from tests import cast
from tests.accounts.applications.asking import NUMBER, first, known, line, person
from tests.cast import PASSWORD
from tests.purging import purge_tables
from tests.race import at_once

pytestmark = pytest.mark.django_db


def agreed() -> dict[str, str]:
    return {"terms": str(terms.current("pt")), "accepted_at": timezone.now().isoformat()}


def approved(**changes: Any) -> Application:
    """A first application that the rules have approved."""
    line()
    application = operations.submit(application=first(agreement=agreed(), **changes))
    operations.send_consent_code(application=application)
    done = operations.consent(application=application, code=known(ConsentCode, application))
    assert done
    return done


def activate(application: Application) -> Any:
    return operations.activate_applicant(application=application, username="fong.chikin", password=PASSWORD)


def test_the_applicant_activates_without_a_code_and_has_accepted_the_terms_of_the_agreement_S5_1_Q40() -> None:
    application = approved(people=2)
    login = activate(application)
    assert (login.status, login.username, login.is_administrator) == (Status.ACTIVE, "fong.chikin", True)
    assert login.check_password(PASSWORD)
    accepted = TermsAcceptance.objects.get(login=login)
    assert (accepted.terms, login.language) == (terms.current("pt"), "pt")
    assert accepted.accepted_at.isoformat() == application.answers["agreement"]["accepted_at"]
    event = Event.objects.get(action="login.activated")
    assert (event.actor, event.target) == (login.euid, login.euid)
    other = login.entity.logins.exclude(pk=login.pk).get()
    assert other.status == Status.PENDING, "the other administrator has a code of their own (S5.2)"


def test_it_works_once_and_for_72_hours(time_machine: Any) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    application = approved(people=2)
    time_machine.shift(timedelta(hours=72, seconds=1))
    assert operations.applicants_login(application) is None
    with pytest.raises(operations.NotPossible):
        activate(application)
    assert operations.waits_for_a_code(application)
    time_machine.shift(timedelta(seconds=-1))
    assert not operations.waits_for_a_code(application)
    assert activate(application)
    time_machine.shift(timedelta(seconds=1))
    assert not operations.waits_for_a_code(application), "though another administrator has not activated yet"
    with pytest.raises(operations.NotPossible):
        activate(application)


def test_only_the_applicants_login_of_what_was_approved_at_once() -> None:
    application = operations.submit(application=first(agreement=agreed()))
    with pytest.raises(operations.NotPossible):
        activate(application)
    approver = cast.officer_login(Role.APPROVER)
    by_officer = operations.approve(application=application, by=approver)
    assert operations.applicants_login(by_officer) is None
    with pytest.raises(operations.NotPossible):
        activate(by_officer)


def test_a_code_that_was_sent_meanwhile_is_worth_nothing_afterwards() -> None:
    application = approved()
    login = operations.applicants_login(application)
    assert login
    code = send_code(login=login, by=None)
    activate(application)
    code.refresh_from_db()
    assert code.voided_at


def test_a_username_that_is_taken_can_be_chosen_anew() -> None:
    application = approved(people=2)
    login = operations.applicants_login(application)
    assert login
    login.entity.logins.exclude(pk=login.pk).update(
        username="fong.chikin", status=Status.ACTIVE, activated_at=timezone.now()
    )
    with pytest.raises(UsernameTaken):
        activate(application)
    assert operations.activate_applicant(application=application, username="another.one", password=PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_activates() -> None:
    cast.authority()
    terms.publish()
    application = approved()

    def use(_n: int) -> str:
        try:
            return str(activate(application).status)
        except operations.NotPossible:
            return "late"

    assert sorted(at_once(6, use)).count("late") == 5


# --- the rules ---


@pytest.mark.parametrize("kind", ["organisation", "building"])
def test_organisations_without_legal_personality_go_to_an_officer_Q31(kind: str) -> None:
    line(kind=kind)
    entity = {"kind": kind, "name_zh": "天成製衣有限公司", "name_pt": "", "registration_number": NUMBER}
    application = operations.submit(application=first(entity=entity))
    assert rules.obstacles(application) == [Obstacle.KIND]


def test_what_the_register_says_is_not_found_out_by_trying(time_machine: Any) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    line()
    applications = []
    for _each in range(4):
        time_machine.shift(2 * 3600)
        applications.append(operations.submit(application=first()))
    assert [rules.obstacles(each) for each in applications] == [[], [], [], [Obstacle.TOO_OFTEN]]
    time_machine.shift(timedelta(days=1))
    assert rules.obstacles(operations.submit(application=first())) == []


def test_only_the_number_that_is_proven_opens_the_applicants_login() -> None:
    line()
    others = first(administrators=[person(5)])
    application = operations.keep(application=others, parts={"administrators": [person(6)]})
    assert rules.obstacles(operations.submit(application=application)) == [Obstacle.MOBILE]


def test_the_number_that_was_proven_stays_once_submitted() -> None:
    application = operations.submit(application=first())
    officer = cast.officer_login(Role.REGISTRAR)
    operations.ask(application=application, by=officer, reason=Reason.OTHER, text="Who are you?")
    with pytest.raises(operations.NotPossible):
        operations.keep(application=application, parts={}, mobile="+85366000009")
    assert operations.keep(application=application, parts={"administrators": [person(6)]}, email="a@b.mo")


@pytest.mark.django_db(transaction=True)
def test_two_applications_for_one_entity_with_consent_open_it_once() -> None:
    cast.authority()
    line()
    applications = [operations.submit(application=first(people=each + 1)) for each in range(2)]
    codes = []
    for application in applications:
        operations.send_consent_code(application=application)
        codes.append(known(ConsentCode, application))

    def use(n: int) -> str:
        try:
            return "done" if operations.consent(application=applications[n], code=codes[n]) else "wrong"
        except operations.NotPossible:
            return "late"

    assert sorted(at_once(2, use)) == ["done", "late"]
    assert Entity.objects.filter(registration_number=NUMBER).count() == 1


# --- drafts ---


def test_a_draft_is_forgotten_after_thirty_days_with_its_documents(time_machine: Any) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    draft = first()
    operations.add_document(
        application=draft, kind="identity", name="a.pdf", media_type="application/pdf", content=b"%PDF"
    )
    time_machine.shift(1)  # the codes of both go to one telephone, and are told apart by their time
    kept = operations.submit(application=first(people=2))
    for minute, forgotten in ((-1, 0), (1, 1)):
        untouched_since = timezone.now() - timedelta(days=30, minutes=minute)
        Application.objects.update(changed_at=untouched_since)
        assert purge_tables("applications_application") == forgotten
    assert list(Application.objects.all()) == [kept]


def test_what_was_submitted_cannot_be_discarded() -> None:
    application = operations.submit(application=first())
    with pytest.raises(operations.NotPossible):
        operations.discard(application=application)
    assert Application.objects.get(pk=application.pk).state == State.SUBMITTED
