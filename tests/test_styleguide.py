"""The style guide shows everything there is, and what there is holds: contrasts, and no rule that nothing uses."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from PIL import Image

from entity_portal.demo import colours
from entity_portal.demo.styleguide import groups

ROOT = Path(settings.BASE_DIR)
CSS = sorted((ROOT / "static/css").rglob("*.css"))
COMPONENTS = {f"components/{path.name}" for path in (ROOT / "templates/components").glob("*.html")}
# Stand in the head and draw nothing, or are the frame of a part.
UNSEEN = {
    "components/htmx.html",
    "components/list_scripts.html",
    "components/found.html",
    "components/judging_scripts.html",
}
OF_A_PAGE = {"guide.css"}  # pages of their own, which show themselves
# Written by programs that are not ours: Django admin's own Python, and htmx.
FOREIGN = {"htmx-request", "this-page", "vTextField", "nowrap"}
# Named after the tokens.
BY_TOKEN = {f"of-{name}" for name in (*colours.tokens(), *colours.sizes())}


class Classes(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= set((dict(attrs).get("class") or "").split())


def rules(path: Path) -> str:
    """The selectors of a stylesheet."""
    css = re.sub(r"/\*.*?\*/|@import[^;]*;", "", path.read_text(), flags=re.S)
    return re.sub(r"\{[^{}]*\}", "{}", css)


def classes(path: Path) -> set[str]:
    return set(re.findall(r"\.([A-Za-z][\w-]*)", rules(path)))


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-hant", "pt"])
def test_the_style_guide_shows_every_component_and_every_class(client: Client, language: str) -> None:
    client.cookies["django_language"] = language
    response = client.get("/styleguide/")
    drawn = {template.name for template in response.templates}
    assert COMPONENTS - UNSEEN - drawn == set()
    shown = Classes(response.content.decode()).found
    sheets = [path for path in CSS if path.parent.name == "components" and path.name not in OF_A_PAGE]
    missing = {path.name: sorted(classes(path) - shown - FOREIGN) for path in sheets}
    assert {name: found for name, found in missing.items() if found} == {}


@pytest.mark.django_db
def test_each_state_stands_in_both_schemes(client: Client) -> None:
    html = client.get("/styleguide/").content.decode()
    states = [state for group in groups() for state in group.states]
    assert len(states) > 90
    for scheme in ("light", "dark"):
        assert all(f'id="{state.key}-{scheme}"' in html for state in states)
        assert html.count(f'<div class="specimen" data-scheme="{scheme}">') == len(states) + 1


@pytest.mark.django_db
def test_a_specimen_sends_nothing_and_takes_no_focus(client: Client) -> None:
    main = client.get("/styleguide/").content.decode().partition("<main")[2].partition("</main>")[0]
    assert re.findall(r'method="post"|\saction="|\shx-post=|csrfmiddlewaretoken|<script|\sautofocus', main) == []


@pytest.mark.parametrize("pair", sorted(set(colours.PAIRS)), ids=lambda pair: f"{pair.front}-on-{pair.ground}")
def test_what_is_drawn_can_be_told_from_its_ground(pair: colours.Pair) -> None:
    least = {scheme: ratio for scheme, ratio in colours.measured(pair).items() if ratio < pair.least}
    assert least == {}


def test_contrast_is_counted_as_WCAG_does() -> None:
    assert colours.contrast("oklch(100% 0 0)", "oklch(0% 0 0)") == pytest.approx(21)
    # #777 on white, 4.48 in every table of contrasts
    assert colours.contrast("oklch(56.93% 0 0)", "oklch(100% 0 0)") == pytest.approx(4.48, abs=0.01)
    # the red of sRGB, whose luminance is 0.2126
    assert colours.luminance("oklch(62.796% .25768 29.234)") == pytest.approx(0.2126, abs=0.001)


def test_every_colour_has_a_value_for_each_scheme_and_only_tokens_are_colours() -> None:
    tokens = (ROOT / "static/css/tokens.css").read_text()
    assert set(re.findall(r"--([\w-]+): [^;]*oklch", tokens)) - {"shadow"} == set(colours.tokens())
    literal = re.compile(r"oklch\(|rgba?\(|hsla?\(|#[0-9a-f]{3,8}\b(?=[^{}]*[;}])", re.I)
    own = {"tokens.css", "sandbox.css"}  # another site has its own colours
    found = {path.name: literal.findall(path.read_text()) for path in CSS if path.name not in own}
    # a QR code is black on white; print is black on white; transparent ends of a gradient; the telephone's case
    assert {name: each for name, each in found.items() if each} == {
        "security.css": ["#000"],
        "base.css": ["#fff", "#fff", "#fff", "#000", "#333", "#999", "#000"],
        "field.css": ["#0000", "#0000"],
        "phone.css": ["oklch("],
    }


def written() -> set[str]:
    """Every word that a template, a program or a script could mean as a class."""
    words: set[str] = set()
    attribute = re.compile(r'class="((?:{%.*?%}|{{.*?}}|[^"{])*)"', re.S)
    templates = [*(ROOT / "templates").rglob("*.html"), *Path(admin.__file__).parent.glob("templates/admin/**/*.html")]
    for path in templates:
        for value in attribute.findall(path.read_text()):
            words |= set(re.findall(r"[A-Za-z][\w-]*", value))
        words |= set(
            re.findall(r"_class %}([\w -]*){% endblock", path.read_text())[:1]
            and " ".join(re.findall(r"_class %}([\w -]*)", path.read_text())).split()
        )
    for room in ("entity_portal", "accounts", "staff", "activation", "services"):
        for path in (ROOT / room).rglob("*.py"):
            for string in re.findall(r'"([\w -]+)"', path.read_text()):
                words |= set(string.split())
    for path in (ROOT / "static/js").rglob("*.js"):
        words |= set(re.findall(r"[\w-]+", path.read_text()))
    return words


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_no_rule_is_for_a_class_that_nothing_has(path: Path) -> None:
    assert classes(path) - written() - FOREIGN - BY_TOKEN == set()


def test_every_stylesheet_is_joined_or_linked() -> None:
    main = (ROOT / "static/css/main.css").read_text()
    linked = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    alone = {"main.css", "officers.css", "sandbox.css", "styleguide.css"}
    for path in CSS:
        name = str(path.relative_to(ROOT / "static/css"))
        assert f'url("{name}")' in main or (name in alone and f"css/{name}" in linked), name


def test_a_telephone_finds_the_mark_for_its_home_screen_as_a_picture_of_its_own() -> None:
    assert (
        'rel="apple-touch-icon" href="{% static \'img/mark-180.png\' %}"' in (ROOT / "templates/base.html").read_text()
    )
    with Image.open(ROOT / "static/img/mark-180.png") as picture:
        assert picture.size == (180, 180)
        assert picture.convert("RGB").getpixel((0, 0)) != (255, 255, 255), "the telephone rounds the corners itself"
