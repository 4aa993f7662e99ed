"""What the attacks on everything begin with: a world full of things, what it holds, and the forms of its pages.

The world is the demonstration, with the states of pages that `tests/screens` looks at: a new address is red there until
it has a state, and from then on it is attacked here too.
"""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.db import connection, models, transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver

from tests.cast import enter as signed_in
from tests.screens.world import World, made

# What changes because somebody asks, whatever the answer: sessions, questions that show a person, counters.
QUIET = {"staff_session", "humancheck_challenge", "entity_portal_counter"}


@contextmanager
def undone() -> Iterator[None]:
    """Take back what is done inside. It counts as no transaction, as the one around every test does not."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # Django's own tests say so
    with block:
        yield
        transaction.set_rollback(True)


def without_zeal() -> AbstractContextManager[None]:
    """How many questions a page asks is looked at elsewhere."""
    return override_settings(MIDDLEWARE=[each for each in settings.MIDDLEWARE if "zeal" not in each])


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One for a whole file of tests, each of which is `undone`."""
    with django_db_blocker.unblock():
        with undone():
            there = made()
            there.url = settings.PUBLIC_URL
            yield there
        caches["counters"].clear()


@pytest.fixture
def _django_db_marker() -> None:
    """In place of pytest-django's own, which would roll the world back; a module imports it with `world`."""


@pytest.fixture(autouse=True)
def one_at_a_time(world: World) -> Iterator[None]:
    """What a test does is gone after it."""
    with without_zeal(), undone():
        yield
    world.sessions.clear()
    caches["counters"].clear()


def twin(client: Client) -> Client:
    """The same browser session in another browser, where a fault is an answer with status 500."""
    other = Client(raise_request_exception=False)
    for name, morsel in client.cookies.items():
        other.cookies[name] = morsel.value
    other.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return other


def fault(answer: Any) -> str:
    """What went wrong inside, for whoever reads the failure; "" where nothing did."""
    if answer.status_code < 500:
        return ""
    told = getattr(answer, "exc_info", None)
    return f"{answer.status_code}: {told[1]!r}" if told else str(answer.status_code)


# --- rows ---


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return [name for (name,) in cursor.fetchall() if name not in QUIET]


def rows(which: dict[str, str] | None = None) -> dict[str, tuple[int, str]]:
    """Of every table that is not quiet, or of the rows of each in `which`: how many rows, and a digest of them all."""
    which = dict.fromkeys(tables(), "true") if which is None else which
    each = (
        f"SELECT '{name}', count(*), md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) "
        f'FROM "{name}" AS t WHERE {condition}'
        for name, condition in which.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return {name: (count, digest) for name, count, digest in cursor.fetchall()}


def writes() -> dict[str, int]:
    """How many rows of each table that is not quiet this transaction has written so far, taken back or not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return {name: count for name, count in cursor.fetchall() if name not in QUIET}


def changed(before: dict[str, tuple[int, str]], which: dict[str, str] | None = None) -> list[str]:
    """The tables whose rows are not what they were."""
    after = rows(which)
    return [f"{name}: {before[name][0]} rows, now {after[name][0]}" for name in after if after[name] != before[name]]


def of_others(entity: int) -> dict[str, str]:
    """Every table that says whose its rows are, and in SQL which of them are another entity's."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, min(column_name) FROM information_schema.columns WHERE table_schema = 'public' "
            "AND column_name IN ('entity_id', 'login_id') GROUP BY 1"
        )
        for name, column in cursor.fetchall():
            own = "SELECT id FROM staff_stafflogin WHERE entity_id = " if column == "login_id" else "SELECT "
            found[name] = f"{column} NOT IN ({own}{entity})"
    return {name: condition for name, condition in found.items() if name in tables()}


# --- addresses ---


def routes() -> dict[str, URLPattern]:
    """Every address by its name; its pattern knows the parts that name a thing."""

    def walk(patterns: list[Any], space: str) -> Iterator[tuple[str, URLPattern]]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inside = f"{pattern.namespace}:" if pattern.namespace else space
                yield from walk(pattern.url_patterns, inside)
            else:
                yield f"{space}{pattern.name}", pattern

    return dict(walk(get_resolver().url_patterns, ""))


