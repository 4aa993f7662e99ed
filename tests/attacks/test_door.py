"""The door: sign-in, lockout, enumeration (A1 to A19), as somebody who has no login tries it."""

import re
from collections.abc import Iterator
from threading import BoundedSemaphore
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import EntityStatus
from entity_portal.audit.models import Event
from entity_portal.humancheck.models import Challenge
from entity_portal.messaging.models import SMS, Purpose
from staff import hashing
from staff.models import StaffLogin
from staff.operations import door
from staff.tasks import tell_beside_the_inbox
from staff.views.door import FREE_TRIES, FREE_TRIES_ENTITY, FREE_TRIES_HERE
from tests.cast import PASSWORD, Cast, enter, login
from tests.hashers import Quick
from tests.pages import text_of
from tests.race import at_once

LOGIN = "/login/"
ASKED = "Enter the letters shown in the picture"


def typed(house: Cast, **changes: str) -> dict[str, str]:
    data = {"entity_number": house.entity.number, "username": "ao.hoiian", "password": "Wrong2026x"}
    return data | changes


def answered(**data: str) -> dict[str, str]:
    question = Challenge.ask("picture")
    return {"human_0": question.key, "human_1": question.task, **data}


def strikes(person: StaffLogin) -> int:
    return StaffLogin.objects.get(pk=person.pk).failed_attempts


def test_the_right_password_after_five_wrong_ones_gets_the_page_of_a_wrong_one_A3(company: Cast) -> None:
    for _strike in range(4):
        enter().post(LOGIN, answered(**typed(company)))
    fifth = enter().post(LOGIN, answered(**typed(company)))
    sixth = enter().post(LOGIN, answered(**typed(company, password=PASSWORD)))
    assert without_secrets(sixth) == without_secrets(fifth)
    assert "do not fit together" in text_of(sixth)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_fifty_wrong_at_once_then_the_right_one_A2(company: Cast) -> None:
    posts = [answered(**typed(company)) for _guess in range(50)]
    answers = at_once(50, lambda n: enter().post(LOGIN, posts[n]))
    statuses = {getattr(answer, "status_code", answer) for answer in answers}
    assert statuses <= {200, 503}, "wrong, or too many at once: never in, never a fault"
    while strikes(company.staff) < 5:
        enter().post(LOGIN, answered(**typed(company)))
    assert enter().post(LOGIN, answered(**typed(company, password=PASSWORD))).status_code == 200


@pytest.mark.parametrize("spelling", ["ao.hoiian\u200b", "\u202eao.hoiian", "ao.h\u043eiian", "ao.hoiian\n"])
def test_a_hidden_or_foreign_letter_makes_no_second_counter_A5(company: Cast, spelling: str) -> None:
    page = enter().post(LOGIN, answered(**typed(company, username=spelling, password=PASSWORD)))
    if spelling == "ao.hoiian\n":  # a line break at the end is no letter
        assert page.status_code == 302
    elif spelling.isprintable():  # a name like any other, and nobody's
        assert "do not fit together" in text_of(page)
    else:
        assert "hidden characters" in text_of(page), "it is never looked up"
    assert strikes(company.staff) == 0


# --- A7: locking others out ---


def test_a_script_that_knows_every_name_locks_nobody_A7(company: Cast) -> None:
    people = [login(entity=company.entity, username=f"person.{n}") for n in range(4)]
    for person in people:
        for _try in range(5):
            enter().post(LOGIN, typed(company, username=person.username or ""))
    assert max(map(strikes, people)) <= FREE_TRIES
    assert not SMS.objects.filter(purpose=Purpose.LOCKED).exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_fifty_guesses_at_one_name_at_once_take_two_strikes_without_an_answer_A7(company: Cast) -> None:
    at_once(50, lambda _n: enter().post(LOGIN, typed(company)))
    assert strikes(company.staff) <= FREE_TRIES


@pytest.mark.parametrize("username", ["ao.hoiian", "nobody.here", "ieong.sutleng"])
def test_the_question_comes_at_the_third_try_for_whatever_name_A7_A11(company: Cast, username: str) -> None:
    pages = [enter().post(LOGIN, typed(company, username=username)) for _try in range(3)]
    assert [ASKED in text_of(page) for page in pages] == [False, True, True]
    assert "enter your password again" in text_of(pages[2]), "unanswered, nothing else was looked at"
    if username == "ao.hoiian":
        assert strikes(company.staff) == 2


