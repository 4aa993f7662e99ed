"""The catalogue's pages: whose they are, what they show before a button, what is refused beside which field."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as portal_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from entity_portal.audit.actions import Action
from entity_portal.audit.models import Event
from entity_portal.messaging.models import Notification
from entity_portal.roles import Role
from services.catalogue import operations
from services.models import CatalogueManager, Department, Errand, EService, Opening, ServiceGroup
from services.oidc.models import Client as Program
from tests import cast
from tests.pages import text_of
from tests.purging import purge_tables
from tests.services.errands import work
from tests.services.oidc.relying import client as registered

pytestmark = pytest.mark.django_db
MODELS = ("department", "eservice", "servicegroup", "opening", "errand")
NAMES = {"name_zh": "新名稱", "name_pt": "Novo nome", "name_en": "New name"}


@pytest.fixture
def place(company: cast.Cast) -> ServiceGroup:
    made = cast.group(open_to=company.entity)
    cast.member(made, company.staff)
    return made


def manager(*departments: Department) -> Client:
    manages = departments or None
    return cast.officer(person=cast.officer_login(Role.CATALOGUE, manages=manages))


def stranger() -> Client:
    """A catalogue manager of another department."""
    return manager(cast.department("dsf"))


def head() -> Client:
    return cast.officer(person=cast.officer_login(Role.AUDITOR, is_administrator=True))


def names() -> list[str]:
    """Every address of the catalogue and of e-services' programs that the resolver knows."""
    found = get_resolver().namespace_dict["admin"][1].reverse_dict
    return sorted(name for name in found if isinstance(name, str) and name.startswith(("services_", "oidc_client_")))


def about(place: ServiceGroup) -> dict[str, Any]:
    """The key of a row of each kind, of one department."""
    program, _secret = registered(place.service)
    by = cast.officer_login(Role.CATALOGUE)
    errand = operations.prepare_opening(service=place.service, by=by, kind="company")
    return {
        "services_department": place.service.department_id,
        "services_eservice": place.service_id,
        "services_servicegroup": place.pk,
        "services_opening": Opening.objects.get().pk,
        "services_errand": errand.pk,
        "oidc_client": program.pk,
    }


def address(name: str, keys: dict[str, Any]) -> tuple[str, bool]:
    """The address of a page, and whether it is about one row."""
    model, page = re.fullmatch("(oidc_client|services_[a-z]+)_(.+)", name).groups()  # type: ignore[union-attr]
    if page in {"changelist", "add", "csv"}:
        return reverse(f"admin:{name}"), False
    return reverse(f"admin:{name}", args=[keys[model]]), True


FORM = {
    **NAMES,
    "code": "new",
    "entity_number": "80216453",
    "kind": "company",
    "status": "suspended",
    "reason": "x",
    "into": "clerks",
    "name": "x",
}


def state() -> list[Any]:
    tables = (Department, EService, ServiceGroup, Opening, Errand, Program, CatalogueManager)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_another_departments_catalogue_does_not_exist_Q1(company: cast.Cast, place: ServiceGroup) -> None:
    keys = about(place)
    cast.group(code="clerks")
    client = stranger()
    rows = 0
    for name in names():
        page, one = address(name, keys)
        before = state()
        got, posted = client.get(page), client.post(page, FORM)
        if one:
            rows += 1
            assert {got.status_code, posted.status_code} <= {404, 405}, name
        elif name.endswith("changelist"):
            assert got.status_code == 200
            assert "entry-declaration" not in got.content.decode(), name
            assert "dsal" not in got.content.decode(), name
        elif name.endswith("csv"):
            assert b"entry-declaration" not in b"".join(got.streaming_content)  # type: ignore[attr-defined]
        assert state() == before or name.endswith("_add"), name
    assert rows == 20
    assert client.get(reverse("admin:services_opening_changelist"), {"service": "entry-declaration"}).status_code == 404
    for page, fields in (
        ("services_eservice_add", {"department": keys["services_department"]}),
        ("services_servicegroup_add", {"service": keys["services_eservice"]}),
        ("oidc_client_add", {"service": keys["services_eservice"], "client_id": "a" * 40}),
    ):
        answer = client.post(reverse(f"admin:{page}"), {**FORM, **fields})
        assert answer.status_code == 404 or next(iter(fields)) in answer.context["form"].errors, page


