"""Every page of the main job as Chromium sees it: accessible, within the screen, quiet under the content policy."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page

from entity_portal import demo
from services.models import Assignment, ServiceAdministrator
from staff.models import StaffLogin
from tests.running import Portal

PUBLIC = (
    "/",
    "/login/",
    "/activate/",
    "/help/reset-password/",
    "/help/username/",
    "/apply/",
    "/apply/begin/",
    "/apply/track/",
    "/demo/phone/",
    "/demo/app/",
    "/demo/service/",
    "/nothing/",
    "/account/email/none/",
)
SIGNED_IN = (
    "/",
    "/account/",
    "/account/password/",
    "/account/security/",
    "/account/confirm/",
    "/account/email/",
    "/notifications/",
    "/notifications/choices/",
    "/entity/",
    "/entity/security/",
    "/entity/administrators/",
    "/entity/administrators/choose/",
    "/entity/administrators/choose/?q=nobody",
    "/entity/administrators/new/",
    "/entity/requests/",
    "/entity/requests/?state=asked",
    "/account/correction/",
    "/staff/",
    "/staff/?status=pending",
    "/staff/?q=nobody",
    "/staff/new/",
    "/services/",
    "/entity/service-admins/",
    "/entity/service-admins/?q=nobody",
)
PROVIDER = "/oidc/logout?client_id=sandbox"
PERSON = ("", "edit/", "status/")
LOOKS = [("zh-hant", 390, "light"), ("pt", 1280, "dark"), ("en", 320, "light")]


@pytest.fixture(params=LOOKS, ids=lambda look: "-".join(map(str, look)))
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    _language, width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def test_every_page_is_accessible_fits_and_breaks_no_policy(
    portal: Portal, page: Page, request: pytest.FixtureRequest
) -> None:
    portal.manage("demo_data")
    language = request.node.callspec.params["page"][0]
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("requestfailed", lambda failed: said.append(f"{failed.url}: {failed.failure}"))
    page.goto(f"{portal.url}/language/{language}/?next=/login/")
    wrong = {path: found for path in PUBLIC if (found := faults(page, portal.url + path))}

    administrator = demo.logins()[0]
    for _try in range(2):  # then the human check is asked too
        page.goto(f"{portal.url}/login/", wait_until="networkidle")
        for field in ("entity_number", "username", "password"):
            page.locator(f"[name={field}]").fill("nobody")
        page.locator("main form [class~=primary]").first.click()
        page.locator("[role=alert]").wait_for()
    page.locator("[name=human_1]").wait_for()
    wrong |= {"/login/ with the human check": found} if (found := faults_now(page)) else {}

    page.goto(f"{portal.url}/login/")
    page.locator("[name=entity_number]").fill(administrator.entity_number)
    page.locator("[name=username]").fill(administrator.username)
    page.locator("[name=password]").fill(administrator.password)
    page.locator("main form [class~=primary]").first.click()
    page.wait_for_url(f"{portal.url}/")
    page.goto(f"{portal.url}/services/")
    service = page.locator("main a[href^='/services/']").first.get_attribute("href") or ""
    page.goto(portal.url + service)
    group = page.locator(f"main a[href^='{service}']").first.get_attribute("href") or ""
    people = StaffLogin.objects.filter(entity__number=administrator.entity_number)
    persons = [
        f"/staff/{people.filter(status=status).order_by('pk')[0].euid}/{part}"
        for status in ("pending", "active", "departed")
        for part in PERSON
    ]
    _none, _services, code, group_code, _end = group.split("/")
    members = Assignment.objects.filter(group__code=group_code, group__service__code=code, ended_at=None)
    member = members.filter(entity__number=administrator.entity_number)[0].login
    power = ServiceAdministrator.objects.filter(entity__number=administrator.entity_number)[0].login
    more = (f"{group}edit/", f"{group}{member.euid}/", f"/entity/service-admins/{power.euid}/")
    for path in (*SIGNED_IN, service, group, *more, *persons):
        if found := faults(page, portal.url + path):
            wrong[path] = found
    # the provider's pages: consent, a question before signing out, a request that cannot be read, and who may not
    asked = {
        "response_type": "code",
        "client_id": "sandbox",
        "scope": "openid profile",
        "prompt": "consent",
        "redirect_uri": f"{portal.url}/demo/service/callback/",
        "code_challenge_method": "S256",
        "code_challenge": "c" * 43,
    }
    authorize = f"/oidc/authorize?{urlencode(asked)}"
    wrong |= {path: found for path in (authorize, PROVIDER) if (found := faults(page, portal.url + path))}
    assert page.locator("main form").count() == 1
    person = StaffLogin.objects.get(entity__number=administrator.entity_number, username=administrator.username)
    Assignment.objects.filter(login=person, group__service__code="sandbox").update(ended_at=timezone.now())
    for path, kind in (("/oidc/authorize", "unreadable"), (authorize, "may not")):
        if found := faults(page, portal.url + path):
            wrong[kind] = found
    assert page.locator("main form button").count() == 3
    # what does not exist, cannot be read or may not be; an icon that had not come when the page was left
    expected = re.compile(r"\b(400|403|404|410)\b|\.svg: net::ERR_ABORTED$")
    said = [each for each in said if not expected.search(each)]
    assert (wrong, said) == ({}, [])


def faults(page: Page, address: str) -> list[str]:
    page.goto(address)
    return faults_now(page)


def faults_now(page: Page) -> list[str]:
    """What axe finds on a page, and whether it is wider than its screen."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    faults = [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found.response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append("wider than the screen")
    return faults


def test_a_first_visit_to_the_login_page_takes_at_most_60_kilobytes(portal: Portal, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    sizes: list[int] = []

    def count(request: object) -> None:
        found = request.sizes()  # type: ignore[attr-defined]
        sizes.append(found["responseBodySize"] + found["responseHeadersSize"])

    page.on("requestfinished", count)
    page.goto(f"{portal.url}/login/", wait_until="networkidle")
    context.close()
    assert 0 < sum(sizes) <= 60_000, f"{sum(sizes)} bytes"
