"""Steps of signing in: the password, then whatever else is demanded, one after the other.

What is still to do is data in the session, and `at_step` sends people to their step. Nobody is signed in before the
last one: until then the session knows only who has given the right password, so no page behind the door can be reached
by forgetting to ask. SIGN_IN_STEPS names the steps in their order; a room above adds its own there.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cache, wraps
from typing import Any, Protocol

import django_otp
from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django_otp.models import Device

from entity_portal import codes
from entity_portal.access import MARK, View
from entity_portal.language import set_language_cookie
from staff import operations, queries, sessions
from staff.asking import asker, let_on
from staff.models import StaffLogin

KEY = "door"  # where the session keeps an `Entry`
LASTS = timedelta(minutes=10)
BACKEND = settings.AUTHENTICATION_BACKENDS[0]


class Step(Protocol):
    """Something to do between the right password and the home page."""

    name: str
    address: str  # the name of its page

    def is_needed(self, entry: "Entry", login: StaffLogin, password: str) -> bool: ...

    def prepare(self, entry: "Entry", login: StaffLogin) -> None:
        """What must be there when the person comes to it; called while something is posted."""


@cache
def steps() -> dict[str, Step]:
    """Every step by its name, in the order in which they come."""
    made: list[Step] = [import_string(path)() for path in settings.SIGN_IN_STEPS]
    return {step.name: step for step in made}


@dataclass
class Entry:
    """Somebody who has given the right password, as the session remembers them."""

    login: int
    stamp: str  # of the password: a new one ends this
    at: str
    following: str
    language: str
    todo: list[str] = field(default_factory=list)
    methods: list[str] = field(default_factory=lambda: ["pwd"])  # RFC 8176
    device: str = ""  # that proved the second step
    begun: int = 0  # the application that is being set up here
    recovery: list[str] = field(
        default_factory=list
    )  # its recovery codes, on their way to the one page that shows them

    @classmethod
    def of(cls, request: HttpRequest) -> "Entry | None":
        """The entry of this session, if it is young enough, and not of a release that knew other steps."""
        kept = request.session.get(KEY)
        with suppress(TypeError, ValueError):
            entry = cls(**kept) if kept else None
            if entry and timezone.now() < datetime.fromisoformat(entry.at) + LASTS and {*entry.todo} <= steps().keys():
                return entry
        return None

    def person(self) -> StaffLogin | None:
        """The login, while it may still come in with the password that was given."""
        login = StaffLogin.objects.select_related("entity").filter(pk=self.login).first()
        fits = login and login.is_active and constant_time_compare(login.get_session_auth_hash(), self.stamp)
        return login if fits and login and not login.is_locked else None

    def falls_short(self, login: StaffLogin) -> bool:
        """A second step has become necessary since the password was given: an application, or a demand."""
        return not self.device and (queries.app_of(login) is not None or queries.factor_demanded(login))


class AtTheDoor(HttpRequest):
    """A request of a step: somebody is known by password, and is not signed in."""

    entry: Entry
    person: StaffLogin


def begin(request: HttpRequest, login: StaffLogin, *, password: str, following: str, language: str) -> HttpResponse:
    """The password was right: go to the first step, or in."""
    entry = Entry(login.pk, login.get_session_auth_hash(), timezone.now().isoformat(), following, language)
    entry.todo = [name for name, step in steps().items() if step.is_needed(entry, login, password)]
    request.session.flush()  # nothing of who was here before
    return _to_next_step(request, entry, login) if entry.todo else _enter(request, entry, login)


def done(request: AtTheDoor, *, method: str = "", device: Device | None = None) -> HttpResponse:
    """The present step is done: go to the next one, or in. `method` and `device` say what was proved."""
    entry, login = request.entry, request.person
    entry.todo = entry.todo[1:]
    if device:
        entry.device = device.persistent_id
        entry.methods += [method, "mfa"]
    entry.stamp = login.get_session_auth_hash()
    request.session.cycle_key()
    if entry.todo:
        return _to_next_step(request, entry, login)
    return again(request) if entry.falls_short(login) else _enter(request, entry, login)


def _to_next_step(request: HttpRequest, entry: Entry, login: StaffLogin) -> HttpResponse:
    step = steps()[entry.todo[0]]
    step.prepare(entry, login)
    request.session[KEY] = asdict(entry)
    return redirect(step.address)


def again(request: HttpRequest) -> HttpResponse:
    """Back to the password."""
    request.session.pop(KEY, None)
    messages.warning(request, _("Logging in took too long, or your login has changed. Please begin again."))
    return redirect(settings.LOGIN_URL)


def _enter(request: HttpRequest, entry: Entry, login: StaffLogin) -> HttpResponse:
    """Sign in: a session with a new key, which knows when and by what."""
    request.session.pop(KEY, None)
    auth.login(request, login, backend=BACKEND)
    if entry.device:
        django_otp.login(request, Device.from_persistent_id(entry.device))
    request.session["methods"] = entry.methods
    if entry.recovery:
        sessions.show_for_a_while(request, entry.recovery)
    sessions.begin(request, login)
    operations.record_sign_in(
        login=login, language=entry.language, methods=entry.methods, where=sessions.whereabouts(request)
    )
    response = redirect(entry.following)
    set_language_cookie(response, login.language)
    return response


def at_step(name: str) -> Callable[[View], View]:
    """Mark a view as the page of a step: who is at another one is sent there, who is at none to the beginning."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: AtTheDoor, *args: Any, **kwargs: Any) -> HttpResponseBase:
            entry = Entry.of(request)
            person = entry.person() if entry else None
            if entry is None or person is None or not entry.todo:
                return again(request) if KEY in request.session else redirect(settings.LOGIN_URL)
            if entry.todo[0] != name:
                return redirect(steps()[entry.todo[0]].address)
            request.entry, request.person = entry, person
            return let_on(view(request, *args, **kwargs), asker(entry.following))

        setattr(guarded, MARK, "step")
        return login_not_required(guarded)

    return mark


# --- the steps of this room ---


class SecondStep:
    """A code, where the login has an application or one is demanded."""

    name = "code"
    address = "staff:verify"

    def is_needed(self, entry: Entry, login: StaffLogin, password: str) -> bool:
        return queries.app_of(login) is not None or queries.factor_demanded(login)

    def prepare(self, entry: Entry, login: StaffLogin) -> None:
        """Without an application the code comes by SMS, at once."""
        if queries.app_of(login) is None:
            with suppress(codes.TooSoon, codes.TooManyToday, operations.SMSNotAccepted):  # the page says what to do
                operations.send_sign_in_code(login=login)


class SetUpApp:
    """Officers go no further without an application of their own."""

    name = "app"
    address = "staff:set_up_app"

    def is_needed(self, entry: Entry, login: StaffLogin, password: str) -> bool:
        return login.is_staff and queries.app_of(login) is None

    def prepare(self, entry: Entry, login: StaffLogin) -> None:
        entry.begun = operations.begin_app(login=login).pk


class NewPassword:
    """Another password, where that was demanded, or where today's rules refuse the one that was given."""

    name = "password"
    address = "staff:new_password"

    def is_needed(self, entry: Entry, login: StaffLogin, password: str) -> bool:
        if login.new_password_demanded_at:
            return True
        try:
            validate_password(password, login)
        except ValidationError:
            return True
        return False

    def prepare(self, entry: Entry, login: StaffLogin) -> None:
        """Nothing."""
