"""The official register that entities are opened from, its imports, and the tasks these leave to officers."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models.entity import DOCUMENT, DOCUMENT_FORM, Entity, Kind, Named
from entity_portal import phones
from entity_portal.audit.operations import Actor
from entity_portal.documents import DocumentType
from entity_portal.sealed import IndexField, SealedField, SealedJSONField
from entity_portal.text import mask

SEALED = {"representative_document_number": "representative_document_index"}


class RegisterText(Named):
    """What a line of the official register says."""

    registration_number = models.CharField(_("Registration number"), max_length=30)
    kind = models.CharField(_("Kind of entity"), max_length=20, choices=Kind)
    representative_name_zh = models.CharField(_("Legal representative: name in Chinese"), max_length=100, blank=True)
    representative_name_foreign = models.CharField(
        _("Legal representative: name in a foreign language"), max_length=100, blank=True
    )
    representative_document_type = models.CharField(
        _("Legal representative: type of document"), max_length=20, choices=DocumentType
    )
    representative_document_number = SealedField(
        _("Legal representative: document no."), purpose=DOCUMENT, pattern=DOCUMENT_FORM
    )
    representative_document_index = IndexField(of="representative_document_number", purpose=DOCUMENT)
    representative_birth_date = models.DateField(_("Legal representative: date of birth"), null=True)
    representative_mobile = models.CharField(_("Legal representative: mobile phone"), max_length=16)  # E.164

    class Meta:
        abstract = True

    @property
    def masked_document(self) -> str:
        return mask(self.representative_document_number)

    @property
    def masked_mobile(self) -> str:
        return phones.masked(self.representative_mobile)


REGISTER_FIELDS = tuple(field.name for field in RegisterText._meta.local_fields if not isinstance(field, IndexField))
REPRESENTATIVE_FIELDS = tuple(name for name in REGISTER_FIELDS if name.startswith("representative_"))


class RegisterEntryManager(models.Manager["RegisterEntry"]):
    def current(self) -> "models.QuerySet[RegisterEntry]":
        """Lines that are in the register now: only from them may anything be opened or approved."""
        return self.filter(gone_at=None)


class RegisterEntry(RegisterText):
    """A line of the official register, as officers imported it. What is gone from the register stays, marked."""

    imported_at = models.DateTimeField(_("Last changed by an import"), default=timezone.now)
    gone_at = models.DateTimeField(_("Gone from the register"), null=True)

    objects: ClassVar[RegisterEntryManager] = RegisterEntryManager()

    class Meta:
        verbose_name = _("Line of the register")
        verbose_name_plural = _("Lines of the register")
        constraints = (
            models.UniqueConstraint(
                fields=["registration_number"], name="accounts_registerentry_one_registration_number"
            ),
            models.CheckConstraint(condition=~Q(name_zh="", name_pt=""), name="accounts_registerentry_has_a_name"),
            models.CheckConstraint(
                condition=~Q(representative_name_zh="", representative_name_foreign=""),
                name="accounts_registerentry_representative_has_a_name",
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="accounts_registerentry_kind_known"),
            models.CheckConstraint(
                condition=Q(representative_mobile__regex=r"^\+[1-9][0-9]{6,14}$"),
                name="accounts_registerentry_mobile_is_e164",
            ),
        )


# --- bringing the register in ---


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("Being read")
    READ = "read", _("Waiting for confirmation")
    REFUSED = "refused", _("Refused: lines are wrong")
    CONFIRMED = "confirmed", _("Being imported")
    DONE = "done", _("Imported")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


# From `confirmed` back to `read`: the register changed meanwhile, so what was confirmed is not what would be done.
# The migration's trigger keeps the same table.
IMPORT_MOVES: dict[str, set[str]] = {
    ImportState.UPLOADED: {ImportState.READ, ImportState.REFUSED, ImportState.FAILED, ImportState.CANCELLED},
    ImportState.READ: {ImportState.CONFIRMED, ImportState.CANCELLED},
    ImportState.CONFIRMED: {ImportState.DONE, ImportState.READ, ImportState.FAILED},
    ImportState.REFUSED: set(),
    ImportState.DONE: set(),
    ImportState.FAILED: set(),
    ImportState.CANCELLED: set(),
}
OPEN_STATES = tuple(state for state, following in IMPORT_MOVES.items() if following)


class MoveNotAllowed(Exception):
    """An import is not, or no longer, in a state from which this may be done."""


class RegisterImportManager(models.Manager["RegisterImport"]):
    def lock(self, pk: int) -> "RegisterImport":
        """Hold an import until the transaction ends; its file is not fetched."""
        return self.select_for_update(no_key=True).defer("content").get(pk=pk)


class RegisterImport(models.Model):
    """A file of the register on its way in: read, looked at, confirmed, brought in. Counts are of its last preview."""

    name = models.CharField(_("File"), max_length=100, blank=True)  # "" for what a command brought
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the file
    size = models.PositiveIntegerField(default=0)  # bytes
    content = models.BinaryField(null=True)  # until it has been read
    whole = models.BooleanField(_("The whole register"), default=False)  # what is not in it is gone
    state = models.CharField(_("Status"), max_length=10, choices=ImportState, default=ImportState.UPLOADED)
    total = models.PositiveIntegerField(default=0)  # lines of the file
    progress = models.PositiveIntegerField(default=0)  # of them, in the work under way
    preview = models.PositiveSmallIntegerField(default=0)  # which one it is: 2 when it had to be made again
    compared_with = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    new = models.PositiveIntegerField(_("New"), default=0)
    changed = models.PositiveIntegerField(_("Changed"), default=0)
    unchanged = models.PositiveIntegerField(_("Unchanged"), default=0)
    gone = models.PositiveIntegerField(_("Gone"), default=0)
    bad = models.PositiveIntegerField(_("Wrong"), default=0)
    uploaded_at = models.DateTimeField(_("Uploaded"), default=timezone.now)

    objects: ClassVar[RegisterImportManager] = RegisterImportManager()

    class Meta:
        verbose_name = _("Import of the register")
        verbose_name_plural = _("Imports of the register")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="accounts_registerimport_known"),
            models.CheckConstraint(
                condition=Q(content=None) | Q(state=ImportState.UPLOADED), name="accounts_registerimport_forgets_file"
            ),
            models.UniqueConstraint(
                fields=["digest", "whole"],
                condition=Q(state__in=OPEN_STATES) & ~Q(digest=""),
                name="accounts_registerimport_one_open_of_a_file",
            ),
        )

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    @property
    def is_working(self) -> bool:
        """Something is being done with it in the background."""
        return self.state in {ImportState.UPLOADED, ImportState.CONFIRMED}

    def move(self, state: ImportState, *, by: Actor | None = None, **fields: Any) -> None:
        """Go on to a state, which the caller's lock makes sure of; `fields` change with it. Who and when is kept.

        Raises:
            MoveNotAllowed
        """
        if state not in IMPORT_MOVES[self.state]:
            raise MoveNotAllowed(self.state, state)
        for field, value in {"state": state, "content": None, "progress": 0, **fields}.items():
            setattr(self, field, value)
        self.save(update_fields=["state", "content", "progress", *fields])
        self.moves.create(state=state, euid=by.euid if by else "", label=str(by) if by else "")


class RegisterMove(models.Model):
    """When an import came into a state, and who brought it there: the actor of what the worker does for them."""

    register_import = models.ForeignKey(RegisterImport, on_delete=models.CASCADE, related_name="moves")
    state = models.CharField(max_length=10, choices=ImportState)
    at = models.DateTimeField(default=timezone.now)
    euid = models.CharField(max_length=12, blank=True)  # "" for the worker or a command
    label = models.CharField(max_length=150, blank=True)

    def __str__(self) -> str:
        return self.label


class Fate(models.TextChoices):
    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("Unchanged")
    GONE = "gone", _("Gone")


class RegisterLine(RegisterText):
    """A good line of a file that is being imported and what would become of it, or a line that would be gone."""

    register_import = models.ForeignKey(RegisterImport, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField(null=True)  # in the file; None for what is gone
    fate = models.CharField(max_length=10, choices=Fate, blank=True)
    was = SealedJSONField(
        null=True, purpose=DOCUMENT, names=SEALED
    )  # what the register says now, where that is something else

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["register_import", "registration_number"], name="accounts_registerline_once_in_import"
            ),
        )
        indexes = (
            models.Index(fields=["register_import", "fate", "line", "id"], name="accounts_registerline_by_fate"),
        )

    def __str__(self) -> str:
        return f"{self.line or '-'}: {super().__str__()}"


class RegisterProblem(models.Model):
    """What is wrong in a line of a file: an English sentence of the catalogue, with what stands in its places."""

    register_import = models.ForeignKey(RegisterImport, on_delete=models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=50, blank=True)
    sentence = models.TextField()
    params = models.JSONField(default=dict)

    def __str__(self) -> str:
        """In the reader's language."""
        return gettext(self.sentence) % self.params if self.params else gettext(self.sentence)


