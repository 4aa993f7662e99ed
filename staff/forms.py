"""What people fill in about logins. Forms judge; they change nothing."""

import re
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import SecondFactor
from entity_portal.audit.forms import DAYS
from entity_portal.documents import DocumentType, document_rule
from entity_portal.forms import (
    BirthDateField,
    DayField,
    EntityNumberField,
    LongSelect,
    MobileField,
    NameField,
    Narrowing,
    NumberField,
    PasswordField,
    PlainField,
    UsernameField,
)
from entity_portal.humancheck.fields import AsksHuman
from entity_portal.messaging import notifications
from entity_portal.messaging.kinds import MEANINGS as KINDS
from entity_portal.messaging.kinds import Kind, Mail
from entity_portal.places import place_choices
from entity_portal.roles import MEANINGS, Role
from staff.history import SHOWN
from staff.models import StaffLogin, Status
from staff.operations import frozen_fields
from staff.passwords import ADVICE, PARTS, RULE, canonical

EUID = re.compile(r"CU[0-9]{10}", re.ASCII)  # what a tick posts
SELECT = {"required": _("Please select this."), "invalid_choice": _("Please select this.")}


class DocumentFields(forms.Form):
    """身份證明文件編號 and 身份證明文件類別: the number is judged by its type."""

    document_number = NumberField(
        label=_("Identification document no."),
        max_length=40,
        help_text=_("Do not type symbols; for 1234567(8) type 12345678"),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    document_type = forms.ChoiceField(
        label=_("Type of identification document"),
        choices=DocumentType.choices,
        initial=DocumentType.BIR_PERMANENT,
        error_messages=SELECT,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        number, document_type = data.get("document_number"), data.get("document_type")
        if number and document_type:
            pattern, sentence = document_rule(document_type)
            if not pattern.fullmatch(number):
                self.add_error("document_number", ValidationError(sentence, code="document_number"))
        return data


def places() -> list[tuple[str, str]]:
    """Places of issue, none of them chosen yet."""
    return [("", gettext("Please select")), *place_choices()]


def email_field() -> forms.EmailField:
    return forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput({"class": "w-m", "autocomplete": "off"}),
        error_messages={"invalid": _("Enter a valid e-mail address.")},
    )


class EmailForm(forms.Form):
    """One's own address (Q11)."""

    email = email_field()
    email.help_text = _("We send a link there; the address changes when you open it. Leave it empty to have none.")
    email.widget.attrs["autocomplete"] = "email"


class PersonForm(DocumentFields):
    """The data of a person, in the guide's order (S9.3, S10.5)."""

    name_zh = NameField(label=_("Name in Chinese"), required=False)
    name_foreign = NameField(
        label=_("Name in Portuguese / foreign language"), help_text=_("As on the identification document"), width=""
    )
    document_place = forms.ChoiceField(
        label=_("Place of issue"),
        choices=places,
        error_messages=SELECT,
        widget=LongSelect(places, {"class": "w-m"}),
    )
    birth_date = BirthDateField(
        label=_("Date of birth (year/month/day)"),
        own=False,
        required=False,
        help_text=_("For example 1990-01-01. If left empty, the date the person enters when activating is kept."),
    )
    mobile = MobileField(
        label=_("Mobile phone number"), own=False, help_text=_("The activation code is sent to this number by SMS")
    )
    email = email_field()

    field_order = (
        "name_zh",
        "name_foreign",
        "document_type",
        "document_number",
        "document_place",
        "birth_date",
        "mobile",
        "email",
    )

    @classmethod
    def of(cls, login: StaffLogin, data: Any = None) -> "PersonForm":
        """The form with what is kept about a login, without the fields that are frozen (S10.2)."""
        form = cls(data, initial={name: getattr(login, name) for name in cls.field_order})
        for name in frozen_fields(login):
            del form.fields[name]
        return form


class SearchForm(Narrowing):
    """Who is looked for among the staff."""

    q = PlainField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name or username")}),
    )


