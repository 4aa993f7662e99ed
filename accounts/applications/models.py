"""Applications (申請): what was asked for, every move it made, the documents with it, and the codes that prove consent.

What somebody filled in is kept as plain values in `answers`, in the shapes that `accounts.applications.answers` names.
"""

import secrets
from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Entity
from entity_portal.codes import OneTimeCode, rules
from entity_portal.sealed import SealedJSONField
from entity_portal.text import check_digit, name
from staff.models import StaffLogin

DOCUMENT = "applications.document_number"  # the purpose for which numbers in the answers are encrypted


class Kind(models.TextChoices):
    FIRST = "first", _("Application for an entity account")
    ADMINISTRATORS = "administrators", _("Change of entity account administrator")  # section 十二
    CORRECTION = "correction", _("Correction of data")  # Q11


class State(models.TextChoices):
    DRAFT = "draft", _("Being filled in")
    SUBMITTED = "submitted", _("Submitted")
    ASKED = "asked", _("More information is needed")
    ANSWERED = "answered", _("Information received")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Not approved")
    WITHDRAWN = "withdrawn", pgettext_lazy("application", "Withdrawn")


# The migration's trigger keeps the same table.
NEXT_STATES: dict[str, set[str]] = {
    State.DRAFT: {State.SUBMITTED, State.WITHDRAWN},
    State.SUBMITTED: {State.ASKED, State.APPROVED, State.REFUSED, State.WITHDRAWN},
    State.ASKED: {State.ANSWERED, State.REFUSED, State.WITHDRAWN},
    State.ANSWERED: {State.ASKED, State.APPROVED, State.REFUSED, State.WITHDRAWN},
    State.APPROVED: set(),
    State.REFUSED: set(),
    State.WITHDRAWN: set(),
}
QUEUE = (State.SUBMITTED, State.ANSWERED)  # what waits for an officer
OPEN = (*QUEUE, State.ASKED)
DECIDED = (State.APPROVED, State.REFUSED)
NOT_HANDED_IN = (State.DRAFT, State.WITHDRAWN)


class Channel(models.TextChoices):
    ONLINE = "online", _("Online")
    COUNTER = "counter", _("At the counter")


class Proof(models.TextChoices):
    """How it was made sure that the legal representative consents, in the portal itself.

    `accounts.applications.proof` has who does it; one that is plugged in keeps a name of its own.
    """

    SMS = "sms", _("Code sent to the phone on the register")
    OFFICER = "officer", _("Checked by an officer")


class Reason(models.TextChoices):
    """Why more is asked, or an application is refused; in the applicant's language, with the officer's own words."""

    DATA_DIFFER = "data_differ", _("The data differ from the official register.")
    DOCUMENT_MISSING = "document_missing", _("A document is missing.")
    DOCUMENT_UNREADABLE = "document_unreadable", _("A document cannot be read, or is out of date.")
    NOT_REPRESENTATIVE = "not_representative", _("The legal representative named is not the one on the register.")
    IDENTITY_UNPROVEN = "identity_unproven", _("The identity or the consent of the legal representative is not proven.")
    NOT_ELIGIBLE = "not_eligible", _("An account of this kind cannot be held, or this change cannot be made online.")
    OPEN_ALREADY = "open_already", _("The entity has an account already.")
    OTHER = "other", _("Another reason, explained below.")


def new_number() -> str:
    """`AP`, eight random digits, check digit: what an applicant quotes (申請編號)."""
    digits = f"{secrets.randbelow(10**8):08d}"
    return f"AP{digits}{check_digit(digits)}"


