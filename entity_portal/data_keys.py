"""The keys of personal data at rest: files in `DATA_KEYS_DIR`, named by when they were made.

`20261130T090000Z.key` holds 32 random bytes in hexadecimal digits. From each file several keys are derived (HKDF, RFC
5869), so that none serves two ends: one encrypts (AES-256-GCM), one for each purpose makes indexes (HMAC-SHA256). The
newest file writes after `WRITES_AFTER`, when every machine has it; those of before stay readable until
`manage.py rotate_keys` has written everything anew. Nobody has to be restarted.
"""

import hmac
import logging
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

WRITES_AFTER = timedelta(hours=1)
SIZE = 32  # bytes
INDEX = 16  # bytes of the HMAC that are kept
FORM = "%Y%m%dT%H%M%SZ"

log = logging.getLogger(__name__)


class KeyMissing(Exception):
    """Something was encrypted with a key whose file is not in `DATA_KEYS_DIR`; `args[0]` is the key's name."""


@dataclass(frozen=True)
class DataKey:
    """What a file holds, and since when there is it."""

    made_at: datetime
    secret: bytes

    @cached_property
    def kid(self) -> str:
        """The name that stands before what it has encrypted: it tells nothing of the key."""
        return sha256(b"entity-portal key id" + self.secret).hexdigest()[:8]

    @cached_property
    def cipher(self) -> AESGCM:
        return AESGCM(_derived(self.secret, "encryption"))

    def index(self, value: str, purpose: str) -> bytes:
        """What a value is found by without being readable: the same for equal values of one purpose."""
        return hmac.digest(_derived(self.secret, f"index {purpose}"), value.encode(), "sha256")[:INDEX]


@cache
def _derived(secret: bytes, info: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=SIZE, salt=None, info=f"entity-portal {info}".encode()).derive(secret)


class _NotWhole(Exception):
    """A new key cannot be read yet; `args[0]` are the others. What is raised is not cached: it is looked at again."""


@lru_cache(maxsize=1)
def _load(directory: Path, changed: int) -> tuple[DataKey, ...]:
    found, not_yet = [], []
    for path in sorted(directory.glob("*.key")):
        made_at = datetime.strptime(path.stem, FORM).replace(tzinfo=UTC)
        try:
            found.append(DataKey(made_at, _secret(path)))
        except (OSError, ValueError):
            if not found or made_at + WRITES_AFTER <= timezone.now():  # it writes by now
                raise
            not_yet.append(path.name)
            log.error(  # a number of eight digits would be taken out of the line
                "The key file of %s cannot be read, or is not whole: mend it within the hour.",
                f"{made_at:%Y-%m-%dT%H:%M:%SZ}",
            )
    if not_yet:
        raise _NotWhole(tuple(found))
    return tuple(found)


def _secret(path: Path) -> bytes:
    """
    Raises:
        OSError, ValueError
    """
    secret = bytes.fromhex(path.read_text())
    if len(secret) != SIZE:
        raise ValueError(f"{path.name} does not hold {SIZE} bytes")
    return secret


def every() -> tuple[DataKey, ...]:
    """All keys, the oldest first. One that does not write yet, and cannot be read, is passed by and told in the log.

    Raises:
        ImproperlyConfigured: there is no folder, or no key in it.
    """
    directory = Path(settings.DATA_KEYS_DIR)
    if settings.DEVELOPMENT and not any(directory.glob("*.key")):
        make(directory)
    try:
        found = _load(directory, directory.stat().st_mtime_ns)
    except _NotWhole as some:
        found = some.args[0]
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"DATA_KEYS_DIR: {error}") from error
    if not found:
        raise ImproperlyConfigured("DATA_KEYS_DIR has no key: run `manage.py rotate_keys new`.")
    return found


def writing_key() -> DataKey:
    """The newest key that every machine has by now; of keys that are all new, the oldest."""
    found = every()
    known = [key for key in found if key.made_at <= timezone.now() - WRITES_AFTER]
    return known[-1] if known else found[0]


_read: dict[str, DataKey] = {}


def key_named(kid: str) -> DataKey:
    """
    Raises:
        KeyMissing
    """
    if (known := _read.get(kid)) is None:
        _read.update({key.kid: key for key in every()})
        if (known := _read.get(kid)) is None:
            raise KeyMissing(kid)
    return known


def make(directory: Path) -> Path:
    """Write a new key, which only the owner of the process may read; a file of this second stays as it is."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / f"{timezone.now().astimezone(UTC).strftime(FORM)}.key"
    with tempfile.NamedTemporaryFile("w", dir=directory) as file:  # mode 600
        file.write(secrets.token_hex(SIZE))
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)  # whole or not at all: others read the folder meanwhile
    folder = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(folder)  # what it encrypts outlives a loss of power: so must it
    finally:
        os.close(folder)
    return path
