"""What people of an entity fill in: whose power, which data are wrong, a code, an answer, what narrows a list."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.applications.forms import CorrectedForm, DocumentForm
from accounts.applications.models import Application, DocumentKind, Kind, State
from accounts.applications.shown import at_present
from accounts.applications.uploads import DocumentField
from entity_portal.forms import Narrowing, NumberField, WordsField
from staff.forms import EUID
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


class CorrectionForm(CorrectedForm):
    """What is wrong with the data of a login, why, and what shows it (Q11).

    The present data stand beside each field, masked where lists mask them.
    """

    explanation = WordsField(
        label=_("What has happened"), help_text=_("For example: a new identification document, or a name misspelt")
    )
    file = DocumentField(label=_("Evidence"))
    field_order: Sequence[str] = (*StaffLogin.IDENTITY_FIELDS, "explanation", "file")  # type: ignore[assignment]

    def __init__(self, *args: Any, login: StaffLogin, application: Application | None, **kwargs: Any) -> None:
        super().__init__(*args, login=login, **kwargs)
        for name in StaffLogin.IDENTITY_FIELDS:
            self.fields[name].help_text = gettext("At present: %(value)s") % {"value": at_present(login, name)}
        if application and application.documents.exists():
            self.fields["file"].required = False
            self.fields["file"].help_text = _("You have given evidence already; you can add another file.")


def document_form(application: Application, *args: Any, **kwargs: Any) -> DocumentForm:
    """For another document: of a correction it is evidence."""
    kinds = [DocumentKind.EVIDENCE] if application.kind == Kind.CORRECTION else list(DOCUMENT_KINDS)
    return DocumentForm(*args, kinds=kinds, **kwargs)


class FilterForm(Narrowing):
    """What narrows the list of applications."""

    STATES = tuple(choice for choice in State.choices if choice[0] != State.DRAFT)

    state = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("All")), *STATES])
    kind = forms.ChoiceField(label=_("Kind of application"), required=False, choices=[("", _("All")), *Kind.choices])
