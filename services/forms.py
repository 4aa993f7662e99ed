"""What is typed and ticked about services: who is searched for, days, the e-services of a service administrator."""

from datetime import date
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from entity_portal.forms import DayField
from services import operations
from services.models import Assignment, EService


class DaysForm(forms.Form):
    """From when until when somebody is assigned, and how it `was`."""

    IN_WORDS: ClassVar[dict[str, Any]] = {
        "far": _("Enter a day at most ten years from today."),
        "past": _("Enter today or a later day. To end an assignment at once, take the person out of the group."),
        "order": _("The last day cannot come before the first day."),
    }

    first_day = DayField(label=_("First day"), help_text=_("If left empty, from now on"))
    last_day = DayField(label=_("Last day"), help_text=_("If left empty, without an end"))

    was: tuple[date | None, date | None] = (None, None)

    @classmethod
    def of(cls, row: Assignment, data: Any = None) -> "DaysForm":
        """The form with the days of an assignment."""
        form = cls(data, initial={"first_day": row.valid_from, "last_day": row.valid_until})
        form.was = (row.valid_from, row.valid_until)
        return form

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                operations.check_days(data["first_day"], data["last_day"], was=self.was)
            except operations.DaysImpossible as problem:
                self.add_error(problem.day, ValidationError(self.IN_WORDS[problem.why], code=problem.why))
        return data


class ServicesField(forms.ModelMultipleChoiceField):
    """E-services by their names, as ticks."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: EService) -> str:
        return obj.name


class ReachForm(forms.Form):
    """What a service administrator may assign to: all e-services of the entity, or those that are ticked (Q23)."""

    ALL, CHOSEN = "all", "chosen"

    reach = forms.ChoiceField(
        label=_("Which e-services this person assigns people to"),
        choices=[
            (ALL, _("All e-services of the entity, also those opened later")),
            (CHOSEN, _("Only the e-services chosen below")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please select this."), "invalid_choice": _("Please select this.")},
    )
    services = ServicesField(
        label=_("E-services"),
        queryset=EService.objects.none(),
        to_field_name="code",
        required=False,
        error_messages={"invalid_choice": _("Please select this."), "invalid_list": _("Please select this.")},
    )

    def __init__(self, *args: Any, opened: QuerySet[EService], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("ServicesField", self.fields["services"]).queryset = opened

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("reach") == self.CHOSEN and "services" in data and not data["services"]:
            self.add_error("services", ValidationError(_("Choose at least one e-service."), code="required"))
        return data

    @property
    def chosen(self) -> list[EService] | None:
        """The chosen e-services; None for all."""
        return list(self.cleaned_data["services"]) if self.cleaned_data["reach"] == self.CHOSEN else None
