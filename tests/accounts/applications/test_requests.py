"""申請進度查詢 of an entity: its list, the page of one application, documents, the answer, withdrawal; whose."""

import re
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.applications import operations
from accounts.applications.models import Application, Document, Reason, State
from entity_portal.audit.models import Event
from entity_portal.messaging import kinds
from entity_portal.messaging.models import SMS, Notification
from entity_portal.roles import Role
from staff.models import StaffLogin
from tests import cast
from tests.accounts.applications.asking import PDF, correction, more_administrators, person, represented
from tests.cast import Cast, enter
from tests.pages import text_of

pytestmark = pytest.mark.django_db

LIST = "/entity/requests/"


@pytest.fixture
def approver(db: None) -> StaffLogin:
    return cast.officer_login(Role.APPROVER, name_zh="區志明", name_foreign="AO CHI MENG")


def handed_in(company: Cast, *, by: StaffLogin | None = None) -> Application:
    by = by or company.staff
    return operations.submit(application=correction(company.staff, by, name_zh="新名"), by=by)


def asked(company: Cast, approver: StaffLogin) -> Application:
    return operations.ask(
        application=handed_in(company), by=approver, reason=Reason.DOCUMENT_UNREADABLE, text="Both sides, please."
    )


def page(application: Application, part: str = "") -> str:
    return f"{LIST}{application.number}/{part}"


# --- the list ---


def test_the_list_shows_the_newest_first_by_state_and_kind(company: Cast, approver: StaffLogin) -> None:
    represented(company.administrator)
    old = handed_in(company)
    operations.refuse(application=old, by=approver, reason=Reason.NOT_ELIGIBLE)
    new = operations.submit(application=more_administrators(company.administrator), by=company.administrator)
    correction(company.staff, company.administrator, name_zh="新字")  # still being filled in
    client = enter(company.administrator)

    def numbers(query: str = "") -> list[str]:
        return [row["application"].number for row in client.get(f"{LIST}{query}").context["rows"]]

    assert numbers() == [new.number, old.number]
    assert numbers("?state=refused") == [old.number]
    assert numbers("?kind=administrators") == [new.number]
    assert numbers("?state=refused&kind=administrators") == []
    assert numbers("?state=x&kind=%27") == [new.number, old.number], "what is not understood narrows nothing"
    assert "No application matches" in text_of(client.get(f"{LIST}?state=approved"))


def test_an_empty_list_says_what_to_do(company: Cast) -> None:
    said = enter(company.administrator).get(LIST)
    assert "Nothing has been applied for yet" in text_of(said)
    assert 'href="/entity/administrators/"' in said.content.decode()


def test_the_list_has_pages(company: Cast) -> None:
    for _each in range(21):
        application = handed_in(company)
        operations.withdraw(application=application, by=company.staff)
    answer = enter(company.administrator).get(LIST)
    assert len(answer.context["rows"]) == 20
    assert "21 applications" in text_of(answer)
    assert len(enter(company.administrator).get(f"{LIST}?page=2").context["rows"]) == 1


def test_it_is_linked_from_the_entity_and_its_applications_from_home(company: Cast, approver: StaffLogin) -> None:
    client = enter(company.administrator)
    entity = client.get("/entity/").content.decode()
    assert f'href="{LIST}"' in entity
    assert 'href="/entity/administrators/"' in entity
    assert "application" not in text_of(client.get("/"))
    application = handed_in(company)
    home = client.get("/")
    assert "application in progress" in text_of(home)
    assert f'href="{page(application)}"' in home.content.decode()
    operations.ask(application=application, by=approver, reason=Reason.DOCUMENT_MISSING)
    first = client.get("/").context["todo"][0]
    assert (first["title"], first["url"]) == ("application needs more information", page(application))
    second = operations.submit(
        application=correction(company.administrator, company.administrator, name_zh="新名"), by=company.administrator
    )
    operations.ask(application=second, by=approver, reason=Reason.DOCUMENT_MISSING)
    assert client.get("/").context["todo"][0]["url"] == f"{LIST}?state=asked"
    assert f'href="{page(application)}"' in enter(company.staff).get("/account/").content.decode()


# --- one application ---


def test_its_page_has_the_timeline_the_promised_day_and_no_officers_name(company: Cast, approver: StaffLogin) -> None:
    with time_machine.travel("2026-03-10T09:00:00+08:00"):
        application = handed_in(company)
        for reader in (company.staff, company.administrator):
            said = text_of(enter(reader).get(page(application)))
            assert "By 2026-03-17 at the latest." in said
            assert "An officer checks the data" in said
    operations.refuse(application=application, by=approver, reason=Reason.NOT_ELIGIBLE, text="Not this way.")
    said = text_of(enter(company.staff).get(page(application)))
    for words in ("an officer", "cannot be held", "Not this way.", "Nothing was changed."):
        assert words in said
    assert "AO CHI MENG" not in said


