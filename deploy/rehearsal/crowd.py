"""More people than the portal can serve: `python -m deploy.rehearsal.crowd FOLDER FRONT NAME KIND AT_ONCE SECONDS`.

KIND is "pages" (the page before the door, again and again) or "doors" (right passwords, again and again). Runs on the
clients' machine, from many addresses, and ends by itself. Prints JSON: `{"200": {"count", "p50", "p99"}, …}`,
milliseconds by status; "0" is no answer. Who is told to come back later waits a moment, as a browser's reader does.
"""

import json
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.load import Wrong
from deploy.rehearsal.client import Browser, Front, LeftOut, NoAnswer
from deploy.rehearsal.network import clients

REST = 0.2  # seconds after a refusal
OWN = 8  # the first addresses are those of the people who work


class Visitor:
    """One connection that asks again as soon as it was answered, until `until`."""

    def __init__(self, front: Front, number: int, houses: list[dict[str, Any]], until: float) -> None:
        addresses = clients()[OWN:]
        self.browser = Browser(front, addresses[number % len(addresses)])
        house = houses[number % len(houses)]
        visitor = house["visitors"][number // len(houses) % len(house["visitors"])]
        self.who, self.until = house | {"username": visitor}, until
        self.took: dict[int, list[float]] = defaultdict(list)

    def pages(self) -> None:
        while (begun := time.monotonic()) < self.until:
            try:
                status = self.browser.ask("/").status
            except NoAnswer:
                status = 0
            self.note(status, begun)

    def doors(self) -> None:
        """A fresh page each time, since the token goes with the session; counted is what the password got."""
        while time.monotonic() < self.until:
            self.browser.cookies.pop("__Host-session", None)
            typed = {name: self.who[key] for name, key in (("entity_number", "entity"), ("username", "username"))}
            try:
                form = self.browser.form("/login/", "password") | typed | {"password": self.who["password"]}
                begun = time.monotonic()
                status = self.browser.ask("/login/", form).status
            except (NoAnswer, LeftOut, Wrong):
                time.sleep(REST)
                continue
            self.note(status, begun)

    def note(self, status: int, begun: float) -> None:
        self.took[status].append(1000 * (time.monotonic() - begun))
        if status not in {200, 302}:
            time.sleep(REST)


def main() -> None:
    folder, address, name, kind, at_once, seconds = sys.argv[1:]
    front = Front(name, address, str(Path(folder) / "front" / "portal.crt"))
    houses = json.loads((Path(folder) / "houses.json").read_text())
    until = time.monotonic() + float(seconds)
    visitors = [Visitor(front, number, houses, until) for number in range(int(at_once))]
    threads = [threading.Thread(target=getattr(visitor, kind)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found: dict[int, list[float]] = defaultdict(list)
    for visitor in visitors:
        for status, took in visitor.took.items():
            found[status] += took
    print(json.dumps({status: figures(sorted(took)) for status, took in sorted(found.items())}))


def figures(took: list[float]) -> dict[str, float]:
    def at(share: float) -> float:
        return round(took[min(len(took) - 1, int(share * len(took)))], 1)

    return {"count": len(took), "p50": at(0.5), "p99": at(0.99)}


if __name__ == "__main__":
    main()
