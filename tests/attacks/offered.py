"""The addresses that pages show to whom they are for: where they lead, and where their forms are sent.

The pages are those that `tests/screens` looks at, and a few more for what those do not have. So each address is about a
thing that is there, in a state in which somebody may do what the address is for.
"""

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.cache import caches
from django.test import Client
from django.urls import Resolver404, resolve

from accounts.applications import operations
from accounts.applications.models import Application, DocumentKind, MediaType, Reason
from tests.accounts.applications import filling_in
from tests.accounts.applications.asking import PDF
from tests.attacks.forms_found import some
from tests.attacks.walked import fault, twin
from tests.pages import Page
from tests.screens import applicants, house, officers
from tests.screens.world import World

LEADING = ("href", "action", "formaction", "src", "hx-post", "hx-get")
QUEUE = officers.QUEUE


def offered(world: World, wanted: set[str]) -> dict[str, list[str]]:
    """Of each route that is wanted, the paths by which it stands on a page, in the order in which they were met."""
    found: dict[str, dict[str, None]] = {}
    for client, address in [*shown(world, wanted), *shown_besides(world)]:
        caches["counters"].clear()
        for path in paths(twin(client), address):
            if (name := name_of(path)) in wanted:
                found.setdefault(name, {})[path] = None
    return {name: list(there) for name, there in found.items()}


def shown(world: World, wanted: set[str]) -> Iterator[tuple[Client, str]]:
    """One state of each page, and all of those that are about a thing."""
    once = [each for each in some(1) if each.shows not in wanted]
    for state in [*once, *(each for each in some(9) if each.shows in wanted)]:
        yield state.scene(world)


def shown_besides(world: World) -> Iterator[tuple[Client, str]]:
    """Pages with a document, an application that was begun, a program that is disabled, another session."""
    registrar, draft = officers.at_the_counter(world)
    paper(draft)
    yield registrar, f"{QUEUE}counter/{draft.number}/"
    yield registrar, f"{QUEUE}counter/{draft.number}/review/"
    applicant, _number = applicants.applying()
    filling_in.add(applicant)
    yield applicant, "/apply/documents/"
    _made, beginner, _begun = house.more()
    yield beginner, "/entity/administrators/"
    applicant, number = applicants.applying(registered=True)
    filling_in.add(applicant)
    filling_in.prove(applicant)
    applicant.post("/apply/submit/")
    approver, claimed = officers.claimed(world, Application.objects.get(registration_number=number))
    yield approver, f"{QUEUE}{claimed.number}/change/"
    made, administrator, asked = house.more(person=True)
    paper(asked)
    operations.submit(application=asked, by=made.administrator)
    operations.ask(application=asked, by=world.person("approver"), reason=Reason.DOCUMENT_MISSING, text="請補交。")
    paper(asked, "second.pdf")
    yield administrator, f"/entity/requests/{asked.number}/"
    manager, catalogue_manager, service, _group = officers.managed()
    program = f"/admin/oidc/client/{officers.program(service, catalogue_manager)}"
    manager.post(f"{program}/disable/")
    yield manager, f"{program}/change/"
    yield house.with_an_app(world)


def paper(application: Application, name: str = "first.pdf") -> None:
    operations.add_document(
        application=application, kind=DocumentKind.OTHER, name=name, media_type=MediaType.PDF, content=PDF
    )


def paths(client: Client, address: str) -> Iterator[str]:
    """The path of a page, and those that it leads to."""
    answer = client.get(address, follow=True)
    assert not fault(answer), f"{address}: {fault(answer)}"
    at = answer.redirect_chain[-1][0] if answer.redirect_chain else address
    yield urlsplit(at).path
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return
    for each in Page(answer.content.decode(), path=at).all():
        for name in LEADING:
            parts = urlsplit(urljoin(at, each[name])) if name in each else None
            if parts and f"{parts.scheme}://{parts.netloc}" in ("://", settings.PUBLIC_URL):
                yield parts.path


def name_of(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""
