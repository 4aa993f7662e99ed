"""Counter mode: a registrar enters an application for somebody who stands there; another officer decides it (Q1)."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.applications import answers, operations, queries
from accounts.applications.desk import sheet, words
from accounts.applications.desk.forms import (
    AnotherAdministratorForm,
    BeginForm,
    ContactForm,
    ExplanationForm,
    PaperForm,
)
from accounts.applications.desk.pages import attempt, draw, for_roles, note_document, note_reading
from accounts.applications.forms import AdministratorForm, CorrectedForm, DocumentForm, EntityForm, RepresentativeForm
from accounts.applications.models import Application, Channel, DocumentKind, Kind
from accounts.applications.views.documents import document_response
from entity_portal.context import language_named
from entity_portal.roles import Role
from staff.access import SignedIn

ON_PAPER = "paper"  # instead of a version of the terms
# What is wanted first.
DOCUMENTS: dict[str, tuple[DocumentKind, ...]] = {
    Kind.FIRST: (DocumentKind.AGREEMENT, DocumentKind.REGISTRATION, DocumentKind.IDENTITY, DocumentKind.OTHER),
    Kind.ADMINISTRATORS: (DocumentKind.AGREEMENT, DocumentKind.IDENTITY, DocumentKind.OTHER),
    Kind.CORRECTION: (DocumentKind.EVIDENCE, DocumentKind.OTHER),
}
FILES = 3  # that can be added at a time

registrars = for_roles(Role.REGISTRAR)


@registrars
def begin(request: SignedIn) -> HttpResponse:
    """Begin an application, or go on with one that was begun."""
    form = BeginForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            begun = operations.begin(
                kind=Kind(data["kind"]),
                channel=Channel.COUNTER,
                by=request.user,
                language=data["language"],
                entity=form.entity,
                login=form.login,
            )
        except words.REFUSALS as error:
            form.add_error(None, words.refused(error))
        else:
            return redirect("admin:applications_application_fill_in", begun.number)
    return draw(request, "counter", _("At the counter"), form=form, drafts=queries.drafts(request.user))


@registrars
def fill_in(request: SignedIn, number: str) -> HttpResponse:
    """All parts of an application on one page; what is right is kept, whatever is wrong beside it."""
    application = _draft(request, number)
    filled = Filled.of(application, request)
    if request.method == "POST":
        try:
            filled.keep()
        except words.REFUSALS as error:
            messages.error(request, words.refused(error))
        else:
            if filled.is_valid:
                return redirect("admin:applications_application_review", number)
            messages.warning(request, _("What is right is kept. You can correct the rest now, or come back to it."))
    if application.login:
        note_reading(request, application, what="login")
    return draw(
        request,
        "fill_in",
        number,
        application=application,
        filled=filled,
        documents=application.documents.all(),
        present=sheet.comparisons(application, full=False) if application.kind == Kind.CORRECTION else (),
        demanded=DOCUMENTS[application.kind][0].label,
    )


@registrars
def review(request: SignedIn, number: str) -> HttpResponse:
    """What was entered, to be read to the applicant; and the button that hands it in."""
    application = _draft(request, number)
    if request.method == "POST":
        done = _("Application %(number)s is handed in. Another officer decides it.") % {"number": number}
        if attempt(request, lambda: operations.submit(application=application, by=request.user), done):
            return redirect("admin:applications_application_counter")
    note_reading(request, application, what="application, numbers in full")
    return draw(
        request,
        "review",
        _("Check and hand in"),
        application=application,
        missing=_missing(application),
        comparisons=sheet.comparisons(application, full=True),
        people=sheet.people(application, full=True),
        agreement=sheet.agreement(application),
        mobile=sheet.shown("mobile", application.mobile, full=True),
        language=language_named(application.language),
        documents=application.documents.all(),
    )


@registrars
@require_POST
def discard(request: SignedIn, number: str) -> HttpResponse:
    """Give a draft up, for good."""
    application = _draft(request, number)
    done = _("Draft %(number)s is discarded.") % {"number": number}
    attempt(request, lambda: operations.withdraw(application=application, by=request.user), done)
    return redirect("admin:applications_application_counter")


@registrars
@require_safe
def document(request: SignedIn, number: str, pk: int) -> HttpResponse:
    application = _draft(request, number)
    found = get_object_or_404(application.documents, pk=pk)
    note_document(request, application, found)
    return document_response(found)


@registrars
@require_POST
def remove_document(request: SignedIn, number: str, pk: int) -> HttpResponse:
    found = get_object_or_404(_draft(request, number).documents, pk=pk)
    attempt(request, lambda: operations.remove_document(document=found), _("The document is removed."))
    return redirect("admin:applications_application_fill_in", number)


def _draft(request: SignedIn, number: str) -> Application:
    """One's own alone."""
    return get_object_or_404(queries.drafts(request.user), number=number)


def _missing(application: Application) -> list[Any]:
    """What keeps it from being handed in, in words."""
    parts = {
        "entity": _("The entity"),
        "representative": _("The legal representative"),
        "administrators": _("The administrators"),
        "person": _("The administrator"),
        "agreement": _("The agreement"),
        "changes": _("What is to be corrected"),
        "explanation": _("Why the data are to be corrected"),
        "documents": _("A document"),
        "signed": DocumentKind.AGREEMENT.label,
    }
    found = [parts[part] for part in answers.missing(application)]
    return found if application.mobile else [*found, _("Whom to tell")]


