"""Officers' pages of the register: upload, preview, progress, tasks, lines; masked, each for its roles (Q1)."""

from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import imports
from accounts import register as reading
from accounts.models import Entity, RegisterEntry, RegisterImport, RegisterTask
from entity_portal.audit.models import Event
from entity_portal.roles import Role
from staff.models import StaffLogin
from tests import cast
from tests.accounts.test_import_register import file, line
from tests.accounts.test_register_import import ANOTHER, bring, looked_at, opened, upload
from tests.pages import problems, text_of

pytestmark = pytest.mark.django_db

IMPORTS = "/admin/accounts/registerimport/"
TASKS = "/admin/accounts/registertask/"
LINES = "/admin/accounts/registerentry/"


@pytest.fixture
def registrar(db: None) -> StaffLogin:
    return cast.officer_login(Role.REGISTRAR)


@pytest.fixture
def desk(registrar: StaffLogin) -> Client:
    return cast.officer(person=registrar)


@pytest.fixture
def entity(registrar: StaffLogin) -> Entity:
    bring(registrar, line())
    return opened()


def read(client: Client, address: str) -> str:
    """The words of a page that is right in itself."""
    answer = client.get(address)
    assert answer.status_code == 200
    wrong = [each for each in problems(answer.content.decode()) if "None" not in each]
    assert not wrong
    return text_of(answer)


def send(client: Client, content: bytes, name: str = "register.csv", **more: str) -> Any:
    return client.post(f"{IMPORTS}add/", {"file": SimpleUploadedFile(name, content), **more})


# --- uploading ---


def test_a_file_goes_from_the_form_to_the_register(desk: Client, registrar: StaffLogin) -> None:
    read(desk, f"{IMPORTS}add/")
    answer = send(desk, file(line(), line(registration_number="200 SO")), whole="on")
    held = RegisterImport.objects.get()
    page = answer["Location"]
    assert page == f"{IMPORTS}{held.pk}/change/"
    assert (held.whole, held.total, held.name) == (True, 3, "register.csv")
    words = read(desk, page)
    assert "Being read" in words
    assert "0 of 3 lines" in words
    assert "Refresh" in words
    imports.read(held.pk)
    words = read(desk, page)
    assert "To be done: 2 new, 0 changed, 0 marked as gone." in words
    assert desk.post(f"{IMPORTS}{held.pk}/confirm/", {"preview": "1"})["Location"] == page
    assert "Being imported" in read(desk, page)
    imports.apply(held.pk)
    assert "Imported" in read(desk, page)
    assert registrar.euid in read(desk, page)
    assert "register.csv" in read(desk, IMPORTS)
    assert RegisterEntry.objects.count() == 2


PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The submitted file is empty."),
        (PDF, "Unknown column"),
        (b"PK\x03\x04\x14\x00\x00", "There is a NUL byte here"),
        (file(line()) + b"\xff", "This is not UTF-8"),
        (file(line()).decode().encode("utf-16"), "There is a NUL byte here"),
        (file(line(), header="a,b"), "Unknown column &#x27;a&#x27;."),
    ],
)
def test_what_is_no_register_gets_a_sentence_beside_the_field_and_nothing_is_kept(
    desk: Client, content: bytes, sentence: str
) -> None:
    answer = send(desk, content)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert set(answer.context["form"].errors) == {"file"}
    assert b'aria-invalid="true"' in answer.content
    assert not RegisterImport.objects.exists()


