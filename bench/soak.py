"""Ten minutes of what people do all day, by a few of them at once: no answer may be wrong, no worker may grow."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import requests

from bench import browser
from bench.forms import form_with
from bench.load import Wrong
from bench.scenarios import ADMINISTRATOR, BIRTH_DATE, PAGES, Facts
from bench.servers import Server

PEOPLE = 4  # at once, each asking when the last answer has come
LISTS = ("staff_list", "staff_list_last", "search_one", "search_two", "search_word", "search_none")
MIX = {"lists": 50, "edit": 15, "save": 10, "two_lists": 10, "sign_in": 10, "history": 5}  # of a hundred
SHOWN = {"lists": LISTS, "two_lists": ("two_lists", "two_lists_full"), "history": ("history", "history_far")}
MOBILE = "66123456"
RESTED = 1.0  # seconds; after two the server closes a connection, perhaps as something is sent on it
SAMPLES = 5  # wrong answers that are told


@dataclass
class Soak:
    """What came: `statuses` by number, `wrong` answers in words, `memory` (PSS of a worker, MB) after each minute."""

    statuses: Counter[int] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """The last minute beside the second: in the first, caches fill."""
        return self.memory[-1] / self.memory[min(1, len(self.memory) - 1)]

    @property
    def lines(self) -> list[str]:
        asked = ", ".join(f"{name} {count:,}" for name, count in sorted(self.steps.items()))
        came = ", ".join(f"{count:,} × {status}" for status, count in sorted(self.statuses.items()))
        return [f"soak: {asked}", f"soak: {came}; {len(self.wrong)} wrong", *self.wrong[:SAMPLES]]


def soak(server: Server, facts: Facts, minutes: float, say: Callable[[str], object], *, minute: float = 60) -> Soak:
    """The mix for so many minutes."""
    found, over = Soak(), threading.Event()
    visitors = [Visitor(server.url, facts, euid, number, found) for number, euid in enumerate(pending(server))]

    def go(visitor: Visitor) -> None:
        while not over.is_set():
            visitor.step()

    threads = [threading.Thread(target=go, args=(visitor,)) for visitor in visitors]
    until = time.monotonic() + minutes * minute
    for thread in threads:
        thread.start()
    try:
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(minute, left))
            found.memory.append(server.memory())
            asked, wrong = sum(found.statuses.values()), len(found.wrong)
            say(f"minute {len(found.memory)}: {found.memory[-1]:.1f} MB a worker, {asked:,} answers, {wrong} wrong")
    finally:
        over.set()
        for thread in threads:
            thread.join()
    return found


def pending(server: Server) -> list[str]:
    """People whose data may still be edited, one for each visitor, so that none meets another's changes."""
    query = """SELECT login.euid FROM staff_stafflogin AS login JOIN accounts_entity AS entity
        ON entity.id = login.entity_id AND entity.number = %s WHERE login.status = 'pending' ORDER BY login.euid DESC
        LIMIT %s"""
    with server.place.connect() as connection:
        return [euid for (euid,) in connection.execute(query, [ADMINISTRATOR.entity, PEOPLE])]


class Visitor:
    """An administrator with a browser, who does one thing after the other, drawn by the mix."""

    def __init__(self, url: str, facts: Facts, euid: str, number: int, found: Soak) -> None:
        self.url, self.facts, self.euid, self.found = url, facts, euid, found
        self.random = random.Random(number)
        self.session = browser.sign_in(url, ADMINISTRATOR)
        self.form: dict[str, str] = {}
        self.asked = time.monotonic()

    def step(self) -> None:
        if time.monotonic() - self.asked > RESTED:
            self.session.close()  # the connection, not the person's session: the next request opens another
        (name,) = self.random.choices([*MIX], [*MIX.values()])
        self.found.steps[name] += 1
        try:
            self.found.statuses[self.do(name)] += 1
        except (Wrong, browser.Refused, OSError) as error:
            self.found.wrong.append(f"{name}: {error}")
        if name != "sign_in":  # which has a connection of its own
            self.asked = time.monotonic()

    def do(self, name: str) -> int:
        """The status that came.

        Raises:
            Wrong: another one than that of what was asked for, or not its marker.
            browser.Refused, OSError
        """
        if name in SHOWN:
            page = PAGES[self.random.choice(SHOWN[name])]
            return self.look(page.path(self.facts), page.marker(self.facts)).status_code
        if name == "edit":
            return self.edit().status_code
        if name == "save":
            return self.save()
        browser.sign_in(self.url, browser.Person(ADMINISTRATOR.entity, self.random.choice(self.facts["usernames"])))
        return 302

    def look(self, path: str, marker: str) -> requests.Response:
        answer = self.session.get(self.url + path, allow_redirects=False, timeout=60)
        if answer.status_code != 200 or marker not in answer.text:
            raise Wrong(f"{path}: {answer.status_code} {answer.headers.get('Location', '')}, or no {marker!r}")
        return answer

    def edit(self) -> requests.Response:
        """The form of a person, kept to be sent when that is drawn."""
        answer = self.look(f"/staff/{self.euid}/edit/", BIRTH_DATE(self.facts))
        self.form = form_with("name_foreign", answer.text)
        return answer

    def save(self) -> int:
        """Another name than last time; right is who is sent to the person's page."""
        if not self.form:
            self.edit()
        name = "".join(self.random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=12))
        path, person = f"/staff/{self.euid}/edit/", f"/staff/{self.euid}/"
        # The number too: many of `bench_data` belong to nobody, which the form says and the database does not mind.
        sent = self.form | {"name_foreign": f"SOAK {name}", "mobile_1": MOBILE}
        answer = self.session.post(self.url + path, data=sent, allow_redirects=False, timeout=60)
        if answer.status_code != 302 or answer.headers["Location"] != person:
            raise Wrong(f"{path}: {answer.status_code} to {answer.headers.get('Location', 'nowhere')}")
        return answer.status_code
