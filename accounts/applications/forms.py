"""What is filled in for an application, part by part; pages of applicants and of officers share these."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.applications.models import DocumentKind
from accounts.applications.uploads import DocumentField
from accounts.models import Kind
from accounts.register import OfficialNameField
from activation.forms import TermsForm
from entity_portal import text
from entity_portal.documents import document_rule
from entity_portal.forms import BirthDateField, MobileField, NameField, NumberField, PlainField, WordsField
from entity_portal.humancheck.fields import AsksHuman
from staff.forms import SELECT, DocumentFields, PersonForm, email_field
from staff.models import StaffLogin

KINDS = [(kind.value, kind.label) for kind in Kind if kind != Kind.AUTHORITY]  # S2; an authority is officers' work
UNREGISTERED = frozenset({Kind.ORGANISATION, Kind.BUILDING})  # may have no registration number


class RegistrationNumberField(PlainField):
    """The number of the register, in the register's own spelling: `30461so` is `30461 SO`."""

    SPELLING = re.compile(r"([0-9]+) ?([A-Z]{2})")

    def tidy(self, value: str) -> str:
        value = " ".join(text.plain(value).upper().split())
        found = self.SPELLING.fullmatch(value)
        return f"{found[1]} {found[2]}" if found else value


class EntityForm(forms.Form):
    """The entity that is to have an account."""

    kind = forms.ChoiceField(
        label=_("Kind of entity"),
        choices=[("", _("Please select")), *KINDS],
        error_messages=SELECT,
    )
    name_zh = OfficialNameField(
        label=_("Name of the entity in Chinese"), help_text=_("As registered; at least one of the two names")
    )
    name_pt = OfficialNameField(label=_("Name of the entity in Portuguese"), width="")
    registration_number = RegistrationNumberField(
        label=_("Registration number"),
        required=False,
        max_length=30,
        width="s",
        help_text=_(
            "On the commercial registration, the registration of the association or foundation, or the business tax "
            "document, for example 30461 SO. Organisations and building management bodies without one leave it empty."
        ),
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("name_zh") == data.get("name_pt") == "":
            self.add_error(
                "name_zh", ValidationError(_("Enter the name in Chinese, in Portuguese, or both."), code="name")
            )
        if data.get("registration_number") == "" and data.get("kind") not in (None, *UNREGISTERED):
            self.add_error("registration_number", ValidationError(_("Please enter this."), code="required"))
        return data


class FirstPageForm(EntityForm):
    """The entity, and where the applicant is reached: with it they come back to what they began."""

    mobile = MobileField(
        label=_("Your mobile phone number"),
        help_text=_("Yours, the applicant's. A code sent there lets you come back, and the result is sent there too."),
    )
    email = email_field()
    email.widget.attrs["autocomplete"] = "email"


class BeginForm(AsksHuman, FirstPageForm):
    """The same, where nothing is kept yet."""

    field_order = ("kind", "name_zh", "name_pt", "registration_number", "mobile", "email", "human")


class RepresentativeForm(DocumentFields):
    """The legal representative; without `mobile` where the register's number alone counts."""

    name_zh = NameField(label=_("Name in Chinese"), required=False)
    name_foreign = NameField(
        label=_("Name in Portuguese / foreign language"),
        required=False,
        width="",
        help_text=_("As on the identification document; at least one of the two names"),
    )
    birth_date = BirthDateField(
        label=_("Date of birth (year/month/day)"), own=False, help_text=_("For example 1990-01-01")
    )
    mobile = MobileField(
        label=_("Mobile phone number"),
        own=False,
        help_text=_("For questions about the application. The code for consent goes to the number on the register."),
    )
    field_order = ("name_zh", "name_foreign", "document_type", "document_number", "birth_date", "mobile")

    def __init__(self, *args: Any, mobile: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not mobile:
            del self.fields["mobile"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("name_zh") == data.get("name_foreign") == "":
            sentence = _("Enter the name in Chinese, in Portuguese / foreign language, or both.")
            self.add_error("name_foreign", ValidationError(sentence, code="name"))
        return data


class AdministratorForm(PersonForm):
    """A person who is to be an administrator: activating asks for the birth date in any case (S5.9)."""

    birth_date = BirthDateField(
        label=_("Date of birth (year/month/day)"), own=False, help_text=_("For example 1990-01-01")
    )

    def __init__(self, *args: Any, others: Iterable[Mapping[str, Any]] = (), **kwargs: Any) -> None:
        """`others` are the other people named in the same application."""
        super().__init__(*args, **kwargs)
        self.others = {(each["document_type"], each["document_number"]) for each in others}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if (data.get("document_type"), data.get("document_number")) in self.others:
            sentence = _("This person is named in the application already.")
            self.add_error("document_number", ValidationError(sentence, code="twice"))
        return data


class AgreementForm(TermsForm):
    """The terms, and that what was filled in is true."""


class RepresentativePageForm(RepresentativeForm):
    """The same, with a tick that fills the next page in."""

    is_applicant = forms.BooleanField(label=_("I am the legal representative myself"), required=False)


class TrackForm(AsksHuman):
    """申請進度查詢"""

    number = NumberField(
        label=_("Application no."),
        max_length=11,
        width="s",
        help_text=_("AP and nine digits; it stands in our SMS"),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    mobile = MobileField(label=_("Mobile phone number"), help_text=_("The number given in the application"))
    field_order = ("number", "mobile", "human")


class AnswerForm(forms.Form):
    """The answer to what an officer asked."""

    text = WordsField(
        label=_("Your answer"),
        required=False,
        help_text=_("May stay empty if you have changed something above, or added a document"),
    )

    def __init__(self, *args: Any, told: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told = told  # documents were added, or data changed, since it was asked: no words are needed

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("text") and not self.told:
            self.add_error(
                "text", ValidationError(_("Write an answer, add a document, or change the data."), code="required")
            )
        return data


class CorrectedForm(PersonForm):
    """The data of a login as they should be; what is left empty stays as it is (Q11)."""

    def __init__(self, *args: Any, login: StaffLogin, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.login = login
        del self.fields["email"]  # one's own to change
        for name in StaffLogin.IDENTITY_FIELDS:
            field = self.fields[name]
            field.required, field.initial, field.help_text = False, None, ""
        for name in ("document_type", "document_place"):
            select = self.fields[name]
            choices = [choice for choice in select.choices if choice[0]]  # type: ignore[attr-defined]
            select.choices = [("", _("No change")), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and not self.changes:
            raise ValidationError(_("Nothing is different from the present data. Fill in what is wrong."), code="same")
        number = data.get("document_number") or self.login.document_number
        pattern, sentence = document_rule(data.get("document_type") or self.login.document_type)
        if "document_number" not in self.errors and not pattern.fullmatch(number):
            self.add_error("document_number", ValidationError(sentence, code="document_number"))
        return data

    @property
    def changes(self) -> dict[str, Any]:
        """What is different from what is kept."""
        given = {name: self.cleaned_data.get(name) for name in StaffLogin.IDENTITY_FIELDS}
        return {name: value for name, value in given.items() if value and value != getattr(self.login, name)}


class DocumentForm(forms.Form):
    """One document; `kinds` are those that can be chosen."""

    kind = forms.ChoiceField(label=_("Kind of document"), error_messages=SELECT)
    file = DocumentField()

    def __init__(self, *args: Any, kinds: Iterable[str] = DocumentKind.values, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, DocumentKind(kind).label) for kind in kinds]  # type: ignore[attr-defined]
