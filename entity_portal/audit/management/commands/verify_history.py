"""`manage.py verify_history`: is every line of the history where and as it was written?

The first broken line of each chain is named, and the command fails. `--heads` compares with what the worker wrote into
the log each day: lines cut off the end, or a chain written anew, are seen by nothing else.
"""

import sys
from argparse import ArgumentParser
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entity_portal.audit import proof
from entity_portal.progress import Progress


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--entity", metavar="NUMBER", help="only this entity's chain; '' for what belongs to none")
        parser.add_argument("--since", type=date.fromisoformat, metavar="YYYY-MM-DD", help="only lines since that day")
        parser.add_argument(
            "--heads", metavar="FILE", help="a log in which the worker has written the heads; - for standard input"
        )
        parser.add_argument(
            "--tell-heads", type=date.fromisoformat, metavar="YYYY-MM-DD", help="only print the heads of that day"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if day := options["tell_heads"]:
            for line in proof.told(day):
                self.stdout.write(line)
            return
        entity, since = options["entity"], options["since"]
        faults = {fault.entity: fault for fault in proof.strays(entity)}
        chains = proof.chains(entity, since)
        lines = self.follow(chains, faults, proof.count(entity, since), say=options["verbosity"] > 0)
        days = self.compare(options["heads"], entity, since, faults) if options["heads"] else []
        for _number, fault in sorted(faults.items()):
            self.stderr.write(str(fault))
        for sentence in days:
            self.stderr.write(sentence)
        if faults:
            wrong = f"{len(faults)} of {len({*chains, *faults})} chains"
            raise CommandError(f"The history of {wrong} is not as it was written.")
        if days:
            raise CommandError("The history is not as it was logged.")
        self.stdout.write(f"{lines} lines in {len(chains)} chains, all as they were written.")

    def follow(self, chains: dict[str, int], faults: dict[str, proof.Fault], total: int, *, say: bool) -> int:
        """Look at each chain; return how many lines were read."""
        with Progress(self.stdout if say and self.stdout.isatty() else None, total) as progress:
            for number, first in chains.items():
                fault = proof.first_fault(number, first, progress.add)
                if fault:
                    faults.setdefault(number, fault)
            return progress.done

    def compare(self, path: str, entity: str | None, since: date | None, faults: dict[str, proof.Fault]) -> list[str]:
        """Look for each head of the log; return what is wrong with its days."""
        try:
            with nullcontext(sys.stdin) if path == "-" else Path(path).open(errors="replace") as file:
                log = proof.Log(file, since, entity)
                for fault in log.faults():
                    known = faults.setdefault(fault.entity, fault)
                    if known.seq is not None and fault.seq is not None and fault.seq < known.seq:
                        faults[fault.entity] = fault
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        if not log.known and not log.summaries:
            raise CommandError(f"{path}: no heads of the history in it.")
        return [] if entity is not None else list(log.wrong_days())
