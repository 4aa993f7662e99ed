"""Whatever is typed into whatever field of a form: no fault, a clear error, nothing half-written (A77, A81 to A91).

The forms are found on the pages themselves, so a page added next year is tried too.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit
from zlib import crc32

import pytest
from django.core.cache import caches
from django.forms import BaseForm
from django.test import Client
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.attacks.forms_found import Form, asked_at, forms_of, password_of, send, some
from tests.attacks.walked import _django_db_marker, fault, one_at_a_time, rows, twin, undone, world, writes
from tests.screens.states import State
from tests.screens.world import World

__all__ = ["_django_db_marker", "one_at_a_time", "world"]

NASTY = {
    "NUL": "a\x00b",
    "a lone surrogate": "a\ud800b",
    "a control character": "a\x1b[31mb",
    "line breaks": "a\r\nb\u2028c\u2029d\x85e",
    "right to left": "\u202eabc\u202c\u200f\u2066x",
    "zero width": "a\u200bb\u200cc\u200dd\ufeffe\u00ad",
    "spaces only": " \t\u3000\u00a0",
    "full-width digits": "１２３４５６７８",
    "full-width letters": "ｃｈａｎ．ｗｅｎｇｓａｎ",
    "Arabic and Thai digits": "٦٦١٢๓๔๕๖",
    "Cyrillic letters": "сhan.wеngsan",
    "combining": "e" + "\u0301" * 200,
    "grows when normalised": "\ufdfa" * 300,
    "5,000 characters": "a" * 5_000,
    "5,000 Chinese characters": "龘" * 5_000,
    "not in the BMP": "𠮷𠝹𨋢",
    "HKSCS": "啲嘅㗎冚唪唥𡃁",
    "a family of emoji": "👩‍👩‍👧‍👦",
    "no character": "\uffff\ufdd0",
    "private use": "\ue000\U000f0000",
    "the year 0": "0000-00-00",
    "no such day": "2026-02-30",
    "the last day": "9999-12-31",
    "after the last day": "10000-01-01",
    "the first day": "0001-01-01",
    "a full-width day": "１９９０-０１-０１",
    "a huge number": "9" * 400,
    "a negative number": "-1",
    "a number beyond 64 bits": str(2**63),
    "no number": "NaN",
    "superscript digits": "²³",
    "SQL": "'; DROP TABLE staff_stafflogin; --",
    "LIKE": "%_\\",
    "markup": "<script>alert(1)</script>",
    "an attribute": '"><img src=x onerror=alert(1)>',
    "a template": "{{7*7}}{% now 'Y' %}%s%n${jndi:ldap://x}",
    "a formula": "=HYPERLINK(1)",
    "a path": "../../etc/passwd",
    "an empty word": "",
}
# What an answer to a form may be; 503 is the hasher that is asked for too much at once.
ANSWERS = {200, 302, 303, 400, 401, 403, 404, 405, 409, 410, 413, 429}
# What is counted or remembered of a try that is refused.
OF_A_TRY = re.compile(r"audit_|procrastinate_|otp_|\w*code")
# Long pages that keep what is right of what was typed, and say so.
KEEP_WHAT_IS_RIGHT = {"admin:applications_application_fill_in"}
# What each form is sent at least once, whichever of its fields it is in; of the others chance takes some.
ALWAYS = [
    *("NUL", "a lone surrogate", "right to left", "zero width", "full-width digits", "5,000 characters"),
    *("not in the BMP", "HKSCS", "the year 0", "no such day", "the last day", "a full-width day", "markup"),
]
# Of each form; with 100 it takes an hour and is more thorough.
EXAMPLES = int(os.environ.get("ATTACK_EXAMPLES", "4"))


def errors_of(answer: Any) -> set[str]:
    """The fields, as the page calls them, that an answer says something about; "__all__" for a form as a whole."""
    found: set[str] = set()
    for layer in answer.context or []:
        for flat in getattr(layer, "dicts", [layer]):
            for each in flat.values() if isinstance(flat, dict) else []:
                for form in each if isinstance(each, list | tuple) else [each]:
                    if isinstance(form, BaseForm) and form.is_bound and form._errors:
                        found |= {name if name == "__all__" else form.add_prefix(name) for name in form.errors}
    return found


def problems(answer: Any, sent: dict[str, list[Any]]) -> Iterator[str]:
    """What is wrong with an answer, whatever was sent."""
    if wrong := fault(answer):
        yield wrong
        return
    if answer.status_code not in ANSWERS:
        yield f"status {answer.status_code}"
    html = answer.getvalue().decode(errors="replace")
    for value in (NASTY["markup"], NASTY["an attribute"]):
        if any(value in values for values in sent.values()) and value in html:
            yield f"says {value} again as it is"


def is_refusal(answer: Any) -> bool:
    says_so = answer.status_code == 200 and b'class="errors"' in getattr(answer, "content", b"")
    return bool(says_so or answer.status_code >= 400)


def is_of_a_try(form: Form, table: str) -> bool:
    """Whether a form that is refused may change a table; a login counts wrong passwords."""
    asks_for_password = any(each.kind == "password" for each in form.controls)
    return bool(OF_A_TRY.match(table)) or (table == "staff_stafflogin" and asks_for_password)


def tried(form: Form, client: Client, data: dict[str, list[Any]]) -> tuple[Any, list[str]]:
    """The answer to a form, and what is wrong with it: a fault, text that could run, something written by halves."""
    caches["counters"].clear()
    after = None
    with undone():
        start = writes()
        answer = send(twin(client), form, data)
        wrong = list(problems(answer, data))
        if form.view not in KEEP_WHAT_IS_RIGHT and is_refusal(answer) and writes() != start:
            after = rows()
    if after is not None:
        before = rows()
        half = [name for name in after if after[name] != before[name] and not is_of_a_try(form, name)]
        wrong += [f"says what is wrong and has changed {half}"] if half else []
    return answer, wrong


@dataclass(frozen=True)
class Case:
    """A form of a page, and somebody who may send it."""

    form: Form
    client: Client
    secret: str

    @property
    def names(self) -> list[str]:
        return sorted({each.name for each in self.form.controls if each.name != "csrfmiddlewaretoken"})

    @property
    def seed(self) -> int:
        """Another one for each form, the same one every day: a red build is red again."""
        return crc32(str(self.form).encode())

    def is_accepted(self) -> bool:
        """Whether it is taken as a program fills it in; only then what is wrong with it is one field's."""
        caches["counters"].clear()
        with undone():
            return send(twin(self.client), self.form, self.form.data(self.secret)).status_code in (302, 303)


