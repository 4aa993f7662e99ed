"""Unsafe settings of a real installation stop its start, each with a sentence: the real program is started."""

import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from entity_portal import data_keys
from entity_portal.management.commands.quality import real_installation
from entity_portal.production import weakness
from services.oidc import keys

HTTP = {"SMS_BACKEND": "http_json", "SMS_HTTP_URL": "https://sms.example", "SMS_HTTP_FIELDS": "{}"}
SAME = secrets.token_hex(32)
ADDRESS = "postgresql://portal:password@{}/portal"


@pytest.fixture(scope="module")
def safe(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a real installation is told, and nothing wrong with it."""
    folder = tmp_path_factory.mktemp("real")
    keys.make(folder / "keys")
    data_keys.make(folder / "keys")
    return real_installation(str(folder / "keys")) | {"PORTAL_DATA_DIR": str(folder)}


def start(told: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *(command or ("manage.py", "check"))],
        cwd=settings.BASE_DIR,
        env=told,
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )


REFUSED: dict[str, tuple[dict[str, str], str, str]] = {
    "DEBUG": ({"DEBUG": "1"}, "DEBUG", "shows settings and data"),
    "short key": ({"SECRET_KEY": secrets.token_hex(20)}, "SECRET_KEY", "Shorter than minimum length 50"),
    "repeated key": ({"SECRET_KEY": "0123456789" * 6}, "SECRET_KEY", "It is not random."),
    "key of an example": (
        {"SECRET_KEY": "<at least 50 random characters, of your own making>"},
        "SECRET_KEY",
        "random",
    ),
    "key of the framework": ({"SECRET_KEY": f"django-insecure-{SAME}"}, "SECRET_KEY", "It is not random."),
    "weak key of subjects": ({"OIDC_SUBJECT_KEY": "y" * 64}, "OIDC_SUBJECT_KEY", "It is not random."),
    "one key for both": ({"SECRET_KEY": SAME, "OIDC_SUBJECT_KEY": SAME}, "OIDC_SUBJECT_KEY", "It is SECRET_KEY"),
    "weak key of codes": ({"CODE_KEY": "codes"}, "CODE_KEY", "Shorter than minimum length 50"),
    "weak token": ({"METRICS_TOKEN": "prometheus"}, "METRICS_TOKEN", "Shorter than minimum length 32"),
    "the key of codes again": ({"CODE_KEY": SAME, "OIDC_SUBJECT_KEY": SAME}, "CODE_KEY", "It is OIDC_SUBJECT_KEY"),
    "a key as a token": ({"SECRET_KEY": SAME, "METRICS_TOKEN": SAME}, "METRICS_TOKEN", "It is SECRET_KEY"),
    "no host": ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS", "names no host"),
    "every host": ({"ALLOWED_HOSTS": "portal.example,*"}, "ALLOWED_HOSTS", "allows every host"),
    "without TLS": ({"TLS": "0"}, "TLS", "in the clear"),
    "TLS without a proxy": ({"TRUSTED_HOPS": "0"}, "TRUSTED_HOPS", "it is 1 at least"),
    "DEMO": ({"DEMO": "1"}, "DEMO", "shows logins with their passwords"),
    "database": ({"DATABASE_URL": ADDRESS.format("db.example")}, "DATABASE_URL", "sslmode=verify-full"),
    "database, unverified": (
        {"DATABASE_URL": f"{ADDRESS.format('db.example')}?sslmode=require"},
        "DATABASE_URL",
        "sslmode=verify-full",
    ),
    "one database of two": ({"DATABASE_URL": ADDRESS.format("127.0.0.1,db2")}, "DATABASE_URL", "sslmode=verify-full"),
    "host in the query": ({"DATABASE_URL": "postgresql:///portal?host=db"}, "DATABASE_URL", "sslmode=verify-full"),
    "the owner's, unverified": (
        {"MIGRATE_DATABASE_URL": ADDRESS.format("db.example")},
        "MIGRATE_DATABASE_URL",
        "sslmode=verify-full",
    ),
    "no database": ({"DATABASE_URL": ""}, "DATABASE_URL", "an empty database would be served"),
    "no database, and https": (
        {"DATABASE_URL": "", "OIDC_SUBJECT_KEY": "", "TLS": "0"},
        "DATABASE_URL",
        "an empty database would be served",
    ),
    "texts on the screen": ({"SMS_BACKEND": "phone"}, "SMS_BACKEND", "sends nothing"),
    "account": ({"TWILIO_ACCOUNT_SID": "AC123"}, "TWILIO_ACCOUNT_SID", "32 hexadecimal digits"),
    "no account": ({"TWILIO_ACCOUNT_SID": ""}, "TWILIO_ACCOUNT_SID", "32 hexadecimal digits"),
    "no token": ({"TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN", "Shorter than the 32 characters"),
    "no sender": ({"TWILIO_SENDER": ""}, "TWILIO_SENDER", "It is empty"),
    "Twilio in the clear": ({"TWILIO_API_URL": "http://twilio.example"}, "TWILIO_API_URL", "in the clear"),
    "texts in the clear": ({**HTTP, "SMS_HTTP_URL": "http://sms.example"}, "SMS_HTTP_URL", "in the clear"),
    "no provider": ({**HTTP, "SMS_HTTP_URL": ""}, "SMS_HTTP_URL", "It is empty"),
    "looked up in the clear": (
        {**HTTP, "SMS_HTTP_LOOK_UP_URL": "http://sms.example/{id}"},
        "SMS_HTTP_LOOK_UP_URL",
        "in the clear",
    ),
    "e-mail in the clear": ({"EMAIL_URL": "smtp://portal:x@mail.example"}, "EMAIL_URL", "in the clear"),
    "e-mail on the screen": ({"EMAIL_URL": "console:"}, "EMAIL_URL", "printed or kept here"),
    "e-mail in files": ({"EMAIL_URL": "file:///tmp/mail"}, "EMAIL_URL", "printed or kept here"),
}
ACCEPTED: dict[str, dict[str, str]] = {
    "nothing more": {},
    "a socket": {"DATABASE_URL": ADDRESS.format("%2Frun%2Fpostgresql")},
    "a socket in the query": {"DATABASE_URL": "postgresql:///portal?host=/run/postgresql"},
    "verified": {"DATABASE_URL": f"{ADDRESS.format('db1,db2:5432')}?sslmode=verify-full"},
    "a network of its own": {
        **HTTP,
        "DATABASE_URL": ADDRESS.format("db1,db2:5432"),
        "SMS_HTTP_URL": "http://gateway/send",
        "EMAIL_URL": "smtp://relay:25",
        "WITHOUT_TLS": "db1,db2,gateway,relay",
    },
    "a mail server of this machine": {"EMAIL_URL": "smtp://localhost:25"},
    "no e-mails at all": {"EMAIL_URL": "dummy:"},
    "this machine alone": {"TLS": "0", "PUBLIC_URL": "http://127.0.0.1:8000", "TRUSTED_HOPS": "0"},
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_unsafe_stops_the_start_and_is_named_with_what_to_do_ASVS_13(safe: dict[str, str], case: str) -> None:
    changes, name, sentence = REFUSED[case]
    done = start(safe | changes)
    last = done.stderr.splitlines()[-1]
    assert done.returncode
    assert f"'{name}': [" in last
    assert sentence in last
    for value in changes.values():
        assert len(value) < 12 or value not in done.stderr, "the value may be a secret"


def test_without_a_database_none_is_made(safe: dict[str, str], tmp_path: Path) -> None:
    done = start(safe | {"DATABASE_URL": "", "PORTAL_DATA_DIR": str(tmp_path)}, "manage.py", "migrate")
    assert done.returncode
    assert not list(tmp_path.iterdir())


def test_what_ends_a_program_is_cleaned_as_every_line_is_A132(safe: dict[str, str]) -> None:
    code = "import django; django.setup(); raise ValueError('DETAIL: Key (mobile)=(+85366123456) already exists.')"
    done = start(safe | {"DJANGO_SETTINGS_MODULE": "entity_portal.settings"}, "-c", code)
    assert done.returncode
    assert "Ended by ValueError." in done.stderr
    assert "66123456" not in done.stderr


def test_a_text_is_looked_up_after_any_time_out(safe: dict[str, str]) -> None:
    code = "import django; django.setup(); from django.conf import settings; print(settings.SMS_SETTLE)"
    told = safe | {"DJANGO_SETTINGS_MODULE": "entity_portal.settings", "TWILIO_TIMEOUT": "60"}
    assert start(told, "-c", code).stdout == "61.0\n"
    assert "'TWILIO_TIMEOUT': [" in start(safe | {"TWILIO_TIMEOUT": "0"}).stderr


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_is_safe_starts(safe: dict[str, str], case: str) -> None:
    done = start(safe | ACCEPTED[case])
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("System check identified no issues")


def test_all_that_is_missing_and_unsafe_is_named_at_once(safe: dict[str, str]) -> None:
    without = {name: value for name, value in safe.items() if name != "PUBLIC_URL"}
    last = start(without | {"SECRET_KEY": "x", "TRUSTED_HOPS": "many"}).stderr.splitlines()[-1]
    for name in ("PUBLIC_URL", "SECRET_KEY", "TRUSTED_HOPS"):
        assert f"'{name}': [" in last


def test_the_key_of_a_development_machine_is_refused(safe: dict[str, str]) -> None:
    kept = Path(safe["PORTAL_DATA_DIR"], "secret_key")
    kept.write_text(safe["SECRET_KEY"])
    try:
        assert "It is that of a development machine." in start(safe).stderr
    finally:
        kept.unlink()


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "gunicorn", "entity_portal.wsgi", "--preload", "--bind=127.0.0.1:0", "--no-control-socket"),
        ("manage.py", "procrastinate", "worker"),
        ("manage.py", "migrate"),
    ],
    ids=["web", "worker", "migrations"],
)
def test_no_process_starts_unsafe(safe: dict[str, str], command: tuple[str, ...]) -> None:
    done = start(safe | {"SECRET_KEY": "weak"}, *command)
    assert done.returncode
    assert "'SECRET_KEY': ['Shorter than minimum length 50." in done.stderr


def test_random_keys_are_taken() -> None:
    assert {weakness(make()) for make in (lambda: secrets.token_hex(32), lambda: secrets.token_urlsafe(48))} == {""}
    assert all(weakness(secrets.token_hex(32)) == "" for _key in range(2000))


def test_the_demonstration_is_refused_over_tls_only(safe: dict[str, str]) -> None:
    done = start(safe | {"DEMO": "1", "PUBLIC_URL": "http://127.0.0.1:8000", "SMS_BACKEND": "phone", "DEBUG": "1"})
    assert done.returncode == 0, done.stderr
