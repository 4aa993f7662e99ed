"""`manage.py rotate_keys`: write encrypted data anew with the newest key, while the portal runs.

`new` makes a key; copy its file to every machine before the hour is over after which it writes. `list` says what each
key does, and which is of no use any more. Stopped in between, run it again: it goes on where it was. Rows that cannot
be written anew are named by table and id; all others are written.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from entity_portal import data_keys, rotation
from entity_portal.text import moment

WIDTH = 20


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()  # which demand what this makes

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", nargs="?", choices=["run", "new", "list"], default="run")

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        if what == "new":
            self.stdout.write(f"written: {data_keys.make(Path(settings.DATA_KEYS_DIR))}")
            self.stdout.write("Copy it to every machine, then run `rotate_keys`; `rotate_keys list` says from when.")
            return
        try:
            found = data_keys.every()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        if what == "list":
            self._list(found)
        else:
            self._run(found)

    def _list(self, found: tuple[data_keys.DataKey, ...]) -> None:
        writing, used = data_keys.writing_key(), rotation.usage()
        for key in found:
            count = used.get(key.kid, 0)
            does = "writes" if key == writing else "is read with"
            if key.made_at > writing.made_at:
                does = f"writes from {moment(key.made_at + data_keys.WRITES_AFTER)}"
            elif key != writing and not count:
                does = "of no use but to backups"
            self.stdout.write(f"{key.kid}  since {moment(key.made_at)}  {count:>12,} values  {does}")

    def _run(self, found: tuple[data_keys.DataKey, ...]) -> None:
        key = data_keys.writing_key()
        if key != found[-1]:
            when = moment(found[-1].made_at + data_keys.WRITES_AFTER)
            raise CommandError(f"The newest key writes from {when}, when every machine has it: come back then.")
        skipped: list[rotation.Skipped] = []
        done = rotation.rotate(key, self._say, skipped=skipped)
        told = [str(each) for each in skipped]
        if skipped:
            told.append(f"{done:,} rows written; {len(skipped):,} are named above: mend them, then run it again.")
        if (in_use := rotation.left(key) - len(skipped)) > 0:
            told.append(f"{done:,} rows written; {in_use:,} were in use all the time: run it again.")
        if told:
            raise CommandError("\n".join(told))
        self.stdout.write(f"{done:,} rows written with the key {key.kid}.")

    def _say(self, table: str, done: int, total: int) -> None:
        share = done * WIDTH // total if total else WIDTH
        line = f"{table:<40} {'#' * share}{'.' * (WIDTH - share)} {done:>12,} of {total:,}"
        if self.stdout.isatty():
            self.stdout.write(f"\r{line}", ending="\n" if done == total else "")
            self.stdout.flush()
        elif done == total:
            self.stdout.write(line)