class SignInForm(AsksHuman):
    """S6.2; the human check is there once it is asked (A7)."""

    entity_number = EntityNumberField(help_text=_("You find it in the activation SMS"))
    username = UsernameField()
    password = PasswordField(
        label=_("Password"),
        autocomplete="current-password",
        help_text=_("After five wrong passwords in a row the account will be locked."),
    )
    field_order = ("entity_number", "username", "password", "human")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.human_answered = any(self.add_prefix(f"human_{part}") in self.data for part in ("0", "change"))
        self.question = self.fields["human"]
        if not self.human_answered:
            del self.fields["human"]

    @property
    def credentials(self) -> dict[str, str]:
        """What the back end is asked."""
        return {name: self.cleaned_data[name] for name in ("entity_number", "username", "password")}

    def refuse(self) -> None:
        """One sentence, whatever the reason (A11)."""
        self.add_error(
            None,
            _(
                "Entity number, username and password do not fit together, or the account cannot be used. "
                "If you have forgotten your password or the account is locked, choose Reset password below."
            ),
        )

    def ask_human(self, error: str = "") -> None:
        """Show the human check, which was not there or is answered."""
        self.fields["human"] = self.question
        if error:
            self.add_error("human", error)


class VerifyForm(forms.Form):
    """驗證碼: six digits of an application ("app") or an SMS ("sms"), a recovery code ("recovery"), or "either"."""

    LABELS: ClassVar[dict[str, Any]] = {
        "recovery": _("Recovery code"),
        "either": _("Verification code or recovery code"),
    }

    code = NumberField(
        label=_("Verification code"),
        width="s",
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "class": "code"}),
    )

    def __init__(self, *args: Any, by: str = "app", autofocus: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        if by in self.LABELS:
            code.label = self.LABELS[by]
            code.help_text = _("A recovery code has 10 letters and digits; the hyphen may be left out.")
            code.widget.attrs |= {"autocapitalize": "characters", "spellcheck": "false"}
        else:
            code.widget.attrs["inputmode"] = "numeric"
        if by == "recovery":
            code.widget.attrs["autocomplete"] = "off"
        if autofocus:  # whoever lands in the field hears what stands above it, and beside it; errors come first
            told = ("how", "id_code_helptext" if code.help_text else "", "id_code_error" if self.is_bound else "")
            code.widget.attrs |= {"autofocus": not self.is_bound, "aria-describedby": " ".join(filter(None, told))}


class ConfirmForm(forms.Form):
    """The password again, by someone who is signed in."""

    password = PasswordField(
        label=_("Password"),
        autocomplete="current-password",
        help_text=_("After five wrong passwords in a row the account will be locked."),
    )


class SecondFactorForm(forms.Form):
    """Of whom the entity demands a second step at sign-in."""

    of = forms.ChoiceField(
        label=_("Who must enter a code at login"),
        choices=SecondFactor.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please select this.")},
    )


class NewPasswordField(PasswordField):
    """A password to be set: the rule stands beside it, and which parts of it are met (S8.3)."""

    parts = PARTS
    advice = ADVICE

    def __init__(self, *, label: Any) -> None:
        super().__init__(label=label, autocomplete="new-password", help_text=RULE)


class NewPasswordFields(forms.Form):
    """A new password, typed twice (S8.4), judged for the login it is for."""

    new_password = NewPasswordField(label=_("New password"))
    new_password_again = PasswordField(label=_("Enter the new password again"), autocomplete="new-password")

    def __init__(self, *args: Any, login: StaffLogin | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.login = login

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        judge_new_password(self, data, "new_password", self.login)
        return data

    def fits(self, login: StaffLogin) -> bool:
        """Judge the new password once more, for a login that was not known before."""
        judge_new_password(self, self.cleaned_data, "new_password", login)
        return not self.errors


def judge_new_password(form: forms.Form, data: dict[str, Any], name: str, login: StaffLogin | None) -> None:
    """Put errors beside `<name>` and `<name>_again` where the password breaks a rule or the two differ."""
    new, again = data.get(name), data.get(f"{name}_again")
    if new is None:
        return
    try:
        validate_password(new, login)
    except ValidationError as error:
        form.add_error(name, error)
    if again is not None and canonical(new) != canonical(again):
        form.add_error(f"{name}_again", ValidationError(_("The two passwords differ."), code="differ"))


class ChangePasswordForm(NewPasswordFields):
    """S8.2"""

    old_password = PasswordField(label=_("Old password"), autocomplete="current-password")
    field_order = ("old_password", "new_password", "new_password_again")


class DemandedPasswordForm(NewPasswordFields):
    """A new password that is demanded at sign-in: another one than the one that was just given."""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        new = data.get("new_password")
        if new and self.login and check_password(new, self.login.password):
            self.add_error("new_password", ValidationError(_("This is the password you have now."), code="same"))
        return data


class ResetCodeForm(NewPasswordFields):
    code = NumberField(
        label=_("Verification code"),
        width="s",
        max_length=12,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code", "class": "code"}),
    )
    field_order = ("code", "new_password", "new_password_again")


class ResetPasswordForm(AsksHuman):
    entity_number = EntityNumberField()
    username = UsernameField()
    birth_date = BirthDateField(label=_("Date of birth (year/month/day)"), help_text=_("For example 1990-01-01"))
    field_order = ("entity_number", "username", "birth_date", "human")


class RemindUsernameForm(AsksHuman, DocumentFields):
    entity_number = EntityNumberField()
    birth_date = BirthDateField(label=_("Date of birth (year/month/day)"), help_text=_("For example 1990-01-01"))
    field_order = ("entity_number", "document_number", "document_type", "birth_date", "human")


class DepartForm(forms.Form):
    """賬戶狀態: the one status that can be chosen (S11.2)."""

    status = forms.ChoiceField(label=_("Status"), choices=[(Status.DEPARTED, Status.DEPARTED.label)])


class FilterForm(Narrowing):
    """What narrows the staff list."""

    STATUSES = (*Status.choices[:2], ("locked", _("Locked")), Status.choices[2])
    ROLES = (("administrator", _("Administrator")), ("service_administrator", _("Service administrator")))

    q = PlainField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name, username or document number")}),
    )
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("All")), *STATUSES])
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("All")), *ROLES])


