"""System checks: what can be forgotten stops `check`, `migrate` and the start."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver

from entity_portal import data_keys
from entity_portal.access import MARK

# Views that are not ours and carry no mark; each is public by its nature.
UNMARKED: frozenset[str] = frozenset()
OF_OTHERS = 0o027  # a group of the portal's own may read keys: so they come where secrets are mounted


def walk(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield (route, pattern) of every view, included ones too."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        else:
            yield route, pattern


def views() -> Iterator[tuple[str, URLPattern]]:
    """Yield (route, pattern) of every view of this portal."""
    return walk(get_resolver().url_patterns)


@register()
def every_view_is_marked(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"The view of /{route} does not say who may see it.",
            hint="Put @public, @signed_in, @administrator_only, @assigner_only or @officer_only above it.",
            id="portal.E001",
        )
        for route, pattern in views()
        if not hasattr(pattern.callback, MARK) and pattern.lookup_str not in UNMARKED
    ]


@register()
def data_keys_are_there_and_ours(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A real installation does not start without a key for personal data, or with one that others can read."""
    if settings.DEVELOPMENT:  # there it is made when it is asked for
        return []
    try:
        data_keys.every()
    except ImproperlyConfigured as error:
        hint = "Run `manage.py rotate_keys new` as the user who runs the portal."
        return [Error(str(error), hint=hint, id="portal.E002")]
    return [
        Error(f"Others can read {path}, or write it.", hint=f"chmod 400 {path}", id="portal.E003")
        for path in sorted(Path(settings.DATA_KEYS_DIR).glob("*.key"))
        if path.stat().st_mode & OF_OTHERS
    ]
