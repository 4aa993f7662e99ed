"""Entities (實體) and their legal representatives."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from entity_portal import phones, text
from entity_portal.sealed import IndexField, SealedField
from entity_portal.text import check_digit, mask

# The purpose for which numbers on the register and of representatives are encrypted: statements copy and compare them.
DOCUMENT = "accounts.document_number"
DOCUMENT_FORM = r"[A-Z0-9]{4,20}"


class Kind(models.TextChoices):
    """What an account holder can be (S2). Section 十二 depends on it (S2.4)."""

    COMPANY = "company", _("Company")
    ASSOCIATION = "association", _("Association")
    FOUNDATION = "foundation", _("Foundation")
    OTHER_LEGAL_PERSON = "other_legal_person", _("Other legal person")
    ENTREPRENEUR = "entrepreneur", _("Commercial entrepreneur, natural person")
    ORGANISATION = "organisation", _("Organisation without legal personality")
    BUILDING = "building", _("Building management body")
    AUTHORITY = "authority", _("Public authority")


class EntityStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    CLOSED = "closed", _("Closed")


# Closed leads nowhere: who comes back applies anew. The migration's trigger keeps the same table.
NEXT_ENTITY_STATUSES: dict[str, set[str]] = {
    EntityStatus.ACTIVE: {EntityStatus.SUSPENDED, EntityStatus.CLOSED},
    EntityStatus.SUSPENDED: {EntityStatus.ACTIVE, EntityStatus.CLOSED},
    EntityStatus.CLOSED: set(),
}


class SecondFactor(models.TextChoices):
    """Of whom an entity demands a second factor at sign-in."""

    NOBODY = "nobody", _("Nobody; each person decides")
    ADMINISTRATORS = "administrators", _("Administrators")
    ALL = "all", _("Everyone in the entity")


def new_entity_number() -> str:
    """Seven random digits, the first not 0, and their check digit (Q27)."""
    digits = str(1_000_000 + secrets.randbelow(9_000_000))
    return digits + check_digit(digits)


class Named(models.Model):
    """Something with an official name in Chinese and in Portuguese; at least one of them is given."""

    name_zh = models.CharField(_("Official name in Chinese"), max_length=200, blank=True)
    name_pt = models.CharField(_("Official name in Portuguese"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_zh or self.name_pt

    @property
    def name(self) -> str:
        """In the reader's script; the other one where there is none in it."""
        return text.name(self.name_zh, self.name_pt)


class EntityManager(models.Manager["Entity"]):
    def lock(self, entity: "Entity") -> "Entity":
        """Hold the entity until the transaction ends. Lock order everywhere: entity, then login, then code."""
        (held,) = self.select_for_update(no_key=True).filter(pk=entity.pk)
        return held


class Entity(Named):
    """An entity user account (實體使用者帳戶). It has no way in of its own: its logins do (S4.1, Q29)."""

    number = models.CharField(_("Entity number"), max_length=20, unique=True, default=new_entity_number)  # 實體編號
    number_is_official = models.BooleanField(default=False)  # set by officers; then it need not carry our check digit
    kind = models.CharField(_("Kind of entity"), max_length=20, choices=Kind)
    status = models.CharField(_("Status"), max_length=10, choices=EntityStatus, default=EntityStatus.ACTIVE)
    registration_number = models.CharField(_("Registration number"), max_length=30, null=True, unique=True)
    second_factor = models.CharField(max_length=20, choices=SecondFactor, db_default=SecondFactor.NOBODY)
    keeps_portal = models.BooleanField(default=False, db_default=False)  # the authority: its logins can be officers
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[EntityManager] = EntityManager()

    class Meta:
        verbose_name = _("entity")
        verbose_name_plural = _("Entities")
        constraints = (
            models.CheckConstraint(condition=~Q(name_zh="", name_pt=""), name="accounts_entity_has_a_name"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="accounts_entity_kind_known"),
            models.CheckConstraint(condition=Q(status__in=EntityStatus.values), name="accounts_entity_status_known"),
            models.CheckConstraint(
                condition=Q(second_factor__in=SecondFactor.values), name="accounts_entity_second_factor_known"
            ),
            models.CheckConstraint(condition=Q(number__regex=r"^[A-Z0-9]{4,20}$"), name="accounts_entity_number_form"),
            models.CheckConstraint(
                condition=Q(keeps_portal=False) | Q(kind=Kind.AUTHORITY),
                name="accounts_entity_keeps_portal_is_authority",
            ),
            models.UniqueConstraint(
                fields=["keeps_portal"], condition=Q(keeps_portal=True), name="accounts_entity_one_keeps_portal"
            ),
            # Else nobody could undo it: officers are its logins.
            models.CheckConstraint(
                condition=Q(keeps_portal=False) | Q(status=EntityStatus.ACTIVE),
                name="accounts_entity_keeps_portal_is_active",
            ),
            # accounts_entity_number_has_check_digit stands in the migration: it calls a function.
        )
        # So does accounts_entity_by_grams, by which parts of names are found.
        indexes = (models.Index(Upper("registration_number"), name="accounts_entity_by_register"),)

    @property
    def numbers(self) -> list[str]:
        """The number and those it had before: the history of the entity stands under all of them."""
        return [self.number, *self.former_numbers.values_list("number", flat=True)]


class FormerNumber(models.Model):
    """An entity number that was replaced by the official one. No other entity ever gets it: histories would mix.

    The migration's triggers write the rows and keep the rule.
    """

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="former_numbers")
    number = models.CharField(max_length=20, unique=True)
    replaced_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.number


class LegalRepresentative(models.Model):
    """合法代表: a person who binds the entity."""

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="legal_representatives")
    name_zh = models.CharField(max_length=100, blank=True)
    name_foreign = models.CharField(max_length=100, blank=True)
    document_number = SealedField(purpose=DOCUMENT, pattern=DOCUMENT_FORM)
    document_index = IndexField(of="document_number", purpose=DOCUMENT)
    mobile = models.CharField(max_length=16)  # E.164
    holds_macao_resident_id = models.BooleanField()  # S12.2

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(name_zh="", name_foreign=""), name="accounts_legalrepresentative_has_a_name"
            ),
            models.UniqueConstraint(
                fields=["entity", "document_index"], name="accounts_legalrepresentative_once_per_entity"
            ),
            # The migration demands that the number is sealed.
        )

    def __str__(self) -> str:
        return self.name_zh or self.name_foreign

    @property
    def name(self) -> str:
        return text.name(self.name_zh, self.name_foreign)

    @property
    def masked_document(self) -> str:
        return mask(self.document_number)

    @property
    def masked_mobile(self) -> str:
        return phones.masked(self.mobile)