def test_auditors_read_all_and_change_nothing_Q1(company: cast.Cast, place: ServiceGroup) -> None:
    keys = about(place)
    cast.group(code="clerks")
    client = cast.officer(Role.AUDITOR)
    before = state()
    for name in names():
        page, _one = address(name, keys)
        got = client.get(page)
        shown = name.endswith(("changelist", "change", "managers", "csv"))
        assert got.status_code == (200 if shown else got.status_code if got.status_code == 405 else 404), name
        if name.endswith(("changelist", "csv")):
            continue
        assert client.post(page, FORM).status_code in {404, 405}, name
        if shown:
            main = got.content.decode().partition('id="content-main"')[2].partition("</main>")[0]
            assert "<button" not in main, name
    assert state() == before


def test_registrars_and_approvers_see_openings_and_nothing_else_of_it_Q1(
    company: cast.Cast, place: ServiceGroup
) -> None:
    keys = about(place)
    for role in (Role.REGISTRAR, Role.APPROVER):
        client = cast.officer(role)
        for name in names():
            page, _one = address(name, keys)
            openings = name.startswith("services_opening_")
            assert client.get(page).status_code == 200 if openings else client.get(page).status_code in {403, 404, 405}
        assert (
            client.post(reverse("admin:services_opening_change", args=[keys["services_opening"]]), FORM).status_code
            == 404
        )
        listed = client.get(reverse("admin:services_opening_changelist"), {"q": company.entity.number})
        assert "Declaration of employment" in text_of(listed)


@pytest.mark.parametrize("key", ["0", "x", "99999999999999999999999", "%C3%A9", "00000000-0000-0000-0000-000000000000"])
def test_there_is_nothing_at_other_addresses(place: ServiceGroup, key: str) -> None:
    client = manager()
    for model in MODELS:
        assert client.get(f"/admin/services/{model}/{key}/change/").status_code == 404


def test_who_gives_departments_out_sees_no_e_services_by_that_Q1(company: cast.Cast, place: ServiceGroup) -> None:
    boss = cast.officer(person=cast.officer_login(Role.REGISTRAR, is_administrator=True))
    keys = about(place)
    department = keys["services_department"]
    page = boss.get(reverse("admin:services_department_change", args=[department]))
    assert "entry-declaration" not in page.content.decode()
    assert boss.get(reverse("admin:services_eservice_change", args=[keys["services_eservice"]])).status_code == 404
    person = cast.officer_login(Role.CATALOGUE, manages=[])
    managers = reverse("admin:services_department_managers", args=[department])
    boss.post(managers, {"login": person.euid})
    assert person.catalogues_managed.exists()
    revoke = reverse("admin:services_department_revoke", args=[department])
    assert boss.post(revoke, {"login": "\x00"}).status_code == 404
    boss.post(revoke, {"login": person.euid})
    assert not person.catalogues_managed.exists()
    assert "login" in boss.post(managers, {"login": company.staff.euid}).context["form"].errors
    assert manager().post(managers, {"login": person.euid}).status_code == 404


# --- making and changing ---


