"""The parts of a run: which servers it needs, what each is asked, what follows from it."""

import json
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from bench import beside, browser, data, flows, load, places, plans, rounds, servers, soak, visit
from bench.figures import Spread, ratios, spread
from bench.fill import BACK
from bench.load import Asked, Slice
from bench.places import Place
from bench.rounds import Item
from bench.scenarios import ADMINISTRATOR, PAGES, Facts, Page, facts
from bench.servers import Server

OTHERS = (
    "sign_in",
    "code_and_token",
    "userinfo",
    "first_visit",
    "queries",
    "connections",
    "memory",
    "start",
    "import",
    "texts",
    "guesses",
    "export",
    "beside",
    "soak",
)
ORDER = (*PAGES, *OTHERS)
COMPRESSED = {"Accept-Encoding": "gzip"}
STARTS = 3
OWN_SETTINGS = {"DJANGO_SETTINGS_MODULE": "bench.settings", "DEMO": "1"}


class Bench:
    """A run: `figures` are what targets are judged by, `measured` is everything that was under load."""

    def __init__(
        self, large: Place, small: Place, options: Namespace, logs: Path, say: Callable[[str], object]
    ) -> None:
        self.large, self.small, self.options, self.logs, self.say = large, small, options, logs, say
        self.figures: dict[str, Spread | float] = {}
        self.measured: dict[str, dict[str, Any]] = {}
        self.port, self.logins = servers.FIRST_PORT, 0
        self.noisy: list[str] = []  # yardsticks that did not hold still
        self.failed: dict[str, str] = {}  # scenarios that went wrong, and how
        self.signed_in: dict[tuple[str, str], str] = {}

    @property
    def medians(self) -> dict[str, float]:
        return {name: each.median if isinstance(each, Spread) else each for name, each in self.figures.items()}

    def run(self, names: Sequence[str]) -> None:
        """Raises what the parts raise: `load.Missing`, `load.Wrong`, `places.Failed`, `servers.NotStarted`."""
        self.wanted = set(names)
        for place in {each.folder: each for each in (self.small, self.large)}.values():
            self.say(f"{place.name}: {place.folder}")
            place.prepare()
        self.facts = facts(self.large)
        self.logins = int(self.facts["logins"])
        if self.wanted & {"queries", *PAGES}:
            self.attempt("queries", self.look_at_plans)
        under_load = {*PAGES, "sign_in", "code_and_token", "userinfo", "first_visit", "connections", "memory"}
        if self.wanted & under_load:
            with ExitStack() as stack:
                self.load_pages(stack)
        for name, act in (
            ("start", self.time_start),
            ("import", self.bring_in),
            ("texts", self.send_texts),
            ("guesses", self.guess),
            ("export", self.download),
            ("beside", self.disturb),
            ("soak", self.soak),
        ):
            if name in self.wanted:
                self.say(name)
                self.attempt(name, act)

    def attempt(self, name: str, act: Callable[[], Any]) -> Any:
        """What it returns; where it fails, that is said at the end and the others go on."""
        try:
            return act()
        except (*rounds.FAILURES, places.Failed, servers.NotStarted, browser.Refused) as error:
            self.failed[name] = str(error)
            self.say(f"{name} failed: {error}")
            return None

    # --- servers ---

    def serve(self, stack: ExitStack, name: str, place: Place) -> Server:
        self.port = servers.port_after(self.port) + 1
        port = self.port - 1
        told = (place.production if name == "portal" else place.beside)(f"http://127.0.0.1:{port}")
        application, first = {
            "portal": ("entity_portal.wsgi", "/login/"),
            "bare": ("bench.yardsticks.bare.wsgi", "/alive/"),
            "floor": ("bench.yardsticks.floor", "/"),
            "toolkit": ("bench.yardsticks.toolkit.wsgi", "/alive/"),
        }[name]
        if name == "toolkit":
            told["BENCH_RSA_KEY"] = str(next((place.folder / "oidc_keys").glob("*.RS256.pem")))
        return stack.enter_context(
            servers.serve(f"{name}-{place.name}", application, place, told, first=first, port=port, logs=self.logs)
        )

    # --- under load ---

    def load_pages(self, stack: ExitStack) -> None:
        self.portal = self.serve(stack, "portal", self.large)
        self.bare = self.serve(stack, "bare", self.large)
        items = self.yardsticks(stack)
        for name in PAGES:
            if name in self.wanted:
                items += self.several(name, partial(self.ours, PAGES[name]))
        if "staff_list" in self.wanted:
            items += self.several("staff_list small", lambda: [self.twin(stack)])
        if "sign_in" in self.wanted:
            items += self.several("sign_in", lambda: [self.sign_in()])
        if self.wanted & {"code_and_token", "userinfo"}:
            items += self.several("code_and_token", lambda: self.openid(stack))
        if "first_visit" in self.wanted:
            self.attempt("first_visit", self.weigh)
        opened = [0]

        def begin() -> None:
            opened[0] = self.connections()

        limits = {"rounds": self.options.rounds, "seconds": self.options.seconds}
        self.noisy = rounds.run(items, **limits, say=self.say, begin=begin)
        asked = sum(sum(item.row("good")) for item in items if item.server.place is self.large)
        self.figures["connections opened per 1,000 requests"] = 1000 * (self.connections() - opened[0]) / max(1, asked)
        self.failed |= {item.name: item.failed for item in items if item.failed}
        self.measured = {item.name: item.told for item in items if item.seen}
        self.figures |= rounds.compared(items, self.noisy)
        self.compare_with_each_other({item.name: item for item in items if item.seen})
        if "memory" in self.wanted:
            self.attempt("memory", self.look_at_memory)

    def several(self, name: str, make: Callable[[], list[Item]]) -> list[Item]:
        return self.attempt(name, make) or []

    def ours(self, page: Page) -> list[Item]:
        return [self.page(self.portal, page, self.facts)]

    def twin(self, stack: ExitStack) -> Item:
        """The staff list on small data."""
        server = self.serve(stack, "portal", self.small)
        return self.page(server, PAGES["staff_list"], facts(self.small), name="staff_list small")

    def weigh(self) -> None:
        signed_in = browser.sign_in(self.portal.url, ADMINISTRATOR)
        first, following = visit.first_and_next(self.portal.url, signed_in)
        self.figures |= {"first visit": first, "next page": following}

    def yardsticks(self, stack: ExitStack) -> list[Item]:
        """B always; the others where they are wanted."""
        cookie = f"sessionid={self.large.ask('bench.yardsticks.bare.enter', str(self.facts['id']))}"
        found = [self.item("B", self.bare, Asked(f"{self.bare.url}/list/", headers={"Cookie": cookie}), "<td>")]
        if self.wanted & {"person", "edit"}:
            address = f"{self.bare.url}/edit/{self.facts['pending']}/"
            found.append(self.item("E", self.bare, Asked(address, headers={"Cookie": cookie}), 'name="birth_date"'))
        if "staff_list" in self.wanted:
            with self.large.connect() as connection:
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS bench_floor (session_key text PRIMARY KEY, login_id int8)"
                )
                row = {"key": "floor", "id": self.facts["id"]}
                connection.execute("INSERT INTO bench_floor VALUES (%(key)s, %(id)s) ON CONFLICT DO NOTHING", row)
            floor = self.serve(stack, "floor", self.large)
            found.append(self.item("F", floor, Asked(f"{floor.url}/", headers={"Cookie": "sessionid=floor"}), "<td>"))
        if "sign_in" in self.wanted:
            bodies = [browser.body({"password": data.PASSWORD})]
            asked = Asked(f"{self.bare.url}/hash/", size=5, bodies=bodies)
            found.append(Item("H", self.bare, self.asking(asked), 5))
        return found

    def page(self, server: Server, page: Page, known: Facts, *, name: str = "") -> Item:
        cookies = self.cookies(server, page, known)
        compressed = {} if self.options.uncompressed else COMPRESSED
        asked = Asked(server.url + page.path(known), headers={"Cookie": cookies, **compressed})
        return self.item(name or page.name, server, asked, page.marker(known), page.yardstick if not name else "")

    def cookies(self, server: Server, page: Page, known: Facts) -> str:
        """What a browser sends in which that person is signed in there, once for each."""
        key = (server.name, page.who.username)
        if key not in self.signed_in:
            session = browser.sign_in(server.url, page.who, key=known["key"] if page.officer else "")
            self.signed_in[key] = browser.cookies(session)
        return self.signed_in[key]

    def item(self, name: str, server: Server, asked: Asked, marker: str, yardstick: str = "") -> Item:
        """Look at a page before it is timed: what it must be is what it is now.

        Raises:
            load.Wrong
        """
        checked = load.look(asked, marker)
        return Item(name, server, self.asking(checked), checked.size, yardstick)

    def asking(self, asked: Asked) -> Callable[[float], Slice]:
        return lambda seconds: load.ask(asked, seconds=seconds, connections=self.options.connections)

    def sign_in(self) -> Item:
        """POST of the door, by many people in turn: right is who is sent on."""
        session = browser.fresh()
        token = browser.token(session, f"{self.portal.url}/login/")
        people = [browser.Person(ADMINISTRATOR.entity, name) for name in self.facts["usernames"]]
        bodies = [browser.body(person.form | {"csrfmiddlewaretoken": token}) for person in people]
        headers = {"Cookie": browser.cookies(session), **COMPRESSED}
        asked = Asked(f"{self.portal.url}/login/", status=302, size=0, headers=headers, bodies=bodies)
        return Item("sign_in", self.portal, self.asking(asked), 0, "H")

    def openid(self, stack: ExitStack) -> list[Item]:
        """Flows at the portal and at the bare toolkit; userinfo with a token fetched before each slice."""
        known = self.large.client
        people = [browser.Person(ADMINISTRATOR.entity, name) for name in self.facts["members"]]
        ours = flows.Provider(
            self.portal.url,
            "/oidc/authorize",
            "/oidc/token",
            known["client"],
            known["secret"],
            BACK,
            tuple(browser.cookies(browser.sign_in(self.portal.url, person)) for person in people),
        )
        items = []
        if "code_and_token" in self.wanted:
            told = self.large.ask("bench.yardsticks.toolkit.enter", BACK)
            toolkit = self.serve(stack, "toolkit", self.large)
            sessions = tuple(f"sessionid={key}" for key in told["sessions"])
            client = (told["client"], told["secret"])
            theirs = flows.Provider(toolkit.url, "/o/authorize/", "/o/token/", *client, BACK, sessions)
            hashed = self.large.ask("bench.hashing", known["client"], known["secret"], people[0].username)
            self.figures["password hashes at the token endpoint"] = float(hashed["hashes"])
            items += [
                Item("D", toolkit, lambda seconds: flows.ask(theirs, seconds)),
                Item("code_and_token", self.portal, lambda seconds: flows.ask(ours, seconds), 0, "D"),
            ]
        if "userinfo" in self.wanted:
            held: dict[str, Asked] = {}

            def fetch() -> None:
                told = flows.one(ours)
                headers = {"Authorization": f"Bearer {told['access_token']}"}
                held["asked"] = load.look(Asked(f"{self.portal.url}/oidc/userinfo", headers=headers), '"sub"')

            def ask(seconds: float) -> Slice:
                return load.ask(held["asked"], seconds=seconds, connections=self.options.connections)

            items.append(Item("userinfo", self.portal, ask, 0, "B", before=fetch))
        return items

    def connections(self) -> int:
        """Sessions of the large database's PostgreSQL so far."""
        if not hasattr(self, "asking_postgres"):
            self.asking_postgres = self.large.connect()
        query = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
        row = self.asking_postgres.execute(query).fetchone()
        return int(row[0]) if row else 0

    def compare_with_each_other(self, named: dict[str, Item]) -> None:
        """Ratios of one page of ours to another."""
        for figure, one, other in (
            ("staff_list large/small", "staff_list", "staff_list small"),
            ("staff_list_last/staff_list", "staff_list_last", "staff_list"),
            ("history_far/history", "history_far", "history"),
        ):
            if one in named and other in named:
                self.figures[figure] = ratios(named[one].cpu, named[other].cpu)

    def look_at_memory(self) -> None:
        """Of workers that have served pages; and again after so many requests."""
        page = self.page(self.portal, PAGES["staff_list"], self.facts)
        page.warm_up()
        before = self.portal.memory()
        self.figures["memory of a worker, MB"] = before
        self.figures["memory/bare"] = before / self.bare.memory()
        served = 0
        while served < self.options.requests:
            served += page.ask(5).good
        self.figures[f"memory after {self.options.requests:,} requests/before"] = self.portal.memory() / before

    # --- without load ---

    def look_at_plans(self) -> None:
        names = {*PAGES} if "queries" in self.wanted else self.wanted & {*PAGES}
        large, small = plans.look(self.large, names), plans.look(self.small, names)
        self.figures |= plans.compared(large)
        if "queries" in self.wanted:
            self.figures |= plans.counted(large)
        for name, page in large["pages"].items():
            twin = small["pages"][name]
            self.figures[f"{name} buffers large/small"] = page["buffers"] / max(1, twin["buffers"])
            self.figures[f"{name} queries"] = float(page["queries"])
        for sentence in plans.broken(large):
            self.say(f"plan: {sentence}")

    def time_start(self) -> None:
        """Seconds to the first answer, both in turn."""
        took: dict[str, list[float]] = {"portal": [], "bare": []}
        for _turn in range(STARTS):
            for name, seconds in took.items():
                with ExitStack() as stack:
                    seconds.append(self.serve(stack, name, self.large).start)
        self.figures["start, s"] = spread(took["portal"])
        self.figures["start/bare"] = ratios(took["portal"], took["bare"])

    def bring_in(self) -> None:
        told = self.large.ask("bench.imports", str(self.large.postmaster), str(self.options.rounds))
        self.figures["import/C"] = ratios(told["import"], told["copy"])
        self.figures["import of 10,000, CPU s"] = spread(told["import"])

    def send_texts(self) -> None:
        """On a database of its own, beside the small one."""
        said = places.run([*servers.PYTHON, "-m", "bench.outbox"], self.small.development | OWN_SETTINGS)
        told = json.loads(said.splitlines()[-1])
        self.figures["texts a second"] = spread(told["rates"])
        self.figures["texts sent twice by four workers"] = float(told["twice"])
        self.figures["queueing/commit"] = told["queueing_ms"] / told["commit_ms"]

    def guess(self) -> None:
        username = self.facts["usernames"][0]
        told = self.large.ask("bench.guesses", username, str(self.large.postmaster))
        self.figures["guesses tried of 50"] = float(told["tried"])
        self.figures["counter/H"] = told["counter_ms"] / told["hash_ms"]

    # --- long work, each on a portal of its own ---

    def download(self) -> None:
        with ExitStack() as stack:
            source = beside.Download.of(self.serve(stack, "portal", self.large))
            found = beside.export(source, self.options.rounds, self.say)
        self.figures["export/S"] = ratios(found.export, found.yardstick)
        self.figures["export, CPU s"] = spread(found.export)
        self.figures["export, lines"] = float(found.lines)
        self.figures["a worker grows while it streams"] = spread(found.growth)

    def disturb(self) -> None:
        """The staff list under light load, while a worker brings files in, and while a web worker streams a sheet."""
        with ExitStack() as stack:
            portal, page = self.serve(stack, "portal", self.large), PAGES["staff_list"]
            headers = {"Cookie": browser.cookies(browser.sign_in(portal.url, page.who)), **COMPRESSED}
            asked = load.look(Asked(portal.url + page.path(self.facts), headers=headers), page.marker(self.facts))
            told = self.large.production(portal.url)
            found = beside.beside(asked, beside.Download.of(portal), told, self.options.rounds, self.options.seconds)
        for name in ("import", "export"):
            self.figures[f"p95 beside {name}"] = ratios(found[name], found["usual"])
            self.figures[f"{name}s meanwhile"] = spread(found[f"{name}s"])
        self.figures["p95 as usual, ms"] = spread(found["usual"])

    def soak(self) -> None:
        with ExitStack() as stack:
            found = soak.soak(self.serve(stack, "portal", self.large), self.facts, self.options.minutes, self.say)
        self.say("\n".join(found.lines))
        self.figures["soak wrong answers"] = float(len(found.wrong))
        self.figures["soak memory last/second minute"] = found.growth
        self.figures["soak memory of a worker, MB"] = spread(found.memory)
        self.figures |= {f"soak answers {status}": float(count) for status, count in found.statuses.items()}
