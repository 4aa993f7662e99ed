"""`manage.py demo_data`: put the demonstration's entities, people and e-services into the database, once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations

from entity_portal.demo.build import NotDemonstration, build


class Command(BaseCommand):
    help = __doc__

    @no_translations
    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        try:
            made = build()
        except NotDemonstration:
            raise CommandError("Demonstration data are refused: everybody knows their password. Set DEMO=1.") from None
        if verbosity:
            self.stdout.write(f"{made} entities made." if made else "Everything is there already.")
