"""States of pages of whoever has signed in: everybody, administrators, and what e-services ask."""

from datetime import timedelta
from urllib.parse import urlencode

from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from accounts.applications import operations as applications
from accounts.applications.models import Application, Reason
from services.models import Assignment, EService, ServiceGroup
from staff import operations as staff
from staff.models import StaffLogin
from tests import cast
from tests.accounts.applications import asking
from tests.screens.states import listed, pressed, scene
from tests.screens.world import World

HOUSE = "house"

listed(
    HOUSE,
    """
home                               administrator  /
home                               assigner       /
home                               staff          /
home                               fresh          /
account                            administrator  /account/
account                            assigner       /account/
account                            staff          /account/
staff:change_password              staff          /account/password/
staff:confirm                      staff          /account/confirm/
staff:change_email                 staff          /account/email/
staff:security                     staff          /account/security/
staff:replace_app                  staff          /account/security/app/replace/
staff:remove_app                   staff          /account/security/app/remove/
staff:new_recovery_codes           staff          /account/security/recovery-codes/new/
staff:notifications                administrator  /notifications/
staff:notifications                fresh          /notifications/
staff:notifications                two            /notifications/
staff:notification_choices         administrator  /notifications/choices/
staff:notification_choices         staff          /notifications/choices/
entity                             administrator  /entity/
entity                             fresh          /entity/
staff:entity_security              administrator  /entity/security/
staff:list                         administrator  /staff/
staff:list                         administrator  /staff/?page=2                          page_2
staff:list                         administrator  /staff/?status=pending                  pending
staff:list                         administrator  /staff/?status=departed                 departed
staff:list                         administrator  /staff/?q=nobody                        nobody_found
staff:list                         administrator  /staff/?sort=-name_zh                   by_strokes
staff:list                         fresh          /staff/
staff:history                      administrator  /history/
staff:history                      administrator  /history/?q=nobody                      nobody_found
staff:history                      fresh          /history/
staff:new                          administrator  /staff/new/
person                             administrator  /staff/{pending}/                       pending
person                             administrator  /staff/{invited}/                       invited
person                             administrator  /staff/{active}/                        active
person                             administrator  /staff/{locked}/                        locked
person                             administrator  /staff/{departed}/                      departed
person                             administrator  /staff/{self}/                          self
person                             two            /staff/{other}/                         administrator
staff:edit                         administrator  /staff/{pending}/edit/                  pending
staff:edit                         administrator  /staff/{active}/edit/                   active
staff:edit                         administrator  /staff/{departed}/edit/                 departed
staff:edit                         two            /staff/{other}/edit/                    administrator
depart                             administrator  /staff/{active}/status/                 active
depart                             administrator  /staff/{pending}/status/                pending
depart                             administrator  /staff/{departed}/status/               departed
depart                             administrator  /staff/{self}/status/                   self
staff:remove_administrator         two            /staff/{other}/administrator/           other
staff:remove_administrator         administrator  /staff/{self}/administrator/            last
services:list                      administrator  /services/
services:list                      assigner       /services/
services:list                      fresh          /services/
services:service                   administrator  {service}
services:group                     administrator  {group}
services:group                     assigner       {group}
services:edit_group                administrator  {group}edit/
services:edit_group                administrator  {group}edit/?q=nobody                   nobody_found
services:dates                     administrator  {group}{member}/
services:administrators            administrator  /entity/service-admins/
services:administrators            administrator  /entity/service-admins/?q=nobody        nobody_found
services:administrators            fresh          /entity/service-admins/
services:administrator             administrator  /entity/service-admins/{power}/
applications:administrators        administrator  /entity/administrators/
applications:administrators        fresh          /entity/administrators/
applications:administrators_choose administrator            /entity/administrators/choose/
applications:administrators_choose administrator            /entity/administrators/choose/?q=nobody  nobody_found
applications:administrators_new    administrator            /entity/administrators/new/
applications:requests              administrator  /entity/requests/
applications:requests              administrator  /entity/requests/?state=asked           asked
applications:requests              fresh          /entity/requests/
applications:request               administrator  /entity/requests/{power_request}/       power
applications:request               administrator  /entity/requests/{correction}/          correction
applications:request_withdraw      administrator  /entity/requests/{power_request}/withdraw/
applications:own_correction        staff          /account/correction/
applications:own_correction        assigner       /account/correction/                    open
applications:correction            administrator  /staff/{active}/correction/
oidc:end_session                   administrator  /oidc/logout?client_id=sandbox
home                               administrator  /nothing/                               missing =404
""",
)


