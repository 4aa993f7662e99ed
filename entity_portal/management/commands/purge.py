"""`manage.py purge`: delete and empty now what `docs/retention.toml` keeps no longer; the worker does so each night.

Safe beside people at work. Stopped or killed, it has done whole rows or none; run again, it goes on.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entity_portal import retention
from entity_portal.purge import Refused, purge
from entity_portal.retention import Rule


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("tables", nargs="*", help="only these; all where none is named")
        parser.add_argument("--dry-run", action="store_true", help="count what is due, and change nothing")

    def handle(self, *args: Any, tables: list[str], dry_run: bool, verbosity: int, **options: Any) -> None:
        if unknown := sorted({*tables} - retention.policies().keys()):
            raise CommandError(f"docs/retention.toml has no {', '.join(unknown)}.")
        rules = [rule for rule in retention.rules() if not tables or rule.table in tables]
        tell = self._tell if verbosity and self.stderr.isatty() else lambda *_: None
        verb, total = "due" if dry_run else "done", 0
        refused: list[str] = []
        for rule in rules:
            try:
                found = purge([rule], dry_run=dry_run, tell=tell)  # none where the table is not there
            except Refused as trouble:  # keeps no other rule from it
                refused.append(str(trouble))
                continue
            for done in found:
                left = f", {done.left:,} in use and left for the next time" if done.left else ""
                if verbosity:
                    self.stdout.write(f"{rule!s:<50} {done.count:>12,} {verb}{left}")
                total += done.count
        self.stdout.write(f"{total:,} rows {verb}.")
        if refused:
            raise CommandError("\n".join([*refused, "The log has which."]))

    def _tell(self, rule: Rule, seen: int, about: int, count: int) -> None:
        """One line of a terminal that changes while a table is walked."""
        share = 20 * seen // about if about else 20
        self.stderr.write(f"\r{rule!s:<50} {'#' * share:.<20} {seen:>12,} looked at, {count:,}\033[K\r", ending="")
        self.stderr.flush()
