"""The timeline that applicants and officers read: who, when, why, what happens next, until when."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.applications import operations
from accounts.applications.models import Application, ConsentCode, Reason, State
from accounts.applications.timeline import timeline
from entity_portal.roles import Role
from staff.models import StaffLogin
from tests import cast
from tests.accounts.applications.asking import correction, first, known, line, more_administrators, represented
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def approver(db: None) -> StaffLogin:
    return cast.officer_login(Role.APPROVER, name_zh="區志明", name_foreign="AO CHI MENG")


def handed_in(company: Cast) -> Application:
    application = correction(company.staff, company.staff, name_zh="歐海欣")
    return operations.submit(application=application, by=company.staff)


def page(application: Application, language: str = "en", **more: Any) -> str:
    with translation.override(language):
        return render_to_string("components/application_timeline.html", timeline(application, **more))


def test_applicants_read_an_officer_and_officers_the_name(company: Cast, approver: StaffLogin) -> None:
    application = handed_in(company)
    application = operations.ask(
        application=application, by=approver, reason=Reason.DOCUMENT_UNREADABLE, text="請重新掃描。\nPage 2."
    )
    with translation.override("en"):
        asked, submitted = timeline(application)["moves"]
        assert (asked["who"], submitted["who"]) == ("an officer", "AO HOI IAN (ao.hoiian)")
        assert timeline(application, officer=True)["moves"][0]["who"] == f"AO CHI MENG ({approver.username})"
    assert approver.name_foreign not in page(application)
    assert "重新掃描" in page(application)
    assert "<br>Page 2." in page(application)
    assert "A document cannot be read" in page(application)


def test_the_reason_is_told_in_the_readers_language(company: Cast, approver: StaffLogin) -> None:
    application = operations.ask(application=handed_in(company), by=approver, reason=Reason.DOCUMENT_MISSING)
    with translation.override("pt"):
        said = timeline(application)["moves"][0]["reason"]
        assert said == Reason.DOCUMENT_MISSING.label


@pytest.mark.parametrize(("today", "overdue"), [("2026-03-17", False), ("2026-03-18", True)])
def test_the_promised_day_stands_there_and_that_it_has_passed(company: Cast, today: str, overdue: bool) -> None:
    with time_machine.travel("2026-03-10T09:00:00+08:00", tick=False):
        application = handed_in(company)
    with time_machine.travel(f"{today}T23:59:00+08:00", tick=False):
        told = timeline(application)
    assert (told["promised"], told["overdue"]) == (date(2026, 3, 17), overdue)


def test_the_promised_time_rests_while_the_applicant_is_asked(company: Cast, approver: StaffLogin) -> None:
    with time_machine.travel("2026-03-10T09:00:00+08:00", tick=False):
        application = handed_in(company)
        application = operations.ask(application=application, by=approver, reason=Reason.DOCUMENT_MISSING)
    assert timeline(application)["promised"] is None
    assert "rests until you do" in page(application)
    with time_machine.travel("2026-03-20T09:00:00+08:00", tick=False):
        application = operations.answer(application=application, by=company.staff, text="Here it is.")
        assert timeline(application)["promised"] == date(2026, 3, 27)
    assert "Here it is." in page(application)


def test_what_was_decided_at_once_says_why_S12_4(company: Cast) -> None:
    represented(company.administrator)
    application = operations.submit(
        application=more_administrators(company.administrator, login=company.staff), by=company.administrator
    )
    operations.send_consent_code(application=application)
    done = operations.consent(application=application, code=known(ConsentCode, application))
    assert done
    assert "Decided at once" in page(done)
    assert "is an administrator of the entity now" in page(done)
    assert timeline(done)["promised"] is None


def test_nobody_signed_in_is_the_applicant() -> None:
    line()
    application = operations.submit(application=first())
    assert "the applicant" in page(application)
    assert "+853 66" in page(application), "where the result is sent, masked"
    assert application.mobile not in page(application).replace(" ", "")


def test_a_draft_has_a_next_step_too() -> None:
    assert "Nothing has been submitted yet" in page(first())


@pytest.mark.parametrize("state", State)
def test_every_state_says_what_happens_next(state: State) -> None:
    assert timeline(Application(pk=0, kind="first", state=state, submitted_at=timezone.now()))["next_step"]
