"""Counter mode: a registrar enters an application of each kind for somebody who stands there; another decides (Q1)."""

from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.applications import operations
from accounts.applications.models import Application, Channel, DocumentKind, Kind, MediaType, State
from accounts.models import Entity
from entity_portal.audit.models import Event
from entity_portal.messaging.models import SMS
from entity_portal.roles import Role
from staff.models import StaffLogin, of_document
from tests import cast
from tests.accounts.applications.asking import NUMBER, PDF, correction, first, line, more_administrators, person
from tests.cast import Cast
from tests.pages import problems, text_of

pytestmark = pytest.mark.django_db
COUNTER = "/admin/applications/application/counter/"
QUEUE = "/admin/applications/application/"


def good(page: Any) -> str:
    """The words of a page that is well-formed, labelled and finished."""
    assert page.status_code == 200
    assert [each for each in problems(page.content.decode()) if "None" not in each] == []
    return text_of(page)


def scan(name: str = "agreement.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def typed(prefix: str, **fields: Any) -> dict[str, Any]:
    return {f"{prefix}-{name}": value for name, value in fields.items()}


def somebody(prefix: str, number: int, **fields: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name_zh": "馮子健",
        "name_foreign": "FONG CHI KIN",
        "document_type": "bir_permanent",
        "document_number": f"2{number:07d}",
        "document_place": "MO",
        "birth_date": "1990-01-01",
        "mobile_0": "MO",
        "mobile_1": f"6650000{number}",
        "email": "",
    }
    return typed(prefix, **{**said, **fields})


REPRESENTATIVE = typed(
    "representative",
    name_zh="彭月娟",
    name_foreign="PANG UT KUN",
    document_type="bir_permanent",
    document_number="1135128(4)",
    birth_date="1990-01-01",
    mobile_0="MO",
    mobile_1="66000001",
)
CONTACT = typed("contact", language="pt", mobile_0="MO", mobile_1="66500000", email="fong@example.mo")
FIRST = {
    **typed("entity", kind="company", name_zh="天成製衣有限公司", name_pt="", registration_number="30461so"),
    **REPRESENTATIVE,
    **somebody("administrator-0", 0),
    **CONTACT,
    "agreement-signed": "on",
}


def paper(kind: str = "agreement", **fields: Any) -> dict[str, Any]:
    return {"file-0-kind": kind, "file-0-file": scan(**fields)}


@pytest.fixture
def registrar(db: None) -> StaffLogin:
    return cast.officer_login(Role.REGISTRAR)


@pytest.fixture
def counter(registrar: StaffLogin) -> Client:
    return cast.officer(person=registrar)


def begun(client: Client, **fields: Any) -> Application:
    answer = client.post(COUNTER, {"kind": "first", "language": "pt", **fields})
    assert answer.status_code == 302, answer.context["form"].errors
    application = Application.objects.latest("pk")
    assert answer["Location"] == f"{COUNTER}{application.number}/"
    return application


def page_of(application: Application, page: str = "") -> str:
    return f"{COUNTER}{application.number}/{page}"


# --- the three kinds ---


def test_a_first_application_is_entered_checked_and_handed_in_and_another_decides_Q1(
    counter: Client, registrar: StaffLogin
) -> None:
    line()
    application = begun(counter)
    assert (application.channel, application.entered_by, application.language) == (Channel.COUNTER, registrar, "pt")
    good(counter.get(page_of(application)))
    answer = counter.post(page_of(application), {**FIRST, **somebody("administrator-1", 1), **paper()})
    assert answer["Location"] == page_of(application, "review/")
    words = good(counter.get(page_of(application, "review/")))
    for wanted in ("天成製衣有限公司", "11351284 11351284 The same", "20000001", "Signed on paper", "agreement.pdf"):
        assert wanted in words, wanted
    assert "Still missing" not in words
    answer = counter.post(page_of(application, "review/"), follow=True)
    assert f"Application {application.number} is handed in." in good(answer)
    application.refresh_from_db()
    assert application.state == State.SUBMITTED
    assert application.registration_number == NUMBER
    assert application.answers["agreement"]["terms"] == "paper"
    assert SMS.objects.get(purpose="application").to == "+85366500000"
    assert counter.get(page_of(application)).status_code == 404, "what is handed in stays"
    assert counter.post(f"{QUEUE}{application.number}/approve/").status_code == 404
    another = cast.officer(Role.APPROVER)
    assert another.post(f"{QUEUE}{application.number}/approve/", {"text": ""}).status_code == 302
    entity = Entity.objects.get(registration_number=NUMBER)
    assert entity.logins.filter(is_administrator=True).count() == 2


def test_an_organisation_without_a_register_gets_its_account_at_the_counter_Q31(counter: Client) -> None:
    application = begun(counter)
    entity = typed("entity", kind="building", name_zh="德福大廈管理機關", name_pt="", registration_number="")
    assert counter.post(page_of(application), {**FIRST, **entity, **paper()}).status_code == 302
    counter.post(page_of(application, "review/"))
    cast.officer(Role.APPROVER).post(f"{QUEUE}{application.number}/approve/", {"text": ""})
    assert Entity.objects.get(kind="building").registration_number is None


def test_administrators_are_changed_at_the_counter_S12_1(counter: Client, company: Cast) -> None:
    application = begun(counter, kind="administrators", entity_number=company.entity.number)
    representative = {name: value for name, value in REPRESENTATIVE.items() if "mobile" not in name}
    data = {**representative, **CONTACT, "agreement-signed": "on", **somebody("administrator-0", 5), **paper()}
    assert "New administrator" in good(counter.get(page_of(application)))
    assert counter.post(page_of(application), data)["Location"] == page_of(application, "review/")
    counter.post(page_of(application, "review/"))
    cast.officer(Role.APPROVER).post(f"{QUEUE}{application.number}/approve/", {"text": ""})
    assert company.entity.logins.get(of_document("20000005")).is_administrator


def test_a_staff_login_is_given_the_power_at_the_counter_Q4(counter: Client, company: Cast) -> None:
    application = begun(
        counter, kind="administrators", entity_number=company.entity.number, euid=company.staff.euid.lower()
    )
    assert application.login == company.staff
    representative = {name: value for name, value in REPRESENTATIVE.items() if "mobile" not in name}
    data = {**representative, **CONTACT, "agreement-signed": "on", **paper()}
    assert counter.post(page_of(application), data).status_code == 302
    counter.post(page_of(application, "review/"))
    cast.officer(Role.APPROVER).post(f"{QUEUE}{application.number}/approve/", {"text": ""})
    company.staff.refresh_from_db()
    assert company.staff.is_administrator


def test_data_are_corrected_at_the_counter_Q11(counter: Client, company: Cast) -> None:
    application = begun(counter, kind="correction", euid=company.staff.euid)
    words = good(counter.get(page_of(application)))
    assert company.staff.masked_document in words
    assert company.staff.document_number not in words
    changes = typed("changes", name_foreign="AO HOI YAN", mobile_0="MO", mobile_1="", document_type="")
    data = {**changes, "why-explanation": "A new card.", **CONTACT, **paper("evidence", name="card.pdf")}
    answer = counter.post(page_of(application), data)
    assert answer["Location"] == page_of(application, "review/")
    application.refresh_from_db()
    assert application.answers["changes"] == {"name_foreign": "AO HOI YAN"}
    counter.post(page_of(application, "review/"))
    cast.officer(Role.APPROVER).post(f"{QUEUE}{application.number}/approve/", {"text": ""})
    company.staff.refresh_from_db()
    assert company.staff.name_foreign == "AO HOI YAN"


def test_a_second_correction_of_the_same_person_is_refused_in_words_Q11(counter: Client, company: Cast) -> None:
    open_one = correction(company.staff, company.staff, name_zh="歐海欣")
    operations.submit(application=open_one, by=company.staff)
    application = begun(counter, kind="correction", euid=company.staff.euid)
    data = {**typed("changes", name_foreign="AO HOI YAN"), "why-explanation": "x", **CONTACT, **paper("evidence")}
    assert counter.post(page_of(application), data).status_code == 302
    words = good(counter.post(page_of(application, "review/")))
    assert f"Another application for the same person is open: {open_one.number}." in words
    application.refresh_from_db()
    assert application.state == State.DRAFT


def test_a_second_administrator_need_not_be_there_and_so_has_no_star(counter: Client) -> None:
    application = begun(counter)
    page = counter.get(page_of(application)).content.decode()
    first, second = (page.partition(f"Administrator {n}")[2].partition("</fieldset>")[0] for n in (1, 2))
    assert 'class="req"' in first
    assert second.startswith(" (if there is one)")
    assert 'class="req"' not in second
    half = {**FIRST, **somebody("administrator-1", 1), "administrator-1-name_foreign": "", **paper()}
    wrong = counter.post(page_of(application), half).context["filled"].wrong
    assert [list(form.errors) for form in wrong] == [["name_foreign"]]


# --- what is missing or wrong ---


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({}, {"kind", "language"}),
        ({"kind": "first", "language": "xx"}, {"language"}),
        ({"kind": "nonsense", "language": "pt"}, {"kind"}),
        ({"kind": "administrators", "language": "pt"}, {"entity_number"}),
        ({"kind": "administrators", "language": "pt", "entity_number": "12345678"}, {"entity_number"}),
        ({"kind": "administrators", "language": "pt", "entity_number": "x" * 5000}, {"entity_number"}),
        ({"kind": "correction", "language": "pt"}, {"euid"}),
        ({"kind": "correction", "language": "pt", "euid": "CU0000000000"}, {"euid"}),
    ],
)
def test_whom_it_is_for_must_be_there(counter: Client, asked: dict[str, str], wrong: set[str]) -> None:
    answer = counter.post(COUNTER, asked)
    good(answer)
    assert answer.context["form"].errors.keys() == wrong
    assert not Application.objects.exists()


