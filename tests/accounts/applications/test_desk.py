"""The officers' desk: the queue, one application beside what others say, asking and deciding, and who may do which."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone, translation

from accounts.applications import operations, queries, rules
from accounts.applications.models import Application, Channel, DocumentKind, Kind, MediaType, Move, Reason, State
from accounts.models import Entity
from entity_portal.audit.models import Event
from entity_portal.messaging.models import SMS
from entity_portal.roles import Role
from staff.models import OfficerRole, StaffLogin
from staff.operations.officers import NotOfficer
from tests import cast
from tests.accounts.applications.asking import (
    NUMBER,
    PDF,
    REPRESENTATIVE,
    correction,
    first,
    line,
    more_administrators,
    person,
    represented,
    with_paper,
)
from tests.cast import Cast
from tests.pages import problems, text_of
from tests.race import at_once

pytestmark = pytest.mark.django_db
QUEUE = "/admin/applications/application/"


def submitted(application: Application) -> Application:
    return operations.submit(application=application, by=application.entered_by)


def of(application: Application, page: str = "change") -> str:
    return f"{QUEUE}{application.number}/{page}/"


def with_document(application: Application, name: str = "certificate.pdf") -> Application:
    operations.add_document(
        application=application, kind=DocumentKind.REGISTRATION, name=name, media_type=MediaType.PDF, content=PDF
    )
    return application


def numbers(client: Client, query: str = "") -> list[str]:
    return [each["application"].number for each in client.get(f"{QUEUE}?{query}").context["lines"]]


def ago(days: int, make: Callable[[], Application]) -> Application:
    """What was done so many days ago."""
    with time_machine.travel(timezone.now() - timedelta(days=days)):
        return make()


def one_of(number: int = 0) -> Application:
    """A first application of an applicant of their own, submitted."""
    return submitted(first(administrators=[person(number)]))


def state() -> list[Any]:
    tables = (Application, Move, Entity, StaffLogin, SMS)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def good(page: Any) -> str:
    """The words of a page that is well-formed, labelled and finished."""
    assert page.status_code == 200
    assert [each for each in problems(page.content.decode()) if "None" not in each] == []
    return text_of(page)


@pytest.fixture
def clock(time_machine: Any) -> Any:  # the plugin's own name is its module's too
    return time_machine


@pytest.fixture
def waiting(db: None) -> Application:
    """A first application, submitted, which differs from the register, with a document."""
    line()
    return submitted(with_document(first(people=2, representative={**REPRESENTATIVE, "document_number": "11351285"})))


# --- who may ---

READ = ("change",)
WORK = ("claim", "release", "reveal")
ASK = {"reason": Reason.DOCUMENT_MISSING, "text": "The certificate."}
WHO = {
    # who: (reads, works, decides, enters)
    Role.REGISTRAR: (200, True, False, True),
    Role.APPROVER: (200, True, True, False),
    Role.AUDITOR: (200, False, False, False),
    Role.CATALOGUE: (404, False, False, False),
}


@pytest.mark.parametrize("role", WHO)
def test_each_role_has_the_pages_of_its_work_Q1(waiting: Application, role: Role) -> None:
    reads, works, decides, enters = WHO[role]
    client = cast.officer(role)
    document = f"{QUEUE}{waiting.number}/documents/{waiting.documents.get().pk}/"
    for page in (QUEUE, of(waiting), document):
        assert client.get(page).status_code == reads, page
        assert client.post(page).status_code == (405 if reads == 200 else 404), page
    for page, may in (("ask", works), ("refuse", decides), ("approve", decides)):
        assert client.get(of(waiting, page)).status_code == (200 if may else 404), page
    assert client.get(f"{QUEUE}counter/").status_code == (200 if enters else 404)
    for page in ("claim", "release", "reveal", "take"):
        address = f"{QUEUE}take/" if page == "take" else of(waiting, page)
        assert client.get(address).status_code in (405, 404), page
        assert client.post(address).status_code == (302 if works else 404), page


@pytest.mark.parametrize("who", [Role.AUDITOR, Role.CATALOGUE, "registrar who decides", "staff", "nobody", "no code"])
def test_whoever_may_not_changes_nothing_Q1(waiting: Application, company: Cast, who: str) -> None:
    if who == "staff":
        client = Client()
        client.force_login(company.administrator)
    elif who == "nobody":
        client = Client()
    else:
        role = Role(who) if who in Role.values else Role.REGISTRAR
        client = cast.officer(role, code=who != "no code")
    acts = ["refuse", "approve"] if who == "registrar who decides" else ["claim", "release", "reveal", "ask", "refuse"]
    before = state()
    for act in [*acts, "approve"]:
        assert client.post(of(waiting, act), ASK).status_code == (302 if who == "nobody" else 404), act
    if who != "registrar who decides":
        assert client.post(f"{QUEUE}take/").status_code == (302 if who == "nobody" else 404)
        assert client.post(f"{QUEUE}counter/").status_code == (302 if who == "nobody" else 404)
        assert client.get(QUEUE).status_code == (302 if who == "nobody" else 404 if who != Role.AUDITOR else 200)
    assert state() == before


def test_an_auditor_has_no_buttons_Q1(waiting: Application) -> None:
    html = cast.officer(Role.AUDITOR).get(of(waiting)).content.decode()
    assert waiting.number in html
    for act in ("claim", "release", "reveal", "ask", "refuse", "approve"):
        assert f"/{act}/" not in html


def test_a_registrar_asks_and_does_not_decide_Q1(waiting: Application) -> None:
    html = cast.officer(Role.REGISTRAR).get(of(waiting)).content.decode()
    assert "/ask/" in html
    assert "/approve/" not in html
    assert "/refuse/" not in html


def test_nobody_sees_what_is_still_being_filled_in(company: Cast) -> None:
    line()
    draft, given_up = with_document(first()), first()
    operations.withdraw(application=given_up)
    client = cast.officer()
    assert numbers(client, "state=all") == []
    assert numbers(client, f"q={draft.number}&state=all") == []
    for each in (draft, given_up):
        assert client.get(of(each)).status_code == 404
        for act in ("claim", "ask", "refuse", "approve"):
            assert client.post(of(each, act), ASK).status_code == 404
    assert client.get(f"{QUEUE}{draft.number}/documents/{draft.documents.get().pk}/").status_code == 404


@pytest.mark.parametrize(
    "page", ["AP000000000/change/", "x/approve/", "1/change/", "%C3%A9/claim/", "AP1/documents/1/"]
)
def test_what_does_not_exist_is_404(db: None, page: str) -> None:
    assert cast.officer().get(QUEUE + page).status_code in (404, 405)
    assert cast.officer().post(QUEUE + page).status_code in (404, 405)


# --- the queue ---


def test_the_queue_has_what_waits_the_oldest_first_S12_4(company: Cast) -> None:
    line()
    officer = cast.officer_login(*Role)
    new, old = one_of(0), ago(20, lambda: one_of(1))
    asked = submitted(first())
    operations.ask(application=asked, by=officer, reason=Reason.DOCUMENT_MISSING)
    refused = submitted(first())
    operations.refuse(application=refused, by=officer, reason=Reason.NOT_ELIGIBLE)
    client = cast.officer(person=officer)
    assert numbers(client) == [old.number, new.number]
    assert numbers(client, "state=asked") == [asked.number]
    assert numbers(client, "state=refused") == [refused.number]
    assert set(numbers(client, "state=all")) == {new.number, old.number, asked.number, refused.number}
    operations.answer(application=asked)
    assert numbers(client) == [old.number, new.number, asked.number]
    words = good(client.get(QUEUE))
    assert "3 wait for an officer" in words
    assert "1 is late" in words
    assert "waits 20 days" in words
    assert words.count("Late") == 1


def test_the_queue_is_filtered_and_searched(company: Cast, other: Cast) -> None:
    line()
    officer = cast.officer_login(*Role)
    one = submitted(first())
    two = submitted(more_administrators(company.administrator))
    three = submitted(correction(other.staff, other.staff, name_zh="歐海欣"))
    operations.claim(application=two, by=officer)
    client = cast.officer(person=officer)
    for query, expected in {
        "kind=first": [one],
        "kind=correction": [three],
        "channel=counter": [],
        "who=mine": [two],
        "who=nobody": [one, three],
        f"q={one.number.lower()}": [one],
        f"q={one.number[:-1]}": [],
        f"q={NUMBER}": [one],
        f"q={other.entity.number}": [three],
        "q=%E5%A4%A9%E6%88%90": [one],
        "q=Tin": [],
        "kind=nonsense&state=nonsense&who=x&channel=x": [one, two, three],
        "q=%25": [],
    }.items():
        assert numbers(client, query) == [each.number for each in expected], query
    assert client.get(f"{QUEUE}?q=%00").status_code == 400
    assert numbers(client, "q=" + "x" * 3000 + "&page=99999999999999") is not None


def test_what_is_decided_is_found_by_its_number_in_whatever_state_is_chosen(waiting: Application) -> None:
    operations.refuse(application=waiting, by=cast.officer_login(Role.APPROVER), reason=Reason.NOT_ELIGIBLE)
    client = cast.officer()
    assert numbers(client) == []
    assert numbers(client, f"q={waiting.number}&state=waiting") == [waiting.number]
    assert "Search in all states" in good(client.get(f"{QUEUE}?q={NUMBER}"))
    assert numbers(client, f"q={NUMBER}&state=all") == [waiting.number]


def test_a_long_queue_takes_a_constant_number_of_queries(company: Cast, django_assert_max_num_queries: Any) -> None:
    officer = cast.officer_login(*Role)
    now = timezone.now()
    with transaction.atomic():
        made = Application.objects.bulk_create(
            Application(
                kind=Kind.FIRST,
                state=State.SUBMITTED,
                submitted_at=now,
                subject=f"公司{n}",
                answers={"entity": {}, "representative": {}, "administrators": [{}], "agreement": {}},
                mobile_proven_at=now,
                claimed_by=officer,
                claimed_at=now,
            )
            for n in range(60)
        )
        Move.objects.bulk_create(Move(application=each, was=State.DRAFT, now=State.SUBMITTED) for each in made)
    client = cast.officer(person=officer)
    client.get(QUEUE)
    with django_assert_max_num_queries(15):
        assert len(numbers(client)) == 50
    assert len(numbers(client, "page=2")) == 10


# --- the oldest that nobody has ---


def test_the_oldest_that_nobody_has_is_taken_and_never_ones_own_entry_Q1(company: Cast) -> None:
    line()
    officer, another = cast.officer_login(Role.REGISTRAR, Role.APPROVER), cast.officer_login(Role.REGISTRAR)
    new, old, oldest = one_of(0), ago(3, lambda: one_of(1)), ago(9, lambda: one_of(2))
    operations.claim(application=oldest, by=another)
    own = operations.begin(kind=Kind.FIRST, language="pt", by=officer, channel=Channel.COUNTER)
    operations.keep(application=own, parts=new.answers)
    own = ago(5, lambda: submitted(with_paper(own)))
    client = cast.officer(person=officer)
    for expected in (old, new):
        assert client.post(f"{QUEUE}take/")["Location"] == of(expected)
        expected.refresh_from_db()
        assert expected.claimed_by == officer
    answer = client.post(f"{QUEUE}take/", follow=True)
    assert "Nothing waits that nobody works on." in good(answer)
    own.refresh_from_db()
    assert own.claimed_by is None
    with pytest.raises(NotOfficer):
        operations.take_oldest(by=cast.officer_login(Role.AUDITOR))


def test_what_was_left_lying_is_taken_again(waiting: Application, clock: Any) -> None:
    clock.move_to(timezone.now(), tick=False)
    one, two = cast.officer_login(Role.REGISTRAR), cast.officer_login(Role.REGISTRAR)
    assert operations.take_oldest(by=one) == waiting
    assert operations.take_oldest(by=two) is None
    clock.shift(operations.CLAIM_LASTS)
    assert operations.take_oldest(by=two) == waiting


@pytest.mark.django_db(transaction=True)
def test_five_officers_at_once_take_five_applications() -> None:
    officers = [cast.officer_login(Role.REGISTRAR) for _each in range(5)]
    line()
    there = {one_of(number).pk for number in range(5)}

    def take(n: int) -> int | None:
        held = operations.take_oldest(by=officers[n])
        return held.pk if held else None

    assert set(at_once(5, take)) == there


# --- the page of one ---


def test_the_page_has_what_was_given_beside_the_register_with_differences_marked(waiting: Application) -> None:
    words = good(cast.officer(Role.APPROVER).get(of(waiting)))
    for wanted in (
        "Identification document no. 11****85 11****84 Different",
        "Name in Chinese 天成製衣有限公司 天成製衣有限公司 The same",
        "Name in Portuguese — Fábrica de Vestuário Tin Seng, Limitada Left out",
        "What was given differs from the register.",
        "Not proven yet",
        "2 differences",  # the mobile is another one too
        "Administrator 2",
        "English",
    ):
        assert wanted in words, wanted


def test_numbers_are_masked_until_they_are_asked_for_and_that_is_remembered_Q28(waiting: Application) -> None:
    client = cast.officer(Role.REGISTRAR)
    hidden = ("11351285", "11351284", person(0)["document_number"], "6650 0000", "6203 3655")
    html = client.get(of(waiting)).content.decode()
    assert [each for each in hidden if each in html] == []
    assert client.post(of(waiting, "reveal"))["Location"] == of(waiting)
    html = client.get(of(waiting)).content.decode()
    assert [each for each in hidden if each not in html] == []
    assert "11351285" not in client.get(of(waiting)).content.decode(), "once"
    read = [event.data["what"] for event in Event.objects.filter(action="officer.read", target=waiting.number)]
    assert read == ["application", "application, numbers in full", "application"]


def test_numbers_of_one_application_do_not_open_those_of_another_Q28(waiting: Application) -> None:
    another = submitted(first())
    client = cast.officer(Role.REGISTRAR)
    client.post(of(waiting, "reveal"))
    assert "11351284" not in client.get(of(another)).content.decode()


def test_a_change_of_administrators_is_beside_what_is_on_record_S12_2(company: Cast) -> None:
    represented(company.administrator)
    company.entity.legal_representatives.update(name_zh="彭月娥", mobile="+85366999999")
    one = submitted(more_administrators(company.administrator))
    words = good(cast.officer().get(of(one)))
    assert "Name in Chinese 彭月娟 彭月娟 The same 彭月娥 Different" in words
    assert "Macao resident ID The same" in words
    assert "Date of birth 1990-01-01 1990-01-01 The same Says nothing" in words
    assert "CHAN WENG SAN (Active)" in words
    assert "New administrator" in words
    two = submitted(more_administrators(company.administrator, login=company.staff))
    assert company.staff.euid in good(cast.officer().get(of(two)))


def test_a_correction_is_beside_the_present_data_Q11(company: Cast) -> None:
    one = submitted(correction(company.staff, company.staff, name_foreign="AO HOI YAN", name_zh="歐凱欣"))
    words = good(cast.officer().get(of(one)))
    assert "AO HOI YAN AO HOI IAN Will change" in words
    assert "歐凱欣 歐凱欣 The same already" in words
    assert "Place of issue — Macao Stays" in words
    assert "A new card." in words
    assert "Corrections are always decided by an officer." in words


def test_other_applications_for_the_same_or_naming_the_same_person_are_beside_it(company: Cast) -> None:
    line()
    one, same = submitted(first()), submitted(first())
    elsewhere = submitted(more_administrators(company.administrator, person=person(0)))
    stranger = submitted(correction(company.staff, company.staff, name_zh="歐海欣"))
    draft = first()
    html = cast.officer().get(of(one)).content.decode()
    assert same.number in html
    assert elsewhere.number in html
    assert draft.number not in html
    assert stranger.number not in html


def test_the_page_tells_everything_that_happened(waiting: Application) -> None:
    officer = cast.officer_login(*Role, name_foreign="LEI SOK I", name_zh="")
    client = cast.officer(person=officer)
    client.post(of(waiting, "claim"))
    client.get(f"{QUEUE}{waiting.number}/documents/{waiting.documents.get().pk}/")
    client.post(of(waiting, "release"))
    client.post(of(waiting, "ask"), ASK)
    operations.answer(application=waiting, text="第一行\n第二行")
    lines = client.get(of(waiting)).context["history"]
    assert [each.what for each in lines] == [
        "Information received",
        "More information is needed",
        "Application handed back by an officer",
        "Document read",
        "Application taken on by an officer",
        "Submitted",
        "Code for an application sent by SMS",
    ]
    assert lines[1].reason == "A document is missing."
    assert lines[1].text == "The certificate."
    assert lines[3].text == "certificate.pdf"
    assert all("LEI SOK I" in each.who for each in lines[1:5])


# --- documents ---


@pytest.mark.parametrize(
    ("proof", "said"),
    [
        ("sms", "Code sent to the phone on the register"),
        ("officer", "Checked by an officer"),
        ("elsewhere", "elsewhere"),
    ],
)
def test_how_consent_was_made_sure_of_has_words_or_the_name_of_who_did_it(proof: str, said: str) -> None:
    with translation.override("en"):
        assert Application(proof=proof).proof_label == said


def test_the_page_says_how_consent_was_made_sure_of(waiting: Application) -> None:
    operations.approve(application=waiting, by=cast.officer_login(Role.APPROVER), text="")
    words = good(cast.officer(Role.AUDITOR).get(of(waiting)))
    assert "Consent of the legal representative Checked by an officer · 20" in words


def test_of_what_was_refused_nobody_makes_sure_of_consent_any_more(waiting: Application) -> None:
    approver = cast.officer_login(Role.APPROVER)
    auditor = cast.officer(Role.AUDITOR)
    assert "whoever approves makes sure" in good(auditor.get(of(waiting)))
    operations.refuse(application=waiting, by=approver, reason=Reason.NOT_ELIGIBLE, text="")
    words = good(auditor.get(of(waiting)))
    assert "Consent of the legal representative —" in words
    assert "whoever approves makes sure" not in words


def test_a_document_is_an_attachment_and_its_opening_is_remembered(waiting: Application) -> None:
    client = cast.officer(Role.AUDITOR)
    answer = client.get(f"{QUEUE}{waiting.number}/documents/{waiting.documents.get().pk}/")
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    event = Event.objects.get(action="document.read")
    assert (event.target, event.data["what"]) == (waiting.number, "certificate.pdf")
    assert event.actor


def test_a_document_of_another_application_is_404(waiting: Application) -> None:
    another = submitted(with_document(first()))
    client = cast.officer()
    for number, of_another in ((waiting.number, another), (another.number, waiting)):
        address = f"{QUEUE}{number}/documents/{of_another.documents.get().pk}/"
        assert client.get(address).status_code == 404
    assert client.get(f"{QUEUE}{waiting.number}/documents/{10**30}/").status_code == 404
    assert not Event.objects.filter(action="document.read").exists()


# --- working on it ---


def test_it_is_taken_on_and_handed_back_and_another_officer_reads_whose_it_is(waiting: Application) -> None:
    one = cast.officer(Role.APPROVER, person=cast.officer_login(Role.APPROVER, name_foreign="LEI SOK I"))
    two = cast.officer(Role.APPROVER)
    one.post(of(waiting, "claim"))
    words = good(one.get(of(waiting)))
    assert "You work on it" in words
    words = good(two.get(of(waiting)))
    assert "LEI SOK I works on it, until" in words
    assert "Approve the application" not in words
    assert "LEI SOK I works on it now" in good(two.post(of(waiting, "claim"), follow=True))
    typed = {"reason": Reason.DOCUMENT_MISSING, "text": "What I typed"}
    answer = two.post(of(waiting, "refuse"), typed)
    words = good(answer)
    assert "LEI SOK I works on it now" in words
    assert "What I typed" in words
    assert 'value="document_missing"' in answer.content.decode()
    one.post(of(waiting, "release"))
    assert "Approve the application" in good(two.get(of(waiting)))


def test_the_officer_reads_what_the_applicant_will_read_in_every_language(waiting: Application) -> None:
    html = cast.officer(Role.REGISTRAR).get(of(waiting, "ask")).content.decode()
    assert '<strong lang="en">A document is missing.</strong>' in html
    assert html.count('lang="zh-Hant-MO">') >= len(Reason)
    assert html.count('lang="pt">') >= len(Reason)
    assert 'The applicant reads <span lang="en">English</span>' in html


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, "reason"),
        ({"reason": "nonsense"}, "reason"),
        ({"reason": Reason.OTHER}, "text"),
        ({"reason": Reason.OTHER, "text": " "}, "text"),
        ({"reason": Reason.OTHER, "text": "x" * 2001}, "text"),
        ({"reason": Reason.OTHER, "text": "a\u202eb"}, "text"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_the_field(
    waiting: Application, typed: dict[str, str], wrong: str
) -> None:
    client = cast.officer()
    before = state()
    for act in ("ask", "refuse"):
        answer = client.post(of(waiting, act), typed)
        good(answer)
        assert answer.context["form"].errors.keys() == {wrong}
    assert state() == before


def test_asked_answered_and_refused_with_reasons(waiting: Application) -> None:
    registrar, approver = cast.officer(Role.REGISTRAR), cast.officer(Role.APPROVER)
    answer = registrar.post(of(waiting, "ask"), {"reason": "document_missing", "text": "一\r\n二"}, follow=True)
    assert "The applicant is asked" in good(answer)
    assert "Rests until the applicant answers" in good(answer)
    assert "Approve the application" not in good(approver.get(of(waiting)))
    operations.answer(application=waiting)
    assert "Not approved; the applicant is told." in good(
        approver.post(of(waiting, "refuse"), {"reason": "other", "text": "Closed."}, follow=True)
    )
    moves = [(move.now, move.reason, move.text) for move in waiting.moves.all()]
    assert moves[1:] == [("asked", "document_missing", "一\n二"), ("answered", "", ""), ("refused", "other", "Closed.")]


def test_approving_shows_first_what_happens_and_then_does_it_S3_5_S5_2(waiting: Application) -> None:
    client = cast.officer(Role.APPROVER)
    words = good(client.get(of(waiting, "approve")))
    for wanted in (
        "The entity account of 天成製衣有限公司 is opened.",
        "Legal representative: 彭月娟",
        "馮子健 gets a staff login as an administrator.",
        "The activation code goes to +853 66** **00 by SMS.",
        "The applicant is told.",
        "by approving you confirm",
    ):
        assert wanted in words, wanted
    assert not Entity.objects.filter(registration_number=NUMBER).exists()
    assert "Approved: what was applied for is done." in good(
        client.post(of(waiting, "approve"), {"text": ""}, follow=True)
    )
    assert Entity.objects.get(registration_number=NUMBER).logins.filter(is_administrator=True).count() == 2
    assert "Meanwhile its state is “Approved”" in good(client.post(of(waiting, "approve"), {"text": "Welcome"}))


def test_approving_a_correction_shows_old_and_new_Q11(company: Cast) -> None:
    one = submitted(correction(company.staff, company.staff, name_foreign="AO HOI YAN", mobile="+85366777777"))
    client = cast.officer(Role.APPROVER)
    words = good(client.get(of(one, "approve")))
    assert "AO HOI IAN → AO HOI YAN" in words
    assert "+853 66** **56 → +853 66** **77" in words
    client.post(of(one, "approve"))
    company.staff.refresh_from_db()
    assert company.staff.name_foreign == "AO HOI YAN"


def test_approving_more_power_says_who_gets_it_S12_4(company: Cast) -> None:
    one = submitted(more_administrators(company.administrator, login=company.staff))
    words = good(cast.officer(Role.APPROVER).get(of(one, "approve")))
    assert "AO HOI IAN is given the power of an administrator." in words
    assert "The administrators of the entity are notified." in words


# --- refusals in words ---


def test_nobody_decides_what_they_entered_or_what_is_about_them_and_reads_why_Q1(company: Cast) -> None:
    line()
    both = cast.officer_login(Role.REGISTRAR, Role.APPROVER)
    entered = operations.begin(kind=Kind.FIRST, language="pt", by=both, channel=Channel.COUNTER)
    operations.keep(application=entered, parts=first().answers, subject="天成", registration_number=NUMBER)
    submitted(with_paper(entered))
    administrator = both.entity.logins.get(username="authority.admin")
    about = submitted(correction(both, administrator, name_zh="陳大文"))
    client = cast.officer(person=both)
    for application, sentence in (
        (entered, "You entered this application: another officer decides."),
        (about, "This application is about yourself: another officer decides."),
    ):
        page = client.get(of(application))
        assert sentence in good(page)
        assert "/approve/" not in page.content.decode()
        assert sentence in good(client.get(of(application, "approve"), follow=True))
        for act in ("approve", "refuse"):
            words = good(client.post(of(application, act), {"reason": "other", "text": "Mine"}))
            assert "another officer decides" in words
            assert "Mine" in words
        application.refresh_from_db()
        assert application.state == State.SUBMITTED


def test_an_entity_that_is_open_already_is_said_with_its_number(waiting: Application, company: Cast) -> None:
    Entity.objects.filter(pk=company.entity.pk).update(registration_number=NUMBER)
    client = cast.officer(Role.APPROVER)
    assert "There is an entity account with this registration number already." in good(client.get(of(waiting)))
    words = good(client.post(of(waiting, "approve"), {"text": "Typed"}))
    assert f"already: {company.entity.number}." in words
    assert "Typed" in words


def test_a_person_who_is_there_already_is_said(company: Cast) -> None:
    there = person(1, document_number=company.staff.document_number)
    one = submitted(more_administrators(company.administrator, person=there))
    words = good(cast.officer(Role.APPROVER).post(of(one, "approve"), {"text": ""}))
    assert "Somebody with this identification document has a staff login" in words


def test_a_login_that_has_left_is_said(company: Cast) -> None:
    one = submitted(more_administrators(company.administrator, login=company.staff))
    StaffLogin.objects.filter(pk=company.staff.pk).update(status="departed", departed_at=timezone.now())
    words = good(cast.officer(Role.APPROVER).post(of(one, "approve"), {"text": ""}))
    assert "has left, or is an administrator already" in words


def test_a_role_that_is_taken_away_meanwhile_is_said(waiting: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    person = cast.officer_login(Role.APPROVER, Role.AUDITOR)
    client = cast.officer(person=person)
    monkeypatch.setattr(StaffLogin, "roles", frozenset({Role.APPROVER, Role.AUDITOR}))
    OfficerRole.objects.filter(login=person, role=Role.APPROVER).delete()
    words = good(client.post(of(waiting, "approve"), {"text": "Typed"}))
    assert "You do not have the role for this any more" in words
    assert "Typed" in words


@pytest.mark.django_db(transaction=True)
def test_a_double_click_approves_once() -> None:
    person = cast.officer_login(Role.APPROVER)
    line()
    waiting = submitted(first())
    clients = [cast.officer(person=person) for _each in range(2)]

    def approve(n: int) -> int:
        return clients[n].post(of(waiting, "approve"), {"text": ""}).status_code

    assert sorted(at_once(2, approve)) == [200, 302]
    assert Entity.objects.filter(registration_number=NUMBER).count() == 1


# --- three languages ---


@pytest.mark.parametrize("language", ["zh-hant", "pt", "en"])
@pytest.mark.parametrize("page", ["", "counter", "change", "ask", "refuse", "approve"])
def test_each_page_is_whole_in_each_language_Q47(waiting: Application, language: str, page: str) -> None:
    client = cast.officer()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    address = QUEUE if not page else f"{QUEUE}counter/" if page == "counter" else of(waiting, page)
    words = good(client.get(address))
    assert "{" not in words
    assert "%(" not in words


# --- numbers for the index and the dashboard ---


def test_how_much_waits_and_how_much_of_it_is_late(company: Cast, django_assert_max_num_queries: Any) -> None:
    line()
    assert queries.waiting() == queries.Waiting(waiting=0, late=0, oldest_since=None, mine=0)
    officer = cast.officer_login(*Role)
    old, answered = ago(41, lambda: one_of(0)), ago(40, lambda: one_of(1))
    operations.ask(application=answered, by=officer, reason=Reason.DOCUMENT_MISSING)
    assert queries.waiting().waiting == 1
    operations.answer(application=answered)  # the promised time begins anew
    operations.claim(application=submitted(first()), by=officer)
    with django_assert_max_num_queries(1):
        found = queries.waiting(officer)
    assert found == queries.Waiting(waiting=3, late=1, oldest_since=old.submitted_at, mine=1)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("today", ["2026-11-25", "2026-10-02", "2027-02-08", "2026-12-28", "2026-11-28"])
def test_late_is_a_promise_of_yesterday_whatever_holidays_there_were(kind: Kind, today: str, clock: Any) -> None:
    clock.move_to(f"{today}T04:00:00+00:00", tick=False)
    first_day = rules.late_if_begun_before(kind)
    noon = timezone.make_aware(datetime.combine(first_day, time(12)))
    for back in range(-3, 12):
        begun = noon - timedelta(days=back)
        is_late = rules.due(kind, begun) < timezone.localdate()
        assert is_late == (timezone.localdate(begun) < first_day), begun


@translation.override("en")
def test_the_queue_by_age(company: Cast) -> None:
    line()
    for number, days in enumerate((0, 1, 2, 3, 5, 6, 10, 11, 90)):
        ago(days, lambda number=number: one_of(number))  # type: ignore[misc]
    assert [n for _label, n in queries.queue_by_age()] == [1, 2, 2, 2, 2]
    assert queries.queue_by_age()[0] == ("Today", 1)


def test_what_was_decided_day_by_day_and_how_quickly(company: Cast) -> None:
    officer = cast.officer_login(*Role)
    line()
    rows = [ago(days, lambda days=days: one_of(days)) for days in (4, 2, 1, 0)]  # type: ignore[misc]
    for application in rows[:3]:
        operations.refuse(application=application, by=officer, reason=Reason.NOT_ELIGIBLE)
    decided = queries.decided_per_day(days=7)
    assert len(decided) == 7
    assert sum(approved for _day, approved, _refused in decided) == 0
    assert sum(refused for _day, _approved, refused in decided) == 3
    assert decided[-1][0] == timezone.localdate()
    assert queries.time_to_decision()[1:] == [("administrators", None, 0), ("correction", None, 0)]
    assert queries.time_to_decision()[0] == ("first", 48.0, 3)
