"""Limits on public forms, per place and per target: django-ratelimit on a counter in PostgreSQL, exact under race.

Django's own database cache loses most increments that come at once, and its memory cache is one per process
(django-ratelimit's check E003 refuses both). Here `add` and `incr` are one atomic statement each, on an UNLOGGED table:
a counter may be forgotten in a crash, never miscounted.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.crypto import salted_hmac
from django_ratelimit import ALL
from django_ratelimit.core import get_usage

TABLE = "entity_portal_counter"
ALIAS = "counters"


class CounterRouter:
    """`counters` is a second connection to the same database: nothing is migrated through it."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == ALIAS else None


class PostgresCounterCache(BaseCache):
    """A Django cache of whole numbers only: `add`, `incr`, `get`, `set`, `delete`, `clear`."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def _one(self, sql: str, args: list[Any]) -> Any:
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(sql, args)
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def _seconds(self, timeout: Any) -> float:
        return self.default_timeout if timeout in (DEFAULT_TIMEOUT, None) else timeout  # type: ignore[return-value]

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(
            self._one(
                f"INSERT INTO {TABLE} AS c (key, value, expires) "  # noqa: S608  a constant
                "VALUES (%s, %s, clock_timestamp() + make_interval(secs => %s)) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires "
                "WHERE c.expires < clock_timestamp() RETURNING 1",
                [self.make_and_validate_key(key, version), value, self._seconds(timeout)],
            )
        )

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._one(
            f"INSERT INTO {TABLE} (key, value, expires) "  # noqa: S608
            "VALUES (%s, %s, clock_timestamp() + make_interval(secs => %s)) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires",
            [self.make_and_validate_key(key, version), value, self._seconds(timeout)],
        )

    def count(self, key: str, timeout: float, version: int | None = None) -> int:
        """`add` of one, or `incr` where it is there: in one statement, which no other can come between."""
        value: int = self._one(
            f"INSERT INTO {TABLE} AS c (key, value, expires) "  # noqa: S608
            "VALUES (%s, 1, clock_timestamp() + make_interval(secs => %s)) "
            "ON CONFLICT (key) DO UPDATE SET "
            "value = CASE WHEN c.expires < clock_timestamp() THEN 1 ELSE c.value + 1 END, "
            "expires = CASE WHEN c.expires < clock_timestamp() THEN excluded.expires ELSE c.expires END "
            "RETURNING value",
            [self.make_and_validate_key(key, version), timeout],
        )
        return value

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        made = {self.make_and_validate_key(key, version): key for key in keys}
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(
                f"SELECT key, value FROM {TABLE} WHERE key = ANY(%s) AND expires >= clock_timestamp()",  # noqa: S608
                [[*made]],
            )
            return {made[key]: value for key, value in cursor.fetchall()}

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        value = self._one(
            f"SELECT value FROM {TABLE} WHERE key = %s AND expires >= clock_timestamp()",  # noqa: S608
            [self.make_and_validate_key(key, version)],
        )
        return default if value is None else value

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        value = self._one(
            f"UPDATE {TABLE} SET value = value + %s WHERE key = %s AND expires >= clock_timestamp() RETURNING value",  # noqa: S608
            [delta, self.make_and_validate_key(key, version)],
        )
        if value is None:
            raise ValueError(key)
        return value

    def delete(self, key: str, version: int | None = None) -> bool:
        key = self.make_and_validate_key(key, version)
        return bool(self._one(f"DELETE FROM {TABLE} WHERE key = %s RETURNING 1", [key]))  # noqa: S608

    def clear(self) -> None:
        self._one(f"DELETE FROM {TABLE}", [])  # noqa: S608


def client_address(request: HttpRequest) -> str:
    """The address of the trusted hop: the peer's, or X-Forwarded-For counted from the right by TRUSTED_HOPS.

    What a client writes into that header stands further left and is never looked at (A101).
    """
    hops = settings.TRUSTED_HOPS
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    address = forwarded[-hops] if hops and len(forwarded) >= hops else request.META["REMOTE_ADDR"]
    return without_port(address)


def without_port(address: str) -> str:
    """`203.0.113.9:5555` and `[2001:db8::1]:5555`, as some proxies write, are the addresses alone."""
    found = re.fullmatch(r"\[([0-9a-fA-F:.]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+", address)
    return (found[1] or found[2]) if found else address


def network(address: str) -> str:
    """What counts as one place: an IPv4 address, or the /64 that a subscriber of IPv6 moves about in."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)