def test_a_wrong_answer_takes_no_strike_and_a_right_one_goes_on_A7_A33(company: Cast) -> None:
    for _try in range(2):
        enter().post(LOGIN, typed(company))
    for wrong in ({"human_0": "x", "human_1": "ABCDE"}, {"human_0": "", "human_1": ""}, {"human_change": "picture"}):
        assert enter().post(LOGIN, typed(company, **wrong)).status_code == 200
        assert strikes(company.staff) == 2
    assert enter().post(LOGIN, answered(**typed(company, password=PASSWORD))).status_code == 302


def test_whoever_came_in_before_has_a_count_of_their_own_in_that_browser_A7(company: Cast) -> None:
    mine = enter()
    assert mine.post(LOGIN, typed(company, password=PASSWORD)).status_code == 302
    for _round in range(3):
        mine.post("/logout/")
        for _try in range(2):
            assert ASKED not in text_of(mine.get(LOGIN))
            mine.post(LOGIN, typed(company))
        page = mine.post(LOGIN, typed(company, password=PASSWORD))
        assert ASKED in text_of(page)
        assert mine.post(LOGIN, answered(**typed(company, password=PASSWORD))).status_code == 302, "and begins anew"
        StaffLogin.objects.filter(pk=company.staff.pk).update(failed_attempts=0)
        caches["counters"].clear()


def test_that_the_owner_came_in_shows_no_stranger_that_the_name_exists_A11(company: Cast) -> None:
    enter().post(LOGIN, typed(company))
    enter().post(LOGIN, typed(company, username="nobody.here"))
    assert enter().post(LOGIN, typed(company, password=PASSWORD)).status_code == 302
    pages = [enter().post(LOGIN, typed(company, username=name)) for name in ("ao.hoiian", "nobody.here")]
    assert [ASKED in text_of(page) for page in pages] == [True, True]


@pytest.mark.parametrize("cookie", ["x", "x:y", ":", "\u00e9:\u00e9", "a" * 4000])
def test_a_cookie_of_ones_own_making_is_no_known_browser_A7(company: Cast, cookie: str) -> None:
    for _try in range(2):
        enter().post(LOGIN, typed(company))
    thief = enter()
    thief.cookies["known"] = cookie
    assert ASKED in text_of(thief.post(LOGIN, typed(company)))
    theirs = enter()
    theirs.post(LOGIN, typed(company, username="chan.wengsan", password=PASSWORD))
    theirs.post("/logout/")
    assert ASKED in text_of(theirs.post(LOGIN, typed(company))), "known for another name"
    assert strikes(company.staff) == 2


def test_where_many_were_refused_the_question_is_there_from_the_start_A7(company: Cast) -> None:
    for n in range(FREE_TRIES_HERE):
        enter().post(LOGIN, typed(company, username=f"guess.{n}"))
    assert ASKED in text_of(enter().get(LOGIN))


def test_many_names_from_one_place_or_for_one_entity_are_asked_too_A7_A9(company: Cast, other: Cast) -> None:
    for n in range(FREE_TRIES_HERE):
        enter().post(LOGIN, typed(company, username=f"guess.{n}"))
    page = enter().post(LOGIN, typed(company, username="another.one"))
    assert ASKED in text_of(page)
    page = enter().post(LOGIN, typed(company, username="quite.another"), REMOTE_ADDR="203.0.113.7")
    assert ASKED not in text_of(page), "another place is not suspected"
    for n in range(FREE_TRIES_ENTITY):
        enter().post(LOGIN, typed(company, username=f"far.{n}"), REMOTE_ADDR=f"203.0.113.{n + 10}")
    page = enter().post(LOGIN, typed(company, username="yet.another"), REMOTE_ADDR="198.51.100.1")
    assert ASKED in text_of(page)
    page = enter().post(LOGIN, typed(other, username="anybody.else"), REMOTE_ADDR="198.51.100.2")
    assert ASKED not in text_of(page), "another entity is not suspected"


