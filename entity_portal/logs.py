"""What a log says, and what it must not carry: no code, password, number of a document or telephone, no name (A132).

In a real installation a line is a JSON object; on a development machine it is for reading. Both are cleaned alike:
messages of libraries repeat what people typed. Loggers that write whole requests or statements begin at a warning.
"""

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from django.db import Error as DatabaseError
from psycopg import Error as PostgresError

from entity_portal import numbers

# Below these levels they write what they were told: arguments of jobs, texts to send, tokens, statements with values.
QUIET = {
    "procrastinate": logging.WARNING,
    "twilio": logging.WARNING,
    "urllib3": logging.WARNING,
    "oauthlib": logging.WARNING,
    "oauth2_provider": logging.WARNING,
    "authlib": logging.WARNING,
    "django.db.backends": logging.INFO,
    "django.template": logging.INFO,
}
EVIDENCE = frozenset({"entity_portal.audit.proof"})  # numbers of entities and hashes, which have to stay whole
JOB = re.compile(r"(\w[\w.]*\[(?:\d+|None)\])\(.*\)", re.S)  # staff.remind[7](email='…')
PERSONAL = re.compile(r"[\w.+%-]+@[\w-]+\.[\w.-]+|\d{6,}")  # an e-mail address; what may be a number or a code
QUOTED = re.compile(r"""['"“]([^'"”]*)['"”]""")
NAME = re.compile(r"[A-Za-z_.]*")  # in the program
EXTRA = ("status_code", "view", "login")  # of what a line may carry beside its message


def configuration(level: int, *, json_lines: bool) -> dict[str, Any]:
    """Django's LOGGING."""
    quiet: dict[str, dict[str, Any]] = {name: {"level": max(level, lowest)} for name, lowest in QUIET.items()}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": JsonLines if json_lines else Lines}},
        "filters": {"nothing_personal": {"()": NothingPersonal}, "without_refusals": {"()": WithoutRefusals}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "lines", "filters": ["nothing_personal"]},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": quiet
        | {
            "gunicorn.error": {"handlers": ["stderr"], "propagate": False},
            "django.request": {"filters": ["without_refusals"]},
        },
    }


def last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends a program goes into its log, cleaned as every line: Python would print rows that PostgreSQL repeats."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logging.getLogger(__name__).critical("Ended by %s.", kind.__name__, exc_info=(kind, error, trace))


class WithoutRefusals(logging.Filter):
    """Drops Django's line for each 503 that is no exception: it is meant, and comes by the thousand."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 503 or bool(record.exc_info)


class NothingPersonal(logging.Filter):
    """Cuts out of a line what jobs were told and what addresses carry; says which request it is about."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "cleaned", False):
            return True
        request = getattr(record, "request", None)
        match = getattr(request, "resolver_match", None)
        record.view = match.view_name if match else ""
        # Whose request it is, where that was asked; the EUID, which tells nobody outside who that is.
        user = getattr(request, "user", None)
        record.login = getattr(getattr(user, "_wrapped", user), "euid", "")
        if record.name == "gunicorn.error" and record.exc_info and "%s" in str(record.msg):
            record.args = ("…",)  # an address with what follows its question mark
        elif isinstance(record.args, tuple) and request is not None and hasattr(request, "path"):
            # As Django writes it. A token may stand in an address: which view it is says enough.
            path = request.path.encode("unicode_escape").decode("ascii")
            place = f"/{match.route}" if match else "an address that is none"
            record.args = tuple(place if each == path else each for each in record.args)
        try:
            message = record.getMessage()
        except (TypeError, ValueError):  # it does not fit its arguments: whoever wrote it is at fault
            message = str(record.msg)
        if record.name not in EVIDENCE:
            message = PERSONAL.sub("…", JOB.sub(r"\1(…)", message))
        record.msg, record.args = message, ()
        record.number = numbers.number.get()
        record.cleaned = True
        return True


class Lines(logging.Formatter):
    """For reading: time, level, logger, request, message; a traceback below it."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {number:.8} {message}", style="{", defaults={"number": ""})

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's
        return told(ei[1])


class JsonLines(logging.Formatter):
    """One JSON object a line, in UTC. Whatever stands in it, a line break is written as `\\n`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request": getattr(record, "number", ""),
            "process": record.process,
        }
        line |= {name: value for name in EXTRA if (value := getattr(record, name, ""))}
        if record.exc_info and record.exc_info[1]:
            line["exception"] = told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def told(exception: BaseException | None) -> str:
    """An exception with what caused it, the first cause first: where it happened, and what may be said of it."""
    parts: list[str] = []
    while exception is not None and len(parts) < 5:
        where = "".join(traceback.format_tb(exception.__traceback__))
        parts.append(f"{where}{type(exception).__module__}.{type(exception).__qualname__}: {said_by(exception)}")
        shown = None if exception.__suppress_context__ else exception.__context__
        exception = exception.__cause__ or shown
    return "\nand then:\n".join(reversed(parts))


def said_by(exception: BaseException) -> str:
    """Its message. PostgreSQL repeats rows in it: of that, what it is called, the constraint and the table are told.

    Others quote what they were given: of that, single words of letters are told, as names in the program are.
    """
    cause = exception.__cause__ if isinstance(exception, DatabaseError) else exception
    if isinstance(cause, PostgresError):
        if cause.sqlstate is None:  # of the connection, not of what it was asked
            return PERSONAL.sub("…", str(cause).partition("\n")[0])
        names = (type(cause).__name__, cause.diag.table_name, cause.diag.column_name, cause.diag.constraint_name)
        return " ".join([cause.sqlstate, *filter(None, names)])
    unquoted = QUOTED.sub(lambda found: found[0] if NAME.fullmatch(found[1]) else "'…'", str(exception))
    return PERSONAL.sub("…", unquoted)[:500]
