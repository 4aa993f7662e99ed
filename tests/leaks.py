"""What was written to any log while a test ran, and what of it nobody may read there: a test that leaks fails (A132).

Every logger writes as it would with LOG_LEVEL=DEBUG in a real installation. Looked for is what a test gave the portal:
passwords, set or tried; codes; names, documents, telephone numbers and e-mail addresses of whoever was saved.
Real servers that a test starts write a file, which is looked through in the same way.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from django.db.models import Model
from django.db.models.signals import post_save

from accounts.applications.models import Application
from accounts.models import LegalRepresentative
from entity_portal import codes, logs
from entity_portal.messaging.models import SMS
from staff import hashers
from staff.models import StaffLogin, factor

PEOPLE = (StaffLogin, LegalRepresentative, Application, SMS)
PERSONAL = ("name_zh", "name_foreign", "document_number", "mobile", "email", "to")
SHORTEST = 6  # a shorter one may stand anywhere


class Keeper(logging.Handler):
    """Keeps lines as a real installation writes them, and the secrets of the test that runs."""

    def __init__(self) -> None:
        super().__init__()
        self.addFilter(logs.NothingPersonal())
        self.setFormatter(logs.JsonLines())
        self.lines: list[str] = []
        self.secrets: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def learn(self, *secrets: Any) -> None:
        self.secrets.update(secret for each in secrets if (secret := str(each or "")).strip())

    def begin(self) -> None:
        self.lines, self.secrets = [], set()


keeper = Keeper()


def found(lines: Iterable[str], secrets: Iterable[str]) -> list[str]:
    """Each line with a secret in it, and the secret; short ones that are no Chinese names are not looked for."""
    wanted = [each for each in secrets if len(each) >= SHORTEST or re.search("[\u3400-\u9fff]{2}", each)]
    if not wanted:
        return []
    pattern = re.compile("|".join(rf"(?<![0-9A-Za-z]){re.escape(each)}(?![0-9A-Za-z])" for each in wanted))
    return [f"{match[0]!r} in {line[:2000]}" for line in lines if (match := pattern.search(line))]


def _saved(sender: type[Model], instance: Any, **_: Any) -> None:
    if isinstance(instance, PEOPLE):
        keeper.learn(*(getattr(instance, name, "") for name in PERSONAL))


@contextmanager
def everywhere() -> Iterator[None]:
    """Every logger writes to the keeper, and whatever is a secret is learnt, while this lasts."""
    canonical, random_code = hashers.canonical, codes.random_code

    def password(typed: str) -> str:
        if re.search(r"\d", typed):  # a word alone may stand anywhere
            keeper.learn(typed)
        return canonical(typed)

    def code(alphabet: str, length: int) -> str:
        made = random_code(alphabet, length)
        keeper.learn(made)
        return made

    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in logs.QUIET} | {"": root.level}
    for name, lowest in {**logs.QUIET, "": logging.DEBUG}.items():
        logging.getLogger(name or None).setLevel(lowest)
    printed = {handler: handler.level for handler in root.handlers}
    for handler in printed:
        handler.setLevel(max(handler.level, logging.WARNING))  # else each failure would print all of it
    root.addHandler(keeper)
    post_save.connect(_saved, dispatch_uid="leaks")
    try:
        with (
            mock.patch.object(hashers, "canonical", password),
            mock.patch.object(codes, "random_code", code),
            mock.patch.object(factor, "random_code", code),
        ):
            yield
    finally:
        post_save.disconnect(dispatch_uid="leaks")
        root.removeHandler(keeper)
        for name, level in levels.items():
            logging.getLogger(name or None).setLevel(level)
        for handler, level in printed.items():
            handler.setLevel(level)


@pytest.fixture(scope="session", autouse=True)
def all_logs_are_kept() -> Iterator[None]:
    with everywhere():
        yield


@pytest.fixture(autouse=True)
def nothing_secret_is_logged() -> Iterator[None]:
    keeper.begin()
    yield
    leaked = found(keeper.lines, keeper.secrets)
    assert not leaked, "\n".join(["written to a log:", *leaked])
