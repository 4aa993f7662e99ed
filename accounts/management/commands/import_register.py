"""`manage.py import_register FILE.csv`: bring a file of the official register in, whole or not at all."""

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations

from accounts import register
from accounts.operations import import_register


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=f"CSV in UTF-8 with the columns {', '.join(register.COLUMNS)}")

    @no_translations
    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            lines = register.read(file.read_bytes())
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except register.BadRegister as bad:
            problems = "\n".join(str(problem) for problem in bad.args[0])
            raise CommandError(f"Nothing was imported from {file}:\n{problems}") from bad
        imported = asdict(import_register(lines=lines))
        self.stdout.write(", ".join(f"{count} {what}" for what, count in imported.items()) + ".")
