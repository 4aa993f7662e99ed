"""`docs/asvs.md` has a line for each requirement of ASVS 5.0.0, levels 1 and 2, and what a line names is there.

Beside it stand habits that no other test holds: what a requirement forbids and the code must not begin to do.
"""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "asvs.md"
RULES = ROOT / "docs" / "controls.md"
SETTINGS = "entity_portal/settings.py"
ROOMS = ("entity_portal", "accounts", "staff", "activation", "services")
MODULES = sorted(
    path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.relative_to(ROOT).parts
)
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))

# Requirements of level 1 and of level 2 in the standard, by chapter.
FIRST = (8, 4, 8, 2, 4, 13, 6, 4, 4, 5, 3, 3, 1, 2, 3, 0, 0)
SECOND = (19, 7, 11, 8, 5, 22, 12, 3, 3, 24, 11, 6, 12, 7, 10, 16, 7)
COUNTS = dict(enumerate(zip(FIRST, SECOND, strict=True), 1))
NUMBER = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
CELLS = ("number", "level", "asks", "how", "shown by")
TEST = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")
QUOTE = re.compile(r"([\w./-]+\.(?:py|toml|lock|md|html|conf|template|sql|service)): (.+)")


def lines() -> list[list[str]]:
    """The cells of each line that speaks of a requirement."""
    found = [line.strip().strip("|").split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line] for line in found]
    return [each for each in cells if NUMBER.fullmatch(each[0])]


@cache
def named() -> frozenset[str]:
    """Names that the settings give a value, keys within them too."""
    named = set()
    for node in ast.walk(ast.parse((ROOT / SETTINGS).read_text())):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            named.add(node.id)
        elif isinstance(node, ast.Dict):
            named |= {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
    return frozenset(named)


@cache
def text(path: str) -> str:
    file = ROOT / path
    return file.read_text() if file.is_file() else ""


@cache
def those_of(path: str) -> frozenset[str]:
    return frozenset(node.name for node in ast.parse(text(path)).body if isinstance(node, ast.FunctionDef))


def not_there(reference: str) -> str:
    """What a reference names in vain; "" where it is there."""
    if found := TEST.fullmatch(reference):
        return "" if found[2] in those_of(found[1]) else f"no test {reference}"
    if found := QUOTE.fullmatch(reference):
        path, words = found.groups()
        if path == SETTINGS and words.split()[0] not in named():
            return f"no setting {words}"
        return "" if words in text(path) else f"{path} does not say {words}"
    return f"neither a test nor a quotation: {reference}"


def faults(cells: list[str]) -> list[str]:
    """What is wrong with a line."""
    if len(cells) != len(CELLS):
        return [f"{len(cells)} cells"]
    wrong = [f"{name} is empty" for name, cell in zip(CELLS, cells, strict=True) if not cell]
    _number, level, _asks, how, shown = cells
    if level not in {"1", "2"}:
        wrong.append(f"level {level}")
    if re.match(r"not applicable:\s*$", how):
        wrong.append("no reason")
    if how.startswith("open"):
        wrong.append("open")
    references = re.findall(r"`([^`]+)`", shown)
    if "".join(f"`{each}`<br>" for each in references) != f"{shown}<br>":
        wrong.append("shown by words, not by references")
    return wrong + [fault for each in references if (fault := not_there(each))]


# --- the document ---


def test_each_requirement_of_levels_1_and_2_has_one_line_in_its_order_ASVS() -> None:
    numbers = [tuple(map(int, cells[0].split("."))) for cells in lines()]
    assert numbers == sorted(set(numbers))
    levels = Counter((chapter, cells[1]) for (chapter, *_rest), cells in zip(numbers, lines(), strict=True))
    assert {chapter: (levels[chapter, "1"], levels[chapter, "2"]) for chapter, *_rest in numbers} == COUNTS
    assert (sum(FIRST), sum(SECOND)) == (70, 183)
    assert "70 requirements of level 1 and 183 of level 2, 253 in all" in PAGE.read_text()


def test_every_line_is_whole_and_what_it_names_is_there_ASVS() -> None:
    assert {cells[0]: wrong for cells in lines() if (wrong := faults(cells))} == {}


def test_what_the_page_of_rules_and_limits_quotes_is_there_ASVS_2_1_3() -> None:
    quoted = [each for each in re.findall(r"`([^`]+)`", RULES.read_text()) if TEST.match(each) or QUOTE.match(each)]
    assert len(quoted) > 40
    assert [fault for each in quoted if (fault := not_there(each))] == []


GOOD = ["1.2.3", "1", "asks", "how", "`tests/test_house.py::test_every_view_says_who_may_see_it`"]


@pytest.mark.parametrize(
    ("place", "cell"),
    [
        (1, "3"),
        (2, ""),
        (3, ""),
        (3, "open: more"),
        (3, "not applicable:"),
        (4, ""),
        (4, "–"),
        (4, "seen by eye"),
        (4, "`tests/test_house.py::test_every_view_says_who_may_see_it` and more"),
        (4, "`tests/test_house.py::test_of_nothing`"),
        (4, "`tests/test_nothing.py::test_of_nothing`"),
        (4, "`entity_portal/settings.py: NO_SETTING`"),
        (4, "`entity_portal/settings.py: Settings, from the environment only`"),
        (4, "`entity_portal/codes.py: MAX_TRIES = 7`"),
        (4, "`entity_portal/nothing.py: MAX_TRIES = 5`"),
    ],
)
def test_a_line_that_is_wrong_is_found_ASVS(place: int, cell: str) -> None:
    assert faults(GOOD) == []
    assert faults([*GOOD[:place], cell, *GOOD[place + 1 :]])


def test_a_line_with_a_cell_too_few_is_found_ASVS() -> None:
    assert faults(GOOD[:-1])


# --- habits ---


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text())))


