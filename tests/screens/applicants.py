"""States of pages of an applicant."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from accounts.applications import operations as applications
from accounts.applications.models import Application, ConsentCode, Reason
from entity_portal.messaging.models import SMS, Purpose
from tests import cast
from tests.accounts.applications import asking, filling_in
from tests.screens.door import ACTIVATED, with_session
from tests.screens.states import scene
from tests.screens.world import World

APPLY = "apply"


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
