"""Corrections of frozen data (Q11): asked for with evidence, by the person or an administrator; officers decide."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.applications import operations
from accounts.applications.models import Application, Kind, Reason, State
from entity_portal.audit.models import Event
from entity_portal.messaging.models import SMS
from entity_portal.roles import Role
from staff.models import StaffLogin
from tests import cast
from tests.accounts.applications.asking import PDF, correction
from tests.cast import Cast, EnglishReader, enter
from tests.pages import text_of
from tests.race import at_once

pytestmark = pytest.mark.django_db

OWN = "/account/correction/"


def evidence(name: str = "card.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF)


def typed(**fields: Any) -> dict[str, Any]:
    said = {"mobile_0": "MO", "mobile_1": "", "explanation": "A new card.\nSince March.", "file": evidence()}
    return {**said, **fields}


def ask(client: EnglishReader, address: str = OWN, **fields: Any) -> Application:
    answer = client.post(address, typed(**fields))
    application = Application.objects.latest("pk")
    assert answer.status_code == 302, text_of(answer)
    assert answer.url == f"/entity/requests/{application.number}/review/"
    return application


# --- who, about whom ---


@pytest.mark.parametrize("who", ["staff", "administrator"])
def test_everybody_asks_about_themselves_from_the_account_page(company: Cast, who: str) -> None:
    person = getattr(company, who)
    client = enter(person)
    assert f'href="{OWN}"' in client.get("/account/").content.decode()
    application = ask(client, name_zh="新名")
    assert (application.kind, application.login, application.entered_by) == (Kind.CORRECTION, person, person)


@pytest.mark.parametrize("who", ["staff", "administrator"])
def test_administrators_ask_about_anybody_whose_data_are_frozen_S10_2_S10_3(company: Cast, who: str) -> None:
    person = getattr(company, who)
    client = enter(company.administrator)
    address = f"/staff/{person.euid}/correction/"
    for page in (f"/staff/{person.euid}/", f"/staff/{person.euid}/edit/"):
        assert f'href="{address}"' in client.get(page).content.decode(), page
    assert ask(client, address, name_zh="新名").login == person


def test_an_administrator_who_has_not_activated_is_corrected_the_same_way_S10_3(company: Cast) -> None:
    second = cast.login(entity=company.entity, status="pending", is_administrator=True)
    client = enter(company.administrator)
    address = f"/staff/{second.euid}/correction/"
    assert f'href="{address}"' in client.get(f"/staff/{second.euid}/edit/").content.decode()
    application = ask(client, address, mobile_1="66777777")
    operations.submit(application=application, by=company.administrator)
    operations.approve(application=application, by=cast.officer_login(Role.APPROVER))
    second.refresh_from_db()
    assert second.mobile == "+85366777777"


def test_what_can_still_be_edited_is_edited_S10_1(company: Cast) -> None:
    answer = enter(company.administrator).get(f"/staff/{company.pending.euid}/correction/")
    assert answer.url == f"/staff/{company.pending.euid}/edit/"


def test_the_data_of_someone_who_left_stay(company: Cast) -> None:
    assert enter(company.administrator).get(f"/staff/{company.departed.euid}/correction/").status_code == 404
    person = enter(company.administrator).get(f"/staff/{company.departed.euid}/").content.decode()
    assert "correction" not in person


# --- the form ---


def test_the_present_data_stand_beside_each_field_and_only_what_changes_is_kept(company: Cast) -> None:
    client = enter(company.staff)
    page = text_of(client.get(OWN))
    for present in ("歐凱欣", "AO HOI IAN", company.staff.masked_document, company.staff.masked_mobile, "1990-01-01"):
        assert f"At present: {present}" in page
    assert company.staff.document_number not in page
    application = ask(client, name_zh="歐凱欣", name_foreign="AO HOI YAN", birth_date="1990-01-01")
    assert application.answers == {
        "changes": {"name_foreign": "AO HOI YAN"},
        "explanation": "A new card.\nSince March.",
    }


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Nothing is different from the present data."),
        ({"name_zh": "歐凱欣"}, "Nothing is different from the present data."),
        ({"name_zh": "新名", "file": ""}, "Choose a file."),
        ({"name_zh": "新名", "explanation": ""}, "Please enter this."),
        ({"document_number": "123"}, "8 digits, without symbols"),
        ({"document_type": "prc_id"}, "18 characters"),
        ({"mobile_1": "123"}, "A mobile number of Macao has 8 digits"),
        ({"name_zh": "x\u202e"}, "hidden characters"),
        ({"name_zh": "新名", "explanation": "x" * 2001}, "at most 2000 characters"),
        ({"name_zh": "新名", "explanation": "a\u200bb"}, "Remove hidden characters."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_kept(
    company: Cast, fields: dict[str, Any], sentence: str
) -> None:
    answer = enter(company.staff).post(OWN, typed(**fields))
    assert sentence in text_of(answer)
    assert not Application.objects.exists()


def test_another_kind_of_document_with_its_number(company: Cast) -> None:
    application = ask(enter(company.staff), document_type="passport", document_number="AB 12345")
    assert application.answers["changes"] == {"document_type": "passport", "document_number": "AB12345"}


# --- review, submission ---


def test_old_and_new_stand_side_by_side_before_it_is_submitted(company: Cast) -> None:
    client = enter(company.staff)
    application = ask(client, name_foreign="AO HOI YAN", document_number="77777777")
    review = client.get(f"/entity/requests/{application.number}/review/")
    said = text_of(review)
    for words in ("At present: AO HOI IAN", "Corrected: AO HOI YAN", "Corrected: 77777777", "card.pdf", "Since March."):
        assert words in said
    assert client.get(OWN).context["form"]["name_foreign"].value() == "AO HOI YAN", "gone back, it is still there"
    answer = client.post(f"/entity/requests/{application.number}/review/", follow=True)
    assert "The correction has been submitted." in text_of(answer)
    application.refresh_from_db()
    assert application.state == State.SUBMITTED
    assert "77****77" in text_of(answer), "masked once it is submitted"
    assert "77777777" not in text_of(answer)


def test_evidence_is_mandatory_also_after_it_was_removed(company: Cast) -> None:
    client = enter(company.staff)
    application = ask(client, name_zh="新名")
    document = application.documents.get()
    client.post(f"/entity/requests/{application.number}/documents/{document.pk}/remove/")
    answer = client.post(f"/entity/requests/{application.number}/review/", follow=True)
    assert "Add evidence first." in text_of(answer)
    assert "Choose a file." in text_of(client.post(OWN, typed(name_zh="新名", file="")))
    application.refresh_from_db()
    assert application.state == State.DRAFT


def test_begun_twice_it_is_one_and_discarded_it_is_told_to_nobody(company: Cast) -> None:
    client = enter(company.staff)
    first, second = ask(client, name_zh="新名"), ask(client, name_zh="新字", file="")
    assert first == second
    assert client.post(f"/entity/requests/{first.number}/discard/").url == "/account/"
    assert not SMS.objects.exists()
    assert client.get(f"/entity/requests/{first.number}/").status_code == 404


def test_one_at_a_time_with_a_link_to_the_open_one(company: Cast) -> None:
    client = enter(company.staff)
    mine = ask(client, name_zh="新名")
    theirs = operations.submit(
        application=correction(company.staff, company.administrator, name_zh="新字"), by=company.administrator
    )
    for answer in (client.get(OWN), client.post(f"/entity/requests/{mine.number}/review/")):
        assert "A correction of these data is open already." in text_of(answer)
        assert f'href="/entity/requests/{theirs.number}/"' in answer.content.decode()
    assert f'href="/entity/requests/{theirs.number}/"' in client.get("/account/").content.decode()
    operations.withdraw(application=theirs, by=company.administrator)
    assert client.post(f"/entity/requests/{mine.number}/review/").url == f"/entity/requests/{mine.number}/"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_at_once_for_one_login_are_one() -> None:
    house = cast.company()
    drafts = [correction(house.staff, by, name_zh="新名") for by in (house.staff, house.administrator)]

    def submit(n: int) -> str:
        by = (house.staff, house.administrator)[n]
        return operations.submit(application=drafts[n], by=by).state

    done = at_once(2, submit)
    assert [each for each in done if each == State.SUBMITTED] == [State.SUBMITTED]
    assert [type(each) for each in done if each != State.SUBMITTED] == [operations.AskedAlready]


# --- the decision ---


def test_approved_the_data_change_with_old_and_new_in_the_history_Q11(company: Cast) -> None:
    client = enter(company.staff)
    was = company.staff.mobile
    application = ask(client, mobile_1="66777777", document_number="77777777")
    client.post(f"/entity/requests/{application.number}/review/")
    operations.approve(application=application, by=cast.officer_login(Role.APPROVER))
    company.staff.refresh_from_db()
    assert (company.staff.mobile, company.staff.document_number) == ("+85366777777", "77777777")
    changed = Event.objects.get(action="login.corrected").data["changes"]
    assert changed["document_number"][1] == "77****77"
    assert set(SMS.objects.filter(to__in=[was, "+85366777777"]).values_list("to", flat=True)) == {was, "+85366777777"}
    page = text_of(client.get(f"/entity/requests/{application.number}/"))
    assert "The data have been corrected." in page
    assert "At present:" not in page


def test_asked_for_more_the_data_are_changed_and_a_document_added(company: Cast) -> None:
    client = enter(company.staff)
    application = ask(client, name_foreign="AO HOI YAN")
    client.post(f"/entity/requests/{application.number}/review/")
    operations.ask(application=application, by=cast.officer_login(Role.APPROVER), reason=Reason.DATA_DIFFER)
    page = f"/entity/requests/{application.number}/"
    shown = client.get(page).content.decode()
    assert f'href="{page}changes/"' in shown
    assert client.post(f"{page}answer/", {"text": ""}).status_code == 200, "nothing was said yet"
    answer = client.post(f"{page}changes/", typed(name_foreign="AO HOI IAM", file=evidence("more.pdf")))
    assert answer.url == page
    assert client.post(f"{page}answer/", {"text": ""}).url == page
    application.refresh_from_db()
    assert application.answers["changes"] == {"name_foreign": "AO HOI IAM"}
    assert application.documents.count() == 2
    assert application.state == State.ANSWERED
    assert client.get(f"{page}changes/").url == page, "until more is asked again"


# --- whose ---


def test_nobody_asks_for_others_or_reads_what_is_being_filled_in(company: Cast, other: Cast) -> None:
    application = ask(enter(company.staff), name_zh="新名")
    colleague = cast.login(entity=company.entity)
    readers: list[StaffLogin] = [company.administrator, colleague, other.administrator, other.staff]
    for reader in readers:
        client = enter(reader)
        for page in ("", "review/", "changes/"):
            assert client.get(f"/entity/requests/{application.number}/{page}").status_code == 404
        for page in ("review/", "discard/", "changes/", "withdraw/", "answer/", "documents/"):
            assert client.post(f"/entity/requests/{application.number}/{page}", typed()).status_code == 404
    assert enter(colleague).get(f"/staff/{company.staff.euid}/correction/").status_code == 404
    assert enter(other.administrator).get(f"/staff/{company.staff.euid}/correction/").status_code == 404