def called(call: ast.Call) -> str:
    """`requests.get`, or `get` alone where what stands before it is no plain name."""
    name, owner = getattr(call.func, "attr", getattr(call.func, "id", "")), getattr(call.func, "value", None)
    return f"{owner.id}.{name}" if isinstance(owner, ast.Name) else name


def calls(path: Path) -> list[ast.Call]:
    return [node for node in nodes(path) if isinstance(node, ast.Call)]


def imported(path: Path) -> set[str]:
    """The first names of all modules that a module imports."""
    found = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


RUN_TEXT = {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}
READ_OBJECTS = {"pickle", "marshal", "shelve", "dill", "yaml"}
# The embedded PostgreSQL, and commands for developers: programs with fixed names.
START_PROGRAMS = {
    "entity_portal/postgres.py",
    "entity_portal/management/commands/demo.py",
    "entity_portal/management/commands/quality.py",
}


def test_no_code_runs_text_as_a_program_ASVS_1_2_5_1_3_2_1_5_2() -> None:
    starting = set()
    for path in MODULES:
        name = str(path.relative_to(ROOT))
        assert {called(call) for call in calls(path)} & RUN_TEXT == set(), name
        assert imported(path) & READ_OBJECTS == set(), name
        assert "shell=True" not in path.read_text(), name
        if "subprocess" in imported(path):
            starting.add(name)
    assert starting == START_PROGRAMS


def fixed(pattern: ast.AST) -> bool:
    """A pattern that is written in the code, or put together from constants alone."""
    if isinstance(pattern, ast.JoinedStr):
        return all(fixed(part.value) for part in pattern.values if isinstance(part, ast.FormattedValue))
    if isinstance(pattern, ast.Attribute) and not pattern.attr.isupper():
        return fixed(pattern.value)
    name = getattr(pattern, "id", getattr(pattern, "attr", ""))
    return isinstance(pattern, ast.Constant) or name.isupper()


def test_no_pattern_is_made_from_what_somebody_typed_ASVS_1_2_9() -> None:
    patterns = []
    for path in MODULES:
        for call in calls(path):
            given = call.args[:1] if called(call).startswith("re.") else []
            given += [each.value for each in call.keywords if (each.arg or "").endswith("regex")]
            patterns += [(fixed(each), str(path.relative_to(ROOT)), ast.unparse(each)) for each in given]
    assert len(patterns) > 40
    assert [each[1:] for each in patterns if not each[0]] == [
        ("entity_portal/inventory/parts.py", "said['version']"),
        ("entity_portal/sealed.py", "self.pattern"),
        ("staff/passwords.py", "part.pattern"),
    ], "of a file of ours, of a field, one of PARTS"