View = Callable[..., HttpResponseBase]


def limited(*rates: str, refused_only: bool = False) -> Callable[[View], View]:
    """Allow POSTs to a view from one place at each of `rates` (such as "20/m"); answer 429 beyond that.

    With `refused_only` an answer that leads on (a redirect) is not counted: a whole office may sign in from one address
    in the same minute.
    """

    def decorate(view: View) -> View:
        group = f"{view.__module__}.{view.__qualname__}"

        def usages(request: HttpRequest, *, increment: bool) -> list[dict[str, Any]]:
            place = network(client_address(request))
            return [usage for rate in rates if (usage := _usage(request, group, rate, place, increment=increment))]

        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            used = usages(request, increment=not refused_only)
            full = [each for each in used if each["count"] + refused_only > each["limit"]]
            if full:
                return _too_many(request, max(each["time_left"] for each in full))
            response = view(request, *args, **kwargs)
            if refused_only and not 300 <= response.status_code < 400:
                usages(request, increment=True)
            return response

        return counted

    return decorate


def refuse_target(request: HttpRequest, what: str, rate: str, *target: str) -> HttpResponse | None:
    """Count one more of `what` about a target, whether or not it exists; 429 beyond `rate`, else None.

    The target is what a form made of what was typed, so each has one spelling.

    For after the human check: else a script could keep the person it is about from what they need (A7).
    """
    # Keyed, as some are document numbers: there are so few that a plain digest tells which.
    whose = salted_hmac("entity_portal.ratelimit", "|".join(target), algorithm="sha256").hexdigest()
    usage = _usage(request, what, rate, whose, increment=True)
    return _too_many(request, usage["time_left"]) if usage and usage["should_limit"] else None


def wait(request: HttpRequest, what: str, rate: str, who: str) -> int:
    """Count one more of `what` by a program, whatever its method; the seconds it has to wait beyond `rate`, else 0."""
    usage = _usage(request, what, rate, who, increment=True, method=ALL)
    return max(1, usage["time_left"]) if usage and usage["should_limit"] else 0


def _usage(
    request: HttpRequest, group: str, rate: str, value: str, *, increment: bool, method: str | None = "POST"
) -> dict[str, Any] | None:
    return get_usage(
        request, group=group, rate=rate, method=method, increment=increment, key=lambda _group, _request: value
    )


def _too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    from entity_portal.errors import too_many_requests

    return too_many_requests(request, seconds=seconds)


# --- tallies: how often something has happened, without a limit of their own ---


def _tally_key(what: str, about: Sequence[str]) -> str:
    return f"tally:{sha256('|'.join((what, *about)).encode()).hexdigest()}"


def tally(what: str, *about: str, life: timedelta) -> int:
    """Count one more of `what` about these values; return how many there are since the first, which `life` forgets."""
    counters: PostgresCounterCache = caches[ALIAS]  # type: ignore[assignment]
    return counters.count(_tally_key(what, about), life.total_seconds())


def tallied(*each: tuple[str, ...]) -> list[int]:
    """How many there are now of each (what, *about), in one statement."""
    keys = [_tally_key(what, about) for what, *about in each]
    found = caches[ALIAS].get_many(keys)
    return [found.get(key, 0) for key in keys]


def take_back(what: str, *about: str) -> None:
    """One fewer: what was counted did not count."""
    with suppress(ValueError):
        caches[ALIAS].incr(_tally_key(what, about), -1)


def forget(what: str, *about: str) -> None:
    """Begin anew with none."""
    caches[ALIAS].delete(_tally_key(what, about))