class Application(models.Model):
    """A request with a number, from the first word typed to the decision.

    Decided at once means by the rules, without an officer; else by one who did not enter it, and not about themselves.
    """

    number = models.CharField(max_length=11, unique=True, default=new_number, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.ONLINE)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    answers = SealedJSONField(default=dict, purpose=DOCUMENT, names={"document_number": "document_index"})

    # Whom it is about: the entity that is there, or that an approval has made; the login that a correction changes, or
    # that is to become an administrator.
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, null=True, related_name="applications")
    login = models.ForeignKey(StaffLogin, on_delete=models.PROTECT, null=True, related_name="applications")
    # For lists and searches; `answers` has the same.
    subject = models.CharField(max_length=200, blank=True)
    registration_number = models.CharField(max_length=30, blank=True)

    # Whom to tell, and in which language.
    mobile = models.CharField(max_length=16, blank=True)  # E.164
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=10, default="zh-hant")
    mobile_proven_at = models.DateTimeField(null=True)  # a code sent to `mobile` came back

    entered_by = models.ForeignKey(StaffLogin, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)  # the answers, or the state
    submitted_at = models.DateTimeField(null=True)
    claimed_by = models.ForeignKey(StaffLogin, on_delete=models.PROTECT, null=True, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    proof = models.CharField(max_length=20, blank=True)  # the name of a `proof.Provider`, of `Proof` where it is ours
    proven_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(StaffLogin, on_delete=models.PROTECT, null=True, related_name="+")
    at_once = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="applications_kind_known"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="applications_state_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="applications_channel_known"),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT, submitted_at=None)
                | Q(state=State.WITHDRAWN)
                | ~Q(state=State.DRAFT) & Q(submitted_at__isnull=False),
                name="applications_submitted_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=DECIDED, decided_at__isnull=False)
                | ~Q(state__in=DECIDED) & Q(decided_at=None, decided_by=None, at_once=False),
                name="applications_decided_has_time",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None)
                | Q(decided_by__isnull=False, at_once=False)
                | Q(decided_by=None, at_once=True, state=State.APPROVED, proof__gt="", proven_at__isnull=False),
                name="applications_decided_by_an_officer_or_at_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(entered_by=None) | ~Q(decided_by=F("entered_by")),
                name="applications_never_decided_by_who_entered",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(login=None) | ~Q(decided_by=F("login")),
                name="applications_never_decided_by_whom_it_is_about",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.FIRST) & ~Q(state=State.APPROVED) | Q(entity__isnull=False),
                name="applications_has_entity",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.CORRECTION) | Q(login__isnull=False), name="applications_correction_has_login"
            ),
            models.CheckConstraint(
                condition=Q(claimed_by=None, claimed_at=None) | Q(claimed_by__isnull=False, claimed_at__isnull=False),
                name="applications_claimed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(proof="", proven_at=None) | ~Q(proof="") & Q(proven_at__isnull=False),
                name="applications_proof_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=NOT_HANDED_IN)
                | Q(kind=Kind.FIRST, answers__has_keys=["entity", "representative", "administrators", "agreement"])
                | Q(kind=Kind.ADMINISTRATORS, answers__has_keys=["representative", "person", "agreement"])
                | Q(kind=Kind.CORRECTION, answers__has_keys=["changes", "explanation"]),
                name="applications_submitted_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(state__in=NOT_HANDED_IN)
                | ~Q(kind=Kind.FIRST)
                | Q(channel=Channel.COUNTER)
                | Q(mobile_proven_at__isnull=False),
                name="applications_submitted_online_has_proven_mobile",
            ),
            models.CheckConstraint(
                condition=Q(mobile="") | Q(mobile__regex=r"^\+[1-9][0-9]{6,14}$"), name="applications_mobile_is_e164"
            ),
            models.UniqueConstraint(
                fields=["login"],
                condition=Q(kind=Kind.CORRECTION, state__in=OPEN),
                name="applications_one_open_correction",
            ),
            models.UniqueConstraint(
                fields=["login"],
                condition=Q(kind=Kind.ADMINISTRATORS, state__in=OPEN),
                name="applications_one_open_for_an_administrator",
            ),
            # applications_number_has_check_digit and applications_one_to_three_administrators call functions, so they
            # stand in the migration.
        )
        indexes = (
            models.Index(fields=["submitted_at"], condition=Q(state__in=QUEUE), name="applications_queue"),
            models.Index(fields=["entity", "-created_at"], name="applications_by_entity"),
            models.Index(fields=["decided_at"], condition=Q(decided_at__isnull=False), name="applications_by_decision"),
            models.Index(fields=["registration_number"], name="applications_by_registration"),
            # applications_by_person, of whom the open ones name, stands in the migration: Django has no GIN of its own.
        )

    def __str__(self) -> str:
        return self.number

    @property
    def about(self) -> str:
        """Whom it asks for, in the reader's script; `subject` is what lists are searched by."""
        if self.kind == Kind.CORRECTION and self.login:
            return self.login.name
        if self.entity:
            return self.entity.name
        entity = self.answers.get("entity", {})
        return name(entity.get("name_zh", ""), entity.get("name_pt", "")) or self.subject

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def entity_number(self) -> str:
        """As history and texts want it: "" where there is no entity yet."""
        return self.entity.number if self.entity else ""

    @property
    def proof_label(self) -> str:
        """How consent was made sure of, in words; the stored name of a provider that is not ours."""
        return str(Proof(self.proof).label) if self.proof in Proof.values else self.proof

    @property
    def takes_documents(self) -> bool:
        """While it is filled in, and when more was asked."""
        return self.state in (State.DRAFT, State.ASKED)