def test_the_login_must_be_of_the_entity_present_and_no_administrator_yet(
    counter: Client, company: Cast, other: Cast
) -> None:
    asked = {"kind": "administrators", "language": "pt", "entity_number": company.entity.number}
    for login in (other.staff, company.departed, company.administrator):
        answer = counter.post(COUNTER, {**asked, "euid": login.euid})
        assert answer.context["form"].errors.keys() == {"euid"}, login
    Entity.objects.filter(pk=company.entity.pk).update(status="closed")
    assert counter.post(COUNTER, asked).context["form"].errors.keys() == {"entity_number"}
    assert not Application.objects.exists()


def test_what_is_right_is_kept_beside_what_is_wrong_and_a_draft_is_gone_on_with(
    counter: Client, registrar: StaffLogin
) -> None:
    application = begun(counter)
    wrong = {**FIRST, "representative-document_number": "12", "agreement-signed": "", **paper()}
    answer = counter.post(page_of(application), wrong)
    words = good(answer)
    assert "What is right is kept." in words
    assert "Some answers need to be corrected" in words
    assert "The agreement must be signed first." in words
    assert 'value="12"' in answer.content.decode(), "what was typed is still there"
    application.refresh_from_db()
    assert set(application.answers) == {"entity", "administrators"}
    assert application.documents.get().kind == DocumentKind.AGREEMENT
    assert application.mobile == "+85366500000"
    listed = good(cast.officer(person=registrar).get(COUNTER))
    assert application.number in listed
    assert "天成製衣有限公司" in listed
    assert 'value="20000000"' in counter.get(page_of(application)).content.decode()
    words = good(counter.get(page_of(application, "review/")))
    assert "Still missing: The legal representative The agreement" in words
    assert "Something is still missing" in good(counter.post(page_of(application, "review/")))
    application.refresh_from_db()
    assert application.state == State.DRAFT


