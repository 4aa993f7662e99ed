"""The two lists (S14.6, S16.3): who could be chosen, a slice at a time, and beside it who is chosen.

Nothing is kept between requests: what was ticked and is not saved yet travels with the form. Of the slice that is drawn
`was` says who was in and `login` who is ticked; `add` and `remove` carry the changes to everybody else.
"""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from django.core.paginator import Page, Paginator

from entity_portal.lists import Pages, between
from services.queries import Choice
from staff.access import SignedIn
from staff.forms import EUID, SearchForm
from staff.models import Status
from staff.queries import named

PER_SLICE = 50
TURN = re.compile(r"(page|assigned)-([0-9]{1,6})", re.ASCII)


def _euids(values: Iterable[str]) -> set[str]:
    """What was posted, as far as it is an EUID."""
    return {value for value in values if EUID.fullmatch(value)}


class TwoLists:
    """Of a choice, and of what the form of these lists has posted, or `?q=` of a first visit.

    `added` and `removed` are this person's own changes, EUIDs: nobody else's are among them. `anybody` is the pattern
    of a line on the right, for the script that makes one of a tick.
    """

    anybody: ClassVar = {"euid": "", "name": "", "status": Status.PENDING, "present": False}

    def __init__(self, choice: Choice, request: SignedIn) -> None:
        self.choice, self.people, self.entity = choice, choice.people, request.user.entity
        self.posted = posted = request.POST
        self.go = posted.get("go", "save" if request.method == "POST" else "search")
        self.search = SearchForm(posted if "q" in posted else request.GET)
        self.q = self.search.cleaned_data["q"] if self.search.is_valid() and self.go != "everyone" else ""
        was, ticked = _euids(posted.getlist("was")), _euids(posted.getlist("login"))
        self.added = _euids(posted.get("add", "").split(",")) | (ticked - was)
        self.removed = _euids(posted.get("remove", "").split(",")) | (was - ticked)
        if self.go.startswith("off-"):
            off = _euids([self.go.removeprefix("off-")])
            self.removed |= off - self.added
            self.added -= off

    @property
    def to_save(self) -> bool:
        """The button that saves was pressed, and none that only looks further."""
        return self.go == "save"

    def _page(self, name: str) -> str:
        turn = TURN.fullmatch(self.go)
        return turn[2] if turn and turn[1] == name else self.posted.get(name, "1")

    @cached_property
    def _changes(self) -> tuple[set[str], set[str]]:
        """The changes that would do something now: someone else may have done the same meanwhile."""
        touched = self.added | self.removed
        known = self.people.filter(euid__in=touched).values_list("euid", "present") if touched else ()
        there = dict(known)
        add = {euid for euid in self.added if there.get(euid) is False}
        return add, {euid for euid in self.removed - self.added if there.get(euid)}

    @property
    def total(self) -> int:
        """How many people there are to choose from."""
        return self.choice.total

    @property
    def chosen(self) -> int:
        """How many would be chosen after saving."""
        return self.right.paginator.count

    @cached_property
    def left(self) -> Page[Any]:
        """The slice of what the search finds."""
        found = named(self.people, self.entity, self.q)
        page = "1" if self.q != self.posted.get("searched", self.q) else self._page("page")
        return Pages(found, PER_SLICE, count=None if self.q else self.total).get_page(page)

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The left list: `{"login": …, "ticked": bool}`."""
        add, remove = self._changes
        return [
            {"login": login, "ticked": login.euid in add or (login.present and login.euid not in remove)}
            for login in self.left
        ]

    @cached_property
    def right(self) -> Page[Any]:
        """Who would be chosen after saving, those first who are new."""
        add, remove = self._changes
        new, kept = self.people.filter(euid__in=add), self.choice.chosen.exclude(euid__in=remove)
        there = self.choice.there - len(remove)
        paginator = Paginator(range(len(add) + there), PER_SLICE)
        page = paginator.get_page(self._page("assigned"))
        start = page.start_index() - 1 if page else 0
        found = list(new[start : start + PER_SLICE]) if start < len(add) else []
        first = max(0, start - len(add))
        found += between(kept, first, first + PER_SLICE - len(found), there)
        return Page(found, page.number, paginator)

    def _elsewhere(self, euids: set[str]) -> set[str]:
        return euids - {login.euid for login in self.left}

    @property
    def add_elsewhere(self) -> str:
        return ",".join(sorted(self._elsewhere(self._changes[0])))

    @property
    def remove_elsewhere(self) -> str:
        return ",".join(sorted(self._elsewhere(self._changes[1])))

    @property
    def to_add(self) -> int:
        return len(self._changes[0])

    @property
    def to_remove(self) -> int:
        return len(self._changes[1])