def test_a_department_an_e_service_and_a_group_are_made_on_their_pages_S13(company: cast.Cast) -> None:
    boss = head()
    assert boss.post(reverse("admin:services_department_add"), {**NAMES, "code": "dsf"}).status_code == 302
    client = manager(Department.objects.get(code="dsf"))
    add = reverse("admin:services_eservice_add")
    form = {**NAMES, "department": Department.objects.get(code="dsf").pk, "code": "taxes", "platform_managed": "on"}
    client.post(add, {**form, "url": "https://taxes.example.mo/"})
    service = EService.objects.get(code="taxes")
    assert (service.url, service.platform_managed) == ("https://taxes.example.mo/", True)
    client.post(reverse("admin:services_servicegroup_add"), {**NAMES, "service": service.pk, "code": "clerks"})
    place = ServiceGroup.objects.get(code="clerks")
    change = reverse("admin:services_servicegroup_change", args=[place.pk])
    client.post(change, {**NAMES, "name_en": "Clerks", "description_zh": "說明", "code": "other"})
    place.refresh_from_db()
    assert (place.name_en, place.description_zh, place.code) == ("Clerks", "說明", "clerks")
    client.post(reverse("admin:services_eservice_change", args=[service.pk]), {**NAMES, "name_pt": "Impostos"})
    service.refresh_from_db()
    assert (service.name_pt, service.url, service.platform_managed) == ("Impostos", "", False)
    client.post(reverse("admin:services_department_change", args=[service.department_id]), {**NAMES, "name_en": "Tax"})
    assert Department.objects.get(code="dsf").name_en == "Tax"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name_pt": " "}, "name_pt"),
        ({"name_zh": "a\x00b"}, "name_zh"),
        ({"name_en": "x" * 151}, "name_en"),
        ({"name_en": "x" * 100_000}, "name_en"),
        ({"code": "a b"}, "code"),
        ({"code": "entry-declaration"}, "code"),
        ({"code": ""}, "code"),
        ({"url": "http://taxes.example.mo/"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://" + "x" * 300}, "url"),
        ({"description_en": "x" * 301}, "description_en"),
        ({"department": "0"}, "department"),
        ({"department": "\x00"}, "department"),
    ],
)
def test_every_complaint_stands_beside_its_field(
    company: cast.Cast, place: ServiceGroup, changes: dict[str, str], field: str
) -> None:
    form = {**NAMES, "department": place.service.department_id, "code": "taxes", "url": "", **changes}
    answer = manager().post(reverse("admin:services_eservice_add"), form)
    assert list(answer.context["form"].errors) == [field]
    assert f'href="#id_{field}"' in answer.content.decode()
    assert not EService.objects.filter(code="taxes").exists()


@pytest.mark.parametrize(
    ("page", "first"),
    [("department_add", ["code", "name_zh"]), ("eservice_add", ["department", "code", "name_zh"])],
)
def test_what_is_wrong_is_said_above_all_else_in_the_order_of_the_page(
    company: cast.Cast, place: ServiceGroup, page: str, first: list[str]
) -> None:
    client = head() if page == "department_add" else manager()
    drawn = client.post(reverse(f"admin:services_{page}"), {"name_zh": ""}).content.decode()
    assert re.findall(r'<a href="#id_(\w+)">', drawn)[: len(first)] == first


def test_what_is_wrong_stands_above_what_is_known_of_a_row(company: cast.Cast, place: ServiceGroup) -> None:
    client = manager()
    for model, row in (
        ("department", place.service.department),
        ("eservice", place.service),
        ("servicegroup", place),
    ):
        drawn = client.post(reverse(f"admin:services_{model}_change", args=[row.pk]), {"name_zh": ""}).content.decode()
        assert drawn.count('<div class="errors"') == 1
        assert drawn.index('<div class="errors"') < drawn.index('<dl class="help">'), model


def test_each_list_leads_to_a_new_line_for_whoever_may_make_one_and_its_name_begins_with_a_capital(
    company: cast.Cast, place: ServiceGroup
) -> None:
    who = {"services_department": head, "services_eservice": manager, "services_servicegroup": manager}
    for model, whose in {**who, "oidc_client": manager}.items():
        client, way = whose(), f'href="{reverse(f"admin:{model}_add")}"'
        where = reverse(f"admin:{model}_changelist")
        drawn = client.get(where).content.decode()
        assert way in drawn, model
        assert re.search(r"<h1>[A-Z]", drawn), model
        assert client.get(reverse(f"admin:{model}_add")).status_code == 200
        assert way not in cast.officer(Role.AUDITOR).get(where).content.decode(), model
        assert re.search(
            r'<li><a href="[^"]+">[A-Z][^<]*</a></li>', client.get(reverse(f"admin:{model}_add")).content.decode()
        )


# --- what is shown before a button ---


def test_whom_it_concerns_stands_before_the_button_Q24(
    company: cast.Cast, other: cast.Cast, place: ServiceGroup
) -> None:
    cast.group(open_to=other.entity)
    cast.member(place, company.pending)
    cast.member(place, other.staff)
    client = manager()
    pages = [reverse("admin:services_servicegroup_change", args=[place.pk])]
    pages += [reverse(f"admin:services_eservice_{page}", args=[place.service_id]) for page in ("withdraw", "reopen")]
    pages += [
        reverse(f"admin:services_servicegroup_{page}", args=[place.pk]) for page in ("withdraw", "reopen", "merge")
    ]
    for page in pages:
        answer = client.get(page)
        words = text_of(answer)
        assert "Open to 2 entities" in words, page
        assert "People assigned 3 people of these entities 2 Can use it now 2 people" in words, page
        assert f"{company.entity.number}" in words
        assert [(each.people, each.now) for each in answer.context["entities"]] == [(1, 1), (2, 1)]
        assert EService.objects.get().withdrawn_at is None
        for word in (company.staff.name_foreign, company.staff.euid, company.staff.document_number):
            assert word not in answer.content.decode()


