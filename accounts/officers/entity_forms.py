"""What officers fill in about entities and administrators. Forms judge; they change nothing."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.register import OfficialNameField
from entity_portal.forms import NumberField, PlainField


class ReasonForm(forms.Form):
    """Why: each act of an officer says so."""

    reason = PlainField(
        label=_("Reason"),
        max_length=300,
        width="",
        help_text=_("With the document it rests on. It stays in the history."),
    )


class NumberForm(ReasonForm):
    """The official entity number (Q27)."""

    number = NumberField(
        label=_("Official entity number"),
        max_length=20,
        width="s",
        help_text=_("4 to 20 capital letters and digits"),
        validators=[RegexValidator(r"\A[A-Z0-9]{4,20}\Z", _("Use 4 to 20 of the letters A to Z and digits."))],
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    field_order = ("number", "reason")


class NamesForm(ReasonForm):
    """The official names; at least one."""

    name_zh = OfficialNameField(label=_("Chinese name of the entity"), width="")
    name_pt = OfficialNameField(label=_("Name in Portuguese"), width="")
    field_order = ("name_zh", "name_pt", "reason")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("name_zh") == data.get("name_pt") == "":
            self.add_error("name_zh", ValidationError(_("Enter the Chinese name, the Portuguese one, or both.")))
        return data


class DocumentForm(forms.Form):
    """An administrator's document: posted, so that it stands in no address and no log of addresses (ASVS 14.2.1)."""

    document_number = NumberField(
        label=_("Identification document no."),
        max_length=20,
        width="s",
        help_text=_("The whole number. Each search stays in the history."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
