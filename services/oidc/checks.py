"""A real installation does not start without keys to sign with, or with keys that others can read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from services.oidc import keys

OF_OTHERS = 0o027  # a group of the portal's own may read them: so they come where secrets are mounted
HINT = "Run `manage.py signing_keys new` as the user who runs the portal."


@register()
def keys_are_there_and_ours(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.DEVELOPMENT:  # there they are made when they are asked for
        return []
    directory = Path(settings.OIDC_KEYS_DIR)
    try:
        algorithms = {key.algorithm for key in keys.every()}
    except ImproperlyConfigured as error:
        return [Error(str(error), hint=HINT, id="oidc.E001")]
    errors: list[CheckMessage] = [
        Error(f"OIDC_KEYS_DIR has no key for {algorithm}.", hint=HINT, id="oidc.E001")
        for algorithm in sorted({*keys.ALGORITHMS} - algorithms)
    ]
    return errors + [
        Error(f"Others can read {path}, or write it.", hint=f"chmod 400 {path}", id="oidc.E002")
        for path in sorted(directory.glob("*.pem"))
        if path.stat().st_mode & OF_OTHERS
    ]
