"""What auditors ask the history."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from entity_portal.audit.actions import Action
from entity_portal.forms import DayField, Narrowing, NumberField, PlainField

DAYS = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2999, 12, 31))]


class SearchForm(Narrowing):
    entity = NumberField(label=_("Entity number"), required=False, max_length=20, width="s")
    about = PlainField(label=_("About (EUID, number or code)"), required=False, max_length=60)
    actor = NumberField(label=_("By (EUID)"), required=False, max_length=12, width="s")
    action = forms.ChoiceField(label=_("What happened"), required=False, choices=[("", _("All")), *Action.choices])
    since = DayField(label=_("From"), validators=DAYS)
    until = DayField(label=_("Until"), validators=DAYS)

    @property
    def asked(self) -> dict[str, Any]:
        """What narrows, in plain values."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}
