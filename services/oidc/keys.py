"""The portal's signing keys: PEM files in `OIDC_KEYS_DIR`, named by when they were made.

`20261125T090000Z.RS256.pem`. A new file is published at once and signs after `SIGNS_AFTER`, when every e-service that
keeps our keys has asked for them again; files of before stay published, so what they signed verifies, until they are
deleted. The same files lie on every machine; nobody has to be restarted (OIDC Core 10.1.1).
"""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from jwcrypto.jwk import JWK

ALGORITHMS: dict[str, dict[str, Any]] = {
    "RS256": {"kty": "RSA", "size": 3072},
    "ES256": {"kty": "EC", "crv": "P-256"},
}
MAX_AGE = timedelta(hours=1)  # how long others may keep what `published` gave them
SIGNS_AFTER = 2 * MAX_AGE
FORM = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Key:
    """A key of the portal: since when there is it, what it signs with."""

    made_at: datetime
    algorithm: str
    jwk: JWK

    @property
    def kid(self) -> str:
        return self.jwk.thumbprint()

    @property
    def public(self) -> dict[str, Any]:
        return {"alg": self.algorithm, "use": "sig", "kid": self.kid, **self.jwk.export_public(as_dict=True)}


@lru_cache(maxsize=1)
def _load(directory: Path, changed: int) -> tuple[Key, ...]:
    found = []
    for path in sorted(directory.glob("*.pem")):
        moment, algorithm = path.name.removesuffix(".pem").split(".")
        made_at = datetime.strptime(moment, FORM).replace(tzinfo=UTC)
        found.append(Key(made_at, algorithm, JWK.from_pem(path.read_bytes())))
    return tuple(found)


def every() -> tuple[Key, ...]:
    """All keys, the oldest first."""
    directory = Path(settings.OIDC_KEYS_DIR)
    if settings.DEVELOPMENT and not any(directory.glob("*.pem")):
        make(directory)
    try:
        return _load(directory, directory.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"OIDC_KEYS_DIR: {error}") from error


def signing_key(algorithm: str) -> Key:
    """The newest key that everybody knows by now; of keys that are all new, the oldest.

    Raises:
        ImproperlyConfigured: there is none.
    """
    own = [key for key in every() if key.algorithm == algorithm]
    known = [key for key in own if key.made_at <= timezone.now() - SIGNS_AFTER]
    if not own:
        raise ImproperlyConfigured(f"OIDC_KEYS_DIR has no key for {algorithm}: run `manage.py signing_keys new`.")
    return known[-1] if known else own[0]


def published() -> dict[str, Any]:
    """The JWK set (RFC 7517): public halves only."""
    return {"keys": [key.public for key in every()]}


def verifying(kid: str) -> JWK | None:
    """The key of that name, retired ones too."""
    return next((key.jwk for key in every() if key.kid == kid), None)


def make(directory: Path) -> list[Path]:
    """Write a new key for each algorithm; only the owner of the process may read them."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = []
    for algorithm, kind in ALGORITHMS.items():
        path = directory / f"{timezone.now().astimezone(UTC).strftime(FORM)}.{algorithm}.pem"
        with tempfile.NamedTemporaryFile(dir=directory, delete=False) as file:  # mode 600
            file.write(JWK.generate(**kind).export_to_pem(private_key=True, password=None))
        Path(file.name).rename(path)  # whole or not at all: others read the folder meanwhile
        written.append(path)
    return written
