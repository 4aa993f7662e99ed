"""An application that officers decide, as they and people at the counter meet it (Q1, S12.4)."""

from pathlib import Path

import pytest
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Browser, expect

from accounts.applications import operations
from accounts.applications.models import Application, DocumentKind, MediaType, State
from accounts.models import Entity
from entity_portal.messaging.models import SMS
from entity_portal.roles import Role
from tests.accounts.applications.asking import NUMBER, PDF, REPRESENTATIVE, first, line
from tests.browser.axe import faults_now
from tests.browser.test_messages import come_in
from tests.cast import officer_login
from tests.running import Portal

QUEUE = "/admin/applications/application/"


class Officer:
    """An officer in a browser of their own, with what the console said against them."""

    def __init__(self, browser: Browser, portal: Portal, *roles: Role, name: str, width: int = 1280) -> None:
        self.login = officer_login(*roles, username=name, name_zh="", name_foreign=name.upper())
        self.device = TOTPDevice.objects.create(user=self.login, name="app", confirmed=True)
        self.portal = portal
        self.context = browser.new_context(locale="zh-Hant-MO", viewport={"width": width, "height": 900})
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)
        come_in(self.page, portal, self.login)
        self.page.get_by_role("textbox", name="驗證碼").fill(f"{totp(self.device.bin_key):06d}")
        self.page.get_by_role("button", name="確認").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Home")  # as the officer has chosen

    def look(self, path: str = "") -> None:
        """The page, here or there, is accessible and quiet under the content policy."""
        if path:
            self.page.goto(self.portal.url + path)
        assert self.said == [], self.page.url
        assert faults_now(self.page) == [], self.page.url
        self.said.clear()  # axe itself puts styles of imported sheets into the page
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), self.page.url

    def of(self, application: Application, page: str = "change") -> str:
        return f"{self.portal.url}{QUEUE}{application.number}/{page}/"

    def sees(self, words: str) -> None:
        expect(self.page.get_by_role("status").or_(self.page.get_by_role("alert")).first).to_contain_text(words)


def waits() -> Application:
    """A first application that differs from the register, with a document."""
    line()
    application = first(people=2, representative={**REPRESENTATIVE, "document_number": "11351285"})
    kind, pdf = DocumentKind.REGISTRATION, MediaType.PDF
    operations.add_document(application=application, kind=kind, name="certificate.pdf", media_type=pdf, content=PDF)
    return operations.submit(application=application)