def test_a_long_list_of_entities_has_pages_and_few_queries(
    place: ServiceGroup, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        with transaction.atomic():
            house = cast.entity(number=f"AB{number:04}", number_is_official=True)
            cast.login(entity=house, is_administrator=True)
        Opening.objects.create(entity=house, service=place.service)
        cast.member(place, house.logins.get())
    client = manager()
    with django_assert_max_num_queries(30):
        answer = client.get(reverse("admin:services_servicegroup_withdraw", args=[place.pk]), {"page": "2"})
    assert len(answer.context["entities"]) == 6


def test_withdrawing_closing_and_reopening_are_done_by_the_button_and_not_by_looking_Q24(place: ServiceGroup) -> None:
    client = manager()
    for model, row in (("eservice", place.service), ("servicegroup", place)):
        for page, gone in (("withdraw", True), ("reopen", False)):
            where = reverse(f"admin:services_{model}_{page}", args=[row.pk])
            client.get(where)
            row.refresh_from_db()
            assert bool(row.withdrawn_at) is not gone
            assert client.post(where).status_code == 302
            row.refresh_from_db()
            assert bool(row.withdrawn_at) is gone


@pytest.mark.parametrize(("page", "looks"), [("withdraw", "danger"), ("reopen", "primary")])
def test_the_button_that_withdraws_or_reopens_looks_like_what_it_does_and_names_the_thing(
    place: ServiceGroup, page: str, looks: str
) -> None:
    client = manager()
    for model, row in (("eservice", place.service), ("servicegroup", place)):
        type(row).objects.filter(pk=row.pk).update(withdrawn_at=timezone.now() if page == "reopen" else None)
        answer = client.get(reverse(f"admin:services_{model}_{page}", args=[row.pk]))
        drawn = answer.content.decode()
        back = reverse(f"admin:services_{model}_change", args=[row.pk])
        pattern = rf'<div class="actions"><button class="button {looks}">[^<]+</button><a class="button" href="{back}">'
        assert re.search(pattern, drawn), drawn
        assert f"<code>{row.code}</code>" in drawn
        assert f"<strong>{row.name}</strong>" in drawn
        assert ('<ul class="ends">' in drawn) is (page == "withdraw")
        assert '<ul class="ends keep">' in drawn


def test_a_group_is_merged_step_by_step_S13_3(company: cast.Cast, place: ServiceGroup) -> None:
    into = cast.group(code="clerks")
    cast.member(into, company.staff)
    client, page = manager(), reverse("admin:services_servicegroup_merge", args=[place.pk])
    assert "into" in client.get(page, {"into": "nothing"}).context["form"].errors
    shown = client.get(page, {"into": "clerks"})
    assert "1 person is in both groups already" in text_of(shown)
    answer = client.post(page, {"into": "clerks"}, follow=True)
    assert "0 of 1 entities" in text_of(answer)
    work()
    assert "Done" in text_of(client.get(answer.redirect_chain[0][0]))
    assert "Merged into clerks" in text_of(
        client.get(reverse("admin:services_eservice_change", args=[place.service_id]))
    )
    assert "One of the two groups is closed" in text_of(client.post(page, {"into": "clerks"}))


# --- openings ---


def opening_page(house: cast.Cast) -> str:
    return reverse("admin:services_opening_change", args=[Opening.objects.get(entity=house.entity).pk])


def test_an_e_service_is_opened_to_one_entity_by_its_number_S13_1(
    company: cast.Cast, other: cast.Cast, place: ServiceGroup
) -> None:
    client = manager()
    page = reverse("admin:services_eservice_open", args=[place.service_id])
    assert client.post(page, {"entity_number": other.entity.number}).status_code == 302
    assert Opening.objects.get(entity=other.entity).status == "open"
    line = Event.objects.get(action=Action.SERVICE_OPENED)
    assert (line.entity_number, bool(line.actor)) == (other.entity.number, True)
    assert "There is no entity" in text_of(client.post(page, {"entity_number": "12345678"}))
    Opening.objects.filter(entity=other.entity).delete()
    type(other.entity).objects.filter(pk=other.entity.pk).update(status="suspended")
    assert "suspended or closed" in text_of(client.post(page, {"entity_number": other.entity.number}))
    assert not Opening.objects.filter(entity=other.entity).exists()
    Opening.objects.update(status="suspended")
    assert client.post(page, {"entity_number": company.entity.number})["Location"] == opening_page(company)
    assert Opening.objects.get().status == "suspended", "why it was closed stands on that page"


def test_one_opening_is_suspended_with_a_reason_and_reopened_Q24(company: cast.Cast, place: ServiceGroup) -> None:
    client, page = manager(), opening_page(company)
    assert "reason" in client.post(page, {"status": "suspended"}).context["form"].errors
    assert "Nothing was changed." in text_of(client.post(page, {"status": "open"}, follow=True))
    assert "status" in client.post(page, {"status": "gone", "reason": "x"}).context["form"].errors
    client.post(page, {"status": "suspended", "reason": "Fees are not paid."})
    assert Opening.objects.get().status == "suspended"
    words = text_of(client.get(page))
    assert "Fees are not paid." in words
    assert "Can use it now 0 people" in words
    client.post(page, {"status": "open"})
    assert Opening.objects.get().status == "open"
    told = Event.objects.filter(action=Action.OPENING_CHANGED).order_by("pk")
    assert [line.data for line in told] == [
        {"was": "open", "now": "suspended", "reason": "Fees are not paid."},
        {"was": "suspended", "now": "open"},
    ]


def test_openings_are_searched_filtered_and_downloaded(
    company: cast.Cast, other: cast.Cast, place: ServiceGroup
) -> None:
    cast.group(open_to=other.entity)
    type(other.entity).objects.filter(pk=other.entity.pk).update(name_pt="=1+1")
    Opening.objects.filter(entity=other.entity).update(status="suspended")
    client, page = manager(), reverse("admin:services_opening_changelist")

    def found(**query: str) -> list[str]:
        return [row.entity.number for row in client.get(page, query).context["cl"].result_list]

    both = [other.entity.number, company.entity.number]
    assert found(service="entry-declaration") == both
    assert found(q=company.entity.number[:5]) == [company.entity.number]
    assert found(q="別家") == [other.entity.number]
    assert found(status__exact="suspended") == [other.entity.number]
    assert client.get(page, {"service": "nothing"}).status_code == 404
    answer = client.get(reverse("admin:services_opening_csv"), {"status__exact": "suspended"})
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 2
    assert "'=1+1" in lines[1], "no formula"
    assert client.get(reverse("admin:services_opening_csv"), {"nothing": "x"}).status_code == 404
    exported = Event.objects.get(action=Action.OFFICER_EXPORTED)
    assert (exported.data["rows"], exported.data["asked"]) == (1, {"status__exact": "suspended"})


# --- opening to many ---


def upload(place: ServiceGroup, client: Client, content: bytes) -> Any:
    page = reverse("admin:services_eservice_open_file", args=[place.service_id])
    return client.post(page, {"file": SimpleUploadedFile("numbers.csv", content)})


def test_a_file_of_numbers_is_judged_confirmed_and_opened_S13_1(
    company: cast.Cast, other: cast.Cast, place: ServiceGroup
) -> None:
    third = cast.company(name_zh="第三", number="20000004", official=True)
    suspended = cast.company(name_zh="第四", number="30000001", official=True)
    type(suspended.entity).objects.filter(pk=suspended.entity.pk).update(status="suspended")
    closed = cast.company(name_zh="第五", number="40000008", official=True)
    Opening.objects.create(entity=closed.entity, service=place.service, status="withdrawn")
    numbers = [company, other, other, third, suspended, closed]
    text = "entity_number;name\n" + "".join(f'"{each.entity.number}";x\r\n' for each in numbers)
    client = manager()
    answer = upload(place, client, (text + "99999999\n\n!!;bad <b>line\n").encode("utf-8-sig"))
    preview = answer["Location"]
    forecast = client.get(preview).context["forecast"]
    counts = (forecast.new, forecast.open_already, forecast.closed, forecast.suspended, forecast.unknown)
    assert counts == (2, 1, 1, 1, ["99999999"])
    words = client.get(preview).content.decode()
    assert "!!;bad &lt;b&gt;line" in words
    assert Opening.objects.count() == 2, "nothing is opened by looking"
    confirm = preview.replace("change", "confirm")
    assert client.get(confirm).status_code == 405
    client.post(confirm)
    client.post(confirm)
    assert Opening.objects.count() == 2, "nor in the request"
    work()
    assert set(Opening.objects.filter(status="open").values_list("entity", flat=True)) == {
        company.entity.pk,
        other.entity.pk,
        third.entity.pk,
    }
    lines = Event.objects.filter(action=Action.SERVICE_OPENED)
    assert set(lines.values_list("entity_number", flat=True)) == {other.entity.number, third.entity.number}
    told = set(Notification.objects.filter(kind="service_opened").values_list("recipient", flat=True))
    assert told == {other.administrator.euid, third.administrator.euid}
    assert "Done" in text_of(client.get(preview))


def test_all_of_a_kind_are_opened_S13_1(company: cast.Cast, other: cast.Cast, place: ServiceGroup) -> None:
    client = manager()
    page = reverse("admin:services_eservice_open_kind", args=[place.service_id])
    assert "kind" in client.post(page, {"kind": "x"}).context["ways"]["kind"].form.errors
    preview = client.post(page, {"kind": "company"})["Location"]
    client.post(preview.replace("change", "confirm"))
    work()
    assert Opening.objects.filter(entity=other.entity, status="open").exists()
    assert not Opening.objects.filter(entity__kind="authority").exists()
    errand = Errand.objects.get()
    assert (errand.total, errand.done) == (1, 1)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no entity number"),
        (b"\n\n", "no entity number"),
        (b"PK\x03\x04\x00\x00\xff\xfe", "not a CSV file in UTF-8"),
        ("編號\n80216453".encode("big5"), "not a CSV file in UTF-8"),
        (b"8021\x006453", "not a CSV file in UTF-8"),
        (b"1" * 500_001, "too large"),
        (b"80216453\n" * 10_001, "too many lines"),
    ],
)
def test_a_bad_file_is_refused_and_nothing_is_kept(
    company: cast.Cast, place: ServiceGroup, content: bytes, sentence: str
) -> None:
    answer = upload(place, manager(), content)
    assert sentence in text_of(answer)
    assert not Errand.objects.exists()
    page = reverse("admin:services_eservice_open_file", args=[place.service_id])
    assert "Please choose a file." in text_of(manager().post(page, {"file": "not a file"}))