class HistoryForm(Narrowing):
    """What narrows the history of an entity."""

    q = PlainField(
        label=_("Person"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name, username or EUID")}),
    )
    action = forms.ChoiceField(
        label=_("What happened"),
        required=False,
        choices=[("", _("All")), *((each.value, each.label) for each in SHOWN)],
    )
    since = DayField(label=_("From"), validators=DAYS)
    until = DayField(label=_("Until"), validators=DAYS)


class RolesForm(forms.Form):
    """What an officer does; with no tick the login is no officer any more (Q1)."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    def ticks(self) -> list[dict[str, Any]]:
        """`{"box": …, "explains": …}` for each role."""
        return [{"box": box, "explains": MEANINGS[Role(box.data["value"])]} for box in self["roles"]]


class OfficerFilterForm(FilterForm):
    """What narrows the list of officers."""

    status = None  # type: ignore[assignment]
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("All")), *Role.choices])
    field_order = ("q", "role", "who")
    who = forms.ChoiceField(
        label=_("Who"), required=False, choices=[("", _("Officers")), ("everyone", _("Everyone in the authority"))]
    )


class NotificationChoicesForm(forms.Form):
    """For each kind of notification that can concern a login: when it is e-mailed, and whether it comes by SMS."""

    def __init__(self, login: StaffLogin, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        concerned = {"everyone"}
        if login.can_assign:
            concerned.add("assigners")
        if login.is_administrator:
            concerned.add("administrators")
        self.kinds = [kind for kind in Kind if KINDS[kind].for_whom in concerned]
        chosen = notifications.choices_of(login.euid)
        for kind in self.kinds:
            self.fields[f"email_{kind}"] = forms.ChoiceField(
                label=_("E-mail"), choices=Mail.choices, initial=chosen[kind].email, error_messages=SELECT
            )
            self.fields[f"sms_{kind}"] = forms.BooleanField(label=_("SMS"), required=False, initial=chosen[kind].sms)

    def rows(self) -> list[dict[str, Any]]:
        """`{"kind": …, "email": field, "sms": field}` for each kind, in the order of `Kind`."""
        return [{"kind": kind, "email": self[f"email_{kind}"], "sms": self[f"sms_{kind}"]} for kind in self.kinds]

    def chosen(self) -> dict[str, notifications.Choice]:
        data = self.cleaned_data
        return {kind: notifications.Choice(Mail(data[f"email_{kind}"]), data[f"sms_{kind}"]) for kind in self.kinds}
