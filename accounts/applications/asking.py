"""What people of an entity fill in: whose power, which data are wrong, a code, an answer, what narrows a list."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.applications.forms import DocumentForm
from accounts.applications.models import Application, DocumentKind, Kind, State
from accounts.applications.shown import at_present
from accounts.applications.uploads import DocumentField
from entity_portal.documents import document_rule
from entity_portal.forms import Narrowing, NumberField, WordsField
from staff.forms import EUID, PersonForm
from staff.models import StaffLogin

DOCUMENT_KINDS = (DocumentKind.IDENTITY, DocumentKind.AGREEMENT, DocumentKind.OTHER)  # with a section 十二 application


class ConsentForm(forms.Form):
    """The code that went to the legal representative."""

    code = NumberField(
        label=_("Code of the legal representative"),
        width="s",
        max_length=12,
        help_text=_("The six digits in the SMS"),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": "code"}),
    )


class ChosenForm(forms.Form):
    """Who was chosen in the list of staff."""

    login = forms.RegexField(EUID, error_messages={"required": _("Choose a person."), "invalid": _("Choose a person.")})


class CorrectionForm(PersonForm):
    """What is wrong with the data of a login: only what changes is filled in (Q11).

    The present data stand beside each field, masked where lists mask them.
    """

    explanation = WordsField(
        label=_("What has happened"), help_text=_("For example: a new identification document, or a name misspelt")
    )
    file = DocumentField(label=_("Evidence"))
    field_order: Sequence[str] = (*StaffLogin.IDENTITY_FIELDS, "explanation", "file")  # type: ignore[assignment]

    def __init__(self, *args: Any, login: StaffLogin, application: Application | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.login = login
        del self.fields["email"]
        for name in StaffLogin.IDENTITY_FIELDS:
            field = self.fields[name]
            field.required, field.initial = False, None
            field.help_text = gettext("At present: %(value)s") % {"value": at_present(login, name)}
        for name in ("document_type", "document_place"):
            select = self.fields[name]
            choices = [choice for choice in select.choices if choice[0]]  # type: ignore[attr-defined]
            select.choices = [("", _("No change")), *choices]  # type: ignore[attr-defined]
        if application and application.documents.exists():
            self.fields["file"].required = False
            self.fields["file"].help_text = _("You have given evidence already; you can add another file.")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and not self.changes:
            raise ValidationError(_("Nothing is different from the present data. Fill in what is wrong."), code="same")
        kind = data.get("document_type") or self.login.document_type
        number = data.get("document_number") or self.login.document_number
        pattern, sentence = document_rule(kind)
        if "document_number" not in self.errors and not pattern.fullmatch(number):
            self.add_error("document_number", ValidationError(sentence, code="document_number"))
        return data

    @property
    def changes(self) -> dict[str, Any]:
        """What is different from what is kept; what was left empty stays."""
        given = {name: self.cleaned_data.get(name) for name in StaffLogin.IDENTITY_FIELDS}
        return {name: value for name, value in given.items() if value and value != getattr(self.login, name)}


class AnswerForm(forms.Form):
    """The answer to what an officer asked."""

    text = WordsField(label=_("Your answer"), required=False)

    def __init__(self, *args: Any, told: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told = told  # documents were added, or data changed, since it was asked

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("text") and not self.told:
            self.add_error(
                "text", ValidationError(_("Write an answer, add a document, or change the data."), code="required")
            )
        return data


def document_form(application: Application, *args: Any, **kwargs: Any) -> DocumentForm:
    """For another document: of a correction it is evidence."""
    kinds = [DocumentKind.EVIDENCE] if application.kind == Kind.CORRECTION else list(DOCUMENT_KINDS)
    return DocumentForm(*args, kinds=kinds, **kwargs)


class FilterForm(Narrowing):
    """What narrows the list of applications."""

    STATES = tuple(choice for choice in State.choices if choice[0] != State.DRAFT)

    state = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("All")), *STATES])
    kind = forms.ChoiceField(label=_("Kind of application"), required=False, choices=[("", _("All")), *Kind.choices])
