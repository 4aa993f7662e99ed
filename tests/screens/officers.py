"""States of the officers' pages."""

from django.test import Client
from playwright.sync_api import Page

from accounts import imports
from accounts.applications import operations as applications
from accounts.applications.models import Application, Channel, Kind, Reason
from accounts.models import RegisterTask
from accounts.officers import register
from services.catalogue import operations as catalogue
from services.models import EService, ServiceGroup
from services.oidc import operations as catalogue_clients
from staff.models import StaffLogin
from tests import cast
from tests.accounts.applications import asking
from tests.accounts.test_import_register import file, line
from tests.screens.applicants import handed_in
from tests.screens.house import house, more
from tests.screens.states import listed, pressed, scene
from tests.screens.world import World

OFFICERS = "officers"
WORK = "desk"  # applications

listed(
    OFFICERS,
    """
admin:index                                registrar  {admin}/
admin:index                                auditor    {admin}/
admin:index                                catalogue  {admin}/
admin:dashboard                            auditor    {admin}/dashboard/
admin:messaging_sms_changelist             auditor    {admin}/messaging/sms/
admin:messaging_sms_changelist             auditor    {admin}/messaging/sms/?q=nothing                   nothing_found
admin:messaging_sms_changelist             auditor    {admin}/messaging/sms/?purpose=activation          of_a_kind
admin:messaging_sms_change                 auditor    {admin}/messaging/sms/{sms}/change/
admin:audit_event_changelist               auditor    {admin}/audit/event/
admin:audit_event_changelist               auditor    {admin}/audit/event/?entity=80216453&since=2026-01-01  of_one
admin:audit_event_changelist               auditor    {admin}/audit/event/?entity=NOTHING                nothing_found
admin:staff_officerrole_changelist         registrar  {admin}/staff/officerrole/
admin:staff_officerrole_changelist         auditor    {admin}/staff/officerrole/?who=everyone            everyone
admin:staff_officerrole_change             registrar  {admin}/staff/officerrole/{officer}/change/
admin:staff_officerrole_change             auditor    {admin}/staff/officerrole/{officer}/change/
admin:accounts_entity_changelist           registrar  {admin}/accounts/entity/
admin:accounts_entity_changelist           auditor    {admin}/accounts/entity/?q=nothing                 nothing_found
admin:accounts_entity_change               approver   {admin}/accounts/entity/{house}/change/
admin:accounts_entity_change               auditor    {admin}/accounts/entity/{house}/change/
admin:accounts_entity_number               registrar  {admin}/accounts/entity/{house}/number/
admin:accounts_entity_names                registrar  {admin}/accounts/entity/{house}/names/
admin:accounts_entity_suspend              approver   {admin}/accounts/entity/{house}/suspend/
admin:accounts_entity_reactivate           approver   {admin}/accounts/entity/{house}/reactivate/
admin:accounts_entity_close                approver   {admin}/accounts/entity/{house}/close/
admin:staff_administratorlogin_changelist  registrar  {admin}/staff/administratorlogin/
admin:staff_administratorlogin_changelist  registrar  {admin}/staff/administratorlogin/?q=nothing        nothing_found
admin:staff_administratorlogin_change      approver   {admin}/staff/administratorlogin/{login}/change/
admin:staff_administratorlogin_change      registrar  {admin}/staff/administratorlogin/{invited_login}/change/  invited
admin:staff_administratorlogin_new_password   approver  {admin}/staff/administratorlogin/{login}/new-password/
admin:staff_administratorlogin_second_factor  approver  {admin}/staff/administratorlogin/{login}/second-factor/
admin:accounts_registerentry_changelist    registrar  {admin}/accounts/registerentry/
admin:accounts_registerentry_changelist    registrar  {admin}/accounts/registerentry/?q=nothing          nothing_found
admin:accounts_registerentry_change        registrar  {admin}/accounts/registerentry/{entry}/change/
admin:accounts_registerimport_changelist   approver   {admin}/accounts/registerimport/
admin:accounts_registerimport_add          registrar  {admin}/accounts/registerimport/add/
admin:accounts_registertask_changelist     registrar  {admin}/accounts/registertask/
admin:services_department_changelist       registrar  {admin}/services/department/
admin:services_department_add              registrar  {admin}/services/department/add/
admin:services_department_change           registrar  {admin}/services/department/{owner}/change/
admin:services_department_managers         registrar  {admin}/services/department/{owner}/managers/
admin:services_eservice_changelist         catalogue  {admin}/services/eservice/
admin:services_eservice_changelist         auditor    {admin}/services/eservice/?q=nothing               nothing_found
admin:services_servicegroup_changelist     catalogue  {admin}/services/servicegroup/
admin:services_opening_changelist          auditor    {admin}/services/opening/
admin:services_opening_change              auditor    {admin}/services/opening/{opening}/change/
admin:services_errand_changelist           auditor    {admin}/services/errand/
admin:oidc_client_changelist               auditor    {admin}/oidc/client/
admin:oidc_client_change                   auditor    {admin}/oidc/client/{program}/change/
home                                       registrar  {admin}/nothing/                                   missing =404
""",
)