def test_every_call_to_others_waits_for_so_long_and_goes_nowhere_else_ASVS_12_3_2_15_3_2() -> None:
    """All but the sandbox, an e-service of the demonstration, which asks its own portal."""
    asking = {}
    for path in MODULES:
        assert "verify=False" not in path.read_text(), path
        if "sandbox" in path.parts or "requests" not in imported(path):
            continue
        for function in nodes(path):
            written = ast.unparse(function) if isinstance(function, ast.FunctionDef) else ""
            if re.search(r"\b(requests|session)\.(get|post|put|request)\(", written):
                asking[f"{path.relative_to(ROOT)}: {function.name}"] = written
    assert sorted(asking) == [
        "entity_portal/inventory/advisories.py: ask",
        "entity_portal/messaging/backends/http_json.py: _ask",
        "services/oidc/backchannel.py: post",
    ]
    for name, written in asking.items():
        assert "timeout=" in written, name
        assert re.search(r"allow_redirects'?(=|: )False", written), name


def test_whatever_is_encrypted_is_encrypted_with_AES_GCM_ASVS_11_3() -> None:
    """`cryptography` offers much else; what jwcrypto could encrypt is not asked of it."""
    encrypting = set()
    for path in MODULES:
        code = path.read_text()
        assert not re.search(r"\bjwe\b|\bJWE\b|cryptography\.fernet|asymmetric.*\bpadding", code), path
        if ciphers := re.findall(r"ciphers[\w.]* import (.+)", code):
            assert ciphers == ["AESGCM"], path
            encrypting.add(str(path.relative_to(ROOT)))
    assert encrypting == {"entity_portal/data_keys.py", "entity_portal/sought.py"}


def test_the_proxy_refuses_programs_without_tls_ASVS_4_1_2(settings: Any) -> None:
    """A proxy of ours that listens on port 80 refuses what the portal itself would refuse."""
    for path in sorted((ROOT / "deploy").rglob("*.template")):
        if "return 308 https://" in path.read_text():
            refusing = f'location ~ "^/{settings.PROGRAMS.removeprefix("^")}" {{ return 403; }}'
            assert refusing in path.read_text(), path


# What writes HTML or runs text, talks to other windows or servers, keeps something in the browser, or writes a
# property by a name that came from outside.
NOT_IN_SCRIPTS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\bnew Function\b|setTimeout\(['\"`]"
    r"|postMessage|onmessage|WebSocket|EventSource|RTCPeerConnection|importScripts"
    r"|localStorage|sessionStorage|indexedDB|document\.cookie|caches\."
    r"|__proto__|Object\.assign|\.prototype\b|\w\[\w+\]\s*=[^=]"
)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_draw_text_as_text_and_keep_nothing_ASVS_3_2_2_3_5_5_14_3_3_15_3_6(path: Path) -> None:
    assert [found[0] for found in NOT_IN_SCRIPTS.finditer(path.read_text())] == []


# What a requirement is about that does not apply: libraries, and words of code.
ABSENT_LIBRARIES = {
    *("ldap3", "python-ldap", "lxml", "defusedxml", "xmltodict"),
    *("graphene", "strawberry-graphql", "ariadne", "channels", "daphne", "websockets", "aiortc"),
    *("pysaml2", "python3-saml", "djangosaml2", "pymemcache", "pylibmc", "python-memcached"),
    *("markdown", "django-ckeditor", "django-summernote", "bleach", "pylatex", "jpype1"),
}
ABSENT_WORDS = (
    *("websocket", "graphql", "rtcpeerconnection", "contenteditable"),
    *("ssl_client", "x-client-cert", "pbkdf2", "scrypt"),
)


def test_what_is_not_applicable_is_not_there_ASVS() -> None:
    locked = set(re.findall(r"^([\w.-]+)==", text("requirements.lock"), re.MULTILINE))
    assert len(locked) > 50
    assert {name.lower() for name in locked} & ABSENT_LIBRARIES == {"defusedxml"}, "of the library that judges the SBOM"
    templates = sorted((ROOT / "templates").rglob("*.html"))
    for path in (*MODULES, *SCRIPTS, *templates):
        code = path.read_text().lower()
        assert [word for word in ABSENT_WORDS if word in code] == [], path
    assert {str(path.relative_to(ROOT)) for path in MODULES if "xml" in imported(path)} == {
        "entity_portal/templatetags/portal.py"  # which draws a package's icons
    }
