"""`manage.py quality`: every habit of the house that a program can check, coverage by tests last."""

import os
import secrets
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entity_portal import data_keys
from entity_portal.postgres import ROOT
from services.oidc import keys

TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))
COMMANDS: dict[str, list[str]] = {
    "style of the code": ["ruff", "check", "."],
    "form of the code": ["ruff", "format", "--check", "."],
    "form of the templates": ["djade", "--check", "--target-version", "5.2", *TEMPLATES],
    "faults in templates": ["djlint", "--lint", "--quiet", "templates"],
    "storeys of the house": ["lint-imports"],
    "types": ["mypy"],
    "system checks, who may see what": ["python", "manage.py", "check"],
    "settings of a real installation": ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    "migrations are complete": ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
}
# What a real installation must be told; no check opens the database.
REAL_INSTALLATION = {
    "DATABASE_URL": "postgresql://portal:password@127.0.0.1/portal",
    "SECRET_KEY": secrets.token_hex(32),
    "ALLOWED_HOSTS": "portal.example",
    "PUBLIC_URL": "https://portal.example",
    "TRUSTED_HOPS": "1",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
    "TWILIO_SENDER": "Portal",
    "EMAIL_URL": "submission://mail.example",
    "EMAIL_FROM": "portal@portal.example",
    "OIDC_SUBJECT_KEY": secrets.token_hex(32),
}
LEFT_OUT = ("DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE", "DEMO", "DEBUG", "TLS", "SMS_BACKEND")
# The same tests as `manage.py test`, without the browser's and the slow faults, watched.
COVERAGE: dict[str, list[str]] = {
    "coverage": [
        "python",
        "manage.py",
        "test",
        "--coverage",
        "--ignore=tests/browser",
        "--ignore=tests/faults",
        "--ignore=tests/screens",
    ],
}


def environment() -> dict[str, str]:
    """Ours, without the settings of this process: tests have their own."""
    return {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}


def real_installation(keys_dir: str) -> dict[str, str]:
    """Ours, with all that a real installation must be told and nothing that it may leave out."""
    told = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return told | REAL_INSTALLATION | {"OIDC_KEYS_DIR": keys_dir, "DATA_KEYS_DIR": keys_dir}


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quick", action="store_true", help="without coverage, which runs the tests")

    def handle(self, *args: Any, quick: bool, **options: Any) -> None:
        wanted = COMMANDS if quick else COMMANDS | COVERAGE
        with tempfile.TemporaryDirectory() as keys_dir:
            keys.make(Path(keys_dir))
            data_keys.make(Path(keys_dir))
            failed = self.failed(wanted, real_installation(keys_dir))
        if failed:
            raise CommandError(f"{len(failed)} of {len(wanted)} failed: {', '.join(failed)}.")

    def failed(self, wanted: dict[str, list[str]], installation: dict[str, str]) -> list[str]:
        failed = []
        for what, command in wanted.items():
            program = str(Path(sys.executable).parent / command[0])
            told = installation if "--deploy" in command else environment()
            done = subprocess.run(
                [program, *command[1:]], cwd=ROOT, env=told, capture_output=True, text=True, check=False
            )
            if done.returncode:
                failed.append(what)
                self.stdout.write(self.style.ERROR(f"✗ {what}"))
                self.stdout.write(done.stdout + done.stderr)
            else:
                self.stdout.write(f"✓ {what}")
        return failed