def entering(person: StaffLogin) -> Client:
    client = cast.officer(person=person)
    cast.prove(client)
    return client


@scene(OFFICERS, "admin:staff_administratorlogin_find", errors=False, act=lambda page: by_document(page, "12345678"))
def nobody_has_the_document(world: World) -> tuple[Client, str]:
    return world.enter("registrar"), "/admin/staff/administratorlogin/"


@scene(OFFICERS, "admin:staff_administratorlogin_find", errors=False, act=lambda page: by_document(page, ""))
def nothing_was_typed(world: World) -> tuple[Client, str]:
    return world.enter("registrar"), "/admin/staff/administratorlogin/"


def by_document(page: Page, number: str) -> None:
    page.locator("form[action$='/find/'] [name=document_number]").fill(number)
    with page.expect_navigation():
        page.locator("form[action$='/find/'] button").first.click()


@scene(OFFICERS, "admin:accounts_entity_change", errors=False)
def a_suspended_entity(world: World) -> tuple[Client, str]:
    made = house()
    client = world.enter("approver")
    client.post(f"/admin/accounts/entity/{made.entity.pk}/suspend/", {"reason": "Letter 12/2026"})
    return client, f"/admin/accounts/entity/{made.entity.pk}/change/"


# --- the register ---


def brought(world: World, *lines: str, whole: bool = False) -> int:
    """A file that has been read; its key."""
    held = register.upload(by=world.person("registrar"), name="register.csv", content=file(*lines), whole=whole)
    imports.read(held.pk)
    return held.pk


_lines = iter(range(60_000, 70_000))


def fresh_line(**cells: str) -> str:
    return line(registration_number=f"{next(_lines)} SO", **cells)


@scene(OFFICERS, "admin:accounts_registerimport_change", errors=False)
def just_uploaded(world: World) -> tuple[Client, str]:
    content = file(fresh_line())
    held = register.upload(by=world.person("registrar"), name="register.csv", content=content, whole=False)
    return world.enter("registrar"), f"/admin/accounts/registerimport/{held.pk}/change/"


@scene(OFFICERS, "admin:accounts_registerimport_change", errors=False)
def to_be_confirmed(world: World) -> tuple[Client, str]:
    key = brought(world, *(fresh_line() for _each in range(3)))
    return world.enter("approver"), f"/admin/accounts/registerimport/{key}/change/"


@scene(OFFICERS, "admin:accounts_registerimport_change", errors=False)
def by_whom_it_was_uploaded(world: World) -> tuple[Client, str]:
    key = brought(world, fresh_line())
    return world.enter("registrar"), f"/admin/accounts/registerimport/{key}/change/"


@scene(OFFICERS, "admin:accounts_registerimport_change", errors=False)
def with_wrong_lines(world: World) -> tuple[Client, str]:
    key = brought(world, fresh_line(kind="circus"), fresh_line(representative_birth_date="yesterday"))
    return world.enter("registrar"), f"/admin/accounts/registerimport/{key}/change/"


@scene(OFFICERS, "admin:accounts_registerimport_change", errors=False)
def imported(world: World) -> tuple[Client, str]:
    key = brought(world, fresh_line())
    held = register.RegisterImport.objects.get(pk=key)
    register.confirm(pk=key, by=world.person("approver"), preview=held.preview)
    imports.apply(key)
    return world.enter("registrar"), f"/admin/accounts/registerimport/{key}/change/"


def task(world: World) -> RegisterTask:
    """Another legal representative of an entity that is open."""
    made = house()
    cells = {"registration_number": made.entity.registration_number, "representative_document_number": "A1234567"}
    key = brought(world, line(**cells, representative_document_type="hk_id"))
    held = register.RegisterImport.objects.get(pk=key)
    register.confirm(pk=key, by=world.person("approver"), preview=held.preview)
    imports.apply(key)
    return RegisterTask.objects.get(entity=made.entity)


@scene(OFFICERS, "admin:accounts_registertask_changelist")
def with_a_task(world: World) -> tuple[Client, str]:
    task(world)
    return world.enter("registrar"), "/admin/accounts/registertask/"


@scene(OFFICERS, "admin:accounts_registertask_change")
def another_representative(world: World) -> tuple[Client, str]:
    return world.enter("registrar"), f"/admin/accounts/registertask/{task(world).pk}/change/"