class Move(models.Model):
    """A change of state: when, by whom, why. Never changed, never deleted; the state is where the last one led."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="moves")
    was = models.CharField(max_length=10, choices=State)
    now = models.CharField(max_length=10, choices=State)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        StaffLogin, on_delete=models.PROTECT, null=True, related_name="+"
    )  # None: no login, or a rule
    reason = models.CharField(max_length=30, choices=Reason, blank=True)
    text = models.TextField(max_length=2000, blank=True)  # the officer's words, or the applicant's answer

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(now__in=[State.ASKED, State.REFUSED]) | Q(reason__in=Reason.values),
                name="applications_move_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(reason=Reason.OTHER) | ~Q(text=""), name="applications_move_other_is_explained"
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id}: {self.was} → {self.now}"


class Power(models.Model):
    """Which approved application gave which login the power of an administrator (S3.5, Q4)."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="powers")
    login = models.ForeignKey(StaffLogin, on_delete=models.PROTECT, related_name="powers")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["application", "login"], name="applications_power_once"),)

    def __str__(self) -> str:
        return f"{self.login_id} by {self.application_id}"


# --- documents ---

LARGEST = 10 * 1024 * 1024  # bytes
DOCUMENTS_AT_MOST = 10


class MediaType(models.TextChoices):
    PDF = "application/pdf", "PDF"
    JPEG = "image/jpeg", "JPEG"
    PNG = "image/png", "PNG"


class DocumentKind(models.TextChoices):
    REGISTRATION = "registration", _("Proof of registration of the entity")
    IDENTITY = "identity", _("Identification document of the legal representative")
    AGREEMENT = "agreement", _("Agreement signed by the legal representative")
    EVIDENCE = "evidence", _("Evidence of what is to be changed")
    OTHER = "other", _("Another document")


class Document(models.Model):
    """A file that came with an application. What it holds lies in a table of its own, so that lists never read it."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=20, choices=DocumentKind)
    name = models.CharField(max_length=120)  # as the person sees it again; never a path
    media_type = models.CharField(max_length=20, choices=MediaType)  # by what is in it
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="applications_document_kind_known"),
            models.CheckConstraint(
                condition=Q(media_type__in=MediaType.values), name="applications_document_type_known"
            ),
            models.CheckConstraint(condition=Q(size__lte=LARGEST), name="applications_document_size"),
        )

    def __str__(self) -> str:
        return self.name


class DocumentContent(models.Model):
    document = models.OneToOneField(Document, on_delete=models.CASCADE, primary_key=True, related_name="content")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"content of {self.document_id}"


# --- codes ---


class ApplicationCode(OneTimeCode):
    """Six digits about one application."""

    WHOSE = "application"
    ALPHABET = "0123456789"
    LENGTH = 6
    LIFE = timedelta(minutes=10)

    class Meta:
        abstract = True
        constraints = rules("application")


class ReturnCode(ApplicationCode):
    """To the applicant's mobile: proves the number, and lets them come back to their application."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="return_codes")
    mobile = models.CharField(max_length=16)

    class Meta(ApplicationCode.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"return code of {self.application_id}, until {self.expires_at}"


class ConsentCode(ApplicationCode):
    """To the phone of the legal representative as it stands on the register: whoever enters it has their consent."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="consent_codes")
    mobile = models.CharField(max_length=16)

    class Meta(ApplicationCode.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"consent code of {self.application_id}, until {self.expires_at}"
