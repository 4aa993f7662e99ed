"""`manage.py sort_names`: write the keys by which names are sorted anew, after a new version of pyicu-wheels.

The worker does the same each night; this does it now.
"""

from typing import Any

from django.core.management.base import BaseCommand, no_translations

from staff.sorting import sort_names


class Command(BaseCommand):
    help = __doc__

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{sort_names()} logins are sorted otherwise now.")
