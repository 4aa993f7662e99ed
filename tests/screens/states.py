"""The states of pages that are looked at: which page of the URLconf, as whom, at which address, in what condition.

Most are a line of a table. What needs more preparation is a function marked `scene`, which leaves a browser session.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.test import Client
from playwright.sync_api import Page

from tests.screens.world import World

Scene = Callable[[World], tuple[Client, str]]  # a session, and the address to open with it
Act = Callable[[Page], None]  # what the person then does on the page


@dataclass(frozen=True)
class State:
    """`shows` is the name in the URLconf of the page that is there in the end."""

    shows: str
    what: str
    scene: Scene
    status: int = 200
    act: Act | None = None
    errors: bool = True  # a form on it is also handed in empty

    def __str__(self) -> str:
        return f"{self.shows} {self.what}".replace("/", "|")


STATES: dict[str, list[State]] = {}


def listed(walk: str, table: str) -> None:
    """Add the lines of a table: page, as whom, address with `{places}`, what is special; `=403` is a status."""
    for line in table.strip().splitlines():
        shows, who, address, *words = line.split()
        status = next((int(word[1:]) for word in words if word.startswith("=")), 200)
        what = " ".join([who, *(word for word in words if not word.startswith("="))])
        add(walk, State(shows, what, from_line(who, address), status))


def from_line(who: str, address: str) -> Scene:
    return lambda world: (world.enter(who), address.format_map(world.places))


def scene(walk: str, shows: str, **more: Any) -> Callable[[Scene], Scene]:
    """Add what a function prepares; it is called what the function is called."""

    def mark(prepare: Scene) -> Scene:
        add(walk, State(shows, prepare.__name__.replace("_", " "), prepare, **more))
        return prepare

    return mark


def add(walk: str, state: State) -> None:
    there = STATES.setdefault(walk, [])
    assert str(state) not in map(str, there), f"twice: {state}"
    there.append(state)


def pressed(selector: str) -> Act:
    """The first thing of a kind is pressed, and the page that comes is looked at."""

    def act(page: Page) -> None:
        with page.expect_navigation():
            page.locator(selector).first.click()

    return act