def test_persons_are_shown_masked(company: Cast) -> None:
    represented(company.administrator)
    application = operations.submit(application=more_administrators(company.administrator), by=company.administrator)
    said = text_of(enter(company.administrator).get(page(application)))
    assert person(7)["document_number"] not in said
    assert "20****07" in said
    assert "11****84" in said


def test_what_can_be_decided_at_once_leads_to_the_proof(company: Cast, approver: StaffLogin) -> None:
    represented(company.administrator)
    application = operations.submit(application=more_administrators(company.administrator), by=company.administrator)
    proof = f"/entity/administrators/{application.number}/proof/"
    assert f'href="{proof}"' in enter(company.administrator).get(page(application)).content.decode()
    operations.claim(application=application, by=approver)
    assert proof not in enter(company.administrator).get(page(application)).content.decode()


# --- the answer ---


def test_what_was_asked_is_answered_in_words(company: Cast, approver: StaffLogin) -> None:
    application = asked(company, approver)
    client = enter(company.staff)
    said = text_of(client.get(page(application)))
    assert "A document cannot be read" in said
    assert "Both sides, please." in said
    assert "Write an answer, add a document" in text_of(client.post(page(application, "answer/"), {"text": " "}))
    answer = client.post(page(application, "answer/"), {"text": "Here.\r\nThank you."}, follow=True)
    assert "Your answer has been sent." in text_of(answer)
    assert application.moves.latest("id").text == "Here.\nThank you."
    again = client.post(page(application, "answer/"), {"text": "Again."}, follow=True)
    assert "This application waits for no answer." in text_of(again)
    assert application.moves.count() == 3


@pytest.mark.parametrize("text", ["x" * 2001, "a\u202eb"])
def test_an_answer_that_cannot_be_is_told(company: Cast, approver: StaffLogin, text: str) -> None:
    application = asked(company, approver)
    answer = enter(company.staff).post(page(application, "answer/"), {"text": text})
    assert answer.status_code == 200
    assert answer.context["answer"].errors
    later = operations.answer(application=application, by=company.staff, text="x")
    assert enter(company.staff).post(page(later, "answer/"), {"text": text}).status_code == 302


def test_documents_that_were_asked_for_are_added_and_old_ones_stay(company: Cast, approver: StaffLogin) -> None:
    application = asked(company, approver)
    client = enter(company.staff)
    (old,) = application.documents.all()
    file = SimpleUploadedFile("both.pdf", PDF)
    client.post(page(application, "documents/"), {"kind": "evidence", "file": file})
    new = application.documents.latest("pk")
    assert new.name == "both.pdf"
    html = client.get(page(application)).content.decode()
    assert f"documents/{new.pk}/remove/" in html
    assert f"documents/{old.pk}/remove/" not in html
    said = text_of(client.post(page(application, f"documents/{old.pk}/remove/"), follow=True))
    assert "can no longer be removed" in said
    assert "This is not a PDF" in text_of(
        client.post(page(application, "documents/"), {"kind": "evidence", "file": SimpleUploadedFile("a.pdf", b"MZ")})
    )
    assert client.post(page(application, "answer/"), {"text": ""}).status_code == 302, "a document is answer enough"
    assert client.post(page(application, "documents/"), {"kind": "evidence"}).status_code == 302


def test_ten_documents_are_enough(company: Cast, approver: StaffLogin) -> None:
    application = asked(company, approver)
    for n in range(9):
        operations.add_document(
            application=application, kind="evidence", name=f"{n}.pdf", media_type="application/pdf", content=PDF
        )
    client = enter(company.staff)
    assert "no more can be added" in text_of(client.get(page(application)))
    client.post(page(application, "documents/"), {"kind": "evidence", "file": SimpleUploadedFile("a.pdf", PDF)})
    assert application.documents.count() == 10


# --- documents ---


def test_a_document_is_a_download_and_its_reading_is_remembered(company: Cast) -> None:
    application = handed_in(company)
    (document,) = application.documents.all()
    answer = enter(company.administrator).get(page(application, f"documents/{document.pk}/"))
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    officers_page = reverse("admin:applications_application_change", args=[application.number])
    assert "card.pdf" in text_of(cast.officer().get(officers_page)), "the officer sees that it was read"
    event = Event.objects.get(action="document.read")
    assert (event.actor, event.target, event.data) == (
        company.administrator.euid,
        application.number,
        {"what": "card.pdf", "document": application.documents.get().pk},
    )


def test_a_document_is_found_with_its_own_application_only(company: Cast) -> None:
    one = handed_in(company)
    operations.withdraw(application=one, by=company.staff)
    two = handed_in(company)
    document = Document.objects.get(application=two)
    assert enter(company.staff).get(page(one, f"documents/{document.pk}/")).status_code == 404
    assert enter(company.staff).get(page(two, f"documents/{10**30}/")).status_code == 404