# --- the catalogue ---


def managed(**fields: object) -> tuple[Client, StaffLogin, EService, ServiceGroup]:
    """A manager of a department with an e-service that has two groups, open to an entity with people."""
    made = house()
    number = next(_lines)
    kept = cast.group(open_to=made.entity, service=f"service-{number}")
    cast.group(service=f"service-{number}", code="viewers")
    cast.member(kept, made.staff)
    manager = cast.officer_login(cast.Role.CATALOGUE, manages=[kept.service.department])
    return entering(manager), manager, kept.service, kept


for page_name in ("change", "withdraw", "reopen", "open"):

    @scene(OFFICERS, f"admin:services_eservice_{page_name}")
    def of_a_manager(world: World, page_name: str = page_name) -> tuple[Client, str]:
        client, _manager, service, _group = managed()
        return client, f"/admin/services/eservice/{service.pk}/{page_name}/"


for page_name in ("change", "withdraw", "reopen", "merge"):

    @scene(OFFICERS, f"admin:services_servicegroup_{page_name}", errors=page_name != "merge")
    def of_a_manager_too(world: World, page_name: str = page_name) -> tuple[Client, str]:
        client, _manager, _service, group = managed()
        return client, f"/admin/services/servicegroup/{group.pk}/{page_name}/"


@scene(OFFICERS, "admin:services_servicegroup_merge")
def to_be_merged(world: World) -> tuple[Client, str]:
    client, _manager, service, group = managed()
    return client, f"/admin/services/servicegroup/{group.pk}/merge/?into={service.groups.get(code='viewers').pk}"


@scene(OFFICERS, "admin:services_department_change")
def of_its_manager(world: World) -> tuple[Client, str]:
    client, _manager, service, _group = managed()
    return client, f"/admin/services/department/{service.department_id}/change/"


for model in ("eservice", "servicegroup"):

    @scene(OFFICERS, f"admin:services_{model}_add")
    def a_new_one(world: World, model: str = model) -> tuple[Client, str]:
        return managed()[0], f"/admin/services/{model}/add/"


@scene(OFFICERS, "admin:services_eservice_open_kind", errors=False, act=pressed("form[action$='/open/kind/'] button"))
def no_kind(world: World) -> tuple[Client, str]:
    client, _manager, service, _group = managed()
    return client, f"/admin/services/eservice/{service.pk}/open/"


@scene(OFFICERS, "admin:services_eservice_open_file", errors=False, act=pressed("form[action$='/open/file/'] button"))
def no_file(world: World) -> tuple[Client, str]:
    client, _manager, service, _group = managed()
    return client, f"/admin/services/eservice/{service.pk}/open/"


@scene(OFFICERS, "admin:services_opening_change", errors=False)  # saved as it stands, it is a change of nothing
def to_be_changed(world: World) -> tuple[Client, str]:
    client, _manager, service, _group = managed()
    return client, f"/admin/services/opening/{service.openings.get().pk}/change/"


@scene(OFFICERS, "admin:services_errand_change", errors=False)
def a_preview(world: World) -> tuple[Client, str]:
    client, manager, service, _group = managed()
    told = {"numbers": ["80216453", "80777777"], "bad": [[3, "no number"]]}
    errand = catalogue.prepare_opening(service=service, by=manager, **told)
    return client, f"/admin/services/errand/{errand.pk}/change/"


@scene(OFFICERS, "admin:services_errand_change", errors=False)
def being_done(world: World) -> tuple[Client, str]:
    client, manager, service, group = managed()
    errand = catalogue.merge_group(group=group, into=service.groups.get(code="viewers"), by=manager)
    return client, f"/admin/services/errand/{errand.pk}/change/"


@scene(OFFICERS, "admin:oidc_client_add")
def a_new_program(world: World) -> tuple[Client, str]:
    return managed()[0], "/admin/oidc/client/add/"


def program(service: EService, manager: StaffLogin) -> int:
    made, _secret = catalogue_clients.register_client(
        service=service,
        by=manager,
        client_id=service.code,
        name="E-filing",
        redirect_uris="https://efile.example.mo/callback",
    )
    return made.pk


@scene(OFFICERS, "admin:oidc_client_change")
def a_program_to_change(world: World) -> tuple[Client, str]:
    client, manager, service, _group = managed()
    return client, f"/admin/oidc/client/{program(service, manager)}/change/"


@scene(OFFICERS, "admin:oidc_client_secret", errors=False, act=pressed("form[action$='/secret/'] button"))
def a_new_secret(world: World) -> tuple[Client, str]:
    client, manager, service, _group = managed()
    return client, f"/admin/oidc/client/{program(service, manager)}/change/"


