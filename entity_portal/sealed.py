"""Personal data that is readable with a key only: encrypted in the column, found by a keyed index beside it.

`4f1d09ab.…` is the name of the key and, in base64url, nonce, ciphertext and tag of AES-256-GCM. What it was encrypted
for, its purpose, goes into the tag: moved to a column of another purpose it is not readable. The index, 16 bytes of an
HMAC-SHA256, is equal for equal values of a purpose, and tells that and no more to who has no key.
"""

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from django.db import models
from django.db.models.fields import NOT_PROVIDED

from entity_portal.data_keys import DataKey, every, key_named, writing_key

NONCE = 12  # bytes; by chance, so that one key serves for 2³² values (NIST SP 800-38D)
# What a number of at most twenty characters looks like in the database; rules there demand it.
FORM = r"^[0-9a-f]{8}\.[A-Za-z0-9_-]{43,64}$"


class NotReadable(Exception):
    """This was not encrypted by the portal for this purpose, or has been changed since."""


def seal(value: str, purpose: str, key: DataKey | None = None) -> str:
    """A value as the database keeps it."""
    key = key or writing_key()
    nonce = secrets.token_bytes(NONCE)
    body = nonce + key.cipher.encrypt(nonce, value.encode(), purpose.encode())
    return f"{key.kid}.{urlsafe_b64encode(body).rstrip(b'=').decode()}"


def unseal(sealed: str, purpose: str) -> str:
    """The value again.

    Raises:
        NotReadable
        KeyMissing: its key is not in `DATA_KEYS_DIR`.
    """
    kid, dot, body = sealed.partition(".")
    if not dot:  # never as it stands: what is plain by mistake is to be found out
        raise NotReadable
    key = key_named(kid)
    try:
        whole = urlsafe_b64decode(f"{body}==")
        return key.cipher.decrypt(whole[:NONCE], whole[NONCE:], purpose.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise NotReadable from error


def indexes(value: str, purpose: str) -> list[bytes]:
    """By which a value may stand in the database: one for each key, as while keys are changed it may be any."""
    return [key.index(value, purpose) for key in every()]


class Opened(str):
    """A value, and what the database keeps it as for a purpose: as long as it stays, the same is written again.

    Else a row that is saved whole would change what nobody has changed, and rules that keep facts would refuse it.
    """

    __slots__ = ("purpose", "sealed")
    purpose: str
    sealed: str

    @classmethod
    def from_database(cls, sealed: str, purpose: str) -> Self:
        """
        Raises:
            NotReadable, KeyMissing: as `unseal`.
        """
        return cls._of(unseal(sealed, purpose), sealed, purpose)

    @classmethod
    def for_database(cls, value: str, purpose: str) -> Self:
        """What was read for this purpose already is left as it is, whatever the writing key is by now."""
        if isinstance(value, cls) and value.purpose == purpose:
            return value
        return cls._of(value, seal(value, purpose), purpose)

    @classmethod
    def _of(cls, value: str, sealed: str, purpose: str) -> Self:
        made = cls(value)
        made.sealed, made.purpose = sealed, purpose
        return made

    @property
    def keyed(self) -> bytes:
        """Its index, made with the key that it is encrypted with: the two are changed together."""
        return key_named(self.sealed.partition(".")[0]).index(self, self.purpose)


class SealedField(models.TextField):
    """A text of the form `pattern` that the database keeps encrypted. Nothing but NULL can be looked for in it.

    "" is kept as it is, where the database lets it stand.
    """

    def __init__(self, *args: Any, purpose: str, pattern: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.purpose, self.pattern = purpose, pattern

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"purpose": self.purpose, "pattern": self.pattern}

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if value in (None, "") or hasattr(value, "as_sql"):
            return value
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):  # the database cannot look any more
            raise ValueError(f"{self.name} is not normalised")
        return Opened.for_database(value, self.purpose).sealed

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if isinstance(value, str) and value:
            # A new row is of today's key: rows are unique by their indexes, which are compared under that one.
            value = Opened.for_database(str(value) if add else value, self.purpose)
            setattr(model_instance, self.attname, value)
        return value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return Opened.from_database(value, self.purpose) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise TypeError(f"{self.name} is encrypted: look for its index")
        return super().get_lookup(lookup_name)


class IndexField(models.BinaryField):
    """The index of the value in the sealed field `of`, written whenever a row is."""

    def __init__(self, *args: Any, of: str, purpose: str, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"editable": False, "default": NOT_PROVIDED}))
        self.of, self.purpose = of, purpose

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of, "purpose": self.purpose}

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:
        value = getattr(model_instance, self.of)
        index = None if value is None else b""
        if value:
            index = Opened.for_database(value, self.purpose).keyed
        setattr(model_instance, self.attname, index)
        return index


class SealedJSONField(models.JSONField):
    """JSON in which the value of each name in `names` is encrypted, wherever it stands, and its index beside it.

    `names` has `{name: name of the index}`; who reads sees no index, and looks for one, in hexadecimal digits.
    """

    def __init__(self, *args: Any, purpose: str, names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.purpose, self.names = purpose, names

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"purpose": self.purpose, "names": self.names}

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        return super().get_db_prep_save(value if hasattr(value, "as_sql") else self.closed(value), connection)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return self.opened(super().from_db_value(value, expression, connection))

    def closed(self, value: Any, key: DataKey | None = None) -> Any:
        """As the database keeps it: a value that was read as it was, or with `key` all of them anew."""
        if isinstance(value, list):
            return [self.closed(each, key) for each in value]
        if not isinstance(value, dict):
            return value
        data = {name: self.closed(each, key) for name, each in value.items()}
        for name in self.names.keys() & {name for name, each in data.items() if each}:
            data |= self._closed(name, data[name], key)
        return data

    def _closed(self, name: str, value: str, key: DataKey | None) -> dict[str, str]:
        if key is None:
            kept = Opened.for_database(value, self.purpose)
            return {name: kept.sealed, self.names[name]: kept.keyed.hex()}
        return {name: seal(value, self.purpose, key), self.names[name]: key.index(value, self.purpose).hex()}

    def opened(self, value: Any) -> Any:
        """As it was before `closed`."""
        if isinstance(value, list):
            return [self.opened(each) for each in value]
        if not isinstance(value, dict):
            return value
        data = {name: self.opened(each) for name, each in value.items() if name not in self.names.values()}
        for name in self.names.keys() & {name for name, each in data.items() if each}:
            data[name] = Opened.from_database(data[name], self.purpose)
        return data
