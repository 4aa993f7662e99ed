"""States of pages of everybody: at the door, signed in, administrators, applicants, e-services, what went wrong."""

from datetime import timedelta
from urllib.parse import urlencode

from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from accounts.applications import operations as applications
from accounts.applications.models import Application, ConsentCode, Reason
from activation.models import ActivationCode
from activation.operations import send_code
from entity_portal import demo
from entity_portal.messaging.models import SMS, Purpose
from entity_portal.roles import Role
from services.models import Assignment, EService, ServiceGroup
from staff import operations as staff
from staff.models import StaffLogin
from staff.models.email import EmailChange
from tests import cast
from tests.accounts.applications import asking, filling_in
from tests.screens.states import listed, pressed, scene
from tests.screens.world import World

DOOR, HOUSE = "door", "house"

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


# --- at the door ---


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


# --- applying ---

_numbers = iter(range(40_000, 50_000))


def applying(*, registered: bool = False, people: int = 2) -> tuple[cast.EnglishReader, str]:
    """A first application that is filled in, perhaps as its line of the register says."""
    number = f"{next(_numbers)} SO"
    yesterday = timezone.now() - timedelta(days=2)  # a number gets so many texts a day, and no more
    SMS.objects.filter(purpose=Purpose.CONFIRMATION).update(created_at=yesterday)
    if registered:
        asking.line(registration_number=number)
    return filling_in.fill_in(people=people, registration_number=number), number


def handed_in(*, registered: bool = False) -> tuple[cast.EnglishReader, Application]:
    client, number = applying(registered=registered)
    filling_in.prove(client)
    client.post("/apply/submit/")
    return client, Application.objects.filter(registration_number=number).latest("pk")


APPLY = "apply"


@scene(APPLY, "applications:apply")
def with_one_begun(world: World) -> tuple[Client, str]:
    return filling_in.begin(registration_number=f"{next(_numbers)} SO"), "/apply/"


for page_name in ("entity", "representative", "agreement", "review"):

    @scene(APPLY, f"applications:apply_{page_name}")
    def just_begun(world: World, page_name: str = page_name) -> tuple[Client, str]:
        return filling_in.begin(registration_number=f"{next(_numbers)} SO"), f"/apply/{page_name}/"


for page_name in ("entity", "representative", "administrators", "agreement", "review", "discard", "save"):

    @scene(APPLY, f"applications:apply_{page_name}")
    def filled_in(world: World, page_name: str = page_name) -> tuple[Client, str]:
        return applying()[0], f"/apply/{page_name}/"


@scene(APPLY, "applications:apply_administrator")
def the_applicant(world: World) -> tuple[Client, str]:
    return filling_in.begin(registration_number=f"{next(_numbers)} SO"), "/apply/administrators/1/"


@scene(APPLY, "applications:apply_administrator")
def a_third(world: World) -> tuple[Client, str]:
    return applying()[0], "/apply/administrators/3/"


@scene(APPLY, "applications:apply_documents")
def no_document(world: World) -> tuple[Client, str]:
    return applying()[0], "/apply/documents/"


@scene(APPLY, "applications:apply_documents")
def two_documents(world: World) -> tuple[Client, str]:
    client, _number = applying()
    for name in ("registo.pdf", "certificado-de-registo-comercial-com-um-nome-muito-comprido.pdf"):
        filling_in.add(client, name)
    return client, "/apply/documents/"


@scene(APPLY, "applications:apply_prove")
def the_code_to_the_applicant(world: World) -> tuple[Client, str]:
    client, _number = applying()
    client.post("/apply/save/send/")
    return client, "/apply/save/code/"


@scene(APPLY, "applications:apply_review")
def proven(world: World) -> tuple[Client, str]:
    client, _number = applying(people=1)
    filling_in.prove(client)
    filling_in.add(client)
    return client, "/apply/review/"


@scene(APPLY, "applications:apply_consent")
def before_it_is_sent(world: World) -> tuple[Client, str]:
    return handed_in(registered=True)[0], "/apply/consent/"


@scene(APPLY, "applications:apply_consent")
def sent(world: World) -> tuple[Client, str]:
    client, _application = handed_in(registered=True)
    client.post("/apply/consent/send/")
    return client, "/apply/consent/"


def consented() -> Client:
    client, application = handed_in(registered=True)
    client.post("/apply/consent/send/")
    code = asking.known(ConsentCode, application)
    assert client.post("/apply/consent/", {"code": code})["Location"] == "/apply/credentials/"
    return client


@scene(APPLY, "applications:apply_credentials")
def consented_to(world: World) -> tuple[Client, str]:
    return consented(), "/apply/credentials/"


@scene(APPLY, "applications:apply_done")
def done(world: World) -> tuple[Client, str]:
    return with_session(applicant_activated=ACTIVATED), "/apply/done/"


@scene(APPLY, "applications:apply_withdraw")
def waiting(world: World) -> tuple[Client, str]:
    return handed_in()[0], "/apply/withdraw/"


@scene(APPLY, "applications:apply_progress")
def submitted(world: World) -> tuple[Client, str]:
    return handed_in()[0], "/apply/progress/"


@scene(APPLY, "applications:apply_progress")
def possible_at_once(world: World) -> tuple[Client, str]:
    return handed_in(registered=True)[0], "/apply/progress/"


@scene(APPLY, "applications:apply_progress")
def more_is_asked(world: World) -> tuple[Client, str]:
    client, application = handed_in()
    reason = Reason.DOCUMENT_MISSING
    applications.ask(application=application, by=world.person("approver"), reason=reason, text="請補交。")
    return client, "/apply/progress/"


@scene(APPLY, "applications:apply_progress")
def refused(world: World) -> tuple[Client, str]:
    client, application = handed_in()
    applications.refuse(application=application, by=world.person("approver"), reason=Reason.OTHER, text="資料不符。")
    return client, "/apply/progress/"


@scene(APPLY, "applications:apply_progress")
def withdrawn(world: World) -> tuple[Client, str]:
    client, application = handed_in()
    applications.withdraw(application=application)
    return client, "/apply/progress/"


@scene(APPLY, "applications:track_code")
def looked_for(world: World) -> tuple[Client, str]:
    return with_session(looked_for={"number": "AP000000003", "mobile": "+85366500000"}), "/apply/track/code/"


@scene(APPLY, "applications:apply")
def nothing_is_open(world: World) -> tuple[Client, str]:
    return Client(), "/apply/review/"


# --- signed in ---

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
