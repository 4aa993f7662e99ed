"""Officers' search over all entities finds the same by the index of characters and by reading them in their order."""

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from accounts.applications import queries
from accounts.applications.models import Application
from accounts.models import Entity
from accounts.officers import searching
from entity_portal.roles import Role
from tests import cast
from tests.pages import text_of

pytestmark = pytest.mark.django_db
NAMES = [
    ("濠江茶餐飲有限公司", "Hou Kong Chá, Limitada"),
    ("茶江協會", "Associação do Chá"),
    ("江", ""),
    ("", "100% Café_Bar \\ Filhos"),
    ("𠮷祥商號", "Estabelecimento KAT"),
    ("甲乙甲丙乙丙", ""),  # every two of 甲丙乙甲 stand in it
]
TERMS = [
    *(
        "江",
        "濠江",
        "江茶",
        "茶餐飲",
        "𠮷",
        "𠮷祥",
        "龘",
        "公司濠",
        "司H",
        "甲丙乙甲",
        "a",
        "A",
        "lda",
        "chá",
        "CHÁ",
        "cha",
        "limitada",
    ),
    *("%", "0%", "_", "e_b", "\\", "\\ f", " ", "do C", "Ç"),
]


@pytest.fixture(autouse=True)
def named() -> None:
    for name_zh, name_pt in NAMES:
        cast.entity(name_zh=name_zh, name_pt=name_pt, status="suspended")


@pytest.mark.parametrize("often", [0, 1_000], ids=["in order", "by the index"])
@pytest.mark.parametrize("term", TERMS)
def test_a_part_of_a_name_of_any_length_is_found_either_way(
    monkeypatch: pytest.MonkeyPatch, term: str, often: int
) -> None:
    monkeypatch.setattr(searching, "OFTEN", often)
    named = Entity.objects.filter(Q(name_zh__icontains=term) | Q(name_pt__icontains=term)).order_by("number")
    assert searching.entities(term) == [entity.pk for entity in named]


def test_the_registration_number_is_found_in_any_case() -> None:
    known = cast.entity(name_zh="甲", registration_number="4711 so", status="suspended")
    assert searching.entities("4711 SO") == [known.pk]
    assert searching.entities("4711") == []


def test_of_however_many_all_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST", 1)
    words = text_of(cast.officer(Role.REGISTRAR).get("/admin/accounts/entity/?q=江"))
    assert all(name in words for name, _other in NAMES[:2])


def test_parts_of_names_and_registrations_have_indexes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")  # a small table needs none
        limits = {"most": searching.MOST, "first": searching.FIRST, "often": searching.OFTEN}
        # The portal's own statement, which EXPLAIN cannot take as a parameter; its values stay apart.
        cursor.execute(f"EXPLAIN {searching.FIND}", {"term": "江", "number": "", "part": "%江%", **limits})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    for index in ("accounts_entity_by_grams", "accounts_entity_by_register"):
        assert f"Index Scan on {index}" in plan


def test_who_is_named_by_open_applications_has_an_index() -> None:
    person = {"person": {"document_number": "50917346"}}
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        queries.others(Application(answers=person))
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        # The statement that Django has just sent itself.
        cursor.execute(f"EXPLAIN {asked.captured_queries[0]['sql']}")
        assert "Index Scan on applications_by_person" in "\n".join(line for (line,) in cursor.fetchall())