def test_the_person_is_told_by_sms_and_mail_and_administrators_once_until_they_read_it_A7_Q17(
    company: Cast, mailoutbox: list[Any], time_machine: Any
) -> None:
    login(entity=company.entity, is_administrator=True, email="chan@example.mo")
    people = [login(entity=company.entity, username=f"person.{n}", email=f"p{n}@example.mo") for n in range(2)]

    def lock(person: StaffLogin) -> None:
        for _try in range(5):
            door.check_password(entity_number=company.entity.number, username=person.username or "", password="x")

    for person in people:
        lock(person)
    told = mailed()
    assert sorted(told) == ["chan@example.mo", "p0@example.mo", "p1@example.mo"]
    assert SMS.objects.filter(purpose=Purpose.LOCKED).count() == 2
    assert "2" in text_of(enter(company.administrator).get("/")).partition("staff logins are locked")[0][-40:]
    StaffLogin.objects.filter(pk=people[0].pk).update(failed_attempts=0, locked_at=None)
    lock(people[0])
    assert sorted(mailed()) == sorted([*told, "p0@example.mo"]), "one notice, however many are locked"


def mailed() -> list[str]:
    """To whom e-mail is on its way, once the worker has looked at new notices."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE task_name = 'staff.tell_beside_the_inbox' RETURNING args->>'line'"
        )
        for (line,) in cursor.fetchall():
            tell_beside_the_inbox(int(line))
        cursor.execute("SELECT args->>'to' FROM procrastinate_jobs WHERE task_name = 'messaging.send_email'")
        return [to for (to,) in cursor.fetchall()]


def test_a_lock_from_outside_leaves_live_sessions_alone_A8(company: Cast) -> None:
    """Documented: else whoever knows a name could throw its owner out; the password guards the door, not the house."""
    person = enter(company.staff)
    StaffLogin.objects.filter(pk=company.staff.pk).update(failed_attempts=5, locked_at=timezone.now())
    assert person.get("/account/").status_code == 200


@pytest.mark.parametrize("page", ["/account/confirm/", "/account/password/"])
def test_a_lock_by_guessing_at_an_open_screen_ends_that_session_A8(company: Cast, page: str) -> None:
    here, elsewhere = enter(company.staff), enter(company.staff)
    new = {"new_password": "Another2026x", "new_password_again": "Another2026x"}
    for _try in range(5):
        answer = here.post(page, {"password": "x", "old_password": "x", **new})
    assert answer.headers["Location"] == LOGIN
    assert here.get("/account/").status_code == 302
    assert elsewhere.get("/account/").status_code == 200


@pytest.fixture
def limits(settings: Any, db: None, time_machine: Any) -> Iterator[None]:
    time_machine.move_to(timezone.now(), tick=False)
    settings.RATELIMIT_ENABLE = True
    caches["counters"].clear()
    yield
    caches["counters"].clear()


def test_one_password_for_five_hundred_names_ends_before_the_fiftieth_A9(company: Cast, limits: None) -> None:
    statuses = []
    for n in range(50):
        data = typed(company, username=f"name.{n:03}", password="Spring2026")
        statuses.append(enter().post(LOGIN, answered(**data)).status_code)
    assert statuses.index(429) <= 30
    refused = Event.objects.filter(action="door.refused", data__why="unknown")
    assert refused.count() == statuses.index(429), "each refusal stands in the history"
    assert {event.data["address"] for event in refused} == {"127.0.0.1"}


def test_a_whole_office_comes_in_from_one_address_A9(company: Cast, limits: None) -> None:
    for _person in range(45):
        assert enter().post(LOGIN, typed(company, password=PASSWORD)).status_code == 302


# --- A11, A12: who exists ---


def without_secrets(page: Any) -> str:
    """A page without what is new each time: the token, the question, what was typed."""
    return re.sub(r'value="[^"]*"|/human-check/[^"]*', "", page.content.decode())


@pytest.fixture
def doors(company: Cast, other: Cast) -> dict[str, dict[str, str]]:
    """Every reason for which the door stays shut."""
    login(entity=company.entity, username="locked.one", failed_attempts=5)
    other.entity.status = EntityStatus.SUSPENDED
    other.entity.save()
    return {
        "wrong password": typed(company),
        "unknown username": typed(company, username="nobody.here"),
        "unknown entity": typed(company, entity_number="99999999"),
        "locked": typed(company, username="locked.one"),
        "locked, right password": typed(company, username="locked.one", password=PASSWORD),
        "departed": typed(company, username="ieong.sutleng", password=PASSWORD),
        "not activated": typed(company, username=company.pending.euid.lower()),
        "suspended entity": typed(other, password=PASSWORD),
    }


def test_every_reason_has_one_page_one_status_and_one_set_of_headers_A11(doors: dict[str, dict[str, str]]) -> None:
    pages = {}
    for why, data in doors.items():
        caches["counters"].clear()  # else one place has tried too often
        pages[why] = enter().post(LOGIN, data)
    assert {page.status_code for page in pages.values()} == {200}
    assert len({without_secrets(page) for page in pages.values()}) == 1
    headers = [{name: value for name, value in page.items() if name != "Set-Cookie"} for page in pages.values()]
    assert all(each.keys() == headers[0].keys() for each in headers)


def test_every_reason_costs_the_same_work_A12(
    doors: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time itself is measured by `bench.door`; here the work is counted: statements by kind, and hashes."""
    hashed: list[str] = []
    real = door.verify
    monkeypatch.setattr(door, "verify", lambda password, encoded: hashed.append(encoded) or real(password, encoded))
    enter().post(LOGIN, doors["unknown entity"])  # the hash of nobody is made once
    hashed.clear()
    work = {}
    for why, data in doors.items():
        caches["counters"].clear()
        with CaptureQueriesContext(connections["default"]) as asked:
            enter().post(LOGIN, data)
        work[why] = (kinds(asked), len(hashed))
        hashed.clear()
    assert len(set(map(str, work.values()))) == 1, work
    assert next(iter(work.values()))[1] == 1


