"""Settings come from the environment; what is missing or wrong stops the start and is named."""

import ast
import os
import re
import secrets
import subprocess
import sys

import pytest
from django.conf import settings

TOLD = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "SECRET_KEY": secrets.token_hex(32),
    "ALLOWED_HOSTS": "entidade.gov.mo",
    "PUBLIC_URL": "https://entidade.gov.mo",
    "TRUSTED_HOPS": "1",
    "SMS_BACKEND": "http_json",
    "SMS_HTTP_URL": "https://sms.example/messages",
    "SMS_HTTP_FIELDS": "{}",
    "EMAIL_URL": "submission://portal:secret@mail.gov.mo",
    "EMAIL_FROM": "portal@gov.mo",
    "OIDC_SUBJECT_KEY": secrets.token_hex(32),
    "OIDC_KEYS_DIR": "/nowhere/oidc",
    "DATA_KEYS_DIR": "/nowhere/data",
}
SHOWN = "import entity_portal.settings as s; print(s.{})"


def start(shown: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Read the settings of a real installation, in a process of its own, and show one."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    told = kept | {name: value for name, value in (TOLD | changes).items() if value is not None}
    command = [sys.executable, "-c", SHOWN.format(shown)]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=told, text=True, capture_output=True, check=False)


def test_the_names_of_these_tests_are_enough_to_start() -> None:
    assert start("EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_USE_TLS, s.EMAIL_TIMEOUT, s.DEFAULT_FROM_EMAIL").stdout.strip() == (
        "mail.gov.mo 587 True 5 portal@gov.mo"
    )


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL", "TRUSTED_HOPS", "EMAIL_URL", "EMAIL_FROM"]
)
def test_what_a_real_installation_must_say_is_demanded_by_name(name: str) -> None:
    done = start("DEBUG", **{name: None})
    assert done.returncode
    assert f"'{name}': ['Environment variable not set.']" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EMAIL_URL", ""),
        ("EMAIL_URL", "mail.gov.mo"),
        ("EMAIL_URL", "http://mail.gov.mo"),
        ("EMAIL_URL", "smtp://portal:secret@mail.gov.mo:port"),
        ("EMAIL_FROM", "portal"),
        ("SMS_REGIONS", "MO,XX"),
        ("SMS_REGIONS", "MO, HK"),
        ("SMS_A_DAY", "many"),
        ("SMS_PER_ENTITY_A_DAY", "-1"),
        ("SMS_HTTP_HEADERS", "[1]"),
        ("SMS_HTTP_FIELDS", "{to}"),
        ("SMS_SETTLE", "5"),  # a call may last longer
        ("WORKER_CONCURRENCY", "0"),
        ("RETENTION", "departed"),
        ("RETENTION", "departed=long"),
        ("RETENTION", "departed=364"),  # the database demands a year
        ("RETENTION", "staff=365"),
    ],
)
def test_what_is_wrong_stops_the_start_and_is_named(name: str, value: str) -> None:
    done = start("DEBUG", **{name: value})
    assert done.returncode
    assert f"'{name}': [" in done.stderr
    assert "secret" not in done.stderr


def test_limits_of_texts_have_defaults_and_can_be_set() -> None:
    shown = "SMS_REGIONS, s.SMS_PER_ENTITY_A_DAY, s.SMS_A_DAY"
    assert start(shown).stdout.strip() == "['MO', 'HK', 'CN', 'PT'] 500 20000"
    assert start(shown, SMS_REGIONS="MO,TW", SMS_A_DAY="5").stdout.strip() == "['MO', 'TW'] 500 5"


def test_a_development_machine_prints_its_e_mail(tmp_path: object) -> None:
    nothing = dict.fromkeys(("EMAIL_URL", "EMAIL_FROM", "PUBLIC_URL"))
    done = start("EMAIL_BACKEND", DEMO="1", PORTAL_DATA_DIR=str(tmp_path), **nothing)
    assert done.stdout.strip() == "django.core.mail.backends.console.EmailBackend"


@pytest.mark.parametrize(("level", "of_the_worker"), [("DEBUG", 30), ("INFO", 30), ("ERROR", 40)])
def test_the_worker_does_not_log_what_its_jobs_are_told(level: str, of_the_worker: int) -> None:
    """It writes arguments, an e-mail among them, with every start and end of a job."""
    assert start("LOGGING['loggers']['procrastinate']['level']", LOG_LEVEL=level).stdout.strip() == str(of_the_worker)


def test_a_network_that_is_silently_dead_is_noticed_within_five_seconds_P3() -> None:
    """The kept connection, then one more try; behind the pool its own connection, then its wait for another."""
    told = ast.literal_eval(start("DATABASES['default']['OPTIONS']").stdout)
    assert told["tcp_user_timeout"] / 1000 + told["connect_timeout"] < 5
    assert told["keepalives_idle"] + told["keepalives_interval"] * told["keepalives_count"] + 0.5 < 5
    pool = (settings.BASE_DIR / "deploy" / "pgbouncer" / "pgbouncer.ini.template").read_text()
    said = {name: int(value) for name, value in re.findall(r"^(\w+) = (\d+)$", pool, re.MULTILINE)}
    assert said["tcp_user_timeout"] / 1000 + said["query_wait_timeout"] < 5
    assert said["tcp_keepidle"] + said["tcp_keepintvl"] * said["tcp_keepcnt"] + 0.5 < 5


def test_a_time_limit_in_the_address_of_the_database_goes_before_ours() -> None:
    done = start("DATABASES['counters']['OPTIONS']", DATABASE_URL=f"{TOLD['DATABASE_URL']}?connect_timeout=9")
    told = ast.literal_eval(done.stdout)
    assert (int(told["connect_timeout"]), told["tcp_user_timeout"]) == (9, 2500)


def test_periods_of_retention_are_set_in_days() -> None:
    assert start("RETENTION").stdout.strip() == "{}"
    assert start("RETENTION", RETENTION="departed=3650, documents=90").stdout.strip() == (
        "{'departed': 3650, 'documents': 90}"
    )