def naming_a_thing() -> dict[str, dict[str, str]]:
    """Of every address that has parts: each part and its kind, `int`, `str`, `slug`, `uuid` or `path`."""
    found = {}
    for name, pattern in routes().items():
        parts = {part: kind_of(converter) for part, converter in pattern.pattern.converters.items()}
        if parts:
            found[name] = parts
    return found


def kind_of(converter: Any) -> str:
    return re.sub(r"Converter$", "", type(converter).__name__).lower().replace("string", "str")


# --- things ---

OTHERS = 5
VERBS = {"change", "code"}  # in names of routes; models are called so too
KINDS = ("status", "state", "kind", "is_administrator", "channel", "purpose")
UNKNOWN = {
    "int": "0",
    "str": "CU0000000000",
    "slug": "no-such-thing",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "path": "0",
}


def naming(model: type[models.Model]) -> list[str]:
    """The fields that tell one thing from another."""
    rules = [each for each in model._meta.constraints if isinstance(each, models.UniqueConstraint)]
    together = {name for each in rules for name in each.fields}
    found = []
    for field in model._meta.concrete_fields:
        plain = isinstance(field, models.CharField | models.UUIDField | models.IntegerField | models.AutoField)
        if plain and (field.primary_key or field.unique or field.name in together):
            found.append(field.name)
    return found


def things() -> list[tuple[str, str, str]]:
    """`(model, field, value)` of what can stand in an address: of every model one thing of each state and kind.

    What has been withdrawn, ended, used is told from what has not by its moments.
    """
    found: dict[tuple[str, str, str], None] = {}
    for model in apps.get_models():
        names, fields = naming(model), model._meta.concrete_fields
        if not names or model._meta.proxy or not model._meta.managed:
            continue
        kinds = [field.name for field in fields if field.name in KINDS]
        moments = [field.name for field in fields if field.null and isinstance(field, models.DateTimeField)]
        seen = set()
        for row in model._default_manager.order_by("pk").values(*{*names, *kinds, *moments}):
            kind = (*(row[name] for name in kinds), *(row[name] is None for name in moments))
            if kind not in seen:
                seen.add(kind)
                found.update({(model.__name__, name, str(row[name])): None for name in names if row[name] is not None})
    return list(found)


def fits(kind: str, value: str) -> bool:
    """Whether a value can stand in an address where this kind is wanted."""
    if kind == "int":
        return value.isdecimal() and len(value) < 19
    if kind == "uuid":
        return bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value))
    if kind == "slug":
        return bool(re.fullmatch(r"[-a-zA-Z0-9_]+", value))
    if kind == "path":
        return fits("int", value) or fits("uuid", value)
    return bool(value) and "/" not in value and value.isprintable()


def candidates(route: str, part: str, kind: str, there: list[tuple[str, str, str]]) -> tuple[list[str], list[str]]:
    """Values for a part of an address: what is called so there, and a few things that are called otherwise.

    A key is one of the model that the route is named after, as `admin:services_errand_confirm` is; where no model is,
    any will do.
    """
    right = [each for each in there if fits(kind, each[2])]
    own = [value for model, field, value in right if is_called(part, model, field)]
    if kind in {"int", "path", "uuid"}:
        own += [value for model, field, value in right if field == "id" and model == model_of(route)]
    others = [value for _model, _field, value in right if value not in own]
    return (list(dict.fromkeys(own)) or others[:OTHERS]), list(dict.fromkeys(others))[:: max(len(others) // OTHERS, 1)]


def model_of(route: str) -> str:
    """The model whose key a route has, by its name: the last one of `admin:applications_application_document`."""
    models_by_name = {model.__name__.lower(): model._meta.concrete_model.__name__ for model in apps.get_models()}
    words = [word for word in route.rpartition(":")[2].split("_") if word not in VERBS]
    return next((models_by_name[word] for word in reversed(words) if word in models_by_name), "")


def is_called(part: str, model: str, field: str) -> bool:
    """Whether a part of an address is named after this field of this model."""
    whole = f"{model}_{field}".lower()
    return part in (field, whole) or (field == "code" and model.lower().endswith(part))


def enter(person: Any) -> Client:
    """A browser in which somebody has signed in and typed the password just now; nobody's without a person."""
    return twin(signed_in(person))
