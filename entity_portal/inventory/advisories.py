"""Which vulnerabilities are known of the parts, asked of a source that speaks OSV's API (https://osv.dev), and judged.

A source that cannot be reached, or does not answer as OSV does, is no verdict: `NoSource` says why.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

import requests

from entity_portal.inventory.parts import Part
from entity_portal.postgres import ROOT

OSV = "https://api.osv.dev"
EXCEPTIONS = ROOT / "docs" / "vulnerabilities.toml"
ASKED = ("pkg:pypi/", "pkg:npm/", "pkg:cargo/")  # kinds that OSV finds by their address
AT_ONCE = 500  # OSV takes a thousand
PAGES = 20  # of an answer; more is no answer of OSV's
TIMEOUT = (5, 20)  # seconds: to connect, to answer


class NoSource(Exception):
    """Nobody could say whether vulnerabilities are known."""


class Misunderstood(Exception):
    """The source was there and did not understand us: that is ours to mend."""


@dataclass(frozen=True)
class Known:
    """A vulnerability of a part, under all of its names."""

    purl: str
    names: frozenset[str]
    summary: str = ""

    def __str__(self) -> str:
        return f"{self.purl}: {', '.join(sorted(self.names))}" + (f" – {self.summary}" if self.summary else "")


@dataclass(frozen=True)
class Excused:
    """A vulnerability that does not concern us, or not yet: why, and the last day on which that is believed."""

    name: str
    purl: str  # without its version
    reason: str
    until: date

    def covers(self, known: Known) -> bool:
        return self.name in known.names and known.purl.rpartition("@")[0] == self.purl


@dataclass(frozen=True)
class Result:
    """What OSV says of one part."""

    names: list[str]
    next_page: str

    @classmethod
    def read(cls, said: Any, source: str) -> "Result":
        try:
            return cls([str(each["id"]) for each in said.get("vulns", ())], str(said.get("next_page_token", "")))
        except (AttributeError, KeyError, TypeError) as fault:
            raise NoSource(f"{source} did not answer as OSV does") from fault


@dataclass
class Verdict:
    open: list[Known]
    excused: list[tuple[Known, Excused]]
    unused: list[Excused]  # nothing is known that they are about

    @property
    def is_good(self) -> bool:
        return not self.open


def exceptions(text: str) -> list[Excused]:
    """`docs/vulnerabilities.toml`.

    Raises:
        ValueError: one has no reason or no end, or something unknown.
    """
    found = []
    for said in tomllib.loads(text).get("exception", []):
        whole = set(said) == {"name", "purl", "reason", "until"} and said["reason"].strip()
        if not whole or not said["purl"].startswith("pkg:") or type(said["until"]) is not date:
            raise ValueError(f"an exception has name, purl, reason and until (a date): {said}")
        found.append(Excused(**said))
    return found


def judge(found: Iterable[Known], excused: Iterable[Excused], today: date) -> Verdict:
    """Open is what no exception covers that is still believed."""
    excused = list(excused)
    verdict = Verdict([], [], [])
    used = set()
    for known in found:
        covering = [each for each in excused if each.covers(known)]
        used.update(covering)
        valid = [each for each in covering if each.until >= today]
        if valid:
            verdict.excused.append((known, valid[0]))
        else:
            verdict.open.append(known)
    verdict.unused = [each for each in excused if each not in used]
    return verdict


def asked(parts: Iterable[Part]) -> list[str]:
    """What is asked about: each part, and what lies inside of it, once."""
    everything = [each for part in parts for each in (part, *part.inside)]
    return sorted({each.purl for each in everything if each.purl.startswith(ASKED)})


def known(purls: Iterable[str], source: str = OSV) -> list[Known]:
    """What the source knows of these, without what was withdrawn.

    Raises:
        NoSource, Misunderstood
    """
    purls = list(purls)
    with requests.Session() as session:
        pairs = [
            pair
            for begin in range(0, len(purls), AT_ONCE)
            for pair in pairs_of(session, source, purls[begin:][:AT_ONCE])
        ]
        told = {name: details(session, source, name) for name in sorted({name for _purl, name in pairs})}
    return [
        Known(purl, frozenset({name, *told[name].get("aliases", ())}), str(told[name].get("summary", "")))
        for purl, name in pairs
        if "withdrawn" not in told[name]
    ]


def pairs_of(session: requests.Session, source: str, purls: list[str]) -> Iterator[tuple[str, str]]:
    """Part and name of a vulnerability, each; OSV gives long answers page by page."""
    waiting: list[dict[str, Any]] = [{"package": {"purl": purl}} for purl in purls]
    for _page in range(PAGES):
        answer = ask(session, "POST", f"{source}/v1/querybatch", {"queries": waiting})
        results = answer.get("results")
        if not isinstance(results, list) or len(results) != len(waiting):
            raise NoSource(f"{source} did not answer as many questions as were asked")
        following = []
        for query, result in zip(waiting, results, strict=True):
            said = Result.read(result, source)
            yield from ((query["package"]["purl"], name) for name in said.names)
            if said.next_page:
                following.append({**query, "page_token": said.next_page})
        if not following:
            return
        waiting = following
    raise NoSource(f"{source} does not come to an end")


def details(session: requests.Session, source: str, name: str) -> Mapping[str, Any]:
    """Other names, a summary, whether it was withdrawn; nothing where that cannot be had: it counts all the same."""
    try:
        return ask(session, "GET", f"{source}/v1/vulns/{quote(name, safe='')}")
    except NoSource:
        return {}


def ask(session: requests.Session, method: str, address: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    try:
        answer = session.request(method, address, json=body, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as fault:
        raise NoSource(f"{address}: {type(fault).__name__}") from fault
    if answer.status_code == 400:
        raise Misunderstood(f"{address}: {answer.text[:200]}")
    if answer.status_code != 200:
        raise NoSource(f"{address}: status {answer.status_code}")
    try:
        said = answer.json()
    except requests.JSONDecodeError as fault:
        raise NoSource(f"{address}: not JSON") from fault
    if not isinstance(said, dict):
        raise NoSource(f"{address}: not an object")
    return said
