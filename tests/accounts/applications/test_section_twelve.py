"""變更實體帳戶管理員 (section 十二), as administrators meet it: step by step, at once or later, or why not online."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.applications import operations, proof
from accounts.applications.models import Application, ConsentCode, Kind, Reason, State
from accounts.applications.operations import AskedAlready
from accounts.models import Entity
from entity_portal.messaging.models import SMS, Notification
from entity_portal.roles import Role
from staff.models import StaffLogin
from staff.operations import StatusNotAllowed
from tests import cast
from tests.accounts.applications.asking import (
    ON_THE_REGISTER,
    PDF,
    REPRESENTATIVE,
    known,
    more_administrators,
    person,
    represented,
)
from tests.cast import Cast, EnglishReader, enter, prove
from tests.pages import text_of
from tests.race import at_once

pytestmark = pytest.mark.django_db

START = "/entity/administrators/"
TYPED = {name: str(value) for name, value in REPRESENTATIVE.items() if name != "mobile"}
SOMEBODY = {
    "name_zh": "馮子健",
    "name_foreign": "FONG CHI KIN",
    "document_type": "bir_permanent",
    "document_number": "2000000(7)",
    "document_place": "MO",
    "birth_date": "1990-01-01",
    "mobile_0": "MO",
    "mobile_1": "66500007",
    "email": "",
}


@pytest.fixture
def house(company: Cast) -> Cast:
    represented(company.administrator)
    company.administrator.language = "en"
    company.administrator.save()
    return company


@pytest.fixture
def client(house: Cast) -> EnglishReader:
    return enter(house.administrator)


def page(application: Application, name: str) -> str:
    return f"{START}{application.number}/{name}/"


def chosen(client: Client, login: StaffLogin) -> Application:
    """Steps 1 to 4, by the pages."""
    answer = client.post(f"{START}choose/", {"login": login.euid})
    application = Application.objects.latest("pk")
    assert answer.url == page(application, "representative"), text_of(answer)
    return filled_in(client, application)


def filled_in(client: Client, application: Application, **typed: str) -> Application:
    answer = client.post(page(application, "representative"), {**TYPED, **typed})
    assert answer.url == page(application, "documents")
    assert client.get(answer.url).status_code == 200
    assert client.post(page(application, "agreement"), {"agree": "on"}).url == page(application, "review")
    application.refresh_from_db()
    return application


# --- who may ---


def test_the_start_page_shows_who_has_the_power_and_how_to_take_it_away_Q4(client: EnglishReader, house: Cast) -> None:
    shown = client.get(START)
    assert "CHAN WENG SAN" in text_of(shown)
    assert f'href="/staff/{house.administrator.euid}/administrator/"' in shown.content.decode()
    assert f'href="{START}choose/"' in shown.content.decode()


@pytest.mark.parametrize("address", [START, f"{START}choose/", f"{START}new/"])
def test_the_password_is_asked_for_first(house: Cast, address: str) -> None:
    client = EnglishReader()
    client.force_login(house.administrator)
    assert client.get(address).url.startswith("/account/confirm/")
    assert client.post(address, {}).url.startswith("/account/confirm/")


def test_what_is_being_filled_in_when_the_quarter_of_an_hour_ends_is_not_lost(
    client: EnglishReader, house: Cast, time_machine: Any
) -> None:
    """The page that was opened with the password may be sent for half an hour, and no other page."""
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    prove(client)
    assert client.get(f"{START}new/").status_code == 200
    time_machine.move_to(now + timedelta(minutes=30) - timedelta(seconds=1), tick=False)
    assert client.post(f"{START}new/", {}).status_code == 200
    assert client.get(f"{START}new/").url.startswith("/account/confirm/")
    assert client.post(f"{START}choose/", {}).url.startswith("/account/confirm/")
    time_machine.move_to(now + timedelta(minutes=30), tick=False)
    assert client.post(f"{START}new/", {}).url.startswith("/account/confirm/")


@pytest.mark.parametrize("kind", ["organisation", "building"])
def test_organisations_without_legal_personality_read_why_not_and_where_S12_1_Q31(
    client: EnglishReader, house: Cast, kind: str
) -> None:
    Entity.objects.filter(pk=house.entity.pk).update(kind=kind)
    said = text_of(client.get(START))
    assert "associations, legal persons (companies)" in said
    assert "apply at the SAFP counter" in said
    refused_everywhere(client, house)


def test_without_a_macao_resident_id_they_read_why_not_and_where_S12_2(client: EnglishReader, house: Cast) -> None:
    house.entity.legal_representatives.update(holds_macao_resident_id=False)
    said = text_of(client.get(START))
    assert "holds a Macao resident identity card" in said
    assert "apply at the SAFP counter" in said
    refused_everywhere(client, house)


def refused_everywhere(client: EnglishReader, house: Cast) -> None:
    assert f"{START}choose/" not in client.get(START).content.decode()
    for address, data in ((f"{START}choose/", {"login": house.staff.euid}), (f"{START}new/", SOMEBODY)):
        assert client.get(address).url == START
        assert client.post(address, data).url == START
    with pytest.raises(operations.NotPossible):
        operations.begin_administrator(by=house.administrator, login=house.staff)
    assert not Application.objects.filter(kind=Kind.ADMINISTRATORS).exists()


# --- whom ---


def test_the_list_has_those_who_can_be_given_the_power_and_is_searched(client: EnglishReader, house: Cast) -> None:
    shown = {login.euid for login in client.get(f"{START}choose/").context["page"]}
    assert shown == {house.staff.euid, house.pending.euid}
    for q, who in (("hoiian", house.staff), ("歐凱", house.staff), ("ho chi", house.pending)):
        assert [each.euid for each in client.get(f"{START}choose/", {"q": q}).context["page"]] == [who.euid]
    assert "Nobody matches" in text_of(client.get(f"{START}choose/", {"q": "nobody"}))


@pytest.mark.parametrize("who", ["administrator", "departed"])
def test_who_has_the_power_or_has_left_cannot_be_chosen(client: EnglishReader, house: Cast, who: str) -> None:
    login = getattr(house, who)
    assert client.post(f"{START}choose/", {"login": login.euid}).status_code == 404
    with pytest.raises(StatusNotAllowed):
        operations.begin_administrator(by=house.administrator, login=login)
    assert not Application.objects.exists()


def test_nobody_of_another_entity_can_be_chosen(client: EnglishReader, house: Cast, other: Cast) -> None:
    assert client.post(f"{START}choose/", {"login": other.staff.euid}).status_code == 404
    with pytest.raises(operations.NotYours):
        operations.begin_administrator(by=house.administrator, login=other.staff)


def test_nobody_chosen_is_told(client: EnglishReader) -> None:
    assert "Choose a person." in text_of(client.post(f"{START}choose/", {"x": "1"}))


def test_somebody_new_who_is_in_the_list_already_is_told_beside_the_field(client: EnglishReader, house: Cast) -> None:
    answer = client.post(f"{START}new/", {**SOMEBODY, "document_number": house.staff.document_number})
    assert "has a staff login for this document already" in text_of(answer)
    assert not Application.objects.exists()


# --- step by step ---


def test_step_by_step_to_the_review_which_shows_all_in_full_and_can_be_edited(client: EnglishReader) -> None:
    answer = client.post(f"{START}new/", SOMEBODY)
    application = Application.objects.get()
    assert answer.url == page(application, "representative")
    filled_in(client, application)
    review = client.get(page(application, "review"))
    said = text_of(review)
    for words in ("馮子健", "20000007", "+853 6650 0007", "彭月娟", "11351284"):
        assert words in said
    for name in ("person", "representative", "documents"):
        assert page(application, name) in review.content.decode()
    client.post(page(application, "person"), {**SOMEBODY, "name_foreign": "FONG CHI KIN PEDRO"})
    application.refresh_from_db()
    assert application.answers["person"]["name_foreign"] == "FONG CHI KIN PEDRO"
    assert client.post(page(application, "review")).url == page(application, "proof")
    application.refresh_from_db()
    assert application.state == State.SUBMITTED


def test_a_part_that_is_missing_is_asked_for_before_the_review(client: EnglishReader, house: Cast) -> None:
    client.post(f"{START}choose/", {"login": house.staff.euid})
    application = Application.objects.get()
    assert client.get(page(application, "review")).url == page(application, "representative")
    client.post(page(application, "representative"), TYPED)
    assert client.get(page(application, "review")).url == page(application, "agreement")
    assert client.post(page(application, "agreement"), {}).status_code == 200, "the box must be ticked"


def test_begun_twice_it_is_one_and_can_be_gone_on_with_or_discarded(client: EnglishReader, house: Cast) -> None:
    for login in (house.staff, house.staff, house.pending):
        client.post(f"{START}choose/", {"login": login.euid})
    application = Application.objects.get()
    assert application.login == house.pending
    assert page(application, "review") in client.get(START).content.decode()
    assert client.post(page(application, "discard")).url == START
    assert page(application, "review") not in client.get(START).content.decode()
    assert not SMS.objects.exists(), "what was never submitted is told to nobody"
    assert not Notification.objects.exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_begun_at_once_it_is_one() -> None:
    house = cast.company()
    represented(house.administrator)

    def begin(_n: int) -> str:
        by = StaffLogin.objects.select_related("entity").get(pk=house.administrator.pk)
        return operations.begin_administrator(by=by, login=house.staff).number

    assert len(set(map(str, at_once(4, begin)))) == 1
    assert Application.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_submitted_at_once_from_one_form_it_is_one() -> None:
    house = cast.company()
    represented(house.administrator)
    application = more_administrators(house.administrator, login=house.staff)

    def submit(_n: int) -> str:
        return operations.submit(application=application, by=house.administrator).state

    done = at_once(4, submit)
    assert [each for each in done if each == State.SUBMITTED] == [State.SUBMITTED]
    assert all(isinstance(each, operations.NotPossible) for each in done if each != State.SUBMITTED)
    assert application.moves.count() == 1


def test_pressed_twice_or_gone_back_the_application_itself_is_shown(client: EnglishReader, house: Cast) -> None:
    application = chosen(client, house.staff)
    client.post(page(application, "review"))
    for name in ("review", "representative", "documents", "agreement", "person"):
        assert client.post(page(application, name), TYPED).url == f"/entity/requests/{application.number}/"
    assert application.moves.count() == 1


# --- one at a time ---


@pytest.mark.parametrize("new", [False, True])
def test_a_second_application_for_the_same_person_gets_a_sentence(
    client: EnglishReader, house: Cast, new: bool
) -> None:
    login = None if new else house.staff
    opened = operations.submit(
        application=more_administrators(house.administrator, login=login), by=house.administrator
    )
    data: dict[str, Any] = (
        {**SOMEBODY, "document_number": person(7)["document_number"]} if new else {"login": house.staff.euid}
    )
    said = text_of(client.post(f"{START}new/" if new else f"{START}choose/", data))
    assert f"An application for this person is open already: {opened.number}" in said
    assert Application.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("new", [False, True])
def test_two_administrators_who_ask_for_the_same_person_at_once_ask_once(new: bool) -> None:
    house = cast.company()
    represented(house.administrator)
    login = None if new else house.staff
    drafts = [more_administrators(house.administrator, login=login) for _each in range(3)]

    def submit(n: int) -> str:
        return operations.submit(application=drafts[n], by=house.administrator).state

    done = at_once(3, submit)
    assert [each for each in done if each == State.SUBMITTED] == [State.SUBMITTED]
    assert all(isinstance(each, AskedAlready) for each in done if each != State.SUBMITTED)


def test_the_review_says_that_another_was_quicker(client: EnglishReader, house: Cast) -> None:
    application = chosen(client, house.staff)
    opened = more_administrators(house.administrator, login=house.staff)
    operations.submit(application=opened, by=house.administrator)
    answer = client.post(page(application, "review"))
    assert "is open already" in text_of(answer)
    assert f"/entity/requests/{opened.number}/" in answer.content.decode()


def test_the_database_keeps_one_open_for_a_login(house: Cast) -> None:
    first, second = (more_administrators(house.administrator, login=house.staff) for _each in range(2))
    operations.submit(application=first, by=house.administrator)
    with pytest.raises(IntegrityError, match="applications_one_open_for_an_administrator"), transaction.atomic():
        Application.objects.filter(pk=second.pk).update(state=State.SUBMITTED, submitted_at=timezone.now())


# --- proof ---


def test_the_representatives_code_decides_at_once_S12_4(client: EnglishReader, house: Cast) -> None:
    application = chosen(client, house.staff)
    client.post(page(application, "review"))
    offered = client.get(page(application, "proof"))
    assert page(application, "consent") in offered.content.decode()
    assert "+853 62** **55" in text_of(client.get(page(application, "consent"))), "the number on the register, masked"
    assert client.post(page(application, "consent") + "send/").url == page(application, "consent")
    assert SMS.objects.filter(to=ON_THE_REGISTER).count() == 1
    assert "wrong, or no longer valid" in text_of(client.post(page(application, "consent"), {"code": "000000"}))
    client.post(page(application, "consent"), {"code": known(ConsentCode, application)})
    house.staff.refresh_from_db()
    application.refresh_from_db()
    assert house.staff.is_administrator
    assert (application.state, application.at_once) == (State.APPROVED, True)
    assert SMS.objects.filter(to=house.administrator.mobile, purpose="application").count() == 2, "told by SMS"
    again = client.post(page(application, "consent"), {"code": "000000"}, follow=True)
    assert "Decided at once" in text_of(again)


def test_what_differs_from_the_register_waits_for_an_officer_and_the_result_comes_by_sms_S12_4(
    client: EnglishReader, house: Cast
) -> None:
    client.post(f"{START}choose/", {"login": house.staff.euid})
    application = filled_in(client, Application.objects.get(), document_number="11351285")
    answer = client.post(page(application, "review"), follow=True)
    assert answer.request["PATH_INFO"] == f"/entity/requests/{application.number}/", "there is nothing to choose"
    assert "An officer checks the data" in text_of(answer)
    assert client.get(page(application, "consent")).status_code == 302
    client.post(page(application, "consent") + "send/")
    assert not ConsentCode.objects.exists()
    operations.approve(application=application, by=cast.officer_login(Role.APPROVER))
    house.staff.refresh_from_db()
    assert house.staff.is_administrator
    assert SMS.objects.filter(to=house.administrator.mobile, purpose="application").count() == 2


def test_a_second_code_within_a_minute_is_told_when(client: EnglishReader, house: Cast) -> None:
    application = chosen(client, house.staff)
    client.post(page(application, "review"))
    for _each in range(2):
        answer = client.post(page(application, "consent") + "send/", follow=True)
    assert "You can send another in" in text_of(answer)
    assert SMS.objects.filter(to=ON_THE_REGISTER).count() == 1


class ByFace:
    """What face recognition would be."""

    name = "face"
    label = "Face recognition"
    about = "Look into the camera."
    at_once = True

    def offered(self, application: Application) -> bool:
        return application.state == State.SUBMITTED

    def address(self, application: Application) -> str:
        return f"/nowhere/{application.number}/"


HERE = "tests.accounts.applications.test_section_twelve"


@pytest.fixture
def faces() -> Iterator[None]:
    with override_settings(IDENTITY_PROOFS=[f"{HERE}.ByFace", "accounts.applications.proof.ByOfficer"]):
        yield


def test_another_provider_is_plugged_in_by_a_class_S12_3_Q30(client: EnglishReader, house: Cast, faces: None) -> None:
    application = chosen(client, house.staff)
    client.post(page(application, "review"))
    shown = client.get(page(application, "proof")).content.decode()
    assert f'href="/nowhere/{application.number}/"' in shown
    assert "Look into the camera." in shown
    assert page(application, "consent") not in shown
    operations.prove(application=application, proof=ByFace.name)  # as its page would
    application.refresh_from_db()
    assert (application.state, application.proof) == (State.APPROVED, "face")
    assert "Face recognition" in text_of(client.get(f"/entity/requests/{application.number}/"))


@pytest.mark.parametrize(
    ("paths", "wrong"),
    [
        (["accounts.applications.proof.ByMagic"], "cannot be made"),
        (["accounts.applications.models.State"], "cannot be made"),
        (["builtins.object"], "has no name"),
        ([f"{HERE}.ByFace", f"{HERE}.ByFace"], "has the name of another"),
        ([f"{HERE}.ByFace"], None),
    ],
)
def test_what_the_setting_names_is_looked_at_before_the_start(paths: list[str], wrong: str | None) -> None:
    with override_settings(IDENTITY_PROOFS=paths):
        found = proof.proofs_can_be_made(None)
    assert bool(found) == bool(wrong)
    assert all(wrong in str(each.msg) for each in found if wrong)


def test_proof_does_not_help_what_differs_from_the_register(house: Cast) -> None:
    application = more_administrators(
        house.administrator, login=house.staff, representative={**REPRESENTATIVE, "document_number": "99999999"}
    )
    operations.submit(application=application, by=house.administrator)
    with pytest.raises(operations.NotPossible):
        operations.prove(application=application, proof="face")


# --- asked for more ---


def test_what_was_asked_is_answered_by_changing_parts_S12_4(client: EnglishReader, house: Cast) -> None:
    application = operations.submit(application=more_administrators(house.administrator), by=house.administrator)
    approver = cast.officer_login(Role.APPROVER)
    operations.ask(application=application, by=approver, reason=Reason.DATA_DIFFER, text="Which name?")
    shown = client.get(f"/entity/requests/{application.number}/")
    assert "Which name?" in text_of(shown)
    for name in ("person", "representative"):
        assert page(application, name) in shown.content.decode()
        assert client.get(page(application, name)).status_code == 200
    answer = client.post(page(application, "person"), {**SOMEBODY, "name_foreign": "FONG CHI KIM"})
    assert answer.url == f"/entity/requests/{application.number}/"
    assert client.post(f"{answer.url}answer/", {"text": ""}).url == answer.url, "what was changed is answer enough"
    application.refresh_from_db()
    assert application.state == State.ANSWERED
    operations.approve(application=application, by=approver)
    assert house.entity.logins.filter(name_foreign="FONG CHI KIM", is_administrator=True).exists()


def test_the_person_does_not_change_once_more_was_asked(house: Cast) -> None:
    application = operations.submit(
        application=more_administrators(house.administrator, login=house.staff), by=house.administrator
    )
    operations.ask(application=application, by=cast.officer_login(Role.APPROVER), reason=Reason.DOCUMENT_MISSING)
    for whom in ({"login": house.pending}, {"person": person(5)}):
        with pytest.raises(operations.NotPossible):
            operations.choose_person(application=application, **whom)


# --- documents ---


def test_documents_are_added_and_removed_while_it_is_filled_in(client: EnglishReader, house: Cast) -> None:
    application = chosen(client, house.staff)
    file = SimpleUploadedFile("card.pdf", PDF, content_type="text/html")
    client.post(page(application, "documents"), {"kind": "identity", "file": file})
    (document,) = application.documents.all()
    assert "card.pdf" in text_of(client.get(page(application, "review")))
    address = reverse("applications:request_document_remove", args=[application.number, document.pk])
    assert client.post(address).url == page(application, "documents")
    assert not application.documents.exists()
    wrong = client.post(page(application, "documents"), {"kind": "identity"})
    assert "Choose a file." in text_of(wrong)


# --- whose ---


def test_nobody_else_sees_what_is_being_filled_in(client: EnglishReader, house: Cast, other: Cast) -> None:
    application = chosen(client, house.staff)
    second = cast.login(entity=house.entity, username="second.admin", is_administrator=True)
    for reader in (second, other.administrator, house.staff):
        for name in ("representative", "documents", "agreement", "review", "person", "proof", "consent"):
            assert enter(reader).get(page(application, name)).status_code == 404
        for name in ("discard", "consent/send", "review"):
            assert enter(reader).post(page(application, name)).status_code == 404
        assert enter(reader).get(f"/entity/requests/{application.number}/").status_code == 404
