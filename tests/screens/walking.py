"""The walk: one test for a state, in every language, and once more with its form handed in empty."""

from urllib.parse import urlsplit

from django.urls import resolve

from tests.screens.looking import LANGUAGES, Eye
from tests.screens.states import State
from tests.screens.world import World

URLCONF = "tests.screens.wrong"


def walk(state: State, world: World, eye: Eye) -> None:
    """Every fault of every language is gathered before it fails."""
    wrong: dict[str, list[str]] = {}
    client, address = state.scene(world)
    with eye.opens() as page:
        for language in LANGUAGES:
            eye.meets(client, language)
            page.goto(eye.url + address)
            if state.act:
                state.act(page)
            assert eye.status == state.status, f"{page.url}: {eye.status}"
            shown = urlsplit(page.url).path
            if state.status not in (400, 404):
                assert resolve(shown, URLCONF).view_name == state.shows, page.url
            eye.counts.states += language == LANGUAGES[0]
            name = f"{state} {language}"
            wrong[name] = list(eye.faults(page, name))
            if state.errors and eye.hands_in_nothing(page):
                name = f"{state} errors {language}"
                eye.counts.states += language == LANGUAGES[0]
                wrong[name] = list(eye.faults(page, name))
                if not page.locator("[role=alert]:visible").count():
                    wrong[name].append("handed in empty, and nothing is said")
    found = {name: faults for name, faults in wrong.items() if faults}
    assert not found, "\n" + "\n".join(f"{name}\n    " + "\n    ".join(faults) for name, faults in found.items())
