"""Known vulnerabilities: asked over real HTTP of a server that speaks OSV's API, and judged (ASVS 15.2.1)."""

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from entity_portal.inventory import advisories, parts
from entity_portal.inventory.advisories import Excused, Known, exceptions, judge
from entity_portal.inventory.parts import Part

DJANGO = "pkg:pypi/django@5.2.19"
GUNICORN = "pkg:pypi/gunicorn@27.0.1"
FOUND = {"id": "GHSA-aaaa-bbbb-cccc", "modified": "2026-11-01T00:00:00Z"}
DETAILS = {"id": FOUND["id"], "aliases": ["CVE-2026-1234"], "summary": "Anybody may do anything"}
EXCUSED = """
[[exception]]
name = "CVE-2026-1234"
purl = "pkg:pypi/django"
reason = "we never do that"
until = 2026-12-31
"""


class Osv:
    """Answers as api.osv.dev does: `known` by part, `details` by name; `answer` instead of all of it."""

    def __init__(self) -> None:
        self.known: dict[str, list[dict[str, str]]] = {}
        self.details: dict[str, dict[str, Any]] = {}
        self.answer: tuple[int, bytes] | None = None
        self.page = 1000
        self.asked: list[str] = []
        self.url = ""

    def reply(self, path: str, body: bytes) -> tuple[int, bytes]:
        if self.answer:
            return self.answer
        if path == "/v1/querybatch":
            return 200, json.dumps({"results": [self.of(each) for each in json.loads(body)["queries"]]}).encode()
        told = self.details.get(path.removeprefix("/v1/vulns/"))
        return (200, json.dumps(told).encode()) if told else (404, b'{"code":5,"message":"Bug not found."}')

    def of(self, query: dict[str, Any]) -> dict[str, Any]:
        purl, begin = query["package"]["purl"], int(query.get("page_token", 0))
        self.asked.append(purl)
        known = self.known.get(purl, [])
        said: dict[str, Any] = {"vulns": known[begin:][: self.page]} if known else {}
        if len(known) > begin + self.page:
            said["next_page_token"] = str(begin + self.page)
        return said


@pytest.fixture
def osv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Osv]:
    """Two parts, no exceptions, and a source."""
    source = Osv()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.say(*source.reply(self.path, self.rfile.read(int(self.headers["Content-Length"]))))

        def do_GET(self) -> None:
            self.say(*source.reply(self.path, b""))

        def say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    source.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("OSV_URL", source.url)
    made = [
        Part(name, version, f"pkg:pypi/{name}@{version}", "MIT", True)
        for name, version in (("django", "5.2.19"), ("gunicorn", "27.0.1"))
    ]
    monkeypatch.setattr(parts, "parts", lambda: made)
    excuse(monkeypatch, tmp_path, "")
    yield source
    server.shutdown()
    server.server_close()


