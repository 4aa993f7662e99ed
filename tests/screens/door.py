"""States of pages of whoever has not signed in, and of what went wrong."""

from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from activation.models import ActivationCode
from activation.operations import send_code
from entity_portal import demo
from entity_portal.roles import Role
from staff import operations as staff
from staff.models import StaffLogin
from staff.models.email import EmailChange
from tests import cast
from tests.accounts.applications import filling_in
from tests.screens.states import listed, scene
from tests.screens.world import World

DOOR = "door"

listed(
    DOOR,
    """
home                          nobody  /
staff:sign_in                 nobody  /login/
staff:sign_in                 nobody  /login/?ended=1                            ended
staff:sign_in                 nobody  /login/?entity=80216453                    entity_given
activation:start              nobody  /activate/
activation:start              nobody  /activate/?entity=80216453                 entity_given
staff:reset_password          nobody  /help/reset-password/
staff:remind_username         nobody  /help/username/
applications:apply            nobody  /apply/
applications:apply_begin      nobody  /apply/begin/
applications:track            nobody  /apply/track/
staff:confirm_email           nobody  /account/email/none/                       gone  =410
messaging:phone               nobody  /demo/phone/
messaging:phone               nobody  /demo/phone/?number=%2B85366880012         chosen
demo_app                      nobody  /demo/app/
sandbox:home                  nobody  /demo/service/
sandbox:callback              nobody  /demo/service/callback/                    refused  =403
oidc:authorize                nobody  /oidc/authorize                            unreadable  =400
fault                         nobody  /screens/fault/                            =500
too_many                      nobody  /screens/429/                              =429
too_much                      nobody  /screens/503/                              =503
accessibility                 nobody  /accessibility/
privacy                       nobody  /privacy/
guide:contents                nobody  /guide/
guide:heading                 nobody  /guide/log-in/
guide:heading                 nobody  /guide/add-staff/                          add_staff
guide:whole                   nobody  /guide/print/
styleguide                    nobody  /styleguide/
home                          nobody  /?q=%00                                    unreadable  =400
home                          nobody  /nothing/                                  missing  =404
""",
)


def at_the_door(person: StaffLogin, password: str = cast.PASSWORD) -> Client:
    """Somebody who has given the right password and has not come in yet."""
    client = Client()
    data = {"entity_number": person.entity.number, "username": person.username, "password": password}
    assert client.post("/login/", data)["Location"] != "/"
    return client


def somebody(**fields: object) -> StaffLogin:
    """A new login of the entity that keeps the portal, so that no state is in another's way."""
    return cast.login(entity=cast.authority(), **fields)


@scene(DOOR, "staff:sign_in", act=lambda page: wrong_password(page))
def the_human_check_is_asked(world: World) -> tuple[Client, str]:
    return Client(), "/login/"


def wrong_password(page: Page) -> None:
    for _try in range(3):
        for name in ("entity_number", "username", "password"):
            page.locator(f"[name={name}]").fill("nobody")
        with page.expect_navigation():
            page.locator("main form .primary").first.click()
    page.locator("[name=human_1]").wait_for()


@scene(DOOR, "staff:verify")
def the_code_of_an_app(world: World) -> tuple[Client, str]:
    return at_the_door(world.person("auditor"), demo.PASSWORD), "/login/verify/"


@scene(DOOR, "staff:verify")
def a_recovery_code(world: World) -> tuple[Client, str]:
    person = cast.officer_login(Role.AUDITOR)
    begun = staff.begin_app(login=person)
    begun.confirmed = True
    begun.save()
    staff.new_recovery_codes(login=person)
    return at_the_door(person), "/login/verify/?by=recovery"


@scene(DOOR, "staff:verify")
def a_code_by_sms(world: World) -> tuple[Client, str]:
    return at_the_door(cast.officer_login(Role.AUDITOR)), "/login/verify/"


def past(client: Client, step: str) -> Client:
    """The steps before one are done."""
    session = client.session
    session["door"] = session["door"] | {"todo": [step]}
    session.save()
    return client


@scene(DOOR, "staff:set_up_app")
def an_app_is_demanded(world: World) -> tuple[Client, str]:
    person = cast.officer_login(Role.AUDITOR)
    client = past(at_the_door(person), "app")
    session = client.session
    session["door"] = session["door"] | {"begun": staff.begin_app(login=person).pk}
    session.save()
    return client, "/login/app/"


@scene(DOOR, "staff:new_password")
def a_new_password_is_demanded(world: World) -> tuple[Client, str]:
    person = somebody()
    staff.demand_new_password(login=person, by=None)
    return at_the_door(person), "/login/password/"


@scene(DOOR, "activation:accept_terms")
def terms_are_new(world: World) -> tuple[Client, str]:
    person = somebody()
    staff.demand_new_password(login=person, by=None)
    return past(at_the_door(person), "terms"), "/login/terms/"


def identified() -> Client:
    """Step 1 of the activation is done."""
    house = cast.authority()
    person = cast.login(entity=house, status="pending")
    send_code(login=person, by=house.logins.filter(is_administrator=True, status="active")[0])
    return with_session(
        activation={
            "code": ActivationCode.objects.get(login=person).pk,
            "birth_date": person.birth_date.isoformat(),
            "terms": cast.terms.current("en").pk,
            "at": timezone.now().isoformat(),
        }
    )


@scene(DOOR, "activation:credentials")
def step_2(world: World) -> tuple[Client, str]:
    return identified(), "/activate/credentials/"


def with_session(**kept: object) -> Client:
    client = Client()
    session = client.session
    session.update(kept)
    session.save()
    return client


ACTIVATED = {"euid": "CU1234567897", "username": "ho.chihin", "entity_number": "80216453"}


@scene(DOOR, "activation:done")
def step_3(world: World) -> tuple[Client, str]:
    return with_session(activated=ACTIVATED), "/activate/done/"


@scene(DOOR, "staff:reset_password_code")
def the_code_and_a_new_password(world: World) -> tuple[Client, str]:
    client = Client()
    data = {"entity_number": "80216453", "username": "wong.kacheng", "birth_date": "1990-01-01"}
    client.post("/help/reset-password/", data | filling_in.human())
    return client, "/help/reset-password/code/"


@scene(DOOR, "staff:remind_username")
def after_it_was_asked_for(world: World) -> tuple[Client, str]:
    client = Client()
    data = {"entity_number": "80216453", "document_type": "bir_permanent", "document_number": "12345678"}
    client.post("/help/username/", data | {"birth_date": "1990-01-01"} | filling_in.human())
    return client, "/help/username/"


@scene(DOOR, "staff:confirm_email")
def a_link_that_is_good(world: World) -> tuple[Client, str]:
    person = somebody()
    _link, token = EmailChange.issue(login=person, email="new@example.mo")
    return Client(), f"/account/email/{token}/"


@scene(DOOR, "staff:sign_in", status=403, act=lambda page: without_token(page))
def a_form_without_its_token(world: World) -> tuple[Client, str]:
    return Client(), "/login/"


def without_token(page: Page) -> None:
    page.context.clear_cookies(name="csrftoken")
    with page.expect_navigation():
        page.locator("main form .primary").first.click()
