"""The tick list of people."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from entity_portal.forms import PlainField
from staff.forms import EUID


class SearchForm(forms.Form):
    q = PlainField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name or username")}),
    )


class MembersForm(forms.Form):
    """Who was ticked when the page was drawn (`was`) and who is now (`login`), as EUIDs: only the difference acts."""

    def __init__(self, data: Any, people: list[dict[str, Any]]) -> None:
        super().__init__(data)
        self.people = people
        if data is not None:
            ticked = set(data.getlist("login"))
            for person in people:
                person["checked"] = person["login"].euid in ticked

    def _euids(self, name: str) -> set[str]:
        """What was posted under a name, as far as it is an EUID."""
        posted: list[str] = self.data.getlist(name)  # type: ignore[attr-defined]
        return {value for value in posted if EUID.fullmatch(value)}

    @property
    def added(self) -> set[str]:
        return self._euids("login") - self._euids("was")

    @property
    def removed(self) -> set[str]:
        return self._euids("was") - self._euids("login")

    @property
    def selected(self) -> int:
        return sum(person["checked"] for person in self.people)