def cases(state: State, world: World) -> Iterator[Case]:
    """The forms of a page, each once."""
    client, address = state.scene(world)
    seen = set()
    for form in forms_of(twin(client), address):
        if form.likeness not in seen:
            seen.add(form.likeness)
            yield Case(form, client, password_of(client))


def try_everything(case: Case) -> None:
    """Send a form again and again, each time with something odd in one of its fields."""
    form, accepted = case.form, case.is_accepted()

    @seed(case.seed)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(case.names), st.one_of(st.sampled_from(list(NASTY.values())), st.text(max_size=60)))
    def holds(name: str, text: str) -> None:
        answer, wrong = tried(form, case.client, form.data(case.secret) | {name: [text]})
        assert not wrong, f"{form}: {name}={text[:40]!r}: {wrong}"
        errors = errors_of(answer)
        if accepted and name in form.typed and answer.status_code == 200 and errors:
            own = {name, name.removesuffix("_0"), name.removesuffix("_1"), "__all__"}
            assert errors & own, f"{form}: {name}={text[:40]!r}: {errors}"

    holds()


def try_all_fields(case: Case) -> None:
    """Send a form with something odd in every field, as often as it takes until all of `ALWAYS` were in it."""
    fields = case.form.typed
    for start in range(0, len(ALWAYS), len(fields)):
        chosen = {name: ALWAYS[(case.seed + start + place) % len(ALWAYS)] for place, name in enumerate(fields)}
        data = case.form.data(case.secret) | {name: [NASTY[what]] for name, what in chosen.items()}
        _answer, wrong = tried(case.form, case.client, data)
        assert not wrong, f"{case.form}: {chosen}: {wrong}"


@pytest.mark.parametrize("state", some(1), ids=str)
def test_whatever_is_typed_is_no_fault_and_writes_nothing_by_halves_A77_A81_A82_A84_A85_A86_A87_A88_A91(
    state: State, world: World
) -> None:
    for case in cases(state, world):
        if case.names:
            try_everything(case)
        if case.form.typed:
            try_all_fields(case)


@pytest.mark.parametrize("state", some(1), ids=str)
def test_whatever_stands_behind_the_question_mark_is_no_fault_A77_A81_A89_A90_A91(state: State, world: World) -> None:
    """Each name that the page knows, with some of everything."""
    client, address = state.scene(world)
    path, names = urlsplit(address).path, sorted({*asked_at(twin(client), address), "page", "sort", "next"})
    values, first = list(NASTY.values()), crc32(address.encode())
    for start in range(first, first + EXAMPLES * len(names), len(names)):
        asked = {name: values[(start + place) % len(values)] for place, name in enumerate(names)}
        with undone():
            answer = twin(client).get(f"{path}?{urlencode(asked, errors='surrogatepass')}")
            assert not fault(answer), f"{asked}: {fault(answer)}"
            assert answer.status_code in {200, 302, 400, 403, 404, 405, 410}, asked
            body = answer.getvalue().decode(errors="replace")
            assert NASTY["markup"] not in body
            assert NASTY["an attribute"] not in body


def test_there_are_forms_and_some_of_them_are_accepted(world: World) -> None:
    """Or what was tried above would say nothing: filled in by a program, most forms of a sample are taken."""
    taken, refused = [], []
    for state in some(1)[::4]:
        with undone():
            for case in cases(state, world):
                if case.form.typed:
                    (taken if case.is_accepted() else refused).append(str(case.form))
        world.sessions.clear()
    assert len(taken) > len(refused), (taken, refused)


def test_what_is_written_by_halves_is_seen(world: World) -> None:
    """Or it would be said of everything that nothing was written."""
    start = writes()
    with undone():
        world.person("staff").save()
    assert writes() != start
