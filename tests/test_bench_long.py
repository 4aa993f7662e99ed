"""The parts of the benchmark that take long, in short: the soak, the download and its yardstick."""

import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from django.db import transaction
from django.utils import translation

from bench import beside, exports, soak
from bench.load import Wrong
from bench.scenarios import PAGES
from entity_portal.audit.actions import Action
from entity_portal.audit.operations import record
from services.operations import change_members
from staff import exports as staff_exports
from staff import history
from tests.cast import Cast, group
from tests.running import environment


def test_the_mix_of_the_soak_is_that_of_the_design() -> None:
    assert soak.MIX == {"lists": 50, "edit": 15, "save": 10, "two_lists": 10, "sign_in": 10, "history": 5}
    assert {name for names in soak.SHOWN.values() for name in names} <= {*PAGES}


class Working:
    """A server that nobody asks; its workers hold what a test says, a minute after the other."""

    def __init__(self, *memory: float) -> None:
        self.url, self.left = "", list(memory)

    def memory(self) -> float:
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


def soaked(monkeypatch: pytest.MonkeyPatch, server: Working, do: Any) -> soak.Soak:
    monkeypatch.setattr(soak, "pending", lambda _server: ["CU1", "CU2"])
    monkeypatch.setattr(soak.browser, "sign_in", lambda *_: requests.Session())
    monkeypatch.setattr(soak.Visitor, "do", do)
    return soak.soak(server, {}, 3, lambda _: None, minute=0.05)  # type: ignore[arg-type]


def test_a_soak_counts_what_came_and_what_was_wrong_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def do(visitor: soak.Visitor, name: str) -> int:
        time.sleep(0.001)
        if name == "save":
            raise Wrong("500 to nowhere")
        if name == "edit":
            raise ConnectionError("closed")
        return 302 if name == "sign_in" else 200

    found = soaked(monkeypatch, Working(70.0), do)
    assert {*found.statuses} == {200, 302}
    assert {each.partition(":")[0] for each in found.wrong} == {"save", "edit"}
    assert sum(found.statuses.values()) + len(found.wrong) == sum(found.steps.values())
    assert "save: 500 to nowhere" in found.wrong
    assert len(found.memory) >= 3


def test_a_visitor_sends_nothing_on_a_connection_that_rested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak.browser, "sign_in", lambda *_: requests.Session())
    monkeypatch.setattr(soak.Visitor, "do", lambda *_: 200)
    visitor, closed = soak.Visitor("", {}, "CU1", 1, soak.Soak()), []
    monkeypatch.setattr(visitor.session, "close", lambda: closed.append(True))
    visitor.step()
    assert not closed
    visitor.asked -= soak.RESTED + 0.1
    visitor.step()
    assert closed


def test_memory_grows_where_the_last_minute_holds_more_than_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    assert soak.Soak(memory=[50.0, 80.0, 90.0, 100.0]).growth == 1.25
    assert soak.Soak(memory=[50.0]).growth == 1.0

    def do(*_: object) -> int:
        time.sleep(0.001)
        return 200

    found = soaked(monkeypatch, Working(50.0, 80.0, 88.0), do)
    assert found.growth == pytest.approx(1.1)


def test_a_form_is_sent_as_it_came() -> None:
    page = """<form action="/find/"><input name="q" value="x"></form><form method="post">
        <input type="hidden" name="csrfmiddlewaretoken" value="t"><input name="name_foreign" value="CHAN &amp; CO">
        <select name="place"><option value="">-</option><option value="MO" selected>Macao</option></select>
        <input type="radio" name="kind" value="a"><input type="radio" name="kind" value="b" checked>
        <input type="checkbox" name="tick"><input name="email"></form>"""
    expected = {"csrfmiddlewaretoken": "t", "name_foreign": "CHAN & CO", "place": "MO", "kind": "b", "email": ""}
    assert soak.form_with("name_foreign", page) == expected
    with pytest.raises(Wrong, match="no form with birth_date"):
        soak.form_with("birth_date", page)


def test_a_worker_has_grown_by_what_it_held_at_its_highest(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {1: [70.0, 105.0, 71.0], 2: [70.0, 75.0, 99.0]}
    monkeypatch.setattr(beside, "OFTEN", 0.001)
    monkeypatch.setattr(beside.cpu, "children", lambda _pid: [1, 2])
    monkeypatch.setattr(beside.cpu, "memory", lambda pid: held[pid].pop(0) if len(held[pid]) > 1 else held[pid][0])

    class Serving:
        process = type("Process", (), {"pid": 0})

    with beside.watched(Serving()) as grown:  # type: ignore[arg-type]
        while any(len(left) > 1 for left in held.values()):
            time.sleep(0.001)
        time.sleep(0.01)
    assert grown() == 35.0


class Portal:
    """A place and a server in one: each download and each yardstick costs a second more than the one before."""

    def __init__(self, *seen: str) -> None:
        self.place, self.process, self.postmaster = self, self, 1
        self.pid, self.spent, self.seen = 0, 0.0, list(seen)

    def cpu(self) -> float:
        return self.spent / 2

    def fetch(self, _session: object) -> tuple[int, str]:
        self.spent += 3.0
        return 7, "same"

    def ask(self, *_: str) -> dict[str, Any]:
        return {"seconds": 2.0, "lines": 7, "sha256": self.seen.pop(0)}


def test_a_download_is_compared_with_the_same_sheet_made_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside.cpu, "children", lambda _pid: [1])
    monkeypatch.setattr(beside.cpu, "memory", lambda _pid: 70.0)
    monkeypatch.setattr(beside.Download, "session", lambda _self: None)
    monkeypatch.setattr(beside.Download, "fetch", lambda self, session: self.server.fetch(session))
    download = beside.Download(Portal("same", "same", "same"), "2026-01-01")  # type: ignore[arg-type]
    found = beside.export(download, 2, lambda _: None)
    assert (found.lines, found.export, found.yardstick, found.growth) == (7, [3.0] * 2, [2.0] * 2, [0.0] * 2)
    assert download.path == "/history/export.csv?since=2026-01-01"
    with pytest.raises(Wrong, match="or others"):
        beside.export(beside.Download(Portal("another"), ""), 1, lambda _: None)  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_the_yardstick_of_the_download_is_the_download_byte_for_byte(company: Cast) -> None:
    """Otherwise a download could get cheaper by saying less."""
    house = company.entity
    with transaction.atomic():
        place = group(open_to=house)
        change_members(group=place, by=company.administrator, add=[company.pending.euid])
        for data in (
            {"was": "open", "now": ["a", True]},
            {"changes": {"email": ["", "x"]}, "rows": 3},
            {"address": "1"},
        ):
            record(Action.OPENING_CHANGED, entity=house.number, actor=None, target=place.service.code, **data)
        record(Action.ENTITY_CHANGED, entity=house.number, actor=company.administrator, target="=1")
    with translation.override("en"):
        events = history.find(house).order_by("-at", "-id")
        sheet = "".join(staff_exports.history_lines(house, events)).encode()
        words = exports.spoken(house.number)
    with psycopg.connect(environment("", Path())["DATABASE_URL"], options=f"-c timezone={exports.MACAO}") as connection:
        assert exports.encoded(connection, house.number, "1970-01-01", words) == sheet
    assert sheet.count(b"\r\n") == 1 + 5
