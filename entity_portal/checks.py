"""System checks: what can be forgotten stops `check`, `migrate` and the start."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from entity_portal.access import MARK

# Views that are not ours and carry no mark; each is public by its nature.
UNMARKED: frozenset[str] = frozenset()


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
