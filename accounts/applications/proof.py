"""Proof of the legal representative's identity and consent (S12.3, Q30): one interface, and whoever can give it.

The setting IDENTITY_PROOFS lists the providers in the order in which they are offered. Another one, such as face
recognition, is a class like those below: its page ends with `operations.prove(application=…, proof=<its name>)`.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, Protocol

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.applications import rules
from accounts.applications.models import Application, Proof

LONGEST_NAME = 20
PARTS = ("name", "label", "about", "at_once", "offered", "address")


class Provider(Protocol):
    """Someone, or something, that makes sure who the legal representative is and that they consent."""

    name: ClassVar[str]  # kept with what it has proven, at most LONGEST_NAME characters
    label: ClassVar[Any]  # for people, in their language
    about: ClassVar[Any]  # what will happen, in a sentence or two
    at_once: ClassVar[bool]  # whether its proof decides at once (S12.4)

    def offered(self, application: Application) -> bool:
        """Whether it can be chosen for an application that was submitted."""

    def address(self, application: Application) -> str:
        """The path of the page where it goes on."""


class ByCode:
    """A code that goes to the phone on the register, and comes back by way of the applicant."""

    name = Proof.SMS.value
    label = _("Code by SMS to the legal representative")
    about = _(
        "The code goes to the phone number on the official register. With it, the application is decided at once."
    )
    at_once = True

    def offered(self, application: Application) -> bool:
        return not rules.obstacles(application)

    def address(self, application: Application) -> str:
        return reverse("applications:administrators_consent", args=[application.number])


class ByOfficer:
    """Nothing to do now: officers look at data and documents, and ask where they are in doubt."""

    name = Proof.OFFICER.value
    label = _("Check by an officer")
    about = _("An officer checks the data and the documents. You need not do anything; the result is sent by SMS.")
    at_once = False

    def offered(self, application: Application) -> bool:
        return application.is_open

    def address(self, application: Application) -> str:
        return reverse("applications:request", args=[application.number])


@cache
def _made(paths: tuple[str, ...]) -> tuple[Provider, ...]:
    return tuple(import_string(path)() for path in paths)


def providers() -> tuple[Provider, ...]:
    return _made(tuple(settings.IDENTITY_PROOFS))


def offered(application: Application) -> list[Provider]:
    """Who can prove an application now, in the order of the setting."""
    return [each for each in providers() if each.offered(application)]


def label(name: str) -> str:
    """What a provider is called; its name where it is listed no more."""
    return next((str(each.label) for each in providers() if each.name == name), name)


@register()
def proofs_can_be_made(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What IDENTITY_PROOFS names must be there, each under a name of its own."""
    return [
        Error(f"IDENTITY_PROOFS: {path} {wrong}.", hint="See accounts.applications.proof.", id="applications.E001")
        for path in settings.IDENTITY_PROOFS
        if (wrong := _wrong_with(path))
    ]


def _wrong_with(path: str) -> str:
    try:
        provider = import_string(path)()
    except (ImportError, TypeError) as error:
        return f"cannot be made: {error}"
    if missing := [name for name in PARTS if not hasattr(provider, name)]:
        return f"has no {', '.join(missing)}"
    if not 0 < len(provider.name) <= LONGEST_NAME:
        return f"has no name of at most {LONGEST_NAME} characters"
    paths = [other for other in settings.IDENTITY_PROOFS if getattr(import_string(other), "name", "") == provider.name]
    return "" if paths == [path] else "has the name of another"
