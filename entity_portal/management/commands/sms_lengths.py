"""How long each text by SMS is in each language, for translators: encoding, units, segments, and what costs most.

Written with the longest values that occur. A text may take two segments; `*` marks those that take more.
"""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

import accounts.applications.texts
import accounts.officers.texts
import activation.texts
import staff.texts
from accounts.applications.models import Application
from accounts.models import Entity
from entity_portal.messaging.segments import Length, length
from staff.models import StaffLogin

AT_MOST = 2
READERS = ("login", "application")
LONGEST = {"code": "K7RM4XWQ", "sentence": "ã" * 300}


def texts() -> Iterator[tuple[str, Callable[..., str]]]:
    """Every text, to a login or about an application, by name."""
    for room in (staff.texts, activation.texts, accounts.applications.texts, accounts.officers.texts):
        for name, text in vars(room).items():
            if inspect.isfunction(text) and next(iter(inspect.signature(text).parameters), "") in READERS:
                yield f"{room.__name__}.{name}", text


def longest(text: Callable[..., str], language: str) -> str:
    """A text in a language with the longest values that its arguments can have."""
    house = Entity(number="80216453", name_zh="濠" * 50, name_pt="x" * 150)
    readers = {
        "login": StaffLogin(entity=house, username="x" * 30, mobile="+85366123456", language=language),
        "application": Application(number="AP123456788", language=language),
    }
    reader, *arguments = inspect.signature(text).parameters
    return text(readers[reader], *(LONGEST[name] for name in arguments))


def lengths() -> Iterator[tuple[str, str, Length]]:
    """(text, language, length) of every text in every language."""
    for name, text in texts():
        for language, _label in settings.LANGUAGES:
            with translation.override(language):
                yield name, language, length(longest(text, language))


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        too_long = 0
        for name, language, found in lengths():
            over = found.segments > AT_MOST
            too_long += over
            foreign = f"  {found.foreign[:20]}" if language != "zh-hant" else ""
            mark = "*" if over else " "
            size = f"{found.encoding} {found.units:4} units {found.segments} segments"
            self.stdout.write(f"{mark} {name:34} {language:8} {size}{foreign}")
        if too_long:
            raise CommandError(f"{too_long} texts take more than {AT_MOST} segments.")
