"""What a real installation may not be told: unsafe settings stop the start, each with a sentence on what to do.

`settings.py` says what is missing or cannot be read; here stands what can be read and would still be unsafe. Messages
name the variable and never repeat its value, which may be a secret (ASVS 12.3, 13.2, 13.3).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from environs import Env, EnvValidationError

from entity_portal.postgres import data_dir

SHORTEST = 50  # characters of a key
FEWEST = 12  # different characters of a key: 64 random hexadecimal digits have fewer once in a million times
GUESSABLE = re.compile(r"secret|password|insecure|change.?me|example|[<>]", re.I)
HERE = {"127.0.0.1", "localhost", "::1"}
NO_MAIL_SERVER = {"console", "filebased", "locmem"}  # an e-mail would be printed, or lie in a file

ASK_FOR_KEY = "Make one with `openssl rand -hex 32`."
Told = Mapping[str, Any]


def has_database(env: Env) -> bool:
    """Whether DATABASE_URL is set. Without it this is a development machine, which makes a database of its own.

    Raises:
        EnvValidationError: it is not, and what only a real installation is told is: an empty database would be served.
    """
    if env.str("DATABASE_URL", ""):
        return True
    if env.str("OIDC_SUBJECT_KEY", "") or env.bool("TLS", False) or env.str("PUBLIC_URL", "").startswith("https:"):
        wrong = {
            "DATABASE_URL": ["It is not set where a real installation is told: an empty database would be served."]
        }
        raise EnvValidationError(f"Environment variables invalid: {wrong}", wrong)
    return False


def stop_where_unsafe(env: Env, told: Told) -> None:
    """Seal `env`; `told` are the settings that were made of it.

    Raises:
        EnvValidationError: something is missing, unreadable or, in a real installation, unsafe; all of it is named.
    """
    try:
        env.seal()
        wrong: dict[str, list[str]] = {}
    except EnvValidationError as error:
        wrong = dict(error.error_messages)  # type: ignore[arg-type]  # by name, since `env` is not eager
    for name, why in _everywhere(told) if told["DEVELOPMENT"] else _unsafe(told):
        if name not in wrong:
            wrong[name] = [why]
    if wrong:
        raise EnvValidationError(f"Environment variables invalid: {wrong}", wrong)


def _everywhere(told: Told) -> Iterator[tuple[str, str]]:
    if told["DEMO"] and (told["TLS"] or str(told["PUBLIC_URL"]).startswith("https:")):
        yield "DEMO", "It shows logins with their passwords to everybody: not where people come over TLS. Unset it."


def _unsafe(told: Told) -> Iterator[tuple[str, str]]:
    """(variable, what is wrong with it and what to do) of a real installation."""
    if told["DEBUG"]:
        yield "DEBUG", "It shows settings and data to whoever causes an error. Unset it."
    yield from _keys(told)
    if not any(told["ALLOWED_HOSTS"] or ()):
        yield "ALLOWED_HOSTS", "It names no host, so nobody could reach the portal."
    elif "*" in told["ALLOWED_HOSTS"]:
        yield "ALLOWED_HOSTS", "It allows every host. Name those that people use."
    if not told["TLS"] and urlsplit(str(told["PUBLIC_URL"])).hostname not in HERE:
        yield "TLS", "Passwords would travel in the clear: off only where PUBLIC_URL is this machine (127.0.0.1)."
    if told["TLS"] and told["TRUSTED_HOPS"] == 0:
        yield "TRUSTED_HOPS", "A proxy ends TLS, so it is 1 at least; with 0 all people count as one address."
    inside = {*HERE, *(told["WITHOUT_TLS"] or ())}
    yield from _database(told, inside)
    yield from _messages(told, inside)


def _keys(told: Told) -> Iterator[tuple[str, str]]:
    keys = {name: told[name] for name in ("SECRET_KEY", "OIDC_SUBJECT_KEY", "CODE_KEY") if told[name]}
    if told["CODE_KEY"] == told["SECRET_KEY"]:  # its default
        keys.pop("CODE_KEY", None)
    each = keys | ({"METRICS_TOKEN": told["METRICS_TOKEN"]} if told["METRICS_TOKEN"] else {})
    kept = {path.read_text() for path in (data_dir() / "secret_key", data_dir() / "oidc_subject_key") if path.is_file()}
    for name, key in keys.items():
        if (weak := weakness(key)) or key in kept:
            yield name, f"{weak or 'It is that of a development machine.'} {ASK_FOR_KEY}"
    for one, other in combinations(each, 2):
        if each[one] == each[other]:
            yield other, f"It is {one}: whoever learns one would have both. {ASK_FOR_KEY}"
    if told["METRICS_TOKEN"] and (weak := weakness(told["METRICS_TOKEN"], shortest=32)):
        yield "METRICS_TOKEN", f"{weak} {ASK_FOR_KEY}"


def weakness(key: str, *, shortest: int = SHORTEST) -> str:
    """Why a key can be guessed, or ""."""
    if len(key) < shortest:
        return f"Shorter than minimum length {shortest}."
    if len(set(key)) < FEWEST or GUESSABLE.search(key):
        return "It is not random."
    return ""


def _database(told: Told, inside: set[str]) -> Iterator[tuple[str, str]]:
    named: dict[str, Any] = {"DATABASE_URL": told["DATABASES"]["default"]}
    if told["MIGRATE_DATABASE_URL"]:
        named["MIGRATE_DATABASE_URL"] = dj_database_url.parse(told["MIGRATE_DATABASE_URL"])
    options = named["DATABASE_URL"].get("OPTIONS", {})
    for name, database in named.items():
        merged = options | database.get("OPTIONS", {})  # as `privileges.as_owner` does
        hosts = str(merged.get("host") or database["HOST"])
        if merged.get("sslmode") != "verify-full" and not _within(hosts.split(","), inside):
            yield name, "Without sslmode=verify-full anybody on the way reads and answers; see WITHOUT_TLS."


def _within(hosts: Iterable[str], inside: set[str]) -> bool:
    """Whether all are sockets of this machine (a path, or none), or hosts that need no TLS."""
    return all(not host or host[0] in "/@" or host in inside for host in hosts)


def _messages(told: Told, inside: set[str]) -> Iterator[tuple[str, str]]:
    if told["SMS_BACKEND"] == "phone":
        yield "SMS_BACKEND", "`phone` sends nothing: it is the demonstration's."
    if told["SMS_BACKEND"] == "twilio":
        if not re.fullmatch(r"AC[0-9a-f]{32}", told["TWILIO_ACCOUNT_SID"] or ""):
            yield "TWILIO_ACCOUNT_SID", "It is AC and 32 hexadecimal digits."
        if len(told["TWILIO_AUTH_TOKEN"] or "") < 32:
            yield "TWILIO_AUTH_TOKEN", "Shorter than the 32 characters that Twilio gives."
        if not told["TWILIO_SENDER"]:
            yield "TWILIO_SENDER", "It is empty: a number, a name, or a messaging service (MG…)."
    if told["SMS_BACKEND"] == "http_json" and not told["SMS_HTTP_URL"]:
        yield "SMS_HTTP_URL", "It is empty: the address that a text is posted to."
    for name in ("SMS_HTTP_URL", "SMS_HTTP_LOOK_UP_URL", "TWILIO_API_URL"):
        address = urlsplit(str(told[name] or ""))
        if address.scheme != "https" and told[name] and address.hostname not in inside:
            yield name, "Codes and telephone numbers would travel in the clear: https://."
    kind = str(told.get("EMAIL_BACKEND", "")).removesuffix(".EmailBackend").rpartition(".")[2]
    if kind in NO_MAIL_SERVER:
        yield "EMAIL_URL", "E-mails would be printed or kept here: name a mail server, or `dummy:` for none at all."
    safe = told.get("EMAIL_USE_TLS") or told.get("EMAIL_USE_SSL") or told.get("EMAIL_HOST") in inside
    if kind == "smtp" and not safe:
        yield "EMAIL_URL", "Our password and people's e-mails would travel in the clear: submission://."
