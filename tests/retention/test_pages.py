"""Pages about whoever was forgotten: they say that there is nothing, and nothing else breaks."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.applications.models import Application, Kind
from accounts.models import Entity
from entity_portal.roles import Role
from staff.models import StaffLogin, Status
from tests import cast
from tests.cast import Cast
from tests.pages import text_of
from tests.purging import purge_tables
from tests.retention import past

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=3650)


@pytest.fixture
def forgotten(company: Cast) -> StaffLogin:
    login = cast.login(
        entity=company.entity,
        status=Status.DEPARTED,
        username="wong.kamfong",
        name_zh="黃錦芳",
        name_foreign="WONG KAM FONG",
        document_number="71234567",
        departed_at=timezone.now() - LONG_AGO,
        is_administrator=True,
    )
    assert purge_tables("staff_stafflogin") == 2
    return login


def test_whoever_was_forgotten_is_still_shown_as_departed_S3_10(company: Cast, forgotten: StaffLogin) -> None:
    client = cast.enter(company.administrator)
    shown = text_of(client.get("/staff/", {"status": "departed"}))
    assert "wong.kamfong" in shown
    assert "WONG KAM FONG" in shown
    page = client.get(f"/staff/{forgotten.euid}/")
    assert page.status_code == 200
    assert "71234567" not in page.content.decode()
    assert "WONG KAM FONG" in text_of(page)
    assert "wong.kamfong" in b"".join(client.get("/staff/export.csv").streaming_content).decode()


def test_the_number_of_whoever_was_forgotten_is_free_and_the_username_is_not_Q25(
    company: Cast, forgotten: StaffLogin
) -> None:
    assert cast.login(entity=company.entity, document_number="71234567", username="another.one").pk
    assert StaffLogin.objects.find(entity_number=company.entity.number, username="wong.kamfong") == forgotten


def application_of(kind: Kind, company: Cast) -> tuple[dict[str, Any], dict[str, Any]]:
    if kind == Kind.FIRST:
        return past.ANSWERS, {}
    if kind == Kind.ADMINISTRATORS:
        return {"representative": past.PERSON, "person": past.PERSON, "agreement": past.ANSWERS["agreement"]}, {}
    return {"changes": {"name_zh": "何梓軒", "document_number": "12345678"}, "explanation": "何梓軒"}, {
        "login": company.staff
    }


@pytest.mark.parametrize("kind", Kind)
def test_the_pages_of_an_approved_application_are_drawn_without_people(company: Cast, kind: Kind) -> None:
    answers, about = application_of(kind, company)
    application = past.approved(timezone.now() - LONG_AGO, kind, answers, entity=company.entity, **about)
    assert purge_tables("applications_application") == 1
    application = Application.objects.get(pk=application.pk)
    assert application.answers.keys() == answers.keys()
    assert application.answers.get("agreement") == answers.get("agreement"), "which terms were accepted stays"
    officers = cast.officer(Role.APPROVER).get(f"/admin/applications/application/{application.number}/change/")
    entitys = cast.enter(company.administrator).get(f"/entity/requests/{application.number}/")
    for page in (officers, entitys):
        assert page.status_code == 200
        said = text_of(page)
        assert application.number in said
        assert "12345678" not in page.content.decode()
    assert Entity.objects.filter(pk=company.entity.pk).exists()
