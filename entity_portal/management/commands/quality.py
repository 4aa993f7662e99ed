"""`manage.py quality`: every habit of the house that a program can check, except the tests. CI runs it before them."""

import subprocess
import sys
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


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        failed = []
        for what, command in COMMANDS.items():
            program = str(Path(sys.executable).parent / command[0])
            done = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
            if done.returncode:
                failed.append(what)
                self.stdout.write(self.style.ERROR(f"✗ {what}"))
                self.stdout.write(done.stdout + done.stderr)
            else:
                self.stdout.write(f"✓ {what}")
        if failed:
            raise CommandError(f"{len(failed)} of {len(COMMANDS)} failed: {', '.join(failed)}.")