_numbers = iter(range(50_000, 60_000))  # of each file of this folder its own


def house() -> cast.Cast:
    """An entity of a state's own, with a legal representative whom the register knows."""
    made = cast.company(name_zh="另一家有限公司", number=str(next(_numbers) + 80_900_000), official=True)
    number = f"{next(_numbers)} SO"
    asking.line(registration_number=number)
    entity = made.entity
    entity.registration_number = number
    entity.save()
    asking.LegalRepresentative.objects.create(
        entity=entity,
        name_zh="彭月娟",
        name_foreign="PANG UT KUN",
        document_number="11351284",
        mobile=asking.ON_THE_REGISTER,
        holds_macao_resident_id=True,
    )
    return made


def enter(person: StaffLogin) -> Client:
    client = Client()
    client.force_login(person)
    cast.prove(client)
    return client


@scene(HOUSE, "staff:change_email")
def a_link_is_waiting(world: World) -> tuple[Client, str]:
    person = house().staff
    staff.ask_email_change(login=person, by=person, email="new@example.mo")
    return enter(person), "/account/email/"


@scene(HOUSE, "account")
def with_a_link_waiting(world: World) -> tuple[Client, str]:
    person = house().staff
    staff.ask_email_change(login=person, by=person, email="new@example.mo")
    return enter(person), "/account/"


@scene(HOUSE, "staff:app")
def setting_up(world: World) -> tuple[Client, str]:
    person = house().staff
    client = enter(person)
    client.post("/account/security/app/begin/")
    return client, "/account/security/app/"


@scene(HOUSE, "staff:recovery_codes", errors=False)
def shown(world: World) -> tuple[Client, str]:
    person = house().staff
    client = enter(person)
    session = client.session
    codes = staff.new_recovery_codes(login=person)
    session["recovery_codes"] = {
        "login": int(session[SESSION_KEY]),
        "codes": codes,
        "at": timezone.now().isoformat(),
    }
    session.save()
    return client, "/account/security/recovery-codes/"


@scene(HOUSE, "staff:security")
def with_an_app(world: World) -> tuple[Client, str]:
    person = house().staff
    begun = staff.begin_app(login=person)
    begun.confirmed = True
    begun.save()
    enter(person)
    return enter(person), "/account/security/"


@scene(HOUSE, "activation:create_and_send", act=lambda page: nothing_filled_in(page))
def with_nothing_filled_in(world: World) -> tuple[Client, str]:
    return world.enter("administrator"), "/staff/new/"


def nothing_filled_in(page: Page) -> None:
    with page.expect_navigation():
        page.locator("button[formaction$='/send/']").click()


@scene(HOUSE, "person", act=pressed("form[action$='/send-code/'] button"))
def a_code_was_sent_now(world: World) -> tuple[Client, str]:
    made = house()
    return enter(made.administrator), f"/staff/{made.pending.euid}/"


@scene(HOUSE, "services:group")
def nobody_is_in_it(world: World) -> tuple[Client, str]:
    made = house()
    cast.group(open_to=made.entity, service="food-import", code="administrators")
    return enter(made.administrator), "/services/food-import/administrators/"


@scene(HOUSE, "services:group")
def with_dates(world: World) -> tuple[Client, str]:
    made = house()
    group = cast.group(open_to=made.entity, service="food-import", code="administrators")
    later = timezone.localdate() + timedelta(days=30)
    cast.member(group, made.staff, valid_from=later, valid_until=later + timedelta(days=30))
    return enter(made.administrator), "/services/food-import/administrators/"


@scene(HOUSE, "staff:list")
def one_is_an_administrator_too(world: World) -> tuple[Client, str]:
    made = house()
    cast.login(entity=made.entity, is_administrator=True, name_zh="")
    return enter(made.administrator), "/staff/?role=administrator"


# --- section 十二 ---


def more(*, person: bool = False, **fields: object) -> tuple[cast.Cast, Client, Application]:
    made = house()
    login = None if person else made.staff
    application = asking.more_administrators(made.administrator, login=login, **fields)
    return made, enter(made.administrator), application


for page_name in ("representative", "documents", "agreement", "review"):

    @scene(HOUSE, f"applications:administrators_{page_name}")
    def for_a_person_of_the_list(world: World, page_name: str = page_name) -> tuple[Client, str]:
        _made, client, application = more()
        return client, f"/entity/administrators/{application.number}/{page_name}/"