def test_a_second_administrator_is_nobody_where_nothing_is_typed_and_can_go_again_Q2(counter: Client) -> None:
    application = begun(counter)
    counter.post(page_of(application), {**FIRST, **somebody("administrator-1", 1), **somebody("administrator-2", 2)})
    application.refresh_from_db()
    assert len(application.answers["administrators"]) == 3
    empty = dict.fromkeys(somebody("administrator-1", 1), "")
    counter.post(page_of(application), {**FIRST, **empty, **somebody("administrator-2", 2)})
    application.refresh_from_db()
    assert [each["mobile"] for each in application.answers["administrators"]] == ["+85366500000", "+85366500002"]
    answer = counter.post(page_of(application), {**FIRST, **somebody("administrator-1", 1, name_foreign="")})
    assert "As on the identification document" in good(answer)
    assert answer.context["filled"].wrong


def test_without_the_signed_agreement_nothing_is_handed_in_Q32(counter: Client, registrar: StaffLogin) -> None:
    application = begun(counter)
    counter.post(page_of(application), {**FIRST, **paper("identity")})
    assert "Still missing: Agreement signed by the legal representative" in good(
        counter.get(page_of(application, "review/"))
    )
    with pytest.raises(operations.Incomplete):
        operations.submit(application=application, by=registrar)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (scan("a.pdf", b"nothing of that kind"), "not a PDF, JPEG or PNG"),
        (scan("a.pdf", b""), "empty"),
        (scan("a.exe", PDF), "Rename it"),
    ],
)
def test_a_bad_scan_is_said_and_not_kept(counter: Client, file: SimpleUploadedFile, sentence: str) -> None:
    application = begun(counter)
    file.seek(0)
    answer = counter.post(page_of(application), {**FIRST, "file-1-kind": "agreement", "file-1-file": file})
    assert sentence in good(answer)
    assert not application.documents.exists()


