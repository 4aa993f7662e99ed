"""What officers fill in at their desk: which applications to list, why one is decided as it is, whom one is for."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.applications.forms import AdministratorForm
from accounts.applications.models import Application, Channel, Kind, Reason, State
from accounts.models import Entity, EntityStatus
from entity_portal.context import LANGUAGES
from entity_portal.forms import EntityNumberField, MobileField, Narrowing, NumberField, PlainField, WordsField
from staff.forms import SELECT, email_field
from staff.models import StaffLogin, Status

ALL = ("", _("All"))


class LanguageSelect(forms.Select):
    """Each language by its own name, which says in which language it is."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["lang"] = LANGUAGES[value][1]
        return option


class QueueForm(Narrowing):
    """What narrows the list of applications; without a state, to what waits."""

    WHO = (("mine", _("Mine")), ("nobody", _("Nobody's")))
    STATES = (
        ("waiting", _("Waiting for an officer")),
        (State.ASKED.value, State.ASKED.label),
        (State.APPROVED.value, State.APPROVED.label),
        (State.REFUSED.value, State.REFUSED.label),
        (State.WITHDRAWN.value, State.WITHDRAWN.label),
        ("all", _("All")),
    )

    q = PlainField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.TextInput({"type": "search", "aria-describedby": "q-about"}),
    )
    kind = forms.ChoiceField(label=_("Kind of application"), required=False, choices=[ALL, *Kind.choices])
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
    channel = forms.ChoiceField(label=_("Channel"), required=False, choices=[ALL, *Channel.choices])
    who = forms.ChoiceField(label=_("Taken on by"), required=False, choices=[ALL, *WHO])


class ApprovalForm(forms.Form):
    """Words that go with an approval."""

    text = WordsField(label=_("In your own words, for the applicant"), required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)  # the last move when the page was drawn


class ReasonForm(forms.Form):
    """Why more is asked, or an application is refused."""

    text = WordsField(label=_("In your own words, for the applicant"), required=False)

    reason = forms.ChoiceField(
        label=_("Reason"), choices=Reason.choices, widget=forms.RadioSelect, error_messages=SELECT
    )
    field_order = ("reason", "text")

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language = language

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("reason") == Reason.OTHER and not data.get("text"):
            self.add_error("text", ValidationError(_("Please explain the other reason."), code="required"))
        return data

    @property
    def reasons(self) -> Iterator[dict[str, Any]]:
        """Each reason with its button and what applicants read, in every language, theirs first."""
        languages = sorted(LANGUAGES, key=lambda code: code != self.language)
        for button in self["reason"]:
            reason = Reason(button.data["value"])
            words = []
            for code in languages:
                with translation.override(code):
                    words.append({"lang": LANGUAGES[code][1], "words": str(reason.label)})
            yield {"button": button, "words": words}


# --- at the counter ---


class BeginForm(forms.Form):
    """What somebody at the counter wants, and about whom."""

    kind = forms.ChoiceField(
        label=_("Kind of application"), choices=Kind.choices, widget=forms.RadioSelect, error_messages=SELECT
    )
    language = forms.ChoiceField(
        label=_("Language in which the applicant is told"),
        choices=[(code, name) for code, (name, _lang) in LANGUAGES.items()],
        error_messages=SELECT,
        widget=LanguageSelect,
    )
    entity_number = EntityNumberField(
        required=False, help_text=_("For a change of administrator: the entity that it is about")
    )
    euid = NumberField(
        label=_("EUID of the staff login"),
        width="s",
        required=False,
        max_length=20,
        help_text=_(
            "For a correction: whose data are corrected. For a change of administrator: who is given the power; "
            "empty for somebody new"
        ),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )

    entity: Entity | None = None
    login: StaffLogin | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = data.get("kind")
        if kind == Kind.ADMINISTRATORS:
            self._find_entity(data.get("entity_number"))
        if kind == Kind.CORRECTION or (kind == Kind.ADMINISTRATORS and data.get("euid")):
            self._find_login(data.get("euid"), kind)
        return data

    def _find_entity(self, number: str | None) -> None:
        if number is None:
            return
        self.entity = Entity.objects.filter(number=number, status=EntityStatus.ACTIVE).first() if number else None
        if self.entity is None:
            sentence = _("There is no active entity with this number.") if number else _("Please enter this.")
            self.add_error("entity_number", ValidationError(sentence, code="entity"))

    def _find_login(self, euid: str | None, kind: str) -> None:
        if euid is None:
            return
        present = StaffLogin.objects.select_related("entity").exclude(status=Status.DEPARTED)
        login = present.filter(euid=euid).first() if euid else None
        if login is None:
            sentence = _("There is no present staff login with this EUID.") if euid else _("Please enter this.")
            self.add_error("euid", ValidationError(sentence, code="euid"))
        elif kind == Kind.ADMINISTRATORS and self.entity and login.entity_id != self.entity.pk:
            self.add_error("euid", ValidationError(_("This staff login is of another entity."), code="foreign"))
        elif kind == Kind.ADMINISTRATORS and login.is_administrator:
            self.add_error("euid", ValidationError(_("This person is an administrator already."), code="already"))
        else:
            self.login = login
            self.entity = login.entity


class ContactForm(forms.Form):
    """Whom to tell what becomes of the application, and in which language."""

    language = forms.ChoiceField(
        label=_("Language in which the applicant is told"),
        choices=[(code, name) for code, (name, _lang) in LANGUAGES.items()],
        error_messages=SELECT,
        widget=LanguageSelect,
    )
    mobile = MobileField(
        label=_("Mobile phone number"), own=False, help_text=_("The result is told to this number by SMS")
    )
    email = email_field()

    @classmethod
    def of(cls, application: Application, data: Any, prefix: str) -> "ContactForm":
        initial = {name: getattr(application, name) for name in cls.base_fields}
        return cls(data, initial=initial, prefix=prefix)


class PaperForm(forms.Form):
    """That the agreement was signed at the counter."""

    signed = forms.BooleanField(
        label=_("The legal representative has signed the agreement on paper, and it is scanned in below"),
        error_messages={"required": _("The agreement must be signed first.")},
    )


class ExplanationForm(forms.Form):
    """Why data are to be corrected."""

    explanation = WordsField(label=_("Why the data are to be corrected"))


class AnotherAdministratorForm(AdministratorForm):
    """A second or third administrator: nobody, where nothing is typed."""

    TYPED = ("name_zh", "name_foreign", "document_number", "document_place", "birth_date", "mobile_1", "email")

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs, empty_permitted=True, use_required_attribute=False)
        if not self.has_changed():  # no star where nothing need be typed
            for field in self.fields.values():
                field.required = False

    def has_changed(self) -> bool:
        return any(self.data.get(self.add_prefix(name), "").strip() for name in self.TYPED)