@scene(HOUSE, "applications:administrators_person")
def somebody_new(world: World) -> tuple[Client, str]:
    _made, client, application = more(person=True)
    return client, f"/entity/administrators/{application.number}/person/"


@scene(HOUSE, "applications:administrators")
def one_begun(world: World) -> tuple[Client, str]:
    _made, client, _application = more()
    return client, "/entity/administrators/"


@scene(HOUSE, "applications:administrators_proof")
def at_once_or_later(world: World) -> tuple[Client, str]:
    made, client, application = more()
    applications.submit(application=application, by=made.administrator)
    return client, f"/entity/administrators/{application.number}/proof/"


@scene(HOUSE, "applications:administrators_consent")
def before_a_code(world: World) -> tuple[Client, str]:
    made, client, application = more()
    applications.submit(application=application, by=made.administrator)
    return client, f"/entity/administrators/{application.number}/consent/"


@scene(HOUSE, "applications:administrators_consent")
def with_a_code(world: World) -> tuple[Client, str]:
    made, client, application = more()
    applications.submit(application=application, by=made.administrator)
    client.post(f"/entity/administrators/{application.number}/consent/send/")
    return client, f"/entity/administrators/{application.number}/consent/"


@scene(HOUSE, "applications:request")
def of_it_more_is_asked(world: World) -> tuple[Client, str]:
    made, client, application = more(person=True)
    applications.submit(application=application, by=made.administrator)
    reason = Reason.DOCUMENT_MISSING
    applications.ask(application=application, by=world.person("approver"), reason=reason, text="請補交。")
    return client, f"/entity/requests/{application.number}/"


@scene(HOUSE, "applications:request")
def it_is_approved(world: World) -> tuple[Client, str]:
    made, client, application = more()
    applications.submit(application=application, by=made.administrator)
    applications.approve(application=application, by=world.person("approver"))
    return client, f"/entity/requests/{application.number}/"


def correcting(*, hand_in: bool = False) -> tuple[cast.Cast, Client, Application]:
    made = house()
    application = asking.correction(made.staff, made.administrator, name_foreign="AO HOI YAN")
    if hand_in:
        applications.submit(application=application, by=made.administrator)
    return made, enter(made.administrator), application


for page_name in ("changes", "review"):

    @scene(HOUSE, f"applications:correction_{page_name}")
    def a_draft(world: World, page_name: str = page_name) -> tuple[Client, str]:
        _made, client, application = correcting()
        return client, f"/entity/requests/{application.number}/{page_name}/"


@scene(HOUSE, "applications:correction")
def one_is_open(world: World) -> tuple[Client, str]:
    made, client, _application = correcting(hand_in=True)
    return client, f"/staff/{made.staff.euid}/correction/"


@scene(HOUSE, "applications:request")
def a_correction_of_which_more_is_asked(world: World) -> tuple[Client, str]:
    _made, client, application = correcting(hand_in=True)
    reason = Reason.DOCUMENT_MISSING
    applications.ask(application=application, by=world.person("approver"), reason=reason, text="請補交。")
    return client, f"/entity/requests/{application.number}/"


# --- e-services ---

ASKED = {
    "response_type": "code",
    "client_id": "sandbox",
    "scope": "openid profile",
    "prompt": "consent",
    "code_challenge_method": "S256",
    "code_challenge": "c" * 43,
}


def to_the_sandbox(world: World, **changes: str) -> str:
    return f"/oidc/authorize?{urlencode(ASKED | {'redirect_uri': world.url + '/demo/service/callback/'} | changes)}"


@scene(HOUSE, "oidc:authorize")
def the_person_agrees(world: World) -> tuple[Client, str]:
    return world.enter("administrator"), to_the_sandbox(world)


@scene(HOUSE, "oidc:authorize", status=403)
def the_person_may_not(world: World) -> tuple[Client, str]:
    sandbox = ServiceGroup.objects.filter(service=EService.objects.get(code="sandbox"))
    members = Assignment.objects.filter(group__in=sandbox, ended_at=None)
    assert not members.filter(login=world.person("assigner")).exists()
    return world.enter("assigner"), to_the_sandbox(world)


@scene(HOUSE, "staff:sign_in")
def an_e_service_asks(world: World) -> tuple[Client, str]:
    return Client(), to_the_sandbox(world)