def kinds(asked: CaptureQueriesContext) -> list[str]:
    """What was asked of the database: verb and table, in order."""
    found = []
    for query in asked.captured_queries:
        if "SAVEPOINT" in query["sql"]:
            found.append("SAVEPOINT")
            continue
        words = re.match(r'(\w+).*?(?:FROM|INTO|UPDATE)?\s"?(\w+_\w+)"?', query["sql"], re.S)
        found.append(" ".join(words.groups()) if words else query["sql"][:30])
    return found


def test_a_wrong_password_does_the_same_writing_whoever_it_is_A12(company: Cast) -> None:
    """The strike and the line of history are there for somebody; for nobody the same statements meet no row."""
    before = Event.objects.count()
    for username in ("ao.hoiian", "nobody.here"):
        door.check_password(entity_number=company.entity.number, username=username, password="x")
    assert Event.objects.count() == before + 2


# --- A17 to A19 ---


def test_a_session_key_chosen_by_somebody_else_is_never_used_A17(company: Cast) -> None:
    visitor = enter()
    visitor.cookies["sessionid"] = "a" * 32
    question = Challenge.ask("picture")
    reset = {"entity_number": "1", "username": "nobody.here", "birth_date": "1990-01-01"}
    answer = visitor.post("/help/reset-password/", reset | {"human_0": question.key, "human_1": question.task})
    assert answer.headers["Location"] == "/help/reset-password/code/", "a session of our own making, at once"
    assert visitor.cookies["sessionid"].value != "a" * 32
    visitor.cookies["sessionid"] = "b" * 32
    visitor.post(LOGIN, typed(company, password=PASSWORD))
    assert visitor.cookies["sessionid"].value != "b" * 32
    assert visitor.get("/account/").status_code == 200


def test_the_session_key_changes_with_the_password_and_with_every_step_A17(company: Cast) -> None:
    company.entity.second_factor = "all"
    company.entity.save()
    visitor = enter()
    question = Challenge.ask("picture")
    reset = {"entity_number": "1", "username": "nobody.here", "birth_date": "1990-01-01"}
    visitor.post("/help/reset-password/", reset | {"human_0": question.key, "human_1": question.task})
    before = visitor.cookies["sessionid"].value
    visitor.post(LOGIN, typed(company, password=PASSWORD))
    between = visitor.cookies["sessionid"].value
    assert between != before
    code = re.findall(r"\d{6}", SMS.objects.get(purpose=Purpose.SIGN_IN).body)[0]
    visitor.post("/login/verify/", {"code": code, "by": "sms"})
    assert visitor.cookies["sessionid"].value != between
    assert visitor.get("/account/").status_code == 200
    stale = enter()
    stale.cookies["sessionid"] = between
    assert stale.get("/account/").status_code == 302


