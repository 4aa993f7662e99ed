"""`manage.py quality`: every habit of the house that a program can check, coverage by tests last. CI runs it."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entity_portal.postgres import ROOT

TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))
COMMANDS: dict[str, list[str]] = {
    "style of the code": ["ruff", "check", "."],
    "form of the code": ["ruff", "format", "--check", "."],
    "form of the templates": ["djade", "--check", "--target-version", "5.2", *TEMPLATES],
    "faults in templates": ["djlint", "--lint", "--quiet", "templates"],
    "storeys of the house": ["lint-imports"],
    "types": ["mypy"],
    "system checks, who may see what": ["python", "manage.py", "check"],
    "migrations are complete": ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
}
# The same tests as `manage.py test`, without the browser's, watched.
COVERAGE: dict[str, list[str]] = {
    "tests": ["coverage", "run", "-m", "pytest", "--ignore=tests/browser"],
    "their data joined": ["coverage", "combine", "--quiet"],
    "coverage": ["coverage", "report"],
}


def environment() -> dict[str, str]:
    """Ours, without the settings of this process: tests have their own."""
    return {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quick", action="store_true", help="without coverage, which runs the tests")

    def handle(self, *args: Any, quick: bool, **options: Any) -> None:
        failed = []
        wanted = COMMANDS if quick else COMMANDS | COVERAGE
        for what, command in wanted.items():
            program = str(Path(sys.executable).parent / command[0])
            done = subprocess.run(
                [program, *command[1:]], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
            )
            if done.returncode:
                failed.append(what)
                self.stdout.write(self.style.ERROR(f"✗ {what}"))
                self.stdout.write(done.stdout + done.stderr)
            else:
                self.stdout.write(f"✓ {what}")
        if failed:
            raise CommandError(f"{len(failed)} of {len(wanted)} failed: {', '.join(failed)}.")