class TaskKind(models.TextChoices):
    REPRESENTATIVE_CHANGED = "representative_changed", _("The register names another legal representative")
    ENTITY_GONE = "entity_gone", _("The entity is gone from the register")


class Outcome(models.TextChoices):
    TAKEN_OVER = "taken_over", _("Take the legal representative over from the register")
    SUSPENDED = "suspended", _("Suspend the entity account")
    CLOSED = "closed", _("Close the entity account")
    NOTHING = "nothing", _("Nothing to do")


class RegisterTask(models.Model):
    """What officers have to look at because an import changed the register of an entity that is open here."""

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="register_tasks")
    kind = models.CharField(_("What happened"), max_length=30, choices=TaskKind)
    raised_by = models.ForeignKey(RegisterImport, on_delete=models.PROTECT, related_name="tasks")
    raised_at = models.DateTimeField(_("Since"), default=timezone.now)
    old = SealedJSONField(default=dict, purpose=DOCUMENT, names=SEALED)  # what the register said of the representative
    new = SealedJSONField(default=dict, purpose=DOCUMENT, names=SEALED)
    outcome = models.CharField(_("Outcome"), max_length=10, choices=Outcome, blank=True)  # "" while it is open
    note = models.TextField(blank=True)
    done_at = models.DateTimeField(_("Done"), null=True)
    done_by = models.CharField(max_length=12, blank=True)  # EUID
    done_by_label = models.CharField(max_length=150, blank=True)

    class Meta:
        verbose_name = _("Task from the register")
        verbose_name_plural = _("Tasks from the register")
        constraints = (
            models.UniqueConstraint(
                fields=["entity", "kind"], condition=Q(done_at=None), name="accounts_registertask_one_open_of_a_kind"
            ),
            models.CheckConstraint(condition=Q(kind__in=TaskKind.values), name="accounts_registertask_kind_known"),
            models.CheckConstraint(
                condition=Q(done_at=None, outcome="", done_by="")
                | Q(done_at__isnull=False, outcome__in=Outcome.values) & ~Q(done_by=""),
                name="accounts_registertask_done_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", Outcome.TAKEN_OVER]) | ~Q(note=""), name="accounts_registertask_says_why"
            ),
        )
        indexes = (models.Index(fields=["done_at", "raised_at"], name="accounts_registertask_by_age"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.entity_id}"

    @property
    def entity_number(self) -> str:
        return self.entity.number
