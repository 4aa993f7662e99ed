"""What the log says, and what it must not carry."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as portal_settings
from django.db import DataError, IntegrityError, connection
from django.test import Client, RequestFactory
from django.urls import resolve

from entity_portal import logs, numbers
from entity_portal.management.commands.quality import real_installation
from tests.cast import Cast, enter
from tests.leaks import keeper

NUMBER = "0123456789abcdef0123456789abcdef"


def record(name: str, message: str, *args: object, error: BaseException | None = None, **more: Any) -> dict[str, Any]:
    """What a real installation writes of this record."""
    made = logging.LogRecord(name, logging.ERROR, "", 1, message, args, (type(error), error, None) if error else None)
    made.__dict__.update(more)
    logs.NothingPersonal().filter(made)
    line = logs.JsonLines().format(made)
    assert "\n" not in line
    told: dict[str, Any] = json.loads(line)
    return told


def written(name: str, message: str, *args: object, **more: Any) -> str:
    return str(record(name, message, *args, **more)["message"])


# --- what is left out ---


@pytest.mark.parametrize("number", ["7", "None"])
def test_a_job_is_named_without_what_it_was_told_A132(number: str) -> None:
    told = "entity_number='80216453', username='a(b)c', birth_date='1990-01-01'"
    line = written(
        "procrastinate.worker", f"Job staff.send_reset_code[{number}]({told}) ended with status: Error, lasted 0.1 s"
    )
    assert line == f"Job staff.send_reset_code[{number}](…) ended with status: Error, lasted 0.1 s"


def test_other_lines_stay_as_they_are() -> None:
    assert written("entity_portal", "f(x) 100%, 20000 texts") == "f(x) 100%, 20000 texts"


def test_e_mail_addresses_and_long_numbers_are_cut_out_A132() -> None:
    assert written("library", "to %s of %s", "wong@example.mo", "+85366123456") == "to … of +…"


def test_evidence_stays_whole_A132() -> None:
    line = "history heads 2026-11-29 80216453=12345678:0123456789abcdef"
    assert written("entity_portal.audit.proof", line) == line
    assert written("entity_portal.audit", line) != line


def test_an_address_is_told_by_its_view_since_a_token_may_stand_in_it_A132() -> None:
    request = RequestFactory().get("/account/email/a-secret-token/")
    request.resolver_match = resolve(request.path_info)
    line = record("django.request", "%s: %s", "Gone", request.path, request=request, status_code=410)
    assert line["message"] == "Gone: /account/email/<str:token>/"
    assert (line["view"], line["status_code"]) == ("staff:confirm_email", 410)


def test_an_address_with_line_breaks_makes_no_second_line_A132() -> None:
    request = RequestFactory().get("/nowhere/%0d%0aERROR%20forged%20token=abc")
    escaped = request.path.encode("unicode_escape").decode("ascii")
    assert written("django.request", "Not Found: %s", escaped, request=request) == "Not Found: an address that is none"


@pytest.mark.parametrize("args", [(1, 2), ("x",)])
def test_a_line_that_does_not_fit_its_arguments_harms_nobody(args: tuple[object, ...]) -> None:
    assert written("library", "%d things", *args) == "%d things"


def test_gunicorn_does_not_write_the_address_that_it_failed_at_A132() -> None:
    line = record("gunicorn.error", "Error handling request %s", "/login/?token=abc", error=ValueError("x"))
    assert line["message"] == "Error handling request …"


# --- exceptions ---


def caught(error: type[Exception], statement: str, *values: object) -> str:
    """What the log says of an exception that PostgreSQL causes."""
    with pytest.raises(error) as found, connection.cursor() as cursor:
        cursor.execute(statement, values)
    return str(record("django.request", "x", error=found.value)["exception"])


@pytest.mark.django_db
def test_what_postgresql_repeats_of_a_row_is_not_told_A132() -> None:
    said = caught(
        IntegrityError, "INSERT INTO entity_portal_counter (key, value, expires) VALUES (%s, 1, NULL)", "chan.wengsan"
    )
    assert "23502 NotNullViolation entity_portal_counter expires" in said
    assert "chan.wengsan" not in said


@pytest.mark.django_db
def test_a_value_that_postgresql_cannot_read_is_not_told_A132() -> None:
    said = caught(DataError, "SELECT %s::int", "chan.wengsan")
    assert "22P02 InvalidTextRepresentation" in said
    assert "chan.wengsan" not in said


def test_an_exception_is_told_with_its_cause_and_place_and_without_long_numbers_A132() -> None:
    try:
        try:
            raise KeyError("+85366123456")
        except KeyError as cause:
            raise ValueError("no such key") from cause
    except ValueError as error:
        said = logs.told(error)
    assert [line for line in said.splitlines() if not line.startswith(" ")] == [
        "builtins.KeyError: '…'",
        "and then:",
        "builtins.ValueError: no such key",
    ]
    assert "test_logs.py" in said


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("'NoneType' object has no attribute 'pk'", "'NoneType' object has no attribute 'pk'"),
        ("invalid literal for int() with base 10: '陳詠珊'", "invalid literal for int() with base 10: '…'"),
        ('cannot read "CHAN WENG SAN" as “Macau2026x”', "cannot read '…' as '…'"),
        ("it's the end", "it's the end"),
    ],
)
def test_what_an_exception_quotes_is_told_where_it_may_be_a_name_in_the_program_A132(said: str, told: str) -> None:
    assert logs.said_by(ValueError(said)) == told


def test_on_a_development_machine_it_is_for_reading_and_as_clean_A132() -> None:
    made = logging.LogRecord("x", logging.ERROR, "", 1, "to %s", ("a@b.mo",), (ValueError, ValueError("1234567"), None))
    logs.NothingPersonal().filter(made)
    line = logs.Lines().format(made)
    assert line.endswith("ERROR x  to …\nbuiltins.ValueError: …")


@pytest.mark.parametrize("name", [*logs.QUIET, "requests", "django.request"])
def test_loggers_that_write_what_they_were_told_begin_at_a_warning_A132(name: str) -> None:
    levels = logs.configuration(logging.DEBUG, json_lines=True)["loggers"]
    lowest = levels.get(name, {}).get("level", logging.DEBUG)
    assert lowest == {"requests": 10, "django.request": 10, "django.template": 20, "django.db.backends": 20}.get(
        name, 30
    )


# --- the number of a request ---


@contextmanager
def lines(name: str) -> Iterator[list[dict[str, Any]]]:
    """What is written to a logger meanwhile, as a real installation writes it."""
    found: list[dict[str, Any]] = []

    class Keeper(logging.Handler):
        def emit(self, each: logging.LogRecord) -> None:
            found.append(json.loads(self.format(each)))

    keeper, logger = Keeper(), logging.getLogger(name)
    keeper.addFilter(logs.NothingPersonal())
    keeper.setFormatter(logs.JsonLines())
    logger.addHandler(keeper)
    try:
        yield found
    finally:
        logger.removeHandler(keeper)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("entity_portal.statements.render", fail)


def test_an_exception_is_written_once_with_the_number_that_the_answer_carries_P1(broken: None, db: None) -> None:
    with lines("django") as found:
        answer = Client(raise_request_exception=False).get("/privacy/")
    (line,) = found
    assert answer.status_code == line["status_code"] == 500
    assert line["request"] == answer[numbers.HEADER]
    assert answer[numbers.HEADER][:8].upper() in answer.content.decode()
    assert "broken on purpose" in line["exception"]
    assert (line["message"], line["view"]) == ("Internal Server Error: /privacy/", "privacy")
    assert numbers.number.get() == "", "it is over with the request"


@pytest.mark.parametrize(
    ("told", "hops", "taken"),
    [
        (NUMBER, 1, True),
        ("01234567-89ab-cdef-0123-456789abcdef", 1, True),
        (NUMBER, 0, False),
        (NUMBER[:-1], 1, False),
        (NUMBER.upper(), 1, False),
        (f"{NUMBER}\t", 1, False),
        ("", 1, False),
        ("x" * 4000, 1, False),
    ],
)
def test_the_proxys_number_is_taken_where_it_is_one_A132(
    settings: Any, told: str, hops: int, taken: bool, db: None
) -> None:
    settings.TRUSTED_HOPS = hops
    answer = Client().get("/privacy/", headers={numbers.HEADER: told})
    assert (answer[numbers.HEADER] == told) == taken
    assert numbers.WELL_FORMED.fullmatch(answer[numbers.HEADER])


# --- refusals ---


def lines_of(status: int) -> list[dict[str, Any]]:
    return [line for each in keeper.lines if (line := json.loads(each)).get("status_code") == status]


@pytest.mark.django_db
def test_a_refusal_of_somebody_signed_in_names_view_and_login_ASVS_16_3_2(company: Cast) -> None:
    for who, address, status, view in (
        (company.administrator, f"/staff/{'CU0000000000'}/", 404, "person"),
        (company.staff, "/staff/", 404, "staff:list"),
    ):
        answer = enter(who).get(address)
        assert answer.status_code == status
        (line,) = lines_of(status)[-1:]
        assert (line["level"], line["view"], line["login"]) == ("WARNING", view, who.euid)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status"), [("/login/?entity=%00", 400), ("/login/verify/", 405), ("/no/such/page/", 404)]
)
def test_whoever_goes_round_a_control_leaves_a_line_ASVS_16_3_3(address: str, status: int) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.put(address) if status == 405 else client.get(address)
    assert answer.status_code == status
    assert [line["level"] for line in lines_of(status)] == ["WARNING"]


@pytest.mark.django_db
def test_a_form_from_elsewhere_and_one_too_many_leave_a_line_ASVS_16_3_3(settings: Any) -> None:
    assert Client(enforce_csrf_checks=True).post("/login/").status_code == 403
    assert lines_of(403)
    settings.RATELIMIT_ENABLE = True
    client = Client()
    statuses = [client.post("/help/username/").status_code for _turn in range(62)]
    assert statuses[-1] == 429
    assert lines_of(429)[-1]["view"] == "staff:remind_username"


# --- the real program ---


def test_a_real_installation_writes_json_and_a_development_machine_does_not(tmp_path: Any) -> None:
    code = "import django, logging; django.setup(); logging.getLogger('x').error('a\\nb')"
    command = [sys.executable, "-c", code]
    told = real_installation(str(tmp_path)) | {"DJANGO_SETTINGS_MODULE": "entity_portal.settings"}
    done = subprocess.run(command, cwd=portal_settings.BASE_DIR, env=told, capture_output=True, text=True)
    line = json.loads(done.stderr)
    assert (line["level"], line["logger"], line["message"]) == ("ERROR", "x", "a\nb")
    development = told | {"DEMO": "1", "PUBLIC_URL": "http://127.0.0.1", "PORTAL_DATA_DIR": str(tmp_path)}
    done = subprocess.run(command, cwd=portal_settings.BASE_DIR, env=development, capture_output=True, text=True)
    assert done.stderr.rstrip().endswith("ERROR x  a\nb")
