"""Puts up the maintenance notice in place of every page, or takes it down."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from entity_portal import maintenance
from entity_portal.text import moment


def coming(text: str) -> datetime:
    try:
        when = timezone.make_aware(datetime.strptime(text, maintenance.FORMAT))
    except ValueError:
        raise ArgumentTypeError("Write it as 2026-11-30 06:00, in Macau's time.") from None
    if when <= timezone.now():
        raise ArgumentTypeError("This time is over.")
    return when


class Command(BaseCommand):
    help = "Puts up the maintenance notice, takes it down, or says whether it is up. Needs no database."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", nargs="?", choices=["on", "off"], help="without: says how it stands")
        parser.add_argument("--until", type=coming, help='"2026-11-30 06:00", in Macau\'s time; shown to people')

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "on":
            maintenance.put_up(options["until"])
        elif options["act"] == "off":
            maintenance.take_down()
        up, until = maintenance.announced()
        self.stdout.write(f"The notice is {'up' if up else 'down'}{f' until {moment(until)}' if until else ''}.")
