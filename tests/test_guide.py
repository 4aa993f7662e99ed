"""The guide: sixteen headings in three languages, in the words of the screens, each with its way there (S0.1)."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from PIL import Image

from entity_portal.context import LANGUAGES
from entity_portal.guide.contents import EXPLAINED_BY, HEADINGS, PARTS
from entity_portal.guide.pictures import FOUND, WIDE
from tests.cast import Cast, enter
from tests.pages import ReadingClient, text_of
from tests.test_access import EXPECTED, names

ROOT = Path(settings.BASE_DIR)
TEXTS = ROOT / "templates" / "guide"
PICTURES = ROOT / "static" / "guide"
BYTES = 32_000  # of one picture; most have half of it

# The official guide's own words, typed here; the catalogue must say them.
OFFICIAL = [
    "一、介紹",
    "二、對象",
    "三、帳戶類型介紹",
    "四、如何使用電子服務",
    "五、啟動工作人員登入號（實體管理員）",
    "六、如何登入",
    "七、查詢帳號資料（包括 EUID 編號）",
    "八、如何更改密碼",
    "九、如何為實體屬下人員開立工作人員登入號",
    "十、更改工作人員登入號資料",
    "十一、如何刪除工作人員登入號",
    "十二、如何網上增加工作人員登入號的管理員權限",
    "十三、電子服務和服務群組的應用介紹",
    "十四、如何管理屬下人員使用指定的電子服務",
    "十五、檢視工作人員獲指派的工作或服務群組",
    "十六、如何為工作人員登入號指定和移除「服務管理員」",
]

# Screens that no heading explains, with why not.
NEEDS_NONE = {
    *("home",),  # the ways in and what waits; the foot of every page leads to the guide
    *("guide:contents", "guide:heading", "guide:whole"),  # the guide itself
    *("messaging:phone", "demo_app", "sandbox:home", "sandbox:callback"),  # of the demonstration
    *("healthz", "readyz", "metrics"),  # for whoever watches the processes
    *("api:schema", "oidc:discovery", "oidc:metadata", "oidc:jwks", "oidc:userinfo"),  # for programs
    *("api:authorizations", "api:authorization", "api:changes", "oidc:introspect"),
    *("humancheck:picture", "humancheck:sound", "staff:session", "staff:export"),  # parts and files, no screens
    *("language", "staff:notification", "staff:notification_toggle", "staff:verify_send"),  # lead on
    *("applications:request_document", "applications:requests_export"),  # files
    *("staff:history_export", "services:export_group"),
    *("staff:history", "accessibility", "privacy"),  # the official guide has nothing on these
    "styleguide",  # for whoever builds the portal
}
TAG = re.compile(r'{% (label|heading|picture) "([^"]+)"(?: alt="([^"]+)")? %}')


def text(language: str, slug: str) -> str:
    return (TEXTS / language / f"{slug}.html").read_text()


def reader(language: str) -> ReadingClient:
    client = ReadingClient()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def test_the_contents_are_the_sixteen_headings_of_the_official_guide_in_its_words_S0_1(db: None) -> None:
    page = reader("zh-hant").get(reverse("guide:contents"))
    links = re.findall(r'<li><a href="/guide/[\w-]+/">(.*?)</a>', page.content.decode())
    assert links == OFFICIAL
    assert [len(headings) for headings in PARTS.values()] == [4, 12]
    for part in ("第一部份：實體使用者帳戶簡介", "第二部份：使用說明"):
        assert part in text_of(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_heading_is_written_in_every_language_and_in_no_other(language: str) -> None:
    written = {path.stem for path in (TEXTS / language).glob("*.html")}
    assert written == {heading.slug for heading in HEADINGS}
    chinese = re.compile("[\u3400-\u9fff]")
    for slug in written:
        assert bool(chinese.search(text(language, slug))) == (language == "zh-hant"), slug


@pytest.mark.parametrize("heading", HEADINGS, ids=lambda each: each.slug)
def test_the_three_languages_of_a_heading_say_the_same(heading: object) -> None:
    """As far as a program can see: the same labels, pictures and ways on, and as many steps and answers."""
    slug = heading.slug  # type: ignore[attr-defined]
    shapes = {
        language: (
            Counter((kind, name) for kind, name, _alt in TAG.findall(text(language, slug))),
            Counter(re.findall(r"<(?:ol|ul|li|p|b)\b|subheading", text(language, slug))),
        )
        for language in LANGUAGES
    }
    for language in ("pt", "en"):
        assert shapes[language][0] == shapes["zh-hant"][0], language
        assert shapes[language][1] == shapes["zh-hant"][1], language


def test_every_label_in_the_guide_stands_on_a_screen() -> None:
    screens = [path for path in (ROOT / "templates").rglob("*.html") if TEXTS not in path.parents]
    code = [
        path
        for room in ("entity_portal", "accounts", "staff", "activation", "services")
        for path in (ROOT / room).rglob("*.py")
    ]
    code = [path for path in code if path.parent.name != "guide" and "migrations" not in path.parts]
    said = "".join(path.read_text() for path in [*screens, *code])
    labels = {
        name
        for language in LANGUAGES
        for heading in HEADINGS
        for kind, name, _alt in TAG.findall(text(language, heading.slug))
        if kind == "label"
    }
    assert len(labels) > 60
    nowhere = {each for each in labels if not re.search(rf"""(?:translate |_\(\s*)["']{re.escape(each)}["']""", said)}
    assert nowhere == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_is_there_small_and_described(language: str) -> None:
    known = json.loads(FOUND.read_text())
    used = set()
    for heading in HEADINGS:
        for kind, name, alt in TAG.findall(text(language, heading.slug)):
            if kind == "picture":
                used.add(name)
                assert len(alt) > 8, name
    assert {f"{language}/{name}" for name in used} == {
        key for key in known if key.startswith(f"{language}/") and not key.endswith(WIDE)
    }
    for key in (key for key in known if key.startswith(f"{language}/")):
        file = PICTURES / f"{key}.webp"
        assert file.stat().st_size <= BYTES, key
        with Image.open(file) as picture:
            assert picture.width / picture.height == pytest.approx(known[key]["width"] / known[key]["height"], abs=0.01)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_guide_opens_to_everybody_and_leads_on(db: None, language: str) -> None:
    client = reader(language)
    for place, heading in enumerate(HEADINGS):
        page = client.get(reverse("guide:heading", args=[heading.slug]))
        assert page.status_code == 200
        html = page.content.decode()
        assert f"<h1>{heading_text(page, heading.slug)}</h1>" in html
        ways = re.findall(r'<a rel="(prev|next)" href="/guide/([\w-]+)/"', html)
        wanted = [("prev", HEADINGS[place - 1].slug)] if place else []
        wanted += [("next", HEADINGS[place + 1].slug)] if place + 1 < len(HEADINGS) else []
        assert ways == wanted
        for kind, name, _alt in TAG.findall(text(language, heading.slug)):
            if kind == "picture":
                assert f"/guide/{language}/{name}.webp" in html, name
        assert html.count("<img") == html.count('loading="lazy"')


def heading_text(page: object, slug: str) -> str:
    found = re.search(rf'<a href="/guide/{slug}/" aria-current="page">(.*?)</a>', page.content.decode())  # type: ignore[attr-defined]
    assert found
    return found[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_guide_is_one_page_with_every_heading_and_every_picture(db: None, language: str) -> None:
    html = reader(language).get(reverse("guide:whole")).content.decode()
    places = [html.index(f'<article id="{heading.slug}"') for heading in HEADINGS]
    assert places == sorted(places)
    assert html.count("<img") == sum(text(language, heading.slug).count("{% picture") for heading in HEADINGS)
    assert "lazy" not in html, "what has not come yet is not printed"
    assert set(re.findall(r'href="#([\w-]+)"', html)) - {"main"} <= {heading.slug for heading in HEADINGS}
    assert not re.search(r'href="/guide/(?!")[\w-]+/', html.split("<article", 1)[1].split("</main>")[0])


def test_every_screen_of_people_is_explained_by_a_heading_or_is_said_to_need_none() -> None:
    people = {name: row for name, row in EXPECTED.items() if not name.startswith("admin:")}
    shown = {name for name, row in people.items() if not any("405" in each.split("/")[0] for each in row.values())}
    assert shown - set(EXPLAINED_BY) - NEEDS_NONE == set()
    assert set(EXPLAINED_BY) <= names(), "no such screen"
    assert names() >= NEEDS_NONE
    assert not NEEDS_NONE & set(EXPLAINED_BY)


@pytest.mark.parametrize(
    ("screen", "slug"),
    [
        ("activation:start", "activate"),
        ("staff:sign_in", "log-in"),
        ("staff:reset_password", "log-in"),
        ("applications:track", "account-types"),
    ],
)
def test_a_screen_links_to_what_explains_it_before_the_door(db: None, screen: str, slug: str) -> None:
    assert f'href="/guide/{slug}/"' in reader("en").get(reverse(screen)).content.decode()


@pytest.mark.parametrize(
    ("screen", "slug"),
    [
        ("account", "account-data"),
        ("staff:change_password", "change-password"),
        ("staff:list", "add-staff"),
        ("services:list", "assign-staff"),
        ("services:administrators", "service-administrators"),
        ("applications:administrators", "add-administrator"),
    ],
)
def test_a_screen_links_to_what_explains_it_behind_the_door(company: Cast, screen: str, slug: str) -> None:
    assert f'href="/guide/{slug}/"' in enter(company.administrator).get(reverse(screen)).content.decode()


def test_a_heading_leads_to_its_screen_unless_that_would_not_open(company: Cast) -> None:
    page = reverse("guide:heading", args=["add-staff"])
    link = f'<a class="button" href="{reverse("staff:list")}"'
    assert link in enter().get(page).content.decode()
    assert link in enter(company.administrator).get(page).content.decode()
    assert link not in enter(company.staff).get(page).content.decode()


def test_the_foot_of_every_page_leads_to_the_guide(company: Cast) -> None:
    for client in (enter(), enter(company.staff)):
        for address in ("/", "/nowhere/", reverse("guide:contents")):
            foot = client.get(address).content.decode().split("<footer>")[1]
            assert 'href="/guide/"' in foot


def test_no_heading_of_another_name_exists(db: None) -> None:
    assert reader("en").get("/guide/nothing/").status_code == 404


@pytest.mark.parametrize(
    ("language", "strangers"),
    [
        (
            "pt",
            r"(?i)\b(?:ativ|eletr|correto|atual|direto|direção|seleci|objet|projet|você|usuári|celular|palavra-passe)",
        ),
        ("zh-hant", "您|帐|户|号|发|码|输|使用者名稱|簡訊|手機號碼|電子郵件"),
    ],
)
def test_the_guide_keeps_macaus_spelling_as_the_catalogues_do(language: str, strangers: str) -> None:
    """The same words as `test_portuguese_keeps_macaus_spelling_and_chinese_its_forms`, in prose."""
    assert {each.slug: found for each in HEADINGS if (found := re.findall(strangers, text(language, each.slug)))} == {}
