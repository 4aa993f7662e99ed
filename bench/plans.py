"""Counts, plans and buffers of what pages ask: the part of the benchmark that no load disturbs."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from bench import data
from bench.fill import SERVICE
from bench.places import Place
from bench.scenarios import PAGES, facts

LIST, ANY = 5, 8  # statements of a page at most: goal 13


def look(place: Place, names: Collection[str] = tuple(PAGES)) -> dict[str, Any]:
    """What `bench.queries` finds of these pages.

    `{"pages": {name: {"queries", "buffers", "ms", "term_ms", "scans", "wasted", …}}, "baselines": {name: ms}}`
    """
    known = facts(place)
    words = {"search_one": "one", "search_two": "two", "search_word": "word", "search_none": "none"}
    terms = {name: known[key] for name, key in words.items()}
    pages = [
        {
            "name": page.name,
            "path": page.path(known),
            "marker": page.marker(known),
            "who": asdict(page.who),
            "key": known["key"] if page.officer else "",
            "term": terms.get(page.name) or ("services_assignment" if page.name.startswith("two_lists") else ""),
        }
        for page in PAGES.values()
        if page.name in names
    ]
    terms = {name: term for name, term in terms.items() if name in names}
    full = "two_lists_full"
    groups = {full: (SERVICE, data.FULL_GROUP[1])} if full in names else {}
    asked = {"entity_id": known["entity_id"], "pages": pages, "like": terms, "groups": groups}
    found: dict[str, Any] = place.ask("bench.queries", json.dumps(asked))
    return found


def counted(found: Mapping[str, Any]) -> dict[str, float]:
    """The figures of goal 13 that need no load."""
    lists = [page["queries"] for name, page in found["pages"].items() if PAGES[name].kind == "list"]
    every = [page["queries"] for page in found["pages"].values()]
    return {"queries of a list page": float(max(lists)), "queries of any page": float(max(every))}


def compared(found: Mapping[str, Any]) -> dict[str, float]:
    """SQL of pages beside the plain way to ask the same, and of officers' search in milliseconds."""
    pages = found["pages"]
    figures: dict[str, float] = {}
    for name, baseline in found["baselines"].items():
        than = "LIKE" if name.startswith("search") else "NOT EXISTS"
        figures[f"{name} sql/{than}"] = pages[name]["term_ms"] / baseline
    if "officers_search" in pages:
        figures["officers_search sql"] = pages["officers_search"]["ms"]
    if {"staff_list", "staff_list_last"} <= pages.keys():
        first, last = pages["staff_list"]["buffers"], pages["staff_list_last"]["buffers"]
        figures["staff_list_last/staff_list buffers"] = last / first
    return figures


def broken(found: Mapping[str, Any]) -> list[str]:
    """Pages that ask too often, or by a plan that no index helps, each as a sentence."""
    wrong = []
    for name, page in found["pages"].items():
        limit = LIST if PAGES[name].kind == "list" and not PAGES[name].officer else ANY
        if page["queries"] > limit:
            wrong.append(f"{name} asks {page['queries']} times, {limit} at most")
        wrong += [f"{name} reads a whole table: {scan}" for scan in page["scans"]]
    return wrong