def test_the_eleventh_document_is_refused_in_words(counter: Client) -> None:
    application = begun(counter)
    for number in range(10):
        operations.add_document(
            application=application, kind=DocumentKind.OTHER, name=f"{number}", media_type=MediaType.PDF, content=PDF
        )
    assert "There are ten documents already" in good(counter.post(page_of(application), {**FIRST, **paper()}))


@pytest.mark.parametrize(
    "given", [{}, {"document_number": "12"}, {"document_type": "hk_id"}, {"birth_date": "tomorrow"}]
)
def test_a_correction_says_what_is_another_and_fits(counter: Client, company: Cast, given: dict[str, str]) -> None:
    application = begun(counter, kind="correction", euid=company.staff.euid)
    data = {**typed("changes", **given), "why-explanation": "x", **CONTACT, **paper("evidence")}
    answer = counter.post(page_of(application), data)
    good(answer)
    assert answer.context["filled"].corrected in answer.context["filled"].wrong
    application.refresh_from_db()
    assert "changes" not in application.answers


# --- whose drafts ---


def test_a_draft_is_of_whoever_began_it_and_of_nobody_else(counter: Client) -> None:
    application = begun(counter)
    counter.post(page_of(application), {**FIRST, **paper()})
    document = application.documents.get()
    addresses = ["", "review/", "discard/", f"documents/{document.pk}/", f"documents/{document.pk}/remove/"]
    for client in (cast.officer(), cast.officer(Role.AUDITOR), cast.officer(Role.REGISTRAR)):
        for address in addresses:
            for method in (client.get, client.post):
                assert method(page_of(application, address)).status_code in (404, 405), address
        assert client.get(f"{QUEUE}{application.number}/change/").status_code == 404
        assert client.get(f"{QUEUE}{application.number}/documents/{document.pk}/").status_code == 404
    for client in (cast.officer(), cast.officer(Role.REGISTRAR)):
        assert application.number not in good(client.get(COUNTER))
    application.refresh_from_db()
    assert application.state == State.DRAFT
    assert application.documents.exists()


def test_a_draft_of_an_applicant_is_no_registrars(counter: Client, company: Cast) -> None:
    for application in (first(), more_administrators(company.administrator, person=person(1))):
        assert counter.get(page_of(application)).status_code == 404
        assert counter.post(page_of(application, "review/")).status_code == 404


def test_documents_of_a_draft_are_opened_removed_and_it_is_discarded(counter: Client) -> None:
    application = begun(counter)
    counter.post(page_of(application), {**FIRST, **paper()})
    document = application.documents.get()
    assert counter.get(page_of(application, f"documents/{document.pk}/")).content == PDF
    assert Event.objects.get(action="document.read").target == application.number
    another = begun(counter)
    for page in ("", "remove/"):
        method = counter.post if page else counter.get
        assert method(page_of(another, f"documents/{document.pk}/{page}")).status_code == 404
    counter.post(page_of(application, f"documents/{document.pk}/remove/"))
    assert not application.documents.exists()
    assert f"Draft {application.number} is discarded." in good(
        counter.post(page_of(application, "discard/"), follow=True)
    )
    application.refresh_from_db()
    assert application.state == State.WITHDRAWN
    assert counter.get(page_of(application)).status_code == 404


def test_whoever_is_no_registrar_any_more_hands_nothing_in(counter: Client, registrar: StaffLogin) -> None:
    application = begun(counter)
    counter.post(page_of(application), {**FIRST, **paper()})
    registrar.officer_roles.all().delete()
    assert counter.post(page_of(application, "review/")).status_code == 404
    application.refresh_from_db()
    assert application.state == State.DRAFT


@pytest.mark.parametrize("language", ["zh-hant", "pt", "en"])
@pytest.mark.parametrize("kind", Kind)
def test_each_page_is_whole_in_each_language_Q47(counter: Client, company: Cast, kind: Kind, language: str) -> None:
    counter.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    about = {
        Kind.FIRST: {},
        Kind.ADMINISTRATORS: {"entity_number": company.entity.number},
        Kind.CORRECTION: {"euid": company.staff.euid},
    }
    application = begun(counter, kind=kind, **about[kind])
    for page in ("", "review/"):
        words = good(counter.get(page_of(application, page)))
        assert "%(" not in words
    good(counter.post(page_of(application), {"x": "y"}))
