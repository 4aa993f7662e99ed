"""The rehearsal's own judgement: what counts as lost, doubled and late."""

import json
import re
import string
import subprocess
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from deploy.rehearsal import database_faults, load_faults, restore
from deploy.rehearsal.database import archiving
from deploy.rehearsal.faults import FAULTS
from deploy.rehearsal.ledger import Found, Line, Window, judge, read
from deploy.rehearsal.network import HOSTS, clients
from deploy.rehearsal.provider import Provider
from deploy.rehearsal.table import markdown

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
LISTS = (database_faults, load_faults, restore)


def test_an_archive_takes_a_segment_again_and_no_other_under_its_name_P4_B2(tmp_path: Path) -> None:
    archive, segment = tmp_path / "archive", tmp_path / "segment"
    archive.mkdir()
    command = archiving(archive).replace("%p", str(segment)).replace("%f", "0001")

    def archived(content: str) -> bool:
        segment.write_text(content)
        return subprocess.run(["sh", "-c", command], capture_output=True).returncode == 0

    assert archived("one")
    assert archived("one"), "by whoever has been promoted"
    assert not archived("another")
    assert {path.name: path.read_text() for path in archive.iterdir()} == {"0001": "one"}
    composed = (DEPLOY / "compose.yaml").read_text()
    assert composed.count(f'"archive_command={archiving(Path("/archive"))}"') == 2, "the standby's too, once promoted"


def line(marker: str, *, what: str = "create", told: str = "done", at: float = 1.0) -> Line:
    return Line(what, marker, at - 0.1, at, told)


def window(**about: Any) -> Window:
    return Window(**{"id": "K1", "fault": "", "promise": "", "longest": 5, "begun": 0.0, "ended": 4.0, **about})


def there(**more: Any) -> Found:
    return Found(rows=Counter(A=1), history=Counter(A=1), **more)


@pytest.mark.parametrize(
    ("found", "lost", "doubled"),
    [
        (there(), 0, 0),
        (Found(), 1, 0),
        (Found(rows=Counter(A=1)), 1, 0),
        (Found(rows=Counter(A=2), history=Counter(A=2)), 0, 1),
        (Found(rows=Counter(A=1), history=Counter(A=2)), 0, 1),
    ],
)
def test_a_receipt_is_there_once_with_its_line_of_history_K2(found: Found, lost: int, doubled: int) -> None:
    row = judge(window(), [line("A")], found)
    assert (row.acknowledged, row.lost, row.doubled) == (1, lost, doubled)
    assert row.kept == (not lost and not doubled)


@pytest.mark.parametrize(
    ("fate", "taken", "lost", "doubled"),
    [
        ("sent", 1, 0, 0),
        ("unknown", 0, 0, 0),
        ("failed", 0, 0, 0),
        ("sent", 0, 1, 0),
        ("queued", 0, 1, 0),
        ("sent", 2, 0, 1),
    ],
)
def test_a_text_is_sent_once_or_reported_K3(fate: str, taken: int, lost: int, doubled: int) -> None:
    found = there(texts=Counter(A=1), fates={"A": fate}, taken=Counter(A=taken))
    row = judge(window(), [line("A", what="send")], found)
    assert (row.lost, row.doubled) == (lost, doubled)


def test_what_was_not_acknowledged_may_be_missing_but_never_twice_K2() -> None:
    failed = line("B", told="failed")
    assert judge(window(), [line("A"), failed], there()).lost == 0
    twice = Found(rows=Counter(A=1, B=2), history=Counter(A=1, B=2))
    assert judge(window(), [line("A"), failed], twice).doubled == 1


def test_the_longest_gap_reaches_from_the_beginning_to_the_end_K1() -> None:
    lines = [line("A", at=0.5), line("A", at=3.0), line("A", told="failed", at=3.5)]
    row = judge(window(), lines, there())
    assert (row.gap, row.failed) == (2.5, 1)
    assert judge(window(ended=9.0), lines, there()).gap == 6.0
    assert not judge(window(ended=9.0), lines, there()).kept


def test_an_answer_that_came_too_late_breaks_the_promise_P3() -> None:
    slow = Line("create", "A", 0.0, 5.2, "done")
    assert judge(window(ended=6.0, longest=None), [slow], there()).kept
    assert not judge(window(ended=6.0, longest=None, answer=5.0), [slow], there()).kept


@pytest.mark.parametrize("told", ["failed", "shed"])
def test_what_nobody_may_notice_is_broken_by_one_answer_Z1(told: str) -> None:
    lines = [line("A"), line("B", told=told)]
    assert judge(window(), lines, there()).kept
    assert not judge(window(unnoticed=True), lines, there()).kept