# --- applications ---

QUEUE = "/admin/applications/application/"
listed(
    WORK,
    """
admin:applications_application_changelist  registrar  {queue}
admin:applications_application_changelist  auditor    {queue}
admin:applications_application_changelist  approver   {queue}?state=approved                             approved
admin:applications_application_changelist  approver   {queue}?q=nothing                                  nothing_found
admin:applications_application_counter     registrar  {queue}counter/
admin:applications_application_change      approver   {queue}{first}/change/                             first
admin:applications_application_change      auditor    {queue}{correction}/change/                        correction
admin:applications_application_change      approver   {queue}{power_request}/change/                     power
admin:applications_application_change      registrar  {queue}{asked}/change/                             asked
""",
)


def claimed(world: World, application: Application | None = None) -> tuple[Client, Application]:
    application = application or handed_in(registered=True)[1]
    applications.claim(application=application, by=world.person("approver"))
    return world.enter("approver"), application


for page_name in ("change", "ask", "refuse", "approve"):

    @scene(WORK, f"admin:applications_application_{page_name}")
    def in_hand(world: World, page_name: str = page_name) -> tuple[Client, str]:
        client, application = claimed(world)
        return client, f"{QUEUE}{application.number}/{page_name}/"


@scene(WORK, "admin:applications_application_change", errors=False, act=pressed("form[action$='/reveal/'] button"))
def in_full(world: World) -> tuple[Client, str]:
    client, application = claimed(world)
    return client, f"{QUEUE}{application.number}/change/"


@scene(WORK, "admin:applications_application_approve")
def for_an_administrator(world: World) -> tuple[Client, str]:
    made, _client, application = more()
    application = applications.submit(application=application, by=made.administrator)
    client, application = claimed(world, application)
    return client, f"{QUEUE}{application.number}/approve/"


@scene(WORK, "admin:applications_application_change", errors=False)
def already_refused(world: World) -> tuple[Client, str]:
    client, application = claimed(world)
    applications.refuse(application=application, by=world.person("approver"), reason=Reason.OTHER, text="資料不符。")
    return client, f"{QUEUE}{application.number}/change/"


@scene(WORK, "admin:applications_application_change", errors=False)
def already_approved(world: World) -> tuple[Client, str]:
    client, application = claimed(world)
    applications.approve(application=application, by=world.person("approver"))
    return client, f"{QUEUE}{application.number}/change/"


def at_the_counter(world: World, kind: Kind = Kind.FIRST, **about: object) -> tuple[Client, Application]:
    registrar = world.person("registrar")
    application = applications.begin(kind=kind, channel=Channel.COUNTER, by=registrar, language="pt", **about)
    return world.enter("registrar"), application


@scene(WORK, "admin:applications_application_fill_in", errors=False)
def a_first_application(world: World) -> tuple[Client, str]:
    client, application = at_the_counter(world)
    return client, f"{QUEUE}counter/{application.number}/"


@scene(WORK, "admin:applications_application_fill_in", errors=False)
def a_correction(world: World) -> tuple[Client, str]:
    made = house()
    client, application = at_the_counter(world, Kind.CORRECTION, entity=made.entity, login=made.staff)
    return client, f"{QUEUE}counter/{application.number}/"


@scene(WORK, "admin:applications_application_fill_in", errors=False)
def another_administrator(world: World) -> tuple[Client, str]:
    made = house()
    client, application = at_the_counter(world, Kind.ADMINISTRATORS, entity=made.entity)
    return client, f"{QUEUE}counter/{application.number}/"


@scene(WORK, "admin:applications_application_fill_in", errors=False, act=pressed("main form .primary"))
def with_what_is_wrong(world: World) -> tuple[Client, str]:
    client, application = at_the_counter(world)
    return client, f"{QUEUE}counter/{application.number}/"


@scene(WORK, "admin:applications_application_review", errors=False)
def what_is_missing(world: World) -> tuple[Client, str]:
    client, application = at_the_counter(world)
    return client, f"{QUEUE}counter/{application.number}/review/"


@scene(WORK, "admin:applications_application_review", errors=False)
def to_hand_in(world: World) -> tuple[Client, str]:
    client, application = at_the_counter(world)
    parts = {
        "entity": {"kind": "company", "name_zh": "天成製衣有限公司", "name_pt": "", "registration_number": "31000 SO"},
        "representative": asking.REPRESENTATIVE,
        "administrators": [asking.person()],
        "agreement": {"terms": "1 pt"},
    }
    applications.keep(application=application, parts=parts, subject="天成製衣有限公司", mobile="+85366500000")
    asking.with_paper(application)
    return client, f"{QUEUE}counter/{application.number}/review/"