def test_what_waits_is_asked_answered_and_approved_by_a_second_officer_S12_4(portal: Portal, browser: Browser) -> None:
    application = waits()
    registrar = Officer(browser, portal, Role.REGISTRAR, name="a.registrar", width=390)
    registrar.look("/admin/")
    registrar.look(QUEUE)
    page = registrar.page
    page.get_by_role("button", name="Take the oldest that nobody has").click()
    registrar.sees(f"You work on application {application.number} now.")
    expect(page.get_by_role("row", name="Identification document no.")).to_contain_text("Different")
    expect(page.get_by_role("link", name="Approve the application")).to_have_count(0)
    registrar.look()
    expect(page.get_by_text("11351285")).to_have_count(0)
    page.get_by_role("button", name="Show in full").click()
    expect(page.get_by_text("11351285")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Open the file certificate.pdf").click()
    assert download.value.suggested_filename == "certificate.pdf"
    page.get_by_role("link", name="Ask for more information").click()
    registrar.look()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Reason")
    registrar.look()
    page.get_by_role("radio", name="A document is missing.").check()
    page.get_by_label("In your own words").fill("The certificate of the register.")
    page.get_by_role("button", name="Ask", exact=True).click()
    registrar.sees("The applicant is asked")
    operations.answer(application=application, text="It is on the way.")

    approver = Officer(browser, portal, Role.APPROVER, name="an.approver")
    page = approver.page
    approver.look(QUEUE)
    page.get_by_role("link", name=application.number).click()
    expect(page.get_by_text("It is on the way.")).to_be_visible()
    page.get_by_role("button", name="Take on").click()
    approver.sees("You work on this application now.")
    registrar.page.goto(registrar.of(application))
    expect(registrar.page.get_by_text("AN.APPROVER works on it, until")).to_be_visible()
    expect(registrar.page.get_by_role("link", name="Ask for more information")).to_have_count(0)
    page.get_by_role("link", name="Approve the application").click()
    expect(page.get_by_role("heading", name="This happens at once")).to_be_visible()
    approver.look()
    page.get_by_role("button", name="Approve", exact=True).click()
    approver.sees("Approved: what was applied for is done.")
    approver.look()
    entity = Entity.objects.get(registration_number=NUMBER)
    assert entity.logins.filter(is_administrator=True).count() == 2
    assert SMS.objects.filter(entity_number=entity.number, purpose="activation").count() == 2
    for each in (registrar, approver):
        each.context.close()


@pytest.mark.parametrize("roles", [(Role.REGISTRAR,), (Role.REGISTRAR, Role.APPROVER)], ids=["registrar", "both"])
def test_nobody_decides_what_they_entered_at_the_counter_Q1(
    portal: Portal, browser: Browser, roles: tuple[Role, ...], tmp_path: Path
) -> None:
    line()
    clerk = Officer(browser, portal, *roles, name="a.clerk")
    page = clerk.page
    clerk.look(f"{QUEUE}counter/")
    page.get_by_role("radio", name="Application for an entity account").check()
    page.get_by_label("Language in which the applicant is told").select_option(label="English")
    page.get_by_role("button", name="Begin").click()
    group = page.get_by_role("group", name="Entity", exact=True)
    group.get_by_label("Kind of entity").select_option(label="Company")
    group.get_by_label("Name of the entity in Chinese").fill("天成製衣有限公司")
    group.get_by_label("Registration number").fill("30461so")
    group = page.get_by_role("group", name="Legal representative", exact=True)
    group.get_by_label("Name in Chinese").fill("彭月娟")
    group.get_by_label("Identification document no.").fill("1135128(4)")
    group.get_by_label("Date of birth").fill("1990-01-01")
    group.get_by_label("Mobile phone number").fill("66000001")
    group = page.get_by_role("group", name="Administrator 1", exact=True)
    group.get_by_label("Name in Portuguese").fill("FONG CHI KIN")
    group.get_by_label("Identification document no.").fill("20000000")
    group.get_by_label("Place of issue").select_option(label="Macao")
    group.get_by_label("Date of birth").fill("1990-01-01")
    group.get_by_label("Mobile phone number").fill("66500000")
    page.get_by_role("group", name="Whom to tell").get_by_label("Mobile phone number").fill("66500000")
    paper = tmp_path / "agreement.pdf"
    paper.write_bytes(PDF)
    page.get_by_label("File").first.set_input_files(paper)
    page.get_by_role("button", name="Save and check").click()
    expect(page.get_by_role("alert")).to_contain_text("The agreement must be signed first.")
    clerk.look()
    page.get_by_label("The legal representative has signed").check()
    page.get_by_role("button", name="Save and check").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check and hand in")
    clerk.look()
    page.get_by_role("button", name="Hand in").click()
    clerk.sees("Another officer decides it.")
    application = Application.objects.get()
    assert (application.state, application.entered_by) == (State.SUBMITTED, clerk.login)
    page.goto(clerk.of(application))
    for name in ("Approve the application", "Refuse the application"):
        expect(page.get_by_role("link", name=name)).to_have_count(0)
    if Role.APPROVER in roles:
        expect(page.get_by_text("You entered this application: another officer decides.")).to_be_visible()
        clerk.look()
    page.goto(clerk.of(application, "approve"))
    expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    clerk.context.close()