# --- the forms of one page ---


@dataclass
class Filled:
    """The forms of an application at the counter, on one page."""

    application: Application
    entity: EntityForm | None
    representative: RepresentativeForm | None
    administrators: list[AdministratorForm]
    corrected: CorrectedForm | None
    explanation: ExplanationForm | None
    agreement: PaperForm | None
    contact: ContactForm
    files: list[DocumentForm]

    @classmethod
    def of(cls, application: Application, request: SignedIn) -> "Filled":
        data = request.POST if request.method == "POST" else None
        kept, kind, login = application.answers, application.kind, application.login
        correction = kind == Kind.CORRECTION
        return cls(
            application=application,
            entity=EntityForm(data, prefix="entity", initial=kept.get("entity")) if kind == Kind.FIRST else None,
            representative=None
            if correction
            else RepresentativeForm(
                data,
                prefix="representative",
                initial=answers.read(kept.get("representative", {})),
                mobile=kind == Kind.FIRST,
            ),
            administrators=_administrators(application, data),
            corrected=CorrectedForm(data, prefix="changes", initial=kept.get("changes"), login=login)
            if correction and login
            else None,
            explanation=ExplanationForm(data, prefix="why", initial={"explanation": kept.get("explanation")})
            if correction
            else None,
            agreement=None
            if correction
            else PaperForm(data, prefix="agreement", initial={"signed": "agreement" in kept}),
            contact=ContactForm.of(application, data, "contact"),
            files=[_file(application, request, f"file-{number}") for number in range(FILES)],
        )

    @property
    def filled_in(self) -> list[forms.Form]:
        """Every form that has been filled in, in the order of the page."""
        parts = [self.entity, self.representative, *self.administrators, self.corrected, self.explanation]
        every = [*parts, self.agreement, self.contact, *self.files]
        return [form for form in every if form is not None and form.is_bound]

    @property
    def is_valid(self) -> bool:
        return not self.wrong

    @property
    def wrong(self) -> list[forms.Form]:
        return [form for form in self.filled_in if not form.is_valid()]

    def keep(self) -> None:
        """Keep what is right, part by part.

        Raises:
            NotPossible, TooManyDocuments
        """
        fields: dict[str, str] = dict(self.contact.cleaned_data) if self.contact.is_valid() else {}
        parts = self._parts()
        if "entity" in parts:
            entity = parts["entity"]
            fields["subject"] = entity["name_zh"] or entity["name_pt"]
            fields["registration_number"] = entity["registration_number"]
        self.application = operations.keep(application=self.application, parts=parts, **fields)
        for form in self.files:
            if form.is_bound and form.is_valid():
                judged = form.cleaned_data["file"]
                operations.add_document(
                    application=self.application,
                    kind=DocumentKind(form.cleaned_data["kind"]),
                    name=judged.name,
                    media_type=judged.media_type,
                    content=judged.content,
                )

    def _parts(self) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        for name, form in (("entity", self.entity), ("representative", self.representative)):
            if form and form.is_valid():
                parts[name] = form.cleaned_data
        if self.application.kind != Kind.CORRECTION and all(form.is_valid() for form in self.administrators):
            people = [form.cleaned_data for form in self.administrators if form.cleaned_data]
            if self.application.kind == Kind.FIRST:
                parts["administrators"] = people
            else:
                parts["person"] = people[0] if people else {}
        if self.agreement and self.agreement.is_valid() and "agreement" not in self.application.answers:
            parts["agreement"] = {"terms": ON_PAPER, "accepted_at": timezone.now()}
        if self.corrected and self.corrected.is_valid():
            parts["changes"] = self.corrected.changes
        if self.explanation and self.explanation.is_valid():
            parts["explanation"] = self.explanation.cleaned_data["explanation"]
        return parts


def _administrators(application: Application, data: Any) -> list[AdministratorForm]:
    """One to three people of a first application; one where no login is named that gets the power."""
    if application.kind == Kind.CORRECTION or (application.kind == Kind.ADMINISTRATORS and application.login):
        return []
    there = answers.people(application)
    most = answers.ADMINISTRATORS_AT_MOST if application.kind == Kind.FIRST else 1
    kinds = [AdministratorForm, *[AnotherAdministratorForm] * (most - 1)]
    return [
        form(data, prefix=f"administrator-{number}", initial=there[number] if number < len(there) else None)
        for number, form in enumerate(kinds)
    ]


def _file(application: Application, request: SignedIn, prefix: str) -> DocumentForm:
    """A form for one file; where none is chosen it asks for nothing."""
    kinds = DOCUMENTS[application.kind]
    if f"{prefix}-file" in request.FILES:
        return DocumentForm(request.POST, request.FILES, prefix=prefix, kinds=kinds)
    form = DocumentForm(prefix=prefix, kinds=kinds, use_required_attribute=False)
    for field in form.fields.values():
        field.required = False
    return form
