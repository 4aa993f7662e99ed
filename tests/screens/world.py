"""The demonstration and some people besides, for a whole file of tests; and who is signed in."""

from dataclasses import dataclass, field

from django.test import Client
from django.utils import timezone

from accounts.applications.models import Application, Kind, State
from accounts.models import Entity, RegisterEntry
from entity_portal.demo.build import build
from entity_portal.demo.entities import AUTHORITY_NUMBER, COMPANY
from entity_portal.messaging.models import SMS
from entity_portal.messaging.models import Status as Delivery
from services.models import Assignment, EService, Opening, ServiceAdministrator
from services.oidc.models import Client as Program
from staff.models import StaffLogin, Status
from tests import cast

PEOPLE = {
    "administrator": (COMPANY.number, "chan.wengsan"),
    "assigner": (COMPANY.number, "ao.hoiian"),
    "staff": (COMPANY.number, "wong.kacheng"),
    "two": ("", "cheong.choiha"),  # one of two administrators
    "fresh": ("", "fresh.start"),  # whose entity has nothing yet
    "registrar": (AUTHORITY_NUMBER, "lam.kuokwai"),  # and administrator of the authority
    "approver": (AUTHORITY_NUMBER, "sou.waiman"),
    "catalogue": (AUTHORITY_NUMBER, "j.xavier"),
    "auditor": (AUTHORITY_NUMBER, "chao.puifan"),
    "both": (AUTHORITY_NUMBER, "lei.sioieng"),
}
OFFICERS = ("registrar", "approver", "catalogue", "auditor", "both")


@dataclass
class World:
    url: str = ""  # of the server, once there is one
    places: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, Client] = field(default_factory=dict)

    def stands_at(self, url: str) -> None:
        """The server's address is known now, and to the trial e-service, which is registered with it."""
        self.url = url
        there = {"redirect_uris": f"{url}/demo/service/callback/", "post_logout_redirect_uris": f"{url}/demo/service/"}
        assert Program.objects.filter(client_id="sandbox").update(**there)

    def person(self, who: str) -> StaffLogin:
        number, username = PEOPLE[who]
        found = StaffLogin.objects.select_related("entity").filter(username=username)
        return found.get(entity__number=number) if number else found.get()

    def enter(self, who: str) -> Client:
        """A browser session of somebody, whose password was typed just now; a new one for nobody."""
        if who == "nobody":
            return Client()
        if who not in self.sessions:
            person = self.person(who)
            self.sessions[who] = cast.officer(person=person) if who in OFFICERS else Client()
            if who not in OFFICERS:
                self.sessions[who].force_login(person)
        cast.prove(self.sessions[who])
        return self.sessions[who]


def made() -> World:
    """The demonstration, some of its texts on their way no longer, an entity with nothing in it."""
    build()
    texts = list(SMS.objects.order_by("created_at").values_list("pk", flat=True))
    SMS.objects.filter(pk__in=texts[::3]).update(status=Delivery.SENDING, claimed_at=timezone.now(), attempts=1)
    given_up = {"status": Delivery.FAILED, "reason": "not_mobile", "body": "", "finished_at": timezone.now()}
    SMS.objects.filter(pk__in=texts[::6]).update(**given_up)
    there = {"status": Delivery.SENT, "body": "", "finished_at": timezone.now()}
    SMS.objects.filter(pk__in=texts[3::6]).update(**there)
    with cast.transaction.atomic():
        house = cast.entity(name_zh="初創有限公司", name_pt="Início, Limitada", number="80777777")
        cast.login(entity=house, username="fresh.start", is_administrator=True)
    world = World()
    world.places = places(world)
    return world


def places(world: World) -> dict[str, str]:
    """What addresses are about."""
    house = Entity.objects.get(number=COMPANY.number)
    people = house.logins.order_by("pk")
    member = Assignment.objects.filter(entity=house, ended_at=None, group__service__code="entry-declaration")[0]
    program = Program.objects.get()
    first = Application.objects.filter(kind=Kind.FIRST, state=State.SUBMITTED)[0]
    service = EService.objects.get(code="entry-declaration")
    other = StaffLogin.objects.get(username="sek.waileng")
    return {
        "pending": people.filter(status=Status.PENDING, activation_codes=None)[0].euid,
        "invited": people.filter(status=Status.PENDING, activation_codes__isnull=False)[0].euid,
        "active": world.person("staff").euid,
        "departed": people.filter(status=Status.DEPARTED)[0].euid,
        "locked": people.filter(locked_at__isnull=False)[0].euid,
        "self": world.person("administrator").euid,
        "other": other.euid,
        "service": "/services/entry-declaration/",
        "group": f"/services/{member.group.service.code}/{member.group.code}/",
        "member": member.login.euid,
        "power": ServiceAdministrator.objects.filter(entity=house)[0].login.euid,
        "admin": "/admin",
        "queue": "/admin/applications/application/",
        "first": first.number,
        "asked": Application.objects.filter(state=State.ASKED)[0].number,
        "power_request": Application.objects.get(kind=Kind.ADMINISTRATORS, state=State.SUBMITTED).number,
        "correction": Application.objects.get(kind=Kind.CORRECTION, state=State.SUBMITTED).number,
        "house": str(house.pk),
        "entry": str(RegisterEntry.objects.order_by("pk")[0].pk),
        "program": str(program.pk),
        "sms": str(SMS.objects.order_by("created_at")[0].pk),
        "officer": world.person("approver").euid,
        "owner": str(service.department_id),
        "opening": str(Opening.objects.filter(entity=house)[0].pk),
        "login": str(world.person("administrator").pk),
        "invited_login": str(StaffLogin.objects.filter(username=None, is_administrator=True)[0].pk),
    }