@pytest.mark.parametrize("length", [129, 1_000_000])
def test_a_very_long_password_is_refused_before_it_is_hashed_A18(
    company: Cast, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "verify", None)  # calling it would be a fault
    page = enter().post(LOGIN, typed(company, password="x" * length))
    assert page.status_code == 200
    assert "at most 128 characters" in text_of(page)
    assert strikes(company.staff) == 0


def test_twenty_megabytes_are_not_even_read_A18(company: Cast) -> None:
    assert enter().post(LOGIN, typed(company, password="x" * 20_000_000)).status_code in {400, 413}


@pytest.fixture
def two_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a real process has them, which serves fewer at once than races here want."""
    monkeypatch.setattr(hashing, "_room", BoundedSemaphore(4))
    monkeypatch.setattr(hashing, "_working", BoundedSemaphore(2))


@pytest.mark.parametrize("address", [LOGIN, "/account/confirm/", "/account/password/"])
def test_without_a_place_at_the_hasher_the_answer_is_503_and_nothing_counts_A19(
    company: Cast, address: str, two_places: None
) -> None:
    taken = [hashing.slot() for _place in range(2)]
    new = {"new_password": "Another2026x", "new_password_again": "Another2026x"}
    client = enter() if address == LOGIN else enter(company.staff)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "WAIT", 0.01)
        for each in taken:
            each.__enter__()
        try:
            page = client.post(address, typed(company, old_password="x", **new))
        finally:
            for each in taken:
                each.__exit__(None, None, None)
    assert page.status_code == 503
    assert page["Retry-After"] == "5"
    assert "no attempt was counted" in text_of(page)
    assert strikes(company.staff) == 0
    assert client.post(address, typed(company, old_password="x", **new)).status_code == 200, "the places are free again"


@pytest.mark.race
def test_a_process_computes_two_hashes_and_lets_two_wait_A19(two_places: None) -> None:
    import threading
    import time

    working, most, lock = 0, 0, threading.Lock()

    def one(_n: int) -> str:
        nonlocal working, most
        with hashing.slot():
            with lock:
                working += 1
                most = max(most, working)
            time.sleep(0.2)
            with lock:
                working -= 1
        return "done"

    answers = at_once(50, one)
    assert most == 2
    assert answers.count("done") == 4
    assert all(isinstance(answer, hashing.Busy) for answer in answers if answer != "done")


def test_a_busy_hasher_counts_no_try_either_A19(company: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: Any, **__: Any) -> None:
        raise hashing.Busy

    with monkeypatch.context() as patch:
        patch.setattr("staff.backends.operations.check_password", busy)
        for _try in range(3):
            assert enter().post(LOGIN, typed(company)).status_code == 503
    assert ASKED not in text_of(enter().post(LOGIN, typed(company)))


@pytest.mark.parametrize("field", ["entity_number", "username"])
def test_what_grows_when_normalised_is_refused_before_A18_A87(company: Cast, field: str) -> None:
    from entity_portal import text

    seen: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "plain", lambda value: seen.append(len(value)) or value)
        page = enter().post(LOGIN, typed(company, **{"entity_number": "1", field: "\ufdfa" * 200_000}))
    assert max(seen, default=0) < 1000
    assert page.context["form"].errors[field]


# --- hashing ---


def test_an_older_hash_opens_and_is_made_anew_without_ending_sessions(company: Cast) -> None:
    class Older(Quick):
        time_cost = 3

    old = Older().encode(PASSWORD, "saltsaltsaltsalt")
    StaffLogin.objects.filter(pk=company.staff.pk).update(password=old)
    here = enter(StaffLogin.objects.get(pk=company.staff.pk))
    assert enter().post(LOGIN, typed(company)).status_code == 200
    assert StaffLogin.objects.get(pk=company.staff.pk).password == old, "a wrong password renews nothing"
    assert enter().post(LOGIN, typed(company, password=PASSWORD)).status_code == 302
    assert StaffLogin.objects.get(pk=company.staff.pk).password != old
    assert enter().post(LOGIN, typed(company, password=PASSWORD)).status_code == 302
    assert here.get("/account/").status_code == 200


def test_production_hashes_with_nineteen_mebibytes_A19() -> None:
    from staff.hashers import Argon2id

    assert Argon2id().encode(PASSWORD, "saltsalt").startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
