"""The tick list of people."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from entity_portal.forms import PlainField


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

    @property
    def added(self) -> set[str]:
        return set(self.data.getlist("login")) - set(self.data.getlist("was"))  # type: ignore[attr-defined]

    @property
    def removed(self) -> set[str]:
        return set(self.data.getlist("was")) - set(self.data.getlist("login"))  # type: ignore[attr-defined]

    @property
    def selected(self) -> int:
        return sum(person["checked"] for person in self.people)
