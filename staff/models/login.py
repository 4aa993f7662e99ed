"""A staff login (工作人員登入號): a person in an entity, and their credentials.

Facts are kept here; what someone may do is computed from them when it is asked. Names of the guide:
type 1, 工作人員登入號(實體管理員), is a login with `is_administrator`; type 2 is any other (Q4).
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Entity, EntityStatus
from entity_portal import phones, text
from entity_portal.collation import CHINESE, LATIN, SortKeyField
from entity_portal.documents import DocumentType
from entity_portal.places import place_name
from entity_portal.roles import Role
from entity_portal.rows import only
from entity_portal.sealed import IndexField, SealedField, indexes
from entity_portal.searching import words_of
from entity_portal.text import check_digit, mask

MAX_FAILED_ATTEMPTS = 5  # S6.3
DOCUMENT = "staff.document_number"  # the purpose for which numbers are encrypted
NOBODY = 0  # no row has this key: the same work is done for somebody and for nobody, so that time does not tell (A12)


class Status(models.TextChoices):
    PENDING = "pending", _("Not activated")  # 未啟動
    ACTIVE = "active", _("Active")  # 生效中
    DEPARTED = "departed", _("Left (no longer employed)")  # 已離職


# 已離職 leads nowhere: someone who comes back gets a new login, so old rights can never come back with them (Q25).
# The migration's trigger keeps the same table.
NEXT_STATUSES: dict[str, set[str]] = {
    Status.PENDING: {Status.ACTIVE, Status.DEPARTED},
    Status.ACTIVE: {Status.DEPARTED},
    Status.DEPARTED: set(),
}


def of_document(number: str, *, of: str = "") -> Q:
    """Whose document has this normalised number, whole; `of` is the prefix by which a row finds its login."""
    return Q(**{f"{of}document_index__in": indexes(number, DOCUMENT)})


class StaffLoginManager(BaseUserManager["StaffLogin"]):
    def find(self, *, entity_number: str, username: str) -> "StaffLogin | None":
        """The login of a username in an entity, whatever its status; the username in any case (Q16)."""
        return only(self.select_related("entity").filter(entity__number=entity_number, username=username))

    def of_person(self, *, entity_number: str, document_type: str, document_number: str) -> "StaffLogin | None":
        """The non-departed login of a person in an entity, by their normalised document number (Q13, Q25)."""
        logins = self.select_related("entity").filter(
            of_document(document_number), entity__number=entity_number, document_type=document_type
        )
        return logins.exclude(status=Status.DEPARTED).first()

    def take_strike(self, pk: int) -> int | None:
        """Count a wrong password before it is known to be wrong; return which strike it is, None if none is left.

        One conditional UPDATE is the gate: of 50 guesses at once five are looked at (CVE-2024-4629 is the other way).
        """
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {self.model._meta.db_table} SET failed_attempts = failed_attempts + 1 "  # noqa: S608
                "WHERE id = %s AND locked_at IS NULL AND failed_attempts < %s RETURNING failed_attempts",
                [pk, MAX_FAILED_ATTEMPTS],
            )
            row = cursor.fetchone()
        return row[0] if row else None


def new_euid() -> str:
    """`CU`, nine random digits, check digit (Q26, S7.1). The database never lets one go, so none is used again."""
    digits = f"{secrets.randbelow(10**9):09d}"
    return f"CU{digits}{check_digit(digits)}"


class StaffLogin(AbstractBaseUser):  # type: ignore[django-manager-missing]  # of django-otp's devices
    euid = models.CharField("EUID", max_length=12, unique=True, default=new_euid, editable=False)
    entity = models.ForeignKey(
        Entity, on_delete=models.PROTECT, related_name="logins", db_index=False
    )  # others begin with it
    username = models.CharField(_("Username"), max_length=30, null=True)
    password = models.CharField(max_length=200, blank=True)

    name_zh = models.CharField(max_length=100, blank=True)
    name_foreign = models.CharField(max_length=100)
    # Lists are sorted by these. The migration's constraint looks that each belongs to its name.
    name_zh_key = SortKeyField(of="name_zh", rules=CHINESE)
    name_foreign_key = SortKeyField(of="name_foreign", rules=LATIN)
    document_type = models.CharField(max_length=20, choices=DocumentType, default=DocumentType.BIR_PERMANENT)
    document_number = SealedField(purpose=DOCUMENT, pattern=r"[A-Z0-9]{4,20}")
    document_index = IndexField(of="document_number", purpose=DOCUMENT)
    document_place = models.CharField(max_length=2)  # ISO 3166-1
    birth_date = models.DateField(null=True, blank=True)
    mobile = models.CharField(max_length=16)  # E.164
    email = models.EmailField(blank=True)
    language = models.CharField(
        max_length=10, default="zh-hant"
    )  # of texts, and of pages where no cookie says otherwise

    status = models.CharField(_("Status"), max_length=10, choices=Status, default=Status.PENDING)
    is_administrator = models.BooleanField(default=False)  # 實體管理員
    # 服務管理員 (S16). `services` keeps the power, and its migration's triggers this.
    assigns = models.BooleanField(default=False, db_default=False, editable=False)
    is_staff = models.BooleanField(default=False)  # may enter Django admin: officers only
    failed_attempts = models.PositiveSmallIntegerField(default=0)
    locked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    password_set_at = models.DateTimeField(null=True)
    new_password_demanded_at = models.DateTimeField(null=True)  # the next sign-in asks for another one
    activated_at = models.DateTimeField(null=True)
    departed_at = models.DateTimeField(null=True)

    # Where somebody stands in the usual order of the list.
    rank = models.GeneratedField(
        expression=models.Case(
            models.When(status="departed", then=3),
            models.When(is_administrator=True, then=0),
            models.When(assigns=True, then=1),
            default=2,
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )

    spelled = models.GeneratedField(
        expression=words_of("username", "name_zh", "name_foreign"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects: ClassVar[StaffLoginManager] = StaffLoginManager()

    USERNAME_FIELD = "euid"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    # Frozen by activation (S10.2, T6); the migration's trigger keeps the same list.
    IDENTITY_FIELDS = (
        "name_zh",
        "name_foreign",
        "document_type",
        "document_number",
        "document_place",
        "birth_date",
        "mobile",
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["entity", "username"], name="staff_username_unique_in_entity"),
            models.UniqueConstraint(
                fields=["entity", "document_type", "document_index"],
                condition=~Q(status=Status.DEPARTED),
                name="staff_one_present_login_per_person",
            ),
            models.CheckConstraint(
                condition=Q(username__regex=r"^[a-z0-9._-]{4,30}$") | Q(username=None), name="staff_username_form"
            ),
            # The migration demands that the number is sealed: Django looks for nothing in such a field.
            # It and the mobile are emptied long after somebody has left (docs/retention.toml).
            models.CheckConstraint(
                condition=Q(document_type__in=DocumentType.values), name="staff_document_type_known"
            ),
            models.CheckConstraint(
                condition=Q(mobile__regex=r"^\+[1-9][0-9]{6,14}$") | Q(mobile="", status=Status.DEPARTED),
                name="staff_mobile_is_e164",
            ),
            models.CheckConstraint(condition=Q(euid__regex=r"^CU[0-9]{10}$"), name="staff_euid_form"),
            models.CheckConstraint(condition=~Q(name_foreign=""), name="staff_has_a_name"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="staff_status_known"),
            models.CheckConstraint(
                name="staff_activated_has_username_and_time",
                condition=Q(username=None, activated_at=None) | Q(username__isnull=False, activated_at__isnull=False),
            ),
            models.CheckConstraint(
                name="staff_pending_is_not_activated",
                condition=Q(status=Status.PENDING, activated_at=None)
                | Q(status=Status.ACTIVE, activated_at__isnull=False)
                | Q(status=Status.DEPARTED),
            ),
            models.CheckConstraint(
                name="staff_departed_has_time",
                condition=Q(status=Status.DEPARTED, departed_at__isnull=False)
                | ~Q(status=Status.DEPARTED) & Q(departed_at=None),
            ),
            models.CheckConstraint(
                name="staff_at_most_five_failed_attempts", condition=Q(failed_attempts__lte=MAX_FAILED_ATTEMPTS)
            ),
            models.CheckConstraint(
                name="staff_locked_after_five_failed_attempts",
                condition=Q(locked_at=None) | Q(failed_attempts=MAX_FAILED_ATTEMPTS),
            ),
        )
        indexes = (
            models.Index(fields=["entity", "status"], name="staff_by_entity_and_status"),
            models.Index(fields=["entity", "rank", "name_foreign_key", "euid"], name="staff_by_rank", include=["id"]),
            models.Index(fields=["entity", "name_foreign_key", "euid"], name="staff_by_foreign_name"),
            models.Index(fields=["entity", "name_zh_key", "name_foreign_key", "euid"], name="staff_by_chinese_name"),
            # No index reads `failed_attempts`, `last_login` or `language`: so what each sign-in writes, writes none.
            models.Index(fields=["entity"], condition=Q(locked_at__isnull=False), name="staff_locked"),
            # Searches read this and nothing else of those whom they do not find.
            models.Index(fields=["entity"], name="staff_by_words", include=["id", "euid", "spelled", "document_index"]),
            # Officers look for administrators across entities.
            models.Index(
                fields=["document_index"], condition=Q(is_administrator=True), name="staff_administrator_document"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name_zh or self.name_foreign} ({self.username or self.euid})"

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Whoever writes a name writes the key by which it is sorted, and with a number that by which it is found."""
        if update_fields is not None:
            named = {"name_zh", "name_foreign"}.intersection(update_fields := [*update_fields])
            update_fields += [f"{name}_key" for name in sorted(named)]
            update_fields += ["document_index"] if "document_number" in update_fields else []
        super().save(*args, update_fields=update_fields, **kwargs)

    def lock(self) -> None:
        """Hold this row until the transaction ends; read it and its entity anew. The entity comes first, if locked."""
        rows = StaffLogin.objects.select_related("entity").select_for_update(no_key=True, of=("self",))
        self.refresh_from_db(from_queryset=rows)

    # --- the password ---

    def set_password(self, raw_password: str | None) -> None:
        """A new password, and with it the end of every session that knows the old one."""
        super().set_password(raw_password)
        self.password_set_at, self.new_password_demanded_at = timezone.now(), None

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must know: it changes with the password, or when a new one is demanded; not with a hash."""
        return salted_hmac(
            "staff.StaffLogin.session",
            f"{self.euid}|{self.password_set_at}|{self.new_password_demanded_at}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    # --- what may be ---

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """May be signed in: asked with every request, so that departure and suspension end sessions at once."""
        return self.status == Status.ACTIVE and self.entity.status == EntityStatus.ACTIVE

    @cached_property
    def roles(self) -> frozenset[str]:
        """What an officer does; nothing for anybody else. Asked once in a request, as the user of it is read anew."""
        return frozenset(each.role for each in self.officer_roles.all()) if self.is_staff else frozenset()

    @property
    def role_names(self) -> list[str]:
        """What an officer does, in words and in the order of `Role`."""
        return [str(role.label) for role in Role if role in self.roles]

    def acts_for(self, entity: Entity) -> bool:
        """Is an active administrator of the entity now: asked anew, since the power may have gone meanwhile."""
        return entity.logins.filter(pk=self.pk, status=Status.ACTIVE, is_administrator=True).exists()

    @property
    def is_locked(self) -> bool:
        """已鎖定: a flag beside 生效中, not a status (Q9). Only 重設密碼 takes it away."""
        return self.status == Status.ACTIVE and self.failed_attempts >= MAX_FAILED_ATTEMPTS

    @property
    def is_service_administrator(self) -> bool:
        """服務管理員 (S16): a power that ends with the login."""
        return self.status != Status.DEPARTED and self.assigns

    @property
    def can_assign(self) -> bool:
        """May put people into service groups (S14.1)."""
        return self.is_active and (self.is_administrator or self.is_service_administrator)

    # --- how it is shown ---

    @property
    def role(self) -> str:
        """The cell of the column 角色: 管理員, 服務管理員 or nothing (Q8)."""
        if self.is_administrator and self.status != Status.DEPARTED:
            return gettext("Administrator")
        return gettext("Service administrator") if self.is_service_administrator else ""

    @property
    def name(self) -> str:
        """The Chinese name for those who read Chinese, where there is one; else the one in Latin letters."""
        return text.name(self.name_zh, self.name_foreign)

    @property
    def signature(self) -> str:
        """`CHAN WENG SAN (chan.wengsan)`: who did something, for people; history keeps `str()`, whoever reads it."""
        return f"{self.name} ({self.username or self.euid})"

    @property
    def names(self) -> dict[str, str]:
        """`name` in each language, for what is read later in a language not known yet."""
        return {"zh-hant": self.name_zh or self.name_foreign, "pt": self.name_foreign, "en": self.name_foreign}

    @property
    def masked_document(self) -> str:
        return mask(self.document_number)

    @property
    def formatted_mobile(self) -> str:
        """`+853 6612 3456`"""
        return phones.written(self.mobile) if self.mobile else ""

    @property
    def masked_mobile(self) -> str:
        """`+853 66** **56`"""
        return phones.masked(self.mobile)

    @property
    def document_place_name(self) -> str:
        return place_name(self.document_place)

    # --- strikes (S6.3) ---

    def forget_strikes(self) -> bool:
        """The password was right; False if a guess made at the same time has locked the login: the lock wins."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {self._meta.db_table} SET failed_attempts = 0 WHERE id = %s AND locked_at IS NULL",  # noqa: S608
                [self.pk],
            )
            return cursor.rowcount == 1

    def lock_out(self, now: datetime) -> bool:
        """Say when the fifth wrong password in a row locked the login; True for the one call that did it."""
        full = StaffLogin.objects.filter(pk=self.pk, locked_at=None, failed_attempts=MAX_FAILED_ATTEMPTS)
        return full.update(locked_at=now) == 1

    def come_in(self, now: datetime, language: str) -> None:
        """Keep when the person came in last and the language they read, in one statement."""
        self.last_login, self.language = now, language
        StaffLogin.objects.filter(pk=self.pk).update(last_login=now, language=language)


class Headcount(models.Model):
    """How many logins of an entity are alike: kept by the migration's triggers, so that no page counts 20,000 rows."""

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10)
    is_administrator = models.BooleanField()
    assigns = models.BooleanField()
    n = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["entity", "status", "is_administrator", "assigns"], name="staff_headcount_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.n} {self.status} of {self.entity_id}"


class AdministratorLogin(StaffLogin):  # type: ignore[django-manager-missing]  # of django-otp's devices
    """The same row, under the name that it has on officers' pages."""

    class Meta:
        proxy = True
        verbose_name = _("administrator login")
        verbose_name_plural = _("Administrator logins")
