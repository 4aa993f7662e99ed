"""The catalogue as a catalogue manager meets it: their own department's, and nothing of another's (S13, Q24)."""

from playwright.sync_api import Browser, expect

from entity_portal.roles import Role
from services.models import EService
from tests import cast
from tests.browser.test_deciding import Officer
from tests.running import Portal

SERVICES = "/admin/services/eservice/"


def test_what_is_withdrawn_rests_and_comes_back_and_another_departments_is_404_Q24(
    portal: Portal, browser: Browser
) -> None:
    house = cast.company()
    own = cast.group(open_to=house.entity)
    cast.member(own, house.staff)
    other = EService.objects.create(
        department=cast.department("dsf"),
        code="taxes",
        name_zh="報稅",
        name_pt="Impostos",
        name_en="Taxes",
    )
    manager = Officer(browser, portal, Role.CATALOGUE, name="catalogue.one")
    page = manager.page
    manager.look(SERVICES)
    expect(page.get_by_role("link", name="entry-declaration")).to_be_visible()
    expect(page.get_by_text("taxes")).to_have_count(0)
    for address in (
        f"{SERVICES}{other.pk}/change/",
        f"{SERVICES}{other.pk}/withdraw/",
        f"{SERVICES}{other.pk}/open/",
        f"/admin/services/department/{other.department_id}/change/",
        "/admin/services/eservice/999999/change/",
    ):
        answer = page.goto(portal.url + address)
        assert answer
        assert answer.status == 404, address
        expect(page.get_by_role("heading", level=1)).to_have_text("This page was not found")
    manager.said.clear()  # the console names what was not found

    manager.look(f"{SERVICES}{own.service_id}/change/")
    page.get_by_role("link", name="Withdraw the e-service").click()
    expect(page.get_by_text(house.entity.name_pt)).to_be_visible()  # who is affected comes first
    manager.look()
    page.get_by_role("button", name="Withdraw").click()
    manager.sees("Withdrawn.")
    assert EService.objects.get(pk=own.service_id).withdrawn_at
    page.get_by_role("link", name="Reopen the e-service").click()
    page.get_by_role("button", name="Reopen").click()
    assert EService.objects.get(pk=own.service_id).withdrawn_at is None
    manager.context.close()