def test_a_promise_without_receipts_or_with_a_note_in_bold_is_not_kept() -> None:
    assert not judge(window(), [line("A", what="read")], there()).kept
    assert not judge(window(notes=["**it was not refused**"]), [line("A")], there()).kept


def test_the_table_names_what_was_broken(tmp_path: Path) -> None:
    rows = [judge(window(fault="kill"), [line("A")], Found()), judge(window(id="", fault="all"), [line("A")], Found())]
    said = markdown(rows, command="deploy/rehearse", machine="here")
    assert "| K1 | kill |  | 1 | 1 | 0 |" in said
    assert "**broken**" in said
    assert "0 of 2 promises kept; 1 actions acknowledged, 1 lost, 0 doubled." in said


def test_a_ledger_is_read_whose_last_line_is_being_written(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    whole = {"what": "create", "marker": "A", "begun": 0.9, "ended": 1.0, "told": "done", "why": ""}
    file.write_text(json.dumps(whole) + '\n{"what": "cre')
    assert read(file) == [Line("create", "A", 0.9, 1.0, "done")]


def test_the_provider_takes_texts_and_fails_as_it_is_told_T1(tmp_path: Path) -> None:
    mode = tmp_path / "mode"
    mode.write_text("well")
    server = Provider("127.0.0.1", 0, tmp_path)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/messages"

    def send(reference: str) -> int:
        with suppress(requests.ConnectionError):
            return requests.post(url, json={"to": "+85366123456", "ref": reference}, timeout=5).status_code
        return 0

    def known(reference: str) -> int:
        return requests.get(f"{url}/{reference}", timeout=5).status_code

    try:
        assert (send("a"), known("a"), known("b")) == (201, 200, 404)
        mode.write_text("fails")
        assert (send("b"), known("a")) == (500, 500)
        mode.write_text("busy")
        assert send("b") == 429
        mode.write_text("fails after")
        assert {send(f"c{turn}") for turn in range(30)} == {500, 0}
        mode.write_text("well")
        assert (known("b"), {known(f"c{turn}") for turn in range(30)}) == (404, {200})
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert len((tmp_path / "accepted.jsonl").read_text().splitlines()) == 31


def test_no_two_machines_share_an_address() -> None:
    addresses = [*(address for host, address in HOSTS.items() if host != "client"), *clients()]
    assert len(set(addresses)) == len(addresses)


def test_every_fault_has_a_number_of_its_own() -> None:
    ids = [each.id for each in FAULTS]
    assert len(set(ids)) == len(ids)
    assert {"K1", "K2", "K3", "K5", "P1", "P3", "P4", "P5", "P6", "T1", "T1b", "T1c", "Z1", "B2", "D1", "L2"} <= set(
        ids
    )


@pytest.mark.parametrize("template", sorted(DEPLOY.rglob("*.template")), ids=lambda path: path.name)
def test_a_template_says_what_is_filled_in(template: Path) -> None:
    text = template.read_text()
    wanted = {name for pair in string.Template.pattern.findall(text) if (name := pair[2]) and name.isupper()}
    head = "\n".join(each for each in text.splitlines() if re.match(r"[#;]", each))
    assert {name for name in wanted if not re.search(rf"\b{name}\b", head)} <= {
        "PORTAL_PASSWORD",
        "POOL_PASSWORD",
        "PRIMARY",
    }


def test_nginx_says_only_of_what_it_refused_itself_that_nothing_was_done() -> None:
    """502 and 504: perhaps it was done (K2). Each page is that of its own name."""
    text = (DEPLOY / "nginx" / "portal.conf.template").read_text()
    assert "error_page 503 429 /_busy.html;" in text
    assert "error_page 502 504 =503 /_away.html;" in text
    for name in ("busy", "away"):
        block = text.partition(f"location = /_{name}.html {{")[2].partition("}\n")[0]
        assert f"alias ${{PORTAL_PAGES}}/{name}.html;" in block
    nothing = "Nothing was done"
    assert nothing in (DEPLOY / "nginx" / "busy.html").read_text()
    assert nothing not in (DEPLOY / "nginx" / "away.html").read_text()


def test_whoever_starts_nginx_says_all_that_is_filled_in() -> None:
    text = (DEPLOY / "nginx" / "portal.conf.template").read_text()
    wanted = set(re.findall(r"\$\{([A-Z_]+)\}", text))
    assert {"PORTAL_HOST", "AT_ONCE", "DOORS_AT_ONCE"} <= wanted
    for told in ("compose.yaml", "kubernetes/front.yaml", "rehearsal/cluster.py"):
        said = (DEPLOY / told).read_text()
        assert {name for name in wanted if not re.search(rf'\b{name}"?[:,] ', said)} == set(), told
