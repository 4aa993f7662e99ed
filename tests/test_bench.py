"""What the benchmark makes of what it measures. The benchmark itself is `bench/run`, and no test of the suite."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench import cpu, figures, plans, plot, report, rounds
from bench.load import Slice, Wrong
from bench.measuring import ORDER
from bench.targets import ALSO, GOALS, YARDSTICKS, Check, judge, judge_all, shortfall


def test_rounds_become_a_median_with_the_lowest_and_the_highest() -> None:
    assert figures.spread([3.0, 1.0, 2.0]) == figures.Spread(2.0, 1.0, 3.0)
    with pytest.raises(ValueError, match="nothing was measured"):
        figures.spread([])


def test_each_round_is_compared_with_the_yardstick_of_the_same_round() -> None:
    """The machine was three times as slow in the second round: the ratio stays."""
    assert figures.ratios([2.0, 6.0, 3.0], [1.0, 3.0, 2.0]) == figures.Spread(2.0, 1.5, 2.0)
    with pytest.raises(ValueError, match="shorter"):
        figures.ratios([2.0, 3.0], [1.0])


@pytest.mark.parametrize(("values", "noisy"), [([1.0, 2.0], False), ([1.0, 2.01], True), ([0.0, 0.0], True)])
def test_a_yardstick_that_spreads_by_more_than_two_is_too_noisy(values: list[float], noisy: bool) -> None:
    assert figures.too_noisy(values) is noisy


def put_process(proc: Path, pid: int, parent: int, *ticks: int, name: str = "python") -> None:
    """A process as the kernel describes it; `ticks`: user, system, and both of children that have ended."""
    folder = proc / str(pid)
    folder.mkdir()
    words = ["S", str(parent), *["0"] * 9, *map(str, ticks), *["0"] * 30]
    (folder / "stat").write_text(f"{pid} ({name}) {' '.join(words)}\n")


def test_cpu_of_a_tree_has_its_children_and_those_that_have_ended(tmp_path: Path) -> None:
    put_process(tmp_path, 10, 1, 100, 20, 3000, 400)  # a server; workers of it have ended
    put_process(tmp_path, 11, 10, 50, 5, 0, 0, name="a worker) with (brackets")
    put_process(tmp_path, 12, 11, 7, 0, 0, 0)
    put_process(tmp_path, 99, 1, 90000, 0, 0, 0)  # somebody else's
    assert cpu.seconds(10, tmp_path) * cpu.TICK == 100 + 20 + 3000 + 400 + 50 + 5 + 7
    assert cpu.children(10, tmp_path) == [11]


def test_memory_is_what_a_process_holds_with_its_share_of_what_is_shared(tmp_path: Path) -> None:
    (tmp_path / "10").mkdir()
    (tmp_path / "10" / "smaps_rollup").write_text("55-7f ---p 00000000 00:00 0 [rollup]\nRss: 99 kB\nPss:   73500 kB\n")
    assert cpu.memory(10, tmp_path) == 73.5


def test_every_goal_of_the_design_is_a_target() -> None:
    """The limits, written out as `performance.md` has them."""
    limits = {goal.number: [check.limit for check in goal.checks] for goal in GOALS}
    assert limits == {
        1: [2.0, 2.5],
        2: [1.2, 1.2, 1.5, 1.5],
        3: [1.35],
        4: [5, 0.03],
        5: [2.0, 2.0],
        6: [0.4] * 4 + [4.0] * 4 + [5.0],
        7: [0.25, 1.5],
        8: [1.5, 1.5],
        9: [8.0],
        10: [2000, 0, 2.0],
        11: [1.2, 0, 2.0],
        12: [1.6, 1.1, 3.0],
        13: [5, 8, 20],
        14: [60.0, 15.0],
    }
    assert {goal.yardstick for goal in (*GOALS, *ALSO)} <= {*YARDSTICKS, ""}
    names = [check.figure for goal in GOALS for check in goal.checks]
    assert len(names) == len(set(names))


def test_what_is_promised_beside_the_goals_is_judged_beside_them() -> None:
    limits = {goal.name: [(check.limit, check.kind) for check in goal.checks] for goal in ALSO}
    assert limits == {
        "download of 100,000 lines, with flat memory": [(2.0, "at most"), (20.0, "at most")],
        "pages of others while an import or a download is running": [(2.0, "at most"), (2.0, "at most")],
        "ten minutes of what people do all day": [(0, "exactly"), (1.1, "at most")],
    }
    assert not {goal.name for goal in ALSO} & {goal.name for goal in GOALS}
    found = {"export/S": 1.1, "a worker grows while it streams": 3.0, "p95 beside import": 2.1}
    verdicts = judge_all(found, goals=ALSO)
    assert [each.said for each in verdicts] == ["met", "not met", "not measured"]
    assert report.line(verdicts[0]).split()[:2] == ["+", "met"]


STAFF_LIST = GOALS[0]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"staff_list/B": 2.0, "staff_list/B p95": 2.5}, "met"),
        ({"staff_list/B": 2.01, "staff_list/B p95": 1.0}, "not met"),
        ({"staff_list/B": 1.0, "staff_list/B p95": 2.6}, "not met"),
        ({"staff_list/B": 1.0}, "not measured"),
        ({"staff_list/B": 3.0}, "not met"),
        ({}, "not measured"),
    ],
)
def test_a_goal_is_met_when_each_of_its_figures_is_measured_and_within(found: dict[str, float], said: str) -> None:
    verdict = judge(STAFF_LIST, found)
    assert verdict.said == said
    assert verdict.met is (said == "met")
    assert said in report.line(verdict)


def test_a_limit_can_be_a_ceiling_a_floor_or_the_only_right_number() -> None:
    assert Check("", 2.0).met(2.0)
    assert not Check("", 2.0).met(2.1)
    assert Check("", 2000, kind="at least").met(2000)
    assert not Check("", 2000, kind="at least").met(1999)
    assert Check("", 5, kind="exactly").met(5)
    assert not Check("", 5, kind="exactly").met(4)


def test_the_figure_nearest_its_limit_stands_for_a_goal() -> None:
    verdict = judge(STAFF_LIST, {"staff_list/B": 1.2, "staff_list/B p95": 2.4})
    assert (verdict.check and verdict.check.figure, verdict.value) == ("staff_list/B p95", 2.4)


@pytest.mark.parametrize(
    ("logins", "rounds_run", "minutes", "rehearsal"),
    [
        (1_000_000, 5, 10, False),
        (999_999, 5, 10, True),
        (1_000_000, 4, 10, True),
        (1_000, 9, 10, True),
        (1_000_000, 5, 9.5, True),
    ],
)
def test_fewer_logins_or_rounds_or_minutes_are_a_rehearsal_which_meets_nothing(
    logins: int, rounds_run: int, minutes: float, rehearsal: bool
) -> None:
    short = shortfall(logins=logins, rounds=rounds_run, minutes=minutes)
    assert bool(short) is rehearsal
    found = {"staff_list/B": 1.0, "staff_list/B p95": 1.0, "sign_in/H": 9.0}
    first, third = (judge_all(found, rehearsal=bool(short))[place] for place in (0, 2))
    assert (first.met, first.said) == ((False, "rehearsed") if rehearsal else (True, "met"))
    assert third.said == "not met"


def test_history_gets_a_line_a_run_with_every_target(tmp_path: Path) -> None:
    kept = tmp_path / "history.jsonl"
    for ratio in (3.0, 1.5):
        verdicts = judge_all({"staff_list/B": ratio, "staff_list/B p95": 1.0})
        report.remember(commit="abc1234", verdicts=verdicts, path=kept)
    first, second = map(json.loads, kept.read_text().splitlines())
    assert first.keys() == {"commit", "date", "targets"}
    assert first["targets"].keys() == {goal.name for goal in GOALS}
    assert first["targets"][STAFF_LIST.name] == {"ratio": 3.0, "limit": 2.0, "met": False}
    assert second["targets"][STAFF_LIST.name] == {"ratio": 1.5, "limit": 2.0, "met": True}
    assert second["targets"]["texts"] == {"ratio": None, "limit": None, "met": False}


def test_json_of_a_run_has_everything_and_no_number_json_lacks() -> None:
    verdicts = judge_all({"texts a second": 0.0})
    made = report.as_json(
        commit="abc1234",
        about={"python": "3.11"},
        measured={"staff_list": {"app": figures.spread([1.0, 2.0, 3.0]), "bytes": 9}},
        figures={"staff_list/B": figures.Spread(1.5, 1.0, 2.0), "texts a second": 0.0, "far": float("inf")},
        verdicts=verdicts,
        also=judge_all({"export/S": 1.0, "a worker grows while it streams": 21.0}, goals=ALSO),
    )
    text = json.dumps(made, allow_nan=False)
    assert json.loads(text) == made
    assert made.keys() == {"commit", "date", "about", "measured", "figures", "targets", "also"}
    assert made["measured"]["staff_list"] == {"app": {"median": 2.0, "low": 1.0, "high": 3.0}, "bytes": 9}
    assert made["figures"]["far"] is None
    assert made["targets"]["texts"]["met"] is False
    assert made["also"]["download of 100,000 lines, with flat memory"] == {"ratio": 21.0, "limit": 20.0, "met": False}


def test_the_drawing_has_a_line_for_each_target_that_was_measured(tmp_path: Path) -> None:
    runs = [
        {"commit": f"c{number}", "date": f"2026-11-{number:02}", "targets": {
            "near": {"ratio": number / 10, "limit": 2.0, "met": True},
            "far": {"ratio": 3.0, "limit": 1.0, "met": False},
            "unknown": {"ratio": None, "limit": None, "met": False},
        }}
        for number in (1, 2, 3)
    ]  # fmt: skip
    drawn = plot.draw(runs)
    assert drawn.startswith("<svg")
    assert "near" in drawn
    assert "far" in drawn
    assert "unknown" not in drawn
    assert drawn.count("<polyline") == 2


def test_a_floor_is_drawn_as_one() -> None:
    """Twice as many texts as wanted use half of what is allowed, as half of a ceiling does."""
    assert plot.share("texts", {"ratio": 4000, "limit": 2000, "met": False}) == 0.5
    assert plot.share("sign-in", {"ratio": 1.0, "limit": 2.0, "met": True}) == 0.5


class Still:
    """A server nobody asks, whose clock goes on as a test says: CPU seconds each slice takes."""

    def __init__(self, *took: float) -> None:
        self.spent, self.took = 0.0, list(took)
        self.place = self
        self.slices = 0

    def cpu(self) -> float:
        return self.spent / 2  # half of it is PostgreSQL's

    def ask(self, seconds: float) -> Slice:
        self.spent += self.took[self.slices % len(self.took)]
        self.slices += 1
        return Slice(good=100, begun=100, seconds=seconds, p50=1.0, p95=2.0, p99=3.0)


def item(name: str, server: Still, yardstick: str = "") -> rounds.Item:
    return rounds.Item(name, server, server.ask, 9, yardstick)  # type: ignore[arg-type]


@pytest.fixture
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds.time, "sleep", lambda _seconds: None)


def test_cpu_of_a_slice_is_shared_among_the_requests_begun_in_it(nobody_waits: None) -> None:
    found = item("page", Still(0.4)).measure(2)
    assert (found["app"], found["pg"]) == pytest.approx((2.0, 2.0))  # milliseconds each
    assert found["rate"] == 50


def test_the_first_round_warms_up_and_is_thrown_away(nobody_waits: None) -> None:
    page, yardstick = Still(9.0, 0.4, 0.6, 0.5), Still(9.0, 0.2, 0.3, 0.25)
    items = [item("B", yardstick), item("page", page, "B")]
    assert rounds.run(items, rounds=3, seconds=2, say=lambda _: None) == []
    assert items[1].cpu == pytest.approx([4.0, 6.0, 5.0])
    ratio = rounds.compared(items)["page/B"]
    assert (ratio.median, ratio.low, ratio.high) == pytest.approx((2.0, 2.0, 2.0))


def test_a_noisy_yardstick_is_tried_three_times_and_then_nothing_is_compared_with_it(nobody_waits: None) -> None:
    restless = Still(0.2, 0.5)
    items = [item("B", restless), item("page", Still(0.4), "B")]
    said: list[str] = []
    assert rounds.run(items, rounds=4, seconds=2, say=said.append) == ["B"]
    assert restless.slices == 3 * (1 + 4)
    assert sum("too noisy" in sentence for sentence in said) == 3
    assert rounds.compared(items, ["B"]) == {}


def test_a_page_that_goes_wrong_does_not_take_the_others_with_it(nobody_waits: None) -> None:
    class Falls(Still):
        def ask(self, seconds: float) -> Slice:
            if self.slices == 2:  # in the second round
                raise Wrong("500 with 9 bytes")
            return super().ask(seconds)

    items = [item("B", Still(0.2)), item("page", Falls(0.4), "B"), item("other", Still(0.4), "B")]
    rounds.run(items, rounds=2, seconds=2, say=lambda _: None)
    assert items[1].failed == "500 with 9 bytes"
    assert rounds.compared(items).keys() == {"other/B", "other/B p95"}


def page_found(**changes: Any) -> dict[str, Any]:
    return {"queries": 5, "scans": [], "wasted": [], "buffers": 9, "ms": 1.0, "term_ms": 1.0, "bytes": 9} | changes


def test_the_quick_run_fails_on_a_query_too_many_and_on_a_table_read_whole() -> None:
    pages = {"staff_list": page_found(), "person": page_found(queries=8)}
    assert plans.broken({"pages": pages}) == []
    pages = {"staff_list": page_found(queries=6), "person": page_found(queries=9, scans=["audit_event in SELECT"])}
    assert [sentence.split()[0] for sentence in plans.broken({"pages": pages})] == ["staff_list", "person", "person"]
    assert plans.counted({"pages": pages}) == {"queries of a list page": 6.0, "queries of any page": 9.0}


def test_each_scenario_of_a_goal_can_be_asked_for() -> None:
    assert {name for goal in (*GOALS, *ALSO) for name in goal.pages} <= {*ORDER}