def excuse(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> None:
    file = folder / "vulnerabilities.toml"
    file.write_text(text)
    monkeypatch.setattr(advisories, "EXCEPTIONS", file)


def said() -> str:
    out = StringIO()
    call_command("vulnerabilities", stdout=out, no_color=True)
    return out.getvalue()


def test_nothing_known_is_said_with_what_was_asked_ASVS_15_2_1(osv: Osv) -> None:
    assert "2 parts, none of which has one" in said()
    assert osv.asked == [DJANGO, GUNICORN]


def test_a_known_vulnerability_fails_with_its_names_and_what_it_is_ASVS_15_2_1(osv: Osv) -> None:
    osv.known, osv.details = {DJANGO: [FOUND]}, {FOUND["id"]: DETAILS}
    with pytest.raises(
        CommandError, match=r"1 known.*\n.*django@5.2.19: CVE-2026-1234, GHSA-.*Anybody may do anything"
    ):
        said()


def test_one_of_which_no_more_can_be_learnt_fails_too_ASVS_15_2_1(osv: Osv) -> None:
    osv.known = {GUNICORN: [FOUND]}
    with pytest.raises(CommandError, match=FOUND["id"]):
        said()


def test_one_on_the_last_page_fails_too_ASVS_15_2_1(osv: Osv) -> None:
    osv.page, osv.known = 1, {DJANGO: [{"id": "GHSA-1"}, {"id": "GHSA-2"}, {"id": "GHSA-3"}]}
    with pytest.raises(CommandError, match=r"3 known(.|\n)*GHSA-3"):
        said()


def test_what_was_withdrawn_is_none_ASVS_15_2_1(osv: Osv) -> None:
    osv.known, osv.details = {DJANGO: [FOUND]}, {FOUND["id"]: DETAILS | {"withdrawn": "2026-11-02T00:00:00Z"}}
    assert "none of which" in said()


@pytest.mark.parametrize(("day", "fails"), [("2026-12-31", False), ("2027-01-01", True)])
def test_an_exception_counts_until_its_last_day_ASVS_15_2_1(
    osv: Osv, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, day: str, fails: bool
) -> None:
    osv.known, osv.details = {DJANGO: [FOUND]}, {FOUND["id"]: DETAILS}
    excuse(monkeypatch, tmp_path, EXCUSED)
    with time_machine.travel(f"{day}T04:00:00Z", tick=False):
        if fails:
            with pytest.raises(CommandError, match="CVE-2026-1234"):
                said()
        else:
            assert "excused until 2026-12-31: pkg:pypi/django@5.2.19" in said()


def test_an_exception_that_is_not_needed_is_said_ASVS_15_2_1(
    osv: Osv, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    excuse(monkeypatch, tmp_path, EXCUSED)
    assert "not needed: CVE-2026-1234" in said()


@pytest.mark.parametrize(
    "answer",
    [
        (503, b'{"results": [{}, {}]}'),
        (407, b"a proxy"),
        (302, b""),
        (200, b"<html>please sign in</html>"),
        (200, b"[]"),
        (200, b'{"results": [{}]}'),
        (200, b'{"results": [{"vulns": [{}]}, {}]}'),
        (200, b'{"results": [{"next_page_token": "for ever"}, {"next_page_token": "for ever"}]}'),
    ],
)
def test_a_source_that_is_none_is_said_and_fails_nothing_ASVS_15_2_1(osv: Osv, answer: tuple[int, bytes]) -> None:
    osv.answer = answer
    assert "not checked: no source reachable" in said()


def test_where_nobody_listens_it_is_said_and_fails_nothing_ASVS_15_2_1(
    osv: Osv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSV_URL", "http://127.0.0.1:9")
    assert "not checked: no source reachable" in said()


def test_a_question_that_is_not_understood_is_a_fault_of_ours_ASVS_15_2_1(osv: Osv) -> None:
    osv.answer = (400, b"Invalid purl")
    with pytest.raises(CommandError, match="Invalid purl"):
        said()


# --- the judgement ---


def test_an_exception_is_for_one_part_by_any_of_the_names_ASVS_15_2_1() -> None:
    known = [Known(purl, frozenset({"GHSA-1", "CVE-1"})) for purl in (DJANGO, GUNICORN)]
    for name in ("GHSA-1", "CVE-1"):
        verdict = judge(known, [Excused(name, "pkg:pypi/django", "a reason", date(2026, 1, 1))], date(2026, 1, 1))
        assert verdict.open == [known[1]]
        assert [each for each, _exception in verdict.excused] == [known[0]]


@pytest.mark.parametrize(
    "line",
    [
        'reason = "we never do that"',
        "until = 2026-12-31",
        'purl = "pkg:pypi/django"',
    ],
)
def test_an_exception_without_reason_end_or_part_is_refused_ASVS_15_2_1(line: str) -> None:
    assert len(exceptions(EXCUSED)) == 1
    with pytest.raises(ValueError, match="an exception has"):
        exceptions(EXCUSED.replace(line, ""))
    with pytest.raises(ValueError, match="an exception has"):
        exceptions(EXCUSED.replace(line, f'{line.partition(" ")[0]} = " "'))


def test_the_exceptions_in_force_can_be_read_ASVS_15_2_1() -> None:
    exceptions(advisories.EXCEPTIONS.read_text())


def test_asked_is_what_lies_inside_too_and_each_once_ASVS_15_2_1() -> None:
    htmx = Part("htmx", "2.0.10", "pkg:npm/htmx.org@2.0.10", "0BSD", True)
    icu = Part("ICU", "77.1", "pkg:github/unicode-org/icu@77.1", "Unicode-3.0", True)
    around = Part("django-htmx", "1.29.0", "pkg:pypi/django-htmx@1.29.0", "MIT", True, inside=(htmx, icu))
    assert advisories.asked([around, htmx]) == ["pkg:npm/htmx.org@2.0.10", "pkg:pypi/django-htmx@1.29.0"]
