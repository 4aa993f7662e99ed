"""The fourteen goals and what else is promised, as data; and whether what was measured meets them.

A goal has one or more checks. A check names a figure, `page/yardstick` where it is a ratio of CPU per request, and its
limit. Goals are ratios, measured side by side: on a shared machine the same page ran between 172 and 612 requests a
second, while its CPU ratio stayed within a fifth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

LOGINS, ROUNDS, MINUTES = 1_000_000, 5, 10  # what the goals are about: at least


@dataclass(frozen=True)
class Check:
    """A figure and what it may be: at most `limit`, or at least, or exactly."""

    figure: str
    limit: float
    unit: str = "×"
    kind: str = "at most"

    def met(self, value: float) -> bool:
        if self.kind == "exactly":
            return value == self.limit
        return value >= self.limit if self.kind == "at least" else value <= self.limit

    def strain(self, value: float) -> float:
        """How near the limit: above one it is not met."""
        if self.kind == "exactly":
            return 1.0 if value == self.limit else float("inf")
        if self.kind == "at least":
            return self.limit / value if value else float("inf")
        return value / self.limit


@dataclass(frozen=True)
class Goal:
    number: int  # 0 beside the fourteen
    name: str
    yardstick: str  # one of `YARDSTICKS`, or "" where a figure stands for itself
    pages: tuple[str, ...]  # scenarios that measure it
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Verdict:
    """`said`: "met", "not met", "not measured", or "rehearsed"; the figure that strains its limit most."""

    goal: Goal
    said: str
    check: Check | None = None
    value: float | None = None
    missing: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        return self.said == "met"


YARDSTICKS = {
    "B": "bare Django view: session, one query for 25 people, one template, persistent connection",
    "E": "bare Django edit view: session, one query, a model's form",
    "F": "raw WSGI, prepared statements, an f-string",
    "H": "POST that looks at one password with the portal's hasher",
    "C": "COPY of the same 10,000 rows",
    "S": "COPY TO of the same lines, encoded as the same sheet in plain Python",
    "D": "django-oauth-toolkit as locked, unhashed secret: code and token",
}

SEARCHES = ("search_one", "search_two", "search_word", "search_none")

GOALS = (
    Goal(
        1,
        "staff list of 20,000 people",
        "B",
        ("staff_list",),
        (Check("staff_list/B", 2.0), Check("staff_list/B p95", 2.5)),
    ),
    Goal(
        2,
        "flat from 1,000 to 1,000,000 logins, from first to last page",
        "",
        ("staff_list", "staff_list_last"),
        (
            Check("staff_list large/small", 1.2),
            Check("staff_list_last/staff_list", 1.2),
            Check("staff_list buffers large/small", 1.5),
            Check("staff_list_last/staff_list buffers", 1.5),
        ),
    ),
    Goal(3, "sign-in with strike and history", "H", ("sign_in",), (Check("sign_in/H", 1.35),)),
    Goal(
        4,
        "fifty guesses at once",
        "H",
        ("guesses",),
        (Check("guesses tried of 50", 5, "", "exactly"), Check("counter/H", 0.03)),
    ),
    Goal(5, "person page and edit form", "E", ("person", "edit"), (Check("person/E", 2.0), Check("edit/E", 2.0))),
    Goal(
        6,
        "search within 20,000 people; officers' search",
        "B",
        (*SEARCHES, "officers_search"),
        (
            *(Check(f"{name} sql/LIKE", 0.4) for name in SEARCHES),
            *(Check(f"{name}/B", 4.0) for name in SEARCHES),
            Check("officers_search sql", 5.0, "ms"),
        ),
    ),
    Goal(
        7,
        "two lists of a nearly full group; usual case",
        "B",
        ("two_lists_full", "two_lists"),
        (Check("two_lists_full sql/NOT EXISTS", 0.25), Check("two_lists/B", 1.5)),
    ),
    Goal(
        8,
        "history, near and far",
        "B",
        ("history", "history_far"),
        (Check("history_far/history", 1.5), Check("history/B", 1.5)),
    ),
    Goal(9, "import of 10,000 lines, checked, with history", "C", ("import",), (Check("import/C", 8.0),)),
    Goal(
        10,
        "texts",
        "",
        ("texts",),
        (
            Check("texts a second", 2000, "/s", "at least"),
            Check("texts sent twice by four workers", 0, "", "exactly"),
            Check("queueing/commit", 2.0),
        ),
    ),
    Goal(
        11,
        "OpenID Connect: code and token; userinfo",
        "D",
        ("code_and_token", "userinfo"),
        (
            Check("code_and_token/D", 1.2),
            Check("password hashes at the token endpoint", 0, "", "exactly"),
            Check("userinfo/B", 2.0),
        ),
    ),
    Goal(
        12,
        "memory of a worker, and the start",
        "B",
        ("memory", "start"),
        (
            Check("memory/bare", 1.6),
            Check("memory after 10,000 requests/before", 1.1),
            Check("start/bare", 3.0),
        ),
    ),
    Goal(
        13,
        "queries and connections",
        "",
        ("queries", "connections"),
        (
            Check("queries of a list page", 5, ""),
            Check("queries of any page", 8, ""),
            Check("connections opened per 1,000 requests", 20, ""),
        ),
    ),
    Goal(
        14,
        "bytes of the first visit and of the next page",
        "",
        ("first_visit",),
        (Check("first visit", 60.0, "kB"), Check("next page", 15.0, "kB")),
    ),
)

# Promised beside the fourteen.
ALSO = (
    Goal(
        0,
        "download of 100,000 lines, with flat memory",
        "S",
        ("export",),
        (Check("export/S", 2.0), Check("a worker grows while it streams", 20.0, "MB")),
    ),
    Goal(
        0,
        "pages of others while an import or a download is running",
        "",
        ("beside",),
        (Check("p95 beside import", 2.0), Check("p95 beside export", 2.0)),
    ),
    Goal(
        0,
        "ten minutes of what people do all day",
        "",
        ("soak",),
        (Check("soak wrong answers", 0, "", "exactly"), Check("soak memory last/second minute", 1.1)),
    ),
)


def judge(goal: Goal, found: Mapping[str, float]) -> Verdict:
    """One failed check is enough for "not met"; what is not measured is never met."""
    measured = [(check, found[check.figure]) for check in goal.checks if check.figure in found]
    missing = tuple(check.figure for check in goal.checks if check.figure not in found)
    if not measured:
        return Verdict(goal, "not measured", missing=missing)
    check, value = max(measured, key=lambda each: each[0].strain(each[1]))
    if not all(check.met(value) for check, value in measured):
        return Verdict(goal, "not met", check, value, missing)
    return Verdict(goal, "not measured" if missing else "met", check, value, missing)


def judge_all(found: Mapping[str, float], *, goals: Sequence[Goal] = GOALS, rehearsal: bool = False) -> list[Verdict]:
    """All goals. They are about a million logins and five rounds: a rehearsal meets none of them."""
    verdicts = [judge(goal, found) for goal in goals]
    return [replace(each, said="rehearsed") if rehearsal and each.met else each for each in verdicts]


def shortfall(*, logins: int, rounds: int, minutes: float = MINUTES) -> str:
    """Why a run is a rehearsal; nothing where it is none. `minutes` are those of the soak."""
    if logins < LOGINS:
        return f"{logins:,} logins, not {LOGINS:,}"
    if minutes < MINUTES:
        return f"a soak of {minutes:g} minutes, not {MINUTES}"
    return f"{rounds} rounds, not {ROUNDS}" if rounds < ROUNDS else ""