def test_a_preview_that_nobody_confirms_is_forgotten(company: cast.Cast, place: ServiceGroup) -> None:
    operations.prepare_opening(service=place.service, by=cast.officer_login(Role.CATALOGUE), kind="company")
    Errand.objects.update(created_at=timezone.now() - timedelta(hours=23))
    purge_tables("services_errand")
    assert Errand.objects.exists()
    Errand.objects.update(created_at=timezone.now() - timedelta(hours=25))
    purge_tables("services_errand")
    assert not Errand.objects.exists()


# --- languages ---

ENGLISH = ("entity", "entities", "group", "department", "name", "status", "save", "open", "people", "code", "progress")


@pytest.mark.parametrize("language", ["zh-hant", "pt"])
def test_the_pages_speak_the_other_languages_too_Q47(company: cast.Cast, place: ServiceGroup, language: str) -> None:
    keys = about(place)
    EService.objects.update(name_en="XX")
    client = cast.officer(person=cast.officer_login(*Role, is_administrator=True))
    client.cookies[portal_settings.LANGUAGE_COOKIE_NAME] = language
    wrong = {}
    for name in names():
        page, _one = address(name, keys)
        answer = client.get(page)
        if name.startswith("oidc") or answer.status_code != 200 or answer.streaming:
            continue
        words = text_of(answer).casefold().replace("entry-declaration", "").split()
        if found := {each for each in ENGLISH if each in words}:
            wrong[name] = found
    assert wrong == {}
