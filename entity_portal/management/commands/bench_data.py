"""`manage.py bench_data`: fill an empty database to measure on, of up to millions of logins, the same for a seed."""

import time
from argparse import ArgumentParser
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.db import connection

from bench import data
from entity_portal.privileges import as_owner


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--logins", type=int, required=True)
        parser.add_argument("--entities", type=int, help="by default a tenth of the logins")
        parser.add_argument("--seed", type=int, default=data.SEED)

    @no_translations
    def handle(self, *args: Any, logins: int, entities: int | None, seed: int, verbosity: int, **options: Any) -> None:
        from bench.data import filling
        from bench.data.people import TooFew

        started = time.monotonic()
        progress = filling.Progress(self._write, terminal=self.stdout.isatty())
        say = progress if verbosity else (lambda *_: None)
        try:
            # Indexes and keys go and come again.
            with nullcontext() if connection.in_atomic_block else as_owner():
                rows = filling.fill(
                    entities=logins // 10 if entities is None else entities, logins=logins, seed=seed, say=say
                )
                if not connection.in_atomic_block:
                    filling.settle()
        except filling.NotForMeasuring:
            raise CommandError(
                "Refused: DATABASE_URL is set and DEMO is not, so this may be a real portal, and everybody knows the "
                "password of these logins. Leave DATABASE_URL unset (the embedded PostgreSQL), or set DEMO=1."
            ) from None
        except filling.NotEmpty as error:
            raise CommandError(
                f"Refused: there are rows in {', '.join(error.args[0])}. Take an empty database: another "
                "PORTAL_DATA_DIR, then `manage.py migrate`."
            ) from None
        except TooFew:
            raise CommandError(
                "Each entity has at least one person: give 100 logins or more, and fewer entities."
            ) from None
        if verbosity:
            self._tell(rows, time.monotonic() - started)

    def _write(self, text: str) -> None:
        self.stdout.write(text, ending="")
        self.stdout.flush()

    def _tell(self, rows: dict[str, int], seconds: float) -> None:
        self.stdout.write(f"{sum(rows.values()):,} rows in {seconds:.0f} s. Password of every login: {data.PASSWORD}")
        self.stdout.write(
            f"  {data.BIG.number}  {data.ADMINISTRATOR}, {data.ASSIGNER}, {data.STAFF} (the largest entity)"
        )
        self.stdout.write(f"  {data.SMALL.number}  {data.ADMINISTRATOR}, {data.STAFF} (five people)")
        self.stdout.write(
            f"  {data.AUTHORITY.number}  {data.ADMINISTRATOR}, {', '.join(data.OFFICERS)} (officers; the code of their "
            "second step is the demonstration's)"
        )