# --- withdrawal ---


def test_before_it_is_withdrawn_what_that_means_is_said(company: Cast) -> None:
    application = handed_in(company)
    client = enter(company.staff)
    assert page(application, "withdraw/") in client.get(page(application)).content.decode()
    said = text_of(client.get(page(application, "withdraw/")))
    assert "It cannot be taken up again" in said
    assert "All data and powers as they are" in said
    answer = client.post(page(application, "withdraw/"), follow=True)
    assert "The application has been withdrawn." in text_of(answer)
    application.refresh_from_db()
    assert application.state == State.WITHDRAWN
    assert client.get(page(application, "withdraw/")).url == page(application)
    assert page(application, "withdraw/") not in client.get(page(application)).content.decode()


# --- who is told ---


def test_the_line_in_the_inbox_leads_to_the_page_in_the_readers_language(company: Cast, approver: StaffLogin) -> None:
    application = asked(company, approver)
    lines = Notification.objects.filter(kind="application_moved")
    told = lines.filter(recipient=company.staff.euid)
    assert told.count() == 1, "of what the officer did; not of what they did themselves"
    assert lines.filter(recipient=company.administrator.euid).count() == 1, "the latest"
    line = told.get()
    assert kinds.link(line.kind, count=line.count, about=line.about) == page(application)
    client = enter(company.staff)
    said = text_of(client.get("/notifications/"))
    assert f"Application {application.number}: More information is needed." in said


def test_whoever_is_to_become_an_administrator_is_not_led_to_a_page_that_is_not_theirs(
    company: Cast, approver: StaffLogin
) -> None:
    represented(company.administrator)
    application = operations.submit(
        application=more_administrators(company.administrator, login=company.staff), by=company.administrator
    )
    mine = Notification.objects.filter(kind="application_moved", recipient=company.staff.euid)
    assert enter(company.staff).get(page(application)).status_code == 404
    assert not mine.exists()
    operations.approve(application=application, by=approver)
    assert mine.count() == 1
    company.staff.refresh_from_db()
    assert enter(company.staff).get(page(application)).status_code == 200


def test_the_applicant_has_it_by_sms_too(company: Cast, approver: StaffLogin) -> None:
    asked(company, approver)
    assert SMS.objects.filter(to=company.staff.mobile, purpose="application").count() == 2


# --- whose ---

PAGES = ("", "withdraw/", "changes/", "review/")
POSTS = ("answer/", "documents/", "withdraw/", "discard/", "review/", "changes/")


@pytest.mark.parametrize("who", ["other.administrator", "other.staff", "company.pending", "colleague"])
def test_what_is_foreign_cannot_be_told_from_what_does_not_exist(
    company: Cast, other: Cast, approver: StaffLogin, who: str
) -> None:
    application = asked(company, approver)
    document = application.documents.get()
    people = {
        "other.administrator": other.administrator,
        "other.staff": other.staff,
        "company.pending": company.pending,
        "colleague": cast.login(entity=company.entity),
    }
    if who == "company.pending":  # has no way in at all
        assert enter(company.pending).get(page(application)).url.startswith("/login/")
        return
    client = enter(people[who])
    before = list(Application.objects.values()), list(Event.objects.values("pk"))

    def same(method: str, part: str, data: Any = None) -> None:
        answers = [
            getattr(client, method)(f"{LIST}{number}/{part}", data) for number in (application.number, "AP000000000")
        ]
        assert [each.status_code for each in answers] == [404, 404]
        strip = re.compile(rf"{application.number}|AP000000000|value=\"[^\"]*\"|seconds=\"\d+\"")
        assert strip.sub("", answers[0].content.decode()) == strip.sub("", answers[1].content.decode())

    for part in (*PAGES, f"documents/{document.pk}/"):
        same("get", part)
    for part in (*POSTS, f"documents/{document.pk}/remove/"):
        same("post", part, {"text": "x", "agree": "on"})
    assert (list(Application.objects.values()), list(Event.objects.values("pk"))) == before


def test_staff_see_only_corrections_of_their_own(company: Cast) -> None:
    represented(company.administrator)
    mine = handed_in(company, by=company.administrator)
    others = [
        operations.submit(
            application=correction(company.administrator, company.administrator, name_zh="新名"),
            by=company.administrator,
        ),
        operations.submit(application=more_administrators(company.administrator), by=company.administrator),
    ]
    client = enter(company.staff)
    assert client.get(page(mine)).status_code == 200
    assert [client.get(page(each)).status_code for each in others] == [404, 404]
    assert client.get(LIST).status_code == 404


@pytest.mark.parametrize("number", ["AP'%20OR%201=1", "%00", "x" * 500, "..", "１"])
def test_odd_numbers_are_never_a_fault(company: Cast, number: str) -> None:
    assert enter(company.administrator).get(f"{LIST}{number}/").status_code in {400, 404}