def test_a_file_that_is_too_large_or_has_too_many_lines_is_refused(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(reading, "LARGEST", 1024 * 1024)
        assert "The file is larger than 1 MB." in text_of(send(desk, b"x" * (1024 * 1024 + 1)))
    monkeypatch.setattr(reading, "MOST_LINES", 2)
    content = file(*[line(registration_number=str(number)) for number in range(4)])
    assert "There are more than 2 lines." in text_of(send(desk, content))
    assert "Choose a file." in text_of(desk.post(f"{IMPORTS}add/"))
    assert not RegisterImport.objects.exists()


def test_the_same_file_again_leads_to_the_import_that_is_there(desk: Client) -> None:
    first = send(desk, file(line()))["Location"]
    assert send(desk, file(line()))["Location"] == first
    assert "This file is on its way already." in read(desk, first)


# --- the preview ---


def test_the_preview_shows_each_kind_of_line_in_pages_of_fifty_and_masks_numbers_Q28(
    desk: Client, registrar: StaffLogin
) -> None:
    bring(registrar, line(registration_number="1"), line(registration_number="2"), line(registration_number="3"))
    many = [line(registration_number=f"N{number}") for number in range(60)]
    held = looked_at(
        registrar, line(registration_number="1", **ANOTHER), line(registration_number="2"), *many, whole=True
    )
    page = f"{IMPORTS}{held.pk}/change/"
    words = read(desk, page)
    for each in ("New: 60", "Changed: 1", "Gone: 1", "Unchanged: 1"):
        assert each in words
    assert "Legal representative: document no.: 50****46 → A1****67" in words
    assert "1–50 of 60" in read(desk, f"{page}?show=new")
    assert "51–60 of 60" in read(desk, f"{page}?show=new&page=2")
    assert "51–60 of 60" in read(desk, f"{page}?show=new&page=999")
    for shown in ("new", "changed", "gone", "unchanged", "nonsense"):
        html = desk.get(f"{page}?show={shown}&page=x").content.decode()
        for number in ("50917346", "A1234567", "66812207", "6681 2207", "6612 3456"):
            assert number not in html


def test_wrong_lines_are_named_in_the_officers_language(desk: Client, registrar: StaffLogin) -> None:
    held = looked_at(registrar, line(kind="circus", representative_mobile="1"), line(registration_number="2"))
    page = f"{IMPORTS}{held.pk}/change/"
    words = read(desk, page)
    assert "1 line is wrong" in words
    assert "kind Give one of: company, association" in words
    assert "Confirm and import" not in words
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hant"
    assert desk.get(page).status_code == 200


def test_an_old_page_confirms_nothing_that_it_did_not_show(desk: Client, registrar: StaffLogin) -> None:
    held = looked_at(registrar, line())
    for preview in ("2", "", "x", "9" * 30, "²"):
        desk.post(f"{IMPORTS}{held.pk}/confirm/", {"preview": preview})
        assert "Look at what would be done now." in read(desk, f"{IMPORTS}{held.pk}/change/")
    held.refresh_from_db()
    assert held.state == "read"
    assert desk.get(f"{IMPORTS}{held.pk}/confirm/").status_code == 405


def test_cancelling_and_then_confirming(desk: Client, registrar: StaffLogin) -> None:
    held = looked_at(registrar, line())
    desk.post(f"{IMPORTS}{held.pk}/cancel/")
    words = read(desk, f"{IMPORTS}{held.pk}/change/")
    assert "Cancelled: nothing has been imported." in words
    for act in ("confirm", "cancel"):
        desk.post(f"{IMPORTS}{held.pk}/{act}/", {"preview": "1"})
        assert "Somebody has confirmed or cancelled it meanwhile." in read(desk, f"{IMPORTS}{held.pk}/change/")


def test_a_page_refreshes_itself_only_while_something_is_being_done(desk: Client, registrar: StaffLogin) -> None:
    held = upload(registrar, line())
    page = f"{IMPORTS}{held.pk}/change/"
    assert b"hx-trigger" in desk.get(page).content
    assert b"<progress" in desk.get(page).content
    imports.read(held.pk)
    assert b"hx-trigger" not in desk.get(page).content


# --- tasks ---


def test_a_task_shows_both_sides_and_is_settled_by_taking_over(
    desk: Client, registrar: StaffLogin, entity: Entity
) -> None:
    bring(registrar, line(**ANOTHER))
    task = RegisterTask.objects.get()
    assert "The register names another legal representative" in read(desk, TASKS)
    page = f"{TASKS}{task.pk}/change/"
    words = read(desk, page)
    assert "Legal representative: document no. Different A1****67 50****46" in words
    assert "Official name in Chinese Different" not in words
    assert Event.objects.filter(action="officer.read", entity_number=entity.number, actor=registrar.euid).exists()
    seen = desk.get(page).context["form"]["seen"].value()
    assert desk.post(page, {"outcome": "taken_over", "seen": seen})["Location"] == TASKS
    assert entity.legal_representatives.get().document_number == "A1234567"
    words = read(desk, page)
    assert "Settle this task" not in words
    assert registrar.euid in words


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "outcome"),
        ({"outcome": "burn", "note": "x"}, "outcome"),
        ({"outcome": "closed", "note": "it takes an approver"}, "outcome"),
        ({"outcome": "nothing"}, "note"),
        ({"outcome": "suspended", "note": " "}, "note"),
        ({"outcome": "suspended", "note": "x\0"}, "note"),
        ({"outcome": "suspended", "note": "x" * 501}, "note"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(
    desk: Client, registrar: StaffLogin, entity: Entity, given: dict[str, str], field: str
) -> None:
    bring(registrar, line(**ANOTHER))
    task = RegisterTask.objects.get()
    answer = desk.post(f"{TASKS}{task.pk}/change/", {"seen": "", **given})
    assert set(answer.context["form"].errors) == {field}
    task.refresh_from_db()
    assert task.done_at is None


def test_a_page_of_before_the_last_import_takes_nothing_over(
    desk: Client, registrar: StaffLogin, entity: Entity
) -> None:
    bring(registrar, line(**ANOTHER))
    page = f"{TASKS}{RegisterTask.objects.get().pk}/change/"
    for seen in ("", "yesterday"):
        assert desk.post(page, {"outcome": "taken_over", "seen": seen})["Location"] == page
        assert "Look at both again." in read(desk, page)
    assert entity.legal_representatives.get().document_number == "50917346"


def test_tasks_that_are_open_come_first_the_oldest_at_the_top(desk: Client, registrar: StaffLogin) -> None:
    bring(registrar, *[line(registration_number=str(number)) for number in range(3)])
    entities = [opened(str(number)) for number in range(3)]
    for number in (2, 0, 1):
        bring(registrar, line(registration_number=str(number), **ANOTHER))
    settled = RegisterTask.objects.get(entity=entities[2])
    page = f"{TASKS}{settled.pk}/change/"
    desk.post(page, {"outcome": "nothing", "note": "known", "seen": ""})
    assert entities[2].number not in read(desk, f"{TASKS}?done_at=no")
    assert entities[0].number not in read(desk, f"{TASKS}?q={entities[1].registration_number}%20")
    words = read(desk, TASKS)
    places = [words.index(entities[number].number) for number in (0, 1, 2)]
    assert places == sorted(places)


def test_of_an_entity_that_is_gone_nothing_is_taken_over(desk: Client, registrar: StaffLogin, entity: Entity) -> None:
    bring(registrar, line(registration_number="300 SO"), whole=True)
    page = f"{TASKS}{RegisterTask.objects.get().pk}/change/"
    words = read(desk, page)
    assert "Not in the register any more" in words
    assert "Take the legal representative over" not in words
    desk.post(page, {"outcome": "suspended", "note": "wound up", "seen": ""})
    entity.refresh_from_db()
    assert entity.status == "suspended"


# --- lines of the register ---


def test_the_register_is_searched_by_number_exactly_or_by_name_and_masked_Q28(
    desk: Client, registrar: StaffLogin
) -> None:
    bring(registrar, line(), line(registration_number="1100 SO", name_zh="別家", name_pt="Outra"))
    found = read(desk, f"{LINES}?q=100%20SO")
    assert "濠灣茶餐飲有限公司" in found
    assert "別家" not in found
    assert "別家" in read(desk, f"{LINES}?q=別")
    assert "別家" not in read(desk, f"{LINES}?gone_at=yes")
    assert "別家" in read(desk, f"{LINES}?gone_at=no")
    assert "別家" in read(desk, f"{LINES}?q=outra")
    entry = RegisterEntry.objects.get(registration_number="100 SO")
    page = f"{LINES}{entry.pk}/change/"
    words = read(desk, page)
    assert "50****46" in words
    assert "50917346" not in desk.get(page).content.decode()
    event = Event.objects.filter(action="officer.read").latest("pk")
    assert (event.target, event.actor) == (f"accounts.registerentry {entry.pk}", registrar.euid)
    assert desk.post(page, {"name_zh": "x"}).status_code in {200, 405}
    entry.refresh_from_db()
    assert entry.name_zh == "濠灣茶餐飲有限公司"


# --- who may ---

MAY_SEE = {
    Role.REGISTRAR: (IMPORTS, f"{IMPORTS}add/", f"{IMPORTS}{{held}}/change/", TASKS, f"{TASKS}{{task}}/change/", LINES),
    Role.AUDITOR: (IMPORTS, f"{IMPORTS}{{held}}/change/", TASKS, f"{TASKS}{{task}}/change/", LINES),
    Role.APPROVER: (TASKS, f"{TASKS}{{task}}/change/", LINES),
    Role.CATALOGUE: (),
}


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_its_pages_and_the_others_are_not_there_Q1(
    registrar: StaffLogin, entity: Entity, role: Role
) -> None:
    bring(registrar, line(**ANOTHER))
    held, task = looked_at(registrar, line(registration_number="7")), RegisterTask.objects.get()
    client = cast.officer(role)
    addresses = {address.format(held=held.pk, task=task.pk) for pages in MAY_SEE.values() for address in pages}
    may = {address.format(held=held.pk, task=task.pk) for address in MAY_SEE[role]}
    seen = {address for address in addresses if client.get(address).status_code == 200}
    assert seen == may
    assert {client.get(address).status_code for address in addresses - may} <= {403, 404}


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CATALOGUE])
def test_who_may_only_look_changes_nothing_Q1(registrar: StaffLogin, entity: Entity, role: Role) -> None:
    bring(registrar, line(**ANOTHER))
    held, task = looked_at(registrar, line(registration_number="7")), RegisterTask.objects.get()
    client = cast.officer(role)
    assert send(client, file(line(registration_number="8"))).status_code == 404
    for address in (f"{IMPORTS}{held.pk}/confirm/", f"{IMPORTS}{held.pk}/cancel/", f"{TASKS}{task.pk}/change/"):
        given = {"preview": "1", "outcome": "nothing", "note": "x", "seen": ""}
        assert client.post(address, given).status_code in {403, 404}
    if role == Role.AUDITOR:
        for address in (f"{IMPORTS}{held.pk}/change/", f"{TASKS}{task.pk}/change/"):
            words = read(client, address)
            assert not any(act in words for act in ("Confirm and import", "Cancel the import", "Settle this task"))
    held.refresh_from_db()
    task.refresh_from_db()
    assert (held.state, task.done_at) == ("read", None)


@pytest.mark.parametrize("of", [IMPORTS, TASKS, LINES])
@pytest.mark.parametrize("pk", ["0", "x", "9" * 30, "%C3%A9"])
def test_there_is_nothing_at_other_addresses(desk: Client, of: str, pk: str) -> None:
    assert desk.get(f"{of}{pk}/change/").status_code == 404


@pytest.mark.parametrize("language", ["zh-hant", "pt"])
def test_every_page_answers_in_the_other_languages(
    desk: Client, registrar: StaffLogin, entity: Entity, language: str
) -> None:
    bring(registrar, line(**ANOTHER))
    held, task = looked_at(registrar, line(registration_number="7")), RegisterTask.objects.get()
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    for address in (IMPORTS, f"{IMPORTS}{held.pk}/change/", TASKS, f"{TASKS}{task.pk}/change/", LINES):
        assert desk.get(address).status_code == 200
