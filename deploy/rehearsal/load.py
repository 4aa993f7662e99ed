"""People who write and keep a ledger of what they were told: `python -m deploy.rehearsal.load FOLDER FRONT NAME`.

Runs on the clients' machine until it is terminated. Each person is an administrator of an entity of their own and does
one thing after the other. What was tried and what came of it is a line in `FOLDER/ledger.jsonl`, flushed before the
next thing is tried. A form that was not acknowledged is sent again as it is, as people do, until it is.

A line: `what` ("create", "send", "assign", "read"), `marker` (chosen here, findable in the database), `begun` and
`ended` (seconds of CLOCK_MONOTONIC, which all processes share), `told`:

    done     acknowledged: it must be there, once
    there    the portal said that it is there already, after a try whose answer did not come: the same
    shed     503 with Retry-After: not acknowledged
    failed   another answer, or none: not acknowledged
"""

import json
import random
import signal
import string
import sys
import threading
import time
from pathlib import Path
from typing import Any

from bench.load import Wrong
from deploy.rehearsal.client import Answer, Browser, Front, LeftOut, NoAnswer, NotNow
from deploy.rehearsal.network import clients

PAUSE = 0.15  # seconds between two things of a person
AGAIN = 0.5  # seconds until what failed is tried again
MIX = {"create": 25, "send": 30, "assign": 30, "read": 15}
MOBILE_STARTS = ("62", "63", "65")  # of mobile numbers in Macao


class Ledger:
    """Lines of a file, each written whole."""

    def __init__(self, path: Path) -> None:
        self.file, self.lock = path.open("a", buffering=1), threading.Lock()

    def write(self, **line: Any) -> None:
        with self.lock:
            self.file.write(json.dumps(line) + "\n")
            self.file.flush()


class Person:
    """An administrator at work."""

    def __init__(self, front: Front, source: str, about: dict[str, Any], ledger: Ledger, over: threading.Event) -> None:
        self.browser, self.about, self.ledger, self.over = Browser(front, source), about, ledger, over
        self.people: list[str] = list(reversed(about["people"]))
        self.random = random.Random()

    def work(self) -> None:
        self.keep_trying(self.sign_in)
        while not self.over.wait(PAUSE):
            (what,) = self.random.choices([*MIX], [*MIX.values()])
            if what == "assign" and not self.people:
                what = "send"
            getattr(self, what)()

    def keep_trying(self, do: Any) -> None:
        """Until it is done, or all is over."""
        while not self.over.is_set():
            if do():
                return
            self.over.wait(AGAIN)

    def sign_in(self) -> bool:
        begun = time.monotonic()
        try:
            self.browser.sign_in(self.about["entity"], self.about["username"], self.about["password"])
        except (NoAnswer, LeftOut, Wrong) as error:
            self.note("sign_in", "", begun, "shed" if isinstance(error, NotNow) else "failed", str(error))
            return False
        self.note("sign_in", "", begun, "done")
        return True

    def note(self, what: str, marker: str, begun: float, told: str, why: str = "") -> None:
        ended = time.monotonic()
        self.ledger.write(what=what, marker=marker, begun=begun, ended=ended, told=told, why=why[:120])

    # --- what people do ---

    def read(self) -> None:
        begun = time.monotonic()
        try:
            answer = self.browser.ask("/staff/")
        except NoAnswer as error:
            return self.note("read", "", begun, "failed", str(error))
        if answer.status == 200:
            return self.note("read", "", begun, "done")
        self.note("read", "", begun, *refusal(answer))
        if answer.status == 302:
            self.keep_trying(self.sign_in)
        return None

    def create(self) -> None:
        """A login for a new person."""
        self.submit("create", "/staff/new/", "/staff/new/", self.new_person())

    def send(self) -> None:
        """A login for a new person, and their activation code by SMS."""
        self.submit("send", "/staff/new/", "/staff/new/send/", self.new_person())

    def assign(self) -> None:
        """The next of the people who were there from the beginning into the service group."""
        euid = self.people.pop()
        self.submit("assign", self.about["group"], self.about["group"], {"login": euid, "go": "save"}, euid)

    def new_person(self) -> dict[str, str]:
        marker = "".join(self.random.choices(string.ascii_uppercase, k=16))
        start, rest = self.random.choice(MOBILE_STARTS), self.random.randrange(1_000_000)
        return {
            "name_foreign": f"ENSAIO {marker}",
            "document_type": "passport",
            "document_number": marker,
            "document_place": "MO",
            "mobile_1": f"{start}{rest:06d}",
        }

    def submit(self, what: str, page: str, target: str, typed: dict[str, str], marker: str = "") -> None:
        marker = marker or typed["name_foreign"].removeprefix("ENSAIO ")
        form: dict[str, str] = {}
        tries = 0

        def send() -> bool:
            nonlocal form, tries
            begun = time.monotonic()
            try:
                if not form:  # nothing was asked for yet: that no page came is noted as a page that did not
                    form = self.browser.form(page, "name_foreign" if what != "assign" else "first_day") | typed
                    form.pop("was", None)  # who is in the group stays there: what is not sent is not changed
                    begun = time.monotonic()
                tries += 1
                answer = self.browser.ask(target, form)
            except LeftOut:
                self.note("read", "", begun, "failed", "sent to the door")
                self.keep_trying(self.sign_in)
                return False
            except (NoAnswer, Wrong) as error:
                told = "shed" if isinstance(error, NotNow) else "failed"
                self.note(what if form else "read", marker if form else "", begun, told, str(error))
                return False
            if answer.status == 302 and not answer.location.startswith("/login"):
                self.note(what, marker, begun, "done")
                return True
            if answer.status == 200 and tries > 1 and what != "assign" and "for this document already" in answer.body:
                self.note(what, marker, begun, "there")
                return True
            self.note(what, marker, begun, *refusal(answer))
            if answer.status == 302:
                form = {}
                self.keep_trying(self.sign_in)
            return False

        self.keep_trying(send)


def refusal(answer: Answer) -> tuple[str, str]:
    shed = answer.status in {429, 503} and answer.retry_after
    return ("shed" if shed else "failed"), f"{answer.status} {answer.location}".strip()


def main() -> None:
    folder, address, name = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    over, ledger = threading.Event(), Ledger(folder / "ledger.jsonl")
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    front = Front(name, address, str(folder / "front" / "portal.crt"))
    houses = json.loads((folder / "houses.json").read_text())
    people = [Person(front, source, about, ledger, over) for source, about in zip(clients(), houses, strict=False)]
    threads = [threading.Thread(target=person.work, daemon=True) for person in people]
    for thread in threads:
        thread.start()
    while not over.wait(0.5):
        pass
    for thread in threads:
        thread.join(30)


if __name__ == "__main__":
    main()
