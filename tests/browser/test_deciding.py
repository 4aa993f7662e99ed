"""An application that officers decide, as they and people at the counter meet it (Q1, S12.4)."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Browser, Page, expect

from accounts.applications import operations
from accounts.applications.models import Application, DocumentKind, MediaType, State
from accounts.models import Entity
from entity_portal.messaging.models import SMS
from entity_portal.roles import Role
from staff.models import StaffLogin
from tests.accounts.applications.asking import NUMBER, PDF, REPRESENTATIVE, first, line
from tests.browser.test_every_page import faults_now
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
        self.page.set_default_timeout(15_000)
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


@pytest.fixture
def house(portal: Portal) -> Iterator[None]:
    line()
    yield


def test_smoke(portal: Portal, browser: Browser, house: None) -> None:
    shots = Path(os.environ.get("DESK_SHOTS", "/tmp/desk-shots"))
    shots.mkdir(exist_ok=True)
    application = first(people=2, representative={**REPRESENTATIVE, "document_number": "11351285"})
    operations.add_document(
        application=application,
        kind=DocumentKind.REGISTRATION,
        name="certificate.pdf",
        media_type=MediaType.PDF,
        content=PDF,
    )
    operations.submit(application=application)
    operations.submit(application=first())
    both = Officer(browser, portal, Role.REGISTRAR, Role.APPROVER, name="an.officer")
    page = both.page
    draft = operations.begin(kind="first", language="pt", by=both.login, channel="counter")
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for name, path in {
            "queue": QUEUE,
            "work": f"{QUEUE}{application.number}/change/",
            "ask": f"{QUEUE}{application.number}/ask/",
            "refuse": f"{QUEUE}{application.number}/refuse/",
            "approve": f"{QUEUE}{application.number}/approve/",
            "counter": f"{QUEUE}counter/",
            "fill": f"{QUEUE}counter/{draft.number}/",
            "review": f"{QUEUE}counter/{draft.number}/review/",
            "index": "/admin/",
        }.items():
            page.goto(portal.url + path)
            page.screenshot(path=shots / f"{name}-{width}.png", full_page=True)
            print(
                name,
                width,
                both.said,
                faults_now(page),
                page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]"),
            )
            both.said.clear()
    assert 0
