"""What a person fills in to activate (S5.6 to S5.15)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from entity_portal.forms import (
    BirthDateField,
    EntityNumberField,
    NumberField,
    PasswordField,
    UsernameField,
    username_rule,
)
from entity_portal.humancheck.fields import AsksHuman
from staff.forms import DocumentFields, NewPasswordField, judge_new_password
from staff.models import StaffLogin


class TermsForm(forms.Form):
    """The box under the terms."""

    agree = forms.BooleanField(
        label=_("I have read and agree to these terms"),
        error_messages={"required": _("Read the terms and tick the box to go on.")},
    )


class IdentityForm(AsksHuman, DocumentFields, TermsForm):
    """輸入個人資料, in the guide's order."""

    birth_date = BirthDateField(label=_("Date of birth (year/month/day)"), help_text=_("For example 1990-01-01"))
    entity_number = EntityNumberField()
    code = NumberField(
        label=_("Activation code"),
        width="s",
        max_length=20,
        help_text=_("The eight characters in the SMS; capitals or not"),
        widget=forms.TextInput({"autocomplete": "one-time-code", "class": "code", "autocapitalize": "characters"}),
    )
    field_order = ("document_number", "document_type", "birth_date", "entity_number", "code", "human", "agree")


class CredentialsForm(forms.Form):
    """設定用戶名稱和密碼"""

    username = UsernameField(
        validators=[username_rule],
        help_text=_("The username cannot be changed once set. Use 4 to 30 letters a to z, digits, . _ -"),
    )
    password = NewPasswordField(label=_("Password"))
    password_again = PasswordField(label=_("Enter the password again"), autocomplete="new-password")

    def __init__(self, *args: Any, login: StaffLogin, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.login = login

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.login.username = data.get("username")  # not saved: the password is compared with it
        judge_new_password(self, data, "password", self.login)
        return data
