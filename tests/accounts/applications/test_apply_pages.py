"""申請實體使用者帳戶, page by page: from nothing to a signed-in administrator, or to an officer (S2, S3.4, S5.1)."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.applications import operations
from accounts.applications.access import IN_HAND
from accounts.applications.models import Application, Reason, State
from accounts.models import Entity
from activation import terms
from activation.models import TermsAcceptance
from entity_portal.audit.models import Event
from entity_portal.messaging.models import SMS
from entity_portal.roles import Role
from staff.models import StaffLogin
from tests import cast
from tests.accounts.applications.asking import NUMBER, ON_THE_REGISTER, line
from tests.accounts.applications.filling_in import (
    APPLICANT,
    ENTITY,
    MOBILE,
    OTHER,
    REPRESENTATIVE,
    add,
    begin,
    fill_in,
    human,
    last_code,
    picture,
    prove,
    submitted,
    the_one,
)
from tests.cast import PASSWORD, enter
from tests.pages import text_of

pytestmark = pytest.mark.django_db
CREDENTIALS = {"username": "fong.chikin", "password": PASSWORD, "password_again": PASSWORD}


# --- filling in ---


def test_what_is_right_is_kept_from_the_first_page_on_and_what_is_wrong_is_not() -> None:
    client = enter()
    wrong = client.post("/apply/begin/", ENTITY | {"registration_number": "", "mobile_0": "MO"} | human())
    assert wrong.context["form"].errors.keys() == {"registration_number", "mobile"}
    assert not Application.objects.exists()
    begin(client, registration_number=" 30461so ")
    application = the_one()
    assert application.answers == {"entity": ENTITY}, "in the register's spelling"
    assert (application.subject, application.registration_number) == ("天成製衣有限公司", NUMBER)
    assert (application.state, application.mobile, application.entered_by) == (State.DRAFT, f"+853{MOBILE}", None)


def test_nothing_begins_without_the_human_check() -> None:
    answer = enter().post("/apply/begin/", ENTITY | {"mobile_0": "MO", "mobile_1": MOBILE})
    assert answer.context["form"].errors.keys() == {"human"}
    assert not Application.objects.exists()


@pytest.mark.parametrize("kind", ["organisation", "building"])
def test_kinds_that_no_register_numbers_leave_the_number_empty_S2_3(kind: str) -> None:
    begin(kind=kind, registration_number="")
    assert the_one().answers["entity"]["kind"] == kind


def test_an_authority_does_not_apply_here() -> None:
    answer = enter().post("/apply/begin/", ENTITY | {"kind": "authority"} | human())
    assert "kind" in answer.context["form"].errors


def test_every_page_can_be_visited_again_with_what_it_has() -> None:
    client = fill_in(people=2)
    add(client)
    for address, wanted in {
        "/apply/entity/": "天成製衣有限公司",
        "/apply/representative/": "11351284",
        "/apply/administrators/": "LEI MEI LENG",
        "/apply/administrators/1/": "FONG CHI KIN",
        "/apply/administrators/2/": "LEI MEI LENG",
        "/apply/documents/": "registo.pdf",
        "/apply/agreement/": "You have agreed already",
        "/apply/review/": "registo.pdf",
        "/apply/save/": the_one().number,
        "/apply/discard/": the_one().number,
    }.items():
        assert wanted in client.get(address).content.decode(), address
    answer = client.post("/apply/entity/", ENTITY | {"name_pt": "Fábrica"})
    assert answer["Location"] == "/apply/review/", "whoever has filled in everything goes back to the last look"
    assert the_one().answers["entity"]["name_pt"] == "Fábrica"


def test_the_representative_who_applies_need_not_type_their_data_twice() -> None:
    client = begin()
    answer = client.post("/apply/representative/", REPRESENTATIVE | {"is_applicant": "on"})
    assert answer["Location"] == "/apply/administrators/1/?representative"
    initial = client.get(answer["Location"]).context["form"].initial
    assert (initial["name_foreign"], initial["document_number"]) == ("PANG UT KUN", "11351284")
    assert initial["mobile"] == f"+853{MOBILE}", "the applicant's own, given on the first page"


def test_one_to_three_administrators_the_first_of_whom_stays_Q2() -> None:
    client = fill_in(people=2)
    third = OTHER | {"document_number": "20000002"}
    assert client.get("/apply/administrators/4/").status_code == 404
    assert client.post("/apply/administrators/3/", third).status_code == 302
    assert client.get("/apply/administrators/4/").status_code == 404
    assert client.post("/apply/administrators/1/remove/").status_code == 404
    assert client.post("/apply/administrators/2/remove/").status_code == 302
    numbers = [each["document_number"] for each in the_one().answers["administrators"]]
    assert numbers == ["20000000", "20000002"]


def test_nobody_is_named_twice() -> None:
    client = fill_in()
    answer = client.post("/apply/administrators/2/", APPLICANT)
    assert answer.context["form"].errors.keys() == {"document_number"}
    assert client.post("/apply/administrators/1/", APPLICANT).status_code == 302, "oneself is no other"


def test_the_terms_that_were_agreed_to_are_kept_by_version_and_language_S5_13() -> None:
    client = fill_in()
    kept = the_one().answers["agreement"]
    assert kept["terms"] == f"{terms.CURRENT} en"
    assert client.post("/apply/agreement/", {"agree": ""}).context["form"].errors.keys() == {"agree"}


def test_documents_come_and_go_one_by_one() -> None:
    client = fill_in()
    assert add(client)["Location"] == "/apply/documents/"
    assert "registo.pdf has been added." in text_of(client.get("/apply/documents/"))
    document = the_one().documents.get()
    assert (document.media_type, document.kind) == ("application/pdf", "registration")
    assert client.post(f"/apply/documents/{document.pk}/remove/").status_code == 302
    assert not the_one().documents.exists()


def test_a_file_that_was_chosen_goes_along_with_next() -> None:
    client = fill_in()
    assert client.post("/apply/documents/", {"kind": "identity", "go": "on"})["Location"] == "/apply/review/"
    file = SimpleUploadedFile("card.png", picture())
    answer = client.post("/apply/documents/", {"kind": "identity", "go": "on", "file": file})
    assert answer["Location"] == "/apply/review/"
    assert the_one().documents.get().name == "card.png"
    assert client.post("/apply/documents/", {"kind": "identity"}).context["form"].errors.keys() == {"file"}


def test_ten_documents_are_enough() -> None:
    client = fill_in()
    for number in range(10):
        assert add(client, f"{number}.pdf").status_code == 302
    assert "Ten documents are enough" in text_of(add(client))
    assert the_one().documents.count() == 10


# --- handing in ---


def test_what_is_missing_is_named_with_the_way_there() -> None:
    client = begin()
    page = client.get("/apply/review/")
    assert [each["name"] for each in page.context["missing"]] == ["representative", "administrators", "agreement"]
    assert client.post("/apply/submit/")["Location"] == "/apply/review/"
    assert the_one().state == State.DRAFT


def test_the_applicants_number_is_proven_before_anything_is_submitted() -> None:
    client = fill_in()
    assert client.post("/apply/submit/")["Location"] == "/apply/review/"
    assert the_one().state == State.DRAFT
    client.post("/apply/save/send/")
    assert "wrong" in text_of(client.post("/apply/save/code/", {"code": "000000"}))
    assert client.post("/apply/save/code/", {"code": last_code(f"+853{MOBILE}")}).status_code == 302
    client.post("/apply/submit/")
    assert the_one().state == State.SUBMITTED


def test_from_the_first_page_to_a_signed_in_administrator_at_once_S5_1_Q40() -> None:
    line()
    client = submitted(people=2)
    page = client.get("/apply/consent/")
    assert "+853 62** **55" in text_of(page)
    assert ON_THE_REGISTER not in page.content.decode()
    assert client.post("/apply/consent/send/")["Location"] == "/apply/consent/"
    assert "wrong" in text_of(client.post("/apply/consent/", {"code": "000000"}))
    answer = client.post("/apply/consent/", {"code": last_code(ON_THE_REGISTER)})
    assert answer["Location"] == "/apply/credentials/"
    assert client.get("/apply/progress/")["Location"] == "/apply/credentials/", "nothing else is to be done now"
    wrong = client.post("/apply/credentials/", CREDENTIALS | {"password_again": "another"})
    assert "password_again" in wrong.context["form"].errors
    assert client.post("/apply/credentials/", CREDENTIALS)["Location"] == "/apply/done/"
    login = StaffLogin.objects.get(username="fong.chikin")
    page = text_of(client.get("/apply/done/"))
    assert login.euid in page
    assert login.entity.number in page
    assert TermsAcceptance.objects.get(login=login).terms == terms.current("en")
    door = {"entity_number": login.entity.number, "username": "fong.chikin", "password": PASSWORD}
    assert enter().post("/login/", door)["Location"] == "/"
    assert client.get("/apply/credentials/")["Location"] == "/apply/", "the browser has nothing in hand any more"


def told(client: Client) -> str:
    """What the page on the progress says, without its numbers and times."""
    client.get("/apply/progress/")  # which says what happened before
    return re.sub(r"\d+", "", text_of(client.get("/apply/progress/")))


def test_what_an_officer_must_look_at_says_so_but_not_what_differs() -> None:
    line(representative_document_number="99999999")
    client = submitted()
    assert client.get("/apply/consent/")["Location"] == "/apply/progress/"
    assert client.post("/apply/consent/send/")["Location"] == "/apply/progress/"
    assert "could not be approved by the register alone" in told(client)
    assert told(submitted(registration_number="99999 SO")) == told(client), "nobody of that number"
    Entity.objects.filter(pk=cast.authority().pk).update(registration_number="88888 SO")
    assert told(submitted(registration_number="88888 SO")) == told(client), "an account is open already"


def test_without_consent_it_waits_in_the_queue_anyway() -> None:
    line()
    client = submitted()
    page = text_of(client.get("/apply/progress/"))
    assert "can still be approved at once" in page
    assert the_one().state == State.SUBMITTED


def test_the_sms_say_the_number_and_nothing_about_anybody() -> None:
    submitted()
    (body,) = SMS.objects.filter(purpose="application").values_list("body", flat=True)
    assert the_one().number in body
    assert "馮" not in body
    assert "天成" not in body


# --- after that ---


def asked(client: Client) -> Application:
    officer = cast.officer_login(Role.REGISTRAR)
    operations.ask(application=the_one(), by=officer, reason=Reason.DOCUMENT_MISSING, text="The certificate, please.")
    return the_one()


def test_what_an_officer_asked_is_answered_by_words_or_documents_or_data() -> None:
    client = submitted()
    asked(client)
    page = text_of(client.get("/apply/progress/"))
    assert "The certificate, please." in page
    assert "A document is missing." in page
    assert "text" in client.post("/apply/answer/", {"text": "  "}).context["form"].errors
    add(client)
    assert client.post("/apply/representative/", REPRESENTATIVE)["Location"] == "/apply/progress/"
    assert client.post("/apply/answer/", {"text": ""})["Location"] == "/apply/progress/"
    assert the_one().state == State.ANSWERED
    assert client.post("/apply/entity/", ENTITY)["Location"] == "/apply/progress/", "what was handed in stays"


def test_what_was_submitted_before_stays_when_more_is_asked() -> None:
    client = fill_in()
    add(client)
    prove(client)
    client.post("/apply/submit/")
    asked(client)
    document = the_one().documents.get()
    client.post(f"/apply/documents/{document.pk}/remove/")
    assert the_one().documents.count() == 1


def test_another_number_of_the_applicant_is_the_logins_not_the_applications_once_submitted() -> None:
    client = submitted()
    asked(client)
    assert client.post("/apply/administrators/1/", APPLICANT | {"mobile_1": "66999999"}).status_code == 302
    application = the_one()
    assert application.answers["administrators"][0]["mobile"] == "+85366999999"
    assert application.mobile == f"+853{MOBILE}"
    assert application.mobile_proven_at


def test_withdrawing_shows_what_follows_first() -> None:
    client = submitted()
    assert "No officer examines" in text_of(client.get("/apply/withdraw/"))
    assert the_one().state == State.SUBMITTED
    client.post("/apply/withdraw/")
    assert the_one().state == State.WITHDRAWN
    assert client.post("/apply/withdraw/")["Location"] == "/apply/progress/"


def test_a_draft_is_deleted_by_its_applicant() -> None:
    client = fill_in()
    add(client)
    assert client.get("/apply/withdraw/")["Location"] == "/apply/progress/", "that is for what was submitted"
    client.post("/apply/discard/")
    assert not Application.objects.exists()
    assert client.get("/apply/entity/")["Location"] == "/apply/"


def test_at_a_computer_that_others_use_the_application_is_closed() -> None:
    client = fill_in()
    client.post("/apply/leave/")
    assert client.get("/apply/review/")["Location"] == "/apply/"
    assert the_one().state == State.DRAFT


def test_after_72_hours_the_page_says_who_can_send_a_code(time_machine: Any) -> None:
    line()
    time_machine.move_to(timezone.now(), tick=False)
    client = submitted(people=2)
    client.post("/apply/consent/send/")
    client.post("/apply/consent/", {"code": last_code(ON_THE_REGISTER)})
    for _day in range(2 * 72 + 1):
        time_machine.shift(29 * 60 + 59)
        client.get("/apply/progress/")
    time_machine.shift(60)
    page = client.get("/apply/progress/")
    assert "can send you an activation code" in text_of(page)
    assert client.post("/apply/credentials/", CREDENTIALS)["Location"] == "/apply/progress/"
    assert not Event.objects.filter(action="login.activated").exists()
    assert Entity.objects.get(registration_number=NUMBER).logins.filter(status="pending").count() == 2


def test_a_page_of_another_tab_changes_nothing_of_the_application_opened_since() -> None:
    """Somebody applies for two companies in two tabs: what is sent from the older tab is not done to the newer."""
    client = fill_in()
    older = the_one()
    page = client.get("/apply/discard/").content.decode()
    assert f'name="application" value="{older.pk}"' in page
    begin()
    newer = Application.objects.exclude(pk=older.pk).get()
    session = client.session
    session[IN_HAND] = newer.pk  # as when somebody comes back to it with its code in another tab
    session.save()
    before = list(Application.objects.order_by("pk").values())
    for address in ("/apply/discard/", "/apply/representative/", "/apply/agreement/"):
        answer = client.post(address, {"application": str(older.pk), "agree": "on"})
        assert answer["Location"] == "/apply/progress/", address
    assert list(Application.objects.order_by("pk").values()) == before
    assert client.post("/apply/discard/", {"application": str(newer.pk)}).status_code == 302
    assert Application.objects.get() == older
